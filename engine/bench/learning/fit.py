"""Fitting a small network to labelled pairs: Adam on the cross-entropy, in plain numpy."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.tracking.network import Network

F32 = NDArray[np.float32]
F16 = NDArray[np.float16]

BATCH = 4096
#: Noise added to standardised inputs, so that no single number is leant on.
JITTER = 0.02
RATE, DECAY, BETA1, BETA2 = 4e-3, 1e-4, 0.9, 0.999


def fit(
    inputs: F32 | F16,
    labels: F32,
    weights_of: F32,
    hidden: tuple[int, ...],
    epochs: float,
    rng: np.random.Generator,
) -> tuple[Network, float]:
    """A network whose outputs are log-odds of ``labels``, and its mean cross-entropy in the last tenth.

    Args:
        inputs: (P, F); half precision will do.
        labels: (P,) 0 or 1.
        weights_of: (P,) how much each counts, 1 on average.
        hidden: sizes of the hidden layers.
        epochs: how often every pair is looked at.
        rng: first weights and order.
    """
    sample = inputs[rng.integers(len(inputs), size=min(len(inputs), 200_000))].astype(np.float32)
    mean, scale = sample.mean(axis=0), sample.std(axis=0) + 1e-3
    sizes = (inputs.shape[1], *hidden, 1)
    weights = [(rng.standard_normal((a, b)) * np.sqrt(2 / a)).astype(np.float32) for a, b in pairwise(sizes)]
    numbers = [*weights, *(np.zeros(b, np.float32) for b in sizes[1:])]
    depth = len(weights)
    first = [np.zeros_like(n) for n in numbers]
    second = [np.zeros_like(n) for n in numbers]
    steps = max(1, int(epochs * len(inputs) / BATCH))
    losses: list[float] = []
    for step in range(steps):
        chosen = rng.integers(len(inputs), size=BATCH)
        x = (inputs[chosen].astype(np.float32) - mean) / scale
        x += JITTER * rng.standard_normal(x.shape, dtype=np.float32)
        loss, slopes = _slopes(x, labels[chosen], weights_of[chosen], numbers[:depth], numbers[depth:])
        losses.append(loss)
        rate = RATE * min(1.0, (step + 1) / (0.1 * steps + 1)) * 0.5 * (1 + np.cos(np.pi * step / steps))
        for k, slope in enumerate(slopes):
            first[k] += (1 - BETA1) * (slope - first[k])
            second[k] += (1 - BETA2) * (slope * slope - second[k])
            unbiased = first[k] / (1 - BETA1 ** (step + 1))
            spread = np.sqrt(second[k] / (1 - BETA2 ** (step + 1))) + 1e-8
            numbers[k] -= np.float32(rate) * (unbiased / spread + DECAY * numbers[k] * (k < depth))
    tail = float(np.mean(losses[-max(1, steps // 10) :]))
    return Network(mean, scale, tuple(numbers[:depth]), tuple(numbers[depth:])), tail


def _slopes(x: F32, y: F32, counts: F32, weights: list[F32], biases: list[F32]) -> tuple[float, list[F32]]:
    """Mean cross-entropy and its slopes, weights first, then biases."""
    layers = [x]
    for k, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        z = layers[-1] @ weight + bias
        layers.append(np.maximum(z, 0.0) if k < len(weights) - 1 else z)
    z = layers.pop()[:, 0]
    loss = float((counts * (np.logaddexp(0.0, z) - y * z)).mean())
    back = (counts * (1 / (1 + np.exp(-z)) - y) / len(y)).astype(np.float32)[:, None]
    by_weight: list[F32] = []
    by_bias: list[F32] = []
    for k in range(len(weights) - 1, -1, -1):
        by_weight.insert(0, layers[k].T @ back)
        by_bias.insert(0, back.sum(axis=0))
        back = (back @ weights[k].T) * (layers[k] > 0)
    return loss, [*by_weight, *by_bias]
