"""One look at the person to be enrolled: refused where it is not clear who is meant."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.errors import JikcamError
from engine.gallery.film import Meant, looks_in_film
from engine.gallery.looks import cut, look_at_portrait
from engine.geometry import Box, Size
from engine.people import Detection, Observation, Tracks
from engine.sources.frame import Frame, Image
from tests.unit.gallery_kit import BLUE, GREEN, GREY, RED, SquareReader, box, portrait, seed_of, vector
from virtualcam.movie import MovieSink
from virtualcam.sink import Picture

FPS = 10.0


def test_the_one_face_of_a_picture_with_room_around_it() -> None:
    look = look_at_portrait(portrait((60, RED)), "a.jpg", SquareReader(), SquareReader())
    assert look.face is not None and look.head is not None and look.body is None
    assert look.face.vector @ vector(seed_of(np.array(RED))) > 0.999
    assert look.head.shape == (120, 120, 3) and tuple(look.head[60, 60]) == RED and look.head[5, 5, 0] == GREY


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (portrait(), "shows no face"),
        (portrait((8, RED)), "too small, blurred or turned away"),
        (portrait((60, RED), (56, BLUE)), "several faces"),
        (portrait((60, RED), (60, RED)), "several faces"),
    ],
)
def test_pictures_that_are_not_clear(image: Image, words: str) -> None:
    with pytest.raises(JikcamError, match=words) as caught:
        look_at_portrait(image, "a.jpg", SquareReader(), SquareReader())
    assert "a.jpg" in caught.value.problem and caught.value.fix


def test_somebody_small_in_the_background_is_no_rival() -> None:
    look = look_at_portrait(portrait((80, RED), (30, BLUE)), "a.jpg", SquareReader(), SquareReader())
    assert look.face is not None and look.face.vector @ vector(seed_of(np.array(RED))) > 0.999


@pytest.mark.parametrize(
    "bounds", [(-9, -9, 5, 5), (90, 40, 500, 500), (300, 300, 310, 310), (3.2, 3.4, 3.3, 3.5)]
)
def test_a_cut_is_never_empty(bounds: tuple[float, float, float, float]) -> None:
    part = cut(np.zeros((50, 100, 3), np.uint8), Box(*bounds))
    assert part.shape[0] >= 1 and part.shape[1] >= 1


class SquareFinder:
    """Finds every square of at least 20 pixels as a person."""

    def look(self, frame: Frame, tracks: Tracks, targets: frozenset[int], search: bool) -> Observation:
        assert search
        people = []
        for x in range(0, frame.image.shape[1], 200):
            part = frame.image[:, x : x + 200].astype(int)
            ys, xs = np.nonzero(np.abs(part - GREY).max(axis=2) > 60)
            if len(xs) > 400:
                where = box(x + xs.min(), ys.min(), xs.max() - xs.min() + 1, ys.max() - ys.min() + 1)
                people.append(Detection(where.scaled(1.4), 0.9))
        return Observation(frame.time_s, frame.index, tuple(people), True)


def film(path: Path, *shots: Image, seconds: float = 1.0) -> str:
    """Each shot for so many seconds; the squares sway, since nobody stands still."""
    sink = MovieSink(str(path), Size(shots[0].shape[1], shots[0].shape[0]), FPS, crf=12, blocking=True)
    for n in range(round(len(shots) * seconds * FPS)):
        sink.send(Picture(np.roll(shots[int(n / FPS / seconds)], n % 3, axis=0), n / FPS, n))
    sink.close()
    return str(path)


def found(path: str, meant: Meant = Meant(), clothes: bool = False) -> set[int]:  # noqa: B008
    seen = looks_in_film(path, meant, SquareReader(), SquareFinder(), clothes=clothes)
    assert all((look.body is not None) == clothes for look in seen)
    seeds = [seed_of(np.array(c)) for c in (RED, BLUE, GREEN)]
    return {s for look in seen for s in seeds if look.face and look.face.vector @ vector(s) > 0.99}


RED_, BLUE_, GREEN_ = (seed_of(np.array(c)) for c in (RED, BLUE, GREEN))


def test_the_only_person_of_a_film_is_meant(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", portrait((60, RED)))
    assert found(path) == {RED_} == found(path, clothes=True) == found(path, Meant(number=1))


def test_among_several_one_must_be_named(tmp_path: Path) -> None:
    path = film(
        tmp_path / "a.mp4",
        portrait((60, RED), (60, BLUE), (60, GREEN)),
        portrait((60, RED), (60, BLUE), (0, RED)),
    )
    with pytest.raises(JikcamError, match=r"3 people at .*--person N.*--box"):
        found(path)
    assert [found(path, Meant(number=n)) for n in (1, 2, 3)] == [{RED_}, {BLUE_}, {GREEN_}]
    assert found(path, Meant(at_s=1.5, number=2)) == {BLUE_}
    assert found(path, Meant(at_s=0.5, box=box(470, 40, 80, 80))) == {GREEN_}
    for meant, words in (
        (Meant(number=4), "no number 4"),
        (Meant(at_s=1.5, number=3), "2 people"),
        (Meant(at_s=1.5, box=box(470, 40, 80, 80)), "nobody stands in that box"),
        (Meant(at_s=60.0), "ends before 60 s"),
        (Meant(at_s=3.5), "at 3.5 s"),
    ):
        with pytest.raises(JikcamError, match=words):
            found(path, meant)


def test_one_after_the_other_is_not_one_person(tmp_path: Path) -> None:
    """Left to the faces: both are handed on, and the sifting then refuses."""
    assert found(film(tmp_path / "a.mp4", portrait((60, RED)), portrait((60, BLUE)))) == {RED_, BLUE_}


def test_an_empty_film(tmp_path: Path) -> None:
    with pytest.raises(JikcamError, match="nobody is seen"):
        found(film(tmp_path / "a.mp4", portrait()))
    with pytest.raises(JikcamError, match="does not exist"):
        found(str(tmp_path / "no.mp4"))
