"""What a show remembers of how people look: a few good samples each, with where every one was learned."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.identity.likelihood import template_similarity
from engine.identity.member import Sample

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

#: Marks a sample that was not learned in this show.
ENROLLED = (-1, -1)


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """One sample of one person.

    Attributes:
        sample: the embedding, of unit length.
        episode: the track it was learned from and which of its stretches between doubts; ENROLLED if none.
        time_s: when.
    """

    sample: Sample
    episode: tuple[int, int]
    time_s: float


#: Samples it takes to say how much a person varies.
LEAST_KNOWN = 3


class Gallery:
    """Samples of one kind (bodies or faces) of everybody.

    Args:
        most: samples kept per person.
        anchors: how many of the first ones are never pushed out by later ones.

    Attributes:
        version: changes with every sample that comes or goes.
    """

    def __init__(self, most: int, anchors: int) -> None:
        self._most, self._anchors = most, anchors
        self._learned: dict[int, list[Learned]] = {}
        self._itself: dict[int, tuple[int, float]] = {}
        self.version = 0

    def samples(self, person: int) -> tuple[Sample, ...]:
        """What is remembered of a person, oldest first."""
        return tuple(entry.sample for entry in self._learned.get(person, ()))

    def count(self, person: int) -> int:
        """How many samples there are of a person."""
        return len(self._learned.get(person, ()))

    def newest_s(self, person: int) -> float:
        """When the last one was learned; minus infinity when there is none."""
        entries = self._learned.get(person)
        return entries[-1].time_s if entries else -math.inf

    def add(self, person: int, sample: Sample, episode: tuple[int, int], time_s: float) -> None:
        """One more; the oldest that is no anchor makes room."""
        entries = self._learned.setdefault(person, [])
        entries.append(Learned(sample, episode, time_s))
        if len(entries) > self._most:
            del entries[self._anchors]
        self.version += 1

    def enrol(self, person: int, samples: Iterable[Sample]) -> None:
        """Samples from before the show; all are kept."""
        old = [Learned(s, ENROLLED, -math.inf) for s in samples if usable(s.vector)]
        kept = [e for e in self._learned.get(person, ()) if e.episode != ENROLLED]
        self._learned[person] = old + kept
        self.version += 1

    def forget(self, person: int) -> None:
        """Nothing is remembered of that person."""
        self._learned.pop(person, None)
        self._itself.pop(person, None)
        self.version += 1

    def unlearn(self, person: int, episode: tuple[int, int]) -> int:
        """What was learned of a person in an episode is dropped; how many samples that was."""
        entries = self._learned.get(person, [])
        kept = [e for e in entries if e.episode != episode]
        if len(kept) < len(entries):
            self._learned[person] = kept
            self.version += 1
        return len(entries) - len(kept)

    def similarity(self, people: Sequence[int], vectors: F32) -> F64:
        """(P, M) how alike M crops of unit length are to people: the mean cosine with their nearest samples.

        NaN where nothing is known of the person.
        """
        result = np.full((len(people), len(vectors)), np.nan)
        for row, person in enumerate(people):
            samples = self.samples(person)
            if any(s.vector.shape == vectors.shape[1:] for s in samples):
                result[row] = template_similarity(vectors, samples)
        return result

    def likeness_to_itself(self, person: int) -> float:
        """How alike a person's samples are to the others of that person; NaN with fewer than three."""
        known = self._itself.get(person)
        if known is None or known[0] != self.count(person):
            samples = self.samples(person)
            alike = math.nan
            if len(samples) >= LEAST_KNOWN and len({s.vector.shape for s in samples}) == 1:
                table = np.stack([s.vector for s in samples]).astype(np.float64)
                cosines = np.sort(table @ table.T, axis=1)[:, -2:-5:-1]
                alike = float(cosines.mean())
            known = self._itself[person] = (len(samples), alike)
        return known[1]

    def table(self, dimensions: int, correlation_s: float) -> tuple[I64, F32, F64]:
        """All samples of that length as arrays, by person.

        Returns:
            (N,) whose, ascending; (N, D) vectors; (N,) how many independent crops each is worth: samples
            learned shortly after one another count in part, and poor ones less.
        """
        owners: list[int] = []
        vectors: list[F32] = []
        worth: list[float] = []
        for person in sorted(self._learned):
            before_s = -math.inf
            for entry in self._learned[person]:
                if entry.sample.vector.shape != (dimensions,):
                    continue
                apart_s = entry.time_s - before_s if math.isfinite(before_s) else math.inf
                owners.append(person)
                vectors.append(entry.sample.vector)
                worth.append(max(entry.sample.quality, 0.05) * independent(apart_s, correlation_s))
                before_s = entry.time_s
        stack = np.array(vectors, np.float32).reshape(-1, dimensions)
        return np.array(owners, np.int64), stack, np.maximum(np.array(worth), 1e-3)


def independent(apart_s: float, correlation_s: float) -> float:
    """How many independent looks one is worth that comes ``apart_s`` after the last, 0 to 1.

    The noise of an embedding lasts: two crops 50 ms apart say little more than one. This is what a sample
    adds to a first-order autoregressive process, so a second of looks says the same at 5 and at 60 of them.
    """
    return math.tanh(max(apart_s, 0.0) / (2.0 * correlation_s))


def usable(vector: F32 | None) -> bool:
    """Whether an embedding can be compared: finite and of about unit length."""
    if vector is None or vector.ndim != 1 or not np.isfinite(vector).all():
        return False
    return bool(abs(float(vector @ vector) - 1.0) < 0.1)
