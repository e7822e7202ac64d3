"""Who in this show looks how, compared with everybody else in it.

Dancers in one costume resemble each other more than any threshold learned elsewhere foresees. What tells
them apart is what is left when the common look is taken away, and how much that varies is seen in the show
itself. The model: an embedding is the show's mean, plus what is the person's own (variance between people),
plus what changes from crop to crop (variance within). A person's own part is known the better the more
samples there are of it, and is drawn towards nothing until then (linear discriminant with Gaussian class
means, that is PLDA with scalar covariances: Ioffe, "Probabilistic linear discriminant analysis", ECCV 2006).
So a person of whom little is known is neither favoured nor punished, and nobody needs a threshold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

#: Fewer people than this have no common look.
LEAST_PEOPLE = 2
#: Samples after which the show's own variances count as much as the ones expected.
TRUSTED = 20.0
#: Variance within a person, in all and along one direction, and between people, before any was seen.
WITHIN, ALONG, BETWEEN = 0.3, 0.01, 0.06
TINY = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """The model of one show.

    Attributes:
        people: (P,) persons, ascending.
        centre: (D,) what everybody has in common.
        own: (P, D) what is each one's own, drawn towards 0 where it rests on little.
        within: variance of one person's embeddings along the directions that tell people apart.
    """

    people: I64
    centre: F64
    own: F64
    within: float

    def llr(self, people: Sequence[int], vectors: F32) -> F64:
        """(P, M) nats for each person against a stranger; NaN for a person who is not in the model."""
        result = np.full((len(people), len(vectors)), np.nan)
        said = self.own @ (vectors - self.centre).T - 0.5 * (self.own**2).sum(axis=1)[:, None]
        place = np.searchsorted(self.people, people)
        place = np.minimum(place, len(self.people) - 1)
        known = self.people[place] == np.asarray(people)
        result[known] = said[place[known]] / self.within
        return result


def likeness(owners: I64, vectors: F32, weights: F64) -> Likeness | None:
    """Fit to a gallery; None when there are too few people in it.

    Args:
        owners: (N,) whose each sample is, ascending.
        vectors: (N, D) unit length.
        weights: (N,) how many independent crops each sample is worth, above 0.
    """
    people, first = np.unique(owners, return_index=True)
    if len(people) < LEAST_PEOPLE:
        return None
    counted = vectors.astype(np.float64)
    worth = np.add.reduceat(weights, first)
    means = np.add.reduceat(counted * weights[:, None], first) / worth[:, None]
    reliable = worth / (worth + 1.0)
    centre = (means * reliable[:, None]).sum(axis=0) / reliable.sum()
    own = means - centre
    of = np.repeat(np.arange(len(people)), np.diff(np.append(first, len(owners))))
    rest = counted - means[of]
    # A mean of n samples has taken 1/n of their variance with it.
    freedom = float(np.maximum(worth - 1.0, 0.0).sum())
    scatter = float((weights[:, None] * rest**2).sum())
    within = (scatter + TRUSTED * WITHIN) / (freedom + TRUSTED)
    length = np.maximum(np.linalg.norm(own, axis=1), TINY)
    along = (rest @ (own / length[:, None]).T) ** 2
    spread = float((weights[:, None] * along).sum() / len(people))
    narrow = (spread + TRUSTED * ALONG) / (freedom + TRUSTED)
    between = float((length**2 - within / worth).clip(0.0).sum() / (len(people) - 1))
    pairs = float(len(people) - 1)
    between = (between * pairs + 4.0 * BETWEEN) / (pairs + 4.0)
    shrunk = worth / (worth + within / max(between, TINY))
    return Likeness(people.astype(np.int64), centre, own * shrunk[:, None], max(narrow, TINY))
