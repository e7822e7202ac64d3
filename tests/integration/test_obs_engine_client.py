"""The OBS side's view of the engine: states as they change, word left, clear errors."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from typing import Any

import pytest

from engine.control import ControlServer
from engine.direction.target import LockState
from engine.errors import JikcamError
from engine.presets import parse_preset
from obs_plugin.engine_client import EngineClient, ask, check_url, running_preset
from tests.integration.control_rig import PATIENCE_S, FakeEngine, serving
from tests.waiting import until

REPORT = {"state": "up", "text": "fine", "scene": "Main", "scenes": "auto"}


class Heard:
    def __init__(self) -> None:
        self.states: list[Mapping[str, Any] | None] = []

    def __call__(self, state: Mapping[str, Any] | None) -> None:
        self.states.append(state)

    def lock(self) -> Any:
        newest = self.states[-1] if self.states else None
        return newest and newest["views"][0]["lock"]


@pytest.fixture
def heard() -> Heard:
    return Heard()


def test_states_come_as_they_change_and_loss_is_told(heard: Heard) -> None:
    engine = FakeEngine()
    with serving(engine) as server:
        client = EngineClient(server.url, heard)
        client.start()
        until(lambda: heard.lock() == "nobody")
        engine.change_view(lock=LockState.HELD, person=2, label="Person 2")
        until(lambda: heard.lock() == "held")
    until(lambda: heard.states[-1] is None)
    client.stop()
    client.stop()


def test_an_engine_that_comes_later_and_comes_back_is_found(heard: Heard) -> None:
    with serving(FakeEngine()) as server:
        url, port = server.url, int(server.url.rsplit(":", 1)[1])
    client = EngineClient(url, heard)
    client.start()
    until(lambda: heard.states[-1:] == [None])
    again = ControlServer(FakeEngine(), port=port)
    again.start()
    try:
        until(lambda: heard.states[-1] is not None)
    finally:
        again.stop()
    until(lambda: heard.states[-1] is None)
    client.stop()


def test_a_hanging_engine_is_lost_and_stop_does_not_wait_for_it(heard: Heard) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = EngineClient(f"http://127.0.0.1:{silent.getsockname()[1]}", heard)
        client.start()
        until(lambda: heard.states[-1:] == [None])
        stopping = threading.Thread(target=client.stop)
        stopping.start()
        stopping.join(PATIENCE_S)
        assert not stopping.is_alive()


def test_only_the_newest_word_is_left(heard: Heard) -> None:
    with serving(FakeEngine()) as server:
        client = EngineClient(server.url, heard)
        for text in ("old", "new"):
            client.report({**REPORT, "text": text})
        client.start()
        obs = until(lambda: heard.states and heard.states[-1] and heard.states[-1]["obs"])
        assert obs == {**REPORT, "text": "new", "release": 0}
        client.stop()


def test_the_running_preset_is_the_whole_preset() -> None:
    preset = parse_preset('[obs]\nhost = "studio"\n[[obs.rule]]\nscene = "A"\nwhen = "lost"\n', "a test")
    engine = FakeEngine()
    engine.values = preset.model_dump(mode="json")
    with serving(engine) as server:
        assert running_preset(server.url) == preset


def test_refusals_come_in_the_engines_words() -> None:
    with serving(FakeEngine()) as server, pytest.raises(JikcamError, match="there is no such View"):
        ask(server.url, "/api/camera", {"view": "x", "mode": "hold"})


def test_an_absent_engine_is_explained_and_proxies_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with serving(FakeEngine()) as server:
        assert ask(server.url, "/api/state")["source"] == "fake"
        url = server.url
    with pytest.raises(JikcamError, match=r"does not answer at http://127.*start it with: jikcam run"):
        ask(url, "/api/state")


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:8787", "https://127.0.0.1", "http://", "http://x:99999", "http://x/page", "ws://x"]
)
def test_what_is_no_address_is_explained(url: str) -> None:
    with pytest.raises(JikcamError, match=r"write it as http://127\.0\.0\.1:8787"):
        check_url(url)


def test_a_slash_at_the_end_is_no_matter() -> None:
    assert check_url("http://localhost:8787/") == "http://localhost:8787"
