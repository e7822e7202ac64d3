from __future__ import annotations

import json
import math
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from engine.control import ControlServer
from engine.control.bodies import TargetBody, parse
from engine.control.server import DEFAULT_PORT
from engine.direction.target import LockState, TargetKind, TargetRequest
from engine.errors import JikcamError
from engine.geometry import Box, Point
from tests.integration.control_rig import PATIENCE_S, FakeEngine, ask, serving


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine("main", "tall")


@pytest.fixture
def server(engine: FakeEngine) -> Iterator[ControlServer]:
    with serving(engine) as running:
        yield running


def test_state_is_rounded_and_uses_the_names_of_the_dataclasses(
    server: ControlServer, engine: FakeEngine
) -> None:
    engine.people = (replace(engine.people[0], sure=math.nan, name="Mina", reason="crossed person 3"),)
    engine.members = ("Ida", "Mina")
    engine.change_view(lock=LockState.OCCLUDED, lock_for_s=1.23456, person=1, reason="behind person 3")
    engine.tick()
    state = ask(server, "/api/state").json
    assert state["frame_index"] == 1 and state["time_s"] == 0.033
    assert state["source_size"] == [1920, 1080]
    assert state["people"] == [
        {
            "id": 1,
            "box": [299.9, 290.0, 200.1, 500.0],
            "track": 11,
            "name": "Mina",
            "sure": None,
            "reason": "crossed person 3",
            "seen_s_ago": 0.012,
        }
    ]
    assert state["members"] == ["Ida", "Mina"]
    main, tall = state["views"]
    assert (main["lock"], main["lock_for_s"], main["person"]) == ("occluded", 1.235, 1)
    assert main["reason"] == "behind person 3" and tall["reason"] == ""
    assert main["shot"] == [0.0, 0.0, 1920.0, 1080.0] and main["sinks"] == {"mjpeg": "ok"}
    assert (tall["name"], tall["person"]) == ("tall", None)


@pytest.mark.parametrize(
    ("body", "request_"),
    [
        ({"kind": "next"}, TargetRequest(TargetKind.NEXT)),
        ({"kind": "none", "frame": 5}, TargetRequest(TargetKind.NONE, frame_index=5)),
        ({"kind": "largest"}, TargetRequest(TargetKind.LARGEST)),
        ({"kind": "index", "number": 2}, TargetRequest(TargetKind.INDEX, number=2)),
        ({"kind": "person", "number": 3}, TargetRequest(TargetKind.PERSON, number=3)),
        ({"kind": "member", "number": 2}, TargetRequest(TargetKind.MEMBER, number=2)),
        ({"kind": "name", "name": " 박  민아"}, TargetRequest(TargetKind.NAME, name="박 민아")),
        (
            {"kind": "point", "x": 7, "y": 8.5, "frame": 9},
            TargetRequest(TargetKind.POINT, point=Point(7, 8.5), frame_index=9),
        ),
        ({"kind": "box", "box": [1, 2, 3, 4]}, TargetRequest(TargetKind.BOX, box=Box(1, 2, 3, 4))),
    ],
)
def test_targets_reach_the_engine(
    server: ControlServer, engine: FakeEngine, body: dict[str, Any], request_: TargetRequest
) -> None:
    assert ask(server, "/api/target", {"view": "tall", **body}).status == 200
    assert engine.calls == [("target", "tall", request_)]


