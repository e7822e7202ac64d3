"""Camera modes, and the board on which the OBS controller leaves word."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.control import ControlServer
from engine.direction.target import CameraMode
from tests.integration.control_rig import FakeEngine, ask, serving

REPORT = {"state": "up", "text": "OBS 29.0.2", "scene": "Main", "scenes": "manual"}


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine("main", "tall")


@pytest.fixture
def server(engine: FakeEngine) -> Iterator[ControlServer]:
    with serving(engine) as running:
        yield running


@pytest.mark.parametrize("mode", list(CameraMode))
def test_camera_modes_reach_the_engine_and_the_state(
    server: ControlServer, engine: FakeEngine, mode: CameraMode
) -> None:
    assert ask(server, "/api/camera", {"view": "tall", "mode": mode.value}).json == {"ok": True}
    assert engine.calls == [("mode", "tall", mode)]
    assert [v["mode"] for v in ask(server, "/api/state").json["views"]] == ["follow", mode.value]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"view": "tall"}, 400, "mode"),
        ({"view": "tall", "mode": "fly"}, 400, "follow"),
        ({"view": "none", "mode": "hold"}, 404, "main, tall"),
    ],
)
def test_bad_modes_are_explained(
    server: ControlServer, engine: FakeEngine, body: dict[str, str], status: int, words: str
) -> None:
    answer = ask(server, "/api/camera", body)
    assert answer.status == status and words in answer.error
    assert not engine.calls


def test_what_the_controller_reports_is_in_the_state(server: ControlServer) -> None:
    assert ask(server, "/api/state").json["obs"] is None
    assert ask(server, "/api/obs/report", REPORT).status == 200
    assert ask(server, "/api/state").json["obs"] == {**REPORT, "release": 0}
    assert ask(server, "/api/obs", {"scenes": "auto"}).status == 200
    assert ask(server, "/api/state").json["obs"] == {**REPORT, "release": 1}


@pytest.mark.parametrize("body", [{}, {"scenes": "manual"}, {"scenes": "auto", "x": 1}])
def test_only_a_release_can_be_asked_for(server: ControlServer, body: dict[str, object]) -> None:
    assert ask(server, "/api/obs", body).status == 400


@pytest.mark.parametrize("change", [{"state": "fine"}, {"text": "x" * 501}, {"scene": 3}, {"scenes": None}])
def test_a_report_has_a_shape(server: ControlServer, change: dict[str, object]) -> None:
    assert ask(server, "/api/obs/report", {**REPORT, **change}).status == 400
    assert ask(server, "/api/state").json["obs"] is None
