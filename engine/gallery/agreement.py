"""Whether faces are of one person: enough to catch a wrong file, not to say who somebody is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.identity.likelihood import Calibration, log_likelihood_ratio, template_similarity
from engine.identity.member import Member, Sample

#: Nats (see `engine.identity.likelihood`). Below the first, two faces are rather two people; from the second
#: on they are one person's, or two who are hard to tell apart.
TWO_PEOPLE, ALIKE = 0.0, 2.0


def middle(samples: Sequence[Sample]) -> int:
    """Index of the sample most like all the others; the better of two equals."""
    vectors = _vectors(samples)
    quality = np.array([s.quality for s in samples])
    return int(((vectors @ vectors.T).mean(axis=1) + 1e-3 * quality).argmax())


def odd_ones(samples: Sequence[Sample], anchor: Sample, calibration: Calibration) -> list[int]:
    """Indices of the samples that are of somebody else than ``anchor``."""
    if not samples:
        return []
    says = log_likelihood_ratio(_vectors(samples) @ anchor.vector.astype(np.float64), np.ones(1), calibration)
    return [int(i) for i in np.flatnonzero(says < TWO_PEOPLE)]


def likeness(faces: Sequence[Sample], others: Sequence[Sample], calibration: Calibration) -> float:
    """Nats that speak for the two being one person, as a rule of all these faces; 0 where there are none."""
    if not faces or not others:
        return 0.0
    near = template_similarity(np.stack([s.vector for s in faces]), others)
    return float(np.median(log_likelihood_ratio(near, np.ones(1), calibration)))


def lookalikes(faces: Sequence[Sample], others: Sequence[Member], calibration: Calibration) -> list[Member]:
    """Members whom these faces resemble so much that they may be taken for each other, most alike first."""
    says = {m.name: likeness(faces, m.faces, calibration) for m in others}
    return sorted((m for m in others if says[m.name] >= ALIKE), key=lambda m: -says[m.name])


def _vectors(samples: Sequence[Sample]) -> NDArray[np.float64]:
    return np.stack([s.vector for s in samples]).astype(np.float64)
