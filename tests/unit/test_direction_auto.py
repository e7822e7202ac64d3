"""The auto-director: who is shown when nobody chooses."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from engine.direction.auto import AutoConfig
from engine.direction.target import TargetKind, TargetRequest
from engine.direction.view import ViewDirector
from engine.people import Track, Tracks
from engine.roll import Roll
from tests.unit.direction_dancer import SOURCE, all_sure, at, dancer, roll, standing
from tests.unit.test_direction_view import DT, TALL, view

PLACES = (400.0, 900.0, 1500.0)


def people(t: float, moving: int | None = None, speed_px_s: float = 400.0) -> Tracks:
    """Three in a row; one of them moves about."""

    def one(k: int) -> Track:
        track = dancer(PLACES[k - 1], 800, 400, id=k, time_s=t)
        return replace(track, velocity_x=speed_px_s) if k == moving else track

    return at(t, *(one(k) for k in (1, 2, 3)))


def named(tracks: Tracks) -> Roll:
    names = ("Ara", "Bomi", "Chae")
    return roll(tracks.time_s, *(standing(t.id, t.id, name=names[t.id - 1]) for t in tracks.items))


def directing(config: AutoConfig) -> ViewDirector:
    return ViewDirector(view(TALL, auto=config), SOURCE)


def shown(
    director: ViewDirector, start_s: float, end_s: float, moving: int | None = None
) -> list[tuple[float, int | None]]:
    """Whom it shows, picture by picture."""
    out = []
    for k in range(round(start_s / DT), round(end_s / DT)):
        tracks = people(k * DT, moving)
        out.append((k * DT, director.step(tracks, named(tracks), DT).lock.person))
    return out


def changes(row: list[tuple[float, int | None]]) -> list[tuple[float, int | None]]:
    return [b for a, b in itertools.pairwise(row) if a[1] != b[1]]


def test_it_shows_who_moves_most_and_nobody_for_less_than_the_dwell_time() -> None:
    director = directing(AutoConfig("moves", dwell_s=4.0))
    assert shown(director, 0, 6, moving=1)[-1][1] == 1
    row = shown(director, 6, 7, moving=3) + shown(director, 7, 12, moving=2)
    assert changes(row)[-1][1] == 2
    row = shown(director, 12, 24, moving=3)
    times = [t for t, _ in changes(row)]
    assert row[-1][1] == 3 and len(times) == 1


def test_when_all_stand_still_it_stays_where_it_is() -> None:
    director = directing(AutoConfig("moves", dwell_s=1.0))
    assert not changes(shown(director, 0, 20)[1:])


def test_the_middle_is_shown_and_a_little_nearer_is_no_reason_to_move() -> None:
    director = directing(AutoConfig("center", dwell_s=1.0))
    assert shown(director, 0, 3)[-1][1] == 2
    for k in range(300):
        x = 960 + 70 * (k / 300)
        tracks = at(
            3 + k * DT,
            dancer(900, 800, 400, id=2, time_s=3 + k * DT),
            dancer(x, 800, 400, id=3, time_s=3 + k * DT),
        )
        assert director.step(tracks, named(tracks), DT).lock.person == 2


def test_a_list_is_gone_through_in_its_order_each_for_the_dwell_time() -> None:
    director = directing(AutoConfig("order", dwell_s=2.0, order=("Chae", "1", "bomi", "Nobody")))
    row = shown(director, 0, 9)
    assert [who for _, who in [row[0], *changes(row)]] == [3, 1, 2, 3, 1]
    times = [t for t, _ in changes(row)]
    assert all(b - a == pytest.approx(2.0, abs=2 * DT) for a, b in itertools.pairwise(times))


def test_without_a_list_it_goes_from_left_to_right_round_and_round() -> None:
    row = shown(directing(AutoConfig("order", dwell_s=1.0)), 0, 4.5)
    assert [who for _, who in [row[0], *changes(row)]] == [1, 2, 3, 1, 2]


def test_a_choice_by_hand_stays_for_a_full_dwell_time() -> None:
    director = directing(AutoConfig("moves", dwell_s=5.0))
    shown(director, 0, 8, moving=1)
    tracks = people(8.0, 1)
    director.request(TargetRequest(TargetKind.PERSON, number=3), tracks, named(tracks))
    row = shown(director, 8, 16, moving=1)
    assert row[0][1] == 3 and row[-1][1] == 1
    assert changes(row)[0][0] - 8 >= 5.0


def test_a_locked_view_is_not_directed() -> None:
    director = directing(AutoConfig("order", dwell_s=1.0))
    shown(director, 0, 0.5)
    director.set_guard(True)
    assert not changes(shown(director, 0.5, 5))


def test_nobody_unsure_is_chosen() -> None:
    director = directing(AutoConfig("moves", dwell_s=1.0))
    for k in range(60):
        tracks = people(k * DT, moving=2)
        doubt = roll(k * DT, standing(1, 1), standing(2, 2, 0.5), standing(3, 3, 0.5))
        assert director.step(tracks, doubt, DT).lock.person == 1


def test_who_leaves_is_followed_by_somebody_else_before_the_dwell_time_is_over() -> None:
    director = directing(AutoConfig("center", dwell_s=20.0))
    shown(director, 0, 3)
    for k in range(90):
        tracks = at(3 + k * DT, *(t for t in people(3 + k * DT).items if t.id != 2))
        who = director.step(tracks, all_sure(tracks), DT).lock.person
    assert who == 1 or who == 3
