"""jikcam.py in a make-believe OBS, against a make-believe engine."""

from __future__ import annotations

import ast
import json
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from engine.control.bodies import CameraBody, ObsBody, TargetBody, ViewBody, parse
from obs_plugin.script.jikcam_script.actions import ACTIONS
from tests.recording_engine import RecordingEngine
from tests.unit.fake_obspython import SCRIPT, FakeObs, import_script
from tests.waiting import until

NEXT = ("/api/target", {"view": "stage", "kind": "next"})
BODIES: dict[str, Any] = {
    "/api/target": TargetBody,
    "/api/camera": CameraBody,
    "/api/view": ViewBody,
    "/api/obs": ObsBody,
}


@pytest.fixture
def obs(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeObs]:
    fake = FakeObs()
    monkeypatch.setitem(sys.modules, "obspython", fake)
    for name in ("jikcam", "jikcam_copy"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    yield fake
    for name in ("jikcam", "jikcam_copy"):
        module = sys.modules.get(name)
        while module is not None and module._kept["loads"]:
            fake.unload(module)


@pytest.fixture
def engine() -> Iterator[RecordingEngine]:
    with RecordingEngine() as running:
        yield running


@pytest.fixture
def script(obs: FakeObs, engine: RecordingEngine) -> ModuleType:
    module = import_script()
    obs.load(module, {"address": engine.url})
    until(lambda: f"jikcam runs at {engine.url}" in obs.tick())
    return module


def status(script: ModuleType) -> str:
    return str(script.script_properties()["status"].description)


def test_hotkeys_are_the_ones_that_users_have_bound(obs: FakeObs, script: ModuleType) -> None:
    names = [name for name, _, _ in obs.hotkeys.values()]
    members = [f"jikcam.member{n}" for n in range(1, 10)]
    shots = ["jikcam.shot_face", "jikcam.shot_upper", "jikcam.shot_full"]
    modes = ["jikcam.wide", "jikcam.hold", "jikcam.release"]
    assert names == ["jikcam.next", "jikcam.previous", *members, *modes, *shots]
    assert next(iter(obs.hotkeys.values()))[1] == "jikcam: next person"


@pytest.mark.parametrize(
    ("name", "calls"),
    [
        ("next", [NEXT]),
        ("previous", [("/api/target", {"view": "stage", "kind": "previous"})]),
        ("member9", [("/api/target", {"view": "stage", "kind": "member", "number": 9})]),
        ("wide", [("/api/camera", {"view": "stage", "mode": "wide"})]),
        ("hold", [("/api/camera", {"view": "stage", "mode": "hold"})]),
        ("release", [("/api/camera", {"view": "stage", "mode": "follow"}), ("/api/obs", {"scenes": "auto"})]),
        ("shot_face", [("/api/view", {"view": "stage", "changes": {"shot": "face"}})]),
    ],
)
def test_a_hotkey_asks_for(
    obs: FakeObs, script: ModuleType, engine: RecordingEngine, name: str, calls: list[Any]
) -> None:
    obs.press(f"jikcam.{name}", down=True)
    obs.press(f"jikcam.{name}", down=False)
    until(lambda: len(engine.asked) >= len(calls))
    obs.press("jikcam.next")
    until(lambda: engine.calls == [*calls, NEXT])


@pytest.mark.parametrize("action", ACTIONS, ids=lambda a: a.name)
def test_the_engine_understands_what_is_asked(action: Any) -> None:
    for call in action.calls:
        body = dict(call.body, view="main") if call.names_view else call.body
        parse(BODIES[call.path], json.dumps(body).encode())


def test_the_view_of_the_settings_is_meant(obs: FakeObs, engine: RecordingEngine) -> None:
    script = import_script()
    obs.load(script, {"address": engine.url + "/", "view": " left "})
    obs.press("jikcam.hold")
    until(lambda: engine.calls == [("/api/camera", {"view": "left", "mode": "hold"})])
    until(lambda: "there is no View 'left'; choose one of: stage" in status(script))


def test_keys_are_taken_from_the_settings_and_saved_there(obs: FakeObs, engine: RecordingEngine) -> None:
    script, bound = import_script(), [{"key": "OBS_KEY_F9"}]
    obs.load(script, {"address": engine.url, "jikcam.member3": bound})
    saved: dict[str, Any] = {}
    script.script_save(saved)
    assert saved["jikcam.member3"] == bound
    assert saved["jikcam.next"] == []
    assert len(saved) == len(ACTIONS)


def test_the_panel_lists_people_from_the_left_and_choosing_one_is_an_order(
    obs: FakeObs, script: ModuleType, engine: RecordingEngine
) -> None:
    panel = script.script_properties()
    assert [value for _, value in panel["target"].items] == ["", "4", "7"]
    assert [value for _, value in panel["view"].items] == ["", "stage"]
    assert status(script) == f"jikcam runs at {engine.url}\nstage: person 4, held"
    settings = {"target": "7"}
    assert panel["target"].callback(panel, panel["target"], settings) is True
    until(lambda: engine.calls == [("/api/target", {"view": "stage", "kind": "person", "number": 7})])
    assert settings == {"target": ""}, "else OBS would choose them anew at its next start"
    for shown in (settings, {}, {"target": "garbage"}):
        assert panel["target"].callback(panel, panel["target"], shown) is False
    for name in ("jikcam.next", "jikcam.previous", "jikcam.wide", "jikcam.hold", "jikcam.release", "refresh"):
        assert panel[name].callback(panel, panel[name]) is True
    until(lambda: len(engine.asked) == 7)


def test_the_status_tells_camera_mode_and_scenes_by_hand(
    obs: FakeObs, script: ModuleType, engine: RecordingEngine
) -> None:
    engine.state["views"][0].update(mode="wide", person=None)
    engine.state["obs"] = {"scenes": "manual"}
    wanted = "stage: nobody is chosen, camera: wide, OBS's scenes by hand"
    until(lambda: wanted in status(script))


def test_nothing_that_obs_calls_does_any_io(
    obs: FakeObs, script: ModuleType, engine: RecordingEngine
) -> None:
    """Python's own audit events tell of every file, socket and process that this thread touches."""
    io = ("open", "socket.", "subprocess.", "os.listdir", "os.scandir", "os.posix_spawn", "os.fork", "http.")
    seen: list[str] = []
    me = threading.get_ident()

    def watch(event: str, _args: Any) -> None:
        if armed and threading.get_ident() == me and event.startswith(io):
            seen.append(event)

    armed = False
    sys.addaudithook(watch)
    engine.answering.clear()
    settings: dict[str, Any] = {"address": engine.url, "program": "/nowhere/jikcam", "target": "4"}
    armed = True
    for action in ACTIONS:
        obs.press(action.name)
    script.script_update(settings)
    panel = script.script_properties()
    for prop in panel.values():
        if prop.callback is not None:
            prop.callback(panel, prop, *([settings] if prop is panel["target"] else []))
    script.script_save(settings)
    obs.tick()
    obs.unload(script)
    obs.load(script, settings)
    armed = False
    assert seen == []


def test_loaded_again_the_script_runs_new_code_and_the_old_thread_ends(
    obs: FakeObs, script: ModuleType, engine: RecordingEngine
) -> None:
    def threads() -> list[threading.Thread]:
        return [t for t in threading.enumerate() if t.name == "jikcam-engine"]

    old_thread, old_worker = threads()[-1], script.EngineWorker
    obs.unload(script)
    assert import_script() is script
    assert script.EngineWorker is not old_worker, "an upgraded folder beside it would not be seen"
    obs.load(script, {"address": engine.url})
    until(lambda: not old_thread.is_alive())
    obs.press("jikcam.next")
    until(lambda: engine.calls == [NEXT])


def test_a_second_copy_rests_and_says_so(
    obs: FakeObs, script: ModuleType, engine: RecordingEngine, tmp_path: Path
) -> None:
    shutil.copytree(SCRIPT.parent, tmp_path / "copy")
    copy = import_script(tmp_path / "copy" / "jikcam.py", "jikcam_copy")
    obs.load(copy, {"address": engine.url})
    obs.load(script, {"address": engine.url})  # the same file twice is one module to OBS
    assert sum("twice" in text for text in obs.tick()) == 2
    obs.press("jikcam.next")
    until(lambda: engine.calls == [NEXT])
    script.script_unload()
    obs.press("jikcam.next")
    until(lambda: engine.calls == [NEXT, NEXT])


def test_a_missing_folder_is_named(obs: FakeObs, tmp_path: Path) -> None:
    shutil.copy(SCRIPT, tmp_path)
    with pytest.raises(ImportError, match=r"jikcam_script is missing beside jikcam\.py; copy both"):
        import_script(tmp_path / "jikcam.py", "jikcam_copy")
    del sys.modules["jikcam_copy"]


@pytest.mark.parametrize("path", sorted(SCRIPT.parent.rglob("*.py")), ids=lambda p: p.name)
def test_it_runs_in_any_python_of_obs(path: Path) -> None:
    tree = ast.parse(path.read_text(), feature_version=(3, 8))
    ours = {"obspython", "obs_plugin", "jikcam_script"}  # obs_plugin: for type checkers only
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert {a.name.split(".")[0] for a in node.names} <= sys.stdlib_module_names | ours
        elif isinstance(node, ast.ImportFrom) and not node.level:
            assert str(node.module).split(".")[0] in sys.stdlib_module_names | ours
    inside = path.parent.name == "jikcam_script"
    assert not (inside and "obspython" in path.read_text().replace("obspython functions", ""))
