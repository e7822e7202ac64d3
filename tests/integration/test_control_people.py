"""Names, corrections and pictures of people over the control API."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from engine.control import ControlServer, people
from engine.direction.target import LockState, TargetKind, TargetRequest
from engine.geometry import Box, Point
from tests.integration.control_rig import FakeEngine, ask, serving


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine("main", "tall")


@pytest.fixture
def server(engine: FakeEngine) -> Iterator[ControlServer]:
    with serving(engine) as running:
        yield running


def test_a_person_gets_a_name_and_loses_it(server: ControlServer, engine: FakeEngine) -> None:
    assert ask(server, "/api/enrol", {"person": 3, "name": "  Mina  Park "}).json == {"ok": True}
    state = ask(server, "/api/state").json
    assert [p["name"] for p in state["people"]] == ["", "", "Mina Park"]
    assert state["members"] == ["Mina Park"]
    assert ask(server, "/api/forget", {"name": "Mina Park"}).json == {"ok": True}
    assert engine.calls == [("enrol", 3, "Mina Park"), ("forget", "Mina Park")]
    assert ask(server, "/api/state").json["members"] == []


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("/api/enrol", {"person": 9, "name": "Mina"}, "there is no person 9; choose 1, 2 or 3"),
        ("/api/enrol", {"person": "3", "name": "Mina"}, "person"),
        ("/api/enrol", {"person": -1, "name": "Mina"}, "person"),
        ("/api/enrol", {"person": 3}, "name: Field required"),
        ("/api/enrol", {"person": 3, "name": ""}, "name"),
        ("/api/enrol", {"person": 3, "name": "\u2028"}, "readable"),
        ("/api/enrol", {"person": 3, "name": "Mina", "age": 3}, "age: Extra"),
        ("/api/forget", {"name": "Momo"}, "nobody is named 'Momo'"),
        ("/api/forget", {"name": 3}, "name"),
        ("/api/claim", {"view": "main", "x": 1}, "y: Field required"),
        ("/api/claim", {"view": "main", "x": 1, "y": "1"}, "y"),
        ("/api/claim", {"view": "main", "x": 1, "y": 1, "frame": -1}, "frame"),
        ("/api/claim", {"view": "main", "box": [1, 2, 3]}, "box: List should have at least 4 items"),
        ("/api/claim", {"view": "main", "box": [3, 2, 1, 4]}, "x0 < x1"),
        ("/api/claim", {"view": "main", "box": [1, 2, 3, 4], "x": 2, "y": 3}, "x: Extra"),
        ("/api/claim", {"view": "main"}, "x: Field required"),
        ("/api/claim", {"view": "main", "x": 5, "y": 5}, "follows nobody yet; choose a person first"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_and_changes_nothing(
    server: ControlServer, engine: FakeEngine, path: str, body: dict[str, Any], says: str
) -> None:
    answer = ask(server, path, body)
    assert answer.status == 400 and says in answer.error
    assert engine.calls == []


def test_that_is_my_person(server: ControlServer, engine: FakeEngine) -> None:
    engine.change_view(1, person=2, lock=LockState.UNSURE, reason="crossed person 3")
    told = ask(server, "/api/state").json["views"][1]
    assert (told["lock"], told["reason"]) == ("unsure", "crossed person 3")
    assert ask(server, "/api/claim", {"view": "tall", "x": 7, "y": 8.5, "frame": 9}).status == 200
    shown = TargetRequest(TargetKind.POINT, point=Point(7, 8.5), frame_index=9)
    assert engine.calls == [("claim", "tall", shown)]
    assert ask(server, "/api/state").json["views"][1]["lock"] == "held"
    assert ask(server, "/api/claim", {"view": "tall", "box": [1, 2, 3.5, 4], "frame": 9}).status == 200
    outlined = TargetRequest(TargetKind.BOX, box=Box(1, 2, 3.5, 4), frame_index=9)
    assert engine.calls.pop() == ("claim", "tall", outlined)
    not_a_number = b'{"view":"tall","x":NaN,"y":1}'
    assert ask(server, "/api/claim", not_a_number).status == 400
    assert len(engine.calls) == 1


def test_everybody_has_a_picture(server: ControlServer, engine: FakeEngine) -> None:
    engine.thumbnails[2] = b"\xff\xd8 two"
    answer = ask(server, "/people/2.jpg")
    assert (answer.status, answer.body) == (200, b"\xff\xd8 two")
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Cache-Control"] == "no-store", "tomorrow another person has that number"
    assert ask(server, "/people/3.jpg").status == 404
    assert "no picture" in ask(server, "/people/3.jpg").error


def test_a_picture_is_made_twice_a_second_for_all_pages_together(
    server: ControlServer, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    def slow(person: int) -> bytes:
        made.append(person)
        time.sleep(0.1)
        return b"%d" % len(made)

    monkeypatch.setattr(engine, "thumbnail", slow)
    with ThreadPoolExecutor(12) as pool:
        begin_s = time.monotonic()
        answers = [pool.submit(ask, server, f"/people/{n % 3 + 1}.jpg") for n in range(36)]
        assert len({(n % 3, answer.result().body) for n, answer in enumerate(answers)}) == len(made)
        took_s = time.monotonic() - begin_s
    assert sorted(made[:3]) == [1, 2, 3] and len(made) <= 3 * (1 + took_s / people.FRESH_S)
    time.sleep(people.FRESH_S)
    assert ask(server, "/people/1.jpg").body == b"%d" % len(made) and made[-1] == 1


@pytest.mark.parametrize("path", ["x.jpg", "-1.jpg", "2.png", "2", "..%2f2.jpg", "9" * 40 + ".jpg", "٢.jpg"])
def test_no_other_path_is_a_picture(server: ControlServer, engine: FakeEngine, path: str) -> None:
    engine.thumbnails[2] = b"two"
    assert ask(server, "/people/" + quoted(path)).status == 404


def quoted(path: str) -> str:
    return path.encode("ascii", "ignore").decode() if path.isascii() else "%D9%A2.jpg"
