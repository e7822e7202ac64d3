from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import JikcamError
from engine.identity.likelihood import (
    KNOWN,
    UNKNOWN,
    Calibration,
    calibration_of,
    levelled,
    log_likelihood_ratio,
    template_similarity,
)
from engine.identity.member import Sample

ANY = st.floats(allow_nan=True, allow_infinity=True)
UNIT = st.floats(0.0, 1.0)
COSINE = st.floats(-1.0, 1.0)
CALIBRATIONS = st.builds(
    Calibration, st.floats(0.1, 80), st.floats(-0.5, 0.95), st.floats(0.1, 9), st.floats(0.01, 1), COSINE
)


def said(cosine: float, quality: float, calibration: Calibration) -> float:
    return float(log_likelihood_ratio(np.array(cosine), np.array(quality), calibration))


@given(ANY, ANY, CALIBRATIONS)
def test_it_is_bounded_and_finite_whatever_goes_in(cosine: float, quality: float, c: Calibration) -> None:
    assert abs(said(cosine, quality, c)) <= c.most + 1e-9


@given(COSINE, COSINE, UNIT, CALIBRATIONS)
def test_it_rises_with_the_cosine(a: float, b: float, quality: float, c: Calibration) -> None:
    low, high = sorted((a, b))
    assert said(low, quality, c) <= said(high, quality, c) + 1e-12


@given(COSINE, UNIT, UNIT, CALIBRATIONS)
def test_it_is_flatter_the_poorer_the_look(cosine: float, a: float, b: float, c: Calibration) -> None:
    poor, good = sorted((a, b))
    assert abs(said(cosine, poor, c)) <= abs(said(cosine, good, c)) + 1e-12
    assert said(cosine, poor, c) * said(cosine, good, c) >= 0


@given(COSINE, CALIBRATIONS)
def test_no_quality_says_nothing_and_neither_does_the_middle(cosine: float, c: Calibration) -> None:
    assert said(cosine, 0.0, c) == 0.0
    assert said(c.offset, 1.0, c) == pytest.approx(0.0, abs=1e-9)
    assert said(np.nan, 1.0, c) == said(cosine, np.nan, c) == 0.0


def test_shapes_are_broadcast() -> None:
    cosine = np.linspace(-1, 1, 12).reshape(3, 4)
    ratio = log_likelihood_ratio(cosine, np.array([0.1, 0.4, 0.7, 1.0]), KNOWN[0][1])
    assert ratio.shape == (3, 4)
    assert ratio[2, 3] == said(1.0, 1.0, KNOWN[0][1])
    assert log_likelihood_ratio(np.zeros((0, 3)), np.ones(3), UNKNOWN).shape == (0, 3)


def test_a_made_up_world_is_found_to_be_as_sure_as_it_is() -> None:
    """Two normal distributions of one width have exactly this form of ratio: what is said must come true."""
    rng = np.random.default_rng(4)
    same, width, apart = 0.7, 0.12, 0.4
    c = Calibration(slope=apart / width**2, offset=same - apart / 2, most=50, full=0.5)
    truth = rng.random(200_000) < 0.5
    cosine = np.where(truth, same, same - apart) + rng.normal(0, width, len(truth))
    probability = 1 / (1 + np.exp(-log_likelihood_ratio(cosine, np.ones_like(cosine), c)))
    for low, high in ((0.0, 0.05), (0.2, 0.4), (0.6, 0.8), (0.95, 1.0)):
        here = (probability >= low) & (probability < high)
        assert truth[here].mean() == pytest.approx(probability[here].mean(), abs=0.02)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("face_reid_0095", 0),
        ("face-reid-0095", 0),
        ("sface-2021dec", 1),
        ("osnet-x0.25-msmt17", 2),
        ("osnet_x0_25_msmt17", 2),
        ("person_reid_0287", 3),
    ],
)
def test_models_are_known_by_name_however_it_is_spelled(name: str, place: int) -> None:
    assert calibration_of(name) is KNOWN[place][1]


