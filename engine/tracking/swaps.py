"""Who may have been exchanged in a step, and how probable that is.

The association takes the likeliest assignment; what it costs to exchange two tracks says how doubtful that
was. With the log-odds L of the pairs, a -> i and b -> j matched, the margin is
L[a,i] + L[b,j] - L[a,j] - L[b,i]; with b not found, L[a,i] - L[b,i]. From the margin follows p: *the
probability that in this very step the person who was a became b, and the other way round, for good* (half a
second at least; flicker does not count), by a logistic curve fitted on synthetic dancers with truth
(``python -m engine.bench.learning`` prints how true it is). A crossing is many steps, each with its own small
p; mixing identities by every one of them in turn gives the doubt after the crossing.
"""

from __future__ import annotations

import enum

import numpy as np
from numpy.typing import NDArray

from engine.people import Swap
from engine.tracking.association import Association
from engine.tracking.findings import Findings
from engine.tracking.state import State

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

#: Log-odds are clipped to this; pairs that were not compared count as that unlikely.
LIMIT = 8.0
#: Less probable exchanges than this are left out.
LEAST = 0.002
#: The unit of gaps: one finding at 20 Hz.
GAP_S = 0.05


class Kind(enum.IntEnum):
    """What was seen of the two; each kind has its own curve."""

    BOTH = 0
    FOUND_AGAIN = 1
    ONE_MISSED = 2


#: Per kind: weight of the margin, of the logarithm of the longer gap, and the offset, for the hand-made cost.
HANDMADE_ODDS = np.array([[0.51, 0.51, -2.43], [0.38, -0.04, -1.16], [0.51, -0.19, -1.31]])


def swaps(state: State, found: Findings, decided: Association, now_s: float, odds: F64) -> tuple[Swap, ...]:
    """Exchanges that this step may have made, ordered by track ids.

    Args:
        state: the tracks as predicted, before the step.
        found: the findings.
        decided: what was matched, and the log-odds of all pairs.
        now_s: time of the picture.
        odds: (3, 3) curves, see HANDMADE_ODDS.
    """
    a, b, kind, inputs = possible(state, found, decided, now_s)
    if not len(a):
        return ()
    probability = np.minimum(chances(kind, inputs, odds), 0.5)
    shown = np.flatnonzero((probability >= LEAST) & state.confirmed.take(a) & state.confirmed.take(b))
    first, second = np.minimum(a, b).take(shown), np.maximum(a, b).take(shown)
    ids = state.ids
    exchanges = zip(
        ids.take(first).tolist(), ids.take(second).tolist(), probability.take(shown).tolist(), strict=True
    )
    return tuple(Swap(*exchange) for exchange in sorted(exchanges))


def chances(kind: I64, inputs: F64, odds: F64) -> F64:
    """(E,) probabilities; ``inputs`` (E, 2) are margin and gap as of `possible`."""
    curve = odds[kind]
    value = -curve[:, 0] * inputs[:, 0] + curve[:, 1] * inputs[:, 1] + curve[:, 2]
    result: F64 = 1 / (1 + np.exp(-np.minimum(np.maximum(value, -30), 30)))
    return result


def possible(state: State, found: Findings, decided: Association, now_s: float) -> tuple[I64, I64, I64, F64]:
    """Pairs of tracks that could stand for one another, before asking how probably.

    Returns:
        (E,) rows a (found now), (E,) rows b, (E,) Kind, (E, 2) margin and logarithm of the longer gap.
    """
    table = np.full((len(state), max(len(found), 1)), -LIMIT)
    at = decided.pair_rows * table.shape[1] + decided.pair_columns
    table.reshape(-1)[at] = np.minimum(np.maximum(decided.logits, -LIMIT), LIMIT)
    rows, columns = decided.rows, decided.columns
    gap = np.log1p(np.maximum(now_s - state.seen_s, 0.0) / GAP_S)
    wanted = table.take(columns, axis=1)
    crossed = wanted.take(rows, axis=0)
    own = crossed.diagonal()
    other_way = crossed.T
    first, second = np.nonzero(np.maximum(crossed, other_way) > -LIMIT)
    once = first < second
    first, second = first[once], second[once]
    a, b = rows.take(first), rows.take(second)
    margin = own.take(first) + own.take(second) - crossed[first, second] - other_way[first, second]
    kind = np.where(state.hidden.take(a) | state.hidden.take(b), int(Kind.FOUND_AGAIN), int(Kind.BOTH))
    longer = np.maximum(gap.take(a), gap.take(b))
    if len(rows) < len(state):
        missed = np.ones(len(state), bool)
        missed[rows] = False
        missed_wanted = np.where(missed[:, None], wanted, -LIMIT)
        who, what = np.nonzero(missed_wanted > -LIMIT)
        a, b = np.concatenate([a, rows.take(what)]), np.concatenate([b, who])
        kind = np.concatenate([kind, np.full(len(who), int(Kind.ONE_MISSED))])
        margin = np.concatenate([margin, own.take(what) - missed_wanted[who, what]])
        longer = np.concatenate([longer, gap.take(who)])
    return a, b, kind, np.array([margin, longer]).T
