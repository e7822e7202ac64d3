"""Engine, real OBS, controller and script together, measured.

    python -m tests.benchmarks.obs_show scenes|hotkeys|restarts|latency [--count N]
    python -m tests.benchmarks.obs_show soak [--seconds N] [--control N]

Needs what .ci/packages installs. Prints one table; docs/measurements.md holds the last ones.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import obsws_python
import psutil

from engine.sources.stage.barcode import read_index
from obs_plugin.cli import SCRIPT
from tests.real.obs_rig import ObsRig
from tests.real.show_rig import ShowRig, StateLog, Ticks
from tests.real.test_obs_show import jikcam_obs, program, settings
from tests.waiting import until

PRESET = """schema = 1
[obs]
port = {port}
dwell_s = 0.2
[[obs.scene]]
name = "jikcam close"
[[obs.scene]]
name = "jikcam wide"
view = "wide"
[[obs.rule]]
scene = "jikcam close"
when = "held"
[[obs.rule]]
scene = "jikcam wide"
when = "unseen"
[[view]]
name = "main"
target = "leftmost"
shot = "upper"
[[view]]
name = "wide"
target = "none"
shot = "wide"
[control]
"""
#: OBS's canvas: without a GPU Mesa draws, and at 1280x720 with a 720p picture in it OBS itself comes to
#: 62 ms a frame on one core.
CANVAS = (640, 360)
#: Where the script's settings are told of the show's port before OBS starts.
SHOW_PORT = 8799


class Events:
    """When OBS told of each program scene."""

    def __init__(self, obs: ObsRig) -> None:
        self.came: list[tuple[float, str]] = []
        self._client = obsws_python.EventClient(
            host="127.0.0.1", port=obs.port, password=obs.password, timeout=5
        )
        self._client.callback.register(self.on_current_program_scene_changed)

    def on_current_program_scene_changed(self, data: Any) -> None:
        self.came.append((time.monotonic(), data.scene_name))

    def first_s(self, scene: str, since_s: float) -> float | None:
        return next((at_s for at_s, name in list(self.came) if name == scene and at_s >= since_s), None)

    def close(self) -> None:
        self._client.disconnect()


@contextmanager
def rigs(script: bool = True, **options: Any) -> Iterator[tuple[ObsRig, ShowRig]]:
    """A real OBS set up for a running show."""
    keys = {"jikcam.next": [{"key": "OBS_KEY_F9"}]}
    url = f"http://127.0.0.1:{SHOW_PORT}"
    scripts = [{"path": str(SCRIPT), "settings": {"address": url, **keys}}] if script else []
    with (
        tempfile.TemporaryDirectory() as folder,
        ObsRig(Path(folder) / "obs", size=CANVAS, scripts=scripts) as obs,
    ):
        show = ShowRig(Path(folder) / "show", PRESET.format(port=obs.port), obs.password, **options)
        show.port = SHOW_PORT
        with show:
            jikcam_obs("setup", "--engine", show.url, password=obs.password)
            until(lambda: program(obs) == "jikcam close")
            until(lambda: settings(obs, "jikcam label").get("text") == show.view()["label"])
            yield obs, show


def percentiles(name: str, values_s: Sequence[float]) -> None:
    """One line: count, p50, p95, largest in ms."""
    ms = np.array(values_s) * 1e3
    print(
        f"| {name} | {len(ms)} | {np.percentile(ms, 50):.0f} | {np.percentile(ms, 95):.0f} | {ms.max():.0f} |"
    )


def scenes(count: int) -> None:
    """State change to CurrentProgramSceneChanged, and to the label's new text."""
    changed, labelled, alone = [], [], []
    with rigs(act="sway", people=3) as (obs, show), show.following() as states:
        events = Events(obs)
        with obs.client() as client:
            for k in range(count):
                scene, since_s = ("jikcam wide", "jikcam close")[k % 2], time.monotonic()
                client.set_current_program_scene(scene)
                event_s = until(lambda scene=scene, s=since_s: events.first_s(scene, s), every_s=0.001)
                alone.append(event_s - since_s)
                time.sleep(0.5)
        show.post("/api/obs", {"scenes": "auto"})
        until(lambda: program(obs) == "jikcam close" and show.state()["obs"]["scenes"] == "auto")
        time.sleep(0.5)
        for k in range(count):
            lock, scene = (("nobody", "jikcam wide"), ("held", "jikcam close"))[k % 2]
            since_s = time.monotonic()
            show.post("/api/target", {"view": "main", "kind": "none" if lock == "nobody" else "leftmost"})
            at_s = until(lambda lock=lock, s=since_s: states.first_s(_lock_is(lock), s))
            want = "" if lock == "nobody" else show.view()["label"]
            with obs.client() as client:
                until(lambda c=client, w=want: _text(c) == w, every_s=0.001)
            labelled.append(time.monotonic() - at_s)
            event_s = until(lambda scene=scene, s=since_s: events.first_s(scene, s))
            changed.append(event_s - at_s)
            time.sleep(0.5)
        events.close()
    print("| | changes | p50 ms | p95 ms | max ms |\n|---|--:|--:|--:|--:|")
    percentiles("OBS alone: SetCurrentProgramScene to CurrentProgramSceneChanged", alone)
    percentiles("engine's state to CurrentProgramSceneChanged", changed)
    percentiles("engine's state to the label's text in OBS", labelled)


