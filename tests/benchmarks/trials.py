"""Verification trials: is this look the person of this gallery? With the figures that are usual for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.identity.likelihood import Calibration, levelled, log_likelihood_ratio, template_similarity
from engine.identity.member import Sample
from tests.benchmarks.crops import Look

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: A gallery is learned from so many looks within so many seconds of one film.
GALLERY, STRETCH_S = 6, 1.5
#: Looks of the same film nearer to the gallery than this are the gallery itself.
APART_S = 1.0
#: Looks below this quality teach nothing, unless there are no others.
TEACHES = 0.5

Vector = Callable[[Look], tuple[NDArray[np.float32] | None, float]]


def face_of(look: Look) -> tuple[NDArray[np.float32] | None, float]:
    """The face and its quality."""
    return look.appearance.face, look.appearance.face_quality


def body_of(look: Look) -> tuple[NDArray[np.float32] | None, float]:
    """The body and its quality."""
    return look.appearance.body, look.appearance.body_quality


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """Looks against the galleries of all P people of a scene, round by round.

    Attributes:
        cosine, quality: per round (P, M), quality of the poorer of look and gallery.
        same: per round (P, M), whether it is that person.
        asked: per round (P, M), False where the look is from the gallery's own moment.
    """

    cosine: tuple[F64, ...]
    quality: tuple[F64, ...]
    same: tuple[Bools, ...]
    asked: tuple[Bools, ...]

    def answers(self) -> Bools:
        """(N,) whether it is that person, of all that were asked."""
        return np.concatenate([s[a] for s, a in zip(self.same, self.asked, strict=True)])

    def cosines(self) -> F64:
        """(N,) as the model gives them."""
        return np.concatenate([c[a] for c, a in zip(self.cosine, self.asked, strict=True)])

    def ratios(self, calibration: Calibration, level: bool) -> F64:
        """(N,) log-likelihood ratios, with the level of the scene taken off or not."""
        said = []
        for cosine, quality, asked in zip(self.cosine, self.quality, self.asked, strict=True):
            read = levelled(cosine, calibration) if level else cosine
            said.append(log_likelihood_ratio(read[asked], quality[asked], calibration))
        return np.concatenate(said)


def balanced(same: Bools) -> F64:
    """(N,) weights by which same and different count one half each."""
    return 0.5 / np.maximum(np.where(same, same.sum(), (~same).sum()), 1)


def trials_of(looks: Sequence[Look], vector: Vector, rounds: int = 4, seed: int = 0) -> Trials:
    """Every look against galleries of everybody, each learned from a short stretch of one film."""
    rng = np.random.default_rng(seed)
    rows = [(look, v, q) for look in looks for v, q in [vector(look)] if v is not None]
    vectors, quality = np.stack([v for _, v, _ in rows]), np.array([q for _, _, q in rows])
    person = np.array([look.person for look, _, _ in rows])
    film = np.array([look.film for look, _, _ in rows])
    time_s = np.array([look.time_s for look, _, _ in rows])
    parts: list[tuple[F64, F64, Bools, Bools]] = []
    for _ in range(rounds):
        cosine, poorer, same, used = [], [], [], np.zeros(len(rows), bool)
        for one in np.unique(person):
            own = np.flatnonzero((person == one) & (quality >= TEACHES))
            own = own if len(own) else np.flatnonzero(person == one)
            middle = rng.choice(own)
            near = own[(film[own] == film[middle]) & (np.abs(time_s[own] - time_s[middle]) <= STRETCH_S / 2)]
            learned = rng.permutation(near)[:GALLERY]
            gallery = [Sample(vectors[i], float(quality[i])) for i in learned]
            first_s, last_s = time_s[learned].min() - APART_S, time_s[learned].max() + APART_S
            used |= (person == one) & (film == film[middle]) & (time_s > first_s) & (time_s < last_s)
            cosine.append(template_similarity(vectors, gallery))
            poorer.append(np.minimum(quality, quality[learned].mean()))
            same.append(person == one)
        asked = np.tile(~used, (len(cosine), 1))
        parts.append((np.array(cosine), np.array(poorer), np.array(same), asked))
    return Trials(*(tuple(part[i] for part in parts) for i in range(4)))


def area_under_curve(scores: F64, same: Bools) -> float:
    """Probability that a score of one person is higher than one of two; 0.5 is chance."""
    high, low = np.sort(scores[same]), scores[~same]
    if not len(high) or not len(low):
        return float("nan")
    below = len(high) - np.searchsorted(high, low, side="right")
    level = np.searchsorted(high, low, side="right") - np.searchsorted(high, low, side="left")
    return float((below + level / 2).mean() / len(high))


def accepted_at(scores: F64, same: Bools, false_rate: float) -> float:
    """TAR: share of true pairs accepted where that share of false ones is; NaN with too few false ones."""
    wrong = np.sort(scores[~same])[::-1]
    if len(wrong) * false_rate < 1 or not same.any():
        return float("nan")
    threshold = wrong[int(len(wrong) * false_rate) - 1]
    return float((scores[same] > threshold).mean())


def equal_error(scores: F64, same: Bools) -> float:
    """Error rate at the threshold where as many are wrongly accepted as refused."""
    order = np.argsort(-scores)
    hits = np.cumsum(same[order]) / max(int(same.sum()), 1)
    wrong = np.cumsum(~same[order]) / max(int((~same).sum()), 1)
    nearest = int(np.argmin(np.abs(1 - hits - wrong)))
    return float((1 - hits[nearest] + wrong[nearest]) / 2)


def information_cost(ratio: F64, same: Bools, weight: F64) -> float:
    """Cllr in bits (Bruemmer, du Preez 2006): 0 = always right and sure, 1 = says nothing; above, it lies."""
    loss = np.logaddexp(0.0, np.where(same, -ratio, ratio)) / np.log(2.0)
    return float((loss * weight).sum() / max(float(weight.sum()), 1e-12))
