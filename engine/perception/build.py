"""From a model pack to a working Perception, and to the reader of appearances that enrolment uses too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.assets import ModelFile, Pack
from engine.errors import JikcamError
from engine.perception.appearance import AppearanceReader
from engine.perception.coco import thing_class
from engine.perception.embed import SFACE, BodyEmbedding, FaceEmbedding
from engine.perception.faces import YuNet
from engine.perception.heatmap import HeatmapPose
from engine.perception.nanodet import NanoDet
from engine.perception.protocols import (
    BodyEmbedder,
    Detector,
    FaceDetector,
    FaceEmbedder,
    ObjectFinder,
    PoseEstimator,
)
from engine.perception.rtmdet import RtmDet
from engine.perception.scheduler import Budget, Perception
from engine.perception.yolox import Yolox

if TYPE_CHECKING:
    from engine.perception.mediapipe_people import MediaPipePeople

YOLOX = "yolox"
DETECTORS = {"rtmdet": RtmDet, YOLOX: Yolox, "nanodet-gfl": NanoDet}
HEATMAP = "heatmap"
MEDIAPIPE = "mediapipe-pose"
YUNET = "yunet"
EMBED, SFACE_ADAPTER = "embed", "sface"
#: Least score of a thing: the tracker asks for more before it believes one it does not know.
THING_SCORE = 0.15


def build_perception(
    pack: Pack, threads: int, budget: Budget | None = None, objects: frozenset[str] = frozenset()
) -> Perception:
    """Load the pack's models: roles ``detector`` and ``pose``, and what there is of the others.

    Args:
        threads: worker threads of each model; the models never run at the same time.
        objects: labels of COCO classes to look for beside people, such as "sports ball".

    Raises:
        JikcamError: a role is missing, its adapter is unknown, or its file can't be used; or ``objects``
            names no class, or the pack can't find things.
    """
    finder_of_things = build_object_finder(pack, threads, objects) if objects else None
    loader = _Loader(threads)
    finder, poser = _model(pack, "detector"), _model(pack, "pose")
    detector, pose = loader.detector(finder), loader.pose(poser)
    fast = pack.roles.get("pose_fast")
    budget = budget or Budget()
    if finder.path == poser.path:
        # It finds people together with their pose: to look for everybody costs what one pose does.
        budget = replace(budget, detect_every=1)
    poses = loader.pose(fast) if fast else None
    return Perception(detector, pose, poses, budget, build_reader(pack, threads), finder_of_things)


def build_object_finder(pack: Pack, threads: int, objects: frozenset[str]) -> ObjectFinder:
    """What finds things of these labels (at least one): role ``objects``, or a detector that knows things.

    Raises:
        JikcamError: a label is no class of COCO, or the pack can't find things.
    """
    classes = sorted(thing_class(label) for label in objects)
    model = pack.roles.get("objects")
    if model is None and pack.roles["detector"].adapter == YOLOX:
        model = pack.roles["detector"]
    if model is None:
        raise JikcamError(
            f"the model pack {pack.name} finds people only, no {', '.join(sorted(objects))}",
            "use the standard pack (jikcam models fetch standard), or leave object out",
        )
    if model.adapter != YOLOX:
        raise _unknown(model, [YOLOX])
    return Yolox(model.path, threads, model.input_size, classes=classes, min_score=THING_SCORE)


def build_reader(pack: Pack, threads: int) -> AppearanceReader | None:
    """The pack's reader of faces (roles ``face`` and ``face_embedder``) and bodies (``body_embedder``).

    Returns:
        None when the pack has neither; a reader that does the one it can when it has one of them.

    Raises:
        JikcamError: an adapter is unknown, or a file can't be used.
    """
    finder, facer, bodies = (pack.roles.get(r) for r in ("face", "face_embedder", "body_embedder"))
    if not (finder and facer) and not bodies:
        return None
    detector: FaceDetector | None = None
    face_embedder: FaceEmbedder | None = None
    body_embedder: BodyEmbedder | None = None
    if finder and facer:
        if finder.adapter != YUNET:
            raise _unknown(finder, [YUNET])
        if facer.adapter not in (EMBED, SFACE_ADAPTER):
            raise _unknown(facer, [EMBED, SFACE_ADAPTER])
        detector = YuNet(finder.path)
        face_embedder = (
            FaceEmbedding(facer.path, threads, SFACE)
            if facer.adapter == SFACE_ADAPTER
            else FaceEmbedding(facer.path, threads)
        )
    if bodies:
        if bodies.adapter != EMBED:
            raise _unknown(bodies, [EMBED])
        body_embedder = BodyEmbedding(bodies.path, threads)
    return AppearanceReader(detector, face_embedder, body_embedder)


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
