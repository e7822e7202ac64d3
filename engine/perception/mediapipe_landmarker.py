"""MediaPipe's PoseLandmarker on one window of a picture: pixels in, BlazePose out.

What was found about MediaPipe Tasks 1.2.2: an image-mode landmarker computes on one thread and offers no
option for more, so the number of landmarkers is the number of busy threads. It copies each window once
(0.7 ms at 1080p), so large windows are halved first. Detection costs about 14 ms a window and each body
about 24 ms (one core of a server).
"""

from __future__ import annotations

import logging
import weakref
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import cv2
import numpy as np

from engine.errors import JikcamError
from engine.geometry import Box
from engine.people import F32
from engine.perception.blazepose import COUNT, BlazePose
from engine.sources.frame import Image

log = logging.getLogger(__name__)

#: Windows are halved while their sides stay longer than this: the networks read 224 and 256 pixels.
_LEAST_SIDE_PX = 720


def _release(landmarker: Any) -> None:
    """Closes a PoseLandmarker, also one that nobody closed before Python ends."""
    try:
        landmarker.close()
    except RuntimeError as error:
        # its worker thread has ended with the interpreter; without the handle its __del__ stays silent too
        landmarker._handle = None
        log.debug("MediaPipe was not closed before the end: %s", error)


class Landmarker:
    """One PoseLandmarker in image mode. Used by one thread at a time.

    Args:
        task_file: a ``.task`` bundle for PoseLandmarker.
        poses: most bodies to return per window; each costs a run of the landmark network.
        detection: least score of a body in the detector, 0 to 1.
        presence: least score of a body in the landmark network, 0 to 1.
        masks: also compute the mask of each body.

    Raises:
        JikcamError: the file is missing or no such bundle, or MediaPipe can't be loaded.
    """

    def __init__(
        self,
        task_file: Path,
        poses: int = 3,
        detection: float = 0.3,
        presence: float = 0.5,
        masks: bool = False,
    ) -> None:
        if not task_file.is_file():
            raise JikcamError(
                f"pose model {task_file} is missing", "fetch the embedded models, or correct the path"
            )
        try:
            # here and not above: loading takes a second, and a bare machine lacks its system libraries
            import mediapipe as mp
            from mediapipe.tasks.python import BaseOptions, vision
        except (ImportError, OSError) as error:
            raise JikcamError(
                f"MediaPipe can't be loaded: {error}", "run install/bootstrap.py again"
            ) from error
        self._mp = mp
        self._masks = masks
        options = vision.PoseLandmarkerOptions(
            base_options=BaseOptions(model_asset_path=str(task_file)),
            running_mode=vision.RunningMode.IMAGE,
            num_poses=poses,
            min_pose_detection_confidence=detection,
            min_pose_presence_confidence=presence,
            output_segmentation_masks=masks,
        )
        try:
            self._landmarker: Any = vision.PoseLandmarker.create_from_options(options)
        except (RuntimeError, ValueError, OSError) as error:
            raise JikcamError(
                f"pose model {task_file} can't be used: {error}", "fetch the embedded models again"
            ) from error
        self._close = weakref.finalize(self, _release, self._landmarker)

    def close(self) -> None:
        """Frees the networks. Twice does no harm."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def poses(self, image: Image, window: Box) -> list[BlazePose]:
        """Bodies in a window (whole pixels, area > 0) of ``image``, in pixels of ``image``."""
        return [pose for pose, _ in self._run(image, window)]

    def poses_and_masks(self, image: Image) -> list[tuple[BlazePose, F32]]:
        """Bodies in the whole picture, each with its mask (H, W) of 0 to 1. Needs ``masks=True``."""
        whole = Box(0, 0, image.shape[1], image.shape[0])
        return [(pose, mask) for pose, mask in self._run(image, whole) if mask is not None]

    def _run(self, image: Image, window: Box) -> list[tuple[BlazePose, F32 | None]]:
        x0, y0, x1, y1 = (int(v) for v in window.xyxy)
        part = image[y0:y1, x0:x1]
        # a mask is wanted in full; what is found is given in shares of the window
        while not self._masks and min(part.shape[:2]) >= 2 * _LEAST_SIDE_PX:
            half = (part.shape[1] // 2, part.shape[0] // 2)
            part = np.asarray(cv2.resize(part, half, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
        # one pass: the conversion also makes the rows of the window contiguous
        rgb = cv2.cvtColor(part, cv2.COLOR_BGR2RGB)
        result = self._landmarker.detect(self._mp.Image(image_format=self._mp.ImageFormat.SRGB, data=rgb))
        masks = result.segmentation_masks or [None] * len(result.pose_landmarks)
        found: list[tuple[BlazePose, F32 | None]] = []
        for marks, world, mask in zip(result.pose_landmarks, result.pose_world_landmarks, masks, strict=True):
            rows = np.array(
                [(m.x, m.y, (m.visibility or 0.0) * (m.presence or 0.0)) for m in marks], dtype=np.float32
            )
            metres = np.array([(m.x, m.y, m.z) for m in world], dtype=np.float32)
            if rows.shape != (COUNT, 3) or not np.isfinite(rows).all():
                continue
            xy = (rows[:, :2] * (x1 - x0, y1 - y0) + (x0, y0)).astype(np.float32)
            shade = (
                None if mask is None else np.array(mask.numpy_view(), np.float32).reshape(y1 - y0, x1 - x0)
            )
            found.append((BlazePose(xy, np.clip(rows[:, 2], 0.0, 1.0), metres), shade))
        return found
