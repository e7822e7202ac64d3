"""Tracks and skeletons on the scripted stage (R29, R88, R124, R125, R128)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from engine.geometry import Box, boxes_array
from engine.people import Detection, Observation
from engine.perception.coverage import in_front
from engine.sources.stage import GroundTruthDetector, PerformerTruth, Scene, scene
from engine.sources.stage.barcode import write_index
from engine.tracking import Tracker
from engine.tracking.overlap import iou
from tests.stage_show import SIZE, play

#: A look every second picture.
EVERY = 2
#: Who is hidden more than this belongs to no track for certain.
SEEN = 0.5

Tracked = list[tuple[int, Box]]


def switches(truth: Sequence[tuple[PerformerTruth, ...]], tracked: Sequence[Tracked]) -> int:
    """How often a person's track becomes another one."""
    last: dict[int, int] = {}
    count = 0
    for people, tracks in zip(truth, tracked, strict=True):
        seen = [p for p in people if p.visible_share >= SEEN]
        if not seen or not tracks:
            continue
        overlap = iou(boxes_array([p.box for p in seen]), boxes_array([box for _, box in tracks]))
        for i, j in zip(*linear_sum_assignment(-overlap), strict=True):
            if overlap[i, j] >= 0.5:
                who, track = seen[i].id, tracks[j][0]
                count += last.get(who, track) != track
                last[who] = track
    return count


class Sort:
    """SORT (Bewley et al. 2016), as small as it gets: constant velocity, IoU of 0.3, one miss forgiven."""

    def __init__(self) -> None:
        self._boxes: dict[int, np.ndarray] = {}
        self._speed: dict[int, np.ndarray] = {}
        self._missed: dict[int, int] = {}
        self._next = 1

    def step(self, found: Sequence[Detection]) -> Tracked:
        boxes = boxes_array([d.box for d in found])
        ids = list(self._boxes)
        expected = np.array([self._boxes[i] + self._speed[i] for i in ids]).reshape(-1, 4)
        overlap = iou(expected, boxes)
        pairs = [
            (ids[a], b) for a, b in zip(*linear_sum_assignment(-overlap), strict=True) if overlap[a, b] >= 0.3
        ]
        taken = {b for _, b in pairs}
        for track, box in pairs:
            self._speed[track] = 0.5 * self._speed[track] + 0.5 * (boxes[box] - self._boxes[track])
            self._boxes[track], self._missed[track] = boxes[box], 0
        for track in set(ids) - {track for track, _ in pairs}:
            self._missed[track] += 1
            self._boxes[track] = self._boxes[track] + self._speed[track]
            if self._missed[track] > 1:
                del self._boxes[track], self._speed[track], self._missed[track]
        shown = [(track, Box(*boxes[box])) for track, box in pairs]
        for b in set(range(len(boxes))) - taken:
            self._boxes[self._next], self._speed[self._next] = boxes[b], np.zeros(4)
            self._missed[self._next] = 0
            shown.append((self._next, Box(*boxes[b])))
            self._next += 1
        return shown


@dataclass(frozen=True)
class Seen:
    """One picture: who is there, and what a noisy detector finds."""

    index: int
    time_s: float
    truth: tuple[PerformerTruth, ...]
    found: tuple[Detection, ...]


def looks(stage: Scene, seconds: float) -> list[Seen]:
    """Every second picture."""
    oracle = GroundTruthDetector(stage, noise_px=2.0, miss_p=0.05, seed=3)
    picture = np.zeros((16, 160, 3), np.uint8)
    seen = []
    for index in range(0, round(seconds * stage.fps), EVERY):
        write_index(picture, index)
        time_s = index / stage.fps
        seen.append(Seen(index, time_s, stage.truth(time_s), tuple(oracle.detect(picture))))
    return seen


def with_sort(seen: Sequence[Seen]) -> int:
    tracker = Sort()
    return switches([s.truth for s in seen], [tracker.step(s.found) for s in seen])


def with_ours(seen: Sequence[Seen]) -> int:
    tracker = Tracker()
    tracked: list[Tracked] = []
    for look in seen:
        tracks = tracker.observe(Observation(look.time_s, look.index, look.found, complete=True))
        tracked.append([(t.id, t.box) for t in tracks.items if t.seen_s >= tracks.time_s - 1e-6])
    return switches([s.truth for s in seen], tracked)


@pytest.mark.parametrize("name", ["cross", "huddle", "dash"])
def test_r125_no_more_switches_than_plain_sort(
    name: str, record_property: Callable[[str, object], None]
) -> None:
    seen = looks(scene(name, 4, SIZE), 15.0)
    ours, sort = with_ours(seen), with_sort(seen)
    record_property("switches", f"{ours}, SORT {sort}")
    assert ours <= sort


def test_r124_a_panning_camera_costs_no_switches() -> None:
    counts = {}
    for pan_px_s in (0.0, 200.0 * SIZE.width / 1920):
        played = play(scene("cross", 4, SIZE, camera_pan_px_s=pan_px_s), 12.0, [])
        tracked = [[(t.id, t.box) for t in tracks.items] for tracks in played.tracks]
        counts[pan_px_s] = switches(played.truth, tracked)
    still, panned = counts.values()
    assert panned <= 1.2 * still


def test_r29_r88_nobodys_joints_enter_another_skeleton(
    record_property: Callable[[str, object], None],
) -> None:
    played = play(scene("huddle", 4, SIZE), 10.0, [1, 2, 3, 4])
    longest = total = 0
    for who, moments in played.views.items():
        run = 0
        for people, moment in zip(played.truth, moments, strict=True):
            mixed = moment.held == who and _foreign_joints(moment.skeleton, people, who) > 0
            run = run + 1 if mixed else 0
            longest, total = max(longest, run), total + mixed
    record_property("limb_swaps", total)
    assert longest <= 5


def _foreign_joints(skeleton, people: Sequence[PerformerTruth], who: int) -> int:
    """Joints that lie on somebody else's same joint, and not on the person's own."""
    if skeleton is None:
        return 0
    own = next(p for p in people if p.id == who)
    near, far = 0.05 * own.box.height, 0.12 * own.box.height
    off = np.hypot(*(skeleton.xy - own.skeleton.xy).T)
    foreign = np.zeros(17, bool)
    for other in people:
        if other.id != who and other.visible_share > 0:
            foreign |= np.hypot(*(skeleton.xy - other.skeleton.xy).T) < near
    return int((skeleton.visible & foreign & (off > far)).sum())


def test_r128_the_lower_bottom_edge_is_in_front() -> None:
    agree = count = 0
    for seed in range(3):
        stage = scene("huddle", 5, SIZE, seed=seed)
        for time_s in np.arange(1.5, 7.5, 0.25):
            people = stage.truth(float(time_s))
            front = in_front(boxes_array([p.box for p in people]))
            for i, j in itertools.combinations(range(len(people)), 2):
                if people[i].box.iou(people[j].box) > 0.1 and front[i, j] != front[j, i]:
                    agree += front[i, j] == (people[j].depth > people[i].depth)
                    count += 1
    assert count > 100 and agree >= 0.9 * count
