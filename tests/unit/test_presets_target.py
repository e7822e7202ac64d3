"""Target words of presets and of the command line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.direction.target import TargetKind, TargetRequest
from engine.errors import JikcamError
from engine.geometry import Box, Point
from engine.presets import parse_target


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("largest", TargetRequest(TargetKind.LARGEST)),
        (" Leftmost ", TargetRequest(TargetKind.LEFTMOST)),
        ("rightmost", TargetRequest(TargetKind.RIGHTMOST)),
        ("center", TargetRequest(TargetKind.CENTER)),
        ("none", TargetRequest(TargetKind.NONE)),
        ("next", TargetRequest(TargetKind.NEXT)),
        ("previous", TargetRequest(TargetKind.PREVIOUS)),
        ("index:2", TargetRequest(TargetKind.INDEX, number=2)),
        ("name:Mina", TargetRequest(TargetKind.NAME, name="Mina")),
        ("NAME:  박 민아 ", TargetRequest(TargetKind.NAME, name="박 민아")),
        ("name:a:b", TargetRequest(TargetKind.NAME, name="a:b")),
        ("member:2", TargetRequest(TargetKind.MEMBER, number=2)),
        ("person: 0", TargetRequest(TargetKind.PERSON, number=0)),
        ("point:640,360.5", TargetRequest(TargetKind.POINT, point=Point(640, 360.5))),
        ("box:10, 20, 30, 40", TargetRequest(TargetKind.BOX, box=Box(10, 20, 30, 40))),
    ],
)
def test_what_is_a_target(text, request_):
    assert parse_target(text) == request_


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("", "choose one of largest"),
        ("biggest", "choose one of largest"),
        ("largest:1", "write just largest"),
        ("index", "from 1"),
        ("index:0", "from 1"),
        ("index:-1", "from 1"),
        ("index:1.5", "from 1"),
        ("index:²", "from 1"),
        ("index:99999999999", "from 1"),
        ("member:0", "from 1"),
        ("member:Mina", "from 1"),
        ("name", "name:Mina"),
        ("name: ", "name:Mina"),
        ("name:" + "x" * 61, "at most 60"),
        ("name:a\0b", "name:Mina"),
        ("point:1", "point:640,360"),
        ("point:1,2,3", "point:640,360"),
        ("point:nan,2", "point:640,360"),
        ("index:3/2", "the second of nine"),
        ("index:2/", "index:N"),
        ("member:2/9", "member:N"),
        ("point:-5,2", "point:640,360"),
        ("box:1,2,3", "box:X0"),
        ("box:30,20,10,40", "X0 < X1"),
        ("box:1,2,1,4", "X0 < X1"),
    ],
)
def test_what_is_not(text, fix):
    with pytest.raises(JikcamError) as caught:
        parse_target(text)
    assert fix in caught.value.fix


@given(st.text(max_size=30))
def test_any_text_is_a_target_or_one_line(text):
    try:
        assert isinstance(parse_target(text), TargetRequest)
    except JikcamError as error:
        assert "\n" not in str(error)
