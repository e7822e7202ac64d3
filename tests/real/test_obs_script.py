"""obs_plugin/script/jikcam.py in a real OBS."""

from __future__ import annotations

import json
import socket
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import obsws_python
import pytest

from obs_plugin.script.jikcam_script.actions import ACTIONS
from tests.integration.control_rig import FakeEngine, ask, serving
from tests.real.obs_rig import ObsRig, free_port
from tests.real.obs_scripts_window import AFTER_S, Keyboard, ScriptsWindow
from tests.recording_engine import RecordingEngine
from tests.waiting import until

pytestmark = pytest.mark.real

SCRIPT = Path(__file__).parents[2] / "obs_plugin" / "script" / "jikcam.py"
KEYS = {"jikcam.next": "F9", "jikcam.member2": "F10", "jikcam.release": "F11"}
NEXT = ("/api/target", {"view": "stage", "kind": "next"})
#: Of 30 a second. One second of waiting in a timer would skip 30 at once.
FEW_FRAMES = 15
#: What OBS prints once a client has left. OBS 29 and 30 may crash when they quit while obs-websocket is at
#: that (obsproject/obs-websocket#1180), whoever the client was.
GOODBYE = "has disconnected"

MakeObs = Callable[..., ObsRig]


@pytest.fixture
def engine() -> Iterator[RecordingEngine]:
    with RecordingEngine() as running:
        yield running


def entry(address: str, **settings: Any) -> dict[str, Any]:
    keys = {name: [{"key": f"OBS_KEY_{key}"}] for name, key in KEYS.items()}
    return {"path": str(SCRIPT), "settings": {"address": address, **keys, **settings}}


def said(rig: ObsRig, text: str) -> int:
    return sum(text in line for line in rig.log_text().splitlines() if "[Python: jikcam.py]" in line)


def fire(rig: ObsRig, *names: str) -> None:
    with rig.client() as client:
        for name in names:
            client.trigger_hot_key_by_name(name)


@contextmanager
def typed(rig: ObsRig, key: str) -> Iterator[None]:
    """OBS is told of a key and does at once what is bound to it now: it looks at no keyboard."""
    with rig.client() as client:
        client.send("TriggerHotkeyByKeySequence", {"keyId": f"OBS_KEY_{key}"})
        yield
    time.sleep(AFTER_S)


@contextmanager
def held(rig: ObsRig, key: str) -> Iterator[None]:
    """A finger is on the key."""
    with Keyboard(rig) as keyboard, keyboard.hold(key):
        yield


def our_hotkeys(rig: ObsRig) -> list[str]:
    with rig.client() as client:
        return [name for name in client.get_hot_key_list().hotkeys if name.startswith("jikcam.")]


def skipped(client: obsws_python.ReqClient) -> int:
    """Frames that OBS was too late to render or to put out."""
    stats = client.get_stats()
    return int(stats.render_skipped_frames + stats.output_skipped_frames)


def test_hotkeys_reach_the_engine_and_keys_survive_a_restart(
    make_obs: MakeObs, engine: RecordingEngine
) -> None:
    rig = make_obs(scripts=[entry(engine.url)]).start()
    assert our_hotkeys(rig) == [action.name for action in ACTIONS]
    until(lambda: said(rig, f"jikcam runs at {engine.url}"))
    fire(rig, "jikcam.next", "jikcam.shot_face", "jikcam.hold")
    wanted = [
        NEXT,
        ("/api/view", {"view": "stage", "changes": {"shot": "face"}}),
        ("/api/camera", {"view": "stage", "mode": "hold"}),
    ]
    until(lambda: engine.calls == wanted)
    wanted.append(("/api/target", {"view": "stage", "kind": "member", "number": 2}))
    with held(rig, "F10"):
        until(lambda: engine.calls == wanted)
    rig.restart()
    until(lambda: said(rig, f"jikcam runs at {engine.url}") == 2)
    with held(rig, "F9"):
        until(lambda: engine.calls == [*wanted, NEXT])
    assert rig.stop() == 0
    saved = json.loads(rig.collection_path.read_text())["modules"]["scripts-tool"][0]["settings"]
    assert saved["jikcam.next"] == [{"key": "OBS_KEY_F9"}]
    assert saved["jikcam.wide"] == [], "only the script itself can have saved this"


