"""Which samples are kept, and whether faces are of one person."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import JikcamError
from engine.gallery.agreement import likeness, lookalikes, middle, odd_ones
from engine.gallery.choice import best_few, same
from engine.gallery.looks import Look, member_of
from engine.gallery.sifting import agreeing_pictures, best_of_film, check_against_gallery
from engine.identity.likelihood import Calibration
from engine.identity.member import Member, Sample
from tests.unit.gallery_kit import portrait, sample, vector

CALIBRATION = Calibration(slope=14.0, offset=0.45)


def near(seed: int, other: int, cosine: float, quality: float = 0.5) -> Sample:
    """At that cosine from ``seed``, in the direction of ``other``."""
    a, b = vector(seed).astype(float), vector(other).astype(float)
    b -= (a @ b) * a
    v = cosine * a + (1 - cosine**2) ** 0.5 * b / np.linalg.norm(b)
    return Sample(v.astype(np.float32), quality)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.floats(0, 1)), max_size=40),
    st.integers(0, 30),
    st.lists(st.integers(0, 39), max_size=4, unique=True),
)
def test_the_best_few_are_different_ones(rows: list[tuple[int, float]], most: int, first: list[int]) -> None:
    samples = [sample(seed, quality) for seed, quality in rows]
    first = [i for i in first if i < len(samples)]
    kept = best_few(samples, most, first)
    assert len(kept) == len(set(kept)) <= most and kept[: len(first)] == first[:most]
    if not first and kept:
        assert samples[kept[0]].quality == max(s.quality for s in samples)
        assert not any(same(samples[a], samples[b]) for n, a in enumerate(kept) for b in kept[:n])
        assert len(kept) == min(most, len({seed for seed, _ in rows}))


def test_a_second_view_goes_before_a_second_copy_of_the_first() -> None:
    frontal, again, turned = sample(1, 1.0), near(1, 2, 0.97, 0.9), near(1, 3, 0.6, 0.4)
    assert best_few([frontal, again, turned], 2) == [0, 2]


def test_a_stranger_among_the_faces_is_found() -> None:
    mine = [near(1, k, 0.85) for k in range(2, 7)]
    faces = [*mine, sample(99)]
    assert odd_ones(faces, faces[middle(faces)], CALIBRATION) == [5]
    assert odd_ones(mine, mine[middle(mine)], CALIBRATION) == [] == odd_ones([], sample(1), CALIBRATION)


def test_likeness_is_of_the_rule_not_of_one_lucky_pair() -> None:
    mine = [near(1, k, 0.9) for k in range(2, 7)]
    assert likeness(mine, mine, CALIBRATION) > 2
    assert likeness([*mine[:1], *(sample(k) for k in (50, 51, 52))], mine, CALIBRATION) < -2
    assert likeness([], mine, CALIBRATION) == 0.0
    others = [Member("A", (sample(60),)), Member("B", tuple(mine)), Member("C")]
    assert [m.name for m in lookalikes(mine, others, CALIBRATION)] == ["B"]


def looks(*faces: Sample | None) -> list[Look]:
    head = portrait((40, (0, 0, 255)))
    return [Look(f"{i}.jpg", face, head if face else None) for i, face in enumerate(faces)]


def test_pictures_of_two_people_are_refused_by_name() -> None:
    mine = [near(1, k, 0.9) for k in range(2, 5)]
    agreeing_pictures(looks(*mine), CALIBRATION)
    agreeing_pictures(looks(mine[0], None), CALIBRATION)
    with pytest.raises(JikcamError, match=r"3\.jpg .* not show the same person"):
        agreeing_pictures(looks(*mine, sample(99)), CALIBRATION)


def test_a_film_gives_its_best_faces_without_strays() -> None:
    mine = [near(1, k, 0.9, 0.3 + k / 100) for k in range(2, 22)]
    kept = best_of_film(looks(*mine, sample(99)), "f.mp4", CALIBRATION)
    assert len(kept) == 8 and not any(
        look.face is None or look.face.vector @ vector(99) > 0.9 for look in kept
    )
    with pytest.raises(JikcamError, match="not of one person"):
        best_of_film(looks(*mine[:6], *(near(99, k, 0.9) for k in range(30, 34))), "f.mp4", CALIBRATION)
    with pytest.raises(JikcamError, match="no face in f"):
        best_of_film([Look("1 s")], "f.mp4", CALIBRATION)


def test_who_is_enrolled_is_asked_before_anything_is_stored() -> None:
    mine = tuple(near(1, k, 0.9) for k in range(2, 5))
    stored = [
        Member("Mina", mine),
        Member("Twin", tuple(near(1, k, 0.85) for k in (7, 8))),
        Member("X", (sample(9),)),
    ]
    (line,) = check_against_gallery("Mina", mine, stored, CALIBRATION)
    assert "Twin" in line and "X" not in line
    with pytest.raises(JikcamError, match="not the X who is enrolled"):
        check_against_gallery("X", mine, stored, CALIBRATION)
    assert check_against_gallery("New", [sample(70)], stored, CALIBRATION) == []


def test_samples_and_pictures_stay_together() -> None:
    figure = portrait((60, (0, 255, 0)))
    both = Look("a", sample(1), figure, sample(2), figure)
    member, pictures = member_of("A", [Look("b"), Look("c", body=sample(3), figure=figure), both], "g")
    assert (len(member.faces), len(member.bodies), member.group) == (1, 2, "g")
    assert [(p.kind, p.sample) for p in pictures] == [("body", 0), ("face", 0), ("body", 1)]