def _text(client: obsws_python.ReqClient) -> object:
    return client.get_input_settings("jikcam label").input_settings["text"]


def _lock_is(lock: str) -> Callable[[Any], bool]:
    return lambda state: bool(state["views"][0]["lock"] == lock)


def hotkeys(count: int) -> None:
    """Key press, and TriggerHotkeyByName, to the engine's state."""
    with rigs(act="sway", people=3) as (obs, show), show.following() as states, obs.client() as client:
        until(lambda: "jikcam.next" in client.get_hot_key_list().hotkeys)

        def trigger() -> None:
            client.trigger_hot_key_by_name("jikcam.next")

        rows = {
            "xdotool key F9": _presses(show, states, lambda: obs.key("F9"), count),
            "TriggerHotkeyByName": _presses(show, states, trigger, count),
        }
    print(
        "| from the press to the engine's state | presses | p50 ms | p95 ms | max ms |\n|---|--:|--:|--:|--:|"
    )
    for name, values_s in rows.items():
        percentiles(name, values_s)


def _presses(show: ShowRig, states: StateLog, press: Callable[[], None], count: int) -> list[float]:
    took = []
    for _ in range(count):
        person = show.view()["person"]
        since_s = time.monotonic()
        press()
        at_s = until(lambda p=person, s=since_s: states.first_s(lambda st: st["views"][0]["person"] != p, s))
        took.append(at_s - since_s)
        time.sleep(0.3)
    return took


def restarts(count: int) -> None:
    """OBS killed and started again while the show runs."""
    back, good = [], 0
    with rigs(script=False, act="sway", people=3) as (obs, show):
        for k in range(count):
            obs.kill()
            until(lambda: show.state()["obs"]["state"] != "up")
            show.post("/api/target", {"view": "main", "kind": "none" if k % 2 == 0 else "leftmost"})
            scene = "jikcam wide" if k % 2 == 0 else "jikcam close"
            obs.restart()
            ready_s = time.monotonic()
            until(lambda: show.state()["obs"]["state"] == "up")
            back.append(time.monotonic() - ready_s)
            label = show.view()["label"]
            until(lambda s=scene: program(obs) == s)
            until(lambda w=label: settings(obs, "jikcam label").get("text", "") == w)
            good += 1
        ticks = show.stop()
    assert ticks
    print("| OBS killed and restarted | times | p50 ms | p95 ms | max ms |\n|---|--:|--:|--:|--:|")
    percentiles("link back after OBS answers", back)
    print(f"\nscene and label right again: {good} of {count}")
    _print_ticks(ticks)


def _print_ticks(ticks: Ticks) -> None:
    memory = ticks.memory_mb
    settled = memory[min(len(memory) - 1, 60) :]
    print(
        f"pictures {ticks.pictures}, on tick {ticks.on_tick(3.0):.2%}, longest gap "
        f"{ticks.longest_gap_s() * 1e3:.0f} ms, memory {settled[0]:.0f} -> {settled[-1]:.0f} MB "
        f"(most {max(settled):.0f})"
    )


