"""Which few of many samples to keep: good ones that differ from each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.identity.member import Sample

#: Kept of each kind for one member: more cost time at every comparison and show little new.
MOST_SAMPLES = 24
#: Nearer than this two samples are one, written down twice.
SAME_COSINE = 0.9995


def best_few(samples: Sequence[Sample], most: int = MOST_SAMPLES, first: Sequence[int] = ()) -> list[int]:
    """Indices of the samples to keep, best first.

    The first is the one of highest quality; each next one has the highest product of its quality and its
    cosine distance to the nearest kept one, so that a second view of a turned head goes before a tenth
    frontal one. Copies are dropped.

    Args:
        samples: of one kind and model.
        most: at most so many.
        first: chosen before, and kept whatever the others are like.
    """
    kept = list(first)[:most]
    if not samples or len(kept) >= most:
        return kept
    vectors = np.stack([s.vector for s in samples]).astype(np.float64)
    quality = np.array([s.quality for s in samples])
    if not kept:
        kept.append(int(quality.argmax()))
    quality = np.maximum(quality, 1e-6)
    nearest = (vectors @ vectors[kept].T).max(axis=1)
    while len(kept) < most:
        worth = np.where(nearest < SAME_COSINE, quality * (1.0 - nearest), -1.0)
        best = int(worth.argmax())
        if worth[best] <= 0:
            break
        kept.append(best)
        nearest = np.maximum(nearest, vectors @ vectors[best])
    return kept


def same(a: Sample, b: Sample) -> bool:
    """Whether the two are one sample, read back or rounded."""
    return a.vector.shape == b.vector.shape and float(a.vector @ b.vector) >= SAME_COSINE