def test_every_kind_of_target_can_be_sent() -> None:
    extras = {
        "index": {"number": 1},
        "member": {"number": 1},
        "name": {"name": "Mina"},
        "person": {"number": 1},
        "point": {"x": 1, "y": 1},
        "box": {"box": [0, 0, 1, 1]},
    }
    for kind in TargetKind:
        body = {"view": "main", "kind": kind.value, **extras.get(kind.value, {})}
        assert parse(TargetBody, json.dumps(body).encode()).root.request().kind is kind


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "JSON"),
        (b"{", "JSON"),
        (b"\xff\xfe", "JSON"),
        ([], "body"),
        ({"view": "main"}, "kind"),
        ({"kind": "next"}, "view"),
        ({"view": "main", "kind": "sideways"}, "sideways"),
        ({"view": "main", "kind": "next", "number": 1}, "number: Extra"),
        ({"view": "main", "kind": "index", "number": 0}, "number"),
        ({"view": "main", "kind": "index", "number": "1"}, "number"),
        ({"view": "main", "kind": "index", "number": True}, "number"),
        ({"view": "main", "kind": "point", "x": 1}, "y: Field required"),
        (b'{"view":"main","kind":"point","x":NaN,"y":1}', "x"),
        (b'{"view":"main","kind":"point","x":1e999,"y":1}', "x"),
        ({"view": "main", "kind": "box", "box": [0, 0, 1]}, "box"),
        ({"view": "main", "kind": "box", "box": [5, 0, 1, 1]}, "x0 < x1"),
        ({"view": "main", "kind": "next", "frame": -1}, "frame"),
        ({"view": "main", "kind": "member", "number": 0}, "number"),
        ({"view": "main", "kind": "name", "name": "  "}, "name"),
        ({"view": "main", "kind": "name", "name": "x" * 61}, "name"),
        ({"view": "main", "kind": "name", "name": "a\u0000b"}, "readable"),
    ],
)
def test_bad_targets_are_explained_and_change_nothing(
    server: ControlServer, engine: FakeEngine, body: Any, says: str
) -> None:
    answer = ask(server, "/api/target", body)
    assert answer.status == 400 and says in answer.error
    assert engine.calls == []


def test_the_engines_refusal_is_400_in_its_own_words(server: ControlServer) -> None:
    answer = ask(server, "/api/target", {"view": "main", "kind": "person", "number": 99})
    assert (answer.status, answer.error) == (400, "there is no person 99; choose 1, 2 or 3")


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/api/target", {"kind": "next"}),
        ("/api/claim", {"x": 1, "y": 1}),
        ("/api/view", {"changes": {"zoom": 1.0}}),
    ],
)
def test_unknown_views_are_404(server: ControlServer, path: str, more: dict[str, Any]) -> None:
    answer = ask(server, path, {"view": "x\r\ny", **more})
    assert answer.status == 404 and "main, tall" in answer.error


def test_view_changes(server: ControlServer, engine: FakeEngine) -> None:
    changes = {"zoom": 1.5, "framing": {"hands": True}, "sinks": ["a", None]}
    assert ask(server, "/api/view", {"view": "main", "changes": changes}).status == 200
    assert engine.calls == [("view", "main", changes)]
    assert (
        ask(server, "/api/view", {"view": "main", "changes": {"zoom": "big"}}).error
        == "zoom must be a number"
    )
    assert ask(server, "/api/view", {"view": "main", "changes": {}}).status == 400
    assert ask(server, "/api/view", b'{"view":"main","changes":{"a":[{"b":-Infinity}]}}').status == 400
    assert len(engine.calls) == 1


def test_preset_both_ways_and_no_lost_update(server: ControlServer, engine: FakeEngine) -> None:
    assert ask(server, "/api/preset").json == {"toml": "[source]\n", "values": engine.values}
    answer = ask(server, "/api/preset", {"toml": 'name = "직캠"', "base": "[source]\n"})
    assert answer.json == {"ok": True, "restart": ["source.camera"]}
    assert ask(server, "/api/preset").json["toml"] == 'name = "직캠"'
    late = ask(server, "/api/preset", {"toml": "", "base": "[source]\n"})
    assert late.status == 409 and "changed meanwhile" in late.error
    assert engine.preset == 'name = "직캠"'
    assert ask(server, "/api/preset", {"toml": "a = b"}).error == "the preset is not TOML; quote the text"
    assert ask(server, "/api/preset", {"toml": 1}).status == 400


