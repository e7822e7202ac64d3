"""Who is who over crossings, absences, claims and newcomers; see also test_identity_roster_always."""

from __future__ import annotations

import numpy as np
import pytest

from engine.identity.config import RosterConfig
from engine.identity.member import Member, Sample
from engine.identity.roster import Roster
from engine.people import Appearance, Swap
from engine.roll import Roll
from tests.unit.identity_show import Costume, checked, fusion, play

PAIR = {1: 0.0, 2: 2.0}


def sure(roll: Roll, person: int) -> float:
    standing = roll.find(person)
    assert standing is not None
    return standing.sure


def crossing(roster: Roster, at_s: float) -> Roll:
    """An overlap of half a second in which the two may well have been exchanged (R126)."""
    roll = roster.roll
    for step in range(10):
        roll = roster.observe(fusion(at_s + step / 20, {1: 0.5, 2: 0.6}, swaps=[Swap(1, 2, 0.4)]))
    return roll


def test_everybody_is_somebody_from_the_first_picture() -> None:
    roster = Roster()
    roll = checked(roster.observe(fusion(0.0, PAIR)))
    assert {p.track for p in roll.people} == {1, 2}
    assert roster.person_on(1) != roster.person_on(2)


def test_twins_who_cross_are_both_unsure_and_stay_so() -> None:
    roster = Roster()
    play(roster, 0.0, 2.0, PAIR)
    a, b = roster.person_on(1), roster.person_on(2)
    roll = checked(crossing(roster, 2.0))
    assert max(sure(roll, a), sure(roll, b)) < 0.7
    person = roll.find(a)
    assert person is not None and person.reason.startswith(f"crossed person {b}")
    roll = checked(play(roster, 2.5, 5.0, PAIR))
    assert max(sure(roll, a), sure(roll, b)) < 0.7


@pytest.mark.parametrize("exchanged", [False, True])
def test_faces_resolve_a_crossing(exchanged: bool) -> None:
    roster, costume = Roster(), Costume()
    play(roster, 0.0, 3.0, PAIR, looks={1: (costume, 0, True), 2: (costume, 1, True)})
    first, second = roster.person_on(1), roster.person_on(2)
    crossing(roster, 3.0)
    who = (1, 0) if exchanged else (0, 1)
    roll = checked(
        play(roster, 3.5, 2.0, PAIR, looks={t: (costume, p, True) for t, p in zip((1, 2), who, strict=True)})
    )
    people = (second, first) if exchanged else (first, second)
    for track, person in zip((1, 2), people, strict=True):
        standing = roll.find(person)
        assert standing is not None and standing.track == track and standing.sure > 0.9
        assert standing.reason == "face"


def test_bodies_of_one_costume_resolve_a_crossing_slowly() -> None:
    roster, costume = Roster(), Costume()
    play(roster, 0.0, 6.0, PAIR, looks={1: (costume, 0, False), 2: (costume, 1, False)})
    first = roster.person_on(1)
    crossing(roster, 6.0)
    roll = play(roster, 6.5, 6.0, PAIR, looks={1: (costume, 1, False), 2: (costume, 0, False)})
    standing = roll.find(first)
    assert standing is not None and standing.track == 2 and standing.sure > 0.8
    assert standing.reason == "clothes"


def test_nothing_is_learned_right_after_a_crossing() -> None:
    roster, costume = Roster(), Costume()
    play(roster, 0.0, 3.0, PAIR, looks={1: (costume, 0, False), 2: (costume, 1, False)})
    person = roster.person_on(1)
    roster.enrol(person, "Ann")
    before = len(roster.member("Ann").bodies)
    crossing(roster, 3.0)
    play(roster, 3.5, 0.4, PAIR, looks={1: (costume, 1, False), 2: (costume, 0, False)})
    assert before > 2 and len(roster.member("Ann").bodies) == before


def test_a_claim_takes_effect_at_once_and_teaches() -> None:
    roster, costume = Roster(), Costume()
    play(roster, 0.0, 2.0, PAIR)
    a, b = roster.person_on(1), roster.person_on(2)
    roster.observe(fusion(2.0, PAIR, {2: costume.look(0)}))
    roll = checked(roster.claim(a, 2))
    standing, other = roll.find(a), roll.find(b)
    assert standing is not None and standing.track == 2 and standing.sure == pytest.approx(0.95)
    assert standing.reason == "chosen by you"
    assert other is not None and other.track == 1 and other.sure > 0.9
    roster.enrol(a, "Ann")
    assert len(roster.member("Ann").bodies) == 1


def test_a_newcomer_does_not_inherit_the_lost_one() -> None:
    roster, costume = Roster(), Costume()
    play(roster, 0.0, 4.0, {1: 0.0, 2: 4.0}, looks={1: (costume, 0, False), 2: (costume, 1, False)})
    lost = roster.claim(roster.person_on(1), 1).people[0].person
    play(roster, 4.0, 3.0, {2: 4.0}, looks={2: (costume, 1, False)})
    for step in range(100):
        looks = {3: costume.look(2), 2: costume.look(1)}
        roll = checked(roster.observe(fusion(7.0 + step / 20, {2: 4.0, 3: 2.0}, looks)))
        standing = roll.find(lost)
        assert standing is not None and (standing.track != 3 or standing.sure < 0.8)


