"""The filter believes of itself what is true."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from engine.tracking import kalman
from engine.tracking.config import FilterConfig

CONFIG = FilterConfig()
HEIGHT = np.array([400.0])


@pytest.mark.parametrize("dt_s", [1 / 60, 0.1])
def test_nis_of_a_target_that_moves_as_modelled_lies_in_the_95_percent_band(dt_s: float) -> None:
    rng = np.random.default_rng(3)
    n, steps = 200, 40
    height = np.full(n, 400.0)
    walk, push = CONFIG.position_walk * 400, CONFIG.velocity_walk * 400
    truth, speed = np.zeros((n, 4)), rng.normal(0, CONFIG.first_velocity * 400, (n, 4))
    position = truth + rng.normal(0, CONFIG.first_position * 400, (n, 4))
    velocity, covariance = np.zeros((n, 4)), kalman.first_covariance(height, CONFIG)
    variance = np.full((n, 4), (CONFIG.measured * 400) ** 2)
    total = 0.0
    exact = np.array([[dt_s**3 / 3, dt_s**2 / 2], [dt_s**2 / 2, dt_s]]) * push**2
    for _ in range(steps):
        shock = rng.multivariate_normal([0, 0], exact, (n, 4))
        truth = truth + speed * dt_s + shock[..., 0] + rng.normal(0, walk * np.sqrt(dt_s), (n, 4))
        speed = speed + shock[..., 1]
        covariance = kalman.predict_covariance(covariance, height, dt_s, CONFIG)
        position = position + velocity * dt_s
        measured = truth + rng.normal(0, np.sqrt(variance))
        # Normalised innovation squared: chi-square of 4 degrees of freedom when the filter is honest.
        total += ((measured - position) ** 2 / (covariance[..., 0] + variance)).sum()
        position, velocity, covariance = kalman.update_position(
            position, velocity, covariance, measured, variance
        )
    freedom = 4 * n * steps
    low, high = chi2.ppf([0.025, 0.975], freedom)
    assert low < total < high


@settings(max_examples=30, deadline=None)
@given(st.floats(0.001, 1.0), st.integers(1, 6))
def test_small_steps_compose_to_one_large(dt_s: float, parts: int) -> None:
    start = kalman.first_covariance(HEIGHT, CONFIG)
    once = kalman.predict_covariance(start, HEIGHT, dt_s, CONFIG)
    many = start
    for _ in range(parts):
        many = kalman.predict_covariance(many, HEIGHT, dt_s / parts, CONFIG)
    np.testing.assert_allclose(many, once, rtol=1e-9)


def test_covariance_stays_positive_definite() -> None:
    rng = np.random.default_rng(0)
    covariance = kalman.first_covariance(HEIGHT, CONFIG)
    position = velocity = np.zeros((1, 4))
    for k in range(500):
        before = covariance
        covariance = kalman.predict_covariance(before, HEIGHT, 1 / 30, CONFIG)
        if k % 3:
            velocity, covariance = kalman.move_measured(
                velocity, covariance, before, rng.normal(0, 99, (1, 2)), HEIGHT, 1 / 30, CONFIG
            )
        if k % 5 == 0:
            position, velocity, covariance = kalman.update_position(
                position, velocity, covariance, rng.normal(0, 9, (1, 4)), np.full((1, 4), 4.0)
            )
        a, b, c = covariance[..., 0], covariance[..., 1], covariance[..., 2]
        assert (a > 0).all() and (a * c - b * b > 0).all()


def test_a_measured_move_teaches_the_velocity_and_spares_the_position() -> None:
    before = kalman.first_covariance(HEIGHT, CONFIG)
    grown = kalman.predict_covariance(before, HEIGHT, 1 / 30, CONFIG)
    velocity, covariance = kalman.move_measured(
        np.zeros((1, 4)), grown, before, np.array([[300.0, 0.0]]), HEIGHT, 1 / 30, CONFIG
    )
    assert velocity[0, 0] > 240 and velocity[0, 1:].tolist() == [0.0, 0.0, 0.0]
    assert (covariance[:, :2, 0] < grown[:, :2, 0]).all()
    np.testing.assert_array_equal(covariance[:, 2:], grown[:, 2:])
