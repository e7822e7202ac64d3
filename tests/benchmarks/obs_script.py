"""What the OBS script costs: time from key to engine, frames, time to quit.

    python -m tests.benchmarks.obs_script [--presses 50] [--quits 5]

A real OBS (1280x720 at 30 frames a second, no preview) on a virtual screen, and an engine made of nothing
that writes down when each request arrives. The clock starts before the key goes down (xdotool; "elsewhere"
= another window has the keyboard) or before the request is sent (TriggerHotkeyByName). Frames: those OBS
skipped in ten seconds, with ten key presses a second in the rows with the script. Quit: from SIGINT to the
end of OBS.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.real.obs_rig import QUIET_BEFORE_QUIT_S, ObsRig
from tests.real.obs_scripts_window import Keyboard, leave_obs
from tests.recording_engine import RecordingEngine
from tests.waiting import until

SCRIPT = Path(__file__).parents[2] / "obs_plugin" / "script" / "jikcam.py"
WATCHED_S = 10.0
#: A person's pace; also keeps one press from waiting for the one before.
PAUSE_S = 0.15


def scripts(engine: RecordingEngine) -> list[dict[str, Any]]:
    return [
        {
            "path": str(SCRIPT),
            "settings": {"address": engine.url, "jikcam.next": [{"key": "OBS_KEY_F9"}]},
        }
    ]


def latency(name: str, engine: RecordingEngine, presses: int, press: Callable[[], float]) -> None:
    took_ms = []
    for _ in range(presses):
        asked = len(engine.asked)
        at_s = press()
        until(lambda asked=asked: len(engine.asked) > asked)
        took_ms.append((engine.asked[asked].at_s - at_s) * 1000)
        time.sleep(PAUSE_S)
    tenths = statistics.quantiles(took_ms, n=20)
    print(
        f"{name:34s} p50 {statistics.median(took_ms):6.1f} ms   p95 {tenths[18]:6.1f} ms   "
        f"worst {max(took_ms):6.1f} ms   of {presses}",
        flush=True,
    )


def latencies(folder: Path, presses: int) -> None:
    with RecordingEngine() as engine, ObsRig(folder, scripts=scripts(engine)) as rig:
        until(lambda: engine.looks > 1)
        with Keyboard(rig) as keyboard:
            latency("key pressed in OBS -> engine", engine, presses, lambda: keyboard.press("F9"))
            leave_obs(rig)
            latency("key pressed elsewhere -> engine", engine, presses, lambda: keyboard.press("F9"))
        with rig.client() as client:

            def trigger() -> float:
                at_s = time.monotonic()
                client.trigger_hot_key_by_name("jikcam.next")
                return at_s

            latency("TriggerHotkeyByName -> engine", engine, presses, trigger)


def frames(name: str, folder: Path, with_scripts: Sequence[dict[str, Any]], hung: RecordingEngine) -> None:
    with ObsRig(folder, scripts=with_scripts) as rig:
        with rig.client() as client:
            until(lambda: client.get_stats().render_total_frames > 60)  # past the start
            if "hung" in name:
                hung.answering.clear()
            before, began_s = client.get_stats(), time.monotonic()
            cpu_s = rig.cpu_s()
            while time.monotonic() < began_s + WATCHED_S:
                if with_scripts:
                    client.trigger_hot_key_by_name("jikcam.next")
                else:
                    client.get_version()  # the same work for obs-websocket
                time.sleep(0.1)
            after = client.get_stats()
            cpu = (rig.cpu_s() - cpu_s) / (time.monotonic() - began_s)
        skipped = after.render_skipped_frames - before.render_skipped_frames
        late = after.output_skipped_frames - before.output_skipped_frames
        total = after.render_total_frames - before.render_total_frames
        print(
            f"{name:34s} skipped {skipped:3.0f} rendering, {late:3.0f} output of {total:3.0f} frames   "
            f"{after.average_frame_render_time:5.2f} ms per frame   {cpu:5.1%} of a core",
            flush=True,
        )
    hung.answering.set()


def quits(name: str, folder: Path, with_scripts: Sequence[dict[str, Any]], count: int) -> None:
    took_s, codes = [], []
    rig = ObsRig(folder, scripts=with_scripts).start()
    for number in range(count):
        began_s = time.monotonic()
        codes.append(rig.stop())
        took_s.append(time.monotonic() - began_s - QUIET_BEFORE_QUIT_S)
        if number < count - 1:
            rig.restart()
    print(
        f"{name:34s} median {statistics.median(took_s):5.2f} s   worst {max(took_s):5.2f} s   "
        f"clean {codes.count(0)} of {count}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--presses", type=int, default=50)
    parser.add_argument("--quits", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        latencies(folder / "latency", options.presses)
        with RecordingEngine() as engine:
            script = scripts(engine)
            frames("OBS alone", folder / "alone", (), engine)
            frames("with the script", folder / "script", script, engine)
            frames("with the script, engine hung", folder / "hung", script, engine)
            quits("quit of OBS alone", folder / "quit-alone", (), options.quits)
            quits("quit with the script", folder / "quit-script", script, options.quits)
            engine.answering.clear()
            quits("quit with the script, engine hung", folder / "quit-hung", script, options.quits)


if __name__ == "__main__":
    main()
