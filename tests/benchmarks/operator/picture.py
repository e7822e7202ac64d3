"""Draws the picture of docs/operator.md: one moment of the scripted dance in many Views.

python -m tests.benchmarks.operator.picture docs/operator.jpg
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np

from engine.geometry import Size
from engine.identity.roster import Roster
from engine.perception.scheduler import Budget, Perception
from engine.presets import parse_preset
from engine.render import draw_label
from engine.show import Show
from engine.sources.frame import Frame, Image
from engine.sources.stage import GroundTruthDetector, GroundTruthLooks
from engine.sources.stage.choreography import scene
from engine.sources.stage.source import StageSource
from engine.take import run_take
from engine.timing import StageTimes
from engine.views import build_views
from virtualcam.sink import Picture

SOURCE, SECONDS = Size(1280, 720), 13.0
#: Name, size and what else the preset says of each View, in the order in which they are drawn.
VIEWS = (
    ("full", 270, 480, ""),
    ("upper", 270, 480, 'shot = "upper"\nhands = "off"'),
    ("face", 270, 480, 'shot = "face"\nhands = "off"'),
    ("whole", 270, 480, ""),
    ("split", 624, 480, 'split = ["full", "other"]'),
    ("grid", 852, 480, 'grid = ["full", "other", "third", "fourth", "fifth"]'),
    *((name, 270, 480, "") for name in ("other", "third", "fourth", "fifth")),
)
TARGETS = {"other": 1, "third": 2, "fourth": 4, "fifth": 5}


class Last:
    """A sink that keeps the newest picture."""

    name, status = "last", ""
    watched = resizable = True

    def __init__(self) -> None:
        self.image: Image | None = None

    def send(self, picture: Picture) -> None:
        self.image = picture.image.copy()

    def rest(self) -> None: ...

    def close(self) -> None: ...


def preset_text() -> str:
    """The Views as a preset has them."""
    tables = ['schema = 1\n[perception]\npack = "standard"']
    for name, width, height, more in VIEWS:
        target = "none" if name == "whole" else f"index:{TARGETS.get(name, 3)}/5"
        follows = "" if name in ("split", "grid") else f'target = "{target}"\n'
        head = f'[[view]]\nname = "{name}"\nwidth = {width}\nheight = {height}\nmax_upscale = 4.0\n'
        tables.append(f'{head}{follows}{more}\n[view.camera]\nfeel = "dance"\n[view.lost]\nthen = "full"')
    return "\n".join(tables)


def pictures() -> tuple[Image, dict[str, Image]]:
    """The wide picture and every View's, at the last moment."""
    stage = scene("routine", 5, SOURCE, 30)
    sinks = {name: Last() for name, *_ in VIEWS}
    times = StageTimes()
    views = build_views(
        parse_preset(preset_text(), "picture").view, SOURCE, {n: [s] for n, s in sinks.items()}, times
    )
    show = Show(SOURCE, views, times, Roster())
    oracle = GroundTruthDetector(stage, noise_px=1.0)
    looks = GroundTruthLooks(stage)
    perception = Perception(oracle, oracle, budget=Budget(detect_every=2, others_per_look=4), reader=looks)
    wide: list[Image] = []

    def note(frame: Frame, show: Show) -> None:
        wide[:] = [frame.image.copy()]

    run_take(StageSource(stage, "fast", SECONDS), show, perception, on_picture=note)
    outlined = wide[0]
    for name in ("full", "other", "third", "fourth", "fifth"):
        box = show.view(name).direction.shot.box
        corners = [(round(x), round(y)) for x, y in ((box.x0, box.y0), (box.x1, box.y1))]
        colour = (80, 220, 255) if name == "full" else (170, 170, 170)
        cv2.rectangle(outlined, corners[0], corners[1], colour, 2, cv2.LINE_AA)
    show.close()
    return outlined, {name: sink.image for name, sink in sinks.items() if sink.image is not None}


def main() -> int:
    wide, shown = pictures()
    wide = np.asarray(cv2.resize(wide, (852, 480), interpolation=cv2.INTER_AREA), np.uint8)
    for name, image in (("what the camera sees", wide), *shown.items()):
        draw_label(
            image, "the whole picture, while nobody is there" if name == "whole" else name, bottom=False
        )
    gap = np.full((480, 6, 3), 24, np.uint8)
    upper = np.hstack([wide, gap, shown["grid"]])
    lower = np.hstack([shown[n] for n in ("full", "upper", "face", "whole")] + [gap, shown["split"]])
    sheet = np.vstack([upper, np.full((6, upper.shape[1], 3), 24, np.uint8), lower])
    cv2.imwrite(str(Path(sys.argv[1])), sheet, [cv2.IMWRITE_JPEG_QUALITY, 88])
    return 0


if __name__ == "__main__":
    sys.exit(main())
