"""What a rendered camera move is made of: place, sharpness, memory, and pictures put into larger ones."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest

from engine.geometry import Shot, Size
from engine.render import Renderer
from tests.unit.test_render import exact

OUT = Size(320, 180)
RATE_HZ = 30.0
PERIOD_PX = 24.0


def stripes(size: Size, period_px: float) -> np.ndarray:
    """Vertical stripes of that period, (H, W, 3): a cosine whose crest lies at x = 0.

    With the noise that turns rounding to 8 bits from a bias into a spread, which the rows average out.
    """
    wave = 127.5 + 110 * np.cos(2 * np.pi * (np.arange(size.width) + 0.5) / period_px)
    dither = np.random.default_rng(2).uniform(-8, 8, (size.height, size.width))
    return np.repeat((wave + dither).round().astype(np.uint8)[..., None], 3, 2)


def place_px(picture: np.ndarray, period_px: float) -> float:
    """Phase of the stripes at the picture's middle, in source pixels, modulo the period."""
    row = picture[:, :, 0].mean(axis=0) - 127.5
    x = np.arange(row.size) + 0.5 - row.size / 2
    window = np.hanning(row.size + 2)[1:-1]
    phase = np.angle((row * window * np.exp(-2j * np.pi * x / period_px)).sum())
    return float(phase / (2 * np.pi) * period_px)


def jerk(path_px: np.ndarray) -> float:
    """RMS of the third derivative, px / s^3."""
    return float(np.sqrt((np.diff(path_px, 3) ** 2).mean()) * RATE_HZ**3)


def seen_px(render: Callable[[Shot], np.ndarray], path: np.ndarray, zoom: float) -> np.ndarray:
    """Where pictures taken along ``path`` turn out to have been taken, from the first on."""
    shots = [Shot(cx, 180, OUT.height * zoom, OUT.aspect) for cx in path]
    turns = [place_px(render(shot), PERIOD_PX / zoom) * zoom / PERIOD_PX for shot in shots]
    seen = np.unwrap(turns, period=1.0) * PERIOD_PX
    return seen - seen[0]


@pytest.mark.parametrize("zoom", [0.8, 1.0, 1.37])
def test_eight_bits_and_the_fast_warp_add_no_jerk_to_what_floats_give(zoom: float) -> None:
    image = stripes(Size(1280, 360), PERIOD_PX)
    t = np.arange(60) / RATE_HZ
    path = 500 + 31 * t + 12 * np.sin(2 * np.pi * 0.3 * t)
    seen = seen_px(lambda shot: Renderer(OUT).render(image, shot), path, zoom)
    floats = seen_px(lambda shot: exact(image, shot, OUT), path, zoom)
    assert np.abs(seen - (path - path[0])).max() < 0.02
    assert jerk(seen) <= 1.1 * jerk(floats) + 0.005 * jerk(path.round())


def test_sharpness_is_the_same_just_below_and_just_above_a_halving() -> None:
    image = stripes(Size(2560, 720), 16.0)

    def contrast(scale: float) -> float:
        shots = [Shot(1280 + k / 3, 360, OUT.height * scale, OUT.aspect) for k in range(5)]
        return float(np.mean([Renderer(OUT).render(image, s)[:, 20:-20].std() for s in shots]))

    across = [contrast(s) for s in (1.5, 1.6, 1.7, 1.8, 1.9, 1.98, 2.02, 2.1)]
    assert abs(across[5] - across[6]) < 0.02 * across[5]
    assert np.abs(np.diff(across)).max() < 0.06 * across[0]


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("shot", [Shot(500.3, 200.7, 150.0, OUT.aspect), Shot(600, 300, 520.0, OUT.aspect)])
def test_a_tile_of_a_larger_picture_gets_the_same_pixels_and_nothing_else_changes(
    shot: Shot, mirror: bool
) -> None:
    image = np.random.default_rng(1).integers(0, 256, (720, 1280, 3), dtype=np.uint8)
    renderer = Renderer(OUT, mirror=mirror)
    grid = np.full((400, 700, 3), 9, np.uint8)
    tile = grid[100:280, 50:370]
    assert renderer.render(image, shot, tile) is tile
    assert (tile == renderer.render(image, shot)).all()
    grid[100:280, 50:370] = 9
    assert (grid == 9).all()


def test_a_tile_of_another_size_is_refused() -> None:
    image, tile = np.zeros((720, 1280, 3), np.uint8), np.zeros((9, 9, 3), np.uint8)
    with pytest.raises(ValueError, match="shape"):
        Renderer(OUT).render(image, Shot(640, 360, 200, OUT.aspect), tile)


def test_a_small_shot_of_a_4k_picture_copies_only_what_it_shows() -> None:
    image = np.zeros((2160, 3840, 3), np.uint8)
    renderer = Renderer(OUT)
    shot = Shot(1900.4, 1000.2, 200.0, OUT.aspect)
    renderer.render(image, shot)
    tracemalloc.start()
    renderer.render(image, shot)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < image.nbytes / 20
