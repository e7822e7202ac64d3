from __future__ import annotations

import pytest

from engine.direction.choice import choose, members, named
from engine.direction.target import TargetKind, TargetRequest
from engine.errors import JikcamError
from engine.geometry import Box, Point
from tests.unit.direction_dancer import SOURCE, at, dancer, roll, standing

# Ids do not run from left to right; 7 is the largest, 3 the leftmost, 9 the rightmost, 5 in the middle.
PEOPLE = at(
    0.0,
    dancer(300, 900, 500, id=3),
    dancer(700, 980, 800, id=7),
    dancer(980, 880, 520, id=5),
    dancer(1500, 900, 500, id=9),
)


@pytest.mark.parametrize(
    ("request_", "present", "who"),
    [
        (TargetRequest(TargetKind.LARGEST), None, 7),
        (TargetRequest(TargetKind.LEFTMOST), None, 3),
        (TargetRequest(TargetKind.RIGHTMOST), None, 9),
        (TargetRequest(TargetKind.CENTER), None, 5),
        (TargetRequest(TargetKind.INDEX, number=1), None, 3),
        (TargetRequest(TargetKind.INDEX, number=3), None, 5),
        (TargetRequest(TargetKind.INDEX, number=3, among=4), None, 5),
        (TargetRequest(TargetKind.MEMBER, number=3), None, 5),
        (TargetRequest(TargetKind.POINT, point=Point(720, 500)), None, 7),
        (TargetRequest(TargetKind.BOX, box=Box(890, 340, 1080, 890)), None, 5),
        (TargetRequest(TargetKind.NEXT), 3, 7),
        (TargetRequest(TargetKind.NEXT), 9, 3),
        (TargetRequest(TargetKind.NEXT), None, 3),
        (TargetRequest(TargetKind.NEXT), 42, 3),
        (TargetRequest(TargetKind.PREVIOUS), 3, 9),
        (TargetRequest(TargetKind.PREVIOUS), 5, 7),
        (TargetRequest(TargetKind.PREVIOUS), None, 9),
    ],
)
def test_each_kind_means_the_right_person(request_: TargetRequest, present: int | None, who: int) -> None:
    assert choose(request_, PEOPLE, SOURCE, present) == who


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (TargetRequest(TargetKind.INDEX, number=5), "only 4 visible"),
        (TargetRequest(TargetKind.INDEX, number=3, among=5), "4 people are in sight, not 5"),
        (TargetRequest(TargetKind.INDEX, number=0), "count from 1"),
        (TargetRequest(TargetKind.INDEX), "count from 1"),
        (TargetRequest(TargetKind.MEMBER, number=5), "only 4 visible"),
        (TargetRequest(TargetKind.POINT, point=Point(1250, 100)), "nobody stands at 1250, 100"),
        (TargetRequest(TargetKind.POINT), "no point"),
        (TargetRequest(TargetKind.BOX, box=Box(1700, 0, 1900, 200)), "nobody fills"),
        (TargetRequest(TargetKind.BOX, box=Box(0, 0, 1920, 1080)), "nobody fills"),
        (TargetRequest(TargetKind.BOX, box=Box(5, 5, 5, 5)), "empty"),
        (TargetRequest(TargetKind.BOX), "empty"),
        (TargetRequest(TargetKind.NONE), "chooses nobody"),
    ],
)
def test_who_fits_nobody_gets_one_line(request_: TargetRequest, words: str) -> None:
    with pytest.raises(JikcamError, match=words) as caught:
        choose(request_, PEOPLE, SOURCE, None)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", list(TargetKind))
def test_an_empty_stage_fits_no_request(kind: TargetKind) -> None:
    with pytest.raises(JikcamError, match="nobody"):
        choose(TargetRequest(kind, number=1, point=Point(1, 1), box=Box(0, 0, 9, 9)), at(0.0), SOURCE, None)


def test_a_click_where_two_overlap_means_the_nearer_middle() -> None:
    both = at(0.0, dancer(900, 900, 600, id=1), dancer(1010, 960, 700, id=2))
    assert choose(TargetRequest(TargetKind.POINT, point=Point(880, 600)), both, SOURCE, None) == 1
    assert choose(TargetRequest(TargetKind.POINT, point=Point(1030, 600)), both, SOURCE, None) == 2