def test_without_looks_a_late_newcomer_is_never_surely_the_lost_one() -> None:
    roster = Roster()
    play(roster, 0.0, 4.0, {1: 0.0})
    lost = roster.person_on(1)
    play(roster, 4.0, 5.0, {})
    roll = play(roster, 9.0, 5.0, {2: 0.0})
    assert sure(roll, lost) < 0.8


def test_somebody_back_at_once_where_they_were_is_the_same() -> None:
    roster = Roster()
    play(roster, 0.0, 4.0, PAIR)
    lost = roster.person_on(1)
    roll = play(roster, 4.0, 0.2, {2: 2.0})
    standing = roll.find(lost)
    assert standing is not None and standing.track is None and standing.reason.startswith("out of sight 0.")
    roll = play(roster, 4.2, 0.5, {2: 2.0, 3: 0.05})
    assert roster.person_on(3) == lost and sure(roll, lost) > 0.8


def test_a_flash_of_a_track_leaves_nobody_behind() -> None:
    roster = Roster()
    play(roster, 0.0, 3.0, PAIR)
    before = {p.person for p in roster.roll.people}
    play(roster, 3.0, 0.3, {**PAIR, 9: 5.0})
    roll = play(roster, 3.3, 0.2, PAIR)
    assert {p.person for p in roll.people} == before


def test_ids_are_never_used_again() -> None:
    roster = Roster()
    gone: set[int] = set()
    there: set[int] = set()
    for round_ in range(12):
        tracks = {round_: float(3 * round_), **({100 + round_: 50.0} if round_ % 3 == 0 else {})}
        now = {p.person for p in play(roster, round_ * 1.0, 0.5, tracks).people}
        gone |= there - now
        assert not gone & now
        there = now
    assert gone


def test_with_everybody_known_a_new_track_is_somebody_who_was_away() -> None:
    roster = Roster(RosterConfig(people=2))
    play(roster, 0.0, 3.0, PAIR)
    lost = roster.person_on(1)
    play(roster, 3.0, 4.0, {2: 2.0})
    roll = play(roster, 7.0, 0.5, {2: 2.0, 5: 6.0})
    standing = roll.find(lost)
    assert standing is not None and standing.track == 5 and standing.sure > 0.9


def enrolled(costume: Costume, names: dict[int, str]) -> list[Member]:
    return [Member(n, (Sample(costume.truth(p)[1], 1.0),), group="G") for p, n in names.items()]


def test_an_enrolled_member_is_absent_until_seen_and_found_by_the_first_faces() -> None:
    costume = Costume()
    roster = Roster(members=enrolled(costume, {0: "Ann", 1: "Bea"}))
    ann = next(p for p in roster.roll.people if p.name == "Ann")
    assert ann.track is None and ann.absent == pytest.approx(1.0) and ann.reason == "not seen yet"
    roll = checked(play(roster, 0.0, 3.0, PAIR, looks={1: (costume, 2, False), 2: (costume, 0, False)}))
    assert sure(roll, ann.person) < 0.5
    looks = {1: (costume, 2, True), 2: (costume, 0, True)}
    roll = checked(play(roster, 3.0, 2.0, PAIR, looks=looks, hz=10.0))
    found = roll.find(ann.person)
    assert found is not None and found.track == 2 and found.sure > 0.8
    bea = next(p for p in roll.people if p.name == "Bea")
    assert bea.sure < 0.5
    assert roster.member("Ann").group == "G" and len(roster.member("Ann").faces) >= 1


def test_forgetting_a_name_forgets_the_samples() -> None:
    costume = Costume()
    roster = Roster(members=enrolled(costume, {0: "Ann"}))
    roster.forget("Ann")
    assert all(p.name == "" for p in roster.roll.people)
    with pytest.raises(KeyError):
        roster.member("Ann")
    roster.set_members(enrolled(costume, {1: "Bea"}))
    assert [p.name for p in roster.roll.people if p.name] == ["Bea"]
    roster.set_members(())
    assert not any(p.name for p in roster.roll.people)


def test_unknown_people_and_tracks_are_refused() -> None:
    roster = Roster()
    roster.observe(fusion(0.0, PAIR))
    for call in (lambda: roster.claim(99, 1), lambda: roster.person_on(7), lambda: roster.enrol(99, "x")):
        with pytest.raises(KeyError):
            call()


def test_broken_embeddings_are_ignored() -> None:
    roster = Roster()
    broken = Appearance(np.full(8, np.nan, np.float32), 1.0, np.zeros(4, np.float32), 0.95, 1.0)
    for step in range(40):
        checked(roster.observe(fusion(step / 20, PAIR, {1: broken, 2: broken})))
    roster.enrol(roster.person_on(1), "Ann")
    assert roster.member("Ann").bodies == () and roster.member("Ann").faces == ()
