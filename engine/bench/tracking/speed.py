"""People walking at random, for timing one update of a tracker with so many at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence as Many
from dataclasses import asdict

import numpy as np

from engine.bench.tracking.contest import NAMED, OURS, THREADS, Rules, dressed
from engine.bench.tracking.ours import observations
from engine.bench.tracking.peers import Said
from engine.bench.tracking.sequence import Sequence, Truth
from engine.errors import JikcamError
from engine.geometry import Size
from engine.identity.roster import Roster
from engine.tracking import Tracker, TrackerConfig

#: How many people the speed is measured with.
CROWDS = (5, 10, 20)
#: Updates before the clock counts: caches fill, tracks are confirmed.
WARM_UP = 60
PICTURES = 400
SIZE = Size(1920, 1080)
FPS = 20.0


def crowd(people: int, seed: int = 1) -> Sequence:
    """Boxes 200 to 420 px high that wander, 95 % of them found in each picture, 2 px off."""
    rng = np.random.default_rng(seed)
    place = np.column_stack([rng.uniform(100, 1820, people), rng.uniform(250, 850, people)])
    velocity = rng.normal(0, 60, (people, 2))
    height = rng.uniform(200, 420, people)
    half = np.column_stack([0.45 * height, height]) / 2
    detections, truth = {}, {}
    for f in range(1, PICTURES + 1):
        velocity = 0.95 * velocity + rng.normal(0, 24, (people, 2))
        place = np.clip(place + velocity / FPS, (60, 60), (SIZE.width - 60, SIZE.height - 60))
        boxes = np.column_stack([place - half, place + half])
        scores = rng.uniform(0.62, 0.95, people)
        found = np.column_stack([boxes + rng.normal(0, 2, boxes.shape), scores])
        detections[f] = found[rng.random(people) < 0.95]
        truth[f] = Truth(np.arange(people), boxes)
    return Sequence(f"crowd{people}", FPS, SIZE, PICTURES, detections, truth)


def crowds(rules: Rules) -> dict[int, Sequence]:
    """A crowd of every size, with looks where the rules have them."""
    return {people: dressed(crowd(people), rules) for people in CROWDS}


def updates_per_s(cpu_s: Many[float]) -> float:
    """Rate on one core from the processor seconds of every update, the warm-up left out."""
    counted = cpu_s[WARM_UP:]
    return len(counted) / max(sum(counted), 1e-9)


def theirs(said: dict[str, Said], asked: dict[int, Sequence]) -> dict[int, float]:
    """Updates per second by crowd of a peer that was asked about `crowds`."""
    return {people: updates_per_s(said[s.name].cpu_s.tolist()) for people, s in asked.items()}


def ours(rules: Rules) -> dict[str, dict[int, float]]:
    """Updates per second by crowd of the tracker, alone and with the roster.

    In a process of its own with one thread, so that the processor time is that of one core.

    Raises:
        JikcamError: the process fails.
    """
    command = [sys.executable, "-m", "engine.bench.tracking.speed", json.dumps(asdict(rules))]
    one_thread = os.environ | dict.fromkeys(THREADS, "1")
    done = subprocess.run(command, capture_output=True, text=True, env=one_thread)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        raise JikcamError(f"the speed could not be measured: {last}", "see jikcam doctor, or give --no-rates")
    alone, together = json.loads(done.stdout)
    return {OURS: dict(zip(CROWDS, alone, strict=True)), NAMED: dict(zip(CROWDS, together, strict=True))}


def main(rules: Rules) -> None:
    """Time ours here and print the rates by crowd as JSON: of the tracker, and with the roster."""
    alone, together = [], []
    for sequence in crowds(rules).values():
        tracker, roster = Tracker(TrackerConfig(cost=rules.cost)), Roster()
        tracking_s, both_s = [], []
        for observation in observations(sequence):
            began = time.process_time()
            tracker.advance(observation.time_s, observation.index, None)
            tracker.observe(observation)
            tracked = time.process_time()
            if tracker.fusion is not None:
                roster.observe(tracker.fusion)
            tracking_s.append(tracked - began)
            both_s.append(time.process_time() - began)
        alone.append(updates_per_s(tracking_s))
        together.append(updates_per_s(both_s))
    print(json.dumps([alone, together]))


if __name__ == "__main__":
    main(Rules(**json.loads(sys.argv[1])))
