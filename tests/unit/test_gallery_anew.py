"""Members who were enrolled with other models: known by their pictures."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.gallery import Gallery, load_gallery, save_member
from tests.unit.gallery_kit import BLUE, FACE, MODELS, OTHER, RED, SquareReader, member, picture
from tests.unit.test_gallery_pictures import huge_png


@pytest.fixture
def gallery(tmp_path: Path) -> Path:
    """Good and Bad; Bad is then spoiled."""
    folder = tmp_path / "gallery"
    save_member(folder, member("Bad", 1), [picture(RED)], MODELS)
    save_member(folder, member("Good", 2), [picture(BLUE)], MODELS)
    return folder


def recomputed(gallery: Path, reader: SquareReader | None) -> Gallery:
    return load_gallery(gallery, OTHER, "", reader=reader)


def test_numbers_of_another_model_are_made_anew_from_the_pictures(gallery: Path) -> None:
    reader = SquareReader(length=48)
    found = recomputed(gallery, reader)
    assert [m.name for m in found.members] == ["Bad", "Good"] and not found.problems and reader.reads == 2
    for one in found.members:
        assert len(one.faces) == 1 and one.faces[0].vector.shape == (48,)
    assert [m.faces[0].vector.shape for m in load_gallery(gallery, FACE, "").members] == [(32,), (32,)]


def test_without_a_reader_they_are_left_out_by_name(gallery: Path) -> None:
    found = recomputed(gallery, None)
    assert not found.members and len(found.problems) == 2
    assert all("other models" in p and "jikcam enroll" in p for p in found.problems)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "is empty"),
        (b"a text", "not a JPEG"),
        (huge_png(20_000, 9_000), "20000x9000"),
        (None, "is a link"),
    ],
)
def test_a_spoiled_picture_is_left_out(gallery: Path, data: bytes | None, word: str) -> None:
    path = next((gallery / "Bad").glob("face-*.jpg"))
    if data is None:
        path.rename(gallery.parent / "x.jpg")
        path.symlink_to(gallery.parent / "x.jpg")
    else:
        path.write_bytes(data)
    assert len(load_gallery(gallery, FACE, "").members) == 2
    found = recomputed(gallery, SquareReader())
    assert (
        [m.name for m in found.members] == ["Good"] and len(found.problems) == 1 and word in found.problems[0]
    )