def test_keys_move_the_real_control_api(make_obs: MakeObs) -> None:
    engine = FakeEngine("main")
    with serving(engine) as server:
        rig = make_obs(scripts=[entry(server.url)]).start()
        ask(server, "/api/obs/report", {"state": "up", "text": "", "scene": "A", "scenes": "manual"})
        until(lambda: said(rig, f"jikcam runs at {server.url}"))
        fire(rig, "jikcam.member3", "jikcam.wide", "jikcam.release", "jikcam.shot_upper")
        until(lambda: ("view", "main", {"shot": "upper"}) in engine.calls)
        done = [(call[0], str(getattr(call[2], "value", ""))) for call in engine.calls]
        assert done == [("target", ""), ("mode", "wide"), ("mode", "follow"), ("view", "")]
        assert engine.calls[0][2].number == 3
        assert ask(server, "/api/state").json["obs"]["release"] == 1
        assert rig.stop() == 0


def test_away_is_said_and_nothing_fires_when_the_engine_comes(
    make_obs: MakeObs, engine: RecordingEngine
) -> None:
    engine.stop()
    rig = make_obs(scripts=[entry(engine.url)]).start()
    until(lambda: said(rig, f"jikcam is not running at {engine.url}; press Start engine"))
    fire(rig, *["jikcam.next"] * 5)
    until(lambda: said(rig, f"'next person' was not done: jikcam is not running at {engine.url}"))
    engine.start()
    until(lambda: said(rig, f"jikcam runs at {engine.url}"))
    fire(rig, "jikcam.wide")
    until(lambda: engine.asked)
    assert engine.calls == [("/api/camera", {"view": "stage", "mode": "wide"})]
    assert said(rig, "'next person' was not done") == 1
    assert rig.stop() == 0


@pytest.mark.slow
def test_a_hung_engine_costs_no_frame(make_obs: MakeObs, engine: RecordingEngine) -> None:
    rig = make_obs(scripts=[entry(engine.url)]).start()
    until(lambda: said(rig, f"jikcam runs at {engine.url}"))
    engine.answering.clear()
    goodbyes = rig.log_text().count(GOODBYE)
    with rig.client() as client:
        before = skipped(client)
        for _ in range(100):
            client.trigger_hot_key_by_name("jikcam.next")
            time.sleep(0.1)  # ten key presses a second
        assert skipped(client) - before < FEW_FRAMES
    assert said(rig, "does not answer")
    until(lambda: rig.log_text().count(GOODBYE) > goodbyes)
    assert rig.stop() == 0


@pytest.mark.slow
def test_obs_quits_cleanly_ten_times_while_the_engine_hangs(
    make_obs: MakeObs, engine: RecordingEngine
) -> None:
    engine.answering.clear()
    rig = make_obs(scripts=[entry(engine.url)])
    rig.start()
    for number in range(10):
        looks = engine.looks
        fire(rig, "jikcam.next", "jikcam.previous")
        until(lambda looks=looks: engine.looks > looks)
        assert rig.stop() == 0, f"quit {number}: {rig.log_text()[-2000:]}"
        if number < 9:
            rig.restart()


@pytest.mark.slow
def test_obs_quits_cleanly_while_a_connection_is_not_even_taken(make_obs: MakeObs) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf:
        address = deaf.getsockname()
        # Nobody takes connections: once this queue is full the system leaves further ones waiting.
        queue = [socket.socket() for _ in range(4)]
        for waiting in queue:
            waiting.setblocking(False)
            waiting.connect_ex(address)
        rig = make_obs(scripts=[entry(f"http://127.0.0.1:{address[1]}")])
        rig.start()
        for number in range(3):
            fire(rig, "jikcam.next", "jikcam.previous")
            assert rig.stop() == 0, f"quit {number}: {rig.log_text()[-2000:]}"
            if number < 2:
                rig.restart()
        for waiting in queue:
            waiting.close()


