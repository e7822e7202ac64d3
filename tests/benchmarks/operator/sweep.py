"""Measures laws on people, over two processes; every number of the tables comes from here."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing.pool import Pool

from tests.benchmarks.operator.families import Family, Setting, peers
from tests.benchmarks.operator.laws.law import Kind
from tests.benchmarks.operator.metrics import Metrics, pooled, score
from tests.benchmarks.operator.ours import ours
from tests.benchmarks.operator.paths import CropPath, TruthPath
from tests.benchmarks.operator.subjects import Subject, subjects
from tests.benchmarks.operator.task import Zoom, task

#: Framing that counts as equal: head wholly in frame, and the body's middle near the crop's.
LEAST_HEAD, MOST_OFFSET = 99.0, 0.25
#: jikcam's operators cost more than the others' laws: their grids are tried on so many people for so long,
#: and only the most promising settings of each on everybody.
SCREENED_PEOPLE, SCREENED_S = 14, 12.0
#: Percent of head in frame to spare, see ``promising``.
SPARE_HEAD = (0.0, 0.3, 0.6)
#: So many people are one piece of work.
CHUNK = 8


@dataclass(frozen=True, slots=True)
class Measured:
    """One setting of one family, measured on one set of people."""

    family: str
    kind: Kind
    ours: bool
    setting: str
    documented: bool
    metrics: Metrics
    people: tuple[tuple[str, Metrics], ...] = ()

    @property
    def equal(self) -> bool:
        """Whether it frames well enough to be compared by its motion."""
        return self.metrics.head >= LEAST_HEAD and self.metrics.offset_p95 <= MOST_OFFSET


@cache
def families() -> tuple[Family, ...]:
    """Everybody's laws."""
    return (*peers(), *ours())


@cache
def screened(people: str, every: int) -> tuple[Subject, ...]:
    """The few people of a set that grids are tried on: evenly chosen, their first seconds."""
    everybody = subjects(people, every)
    step = max(1, len(everybody) // SCREENED_PEOPLE)
    found = []
    for subject in everybody[::step]:
        truth = subject.truth
        count = round(SCREENED_S / subject.dt_s)
        cut = TruthPath(truth.times[:count], truth.boxes[:count], truth.size)
        found.append(Subject(subject.name, cut))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Job:
    """One setting on some people of a set; numbers instead of objects, so that it is quick to send."""

    family: int
    setting: int
    zoom: Zoom
    people: str
    every: int
    screen: bool
    first: int = 0
    last: int | None = None

    @property
    def subjects(self) -> tuple[Subject, ...]:
        everybody = screened if self.screen else subjects
        return everybody(self.people, self.every)[self.first : self.last]


def run(job: Job) -> list[CropPath]:
    """What the cameras showed."""
    setting = families()[job.family].settings[job.setting]
    return setting.mover.paths([task(s, job.zoom) for s in job.subjects])


@contextmanager
def workers(sets: Iterable[str], processes: int, every: int) -> Iterator[Pool]:
    """Processes that have the people of these sets already."""
    for name in sets:
        subjects(name, every)
    families()
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        yield pool


@dataclass(frozen=True, slots=True)
class Bench:
    """Measures families, named by their place in ``families()``.

    Attributes:
        every: only every so-manieth person of a set is measured.
    """

    pool: Pool
    zoom: Zoom
    every: int = 1

    def documented(self, people: str, chosen: Sequence[int]) -> list[Measured]:
        """At the numbers that their makers name."""
        return self.measured(people, [(f, i) for f in chosen for i in range(families()[f].documented)])

    def swept(self, people: str, chosen: Sequence[int]) -> list[Measured]:
        """Over their grids; of those that take long, the most promising settings."""
        wanted = []
        for f in chosen:
            family = families()[f]
            every = [(f, i) for i in range(len(family.settings))]
            if family.promising:
                tried = self.measured(people, every, screen=True)
                best = promising([m.metrics for m in tried], family.promising)
                every = [(f, i) for i in sorted({*range(family.documented), *best})]
            wanted += every
        return self.measured(people, wanted)

    def measured(
        self, people: str, wanted: Sequence[tuple[int, int]], screen: bool = False
    ) -> list[Measured]:
        """The wanted (family, setting), in that order; on the few people for screening, or on all."""
        everybody = (screened if screen else subjects)(people, self.every)
        jobs, owners = [], []
        for n, (f, s) in enumerate(wanted):
            # The laws run side by side; jikcam's operators one by one, so that they can be shared out.
            size = CHUNK if families()[f].ours else len(everybody)
            for first in range(0, len(everybody), size):
                jobs.append(Job(f, s, self.zoom, people, self.every, screen, first, first + size))
                owners.append(n)
        paths: list[list[CropPath]] = [[] for _ in wanted]
        found: list[Measured] = []
        for done, (owner, part) in enumerate(zip(owners, self.pool.imap(run, jobs), strict=True)):
            paths[owner] += part
            if len(paths[owner]) == len(everybody):
                f, s = wanted[owner]
                found.append(_judged(families()[f], s, paths[owner], everybody))
                paths[owner] = []
            if sys.stderr.isatty() or done == len(jobs) - 1:
                note = "trying grids on a few" if screen else "measuring"
                text = f"{people}, {self.zoom} zoom, {note}: {done + 1}/{len(jobs)}"
                print(f"\r{text}", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        return found


def _judged(family: Family, index: int, paths: Sequence[CropPath], everybody: Sequence[Subject]) -> Measured:
    setting: Setting = family.settings[index]
    told = index < family.documented
    pairs = [(path, s.truth) for path, s in zip(paths, everybody, strict=True)]
    each = tuple((s.name, score(*pair)) for s, pair in zip(everybody, pairs, strict=True)) if told else ()
    return Measured(family.name, family.kind, family.ours, setting.label, told, pooled(pairs), each)


def promising(tried: Sequence[Metrics], count: int) -> list[int]:
    """Places of the ``count`` settings worth measuring on everybody, from what they do on a few people.

    The calmest that frame well enough, in turn by the limit itself and by stricter ones: the few may be
    easier to frame than everybody.
    """
    found: list[int] = []
    for n in range(count):
        stricter = SPARE_HEAD[n % len(SPARE_HEAD)]
        order = sorted(range(len(tried)), key=lambda i: _promise(tried[i], LEAST_HEAD + stricter))
        found += [i for i in order if i not in found][:1]
    return found


def _promise(metrics: Metrics, least_head: float) -> float:
    """Lower is more promising: the jerk, and far above every jerk what frames too badly."""
    missing = max(least_head - metrics.head, 0.0) + 100 * max(metrics.offset_p95 - MOST_OFFSET, 0.0)
    return metrics.jerk_rms * (1 + 10 * missing)


def calmest(tried: Iterable[Measured]) -> Measured | None:
    """The setting with the lowest jerk that frames well enough; None where none does."""
    return min((m for m in tried if m.equal), key=lambda m: m.metrics.jerk_rms, default=None)


def nearest(tried: Iterable[Measured]) -> Measured:
    """The setting that comes nearest to framing well enough."""
    return min(
        tried, key=lambda m: max(LEAST_HEAD - m.metrics.head, 100 * (m.metrics.offset_p95 - MOST_OFFSET))
    )


def by_family(tried: Iterable[Measured]) -> dict[str, list[Measured]]:
    """Family name -> its settings, in the order of ``families()``."""
    found: dict[str, list[Measured]] = {}
    for m in tried:
        found.setdefault(m.family, []).append(m)
    return found
