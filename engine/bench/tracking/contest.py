"""Ours and the peers over a folder of sequences: same detections, online, no pictures, same scorer."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from engine.bench.dancers import quality, with_looks
from engine.bench.tracking import chosen as viewing
from engine.bench.tracking.mot import every_nth, read_sequence
from engine.bench.tracking.named import name, named_chosen
from engine.bench.tracking.ours import Followed, follow
from engine.bench.tracking.peers import Peer, ask
from engine.bench.tracking.score import Score, score
from engine.bench.tracking.sequence import Sequence
from engine.direction.lock import LockConfig
from engine.errors import JikcamError
from engine.tracking import TrackerConfig

OURS = "jikcam"
NAMED = "jikcam + roster"
#: Beliefs for which the curve of OK over WRONG is drawn.
CURVE = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Rules:
    """What everybody gets.

    Attributes:
        every: only every n-th picture, so that a slower detector is measured.
        looks: quality of the simulated embeddings, as named in `engine.bench.dancers`; "none" = boxes only.
        seed: of those embeddings.
        cost: the tracker's, "stage" or "general".
        sure: the lock's, see presets.
        clean: people are chosen at a moment when nobody overlaps them.
        curve: beliefs for which the roster is shown beside ``sure``.
    """

    every: int = 1
    looks: str = "none"
    seed: int = 1
    cost: Literal["stage", "general"] = "stage"
    sure: float = 0.8
    clean: bool = False
    curve: tuple[float, ...] = CURVE


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """One tracker on one sequence.

    Attributes:
        people: how many the truth names in the sequence.
        updates, cpu_s: pictures, and processor time that the tracker took for them.
        curve: belief -> how the chosen are held with it; of the roster only.
    """

    tracker: str
    sequence: str
    people: int
    score: Score
    chosen: viewing.Chosen
    updates: int
    cpu_s: float
    curve: dict[float, viewing.Chosen] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure:
    """A peer that could not be run, and why."""

    tracker: str
    reason: str


def contest(folders: list[Path], rules: Rules, peers: list[Peer], jobs: int) -> Iterator[Outcome | Failure]:
    """Everybody on every sequence, as the outcomes come; ``jobs`` processes of one thread each.

    Raises:
        JikcamError: a sequence cannot be read.
    """
    before = {key: os.environ.get(key) for key in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))  # read by the processes' own numpy when they start
    try:
        with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
            waiting: list[Future[list[Outcome | Failure]]] = []
            waiting += [pool.submit(theirs, peer, folders, rules) for peer in peers]
            waiting += [pool.submit(ours, folder, rules) for folder in folders]
            try:
                for done in as_completed(waiting):
                    yield from done.result()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
    finally:
        for key, value in before.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value


def sequence_of(folder: Path, rules: Rules) -> Sequence:
    """The sequence as the rules have it.

    Raises:
        JikcamError: it cannot be read, or has no truth to measure by.
    """
    sequence = every_nth(read_sequence(folder), rules.every)
    if not sequence.truth:
        raise JikcamError(f"{folder} has no truth", "add gt/gt.txt, or use jikcam track")
    return dressed(sequence, rules)


def dressed(sequence: Sequence, rules: Rules) -> Sequence:
    """The sequence with the embeddings that the rules want."""
    if rules.looks == "none":
        return sequence
    return with_looks(sequence, getattr(quality, rules.looks.upper()), rules.seed)


def ours(folder: Path, rules: Rules) -> list[Outcome | Failure]:
    """This program's tracker, alone and with the roster."""
    sequence = sequence_of(folder, rules)
    followed = follow(sequence, TrackerConfig(cost=rules.cost))
    met = viewing.meetings(sequence, followed.tracks)
    taps = viewing.choices(met, rules.clean)
    named = name(followed.fusions, met, taps)
    held = {
        sure: named_chosen(met, followed.fusions, named, sequence.fps, replace(LockConfig(), sure_norm=sure))
        for sure in sorted({rules.sure, *rules.curve})
    }
    alone = _outcome(OURS, sequence, followed, rules.clean)
    cpu_s = followed.cpu_s + named.cpu_s
    return [alone, replace(alone, tracker=NAMED, chosen=held[rules.sure], cpu_s=cpu_s, curve=held)]


def theirs(peer: Peer, folders: list[Path], rules: Rules) -> list[Outcome | Failure]:
    """A peer on all sequences."""
    sequences = [sequence_of(folder, rules) for folder in folders]
    try:
        said = ask(peer, sequences)
    except JikcamError as error:
        return [Failure(peer.name, error.problem)]
    return [
        _outcome(
            peer.name, s, Followed(said[s.name].tracks, [], float(said[s.name].cpu_s.sum())), rules.clean
        )
        for s in sequences
    ]


def _outcome(tracker: str, sequence: Sequence, followed: Followed, clean: bool) -> Outcome:
    return Outcome(
        tracker,
        sequence.name,
        len({i for t in sequence.truth.values() for i in t.ids.tolist()}),
        score(sequence, followed.tracks),
        viewing.chosen(sequence, followed.tracks, clean),
        sequence.length,
        followed.cpu_s,
    )
