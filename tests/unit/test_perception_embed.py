from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from engine.errors import JikcamError
from engine.geometry import Box
from engine.perception import embed
from engine.perception.embed import SFACE, BodyEmbedding, FaceEmbedding, unit_rows
from engine.perception.protocols import Face

IMAGE = np.zeros((400, 400, 3), np.uint8)
IMAGE[100:300, 100:200] = (10, 20, 30)


class FakeNetwork:
    """Remembers what went in, and answers with the mean of each colour."""

    def __init__(self, shape: tuple[int | None, ...], outputs: tuple[tuple[int | None, ...], ...]) -> None:
        self.input_shape, self.output_shapes = shape, outputs
        self.seen: list[np.ndarray] = []

    def __call__(self, path: Path, threads: int) -> FakeNetwork:
        return self

    def run(self, tensor: np.ndarray) -> list[np.ndarray]:
        self.seen.append(tensor.copy())
        axes = (1, 2) if self.input_shape[3] == 3 else (2, 3)
        return [tensor.mean(axis=axes)]

    def unfit(self, expected: str) -> JikcamError:
        return JikcamError(f"does not have {expected}")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    path = tmp_path / "model.onnx"
    path.write_bytes(b"weights")

    def make(kind, shape, outputs=(("any", 3),), *args):
        shapes = tuple(tuple(d if isinstance(d, int) else None for d in o) for o in outputs)
        network = FakeNetwork(shape, shapes)
        monkeypatch.setattr(embed, "Network", network)
        return kind(path, 1, *args), network

    return make


def test_a_body_is_stretched_and_goes_in_as_imagenet_has_it(made) -> None:
    body, network = made(BodyEmbedding, (None, 3, 256, 128))
    rows = body.embed(IMAGE, [Box(100, 100, 200, 300)])
    assert network.seen[0].shape == (1, 3, 256, 128)
    expected = (np.array([30, 20, 10]) - [123.675, 116.28, 103.53]) / [58.395, 57.12, 57.375]
    np.testing.assert_allclose(network.seen[0].mean(axis=(0, 2, 3)), expected, atol=1e-3)
    np.testing.assert_allclose(rows[0], expected / np.linalg.norm(expected), atol=1e-4)
    assert body.model == hashlib.sha256(b"weights").hexdigest()


def test_where_planes_come_last_pixels_go_in_as_they_are_one_by_one(made) -> None:
    body, network = made(BodyEmbedding, (1, 256, 128, 3))
    rows = body.embed(IMAGE, [Box(100, 100, 200, 300)] * 3)
    assert [x.shape for x in network.seen] == [(1, 256, 128, 3)] * 3
    np.testing.assert_allclose(network.seen[0][0].mean(axis=(0, 1)), [10, 20, 30])
    assert rows.shape == (3, 3)


def test_crops_go_in_batches_and_come_back_in_order(made) -> None:
    body, network = made(BodyEmbedding, (None, 3, 256, 128))
    image = np.random.default_rng(2).integers(0, 255, (400, 400, 3)).astype(np.uint8)
    boxes = [Box(20 * i, 10, 20 * i + 60, 200) for i in range(11)]
    together = body.embed(image, boxes)
    assert [len(x) for x in network.seen] == [8, 3]
    alone = np.concatenate([body.embed(image, [box]) for box in boxes])
    np.testing.assert_allclose(together, alone, atol=1e-6)


@pytest.mark.parametrize(
    "box",
    [
        Box(500, 500, 600, 700),
        Box(-200, 0, -100, 100),
        Box(10, 10, 10, 10),
        Box(50, 50, 20, 20),
        Box(np.nan, 0, 10, 10),
        Box(-np.inf, 0, np.inf, 10),
    ],
)
def test_where_there_is_nothing_the_row_is_zeros(box: Box, made) -> None:
    body, network = made(BodyEmbedding, (None, 3, 256, 128))
    rows = body.embed(IMAGE + np.uint8(9), [box, Box(100, 100, 200, 300)])
    assert not rows[0].any() and np.linalg.norm(rows[1]) == pytest.approx(1.0)
    assert len(network.seen[0]) == 1
    assert body.embed(IMAGE, []).shape == (0, 3)


def test_a_box_over_the_edge_is_cut_at_the_edge(made) -> None:
    body, network = made(BodyEmbedding, (None, 3, 256, 128))
    body.embed(IMAGE, [Box(-1e6, -1e6, 1e6, 1e6)])
    assert np.isfinite(network.seen[0]).all()


@pytest.mark.parametrize(
    ("shape", "outputs"),
    [
        ((None, 3, None, None), ((None, 3),)),
        ((None, 3, 256, 128), ((None, 3), (None, 3))),
        ((None, 3, 256, 128), ((None, 17, 64, 48),)),
        ((None, 3, 256, 128), ((None, None),)),
    ],
    ids=["free size", "two outputs", "maps", "free length"],
)
def test_a_network_that_is_no_embedder_is_refused(shape, outputs, made) -> None:
    with pytest.raises(JikcamError, match="one vector"):
        made(BodyEmbedding, shape, outputs)


def test_a_face_embedder_takes_squares(made) -> None:
    with pytest.raises(JikcamError, match="square"):
        made(FaceEmbedding, (None, 3, 256, 128))


@pytest.mark.parametrize(("extra", "order"), [((), (10, 20, 30)), ((SFACE,), (30, 20, 10))])
def test_faces_go_in_as_their_model_has_them(extra, order, made) -> None:
    side = 112 if extra else 128
    faces, network = made(FaceEmbedding, (None, 3, side, side), (("any", 3, 1, 1),), *extra)
    image = np.full((300, 300, 3), (10, 20, 30), np.uint8)
    points = np.float32([[120, 130], [160, 130], [140, 150], [125, 170], [155, 170]])
    nobody = Face(Box(0, 0, 1, 1), np.zeros((5, 2), np.float32), 0.9)
    rows = faces.embed(image, [nobody, Face(Box(100, 100, 180, 200), points, 0.9)])
    assert network.seen[0].shape == (1, 3, side, side)
    np.testing.assert_allclose(network.seen[0].mean(axis=(0, 2, 3)), order)
    assert not rows[0].any() and np.linalg.norm(rows[1]) == pytest.approx(1.0)


@given(hnp.arrays(np.float32, hnp.array_shapes(min_dims=2, max_dims=2), elements=st.floats(width=32)))
def test_rows_are_unit_or_zeros_and_never_nan(rows: np.ndarray) -> None:
    unit = unit_rows(rows)
    assert np.isfinite(unit).all()
    length = np.linalg.norm(unit.astype(np.float64), axis=1)
    assert all(n == pytest.approx(1.0, abs=1e-3) or n == 0.0 for n in length)
