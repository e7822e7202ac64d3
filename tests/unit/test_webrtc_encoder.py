from __future__ import annotations

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.unit.webrtc_kit import moving
from virtualcam.webrtc.messages import Codec
from virtualcam.webrtc.watch.encoder import (
    CLOCK_HZ,
    EncodedPicture,
    Encoder,
    EncoderError,
    kbps_for,
    level_for,
)
from virtualcam.webrtc.watch.payloads import nal_units

CODECS: tuple[Codec, ...] = ("h264", "vp8")


def encode(
    encoder: Encoder, count: int, *, keys: tuple[int, ...] = (), fps: float = 30
) -> list[EncodedPicture]:
    width, height = encoder.size
    made = [encoder.encode(moving(width, height, n), 1000 + n / fps, n in keys) for n in range(count)]
    assert all(picture is not None for picture in made), "no picture in, no picture out: no look-ahead"
    return [picture for picture in made if picture is not None]


def decode(codec: Codec, pictures: list[EncodedPicture]) -> list[NDArray[np.uint8]]:
    context = av.CodecContext.create("h264" if codec == "h264" else "vp8", "r")
    shown = []
    for picture in pictures:
        shown += context.decode(av.Packet(picture.data))
    shown += context.decode(None)
    return [frame.to_ndarray(format="yuv420p") for frame in shown]


def psnr(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    return float(10 * np.log10(255**2 / np.mean((a.astype(float) - b) ** 2)))


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("size", [(640, 360), (480, 270), (162, 90)], ids=str)
def test_every_picture_comes_out_at_once_and_looks_like_what_went_in(
    codec: Codec, size: tuple[int, int]
) -> None:
    pictures = encode(Encoder(codec, *size, 30, 1500), 20)
    shown = decode(codec, pictures)
    assert len(shown) == 20
    assert [(p.width, p.height) for p in pictures] == [size] * 20
    # A constant offset or swapped planes would be far below this.
    assert min(psnr(moving(*size, n), picture) for n, picture in enumerate(shown)) > 33


@pytest.mark.parametrize("codec", CODECS)
def test_key_frames_come_first_and_when_asked_for_and_at_no_other_time(codec: Codec) -> None:
    pictures = encode(Encoder(codec, 320, 180, 30, 500), 60, keys=(25, 26))
    assert [n for n, picture in enumerate(pictures) if picture.key] == [0, 25, 26]


@pytest.mark.parametrize("codec", CODECS)
def test_a_cut_makes_no_key_frame(codec: Codec) -> None:
    encoder = Encoder(codec, 320, 180, 30, 500)
    encode(encoder, 10)
    noise = np.random.default_rng(1).integers(0, 255, (270, 320), dtype=np.uint8)
    after = encoder.encode(noise, 1001.0)
    assert after is not None and not after.key


@pytest.mark.parametrize("codec", CODECS)
def test_a_key_frame_comes_at_least_every_ten_seconds(codec: Codec) -> None:
    pictures = encode(Encoder(codec, 160, 90, 5, 100), 102, fps=5)
    assert [n for n, picture in enumerate(pictures) if picture.key] == [0, 50, 100]


@pytest.mark.parametrize("codec", CODECS)
def test_a_viewer_who_begins_at_a_later_key_frame_sees_the_same(codec: Codec) -> None:
    pictures = encode(Encoder(codec, 320, 180, 30, 500), 40, keys=(20,))
    joined = decode(codec, pictures[20:])
    assert len(joined) == 20
    assert np.array_equal(joined[-1], decode(codec, pictures)[-1])


def test_h264_is_constrained_baseline_with_its_headers_before_every_key_frame() -> None:
    pictures = encode(Encoder("h264", 320, 180, 30, 500), 30, keys=(15,))
    kinds = [[unit[0] & 0x1F for unit in nal_units(picture.data)] for picture in pictures]
    for n in (0, 15):
        assert kinds[n][:2] == [7, 8] and kinds[n][-1] == 5
    assert kinds[1] == [1], "one slice, nothing else"
    parameters = next(unit for unit in nal_units(pictures[0].data) if unit[0] & 0x1F == 7)
    assert parameters[1] == 66 and parameters[2] & 0x40, "profile 66 with constraint_set1 is 42e0.. in SDP"


@pytest.mark.parametrize("codec", CODECS)
def test_times_are_capture_times_and_always_grow(codec: Codec) -> None:
    encoder = Encoder(codec, 160, 90, 30, 200)
    times_s = [90_000.5, 90_000.5, 90_000.4, 90_000.6]
    pictures = [encoder.encode(moving(160, 90, n), time_s) for n, time_s in enumerate(times_s)]
    made = [picture for picture in pictures if picture is not None]
    begin = round(90_000.5 * CLOCK_HZ)
    assert [picture.pts for picture in made] == [begin, begin + 1, begin + 2, round(90_000.6 * CLOCK_HZ)]
    assert [picture.time_s for picture in made] == times_s


@pytest.mark.parametrize("codec", CODECS)
def test_the_bit_rate_is_kept_and_no_key_frame_is_a_burst(codec: Codec) -> None:
    rng = np.random.default_rng(3)
    encoder = Encoder(codec, 640, 360, 30, 800)
    pictures = []
    for n in range(120):
        picture = moving(640, 360, 5 * n)
        picture[:360] += rng.integers(0, 12, (360, 640), dtype=np.uint8)
        pictures.append(encoder.encode(picture, 1000 + n / 30, n == 60))
    made = [picture for picture in pictures if picture is not None]
    later = sum(len(picture.data) for picture in made[30:]) * 8 / (len(made) - 30) * 30 / 1000
    assert later < 800 * 1.15
    assert max(len(picture.data) for picture in made[30:]) * 8 / 1000 < 800 * 0.5


LEVELS = {
    (640, 360, 30): 30,
    (1280, 720, 30): 31,
    (1280, 720, 60): 32,
    (1920, 1080, 30): 40,
    (1920, 1080, 60): 42,
    (1080, 1920, 30): 40,
    (3840, 2160, 30): 51,
    (7680, 4320, 60): 51,
}


@pytest.mark.parametrize("picture", LEVELS, ids=str)
def test_the_level_allows_the_size_and_rate(picture: tuple[int, int, int]) -> None:
    assert level_for(*picture) == LEVELS[picture]


def test_the_bit_rate_grows_more_slowly_than_the_picture() -> None:
    assert kbps_for(3000, 1280, 720, 30) == 3000
    assert kbps_for(3000, 1920, 1080, 30) == round(3000 * 2.25**0.75)
    assert kbps_for(3000, 1280, 720, 60) == round(3000 * 2**0.75)
    assert kbps_for(3000, 64, 36, 1) == 100, "never nothing"


def test_what_the_encoder_cannot_take_is_said() -> None:
    with pytest.raises(EncoderError, match="h264 can't encode"):
        Encoder("h264", 100_000, 100_000, 30, 1000)
