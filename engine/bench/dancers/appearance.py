"""What everybody looks like at every moment, if nothing hid them: embeddings and which way they face."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.bench.dancers.processes import lagging, minimum_jerk, wandering, white
from engine.bench.dancers.quality import LookQuality

F64 = NDArray[np.float64]

#: Length of the simulated embeddings.
BODY_LENGTH, FACE_LENGTH = 64, 64
TURNS_HZ = 1 / 12


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """One person's looks at T times.

    Attributes:
        body: (T, D) embeddings of whole, unhidden crops; not normalised.
        face: (T, E) lasting part and noise of a frontal face, apart: face + noise is the embedding.
        face_noise: (T, E).
        yaw: (T,) 0 faces the camera, radians.
        luck: (T, 2) slow normal noise of the face's sharpness and of the face detector.
    """

    body: F64
    face: F64
    face_noise: F64
    yaw: F64
    luck: F64


class Wardrobe:
    """What is the same for everybody in one sequence."""

    def __init__(self, quality: LookQuality, seed: int) -> None:
        rng = np.random.default_rng([seed, 31])
        # A geometric spectrum has (1 + r) / (1 - r) effective dimensions.
        ratio = (quality.spread - 1.0) / (quality.spread + 1.0)
        spectrum = ratio ** np.arange(BODY_LENGTH)
        self._scale = np.sqrt(spectrum / spectrum.sum())
        self._quality, self._seed = quality, seed
        self._common = self._unit(rng.standard_normal(BODY_LENGTH))
        self._outfits = self._unit(rng.standard_normal((quality.outfits, BODY_LENGTH)))
        self._views = self._unit(rng.standard_normal((2, BODY_LENGTH)))

    def person(self, number: int, time_s: F64) -> Person:
        """The looks of person ``number`` (from 0) at ``time_s``; others change nothing about them."""
        q, last_s = self._quality, float(time_s[-1]) if len(time_s) else 0.0
        rng = np.random.default_rng([self._seed, 32, number])
        yaw = _yaw(rng, time_s, last_s)
        own = self._unit(rng.standard_normal(BODY_LENGTH))
        lasting = (
            np.sqrt(q.common) * self._common
            + np.sqrt(q.outfit) * self._outfits[number % q.outfits]
            + np.sqrt(q.identity) * own
        )
        view = np.column_stack([np.cos(yaw), np.sin(yaw)]) @ self._views
        shape = (BODY_LENGTH,)
        slow = self._scale * lagging(rng, time_s, last_s, shape, q.drift_tau_s)
        quick = self._scale * lagging(rng, time_s, last_s, shape, q.noise_tau_s)
        grain = self._scale * white(rng, time_s, last_s, shape)
        body = lasting + np.sqrt(q.view) * view
        body += np.sqrt(q.drift) * slow + np.sqrt(q.noise) * quick + np.sqrt(q.grain) * grain

        f = q.face
        face = rng.standard_normal(FACE_LENGTH)
        face *= np.sqrt(f.identity) / np.linalg.norm(face)
        noise = np.sqrt(f.noise) * lagging(rng, time_s, last_s, (FACE_LENGTH,), f.noise_tau_s)
        noise += np.sqrt(f.grain) * white(rng, time_s, last_s, (FACE_LENGTH,))
        luck = lagging(rng, time_s, last_s, (2,), 0.3)
        return Person(body, face, noise / np.sqrt(FACE_LENGTH), yaw, luck)

    def stranger(self, rng: np.random.Generator) -> F64:
        """(D,) what a false box on the background looks like."""
        other = self._scale * rng.standard_normal(BODY_LENGTH)
        return np.asarray(np.sqrt(0.5) * (self._common + other), dtype=np.float64)

    def _unit(self, rows: F64) -> F64:
        scaled = self._scale * rows
        return np.asarray(scaled / np.linalg.norm(scaled, axis=-1, keepdims=True), dtype=np.float64)


def _yaw(rng: np.random.Generator, time_s: F64, last_s: float) -> F64:
    """(T,) mostly to the camera, looking about, with whole turns now and then."""
    yaw = 0.6 * wandering(rng, time_s, last_s, (), 1.2)
    for _ in range(rng.poisson(last_s * TURNS_HZ)):
        start_s, duration_s = rng.uniform(0.0, last_s), rng.uniform(0.8, 2.5)
        yaw += rng.choice([-2, 2]) * np.pi * minimum_jerk((time_s - start_s) / duration_s)
    return np.asarray(yaw, dtype=np.float64)
