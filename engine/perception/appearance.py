"""What people look like in one picture: their faces and bodies as numbers, with how good each look was."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from engine.geometry import Box, Size
from engine.people import Appearance, Skeleton
from engine.perception.coverage import body_quality
from engine.perception.face_owner import head_area, owner
from engine.perception.face_quality import face_quality
from engine.perception.protocols import BodyEmbedder, Face, FaceDetector, FaceEmbedder
from engine.sources.frame import Image

#: A face below this score or this quality tells nothing, and is not embedded.
FACE_SCORE, FACE_QUALITY = 0.6, 0.1
#: A crop of which less is the person is not taken.
BODY_QUALITY = 0.4
#: Faces of portraits are looked for at these sides, in pixels of the longer one, until one is found.
PORTRAIT_SIDES_PX = (320, 640, 1280)


class AppearanceReader:
    """Reads faces and bodies; what a model is missing for is left out. Used by one thread.

    Args:
        face_detector, face_embedder: faces need both.
        body_embedder: for bodies.
    """

    def __init__(
        self,
        face_detector: FaceDetector | None,
        face_embedder: FaceEmbedder | None,
        body_embedder: BodyEmbedder | None,
    ) -> None:
        self._detector = face_detector if face_embedder else None
        self._faces = face_embedder
        self._bodies = body_embedder

    @property
    def face_model(self) -> str:
        """sha256 of the weights that make face vectors; empty when there are none."""
        return self._faces.model if self._faces and self._detector else ""

    @property
    def body_model(self) -> str:
        """sha256 of the weights that make body vectors; empty when there are none."""
        return self._bodies.model if self._bodies else ""

    def read(
        self,
        image: Image,
        boxes: Sequence[Box],
        skeletons: Sequence[Skeleton | None] | None = None,
        *,
        faces: Collection[int] | None = None,
        bodies: Collection[int] | None = None,
    ) -> list[Appearance]:
        """What the people in ``boxes`` look like, one Appearance each, in their order.

        Args:
            image: (H, W, 3) uint8 BGR.
            boxes: everybody in the picture, also who is not to be read: neighbours hide, and own faces.
            skeletons: of the same people; None where there is none.
            faces: indices of the people whose faces are looked for; None: all.
            bodies: indices of the people whose bodies are taken; None: all. Hidden ones are left out.
        """
        everybody = range(len(boxes))
        known = list(skeletons) if skeletons is not None else [None] * len(boxes)
        quality = body_quality(boxes, Size(image.shape[1], image.shape[0]))
        looked = self._read_bodies(image, boxes, quality, everybody if bodies is None else bodies)
        seen = self._read_faces(image, boxes, known, everybody if faces is None else faces)
        found = []
        for i in everybody:
            face, vector, good = seen.get(i, (None, None, 0.0))
            body = looked.get(i)
            found.append(
                Appearance(
                    body,
                    float(quality[i]) if body is not None else 0.0,
                    vector,
                    face.score if face else 0.0,
                    good,
                    face.box if face else None,
                )
            )
        return found

    def best_face(self, image: Image) -> Appearance | None:
        """The face of a portrait: the largest and sharpest in the whole picture; None when there is none."""
        if self._detector is None or self._faces is None:
            return None
        whole = Box(0.0, 0.0, float(image.shape[1]), float(image.shape[0]))
        for side_px in PORTRAIT_SIDES_PX:
            found = [f for f in self._detector.detect(image, whole, side_px) if f.score >= FACE_SCORE]
            if found:
                break
        else:
            return None
        good = [face_quality(image, face) for face in found]
        best = max(range(len(found)), key=lambda i: (0.1 + good[i]) * found[i].box.area)
        vector = self._faces.embed(image, [found[best]])[0]
        if not vector.any():
            return None
        return Appearance(None, 0.0, vector, found[best].score, good[best], found[best].box)

    def _read_bodies(
        self, image: Image, boxes: Sequence[Box], quality: np.ndarray, wanted: Collection[int]
    ) -> dict[int, np.ndarray]:
        chosen = [i for i in wanted if quality[i] >= BODY_QUALITY]
        if self._bodies is None or not chosen:
            return {}
        vectors = self._bodies.embed(image, [boxes[i] for i in chosen])
        return {i: vector for i, vector in zip(chosen, vectors, strict=True) if vector.any()}

    def _read_faces(
        self,
        image: Image,
        boxes: Sequence[Box],
        skeletons: Sequence[Skeleton | None],
        wanted: Collection[int],
    ) -> dict[int, tuple[Face, np.ndarray | None, float]]:
        """The face of each of those wanted who shows one, its vector if it is good enough, its quality."""
        if self._detector is None or self._faces is None:
            return {}
        own: dict[int, tuple[Face, float]] = {}
        for i in wanted:
            theirs = [
                face
                for face in self._detector.detect(image, head_area(boxes[i], skeletons[i]))
                if owner(face, boxes, skeletons) == i
            ]
            if theirs:
                own[i] = theirs[0], face_quality(image, theirs[0])
        good = [i for i, (face, q) in own.items() if face.score >= FACE_SCORE and q >= FACE_QUALITY]
        vectors = self._faces.embed(image, [own[i][0] for i in good])
        embedded = {i: v for i, v in zip(good, vectors, strict=True) if v.any()}
        return {i: (face, embedded.get(i), q) for i, (face, q) in own.items()}
