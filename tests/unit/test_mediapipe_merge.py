import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.geometry import Box
from engine.perception.mediapipe_merge import agreement, assigned, merged, trunk_distance
from tests.unit.mediapipe_bodies import finding


def test_one_person_seen_in_three_windows_stays_once_and_as_the_best_view():
    best = finding(600, 400)
    people = merged([finding(604, 398, others=0.8), best, finding(597, 402, legs=0.1)])
    assert people == [best]


def test_people_who_stand_shoulder_to_shoulder_stay_two():
    assert len(merged([finding(600, 400), finding(660, 400)])) == 2


def test_somebody_half_covered_in_a_crossing_stays():
    front, behind = finding(600, 400), finding(640, 380, height=260, legs=0.05)
    assert front.box.iou(behind.box) > 0.2
    assert merged([behind, front]) == [front, behind]


def test_a_hand_taken_for_a_little_body_is_dropped():
    person = finding(600, 400, height=500)
    hand = finding(640, 420, height=80, others=0.9)
    assert merged([hand, person]) == [person]


def test_somebody_small_far_behind_but_beside_stays():
    assert len(merged([finding(600, 400, height=500), finding(760, 380, height=120)])) == 2


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(100, 1200), st.floats(200, 500), st.floats(80, 500), st.floats(0.35, 1.0)),
        max_size=6,
    )
)
def test_merging_keeps_the_best_is_sorted_and_has_nothing_left_to_merge(people):
    findings = [finding(x, y, height=h, others=s) for x, y, h, s in people]
    once = merged(findings)
    assert [f.score for f in once] == sorted((f.score for f in once), reverse=True)
    assert merged(once) == once
    if findings:
        assert once[0].score == max(f.score for f in findings)


def test_bodies_without_a_common_visible_trunk_are_infinitely_far():
    assert trunk_distance(finding(600, 400).pose, finding(600, 400, others=0.31).pose) == 0
    hidden = finding(600, 400).pose
    nothing = type(hidden)(hidden.xy, hidden.score * 0)
    assert trunk_distance(hidden, nothing) == float("inf")


def test_agreement_is_high_for_the_own_box_and_none_for_the_neighbour():
    person = finding(600, 400)
    assert agreement(person, person.box) > 0.8
    assert agreement(person, person.box.shifted(0.9 * person.box.width, 0)) == 0
    assert agreement(person, person.box.scaled(3)) == 0
    assert agreement(person, Box(0, 0, 0, 0)) == 0


@pytest.mark.parametrize("order", [1, -1])
def test_the_neighbour_in_front_is_not_given_to_the_one_behind(order):
    front, behind_box = finding(600, 400), finding(650, 400).box
    boxes = [front.box, behind_box][::order]
    # both regions show only the person in front
    result = assigned([[front], [finding(602, 401, others=0.9)]][::order], boxes)[::order]
    assert result[0] is front
    assert result[1] is None


def test_two_who_overlap_each_get_their_own():
    left, right = finding(600, 400), finding(660, 400)
    assert assigned([[right, left], [left, right]], [left.box, right.box]) == [left, right]


def test_nobody_and_no_boxes():
    assert assigned([], []) == []
    assert assigned([[]], [Box(0, 0, 100, 200)]) == [None]