def test_health_follows_the_pictures(server: ControlServer, engine: FakeEngine) -> None:
    stopped = ask(server, "/healthz")
    assert stopped.status == 503 and "no new picture" in stopped.error
    engine.tick()
    assert (ask(server, "/healthz").status, ask(server, "/healthz").json) == (200, {"ok": True})
    engine.failure = RuntimeError("the\nsky fell")
    assert "the sky fell" in ask(server, "/healthz").error


def test_metrics_are_prometheus_text(server: ControlServer) -> None:
    answer = ask(server, "/metrics")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.body.decode().splitlines()
    for line in (
        "jikcam_pictures_total 375.0",
        "# TYPE jikcam_late_pictures_total counter",
        'jikcam_stage_milliseconds{stage="render",quantile="0.99"} 3.5',
        'jikcam_stage_samples{stage="odd\\"na\\\\me"} 1.0',
        'jikcam_view_lock{view="main",lock="nobody"} 1.0',
        'jikcam_view_lock{view="main",lock="held"} 0.0',
        'jikcam_view_lock{view="main",lock="unsure"} 0.0',
        'jikcam_view_lock{view="tall",lock="found"} 0.0',
        'jikcam_sink_ok{view="tall",sink="mjpeg"} 1.0',
    ):
        assert line in lines
    names = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(names) == len(set(names))


def test_what_breaks_inside_stays_inside(server: ControlServer, engine: FakeEngine) -> None:
    engine.failure = ZeroDivisionError("secret")
    for answer in (ask(server, "/api/state"), ask(server, "/api/target", {"view": "main", "kind": "next"})):
        assert answer.status == 500 and "secret" not in answer.error
    engine.failure = None
    assert ask(server, "/api/state").status == 200


def test_commands_arrive_one_after_another(server: ControlServer, engine: FakeEngine) -> None:
    inside = threading.Lock()
    original = engine.set_target

    def slow(view: str, request: TargetRequest) -> None:
        assert inside.acquire(blocking=False), "two commands at once"
        time.sleep(0.01)
        original(view, request)
        inside.release()

    engine.set_target = slow  # type: ignore[method-assign]
    posts = [
        threading.Thread(target=ask, args=(server, "/api/target", {"view": "main", "kind": "next"}))
        for _ in range(8)
    ]
    for post in posts:
        post.start()
    for post in posts:
        post.join()
    assert len(engine.calls) == 8


def test_a_slow_command_does_not_hold_up_the_rest(server: ControlServer, engine: FakeEngine) -> None:
    release, begun = threading.Event(), threading.Event()

    def slow(text: str) -> list[str]:
        begun.set()
        release.wait(PATIENCE_S)
        return []

    engine.apply_preset = slow  # type: ignore[method-assign]
    post = threading.Thread(target=ask, args=(server, "/api/preset", {"toml": ""}))
    post.start()
    assert begun.wait(PATIENCE_S)
    assert ask(server, "/api/state").status == 200
    assert ask(server, "/metrics").status == 200
    release.set()
    post.join()


# -- life


def test_a_taken_port_is_explained() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        server = ControlServer(FakeEngine(), port=port)
        with pytest.raises(JikcamError, match=rf"port {port} .* taken .*--port 0"):
            server.start()
        server.stop()


@pytest.mark.parametrize("port", [-1, 65536])
def test_impossible_ports(port: int) -> None:
    with pytest.raises(JikcamError, match=str(port)):
        ControlServer(FakeEngine(), port=port)


def test_life_of_a_server() -> None:
    engine = FakeEngine()
    server = ControlServer(engine)
    assert server.url == f"http://127.0.0.1:{DEFAULT_PORT}"
    server.stop()
    before = set(threading.enumerate())
    with serving(engine, host="localhost") as server:
        assert ask(server, "/").status == 200
        with pytest.raises(RuntimeError):
            server.start()
        server.stop()
        server.stop()
        with pytest.raises(OSError):
            ask(server, "/")
    assert "jikcam-control" not in {t.name for t in set(threading.enumerate()) - before}


def test_ipv6() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with serving(FakeEngine(), host="::1") as server:
        assert server.url.startswith("http://[::1]:")
        assert ask(server, "/api/state").status == 200
