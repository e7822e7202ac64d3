"""The people to be followed: real ones of DanceTrack and of clips, scripted ones, synthetic dancers.

Of a sequence everybody counts who is there in at least 80 % of its pictures, from their first picture to
their last; pictures in between without them are gaps. Clips are short, so that 80 % of their own time and
at least two seconds do there.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from engine.bench.dancers import DanceConfig, dance
from engine.bench.tracking.mot import read_sequence, read_truth
from engine.bench.tracking.sequence import Truth
from engine.geometry import Size
from engine.sources.stage import scene
from tests.benchmarks.operator.paths import F64, TruthPath

DATA = Path(os.environ.get("JIKCAM_DATA") or Path(__file__).resolve().parents[4] / "shared" / "data")
PRESENT = 0.8
SHORTEST_S = 2.0

#: Rate, picture and who is no person of the films of data/clips, which need not be opened for that.
CLIPS = {
    "sam3_dance4": (30.0, Size(1280, 720), ()),
    "street_hug5": (50.0, Size(1280, 720), ()),
    "TUD-Campus": (25.0, Size(640, 480), ()),
    "PETS09-S2L1": (7.0, Size(768, 576), ()),
    "ball_juggle": (24.0, Size(1280, 720), (2,)),
}
#: Stage scenes, each for so long at 30 pictures a second.
STAGE, STAGE_S, STAGE_HZ = ("sway", "dash", "armswide", "turn", "cross", "leave"), 30.0, 30.0
#: Synthetic dancers: where defaults are chosen.
DANCE_SEEDS, DANCE_S = tuple(range(100, 106)), 30.0
#: Less of somebody inside the picture than this is not there.
INSIDE = 0.5

SETS = ("dancetrack", "clips", "stage", "dancers")


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """One person of one sequence."""

    name: str
    truth: TruthPath

    @property
    def dt_s(self) -> float:
        times = self.truth.times
        return float(times[-1] - times[0]) / (len(times) - 1)


@cache
def subjects(name: str, every: int = 1) -> tuple[Subject, ...]:
    """The people of one of SETS, in a fixed order; every so-manieth of them.

    Raises:
        JikcamError: the data is not there.
        KeyError: no such set.
    """
    makers = {"dancetrack": _dancetrack, "clips": _clips, "stage": _stage, "dancers": _dancers}
    return subjects(name)[::every] if every > 1 else tuple(makers[name]())


def _dancetrack() -> list[Subject]:
    found = []
    for folder in sorted((DATA / "mot" / "dancetrack-val").glob("dancetrack*")):
        s = read_sequence(folder)
        found += people_of(s.name, s.truth, s.length, s.fps, s.size)
    return found


def _clips() -> list[Subject]:
    found = []
    for name, (fps, size, things) in CLIPS.items():
        truth, _ = read_truth(DATA / "gt" / name / "gt.txt")
        found += people_of(name, truth, max(truth), fps, size, present=0.0, without=things)
    return found


def _dancers() -> list[Subject]:
    found = []
    for seed in DANCE_SEEDS:
        s = dance(seed, DanceConfig(seconds=DANCE_S, looks=None))
        found += people_of(s.name, s.truth, s.length, s.fps, s.size)
    return found


def _stage() -> list[Subject]:
    found = []
    for name in STAGE:
        stage = scene(name, 3, fps=STAGE_HZ, seed=1)
        length = round(STAGE_S * STAGE_HZ)
        boxes = np.full((len(stage.performers), length, 4), np.nan)
        for t in range(length):
            for i, (_, body) in enumerate(stage.placed(t / STAGE_HZ)):
                if body.box.clipped(stage.size).area >= INSIDE * body.box.area > 0:
                    boxes[i, t] = body.box.xyxy
        for i, performer in enumerate(stage.performers):
            subject = _subject(f"{name}/{performer.id}", boxes[i], STAGE_HZ, stage.size, 0.5)
            found += [subject] if subject else []
    return found


def people_of(
    name: str,
    truth: Mapping[int, Truth],
    length: int,
    fps: float,
    size: Size,
    present: float = PRESENT,
    without: tuple[int, ...] = (),
) -> list[Subject]:
    """Those who are there for at least ``present`` of ``length`` pictures."""
    boxes: dict[int, F64] = {}
    for picture, people in truth.items():
        for person, box in zip(people.ids.tolist(), people.boxes, strict=True):
            boxes.setdefault(person, np.full((length, 4), np.nan))[picture - 1] = box
    people_found = [
        _subject(f"{name}/{person}", boxes[person], fps, size, present)
        for person in sorted(boxes)
        if person not in without
    ]
    return [s for s in people_found if s]


def _subject(name: str, boxes: F64, fps: float, size: Size, present: float) -> Subject | None:
    there = np.isfinite(boxes).all(axis=1)
    seen = np.flatnonzero(there)
    if len(seen) < present * len(boxes) or not len(seen):
        return None
    boxes = boxes[seen[0] : seen[-1] + 1]
    if len(seen) < PRESENT * len(boxes) or len(boxes) < SHORTEST_S * fps:
        return None
    return Subject(name, TruthPath(np.arange(len(boxes)) / fps, boxes, size))