def test_a_model_nobody_measured_is_read_with_care() -> None:
    for name in ("somebodys-own-net", "person-reid-youtu-2021nov", ""):
        assert calibration_of(name) is UNKNOWN
    assert all(UNKNOWN.most < c.most and UNKNOWN.slope < c.slope for _, c in KNOWN)


@pytest.mark.parametrize(
    "wrong", [{"slope": 0.0}, {"slope": np.nan}, {"most": -1.0}, {"full": 0.0}, {"full": 2.0}]
)
def test_a_calibration_that_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(JikcamError, match="calibration"):
        Calibration(**{"slope": 10.0, "offset": 0.5} | wrong)


def test_levelled_takes_off_what_everybody_has_in_common() -> None:
    """In one costume all cosines are high: that says nothing about anybody."""
    c = KNOWN[2][1]
    street = np.array([[0.85], [0.5], [0.45], [0.52], [0.48]])
    costume = np.array([[0.93], [0.91], [0.9], [0.92], [0.91]])
    apart = log_likelihood_ratio(levelled(street, c), np.ones(1), c)[:, 0]
    alike = log_likelihood_ratio(levelled(costume, c), np.ones(1), c)[:, 0]
    assert apart[0] > 2 and (apart[1:] < -2).all()
    assert np.ptp(alike) < 1.0 and (alike < 1.0).all()
    raw = log_likelihood_ratio(costume, np.ones(1), c)
    assert (raw > 3).all()


@given(st.lists(st.floats(0.0, 0.4), min_size=4, max_size=8), st.floats(-0.3, 0.4))
def test_levelled_does_not_depend_on_the_scene(strangers: list[float], shift: float) -> None:
    c = Calibration(slope=15, offset=0.4, strangers=0.2)
    column = np.array([*strangers, 0.7])[:, None]
    moved = levelled(column + shift, c) - levelled(column, c)
    np.testing.assert_allclose(moved, shift / len(column), atol=1e-9)


def test_levelled_leaves_one_alone_and_keeps_the_unknown() -> None:
    c = KNOWN[0][1]
    np.testing.assert_allclose(levelled(np.array([[0.6]]), c), [[0.6]])
    some = levelled(np.array([[0.6, np.nan], [np.nan, np.nan], [0.2, 0.3]]), c)
    assert np.isnan(some).tolist() == [[False, True], [True, True], [False, False]]
    assert some[2, 1] == pytest.approx(0.3)
    assert levelled(np.zeros((0, 4)), c).shape == (0, 4)


def samples(*rows: tuple[float, ...]) -> list[Sample]:
    return [Sample(np.array(row, np.float32), 1.0) for row in rows]


def test_a_template_is_the_mean_of_the_best_three() -> None:
    looks = np.eye(4, dtype=np.float32)[:2]
    gallery = samples((1, 0, 0, 0), (0.8, 0.6, 0, 0), (0.6, 0.8, 0, 0), (0, 0, 1, 0), (-1, 0, 0, 0))
    np.testing.assert_allclose(template_similarity(looks, gallery), [0.8, (0.6 + 0.8 + 0) / 3], atol=1e-6)
    np.testing.assert_allclose(template_similarity(looks, gallery[:2]), [0.9, 0.3], atol=1e-6)


def test_one_bad_sample_in_a_gallery_does_not_decide() -> None:
    look = np.array([[1, 0]], np.float32)
    clean = samples(*[(0.1, 0.995)] * 8)
    assert template_similarity(look, [*clean, *samples((1, 0))])[0] < 0.45


def test_an_empty_gallery_one_of_another_model_and_one_look() -> None:
    look = np.array([1, 0], np.float32)
    assert template_similarity(look, []).tolist() == [0.0]
    assert template_similarity(look, samples((1, 0, 0))).tolist() == [0.0]
    assert template_similarity(look, samples((1, 0, 0), (1, 0))).tolist() == [1.0]
    assert template_similarity(np.zeros((0, 2), np.float32), samples((1, 0))).shape == (0,)
    assert np.isfinite(template_similarity(np.full((1, 2), np.nan, np.float32), samples((1, 0)))).all()
