"""How well the looks of a sequence tell its people apart: the figure that names a quality."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.bench.dancers.looks import owners
from engine.bench.tracking.sequence import Sequence
from engine.errors import JikcamError

F64 = NDArray[np.float64]

#: Looks are compared with looks so much later.
LATER_S = (1.0, 3.0)
#: Comparisons drawn; the AUC is then good to about .005.
DRAWS = 10_000
#: Later looks drawn for each, to find one of the same person and one of another.
TRIES = 64


def separability(
    sequence: Sequence, *, face: bool = False, least_quality: float = 0.5, seed: int = 0
) -> tuple[float, float, float]:
    """(AUC, mean cosine of one person, mean cosine of two) between looks 1 to 3 s apart.

    The AUC is how often a look is nearer to a later look of the same person than to one of another person.

    Args:
        face: of faces instead of bodies.
        least_quality: worse looks are left out.

    Raises:
        JikcamError: fewer than two people have two such looks.
    """
    looks = _gather(sequence, face, least_quality)
    same, other = _draw(*looks, np.random.default_rng(seed))
    if not len(same):
        raise JikcamError(
            f"{sequence.name} has too few looks to compare", "take a longer sequence of two people or more"
        )
    auc = float((same > other).mean() + 0.5 * (same == other).mean())
    return auc, float(same.mean()), float(other.mean())


def _gather(sequence: Sequence, face: bool, least_quality: float) -> tuple[F64, F64, F64]:
    """Times (L,), people (L,) and vectors (L, D) of all good looks whose person is known."""
    times, people, vectors = [], [], []
    for picture, looks in sequence.looks.items():
        truth, found = sequence.truth.get(picture), sequence.detections[picture]
        if truth is None or not len(truth.ids) or not len(found):
            continue
        owner = owners(truth.boxes, found[:, :4])
        quality, rows = (looks.face_quality, looks.face) if face else (looks.body_quality, looks.body)
        good = (owner >= 0) & (quality >= least_quality) & rows.any(axis=1)
        times.append(np.full(good.sum(), (picture - 1) / sequence.fps))
        people.append(truth.ids[owner[good]])
        vectors.append(rows[good])
    if not times:
        return np.zeros(0), np.zeros(0), np.zeros((0, 1))
    return np.concatenate(times), np.concatenate(people).astype(np.float64), np.concatenate(vectors)


def _draw(times: F64, people: F64, vectors: F64, rng: np.random.Generator) -> tuple[F64, F64]:
    """Cosines (P,) with a later look of the same person and (P,) with one of another, from the same looks."""
    order = np.argsort(times, kind="stable")
    times, people, vectors = times[order], people[order], vectors[order]
    low = np.searchsorted(times, times + LATER_S[0])
    room = np.searchsorted(times, times + LATER_S[1], side="right") - low
    usable = np.flatnonzero(room > 0)
    if not len(usable):
        return np.zeros(0), np.zeros(0)
    first = rng.choice(usable, DRAWS)
    later = low[first, None] + rng.integers(room[first, None], size=(DRAWS, TRIES))
    equal = people[first, None] == people[later]
    both = equal.any(axis=1) & ~equal.all(axis=1)
    first, later, equal = first[both], later[both], equal[both]
    row = np.arange(len(first))
    mine, theirs = later[row, equal.argmax(axis=1)], later[row, equal.argmin(axis=1)]
    return (vectors[first] * vectors[mine]).sum(axis=1), (vectors[first] * vectors[theirs]).sum(axis=1)