@pytest.mark.slow
def test_panel_reload_other_collection_and_removal(make_obs: MakeObs, engine: RecordingEngine) -> None:
    rig = make_obs(scripts=[entry(engine.url)]).start()
    runs = f"jikcam runs at {engine.url}"
    until(lambda: said(rig, runs))
    window = ScriptsWindow(rig)
    window.choose("Down")
    chosen = ("/api/target", {"view": "stage", "kind": "person", "number": 4})
    until(lambda: engine.calls)
    assert engine.calls == [chosen], "to show the panel must not choose anybody"
    # A key that is held would also be heard by a binding that comes late; one that OBS is told of would not.
    for times, pressing in enumerate((typed, held, typed, held), 2):
        window.click("reload")
        until(lambda times=times: said(rig, runs) == times)
        asked = len(engine.asked)
        with pressing(rig, "F9"):
            until(lambda asked=asked: engine.calls[asked:] == [NEXT])
    assert engine.calls == [chosen, *[NEXT] * 4]
    with rig.client() as client:
        client.create_scene_collection("other")
        until(lambda: "Unloaded python script" in rig.log_text())
    assert our_hotkeys(rig) == []
    with rig.client() as client:
        client.set_current_scene_collection("rig")
    until(lambda: said(rig, runs) == 6)
    asked = len(engine.asked)
    fire(rig, "jikcam.next")
    until(lambda: engine.calls[asked:] == [NEXT])
    window.click("first script")
    window.click("remove")
    until(lambda: our_hotkeys(rig) == [])
    assert engine.calls == [chosen, *[NEXT] * 5], "one press asks once"
    assert rig.stop() == 0


@pytest.mark.slow
def test_start_and_stop_engine_and_the_end_of_obs(make_obs: MakeObs, tmp_path: Path) -> None:
    port = free_port()
    program = tmp_path / "jikcam"
    program.write_text(f"#!{sys.executable}\n" + textwrap.dedent(ENGINE))
    program.chmod(0o755)
    told = tmp_path / "told"
    settings = {"program": str(program), "preset": "webcam", "arguments": f"--told '{told}'"}
    temp = {"TMPDIR": str(tmp_path)}
    rig = make_obs(scripts=[entry(f"http://127.0.0.1:{port}", **settings)], extra_env=temp).start()
    until(lambda: said(rig, "press Start engine"))
    window = ScriptsWindow(rig)
    window.press("start")
    until(lambda: said(rig, f"jikcam runs at http://127.0.0.1:{port}"))
    assert told.read_text().split() == ["run", "--port", str(port), "--preset", "webcam", "--told", str(told)]
    window.press("stop")
    until(lambda: said(rig, "jikcam has ended"))
    until(lambda: said(rig, "press Start engine") == 2)
    told.unlink()
    window.press("start")
    until(lambda: said(rig, f"jikcam runs at http://127.0.0.1:{port}") == 2)
    window.click("reload")
    until(lambda: said(rig, f"jikcam runs at http://127.0.0.1:{port}") == 3)
    assert "ended" not in told.read_text(), "a reload must not end the show"
    assert rig.stop() == 0
    until(lambda: "ended" in told.read_text())


#: Answers a state, and writes down its command line and its end.
ENGINE = """
    import http.server, pathlib, signal, sys
    told = pathlib.Path(sys.argv[-1])
    told.write_text(" ".join(sys.argv[1:]))
    def end(*_):
        told.write_text("ended")
        sys.exit()
    signal.signal(signal.SIGTERM, end)
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"views": [], "people": []}')
    http.server.HTTPServer(("127.0.0.1", int(sys.argv[3])), Handler).serve_forever()
"""
