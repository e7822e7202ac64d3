from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.identity.group import UNKNOWN_GROUP, group_of, vote_of
from engine.identity.likelihood import KNOWN
from engine.identity.member import Member, Sample
from engine.identity.tiers import Tier, fused_llr, tier_of

MAYBE = st.none() | st.floats(allow_nan=True, allow_infinity=True)
FACES = KNOWN[0][1]


@pytest.mark.parametrize(
    ("face", "score", "body", "tier", "expected"),
    [
        (3.0, 0.95, -2.0, Tier.FACE, 3.0),
        (3.0, 0.81, -2.0, Tier.FACE, 3.0),
        (3.0, 0.80, -2.0, Tier.BOTH, 1.0),
        (3.0, 0.60, -2.0, Tier.BOTH, 1.0),
        (3.0, 0.59, -2.0, Tier.BODY, -2.0),
        (None, 0.95, -2.0, Tier.BODY, -2.0),
        (None, 0.0, None, Tier.NOTHING, 0.0),
        (3.0, 0.95, None, Tier.FACE, 3.0),
        (3.0, 0.70, None, Tier.FACE, 3.0),
        (3.0, 0.30, None, Tier.NOTHING, 0.0),
        (-3.0, 0.9, 2.0, Tier.FACE, -3.0),
    ],
)
def test_the_three_tiers(
    face: float | None, score: float, body: float | None, tier: Tier, expected: float
) -> None:
    """R134: face sure -> face; middling -> both; low or none -> body."""
    assert tier_of(face is not None, score, body is not None) is tier
    assert fused_llr(face, score, body) == pytest.approx(expected)


@given(st.floats(-4, 4), st.floats(0.6, 0.8), st.floats(-4, 4), st.floats(-4, 4))
def test_in_the_middle_the_body_really_enters(face: float, score: float, a: float, b: float) -> None:
    """The seed took the face's score twice: there, this difference was zero."""
    assert fused_llr(face, score, a) - fused_llr(face, score, b) == pytest.approx(a - b, abs=1e-9)


@given(st.floats(-4, 4), st.floats(0, 0.59), st.floats(-4, 4), st.floats(-4, 4))
def test_below_the_middle_the_face_does_not_enter(
    face: float, score: float, other: float, body: float
) -> None:
    assert fused_llr(face, score, body) == fused_llr(other, score, body) == body


def test_a_face_too_poor_to_know_anybody_by_does_not_stand_alone() -> None:
    assert tier_of(True, 0.95, True, face_quality=0.1) is Tier.BOTH
    assert tier_of(True, 0.95, True, face_quality=0.3) is Tier.FACE
    assert fused_llr(0.2, 0.95, 3.0, face_quality=0.05) == pytest.approx(3.2)


@given(MAYBE, st.floats(0, 1), MAYBE)
def test_it_is_always_finite(face: float | None, score: float, body: float | None) -> None:
    assert math.isfinite(fused_llr(face, score, body))


def member(name: str, angle: float, group: str) -> Member:
    vector = np.array([math.cos(angle), math.sin(angle)], np.float32)
    return Member(name, faces=(Sample(vector, 1.0),) * 3, group=group)


STAGE = [member("a", 0.0, "north"), member("b", 1.6, "north"), member("c", 3.2, "south")]


def look(angle: float) -> np.ndarray:
    return np.array([math.cos(angle), math.sin(angle)], np.float32)


def test_a_face_votes_for_the_group_of_its_member() -> None:
    assert vote_of(look(0.1), 1.0, STAGE, FACES) == "north"
    assert vote_of(look(3.1), 1.0, STAGE, FACES) == "south"


@pytest.mark.parametrize(
    ("angle", "quality"), [(4.8, 1.0), (0.1, 0.02)], ids=["a stranger", "a face that tells nothing"]
)
def test_who_is_nobody_for_sure_casts_no_vote(angle: float, quality: float) -> None:
    assert vote_of(look(angle), quality, STAGE, FACES) == UNKNOWN_GROUP


def test_who_could_be_of_either_group_casts_no_vote() -> None:
    twins = [member("a", 0.0, "north"), member("b", 0.05, "south")]
    assert vote_of(look(0.02), 1.0, twins, FACES) == UNKNOWN_GROUP
    assert vote_of(look(0.02), 1.0, twins[:1], FACES) == "north"
    assert vote_of(look(0.0), 1.0, [], FACES) == UNKNOWN_GROUP


@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        ("nnnn", ""),
        ("nnnnn", "n"),
        ("nnnss", "n"),
        ("nnnsss", ""),
        ("nnnnnss", "n"),
        ("nns", ""),
        ("nnsstt", ""),
        ("", ""),
    ],
)
def test_five_votes_and_sixty_percent_elect_a_group(votes: str, expected: str) -> None:
    assert group_of(list(votes)) == expected


def test_empty_votes_count_as_none() -> None:
    assert group_of(["n"] * 4 + [""] * 10) == UNKNOWN_GROUP
    assert group_of(["n"] * 5 + [""] * 10) == "n"
