from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from engine.geometry import Size
from engine.people import Appearance
from engine.sources.stage import GroundTruthLooks, LookNoise, Scene, scene
from engine.sources.stage.barcode import write_index

SIZE = Size(960, 540)


def read(looks: GroundTruthLooks, made: Scene, time_s: float, **options: object) -> dict[int, Appearance]:
    """What everybody on stage looks like, by id."""
    image = np.zeros((SIZE.height, SIZE.width, 3), np.uint8)
    write_index(image, round(time_s * made.fps))
    people = [p for p in made.truth(round(time_s * made.fps) / made.fps) if p.visible_share > 0]
    found = looks.read(image, [p.box for p in people], **options)  # type: ignore[arg-type]
    return {p.id: look for p, look in zip(people, found, strict=True)}


def cosines(made: Scene, what: str, noise: LookNoise | None = None) -> tuple[float, float]:
    """Mean cosine of two looks at one person, and of looks at two."""
    looks = GroundTruthLooks(made, noise)
    seen: dict[int, list[np.ndarray]] = {}
    for k in range(12):
        for who, look in read(looks, made, k * 1.3).items():
            vector = getattr(look, what)
            if vector is not None:
                seen.setdefault(who, []).append(vector)
    assert len(seen) == len(made.performers)
    same = [a @ b for of in seen.values() for a, b in itertools.combinations(of, 2)]
    other = [a @ b for x, y in itertools.combinations(seen.values(), 2) for a in x for b in y]
    return float(np.mean(same)), float(np.mean(other))


@pytest.mark.parametrize("what", ["body", "face"])
def test_the_noise_is_as_stated(what: str) -> None:
    noise = LookNoise(size=512, body_noise=0.5, face_noise=0.5, lasting=0.0)
    same, other = cosines(scene("still", 5, SIZE), what, noise)
    common = noise.body_common if what == "body" else noise.face_common
    assert same == pytest.approx(1 / 1.25, abs=0.03)
    assert other == pytest.approx(common / 1.25, abs=0.04)


def test_people_in_the_same_costume_have_the_same_body_and_their_own_face() -> None:
    made = scene("still", 4, SIZE)
    twins = replace(made, performers=scene("twins", 4, SIZE).performers)
    same, other = cosines(twins, "body", LookNoise(size=512))
    assert other == pytest.approx(same, abs=0.03)
    same, other = cosines(twins, "face", LookNoise(size=512))
    assert other < same - 0.3


def test_twins_without_marks_have_the_same_face_too() -> None:
    same, other = cosines(scene("twins:plain", 3, SIZE), "face", LookNoise(size=512))
    assert other == pytest.approx(same, abs=0.05)


def test_the_answer_to_the_same_picture_is_the_same_whoever_asked_before() -> None:
    made = scene("sway", 3, SIZE)
    looks, again = GroundTruthLooks(made, seed=4), GroundTruthLooks(made, seed=4)
    read(again, made, 2.0)
    for who, look in read(looks, made, 1.0).items():
        other = read(again, made, 1.0)[who]
        assert np.array_equal(look.body, other.body)
    assert not np.array_equal(look.body, read(GroundTruthLooks(made, seed=5), made, 1.0)[who].body)


def test_vectors_have_length_one_and_qualities_are_shares() -> None:
    made = scene("huddle", 5, SIZE)
    looks = GroundTruthLooks(made)
    for time_s in (0.5, 2.0, 3.3, 6.0):
        for look in read(looks, made, time_s).values():
            assert 0 <= look.body_quality <= 1 and 0 <= look.face_quality <= 1
            for vector in (look.body, look.face):
                assert vector is None or math.isclose(float(np.linalg.norm(vector)), 1.0, abs_tol=1e-5)


def test_who_shows_the_back_shows_no_face() -> None:
    made = scene("turn", 1, SIZE)
    looks = GroundTruthLooks(made, LookNoise(face_miss_p=0.0))
    assert read(looks, made, 0.5)[1].face is not None
    back = read(looks, made, 3.0)[1]
    assert back.face is None and back.body is not None


def test_who_is_half_hidden_looks_like_the_one_in_front() -> None:
    made = scene("cross", 2, SIZE)
    noise = LookNoise(size=256, body_noise=0.05)
    looks = GroundTruthLooks(made, noise)
    apart = read(looks, made, 0.5)
    checked = 0
    for k in range(200, 280):
        for person in made.truth(k / 100):
            if 0.4 < person.visible_share < 0.8 and person.hidden_by:
                look = read(looks, made, k / 100).get(person.id)
                if look is None or look.body is None:
                    continue
                front = apart[person.hidden_by[0][0]].body
                clean = apart[person.id].body @ front
                assert look.body @ front > clean and look.body_quality < 0.85
                checked += 1
    assert checked


def test_only_those_asked_for_are_read_and_no_number_shows_nobody() -> None:
    made = scene("still", 3, SIZE)
    looks = GroundTruthLooks(made, LookNoise(face_miss_p=0.0))
    found = list(read(looks, made, 1.0, faces={0}, bodies={2}).values())
    assert [a.face is not None for a in found] == [True, False, False]
    assert [a.body is not None for a in found] == [False, False, True]
    blank = np.zeros((SIZE.height, SIZE.width, 3), np.uint8)
    assert looks.read(blank, [made.truth(0)[0].box])[0].body is None


def test_small_faces_are_not_found() -> None:
    made = scene("still", 2, SIZE)
    looks = GroundTruthLooks(made, LookNoise(face_miss_p=0.0, least_face_px=60.0))
    assert all(look.face is None for look in read(looks, made, 1.0).values())