def latency(count: int) -> None:
    """Glass to program: the stage's capture of a picture until a screenshot of OBS's program shows it."""
    seen = []
    # Drawn at half the View's size, the number in the picture's corner survives OBS's smaller canvas.
    with rigs(script=False, act="sway", people=3, size="640x360") as (obs, show):
        show.post("/api/camera", {"view": "main", "mode": "wide"})
        until(lambda: read_index(obs.screenshot()) is not None)
        with obs.client() as client, tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "program.bmp"
            wanted = {"sourceName": "jikcam close", "imageFormat": "bmp", "imageFilePath": str(path)}
            for _ in range(count):
                begin_s = time.monotonic()
                client.send("SaveSourceScreenshot", wanted)
                end_s = time.monotonic()
                if (index := read_index(np.asarray(cv2.imread(str(path)), np.uint8))) is not None:
                    seen.append((index, begin_s, end_s))
                time.sleep(0.05)
        ticks = show.stop()
    assert ticks
    captured = {index: time_s for index, time_s, _ in ticks.came}
    pairs = [(captured[i], a, b) for i, a, b in seen if i in captured]
    print("| glass to OBS's program, MJPEG | pictures | p50 ms | p95 ms | max ms |\n|---|--:|--:|--:|--:|")
    percentiles("until the screenshot was asked for", [a - c for c, a, _ in pairs])
    percentiles("until the screenshot was there", [b - c for c, _, b in pairs])


def soak(seconds: float, control_s: float) -> None:
    """Engine with its models, OBS, controller and script for long, with a switch every 10 s."""
    print("| | OBS frames | skipped by rendering | skipped by encoding | OBS MB | controller MB |")
    print("|---|--:|--:|--:|--:|--:|")
    for script, length_s in ((False, control_s), (True, seconds)):
        if length_s <= 0:
            continue
        with rigs(script, people=9, size="1920x1080", pack="standard", seconds=length_s + 120) as (obs, show):
            controller = next(p for p in psutil.Process(show.pid).children() if "obs_plugin" in p.cmdline())
            before = _stats(obs)
            begin_mb = _mb(obs.pid), _mb(controller.pid)
            end_s = time.monotonic() + length_s
            while time.monotonic() < end_s:
                time.sleep(10.0)
                if script:
                    with obs.client() as client:
                        client.trigger_hot_key_by_name("jikcam.next")
                else:
                    show.post("/api/target", {"view": "main", "kind": "next"})
            after = _stats(obs)
            end_mb = _mb(obs.pid), _mb(controller.pid)
            name = f"{'with' if script else 'without'} the script, {length_s / 60:.0f} min"
            numbers = " | ".join(str(b - a) for a, b in zip(before, after, strict=True))
            print(
                f"| {name} | {numbers} | {begin_mb[0]:.0f} -> {end_mb[0]:.0f} "
                f"| {begin_mb[1]:.0f} -> {end_mb[1]:.0f} |",
                flush=True,
            )
            ticks = show.stop()
            assert ticks
            _print_ticks(ticks)


def _stats(obs: ObsRig) -> tuple[int, int, int]:
    with obs.client() as client:
        stats = client.get_stats()
    return stats.render_total_frames, stats.render_skipped_frames, stats.output_skipped_frames


def _mb(pid: int) -> float:
    return float(psutil.Process(pid).memory_info().rss) / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["scenes", "hotkeys", "restarts", "latency", "soak"])
    parser.add_argument("--seconds", type=float, default=1800.0)
    parser.add_argument("--control", type=float, default=300.0, help="seconds of soak without the script")
    parser.add_argument("--count", type=int, default=50)
    options = parser.parse_args()
    if options.what == "soak":
        soak(options.seconds, options.control)
    else:
        counted = {"scenes": scenes, "hotkeys": hotkeys, "restarts": restarts, "latency": latency}
        counted[options.what](options.count)


if __name__ == "__main__":
    main()
