"""The page's mouse means whom the engine's click means: the same rule twice, held to the same answers."""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np
import pytest

from engine.control.wire import joints_json, person_json
from engine.direction.pointing import person_at
from engine.geometry import Box, Point
from engine.people import Skeleton, Track
from engine.sources.stage import scene
from engine.state import PersonState
from tests.real.browsers import Browsers, browsers, running_browsers
from tests.real.room_rig import RoomEngine, room
from tests.walkers import FPS, SIZE, walkers

__all__ = ["browsers", "running_browsers"]
pytestmark = pytest.mark.real

#: So many pictures, and places in each.
PICTURES, PLACES = 60, 20
ASK = """import('/web/base/bodies.js').then(({ personAt }) =>
    CASES.map(({ people, places }) => places.map(([x, y]) => personAt(people, x, y)?.id ?? null)))"""


def a_crowd(lot: random.Random) -> list[PersonState]:
    """People who overlap; of some no joints are known, or few, and some have not been seen for a while."""
    stage = lot.choice((walkers(), scene("huddle", 6, SIZE, FPS, seed=2)))
    people = []
    for one in stage.truth(lot.uniform(0.0, 60.0)):
        score = np.array([float(lot.random() < 0.9) for _ in range(17)], np.float32)
        score = score if lot.random() < 0.5 else np.ones(17, np.float32)
        joints = Skeleton(np.round(one.skeleton.xy, 1), score)
        edges = [round(v, 1) for v in one.box.xywh]
        box = Box(edges[0], edges[1], edges[0] + edges[2], edges[1] + edges[3])
        unseen_s = lot.choice((0.0, 0.1, 0.8))
        skeleton = joints if lot.random() < 0.8 else None
        people.append(PersonState(one.id, box, 0.9, unseen_s, one.id, skeleton=skeleton))
    return people


def as_track(person: PersonState) -> Track:
    return Track(person.id, person.box, 0.0, 0.0, 0.9, -person.seen_s_ago, -9.0, skeleton=person.skeleton)


def as_sent(person: PersonState) -> dict[str, Any]:
    return person_json(person) | {"joints": joints_json(person)}


def test_the_mouse_is_over_whom_a_click_would_choose(browsers: Browsers) -> None:
    lot = random.Random(4)
    cases, wanted = [], []
    for _ in range(PICTURES):
        people = a_crowd(lot)
        everywhere = [one.box.scaled(1.3) for one in people]
        places = [
            Point(round(lot.uniform(box.x0, box.x1), 1), round(lot.uniform(box.y0, box.y1), 1))
            for box in lot.choices(everywhere, k=PLACES)
        ]
        cases.append({"people": [as_sent(one) for one in people], "places": [(p.x, p.y) for p in places]})
        found = [person_at([as_track(one) for one in people], place, 0.0) for place in places]
        wanted.append([track.id if track else None for track in found])
    assert {None, 1, 2, 3, 4} <= {who for picture in wanted for who in picture}
    with room(browsers.chromium(1024, 640), RoomEngine()) as there:
        told = there.tab.evaluate(ASK.replace("CASES", json.dumps(cases)))
    assert told == wanted
