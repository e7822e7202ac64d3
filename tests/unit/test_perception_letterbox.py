from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.geometry import Size
from engine.perception.letterbox import Letterbox, input_size
from engine.perception.tensor import IMAGENET_BGR, IMAGENET_RGB, PLAIN_BGR, LetterboxInput, PlaneWriter

sides = st.integers(16, 4000)


@pytest.mark.parametrize(
    ("source", "into", "centered", "inner", "left", "top"),
    [
        (Size(1920, 1080), Size(512, 288), False, Size(512, 288), 0, 0),
        (Size(640, 480), Size(512, 288), False, Size(384, 288), 0, 0),
        (Size(640, 480), Size(512, 288), True, Size(384, 288), 64, 0),
        (Size(1920, 1080), Size(416, 416), True, Size(416, 234), 0, 91),
        (Size(1080, 1920), Size(416, 416), False, Size(234, 416), 0, 0),
        (Size(100, 50), Size(416, 416), False, Size(416, 208), 0, 0),
    ],
)
def test_fit(source: Size, into: Size, centered: bool, inner: Size, left: int, top: int) -> None:
    box = Letterbox.fit(source, into, centered=centered)
    assert (box.inner, box.left, box.top) == (inner, left, top)


@settings(max_examples=60)
@given(sides, sides, sides, sides, st.booleans())
def test_the_inner_picture_lies_inside_and_maps_to_the_whole_source(
    w: int, h: int, iw: int, ih: int, centered: bool
) -> None:
    box = Letterbox.fit(Size(w, h), Size(iw, ih), centered=centered)
    assert box.left >= 0 and box.left + box.inner.width <= iw
    assert box.top >= 0 and box.top + box.inner.height <= ih
    inner = [[box.left, box.top, box.left + box.inner.width, box.top + box.inner.height]]
    np.testing.assert_allclose(box.boxes_to_source(np.array(inner)), [[0, 0, w, h]], atol=1e-6)


@settings(max_examples=60)
@given(sides, sides, st.booleans(), st.lists(st.floats(-100, 5000), min_size=4, max_size=4))
def test_round_trip(w: int, h: int, centered: bool, row: list[float]) -> None:
    box = Letterbox.fit(Size(w, h), Size(416, 320), centered=centered)
    rows = np.array([row, row])
    np.testing.assert_allclose(box.boxes_to_source(box.boxes_to_input(rows)), rows, atol=1e-6)
    points = rows.reshape(-1, 2)
    np.testing.assert_allclose(box.to_input(box.to_source(points)), points, atol=1e-6)


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        (Size(1920, 1080), Size(512, 288)),
        (Size(1280, 720), Size(512, 288)),
        (Size(640, 480), Size(448, 320)),
        (Size(1080, 1920), Size(288, 512)),
        (Size(500, 500), Size(384, 384)),
    ],
)
def test_input_size_spends_the_budget_on_the_picture(picture: Size, expected: Size) -> None:
    assert input_size(picture, 512 * 288, 32) == expected


@settings(max_examples=60)
@given(sides, sides, st.sampled_from([32, 64]))
def test_input_size_keeps_the_budget_and_the_multiple(w: int, h: int, multiple: int) -> None:
    size = input_size(Size(w, h), 512 * 288, multiple)
    assert size.width * size.height <= 512 * 288
    assert size.width % multiple == 0 and size.height % multiple == 0
    assert size.width > 0 and size.height > 0


def picture(width: int, height: int) -> np.ndarray:
    x, y = np.meshgrid(np.linspace(0, 200, width), np.linspace(0, 200, height))
    return np.stack([x, y, 200 - x], axis=2).astype(np.uint8)


@pytest.mark.parametrize("centered", [False, True])
@pytest.mark.parametrize("shape", [(1920, 1080), (640, 480), (333, 777), (100, 80)])
def test_tensor_shows_the_picture_where_the_letterbox_says(shape: tuple[int, int], centered: bool) -> None:
    image = picture(*shape)
    tensor, box = LetterboxInput(PLAIN_BGR, pad=114, centered=centered)(image, Size(416, 320))
    assert tensor.shape == (1, 3, 320, 416) and tensor.dtype == np.float32
    inner = np.zeros((320, 416), bool)
    inner[box.top : box.top + box.inner.height, box.left : box.left + box.inner.width] = True
    assert (tensor[0][:, ~inner] == 114).all()
    expected = cv2.resize(image, (box.inner.width, box.inner.height), interpolation=cv2.INTER_AREA)
    shown = tensor[0][:, inner].reshape(3, box.inner.height, box.inner.width).transpose(1, 2, 0)
    assert np.abs(shown - expected.astype(np.float32)).max() <= 4
    assert np.abs(shown - expected.astype(np.float32)).mean() <= 0.7


def test_buffers_follow_a_change_of_the_picture() -> None:
    make = LetterboxInput(PLAIN_BGR, pad=7)
    make(np.full((480, 640, 3), 255, np.uint8), Size(96, 96))
    tensor, box = make(np.full((640, 480, 3), 9, np.uint8), Size(96, 96))
    assert (tensor[0, :, :, : box.inner.width] == 9).all()
    assert (tensor[0, :, :, box.inner.width :] == 7).all()


def test_source_is_not_touched() -> None:
    image = picture(640, 480)
    image.flags.writeable = False
    before = image.copy()
    LetterboxInput(PLAIN_BGR, pad=0)(image, Size(64, 64))
    LetterboxInput(PLAIN_BGR, pad=0)(image, Size(640, 480))
    assert (image == before).all()


@pytest.mark.parametrize("channels", [IMAGENET_BGR, IMAGENET_RGB])
def test_planes_are_normalised_in_the_models_order(channels) -> None:
    image = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    out = np.empty((3, 20, 30), np.float32)
    PlaneWriter(Size(30, 20), channels).write(image, out)
    ordered = image[..., ::-1] if channels.rgb else image
    expected = (ordered - np.array(channels.mean)) / np.array(channels.std)
    np.testing.assert_allclose(out, expected.transpose(2, 0, 1), atol=1e-5)
