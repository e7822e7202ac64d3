"""Makes the pictures of docs/watching.md anew: ``python -m tests.real.viewer_pictures docs``."""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np

from engine.direction.target import LockState, TargetKind, TargetRequest
from engine.geometry import Size
from engine.on_air import OnAir, on_air
from engine.perception.scheduler import Budget, Perception
from engine.presets import load_preset
from engine.sources.stage import GroundTruthDetector, GroundTruthLooks, StageSource, scene
from tests.real.browser import wait_until
from tests.real.browsers import Browsers, Tab

NAMES = ("Minji", "Hanni", "Haerin", "Hyein")
PRESET = """
[control]
port = 0
[identity]
gallery = "GALLERY"
[[view]]
name = "main"
shot = "full"
target = "none"
choice = true
[[view]]
name = "portrait"
width = 720
height = 1280
target = "none"
choice = true
"""


def enrol(air: OnAir) -> None:
    """Everybody gets a name; each View holds somebody."""
    wait_until(lambda: len(air.engine.state().people) >= len(NAMES), "everybody on the stage")
    people = air.engine.state().people
    for person, name in zip(people, NAMES, strict=False):
        air.engine.enrol(person.id, name)
    for view, person in (("main", people[1]), ("portrait", people[2])):
        air.engine.set_target(view, TargetRequest(TargetKind.PERSON, number=person.id))
    wait_held(air)


def wait_held(air: OnAir) -> None:
    wait_until(lambda: air.engine.state().views[0].lock is LockState.HELD, f"{NAMES[1]} is held")


def save(tab: Tab, path: Path) -> None:
    png = cv2.imdecode(np.frombuffer(tab.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    cv2.imwrite(str(path), png, [cv2.IMWRITE_JPEG_QUALITY, 85])
    print(path)


def take(air: OnAir, browsers: Browsers, folder: Path) -> None:
    watch = browsers.tab("chromium", 1280, 720)
    watch.open(f"{air.url}/watch/main?stats=1")
    watch.wait("document.querySelector('[data-key=delay]').textContent.endsWith(' ms')")
    time.sleep(3)  # the first second is not how it is in a show
    watch.move(640, 300)
    watch.wait("document.querySelectorAll('#choice button').length === 2")
    time.sleep(0.5)
    wait_held(air)
    save(watch, folder / "watch.jpg")
    watch.open("about:blank")
    dock = browsers.tab("chromium", 320, 380)
    dock.open(f"{air.url}/dock")
    dock.wait("document.querySelectorAll('#people button').length === 4")
    air.engine.preview("main", TargetRequest(TargetKind.NAME, name=NAMES[0]))
    dock.wait("document.getElementById('next').textContent.startsWith('Next')")
    wait_held(air)
    time.sleep(0.3)
    save(dock, folder / "dock.jpg")


def main(folder: Path) -> None:
    stage = scene("crowd", len(NAMES), Size(1280, 720), 30.0, seed=5)
    oracle = GroundTruthDetector(stage)
    with ExitStack() as running:
        own = Path(running.enter_context(tempfile.TemporaryDirectory()))
        preset = own / "pictures.toml"
        preset.write_text(PRESET.replace("GALLERY", (own / "gallery").as_posix()))

        def look() -> Perception:
            budget = Budget(detect_every=1, others_per_look=len(NAMES))
            return Perception(oracle, oracle, budget=budget, reader=GroundTruthLooks(stage))

        air = running.enter_context(on_air(load_preset(preset), StageSource(stage), look))
        enrol(air)
        take(air, Browsers(running), folder)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
