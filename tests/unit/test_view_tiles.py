"""A picture of many tiles: each cut straight out of the source, unstretched, none takes another along."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.direction.lock import LockReport
from engine.direction.target import LockState
from engine.direction.view import Direction
from engine.geometry import Shot, Size
from engine.layout import Place, inscribed
from engine.people import Tracks
from engine.render import Renderer
from engine.tile import GROUND_BGR, Overlay, Tile, paint, trimmed

SIZE = Size(640, 360)
NOBODY = LockReport(LockState.NOBODY, None, None, for_s=0.0, sure=0.0, unseen_s=0.0)


def picture(seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (SIZE.height, SIZE.width, 3), np.uint8)


def tile(place: Place, shot: Shot, overlay: Overlay | None = None, words: str = "") -> Tile:
    return Tile(place, Direction(shot, NOBODY, Tracks(0.0, 0)), words, overlay or Overlay())


@given(st.floats(0.3, 3.0), st.floats(0.3, 3.0), st.floats(20, 360))
def test_a_trimmed_shot_has_the_aspect_and_lies_inside(old: float, new: float, height: float) -> None:
    shot = Shot(320, 180, height, old)
    cut = trimmed(shot, new)
    assert cut.aspect == new and cut.center == shot.center
    assert cut.height <= shot.height + 1e-9 and cut.width <= shot.width + 1e-9
    assert math.isclose(cut.height, shot.height) or math.isclose(cut.width, shot.width)


def test_one_tile_that_fills_the_picture_is_the_picture() -> None:
    shot = Shot(320.3, 180.7, 200, SIZE.aspect)
    image, fault = paint(SIZE, [tile(Place.whole(SIZE), shot)], picture())
    assert not fault
    assert (image == Renderer(SIZE).render(picture(), shot)).all()


@pytest.mark.parametrize("mirror", [False, True])
def test_a_tile_is_its_own_direct_render(mirror: bool) -> None:
    left, right = Place(0, 0, 202, 360), Place(206, 0, 434, 244)
    shots = Shot(200.25, 180.5, 300, 202 / 360), Shot(400.75, 150, 150, 434 / 244)
    tiles = [tile(p, s, Overlay(mirror=mirror)) for p, s in zip((left, right), shots, strict=True)]
    image, fault = paint(SIZE, tiles, picture())
    assert not fault
    for place, shot in zip((left, right), shots, strict=True):
        part = image[place.y : place.y + place.height, place.x : place.x + place.width]
        assert (part == Renderer(place.size, mirror=mirror).render(picture(), shot)).all()
    assert (image[:, 202:206] == GROUND_BGR).all()


def test_a_circle_stays_a_circle_in_a_tile_of_even_pixels() -> None:
    source = np.zeros((SIZE.height, SIZE.width, 3), np.uint8)
    y, x = np.mgrid[0:360, 0:640]
    source[(x - 320) ** 2 + (y - 180) ** 2 < 80**2] = 255
    place = inscribed(Place(0, 0, 150, 100), 9 / 16)
    image, _ = paint(Size(150, 100), [tile(place, Shot(320, 180, 340, 9 / 16))], source)
    bright = np.argwhere(image[..., 0] > 127)
    height, width = bright.max(axis=0) - bright.min(axis=0)
    assert abs(int(height) - int(width)) <= 1


def test_a_broken_tile_stays_dark_and_is_named() -> None:
    good = tile(Place(0, 0, 320, 180), Shot(320, 180, 200, 16 / 9))
    broken = tile(Place(320, 0, 320, 180), Shot(math.nan, 180, 200, 16 / 9))
    image, fault = paint(SIZE, [broken, good], picture())
    assert "ValueError" in fault
    assert (image[:180, 320:] == GROUND_BGR).all()
    assert image[:180, :320].std() > 10


def test_each_tile_bears_its_own_words() -> None:
    place = Place(0, 0, 320, 360)
    plain = tile(place, Shot(320, 180, 300, 320 / 360))
    named = replace(plain, words="Mina", overlay=Overlay(label=True))
    source = picture()
    a, b = (
        paint(SIZE, [one, tile(Place(320, 0, 320, 360), plain.direction.shot)], source)[0]
        for one in (plain, named)
    )
    assert (a[:, 320:] == b[:, 320:]).all()
    assert (a[:300, :320] == b[:300, :320]).all() and (a[300:, :320] != b[300:, :320]).any()
