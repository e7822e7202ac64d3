"""What a cosine is worth: likelihoods, calibrated per model, in place of raw similarities.

A cosine of .6 is a sure "same" from one model and "two strangers" from another, and means less from a small
or half-hidden crop. A log-likelihood ratio says the same thing for all of them: how many times likelier this
cosine is if the two are one person than if they are two, as a logarithm. Ratios of independent looks add up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import JikcamError
from engine.identity.member import Sample

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

#: How many samples of a gallery, the nearest ones, a look is compared with.
NEAREST = 3


@dataclass(frozen=True, slots=True)
class Calibration:
    """How the cosines of one model are read.

    Attributes:
        slope: nats per unit of cosine, for a look of full quality; > 0.
        offset: cosine that speaks neither for one person nor for two.
        most: nats that one look may say for or against at most; > 0.
        full: quality from which on a look counts in full; below, it counts in proportion; 0 < full <= 1.
        strangers: cosine that two persons usually have; see `levelled`.
    """

    slope: float
    offset: float
    most: float = 4.0
    full: float = 0.5
    strangers: float = 0.4

    def __post_init__(self) -> None:
        values = (self.slope, self.offset, self.strangers, self.most, self.full)
        if not np.isfinite(values).all() or self.slope <= 0 or self.most <= 0 or not 0 < self.full <= 1:
            raise JikcamError(f"{self} is no calibration", "use slope > 0, most > 0 and 0 < full <= 1")


#: Models by how their names begin, from real crops of up to five scenes (tests/benchmarks/calibrate.py).
#: SFace: the middle is the threshold its authors publish; the rest is the other face model's, unmeasured.
KNOWN: tuple[tuple[str, Calibration], ...] = (
    ("face-reid", Calibration(slope=15.0, offset=0.39, strangers=0.22, full=0.3)),
    ("sface", Calibration(slope=15.0, offset=0.363, strangers=0.2, full=0.3)),
    ("osnet", Calibration(slope=20.0, offset=0.68, strangers=0.56)),
    ("person-reid-0287", Calibration(slope=15.0, offset=0.58, strangers=0.42)),
)
#: For a model nobody has measured: careful.
UNKNOWN = Calibration(slope=6.0, offset=0.6, strangers=0.4, most=2.0)


def calibration_of(model: str) -> Calibration:
    """The calibration for a model of that name, however it is spelled; a careful one when it is unknown."""
    key = re.sub(r"[^a-z0-9]+", "-", model.lower()).strip("-")
    return next((calibration for start, calibration in KNOWN if key.startswith(start)), UNKNOWN)


def log_likelihood_ratio(cosine: F64, quality: F64 | float, calibration: Calibration) -> F64:
    """Log P(cosine | one person) - log P(cosine | two persons), elementwise.

    It rises with the cosine, never exceeds ``calibration.most`` either way, and is the flatter the poorer the
    look; 0 for a quality of 0, and where either is not finite.

    Args:
        cosine: any shape, -1 to 1; of two looks, or of a look and a gallery (`template_similarity`).
        quality: of the poorer look, 0 to 1; broadcast with ``cosine``.
    """
    c, q = np.broadcast_arrays(np.asarray(cosine, np.float64), np.asarray(quality, np.float64))
    usable = np.isfinite(c) & np.isfinite(q)
    trust = np.clip(np.where(usable, q, 0.0), 0.0, calibration.full) / calibration.full
    said = calibration.slope * (np.where(usable, c, calibration.offset) - calibration.offset)
    ratio: F64 = trust * np.clip(said, -calibration.most, calibration.most)
    return ratio


def levelled(cosines: F64, calibration: Calibration) -> F64:
    """Cosines as they would be if strangers were as alike here as they usually are.

    How alike two persons are depends on the scene: five men under one lamp, or dancers in one costume, have
    higher cosines than a mixed street, and a blurred look has lower ones with everybody. What a look has in
    common with the *other* members tells that level, and it is taken off (a cohort norm, T-norm in speaker
    recognition: Auckenthaler et al. 2000). In one costume everybody is alike: then nobody is told apart, and
    nothing is said, which raw cosines would not admit. On scenes not fitted to, it brings the cost of faces
    (Cllr) from above 1 bit, which is worse than saying nothing, to 0.1 to 0.4.

    Args:
        cosines: (P, M): each of M looks with the galleries of P members; NaN where a member has none.

    Returns:
        (P, M) for `log_likelihood_ratio`; NaN stays. With one member alone they come back nearly unchanged.
    """
    known = np.isfinite(cosines)
    values = np.where(known, cosines, 0.0)
    others = known.sum(axis=0) - known
    # The usual level counts like one more member, so that few others do not decide it alone.
    level = (calibration.strangers + values.sum(axis=0) - values) / (1 + others)
    result: F64 = np.where(known, values - level + calibration.strangers, np.nan)
    return result


def template_similarity(vectors: F32, samples: Sequence[Sample]) -> F64:
    """How alike looks are to a gallery: the mean cosine with the nearest three of its samples.

    The best one alone would reward a gallery for being large and for one bad sample in it; the mean of all
    would punish it for knowing its person from all sides.

    Args:
        vectors: (N, D) of unit length.
        samples: of one person; those of another length D are left out.

    Returns:
        (N,) -1 to 1; 0 for an empty gallery, which says nothing (do not calibrate it).
    """
    rows = np.atleast_2d(np.asarray(vectors, np.float64))
    fitting = [s.vector for s in samples if s.vector.shape == rows.shape[1:]]
    if not fitting or not len(rows):
        return np.zeros(len(rows))
    cosines = np.nan_to_num(rows @ np.asarray(fitting, np.float64).T, nan=0.0, posinf=0.0, neginf=0.0)
    if len(fitting) > NEAREST:
        cosines = np.partition(cosines, len(fitting) - NEAREST, axis=1)[:, -NEAREST:]
    similarity: F64 = np.clip(cosines.mean(axis=1), -1.0, 1.0)
    return similarity
