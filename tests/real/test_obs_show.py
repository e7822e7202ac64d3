"""The whole promise with a real OBS: scenes follow the lock, the label says who, the picture moves."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.real.obs_rig import ObsRig
from tests.real.show_rig import ROOT, ShowRig
from tests.waiting import until

pytestmark = [pytest.mark.real, pytest.mark.slow]

PRESET = """schema = 1
[obs]
port = {port}
dwell_s = 0.5
[obs.label]
held = "{{name}} on stage"
lost = "out of sight"
[[obs.scene]]
name = "jikcam close"
[[obs.scene]]
name = "jikcam wide"
view = "wide"
[[obs.rule]]
scene = "jikcam close"
when = "held"
for_s = 0.3
[[obs.rule]]
scene = "jikcam wide"
when = "lost"
for_s = 0.5
[[view]]
name = "main"
target = "leftmost"
shot = "upper"
lost = {{ lost_after_s = 1.0 }}
[[view]]
name = "wide"
target = "none"
shot = "wide"
[control]
"""


def jikcam_obs(*arguments: str, password: str) -> str:
    """Output of `jikcam obs ...`."""
    done = subprocess.run(
        [sys.executable, "-m", "obs_plugin", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PATH": "", "HOME": "/nowhere", "JIKCAM_OBS_PASSWORD": password, "PYTHONPATH": str(ROOT)},
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert password not in done.stdout + done.stderr
    return done.stdout


def settings(obs: ObsRig, source: str) -> dict[str, Any]:
    with obs.client() as client:
        return dict(client.get_input_settings(source).input_settings)


def program(obs: ObsRig) -> str:
    with obs.client() as client:
        return str(client.get_current_program_scene().current_program_scene_name)


@pytest.fixture
def show(obs_clean: ObsRig, tmp_path: Path) -> Iterator[ShowRig]:
    preset = PRESET.format(port=obs_clean.port)
    with ShowRig(tmp_path / "show", preset, obs_clean.password, act="leave", people=3) as running:
        jikcam_obs("setup", "--engine", running.url, password=obs_clean.password)
        # However long all this took: this one stays on stage.
        running.post("/api/target", {"view": "main", "kind": "rightmost"})
        yield running


def test_lost_and_back(obs_clean: ObsRig, show: ShowRig) -> None:
    obs = obs_clean
    until(lambda: show.state()["obs"] and show.state()["obs"]["state"] == "up")
    until(lambda: show.view()["lock"] == "held" and program(obs) == "jikcam close")
    until(lambda: settings(obs, "jikcam label")["text"] == f"Person {show.view()['person']} on stage")
    # The program shows the crop, and the crop moves.
    until(lambda: obs.screenshot().mean() > 10)
    first = obs.screenshot().astype(np.int16)
    until(lambda: np.abs(obs.screenshot() - first).mean() > 2)
    # The first performer leaves again and again.
    until(lambda: len(show.state()["people"]) == 3)
    show.post("/api/target", {"view": "main", "kind": "leftmost"})
    until(lambda: show.view()["lock"] == "lost")
    until(lambda: program(obs) == "jikcam wide")
    assert settings(obs, "jikcam label")["text"] == "out of sight"
    assert show.state()["obs"]["scenes"] == "auto"
    show.post("/api/target", {"view": "main", "kind": "leftmost"})
    until(lambda: program(obs) == "jikcam close")
    until(lambda: settings(obs, "jikcam label")["text"].endswith("on stage"))


def test_a_switch_by_hand_wins_until_it_is_released(obs_clean: ObsRig, show: ShowRig) -> None:
    obs = obs_clean
    until(lambda: program(obs) == "jikcam close")
    with obs.client() as client:
        client.set_current_program_scene("Other")
    until(lambda: show.state()["obs"]["scenes"] == "manual")
    assert "by hand" in show.state()["obs"]["text"]
    show.post("/api/target", {"view": "main", "kind": "previous"})
    until(lambda: show.view()["lock"] == "held")
    assert program(obs) == "Other"
    jikcam_obs("release", "--engine", show.url, password=obs.password)
    until(lambda: program(obs) == "jikcam close")
    assert show.state()["obs"]["scenes"] == "auto"


def test_the_controllers_death_never_touches_the_picture(obs_clean: ObsRig, show: ShowRig) -> None:
    import psutil

    until(lambda: program(obs_clean) == "jikcam close")
    controllers = [p for p in psutil.Process(show.pid).children() if "obs_plugin" in p.cmdline()]
    assert len(controllers) == 1
    assert obs_clean.password not in " ".join(controllers[0].cmdline())
    controllers[0].kill()
    before = show.state()["frame_index"]
    until(lambda: show.state()["frame_index"] > before + 60)
    until(
        lambda: (
            [p.pid for p in psutil.Process(show.pid).children() if "obs_plugin" in " ".join(p.cmdline())]
            not in ([], [controllers[0].pid])
        )
    )
    until(lambda: show.state()["obs"]["state"] == "up")
    ticks = show.stop()
    assert ticks is not None and ticks.longest_gap_s() < 0.5
    controllers[0].wait(5)
