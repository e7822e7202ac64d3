"""How probable an exchange is, given its margin: fitted on walks of which the truth is known, and checked.

Two checks are printed: step by step (of the exchanges said to be p probable, which share happened), and over
seconds (identities mixed by every reported exchange in turn, against who stands there in truth).
"""

from __future__ import annotations

from collections.abc import Sequence as Many
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing import Pool

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from engine.bench.learning.lessons import Scene
from engine.bench.learning.walk import NOBODY, Glance, walk
from engine.people import Swap
from engine.tracking.config import TrackerConfig
from engine.tracking.learned import PairCost
from engine.tracking.swaps import Kind, chances, possible, swaps

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

#: Identities are followed over this time for the second check.
WINDOW_S = 2.0
#: An exchange that is undone sooner did not happen: two who cross flicker, and every flicker would count.
LASTS_S = 0.5
BINS = (0.0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.501)
STAY_BINS = (0.0, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 1.001)


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """Possible exchanges: (E,) Kind, (E, 2) inputs of the curves, (E,) how far it happened."""

    kind: I64
    inputs: F64
    happened: F64


def steps(which: Many[Scene], cost: PairCost | None, jobs: int) -> Steps:
    """All possible exchanges of on-policy walks through the scenes."""
    with Pool(jobs) as pool:
        parts = pool.starmap(_steps, [(scene, cost) for scene in which], chunksize=1)
    return _joined(parts)


def _joined(parts: Many[Steps]) -> Steps:
    return Steps(
        np.concatenate([p.kind for p in parts]),
        np.concatenate([p.inputs for p in parts]),
        np.concatenate([p.happened for p in parts]),
    )


def _walk(scene: Scene, cost: PairCost | None) -> list[Glance]:
    rng = np.random.default_rng([scene.seed, 8])
    config = TrackerConfig(cost="general" if cost is None else "stage")
    return list(walk(scene.sequence(), cost, config, rng, 0.0, on_policy=True))


def _steps(scene: Scene, cost: PairCost | None) -> Steps:
    walked = _walk(scene, cost)
    times = np.array([g.now_s for g in walked])
    later = np.minimum(np.searchsorted(times, times + LASTS_S), len(walked) - 1)
    return _joined(
        [_of_glance(g, walked[k].owner_after) for g, k in zip(walked, later.tolist(), strict=True)]
    )


def _of_glance(g: Glance, later: dict[int, int]) -> Steps:
    a, b, kind, inputs = possible(g.state, g.found, g.decided, g.now_s)
    shown = np.full(len(g.state), NOBODY, np.int64)
    shown[g.decided.rows] = g.shows[g.decided.columns]
    known = (g.owner[a] != NOBODY) & (g.owner[b] != NOBODY) & g.state.confirmed[a] & g.state.confirmed[b]
    known &= g.owner[a] != g.owner[b]
    finally_a, finally_b = (np.array([later[int(i)] for i in g.state.ids[x]], np.int64) for x in (a, b))
    first = ((shown[a] == g.owner[b]) & (finally_a == g.owner[b])).astype(float)
    second = ((shown[b] == g.owner[a]) & (finally_b == g.owner[a])).astype(float)
    happened = np.where(kind == Kind.ONE_MISSED, first, (first + second) / 2)
    return Steps(kind[known], inputs[known], happened[known])


def fitted(all_steps: Steps) -> F64:
    """(3, 3) curves by kind: weights of margin and gap, and offset, by maximum likelihood."""
    curves = np.zeros((len(Kind), 3))
    for kind in Kind:
        mine = all_steps.kind == kind
        x, y = all_steps.inputs[mine], all_steps.happened[mine]

        def cost(curve: F64, x: F64 = x, y: F64 = y) -> float:
            z = -curve[0] * x[:, 0] + curve[1] * x[:, 1] + curve[2]
            # A little weight decay, for a kind that was hardly met.
            return float((np.logaddexp(0, z) - y * z).sum() + 0.5 * (curve[0] ** 2 + curve[1] ** 2))

        curves[kind] = minimize(cost, np.array([0.5, 0.0, -2.0]), method="L-BFGS-B").x
    return curves


def reliability(all_steps: Steps, curves: F64) -> str:
    """Table: said and happened, by kind and probability."""
    said = np.minimum(chances(all_steps.kind, all_steps.inputs, curves), 0.5)
    lines = ["| kind | said | steps | said mean % | happened % |", "|---|---|--:|--:|--:|"]
    for kind in Kind:
        for low, high in pairwise(BINS):
            at = (all_steps.kind == kind) & (said >= low) & (said < high)
            if at.any():
                mean, true = 100 * said[at].mean(), 100 * all_steps.happened[at].mean()
                name = kind.name.lower()
                lines.append(f"| {name} | {low:g}-{high:.2g} | {at.sum()} | {mean:.2f} | {true:.2f} |")
    return "\n".join(lines)


def kept(which: Many[Scene], cost: PairCost | None, curves: F64, jobs: int) -> str:
    """Table: how probably a track still is who it was WINDOW_S ago, said and true."""
    with Pool(jobs) as pool:
        parts = pool.starmap(_kept, [(scene, cost, curves) for scene in which], chunksize=1)
    said, true = np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
    lines = [f"| same after {WINDOW_S:g} s, said | tracks | said mean % | true % |", "|---|--:|--:|--:|"]
    for low, high in pairwise(STAY_BINS):
        at = (said >= low) & (said < high)
        if at.any():
            mean, same = 100 * said[at].mean(), 100 * true[at].mean()
            lines.append(f"| {low:g}-{min(high, 1):g} | {at.sum()} | {mean:.1f} | {same:.1f} |")
    lines.append(f"| all | {len(said)} | {100 * said.mean():.1f} | {100 * true.mean():.1f} |")
    return "\n".join(lines)


def _kept(scene: Scene, cost: PairCost | None, curves: F64) -> tuple[F64, F64]:
    said: list[float] = []
    true: list[bool] = []
    start_s, then, belief, column = 0.0, dict[int, int](), np.zeros((0, 0)), dict[int, int]()
    for g in _walk(scene, cost):
        mix(belief, column, swaps(g.state, g.found, g.decided, g.now_s, curves))
        if g.now_s - start_s < WINDOW_S:
            continue
        for i in g.after.ids.tolist():
            if i in column and then[i] != NOBODY and g.owner_after.get(i, NOBODY) != NOBODY:
                said.append(float(belief[column[i], column[i]]))
                true.append(g.owner_after[i] == then[i])
        shown = g.after.ids[g.after.confirmed].tolist()
        column = {i: k for k, i in enumerate(shown)}
        then = {i: g.owner_after.get(i, NOBODY) for i in shown}
        belief, start_s = np.eye(len(shown)), g.now_s
    return np.array(said), np.array(true, float)


def mix(belief: F64, column: dict[int, int], exchanged: Many[Swap]) -> None:
    """Mix the columns of ``belief`` (people, tracks) by every exchange, in place."""
    for swap in exchanged:
        if swap.a in column and swap.b in column:
            a, b, p = column[swap.a], column[swap.b], swap.probability
            first, second = belief[:, a].copy(), belief[:, b].copy()
            belief[:, a] = (1 - p) * first + p * second
            belief[:, b] = (1 - p) * second + p * first
