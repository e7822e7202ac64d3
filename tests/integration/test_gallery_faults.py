"""Whatever lies in a gallery: one clear line, everybody else is known, and the show goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import JikcamError
from engine.gallery import (
    LiveGallery,
    add_to_member,
    delete_member,
    load_gallery,
    save_member,
)
from engine.gallery import private as private_files
from tests.unit.gallery_kit import BLUE, BODY, FACE, MODELS, RED, SquareReader, member, picture

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def gallery(tmp_path: Path) -> Path:
    """Good and Bad; Bad is then spoiled."""
    folder = tmp_path / "gallery"
    save_member(folder, member("Bad", 1), [picture(RED)], MODELS)
    save_member(folder, member("Good", 2), [picture(BLUE)], MODELS)
    return folder


def known(folder: Path, **more: Any) -> tuple[set[str], tuple[str, ...]]:
    found = load_gallery(folder, FACE, BODY, **more)
    for problem in found.problems:
        assert problem.isprintable() and len(problem) < 700 and "; " in problem
        assert "Traceback" not in problem and "pydantic" not in problem
    return {m.name for m in found.members}, found.problems


def edited(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], object]:
    def spoil(record: Path) -> None:
        data = json.loads(record.read_text())
        change(data)
        record.write_text(json.dumps(data))

    return spoil


def written(data: bytes) -> Callable[[Path], object]:
    return lambda record: record.write_bytes(data)


def cut_short(record: Path) -> None:
    record.write_bytes(record.read_bytes()[:300])


def grown(record: Path) -> None:
    with record.open("r+b") as file:
        file.truncate(9_000_000)


def linked(record: Path) -> None:
    record.rename(record.parents[2] / "outside.json")
    record.symlink_to(record.parents[2] / "outside.json")


def a_pipe(record: Path) -> None:
    record.unlink()
    os.mkfifo(record)


def a_folder(record: Path) -> None:
    record.unlink()
    record.mkdir()


def samples(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], object]:
    return edited(lambda data: change(data["samples"][0]))


SPOILED: dict[str, tuple[Callable[[Path], object], str]] = {
    "no bytes": (written(b""), "is empty"),
    "cut short": (cut_short, "is not what jikcam wrote"),
    "text": (written("저는 텍스트입니다".encode()), "is not what jikcam wrote"),
    "not utf-8": (written(b"\xff\xfe\x00\x80"), "is not what jikcam wrote"),
    "a pickle": (written(b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00}"), "is not what jikcam wrote"),
    "a JSON bomb": (written(b"[" * 1_000_000), "recursion"),
    "a deep JSON": (written(b'{"schema":' + b"[" * 5000 + b"]" * 5000 + b"}"), "recursion"),
    "no table": (written(b"[1, 2]"), "is not what jikcam wrote"),
    "a huge file": (grown, "larger than 8 MB"),
    "a link": (linked, "is a link"),
    "a pipe": (a_pipe, "is not a file"),
    "a folder": (a_folder, "is not a file"),
    "a foreign key": (edited(lambda d: d.update({"owner\n\x1b[31m": "x"})), "owner??[31m"),
    "an older one": (edited(lambda d: d.update(schema=0)), "schema"),
    "a newer one": (edited(lambda d: d.update(schema=2)), "update jikcam"),
    "a huge number": (written(b'{"schema": 1' + b"0" * 5000 + b"}"), "is not what jikcam wrote"),
    "NaN": (samples(lambda s: s["vector"].__setitem__(3, float("nan"))), "vector.3"),
    "infinity": (samples(lambda s: s["vector"].__setitem__(3, float("inf"))), "vector.3"),
    "text for a number": (samples(lambda s: s["vector"].__setitem__(3, "0.1")), "vector.3"),
    "far too long": (samples(lambda s: s.update(vector=[0.0] * 5000)), "4096"),
    "too short": (samples(lambda s: s.update(vector=[1.0])), "16"),
    "no unit length": (samples(lambda s: s.update(vector=[0.5] * 32)), "length"),
    "all zeros": (samples(lambda s: s.update(vector=[0.0] * 32)), "length 0"),
    "quality": (samples(lambda s: s.update(quality=2)), "quality"),
    "model": (samples(lambda s: s.update(model="../../x")), "model"),
    "a path out": (samples(lambda s: s.update(picture="../../../etc/passwd")), "picture"),
    "an absolute path": (edited(lambda d: d["pictures"][0].update(file="/etc/passwd")), "file"),
    "no date": (samples(lambda s: s.update(taken="yesterday")), "taken"),
    "a million samples": (edited(lambda d: d.update(samples=[{}] * 100_000)), "samples"),
    "lengths that differ": (
        edited(lambda d: d["samples"].append({**d["samples"][0], "vector": [1.0] + [0.0] * 63})),
        "64 numbers",
    ),
}


@pytest.mark.parametrize("what", SPOILED)
def test_a_spoiled_record_costs_one_line_and_one_member(gallery: Path, what: str) -> None:
    spoil, word = SPOILED[what]
    spoil(gallery / "Bad" / "member.json")
    names, problems = known(gallery, reader=SquareReader())
    assert names == {"Good"}
    assert len(problems) == 1 and "Bad" in problems[0] and word in problems[0], problems
    live = LiveGallery(gallery, MODELS)
    assert [m.name for m in live.members()] == ["Good"]
    live.add("New", member("", 7))
    if what != "a folder":
        with pytest.raises(JikcamError):  # what is there may be worth repairing: it is not written over
            live.add("Bad", member("", 7))
        assert not delete_member(gallery, "Bad") and not (gallery / "Bad").exists()
        live.add("Bad", member("", 7))
        assert known(gallery) == ({"Bad", "Good", "New"}, ())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(0, 10**6),
    st.sampled_from([b"", b"\0", b"9", b"]", b"}", b'"', b"e9", b"-", b"\xff"]),
    st.booleans(),
)
def test_no_damage_anywhere_in_a_record_gets_through(gallery: Path, at: int, junk: bytes, over: bool) -> None:
    record = gallery / "Bad" / "member.json"
    whole = record.read_bytes()
    at %= len(whole)
    record.write_bytes(whole[:at] + junk + whole[at + (len(junk) if over else 0) :])
    try:
        names, problems = known(gallery)
        assert "Good" in names and len(names) + len(problems) == 2
    finally:
        record.write_bytes(whole)


def test_a_member_of_another_length_is_left_out(gallery: Path) -> None:
    save_member(gallery, member("Third", 3), [], MODELS)
    from engine.identity.member import Member
    from tests.unit.gallery_kit import sample

    save_member(gallery, Member("Odd", (sample(1, length=64),)), [], MODELS)
    names, problems = known(gallery)
    assert names == {"Bad", "Good", "Third"} and "64 numbers, those of others 32" in problems[0]


def test_folders_that_are_no_members(gallery: Path, tmp_path: Path) -> None:
    (gallery / "Photos").mkdir()
    (gallery / "con").mkdir()
    (gallery / "x\x1b[2J").mkdir()
    (gallery / "good").mkdir()
    (gallery / "good" / "member.json").write_bytes((gallery / "Good" / "member.json").read_bytes())
    (gallery / "Out").symlink_to(tmp_path)
    (gallery / "Gone").symlink_to(tmp_path / "nowhere")
    (gallery / ".hidden").mkdir()
    (gallery / "notes.txt").write_text("mine")
    names, problems = known(gallery)
    assert names == {"Bad", "Good"}
    for word in (
        "Photos has no member.json",
        "con can't be",
        "x?[2J can't",
        "name of Good",
        "Out is a link",
        "Gone",
    ):
        assert sum(word in problem for problem in problems) == 1, word
    assert len(problems) == 6


def test_a_gallery_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "no", tmp_path / "file", tmp_path / "file" / "in"):
        names, problems = known(path)
        assert not names and len(problems) == 1
        assert LiveGallery(path, MODELS).members() == ()
    with pytest.raises(JikcamError, match="--gallery"):
        save_member(tmp_path / "file", member("A", 1), [], MODELS)
    for n in range(201):
        (tmp_path / "many" / str(n)).mkdir(parents=True)
    assert "holds 201 folders" in known(tmp_path / "many")[1][0]


def test_what_the_system_refuses_to_read(gallery: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As root nothing is unreadable, so the refusal is played."""
    plain = os.open

    def refusing(path: Any, *rest: Any, **more: Any) -> int:
        if "Bad" in str(path):
            raise PermissionError(13, "Permission denied", str(path))
        return plain(path, *rest, **more)

    monkeypatch.setattr(private_files.os, "open", refusing)
    names, problems = known(gallery)
    assert names == {"Good"} and "Permission denied" in problems[0]
    with pytest.raises(JikcamError, match="Permission denied"):
        add_to_member(gallery, member("Bad", 5), [], MODELS)
