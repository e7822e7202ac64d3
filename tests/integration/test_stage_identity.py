"""The chosen person on the scripted stage: hidden, crossed, mistaken, gone (R3, R4, R33, R127, R131-R139)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from engine.direction.target import LockState
from engine.sources.stage import scene
from engine.sources.stage.wardrobe import twins
from tests.stage_show import HIDDEN, SIZE, Played, play
from tests.stage_trials import crossings, is_wrong, longest_wrong_s, right_after, stolen

FIRST_S = 0.5
#: The requirements count pixels of a picture 1920 wide.
PX = SIZE.width / 1920


@cache
def crossed(name: str) -> Played:
    """A choreography of crossings, five for everybody, each with a View of their own."""
    people = 2 if name == "feint" else 4
    same = twins(people, 0, marked=False) if name == "feint" else None
    return play(scene(name, people, SIZE, costumes=same), 24.0, range(1, people + 1))


def trials(played: Played, passes: Callable[..., bool], *options: float) -> tuple[int, int]:
    """How many crossings pass, of how many."""
    results = [passes(played, c, *options) for who in played.views for c in crossings(played, who, FIRST_S)]
    return sum(results), len(results)


def test_r3_a_crossing_does_not_swap_the_person() -> None:
    played = crossed("cross")
    right, count = trials(played, right_after, 0.5)
    assert count >= 20 and right >= 0.95 * count
    assert max(longest_wrong_s(played, who) for who in played.views) <= 1.0


def test_r3_nobody_else_is_held_once_they_are_apart() -> None:
    assert trials(crossed("cross"), stolen, 0.5)[0] == 0


def test_r4_the_camera_rests_while_the_person_is_hidden() -> None:
    played = crossed("cross")
    checked = 0
    for who, moments in played.views.items():
        for crossing in crossings(played, who, FIRST_S):
            hidden = [
                k for k in range(crossing.begin, crossing.end) if played.person(k, who).visible_share < HIDDEN
            ]
            if not hidden:
                continue
            x, y = zip(*((moments[k].shot.center.x, moments[k].shot.center.y) for k in hidden), strict=True)
            assert max(max(x) - min(x), max(y) - min(y)) < 60 * PX
            checked += 1
    assert checked >= 8


def test_r4_the_view_widens_when_the_hiding_lasts() -> None:
    played = play(scene("dropout:6", 3, SIZE), 7.0, [1])
    moments = played.views[1]
    hidden = next(k for k in range(len(moments)) if played.person(k, 1).visible_share < HIDDEN)
    before = moments[hidden].shot.height
    assert moments[hidden + 30].shot.height == pytest.approx(before, rel=0.1)
    assert moments[hidden + 75].shot.height > 1.3 * before
    assert all(m.held is None for m in moments[hidden + 30 :])


def test_r33_face_marks_tell_twins_apart() -> None:
    played = crossed("twins")
    right, count = trials(played, right_after, 2.0)
    assert count >= 20 and right >= 0.9 * count
    assert max(longest_wrong_s(played, who) for who in played.views) <= 1.0


@pytest.mark.parametrize("name", ["twins:plain", "feint"])
def test_r33_twins_without_marks_are_never_called_by_the_wrong_name(name: str) -> None:
    played = crossed(name)
    wrong, count = trials(played, stolen)
    assert count >= 5 * len(played.views) and wrong <= 0.05 * count


def test_r33_a_twin_who_comes_in_place_of_the_person_is_called_unsure() -> None:
    played = play(scene("relay", 3, SIZE, costumes=twins(3, 0, marked=False)), 14.0, [1])
    moments = played.views[1]
    gone = next(k for k in range(len(moments)) if played.person(k, 1).visible_share == 0)
    assert not any(is_wrong(m, 1) for m in moments[gone:])
    assert any(m.state is LockState.UNSURE and m.reason for m in moments[gone:])


def test_r132_who_crosses_with_the_back_to_the_camera_is_known_by_the_body() -> None:
    played = crossed("turncross")
    right, count = trials(played, right_after, 2.0)
    assert count >= 20 and right >= 0.9 * count
    assert trials(played, stolen, 0.5)[0] == 0


def test_r132_who_turns_away_is_kept() -> None:
    played = play(scene("turn", 3, SIZE), 8.0, [1, 2, 3])
    for who, moments in played.views.items():
        after = moments[30:]
        assert sum(m.held == who for m in after) >= 0.9 * len(after)
        assert not any(is_wrong(m, who) for m in after)


@pytest.mark.parametrize("name", ["cross", "twins", "twins:plain"])
def test_r135_nobody_is_in_two_places_and_no_two_in_one(name: str) -> None:
    for roll in crossed(name).rolls:
        places = [p.track for p in roll.people if p.track is not None]
        assert len(set(places)) == len(places)
        assert len({p.person for p in roll.people}) == len(roll.people)


def test_r127_bodies_are_taken_where_nobody_is_in_the_way() -> None:
    played = crossed("cross")
    taken: dict[int, list[tuple[float, float]]] = {}
    for observation in played.seen:
        people = played.truth[observation.index]
        for one in observation.people:
            if one.appearance is not None and one.appearance.body is not None:
                who = max(people, key=lambda p: p.visible_share * p.box.iou(one.box))
                taken.setdefault(who.id, []).append((observation.time_s, who.visible_share))
    shares = [share for samples in taken.values() for _, share in samples]
    assert sum(share >= 0.9 for share in shares) >= 0.95 * len(shares)
    for who in played.views:
        for second in range(1, 23):
            seen = all(
                played.person(k, who).visible_share >= 0.95 for k in range(second * 30, second * 30 + 30)
            )
            if seen:
                assert any(second <= time_s < second + 1.0 for time_s, _ in taken[who]), (who, second)


def test_r131_nobody_has_their_face_read_more_than_twice_a_second() -> None:
    played = crossed("cross")
    read: dict[int, list[float]] = {}
    for observation in played.seen:
        people = played.truth[observation.index]
        for one in observation.people:
            if one.appearance is not None and one.appearance.face is not None:
                assert one.appearance.face_box is not None
                assert one.box.contains(one.appearance.face_box.center)
                who = max(people, key=lambda p: p.visible_share * p.box.iou(one.box)).id
                read.setdefault(who, []).append(observation.time_s)
    assert set(read) == {1, 2, 3, 4}
    for times_s in read.values():
        assert len(times_s) <= 2.0 * (times_s[-1] - times_s[0]) + 1


def test_r139_a_short_gap_is_bridged() -> None:
    played = play(scene("dropout:0.4", 3, SIZE), 4.6, [1])
    moments = played.views[1]
    before = moments[85].shot.height
    assert all(m.shot.height <= 1.1 * before for m in moments[85:])
    assert moments[-1].held == 1


def test_who_leaves_and_returns_is_found_and_nobody_takes_their_place() -> None:
    played = play(scene("leave", 3, SIZE), 13.0, [1])
    moments = played.views[1]
    away = [m for k, m in enumerate(moments) if played.person(k, 1).visible_share == 0]
    assert away and not any(m.state is LockState.HELD for m in away[15:])
    back = next(k for k in range(len(moments)) if k > 8 * 30 and played.person(k, 1).visible_share > 0.9)
    assert any(m.held == 1 for m in moments[back : back + 60])
    assert not any(is_wrong(m, 1) for k, m in enumerate(moments) if played.person(k, 1).visible_share > 0)


def test_a_newcomer_at_the_same_place_inherits_nothing() -> None:
    played = play(scene("relay", 3, SIZE), 18.5, [1])
    moments = played.views[1]
    gone = next(k for k in range(len(moments)) if played.person(k, 1).visible_share == 0)
    assert not any(is_wrong(m, 1) for m in moments[gone + 15 :])
    assert moments[-1].held == 1
