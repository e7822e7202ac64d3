"""A 4K picture is 25 MB: nobody on its way may copy or convert all of it without need.

numpy reports its arrays to tracemalloc, those that OpenCV returns included; so the most that was held at once
while one picture was worked on says whether anything as large as the picture was made.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pytest

from engine.geometry import Box, Shot, Size
from engine.motion import MotionEstimator
from engine.perception.tensor import IMAGENET_BGR, PLAIN_BGR, LetterboxInput
from engine.perception.things import square_around
from engine.render import Renderer
from engine.sources.fit import fitted
from engine.sources.frame import Frame
from engine.sources.stage import StageSource, scene
from engine.sources.undistort import Lens, Undistorted

UHD = Size(3840, 2160)
PICTURE = UHD.width * UHD.height * 3
PEOPLE = [Box(800 * k + 400, 600, 800 * k + 700, 1900) for k in range(4)]


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    small = np.random.default_rng(0).integers(0, 255, (54, 96, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(small, (UHD.width, UHD.height), interpolation=cv2.INTER_CUBIC))


@pytest.fixture
def pictures_made() -> Iterator[Callable[[Callable[[], object]], float]]:
    """Most memory taken at once by a call, as a multiple of one 4K picture."""
    tracemalloc.start()

    def measure(work: Callable[[], object]) -> float:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        result = work()
        _, peak = tracemalloc.get_traced_memory()
        del result
        return (peak - before) / PICTURE

    yield measure
    tracemalloc.stop()


def test_the_measure_sees_copies(image: np.ndarray, pictures_made) -> None:
    assert pictures_made(image.copy) == pytest.approx(1, abs=0.01)
    assert pictures_made(lambda: cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)) == pytest.approx(1 / 3, abs=0.01)
    assert pictures_made(lambda: image[:, 100:2000]) < 0.001


def test_motion_reads_it_where_it_is(image: np.ndarray, pictures_made) -> None:
    motion = MotionEstimator(UHD)
    motion.update(Frame(image, 0.0, 0), PEOPLE)
    assert pictures_made(lambda: motion.update(Frame(image, 1 / 30, 1), PEOPLE)) < 0.05


@pytest.mark.parametrize(("into", "channels"), [(Size(512, 288), IMAGENET_BGR), (Size(416, 416), PLAIN_BGR)])
def test_detectors_shrink_it_where_it_is(into: Size, channels, image: np.ndarray, pictures_made) -> None:
    area = square_around(PEOPLE[1].center, UHD)
    part = image if into.width != into.height else image[:, round(area.x0) : round(area.x1)]
    shrink = LetterboxInput(channels, pad=114)
    shrink(part, into)
    assert pictures_made(lambda: shrink(part, into)) < 0.01


def test_a_picture_that_fits_is_given_on(image: np.ndarray, pictures_made) -> None:
    assert fitted(image, UHD) is image
    assert pictures_made(lambda: fitted(image, UHD)) < 0.001


def test_a_source_makes_one_array_for_each_picture(pictures_made) -> None:
    size = Size(1280, 720)
    share = size.width * size.height * 3 / PICTURE

    def stage() -> StageSource:
        return StageSource(scene("sway", 2, size, background="plain"), "fast")

    bent = Undistorted(stage(), Lens(-0.2, 0.05))
    bent.read(1.0)
    # Corrected: the picture, and the one that it was made of.
    for source, most in ((stage(), 1.1), (Undistorted(stage(), Lens()), 1.1), (bent, 2.1)):
        source.read(1.0)
        assert 0.99 < pictures_made(lambda source=source: source.read(1.0)) / share < most


@pytest.mark.parametrize(
    "shot",
    [Shot(1920, 1080, 2160, 16 / 9), Shot(1700, 1000, 1080, 16 / 9), Shot(1900, 1080, 2160, 9 / 16)],
)
def test_a_crop_costs_less_than_the_picture(shot: Shot, image: np.ndarray, pictures_made) -> None:
    renderer = Renderer(Size(1280, 720) if shot.aspect > 1 else Size(720, 1280))
    renderer.render(image, shot)
    assert pictures_made(lambda: renderer.render(image, shot)) < 0.9
