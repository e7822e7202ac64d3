"""Preview, take and guard over the API, and what the state tells of a View's camera."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest

from engine.control import ControlServer
from engine.direction.target import TargetKind, TargetRequest
from engine.geometry import Point
from tests.integration.control_rig import PATIENCE_S, FakeEngine, ask, serving


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine("main", "tall")


@pytest.fixture
def server(engine: FakeEngine) -> Iterator[ControlServer]:
    with serving(engine) as running:
        yield running


def view(server: ControlServer, name: str = "main") -> Any:
    return next(v for v in ask(server, "/api/state").json["views"] if v["name"] == name)


def test_preview_then_take(server: ControlServer, engine: FakeEngine) -> None:
    assert view(server)["previewed"] is None
    next_up = {"view": "main", "kind": "person", "number": 2}
    assert ask(server, "/api/preview", next_up).json == {"ok": True}
    assert (view(server)["previewed"], view(server)["person"]) == (2, None)
    assert ask(server, "/api/take", {"view": "main", "how": "cut"}).json == {"ok": True}
    assert (view(server)["previewed"], view(server)["person"]) == (None, 2)
    assert engine.calls[-1] == ("take", "main", "cut")
    ask(server, "/api/preview", next_up)
    ask(server, "/api/take", {"view": "main"})
    assert engine.calls[-1] == ("take", "main", None)
    assert view(server, "tall")["previewed"] is None


def test_a_preview_is_any_target_and_can_be_taken_back(server: ControlServer, engine: FakeEngine) -> None:
    ask(server, "/api/preview", {"view": "tall", "kind": "point", "x": 7, "y": 8.5, "frame": 3})
    ask(server, "/api/preview", {"view": "tall", "kind": "none"})
    assert engine.calls == [
        ("preview", "tall", TargetRequest(TargetKind.POINT, point=Point(7, 8.5), frame_index=3)),
        ("preview", "tall", TargetRequest(TargetKind.NONE)),
    ]
    assert view(server, "tall")["previewed"] is None


def test_a_guarded_view_refuses_and_says_so(server: ControlServer, engine: FakeEngine) -> None:
    assert view(server)["guarded"] is False
    assert ask(server, "/api/guard", {"view": "main", "on": True}).json == {"ok": True}
    assert view(server)["guarded"] is True and view(server, "tall")["guarded"] is False
    ask(server, "/api/preview", {"view": "main", "kind": "person", "number": 2})
    for path, more in (("/api/take", {}), ("/api/target", {"kind": "person", "number": 1})):
        answer = ask(server, path, {"view": "main", **more})
        assert answer.status == 400 and "locked" in answer.error
    assert view(server)["person"] is None
    ask(server, "/api/guard", {"view": "main", "on": False})
    assert ask(server, "/api/take", {"view": "main"}).status == 200


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("/api/take", {"view": "main"}, "nobody is previewed"),
        ("/api/take", {"view": "main", "how": "wipe"}, "how"),
        ("/api/take", {"view": "main", "hwo": "cut"}, "hwo: Extra"),
        ("/api/take", {"how": "cut"}, "view"),
        ("/api/guard", {"view": "main"}, "on: Field required"),
        ("/api/guard", {"view": "main", "on": 1}, "on"),
        ("/api/guard", {"view": "main", "on": "yes"}, "on"),
        ("/api/preview", {"view": "main"}, "kind"),
        ("/api/preview", {"view": "main", "kind": "person", "number": 9}, "there is no person 9"),
        ("/api/preview", b"", "JSON"),
    ],
)
def test_bad_commands_are_explained_and_change_nothing(
    server: ControlServer, engine: FakeEngine, path: str, body: Any, says: str
) -> None:
    answer = ask(server, path, body)
    assert answer.status == 400 and says in answer.error
    assert engine.calls == []


@pytest.mark.parametrize(
    ("path", "more"),
    [("/api/preview", {"kind": "next"}), ("/api/take", {}), ("/api/guard", {"on": True})],
)
def test_unknown_views_and_strangers_are_refused(
    server: ControlServer, engine: FakeEngine, path: str, more: dict[str, Any]
) -> None:
    answer = ask(server, path, {"view": "x", **more})
    assert answer.status == 404 and "main, tall" in answer.error
    assert ask(server, path).status == 405
    stranger = {"Origin": "http://elsewhere.example"}
    assert ask(server, path, {"view": "main", **more}, headers=stranger).status == 403
    assert engine.calls == []


def test_the_state_tells_of_camera_and_delay(server: ControlServer, engine: FakeEngine) -> None:
    assert (view(server)["operator"], view(server)["feel"], view(server)["delay_s"]) == (None, None, 0.0)
    engine.set_view("main", {"camera.feel": "calm", "camera.operator": "lookahead"})
    engine.change_view(delay_s=0.5)
    assert (view(server)["operator"], view(server)["feel"], view(server)["delay_s"]) == (
        *("lookahead", "calm", 0.5),
    )
    assert view(server, "tall")["feel"] is None
    engine.change_view(delay_s=math.inf)
    assert view(server)["delay_s"] is None


def test_previews_and_guards_are_told_at_once(server: ControlServer, engine: FakeEngine) -> None:
    async def script() -> None:
        async with (
            asyncio.timeout(PATIENCE_S),
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{server.url}/api/events") as events,
        ):
            for change in ({"previewed": 2}, {"guarded": True}, {"delay_s": 0.75}):
                engine.change_view(1, **change)
                ((key, value),) = change.items()
                while (await events.receive_json())["state"]["views"][1][key] != value:
                    pass

    asyncio.run(script())
