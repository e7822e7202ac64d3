"""Pictures of the control room for the documents, of a scripted show with named people.

python -m tests.real.room_pictures docs
"""

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
from engine.sources.stage import GroundTruthDetector, GroundTruthLooks, Scene, StageSource, scene
from tests.real.browser import wait_until
from tests.real.browsers import Browsers, ChromiumTab

NAMES = ("Mina", "Jihyo", "Sana", "Momo")
PRESET = """
name = "Friday"
[[view]]
name = "main"
width = 1280
height = 720
target = "none"
shot = "full"
[view.camera]
feel = "dance"
[[view]]
name = "phone"
width = 360
height = 640
target = "none"
shot = "upper"
[control]
port = 0
"""
QUALITY = 88
PEOPLE = 5


def perception(stage: Scene) -> Perception:
    oracle = GroundTruthDetector(stage)
    budget = Budget(detect_every=2, others_per_look=4)
    return Perception(oracle, oracle, budget=budget, reader=GroundTruthLooks(stage))


def cast(air: OnAir) -> None:
    """Names, and whom the Views follow."""
    wait_until(lambda: len(air.engine.state().people) == PEOPLE, "everybody")
    people = air.engine.state().people
    for person, name in zip(sorted(people, key=lambda p: p.box.center.x), NAMES, strict=False):
        air.engine.enrol(person.id, name)
    time.sleep(1.0)
    for view, name in (("main", "Sana"), ("phone", "Mina")):
        air.engine.set_target(view, TargetRequest(TargetKind.NAME, name=name))
    air.engine.preview("main", TargetRequest(TargetKind.NAME, name="Momo"))
    wait_until(lambda: air.engine.state().views[0].lock is LockState.HELD, "held")
    time.sleep(3.0)


def take(tab: ChromiumTab, url: str, path: Path) -> None:
    tab.open(f"{url}/")
    tab.wait("document.querySelector('#wide canvas').dataset.frame > 0")
    tab.wait("document.querySelectorAll('.person canvas:not(.unseen)').length >= 4")
    # Rates and delays are known after a few seconds.
    tab.page.wait_for_timeout(5000)
    tab.wait("document.querySelector('.lock.held')")
    image = cv2.imdecode(np.frombuffer(tab.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    cv2.imwrite(str(path), image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    print(path)


def main(folder: Path) -> None:
    stage = scene("sway", PEOPLE, Size(1280, 720), 30.0, seed=4)
    with ExitStack() as stack:
        preset = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "friday.toml"
        preset.write_text(PRESET)
        air = stack.enter_context(on_air(load_preset(preset), StageSource(stage), lambda: perception(stage)))
        browsers = Browsers(stack)
        cast(air)
        take(browsers.chromium(1440, 900), air.url, folder / "control-room.jpg")
        phone = browsers.chromium(390, 844, has_touch=True, is_mobile=True, device_scale_factor=2)
        take(phone, air.url, folder / "control-room-phone.jpg")
        browsers.close_tabs()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
