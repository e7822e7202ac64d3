"""Several passes over one film, for more identities than one show follows at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from engine.bench.target.follow import Chooser, Pipeline, follow
from engine.bench.target.record import Followed


@dataclass(frozen=True, slots=True)
class Passes:
    """How the work is shared out.

    Attributes:
        together: Views in one pass. They share the looks of one perception, so each gets fewer than alone.
        jobs: processes.
    """

    together: int = 8
    jobs: int = 1


def follow_all(
    clip: Path,
    choosers: Mapping[int, Chooser],
    names: Mapping[int, str],
    pipeline: Pipeline,
    passes: Passes,
) -> list[Followed]:
    """Every identity, ordered by id; arguments and errors as of ``follow``."""
    parts = groups(sorted([*choosers, *names]), passes.together)
    work = [
        (clip, {i: choosers[i] for i in part if i in choosers}, {i: names[i] for i in part if i in names})
        for part in parts
    ]
    if passes.jobs <= 1 or len(work) == 1:
        done = [follow(*one, pipeline) for one in work]
    else:
        with ProcessPoolExecutor(passes.jobs, mp_context=get_context("spawn")) as pool:
            done = [future.result() for future in [pool.submit(follow, *one, pipeline) for one in work]]
    return sorted((run for runs in done for run in runs), key=lambda run: run.person)


def groups(people: Sequence[int], most: int) -> list[list[int]]:
    """People in groups of nearly equal size, at most ``most`` in each."""
    if not people:
        return []
    count = -(-len(people) // most)
    return [list(people[k::count]) for k in range(count)]