@pytest.mark.parametrize(
    ("request_", "present", "who"),
    [
        (TargetRequest(TargetKind.LEFTMOST), None, 7),
        (TargetRequest(TargetKind.INDEX, number=2), None, 5),
        (TargetRequest(TargetKind.NEXT), None, 7),
        (TargetRequest(TargetKind.PREVIOUS), 7, 9),
        (TargetRequest(TargetKind.NEXT), 3, 7),
        (TargetRequest(TargetKind.POINT, point=Point(300, 600)), None, 3),
    ],
    ids=str,
)
def test_who_is_out_of_sight_counts_only_when_pointed_at(
    request_: TargetRequest, present: int | None, who: int
) -> None:
    unseen = dancer(300, 900, 500, id=3, time_s=9.0, seen_s=8.4)
    rest = [dancer(t.box.center.x, t.box.y1, t.box.height, id=t.id, time_s=9.0) for t in PEOPLE.items[1:]]
    assert choose(request_, at(9.0, unseen, *rest), SOURCE, present) == who


def test_when_all_are_out_of_sight_they_count_again() -> None:
    unseen = at(9.0, dancer(300, id=3, time_s=9.0, seen_s=8.0))
    assert choose(TargetRequest(TargetKind.LEFTMOST), unseen, SOURCE, None) == 3


#: Ida is 2, Mina 5 and out of sight; 3 and 9 have no name.
ROLL = roll(
    0.0,
    standing(9, 9),
    standing(5, None, 0.0, absent=1.0, name="Mina"),
    standing(3, 3),
    standing(2, 7, name="Ida"),
)


@pytest.mark.parametrize(
    ("request_", "who"),
    [
        (TargetRequest(TargetKind.PERSON, number=9), 9),
        (TargetRequest(TargetKind.PERSON, number=5), 5),
        (TargetRequest(TargetKind.NAME, name="Mina"), 5),
        (TargetRequest(TargetKind.NAME, name=" iDA "), 2),
        (TargetRequest(TargetKind.MEMBER, number=1), 2),
        (TargetRequest(TargetKind.MEMBER, number=2), 5),
    ],
    ids=str,
)
def test_who_is_named_may_be_out_of_sight(request_: TargetRequest, who: int) -> None:
    found = named(request_, ROLL)
    assert found is not None and found.person == who


@pytest.mark.parametrize("kind", [k for k in TargetKind if k not in ("person", "name", "member")])
def test_the_rest_means_somebody_who_is_seen(kind: TargetKind) -> None:
    assert named(TargetRequest(kind, number=1), ROLL) is None


def test_where_nobody_is_enrolled_members_are_counted_from_the_left() -> None:
    assert members(roll(0.0, standing(3, 3))) == ()
    assert named(TargetRequest(TargetKind.MEMBER, number=1), roll(0.0, standing(3, 3))) is None


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (TargetRequest(TargetKind.PERSON, number=4), "no person 4; choose one of 2, 3, 5, 9"),
        (TargetRequest(TargetKind.PERSON), "no person None"),
        (TargetRequest(TargetKind.NAME, name="Momo"), "named 'Momo'; choose one of: Ida, Mina"),
        (TargetRequest(TargetKind.NAME), "nobody is named ''"),
        (TargetRequest(TargetKind.MEMBER, number=3), "count from 1 to 2"),
        (TargetRequest(TargetKind.MEMBER), "count from 1 to 2"),
    ],
    ids=str,
)
def test_who_is_not_known_gets_one_line(request_: TargetRequest, words: str) -> None:
    with pytest.raises(JikcamError, match=words) as caught:
        named(request_, ROLL)
    assert "\n" not in str(caught.value)


def test_nobody_is_known_before_anybody_was_seen() -> None:
    with pytest.raises(JikcamError, match="wait until"):
        named(TargetRequest(TargetKind.PERSON, number=1), roll(0.0))
    with pytest.raises(JikcamError, match="give somebody that name"):
        named(TargetRequest(TargetKind.NAME, name="Mina"), roll(0.0, standing(3, 3)))
