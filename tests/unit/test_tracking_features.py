"""The features of pairs against the same numbers worked out one by one, as slowly and plainly as possible."""

from __future__ import annotations

from math import exp, hypot, inf, log, log1p, sqrt

import numpy as np
import pytest

from engine.geometry import Box
from engine.people import Detection, Observation, Skeleton
from engine.tracking.features import LEAST, MOST, WIDTH, pair_features
from engine.tracking.findings import Findings, findings
from engine.tracking.poses import LOOSER_PER_S, TOLERANCE, TORSO
from engine.tracking.state import PAST, State

NOW_S = 7.0


def boxes(rng: np.random.Generator, n: int) -> np.ndarray:
    centre, size = rng.uniform(300, 900, (n, 2)), rng.uniform((60, 200), (200, 420), (n, 2))
    return np.concatenate([centre - size / 2, centre + size / 2], axis=1)


def skeletons(rng: np.random.Generator, around: np.ndarray) -> np.ndarray:
    out = np.empty(len(around), object)
    for k, (x0, y0, x1, y1) in enumerate(around.tolist()):
        if k % 3:
            xy = rng.uniform((x0, y0), (x1, y1), (17, 2)).astype(np.float32)
            out[k] = Skeleton(xy, rng.uniform(0.2, 1, 17).astype(np.float32))
    return out


def some_state(rng: np.random.Generator, n: int) -> State:
    seen, seen_s = boxes(rng, n), NOW_S - rng.exponential(0.2, n)
    past_s = seen_s[:, None] - np.cumsum(rng.uniform(0.0, 0.15, (n, PAST)), axis=1)
    past_s[np.arange(PAST) > rng.integers(0, PAST, (n, 1))] = -inf
    place = seen + rng.normal(0, 20, seen.shape)
    return State(
        searched_s=NOW_S,
        ids=np.arange(n),
        position=np.concatenate([(place[:, :2] + place[:, 2:]) / 2, place[:, 2:] - place[:, :2]], axis=1),
        velocity=rng.normal(0, 200, (n, 4)),
        covariance=rng.uniform(10, 900, (n, 4, 3)),
        height=rng.uniform(200, 420, n),
        width=rng.uniform(60, 200, n),
        score=rng.uniform(0.1, 1, n),
        score_before=rng.uniform(0.1, 1, n),
        seen_s=seen_s,
        strong_s=seen_s - rng.exponential(0.2, n),
        born_s=seen_s - rng.exponential(2, n),
        hits=np.full(n, 5),
        confirmed=rng.random(n) < 0.7,
        hidden=rng.random(n) < 0.3,
        seen_box=seen,
        past_box=seen[:, None] + rng.normal(0, 40, (n, PAST, 4)),
        past_s=past_s,
        clear_centre=rng.uniform(300, 900, (n, 2)),
        clear_velocity=rng.normal(0, 200, (n, 2)),
        clear_s=NOW_S - rng.exponential(1, n),
        skeleton=skeletons(rng, seen),
        skeleton_s=seen_s,
        carried=rng.normal(0, 20, (n, 2)),
    )


def some_findings(rng: np.random.Generator, n: int) -> Findings:
    around = boxes(rng, n)
    posed = skeletons(rng, around)
    people = [
        Detection(Box(*b), s, k)
        for b, s, k in zip(around.tolist(), rng.uniform(0.1, 1, n).tolist(), posed, strict=True)
    ]
    return findings(Observation(NOW_S, 1, tuple(people), True), 0.1)


def overlap(a: list[float], b: list[float]) -> tuple[float, float]:
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    common = max(wide, 0) * max(high, 0)
    both = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common
    return common / both, max(high / (max(a[3], b[3]) - min(a[1], b[1])), -2)


def crowd(every: list[list[float]], k: int) -> list[float]:
    own, others = every[k], [b for j, b in enumerate(every) if j != k]
    if not others:
        return [0.0] * 4
    height = own[3] - own[1]
    ious = [overlap(own, b)[0] for b in others]
    nearest = others[int(np.argmax(ious))]
    hidden = sum(
        max(min(own[2], b[2]) - max(own[0], b[0]), 0) * max(min(own[3], b[3]) - max(own[1], b[1]), 0)
        for b in others
        if b[3] > own[3] + 0.01 * height
    )
    higher = (own[3] - nearest[3]) / height if max(ious) > 0 else 0.0
    covered = min(hidden / ((own[2] - own[0]) * height), 1)
    return [max(ious), higher, covered, sum(i >= 0.3 for i in ious)]


def centre(b: list[float]) -> tuple[float, float]:
    return (b[0] + b[2]) / 2, (b[1] + b[3]) / 2


def grown(b: list[float]) -> list[float]:
    w, h = 0.3 * (b[2] - b[0]), 0.3 * (b[3] - b[1])
    return [b[0] - w, b[1] - h, b[2] + w, b[3] + h]


