"""Tiles lie inside their picture, apart from one another, on even pixels, and waste little of it."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import JikcamError
from engine.geometry import Size
from engine.layout import Place, grid, inscribed, split

sizes = st.builds(lambda w, h: Size(2 * w, 2 * h), st.integers(60, 2000), st.integers(60, 2000))
aspects = st.floats(0.25, 4.0)


def apart(a: Place, b: Place) -> bool:
    return a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y


def lies_well(tiles: tuple[Place, ...], outer: Place) -> None:
    for t in tiles:
        assert all(v % 2 == 0 for v in (t.x - outer.x, t.y - outer.y, t.width, t.height))
        assert t.width > 0 and t.height > 0
        assert outer.x <= t.x and t.x + t.width <= outer.x + outer.width
        assert outer.y <= t.y and t.y + t.height <= outer.y + outer.height
    assert all(apart(a, b) for a, b in itertools.combinations(tiles, 2))


@given(sizes, st.lists(aspects, min_size=1, max_size=24))
def test_tiles_of_a_grid_lie_inside_apart_and_on_even_pixels(size: Size, wanted: list[float]) -> None:
    tiles = grid(Place.whole(size), tuple(wanted))
    assert len(tiles) == len(wanted)
    lies_well(tiles, Place.whole(size))
    for tile, aspect in zip(tiles, wanted, strict=True):
        # As near as pairs of pixels allow, so that trimming the shot to it cuts off less than a pair.
        assert abs(tile.width - tile.height * aspect) <= 2 * max(1.0, aspect) + 1e-6


@given(sizes, st.integers(1, 24), st.floats(0.5, 2.0))
def test_a_grid_is_read_row_by_row(size: Size, count: int, aspect: float) -> None:
    tiles = grid(Place.whole(size), (aspect,) * count)
    assert list(tiles) == sorted(tiles, key=lambda t: (t.y, t.x))


@pytest.mark.parametrize("side", [1, 2, 3, 4])
def test_views_of_the_pictures_own_aspect_fill_it_in_a_square(side: int) -> None:
    tiles = grid(Place.whole(Size(1280, 720)), (16 / 9,) * side**2)
    assert len({t.x for t in tiles}) == len({t.y for t in tiles}) == side
    assert sum(t.width * t.height for t in tiles) >= 0.95 * 1280 * 720


def test_tall_views_stand_close_together_in_the_middle_of_a_wide_picture() -> None:
    tiles = grid(Place.whole(Size(1280, 720)), (9 / 16,) * 3)
    assert len({t.y for t in tiles}) == 1 and all(t.height == 720 for t in tiles)
    gaps = [b.x - a.x - a.width for a, b in itertools.pairwise(tiles)]
    assert all(0 < gap <= 8 for gap in gaps)
    assert abs(tiles[0].x - (1280 - tiles[-1].x - tiles[-1].width)) <= 2


def test_a_short_row_is_centred() -> None:
    tiles = grid(Place.whole(Size(1280, 720)), (16 / 9,) * 3)
    last = tiles[2]
    assert abs(last.x + last.width / 2 - 640) <= 2 and last.y > tiles[0].y


def test_too_many_tiles_are_refused_with_words() -> None:
    with pytest.raises(JikcamError, match="no room"):
        grid(Place.whole(Size(4, 4)), (1.0,) * 9)


@given(sizes)
def test_a_split_covers_its_picture_but_for_a_thin_gap(size: Size) -> None:
    halves = split(Place.whole(size))
    lies_well(halves, Place.whole(size))
    a, b = halves
    assert abs(a.width - b.width) <= 2 and abs(a.height - b.height) <= 2
    gap = size.width * size.height - a.width * a.height - b.width * b.height
    assert gap <= (min(size.width, size.height) / 180 + 2) * max(size.width, size.height)


@pytest.mark.parametrize(
    ("size", "beside"),
    [(Size(1280, 720), True), (Size(720, 1280), False), (Size(1080, 1080), True), (Size(864, 1080), True)],
)
def test_halves_lie_as_people_stand(size: Size, beside: bool) -> None:
    a, b = split(Place.whole(size))
    assert (a.y == b.y) is beside
    assert 0.25 <= a.size.aspect <= 1.5


@given(sizes, aspects)
def test_what_is_inscribed_touches_two_sides_of_its_place(size: Size, aspect: float) -> None:
    outer = Place(6, 8, size.width, size.height)
    inner = inscribed(outer, aspect)
    lies_well((inner,), outer)
    assert inner.width == outer.width or inner.height == outer.height
    assert math.isclose(inner.size.aspect, aspect, rel_tol=2.1 / min(inner.width, inner.height))
