"""Pictures from anybody: measured before they are decoded."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import JikcamError
from engine.gallery.pictures import MAX_FILE_BYTES, jpeg, picture_size, read_picture
from engine.geometry import Size

NOISE = np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)


def encoded(suffix: str, image: np.ndarray = NOISE, *parameters: int) -> bytes:
    return bytes(cv2.imencode(suffix, image, list(parameters))[1])


def huge_png(width: int, height: int) -> bytes:
    """A few kB of file that want width x height pixels of memory; every checksum is right."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(b"\0" * (1 << 16), 9)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data",
    [
        encoded(".jpg"),
        encoded(".jpg", NOISE, cv2.IMWRITE_JPEG_PROGRESSIVE, 1, cv2.IMWRITE_JPEG_RST_INTERVAL, 2),
        encoded(".jpg", NOISE[..., 0]),
        encoded(".png"),
        encoded(".png", np.dstack([NOISE, NOISE[..., :1]])),
        encoded(".png", NOISE.astype(np.uint16) * 257),
    ],
)
def test_the_size_is_read_from_the_header_and_the_picture_is_colour(tmp_path: Path, data: bytes) -> None:
    assert picture_size(data) == Size(60, 40)
    (tmp_path / "a").write_bytes(data)
    image = read_picture(tmp_path / "a")
    assert image.shape == (40, 60, 3) and image.dtype == np.uint8


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", encoded(".jpg")[:200]]),
    st.binary(max_size=60),
)
def test_no_bytes_upset_the_header_reader(start: bytes, rest: bytes) -> None:
    size = picture_size(start + rest)
    assert size is None or (size.width > 0 and size.height > 0)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"hello, I am a text", "not a JPEG or PNG"),
        (b"GIF89a" + bytes(100), "not a JPEG or PNG"),
        (encoded(".png")[:20], "not a JPEG or PNG"),
        (encoded(".jpg")[:30], "not a JPEG or PNG"),
        (encoded(".png")[:60], "damaged"),
        (huge_png(12_000, 9_000), "12000x9000 pixels"),
        (huge_png(2**31 - 1, 2**31 - 1), "pixels"),
    ],
)
def test_what_is_no_usable_picture_is_one_line(tmp_path: Path, data: bytes, word: str) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(data)
    with pytest.raises(JikcamError) as caught:
        read_picture(path)
    assert str(path) in caught.value.problem and word in caught.value.problem and caught.value.fix


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded(".jpg"))
    with path.open("r+b") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(JikcamError, match="larger than 64 MB"):
        read_picture(path)


def test_absent_files_folders_links_and_pipes(tmp_path: Path) -> None:
    import os

    real = tmp_path / "real.jpg"
    real.write_bytes(encoded(".jpg"))
    (tmp_path / "link.jpg").symlink_to(real)
    os.mkfifo(tmp_path / "pipe.jpg")  # to open it would wait for ever
    for name, word in (
        ("no.jpg", "not there"),
        (".", "not a file"),
        ("link.jpg", "link"),
        ("pipe.jpg", "not a"),
    ):
        with pytest.raises(JikcamError, match=word):
            read_picture(tmp_path / name)
    assert read_picture(tmp_path / "link.jpg", follow=True).shape == (40, 60, 3)


def test_what_is_stored_is_no_larger_than_needed() -> None:
    wide = jpeg(np.tile(NOISE, (20, 20, 1)))
    assert picture_size(wide) == Size(384, 256)
    assert picture_size(jpeg(NOISE)) == Size(60, 40)
    assert picture_size(jpeg(NOISE[:1, :1])) == Size(1, 1)
    thin = np.zeros((5000, 2, 3), np.uint8)
    assert picture_size(jpeg(thin)) is not None
