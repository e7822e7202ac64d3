"""Finds the calibration of an embedder on real crops: engine/identity/likelihood.py, KNOWN.

    python -m tests.benchmarks.calibrate face|body [--body person_reid_0287] [--plot FILE.png]

Trials are looks at people against galleries of everybody in the same scene (tests/benchmarks/trials.py).
Rooms count alike, and so do same and different. Raw cosines and levelled ones (`levelled`: the level of the
scene is taken off) are fitted together, so that one calibration serves both. The table says what the
calibration found *without* a room says in it, as Cllr in bits: 0 = always right and sure, 1 = nothing is
said, above 1 it misleads. Both webcam sets are one room with the same people.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from engine.identity.likelihood import Calibration
from engine.sources.frame import Image
from tests.benchmarks.crops import Readers, clip_looks, webcam_looks
from tests.benchmarks.reliability import Reliability, draw, reliability, rows
from tests.benchmarks.trials import (
    Trials,
    accepted_at,
    area_under_curve,
    balanced,
    body_of,
    equal_error,
    face_of,
    information_cost,
    trials_of,
)

F64 = NDArray[np.float64]

#: Quality from which on a look counts in full, chosen by hand: faces by what blur and size do to d'
#: (engine/perception/face_quality.py), bodies where half of the crop is somebody else.
FULL = {"face": 0.3, "body": 0.5}
WEBCAM = "webcam"


def small(image: Image) -> Image:
    """The picture of a camera further away."""
    return np.asarray(cv2.resize(image, None, fx=0.3, fy=0.3, interpolation=cv2.INTER_AREA), np.uint8)


def blurred(image: Image) -> Image:
    """Out of focus."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 2.0), np.uint8)


def moving(image: Image) -> Image:
    """Smeared sideways."""
    return np.asarray(cv2.blur(image, (9, 1)), np.uint8)


WORSE: dict[str, Callable[[Image], Image]] = {"small": small, "blurred": blurred, "moving": moving}


def face_scenes() -> dict[str, Trials]:
    """Scenes with faces worth reading; the webcam also made worse, as stages are."""
    readers = Readers()
    scenes = {WEBCAM: trials_of(webcam_looks(readers), face_of)}
    for name, worse in WORSE.items():
        scenes[f"{WEBCAM}, {name}"] = trials_of(webcam_looks(readers, 12, worse), face_of)
    scenes["webcam_cuts5"] = trials_of(clip_looks(readers, "webcam_cuts5", 4), face_of)
    scenes["sam3_dance4"] = trials_of(clip_looks(readers, "sam3_dance4", 2), face_of)
    return scenes


def body_scenes(model: str) -> dict[str, Trials]:
    """Scenes with several people in them, and the webcam."""
    readers = Readers(body=model)
    scenes = {WEBCAM: trials_of(webcam_looks(readers), body_of)}
    steps = {"webcam_cuts5": 4, "sam3_dance4": 2, "street_hug5": 3, "TUD-Campus": 1, "PETS09-S2L1": 5}
    for clip, step in steps.items():
        scenes[clip] = trials_of(clip_looks(readers, clip, step, faces=False), body_of)
    return scenes


def fitted(scenes: Mapping[str, Trials], full: float) -> Calibration:
    """The calibration with the least mean cost over rooms, raw and levelled."""
    rooms = [room(name) for name in scenes]
    start = Calibration(slope=15.0, offset=0.5, full=full, strangers=0.4)

    def calibration(parameters: F64) -> Calibration:
        slope, offset, strangers = np.exp(parameters[0]), *parameters[1:]
        return replace(start, slope=float(slope), offset=float(offset), strangers=float(strangers))

    def total(parameters: F64) -> float:
        said = calibration(parameters)
        costs = [cost(t, said, False) + cost(t, said, True) for t in scenes.values()]
        return sum(c / rooms.count(r) for c, r in zip(costs, rooms, strict=True))

    best = minimize(total, [np.log(15.0), 0.5, 0.4], method="Nelder-Mead", options={"maxiter": 400})
    return calibration(best.x)


def cost(trials: Trials, calibration: Calibration, level: bool) -> float:
    """Cllr."""
    same = trials.answers()
    return information_cost(trials.ratios(calibration, level), same, balanced(same))


def room(scene: str) -> str:
    """Scenes of one room have the same people in the same clothes."""
    return WEBCAM if scene.startswith(WEBCAM) else scene


def without(scenes: Mapping[str, Trials], scene: str, full: float) -> Calibration:
    """The calibration found in all other rooms."""
    return fitted({n: t for n, t in scenes.items() if room(n) != room(scene)}, full)


def table(scenes: Mapping[str, Trials], held_out: Mapping[str, Calibration]) -> list[str]:
    """Markdown rows: each scene, and how a calibration found without it does there."""
    lines = [
        "| scene | trials | same | AUC raw | levelled | EER % raw | levelled "
        "| TAR % at FAR 1 % raw | levelled | without it: slope | offset | strangers | Cllr raw | levelled |",
        "|---|" + "--:|" * 13,
    ]
    for name, trials in scenes.items():
        said, same = held_out[name], trials.answers()
        # Nothing is cut off here, so that looks which are sure keep their order.
        open_ended = replace(said, most=1e3)
        both = [trials.ratios(open_ended, level) for level in (False, True)]
        cells = [f"{area_under_curve(r, same):.4f}" for r in both]
        cells += [f"{100 * equal_error(r, same):.1f}" for r in both]
        cells += [f"{100 * accepted_at(r, same, 0.01):.1f}" for r in both]
        cells += [f"{said.slope:.1f}", f"{said.offset:.2f}", f"{said.strangers:.2f}"]
        cells += [f"{cost(trials, said, level):.2f}" for level in (False, True)]
        lines.append(f"| {name} | {len(same)} | {int(same.sum())} | " + " | ".join(cells) + " |")
    return lines


def curves(
    scenes: Mapping[str, Trials], held_out: Mapping[str, Calibration], level: bool
) -> dict[str, Reliability]:
    """Per room: said sure against was right, by a calibration found without it."""
    found = {}
    for place in dict.fromkeys(map(room, scenes)):
        names = [n for n in scenes if room(n) == place]
        ratio = np.concatenate([scenes[n].ratios(held_out[n], level) for n in names])
        same = np.concatenate([scenes[n].answers() for n in names])
        found[place] = reliability(ratio, same, balanced(same))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("kind", choices=["face", "body"])
    parser.add_argument("--body", default="osnet_x0_25_msmt17", help="file of the model, without .onnx")
    parser.add_argument("--plot", type=Path, help="where to draw said sure against was right")
    options = parser.parse_args()
    cv2.setNumThreads(2)
    scenes = face_scenes() if options.kind == "face" else body_scenes(options.body)
    full = FULL[options.kind]
    held_out = {name: without(scenes, name, full) for name in scenes}
    print("\n".join(table(scenes, held_out)), "\n")
    found = curves(scenes, held_out, level=True)
    print("Said sure against was right, levelled, every room by the others:\n")
    print("\n".join(rows(found)))
    best = fitted(scenes, full)
    print(f"\nslope {best.slope:.1f}, offset {best.offset:.3f}, strangers {best.strangers:.3f}, full {full}")
    if options.plot:
        draw(options.plot, f"{options.kind}: every room by a calibration found in the others", found)


if __name__ == "__main__":
    main()
