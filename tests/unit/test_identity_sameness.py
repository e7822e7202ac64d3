"""Somebody nameless who was chosen is recognised as a member: one body, so the View stays on it."""

from __future__ import annotations

import pytest

from engine.direction.target import LockState, TargetKind, TargetRequest
from engine.direction.view import ViewDirector
from engine.geometry import Size
from engine.identity.roster import Roster
from engine.people import Swap
from engine.presets import check_preset
from engine.presets.convert import view_config
from engine.roll import Roll
from tests.unit.identity_show import Costume, checked, fusion, place
from tests.unit.test_identity_roster import enrolled

HZ = 20.0
#: Track -> where it stands. Ann (0) is enrolled by her face and unrecognised at first, Zoe (1) is unknown.
SLOTS = {11: 1.0, 12: 4.0}


class Hall:
    """A roster that knows Ann's face, a View, and who really stands on which track."""

    def __init__(self) -> None:
        self.costume = Costume()
        self.roster = Roster(members=enrolled(self.costume, {0: "Ann"}))
        self.bodies = {11: 0, 12: 1}
        self.states: list[LockState] = []
        self.time_s = 0.0
        view = {"name": "main", "width": 640, "height": 360, "target": "none"}
        preset = check_preset({"schema": 1, "name": "hall", "view": [view]}, "the test")
        self.director = ViewDirector(view_config(preset.view[0]), Size(1920, 1080))

    def play(self, seconds: float, faces: bool = False, swaps: tuple[Swap, ...] = ()) -> Roll:
        for _ in range(round(seconds * HZ)):
            looks = {t: self.costume.look(p, face=faces) for t, p in self.bodies.items()}
            seen = fusion(self.time_s, SLOTS, looks, swaps)
            swaps = ()
            roll = checked(self.roster.observe(seen))
            self.director.step(seen.tracks, roll, 1 / HZ)
            self.states.append(self.director.lock.state)
            self.time_s += 1 / HZ
        return self.roster.roll

    def point_at(self, track: int, *, preview: bool = False) -> int:
        request = TargetRequest(TargetKind.POINT, point=place(SLOTS[track]).center)
        ask = self.director.preview if preview else self.director.request
        ask(request, fusion(self.time_s, SLOTS).tracks, self.roster.roll)
        self.states.clear()
        chosen = self.director.previewed if preview else self.director.person
        assert chosen is not None
        return chosen

    @property
    def ann(self) -> int:
        return next(p.person for p in self.roster.roll.people if p.name == "Ann")


@pytest.fixture
def hall() -> Hall:
    hall = Hall()
    hall.play(3.0)
    return hall


@pytest.mark.parametrize("claimed", [False, True])
def test_the_view_stays_on_whoever_is_recognised(hall: Hall, claimed: bool) -> None:
    chosen = hall.point_at(11)
    assert chosen != hall.ann
    if claimed:  # as where it was not sure who stood there
        hall.roster.claim(chosen, 11)
    hall.play(1.0)
    roll = hall.play(4.0, faces=True)
    assert set(hall.states) == {LockState.HELD}
    assert hall.director.person == hall.ann and hall.director.lock.track is not None
    assert hall.director.lock.track.id == 11
    assert roll.same == {chosen: hall.ann}
    assert roll.find(chosen) == roll.find(hall.ann)
    assert chosen not in {p.person for p in roll.people}


def test_so_does_the_choice_of_who_is_next(hall: Hall) -> None:
    hall.point_at(11, preview=True)
    hall.play(4.0, faces=True)
    assert hall.director.previewed == hall.ann
    hall.director.take()
    hall.play(0.5, faces=True)
    assert hall.director.person == hall.ann and hall.director.lock.state is LockState.HELD


def test_a_name_is_told_once_it_is_certain(hall: Hall) -> None:
    chosen = hall.point_at(11)
    told: list[float] = []
    for _ in range(40):
        roll = hall.play(1 / HZ, faces=True)
        ann = roll.find(hall.ann)
        assert ann is not None and (ann.track is None or ann.sure >= 0.8)
        told.append(ann.sure)
        held = roll.find(chosen)
        assert held is not None and held.track == 11 and held.sure >= 0.8
    assert told[-1] >= 0.8 > told[0]


def test_a_member_who_took_the_place_unnoticed_is_somebody_else(hall: Hall) -> None:
    """Zoe is chosen; Ann steps in front and goes on on Zoe's track, and Zoe comes back elsewhere."""
    chosen = hall.point_at(12)
    hall.play(1.0)
    hall.bodies = {11: 2, 12: 0}
    roll = hall.play(4.0, faces=True)
    ann, zoe = roll.find(hall.ann), roll.find(chosen)
    assert ann is not None and ann.track == 12
    assert roll.same == {} and hall.director.person == chosen
    assert zoe is not None and zoe.track is None
    assert hall.states[-1] is not LockState.HELD


def test_nor_is_a_member_with_whom_a_crossing_may_have_exchanged_them(hall: Hall) -> None:
    chosen = hall.point_at(12)
    hall.play(1.0)
    hall.bodies = {11: 1, 12: 0}
    hall.play(0.1, swaps=(Swap(11, 12, 0.5),))
    roll = hall.play(4.0, faces=True)
    ann = roll.find(hall.ann)
    assert ann is not None and ann.track == 12
    assert chosen not in roll.same