def headings(state: State, r: int) -> list[tuple[float, float, float, float]]:
    """For three directions: where it leads to now, and the move it was read from."""
    x, y = centre(state.seen_box[r].tolist())
    gap = min(NOW_S - state.seen_s[r], 0.4)
    samples = [k for k in range(PAST) if state.past_s[r, k] > -inf]
    out = []
    for least in (0.09, 0.29):
        k = next((k for k in samples if state.seen_s[r] - state.past_s[r, k] >= least), samples[-1])
        span = state.seen_s[r] - state.past_s[r, k]
        px, py = centre(state.past_box[r, k].tolist())
        dx, dy = ((x - px), (y - py)) if span > 1e-3 else (0.0, 0.0)
        share = gap / max(span, 0.03)
        out.append((x + dx * share, y + dy * share, dx, dy))
    vx, vy = state.clear_velocity[r]
    age = min(NOW_S - state.clear_s[r], 0.8)
    cx, cy = state.clear_centre[r]
    return [*out, (cx + vx * age, cy + vy * age, 0.2 * vx, 0.2 * vy)]


def pose(state: State, found: Findings, r: int, c: int) -> list[float]:
    a, b, h = state.skeleton[r], found.skeleton[c], state.height[r]
    age = NOW_S - state.skeleton_s[r]
    if a is None or b is None or age > 0.5:
        return [0.0] * 4
    at = a.xy.astype(np.float64) + state.carried[r]
    shared = [j for j in range(17) if a.score[j] >= 0.3 and b.score[j] >= 0.3]
    likeness = 0.0
    for j in shared:
        width = (0.6 * TOLERANCE[j]) ** 2 + (LOOSER_PER_S * age) ** 2 / 4
        likeness += exp(-sum((at[j] - b.xy[j]) ** 2) / h**2 / (2 * width))
    if len(shared) < 4:
        return [0.0] * 4
    if not all(j in shared for j in TORSO):
        return [likeness / len(shared), 0.0, 0.0, 1.0]
    ours, theirs = (
        [*(p[TORSO].min(axis=0) - 0.05 * h), *(p[TORSO].max(axis=0) + 0.05 * h)] for p in (at, b.xy)
    )
    apart = hypot(*(at[TORSO] - b.xy[TORSO]).mean(axis=0)) / h
    return [likeness / len(shared), overlap(ours, theirs)[0], min(apart, 3), 1.0]


def plain(state: State, found: Findings, r: int, c: int) -> list[float]:
    every, seen, last, h = (
        state.boxes.tolist(),
        found.boxes[c].tolist(),
        state.seen_box[r].tolist(),
        state.height[r],
    )
    here, score, place = every[r], found.score[c], state.position[r]
    off, off_last = ([(s - b) / h for s, b in zip(seen, box, strict=True)] for box in (here, last))
    (mx, my), (lx, ly) = centre(off), centre(off_last)
    size = seen[2] - seen[0], seen[3] - seen[1]
    ratios = [log(size[0] / place[2]), log(size[1] / place[3])]
    ratios += [log(size[0] / state.width[r]), log(size[1] / h)]
    (o0, t0), (o1, t1) = overlap(here, seen), overlap(last, seen)
    out = [
        *off,
        *off_last,
        abs(mx),
        abs(my),
        abs(off[1]),
        abs(off[3]),
        *ratios,
        abs(ratios[1]),
        abs(ratios[3]),
    ]
    out += [o0, t0, o1, t1, overlap(grown(here), grown(seen))[0], hypot(mx, my), hypot(lx, ly)]
    out.append(abs(score - min(max(2 * state.score[r] - state.score_before[r], 0.1), 1)))
    error = (np.array([*centre(seen), *size]) - place) ** 2
    out.append(sqrt(sum(error / (state.covariance[r, :, 0] + (0.05 * h) ** 2))) / 5)
    x, y = centre(seen)
    for ax, ay, dx, dy in headings(state, r):
        ex, ey = (x - ax) / h, (y - ay) / h
        straight = (dx * lx + dy * ly) / h / ((hypot(dx, dy) / h + 0.03) * (hypot(lx, ly) + 0.03))
        out += [ex, ey, hypot(ex, ey), straight]
    out += pose(state, found, r, c)
    out += [log1p((NOW_S - t[r]) / 0.05) for t in (state.seen_s, state.strong_s, state.clear_s)]
    out += [state.hidden[r], state.confirmed[r], state.score[r]]
    out.append(log1p((state.seen_s[r] - state.born_s[r]) / 0.05) / 5)
    vx, vy = state.velocity[r, :2] / (20 * h)
    out += [hypot(vx, vy), vx, vy, sqrt(state.covariance[r, 0, 0]) / h, *crowd(every, r)]
    return [*out, score, *crowd(found.boxes.tolist(), c)]


@pytest.mark.parametrize(("seed", "n", "m"), [(0, 9, 8), (1, 1, 1), (2, 3, 14), (3, 12, 2)])
def test_features_are_what_they_are_worked_out_to_be_one_by_one(seed: int, n: int, m: int) -> None:
    rng = np.random.default_rng(seed)
    state, found = some_state(rng, n), some_findings(rng, m)
    rows, columns = np.divmod(rng.permutation(n * m), m)
    described = pair_features(state, found, rows, columns, NOW_S)
    expected = np.array([plain(state, found, r, c) for r, c in zip(rows, columns, strict=True)])
    assert described.shape == expected.shape == (n * m, WIDTH) and described.dtype == np.float32
    np.testing.assert_allclose(described, np.clip(expected, LEAST, MOST), atol=2e-6)


def test_no_pairs_have_no_features() -> None:
    rng = np.random.default_rng(4)
    none = np.zeros(0, np.int64)
    assert pair_features(some_state(rng, 2), some_findings(rng, 3), none, none, NOW_S).shape == (0, WIDTH)
