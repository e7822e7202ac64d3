from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import JikcamError
from engine.geometry import Size
from engine.sources.frame import Frame, Source
from engine.sources.undistort import Lens, Undistorted, bent_pixels

HD = Size(1280, 720)
UPRIGHT = Size(720, 1280)
WIDE, PINCUSHION, MOUSTACHE = Lens(-0.25, 0.06), Lens(0.12), Lens(-0.2, 0.15)
STRAIGHT = Lens()


class Still:
    """A source that gives one picture again and again."""

    name, fps, status = "still", 30.0, ""

    def __init__(self, image: np.ndarray, count: int = 5) -> None:
        self.image, self.left, self.closed = image, count, 0
        self.size = Size(image.shape[1], image.shape[0])

    @property
    def ended(self) -> bool:
        return self.left <= 0

    def read(self, timeout_s: float) -> Frame | None:
        if self.ended:
            return None
        self.left -= 1
        return Frame(self.image, 10.0 - self.left, 7 - self.left)

    def close(self) -> None:
        self.closed += 1
        self.left = 0


def filmed(places: np.ndarray, lens: Lens, size: Size) -> np.ndarray:
    """Where places of the world (pixels of the corrected picture) lie in the bent one; OpenCV's own model."""
    half = float(np.hypot(size.width, size.height)) / 2
    middle = np.array([size.width - 1, size.height - 1]) / 2
    rays = np.c_[(places - middle) * lens.scale(size) / half, np.ones(len(places))]
    camera = np.array([[half, 0, middle[0]], [0, half, middle[1]], [0, 0, 1.0]])
    zero = np.zeros(3)
    out, _ = cv2.projectPoints(rays, zero, zero, camera, np.array([lens.k1, lens.k2, 0, 0, 0.0]))
    return out.reshape(-1, 2)


@pytest.mark.parametrize("size", [HD, UPRIGHT])
@pytest.mark.parametrize("lens", [WIDE, PINCUSHION, MOUSTACHE])
def test_a_straight_line_comes_back_straight(lens: Lens, size: Size) -> None:
    """Drawn bent, as the lens would film it; corrected, it lies within half a pixel of the straight one."""
    reach = min(size.width, size.height) * 0.45
    middle = np.array([size.width, size.height]) / 2
    for angle, offset in ((0.1, 0.85), (1.3, -0.7), (2.4, 0.4)):
        along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
        line = (
            middle
            + np.linspace(-1, 1, 400)[:, None] * reach * np.sqrt(1 - offset**2) * along
            + offset * reach * across
        )
        image = np.zeros((size.height, size.width, 3), np.uint8)
        bent = np.rint(filmed(line, lens, size) * 16).astype(np.int32)
        cv2.polylines(image, [bent], False, (255, 255, 255), 3, cv2.LINE_AA, shift=4)
        corrected = Undistorted(Still(image), lens).read(1.0).image[..., 0].astype(float)
        y, x = np.nonzero(corrected > 60)
        places = np.c_[x, y] - line[0]
        # The middle of the stroke at each step along the line.
        steps = (places @ along / 4).astype(int)
        weight = corrected[y, x]
        total = np.bincount(steps[steps >= 0], weight[steps >= 0])
        off = np.bincount(steps[steps >= 0], (weight * (places @ across))[steps >= 0])
        inner = slice(2, -2)
        assert len(total) > 30
        assert np.abs(off[inner] / total[inner]).max() < 0.5
        # It was not straight before.
        chord = filmed(line, lens, size)
        normal = np.array([-(chord[-1] - chord[0])[1], (chord[-1] - chord[0])[0]])
        assert np.abs((chord - chord[0]) @ normal / np.hypot(*normal)).max() > 1


@given(k1=st.floats(-0.5, 0.5), k2=st.floats(-0.3, 0.3), size=st.sampled_from([HD, UPRIGHT, Size(640, 480)]))
@settings(max_examples=40, deadline=None)
def test_no_black_border_and_no_place_used_twice(k1: float, k2: float, size: Size) -> None:
    try:
        lens = Lens(k1, k2)
    except JikcamError as error:
        assert "nearer to 0" in error.fix
        return
    small = Size(size.width // 8, size.height // 8)
    places = bent_pixels(lens, small)
    assert np.isfinite(places).all()
    # Inside by the areas of the pixels, which reach half a pixel beyond their centres.
    assert places.min() >= -0.5 and places[..., 0].max() <= small.width - 0.5
    assert places[..., 1].max() <= small.height - 0.5
    # Rising along both axes from the middle: the picture is not folded.
    assert (np.diff(places[..., 0], axis=1) > 0).all() and (np.diff(places[..., 1], axis=0) > 0).all()


@pytest.mark.parametrize("lens", [WIDE, PINCUSHION, MOUSTACHE])
def test_nothing_is_wasted_and_the_middle_stays(lens: Lens) -> None:
    places = bent_pixels(lens, Size(641, 361))
    assert places[180, 320] == pytest.approx([320, 180])
    gaps = [places.min(axis=(0, 1)), np.array([640, 360]) - places.max(axis=(0, 1))]
    assert min(gap.min() for gap in gaps) < 0.5  # an edge of the corrected picture touches one of the source


@pytest.mark.parametrize("lens", [WIDE, PINCUSHION, MOUSTACHE])
def test_the_numbers_hold_at_every_resolution(lens: Lens) -> None:
    small, large = bent_pixels(lens, Size(320, 180)), bent_pixels(lens, Size(960, 540))
    # Pixel centres: the middle one of three lies on the centre of the small one.
    assert (large[1::3, 1::3] + 0.5) / 3 - 0.5 == pytest.approx(small, abs=1e-9)


def test_a_straight_lens_gives_the_very_pictures() -> None:
    image = np.random.default_rng(0).integers(0, 255, (90, 160, 3), dtype=np.uint8)
    assert Lens(0.0, 0.0).scale(HD) == pytest.approx(1.0)
    assert bent_pixels(STRAIGHT, Size(32, 18)) == pytest.approx(
        np.stack(np.meshgrid(np.arange(32), np.arange(18)), axis=-1), abs=1e-6
    )
    assert Undistorted(Still(image), STRAIGHT).read(1.0).image is image


def test_it_goes_on_with_what_the_source_says() -> None:
    image = np.random.default_rng(0).integers(0, 255, (90, 160, 3), dtype=np.uint8)
    inner = Still(image)
    source = Undistorted(inner, WIDE)
    assert isinstance(source, Source)
    assert (source.name, source.fps, source.status, source.size) == ("still", 30.0, "", Size(160, 90))
    assert source.frame_count is None
    first = source.read(1.0)
    assert (first.time_s, first.index) == (6.0, 3)
    kept, original = first.image.copy(), image.copy()
    second = source.read(1.0)
    assert np.array_equal(first.image, kept) and second.image is not first.image
    assert np.array_equal(image, original)
    assert first.image.shape == (90, 160, 3) and first.image.dtype == np.uint8
    source.close()
    assert inner.closed == 1 and source.ended and source.read(1.0) is None


@pytest.mark.parametrize(
    "numbers", [(float("nan"), 0.0), (0.0, float("inf")), (-5.0, 0.0), (-1.5, 0.0), (0.0, 3.0), (3.0, 0.0)]
)
def test_a_lens_that_leaves_no_picture_is_refused(numbers: tuple[float, float]) -> None:
    with pytest.raises(JikcamError) as caught:
        Lens(*numbers)
    assert caught.value.fix and "\n" not in str(caught.value)
