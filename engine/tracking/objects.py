"""Things that are no people (a ball, a guitar), one of each label, carried from look to look."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Box, Point, boxes_array
from engine.people import DetectedObject, MotionField, Observation
from engine.tracking.flow import SAME_TIME_S, person_displacements, usable


@dataclass(frozen=True, slots=True)
class ObjectConfig:
    """What may be tuned; lengths in sizes of the thing (mean of width and height).

    Attributes:
        birth_score: least score of a finding that is nothing known; weaker ones only continue.
        evidence: shown once the scores of its findings, two or more, add up to this: a detector takes many
            a thing for another in one picture.
        keep_s: dropped when looked for in vain this long, sooner when it was not there much longer.
        stall_s: dropped when nothing at all was looked for this long.
        doubt_s: what is not shown yet is dropped when looked for in vain this long; something else is shown
            instead no sooner.
        slack: a thing lies this near to where it is believed, plus ``speed`` times the time unseen.
        speed: of the quickest things, sizes per second.
        growth: two findings whose sizes differ by more than this factor are two things.
        coast_s: its velocity falls by 1/e in this time: balls bounce and are caught.
        memory_s: how late an observation may be.
    """

    birth_score: float = 0.3
    evidence: float = 1.0
    keep_s: float = 1.0
    stall_s: float = 3.0
    doubt_s: float = 0.4
    slack: float = 1.0
    speed: float = 25.0
    growth: float = 2.5
    coast_s: float = 0.15
    memory_s: float = 3.0


@dataclass(frozen=True, slots=True)
class _Thing:
    """One thing as believed at one picture.

    Attributes:
        velocity: pixels per second, past the scene.
        born_s, seen_s: first and last finding.
        seen_at: centre of the last finding, carried with the scene.
        evidence: sum of the scores of its findings.
        shown: this one stands for its label.
    """

    label: str
    box: Box
    velocity: Point
    score: float
    born_s: float
    seen_s: float
    seen_at: Point
    evidence: float
    shown: bool


@dataclass(slots=True)
class _Moment:
    """One picture: the motion that led to it, and what is believed at it."""

    time_s: float
    field: MotionField | None
    things: tuple[_Thing, ...]
    searched_s: float


class ObjectTracker:
    """Carries the objects of seldom and late observations to every picture. Used by one thread.

    ``advance`` is called for every picture in order, ``observe`` whenever perception has finished one, in the
    order of their pictures. An observation is applied at its own picture and carried to the newest, so the
    result is the same as if it had been there in time. Nothing raises on bad numbers.

    Give the motion estimator the boxes of what ``advance`` returned too: with points on it a juggler's ball,
    looked for 5 times a second, is followed to a fifth of its width, without them to a whole one.
    """

    def __init__(self, config: ObjectConfig | None = None) -> None:
        self._config = config or ObjectConfig()
        self._moments: list[_Moment] = []

    def observe(self, observation: Observation) -> None:
        """Take in what was seen, at its own time stamp; a look without detector and objects says nothing."""
        if not (observation.complete or observation.objects) or not math.isfinite(observation.time_s):
            return
        if not self._moments or observation.time_s > self._moments[-1].time_s + SAME_TIME_S:
            self.advance(observation.time_s, None)
        first = next(
            (k for k, m in enumerate(self._moments) if abs(m.time_s - observation.time_s) <= SAME_TIME_S),
            None,
        )
        if first is None:
            return
        moment = self._moments[first]
        moment.searched_s = moment.time_s
        moment.things = _seen(moment.things, observation.objects, moment.time_s, self._config)
        for before, after in zip(self._moments[first:], self._moments[first + 1 :], strict=False):
            after.searched_s = max(after.searched_s, before.searched_s)
            after.things = _carried(before, after, self._config)

    def advance(self, time_s: float, field: MotionField | None) -> tuple[DetectedObject, ...]:
        """One picture on: one object per label, best first, as believed at ``time_s``.

        Args:
            time_s: of the picture; one that is not later than the newest changes nothing.
            field: motion from the newest picture to this one, None if unknown.
        """
        newest = self._moments[-1] if self._moments else None
        if math.isfinite(time_s) and (newest is None or time_s > newest.time_s):
            moment = _Moment(time_s, field, (), newest.searched_s if newest else -math.inf)
            if newest is not None:
                if field is not None and not usable(field, newest.time_s, time_s):
                    moment.field = None
                moment.things = _carried(newest, moment, self._config)
            self._moments.append(moment)
            while self._moments[0].time_s < time_s - self._config.memory_s:
                del self._moments[0]
        return self._shown()

    def _shown(self) -> tuple[DetectedObject, ...]:
        things = [t for t in self._moments[-1].things if t.shown] if self._moments else []
        things.sort(key=lambda t: (-t.score, t.label))
        return tuple(DetectedObject(t.label, t.box, t.score) for t in things)


def _carried(before: _Moment, after: _Moment, c: ObjectConfig) -> tuple[_Thing, ...]:
    """The things of one picture at the next; those not found for too long are gone, all are after a cut."""
    field, dt_s = after.field, after.time_s - before.time_s
    if field is not None and field.cut:
        return ()
    alive = [t for t in before.things if not _is_gone(t, before.searched_s, after.time_s, c)]
    if not alive:
        return ()
    shift, trusted = np.zeros((len(alive), 2)), np.zeros(len(alive), bool)
    if field is not None:
        boxes = boxes_array([t.box for t in alive])
        shift, trusted = person_displacements(field, boxes, np.ones(len(alive), bool))
    return tuple(
        _moved(t, field, dt_s, Point(float(x), float(y)) if seen else None, c)
        for t, (x, y), seen in zip(alive, shift, trusted, strict=True)
    )


def _is_gone(thing: _Thing, searched_s: float, now_s: float, c: ObjectConfig) -> bool:
    # Only a search in vain is evidence: a perception that stalls must not take a thing away at once.
    known_s = thing.seen_s - thing.born_s
    limit_s = min(c.keep_s, c.doubt_s + known_s) if thing.shown else c.doubt_s
    return searched_s - thing.seen_s > limit_s or now_s - thing.seen_s > c.stall_s


def _moved(
    thing: _Thing, field: MotionField | None, dt_s: float, shift: Point | None, c: ObjectConfig
) -> _Thing:
    """One thing carried by the flow on it, else with the scene and by its own velocity, which dies away."""
    turn = np.eye(2, 3) if field is None else field.background
    center, velocity, zoom = thing.box.center, thing.velocity, math.sqrt(abs(np.linalg.det(turn[:, :2])))
    with_scene = _with_scene(center, turn)
    if shift is not None:
        to = center.shifted(shift.x, shift.y)
        velocity = Point((to.x - with_scene.x) / dt_s, (to.y - with_scene.y) / dt_s)
    else:
        # Integral of a decaying velocity, so that two half steps equal a whole one.
        kept = math.exp(-dt_s / c.coast_s)
        reach_s = c.coast_s * (1 - kept)
        to = with_scene.shifted(velocity.x * reach_s, velocity.y * reach_s)
        velocity = Point(velocity.x * kept, velocity.y * kept)
    return replace(
        thing,
        box=Box.from_center(to.x, to.y, thing.box.width * zoom, thing.box.height * zoom),
        velocity=velocity,
        seen_at=_with_scene(thing.seen_at, turn),
    )


def _with_scene(place: Point, affine: NDArray[np.float64]) -> Point:
    x, y = affine[:, :2] @ (place.x, place.y) + affine[:, 2]
    return Point(float(x), float(y))


def _seen(
    things: tuple[_Thing, ...], found: tuple[DetectedObject, ...], now_s: float, c: ObjectConfig
) -> tuple[_Thing, ...]:
    """The things after a look: found again, new, or not found."""
    usable_ones = [f for f in found if f.box.is_finite() and f.box.area > 0 and math.isfinite(f.score)]
    pairs = sorted(
        (_distance(t, f, now_s, c) - f.score, i, j)
        for i, t in enumerate(things)
        for j, f in enumerate(usable_ones)
        if t.label == f.label and _distance(t, f, now_s, c) <= 1.0
    )
    match: dict[int, int] = {}
    for _, i, j in pairs:
        if i not in match and j not in match.values():
            match[i] = j
    after = [_found(t, usable_ones[match[i]], now_s) if i in match else t for i, t in enumerate(things)]
    new = [f for j, f in enumerate(usable_ones) if j not in match.values() and f.score >= c.birth_score]
    after += [
        _Thing(f.label, f.box, Point(0.0, 0.0), f.score, now_s, now_s, f.box.center, f.score, shown=False)
        for f in new
    ]
    return _chosen(after, now_s, c)


def _distance(thing: _Thing, found: DetectedObject, now_s: float, c: ObjectConfig) -> float:
    """How far the finding lies from where the thing is believed, 1 = as far as it may; inf: another size."""
    size, other = (math.sqrt(b.area) for b in (thing.box, found.box))
    if max(size, other) > c.growth * min(size, other):
        return math.inf
    reach = size * (c.slack + c.speed * (now_s - thing.seen_s))
    return thing.box.center.distance(found.box.center) / reach


def _found(thing: _Thing, found: DetectedObject, now_s: float) -> _Thing:
    center, dt_s = found.box.center, now_s - thing.seen_s
    velocity = thing.velocity
    if dt_s > 0:
        velocity = Point((center.x - thing.seen_at.x) / dt_s, (center.y - thing.seen_at.y) / dt_s)
    return replace(
        thing,
        box=found.box,
        velocity=velocity,
        score=found.score,
        seen_s=now_s,
        seen_at=center,
        evidence=thing.evidence + found.score,
    )


def _chosen(things: list[_Thing], now_s: float, c: ObjectConfig) -> tuple[_Thing, ...]:
    """Which thing of each label is shown: the same as before while it is found, else the best."""
    chosen: dict[str, int] = {}
    for i, thing in enumerate(things):
        if thing.evidence < c.evidence or thing.seen_s == thing.born_s:
            continue
        best = chosen.get(thing.label)
        if best is None or _claim(thing, now_s, c) > _claim(things[best], now_s, c):
            chosen[thing.label] = i
    return tuple(replace(t, shown=chosen.get(t.label) == i) for i, t in enumerate(things))


def _claim(thing: _Thing, now_s: float, c: ObjectConfig) -> tuple[bool, bool, float]:
    """What speaks for showing a thing, the weightiest first."""
    recent = now_s - thing.seen_s <= c.doubt_s
    return recent and thing.shown, recent or thing.shown, thing.score
