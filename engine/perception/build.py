"""From a model pack to a working Perception."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.assets import ModelFile, Pack
from engine.errors import JikcamError
from engine.perception.heatmap import HeatmapPose
from engine.perception.nanodet import NanoDet
from engine.perception.protocols import Detector, PoseEstimator
from engine.perception.rtmdet import RtmDet
from engine.perception.scheduler import Budget, Perception
from engine.perception.yolox import Yolox

if TYPE_CHECKING:
    from engine.perception.mediapipe_people import MediaPipePeople

DETECTORS = {"rtmdet": RtmDet, "yolox": Yolox, "nanodet-gfl": NanoDet}
HEATMAP = "heatmap"
MEDIAPIPE = "mediapipe-pose"


def build_perception(pack: Pack, threads: int, budget: Budget | None = None) -> Perception:
    """Load the pack's models: roles ``detector``, ``pose`` and, if there is one, ``pose_fast``.

    Args:
        threads: worker threads of each model; the models never run at the same time.

    Raises:
        JikcamError: a role is missing, its adapter is unknown, or its file can't be used.
    """
    loader = _Loader(threads)
    finder, poser = _model(pack, "detector"), _model(pack, "pose")
    detector, pose = loader.detector(finder), loader.pose(poser)
    fast = pack.roles.get("pose_fast")
    budget = budget or Budget()
    if finder.path == poser.path:
        # It finds people together with their pose: to look for everybody costs what one pose does.
        budget = replace(budget, detect_every=1)
    return Perception(detector, pose, loader.pose(fast) if fast else None, budget)


def _model(pack: Pack, role: str) -> ModelFile:
    model = pack.roles.get(role)
    if model is None:
        raise JikcamError(f"the model pack {pack.name} has no {role}", "choose another pack")
    return model


class _Loader:
    """Makes adapters; a file that plays two parts is loaded once."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._poses: dict[Path, PoseEstimator] = {}

    def detector(self, model: ModelFile) -> Detector:
        if model.adapter == MEDIAPIPE:
            people = self._mediapipe(model.path)
            self._poses[model.path] = people
            return people
        adapter = DETECTORS.get(model.adapter)
        if adapter is None:
            raise _unknown(model, [*DETECTORS, MEDIAPIPE])
        detector: Detector = adapter(model.path, self._threads, model.input_size)
        return detector

    def pose(self, model: ModelFile) -> PoseEstimator:
        if model.path not in self._poses:
            if model.adapter == MEDIAPIPE:
                self._poses[model.path] = self._mediapipe(model.path)
            elif model.adapter == HEATMAP:
                self._poses[model.path] = HeatmapPose(model.path, self._threads)
            else:
                raise _unknown(model, [HEATMAP, MEDIAPIPE])
        return self._poses[model.path]

    def _mediapipe(self, path: Path) -> MediaPipePeople:
        # MediaPipe takes a second to import, and packs without it need not wait for it.
        from engine.perception.mediapipe_people import MediaPipePeople

        return MediaPipePeople(path, self._threads)


def _unknown(model: ModelFile, known: list[str]) -> JikcamError:
    return JikcamError(
        f"model {model.name} has the adapter {model.adapter!r}, which can't play this part",
        f"use one of {', '.join(known)}",
    )
