"""One look at a person who is to be enrolled: a picture in, samples and the crops they were made from out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from engine.errors import JikcamError
from engine.gallery.store import Picture
from engine.geometry import Box, Size
from engine.identity.member import Member, Sample
from engine.people import Appearance, Skeleton, Tracks
from engine.perception.appearance import FACE_SCORE, PORTRAIT_SIDES_PX
from engine.perception.protocols import Face
from engine.sources.frame import Frame, Image
from engine.take import Perceives

#: A face worse than this (small, blurred, turned away) teaches more wrong than right.
FACE_QUALITY = 0.15
#: A second face of this share of the first one's height may be the one that is meant.
RIVAL_HEIGHT = 0.6
#: Room around a stored face, in face sizes: a detector finds it again when another model needs it.
HEAD_ROOM = 2.0


class ReadsPeople(Protocol):
    """The part of an AppearanceReader that enrolment uses."""

    def best_face(self, image: Image) -> Appearance | None: ...

    def read(
        self, image: Image, boxes: Sequence[Box], skeletons: Sequence[Skeleton | None] | None = None
    ) -> list[Appearance]: ...


class FindsFaces(Protocol):
    """A face detector whose fineness can be chosen: the longer side of ``area``, in pixels."""

    def detect(self, image: Image, area: Box, side_px: int) -> list[Face]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What one picture says about the person.

    Attributes:
        where: file name or time, for messages.
        face, head: the face and the picture of it.
        body, figure: the body and the picture of it; None when it was not asked for or is not whole.
    """

    where: str
    face: Sample | None = None
    head: Image | None = None
    body: Sample | None = None
    figure: Image | None = None

    @property
    def worth(self) -> float:
        """How much it teaches; a face more than any body."""
        return (1.0 + self.face.quality if self.face else 0.0) + (self.body.quality if self.body else 0.0)


def look_of(image: Image, where: str, seen: Appearance, box: Box | None, *, clothes: bool) -> Look:
    """The look at somebody who has been read.

    Args:
        box: whole person, pixels of ``image``; None when it is not known.
        clothes: keep the body too.
    """
    face = head = body = figure = None
    if seen.face is not None and seen.face_box is not None and seen.face_quality >= FACE_QUALITY:
        face, head = Sample(seen.face, seen.face_quality), cut(image, _with_room(seen.face_box))
    if clothes and seen.body is not None and box is not None:
        body, figure = Sample(seen.body, seen.body_quality), cut(image, box)
    return Look(where, face, head, body, figure)


def look_at_portrait(
    image: Image, where: str, reader: ReadsPeople, finder: FindsFaces, perception: Perceives | None = None
) -> Look:
    """The one person whom a picture is of.

    Args:
        where: file name, for messages.
        finder: of faces, the reader's own kind.
        perception: finds the whole person, for the clothes; None: the face alone.

    Raises:
        JikcamError: no face, one that is too small or blurred, or several that may be meant.
    """
    seen = reader.best_face(image)
    if seen is None or seen.face is None or seen.face_box is None:
        raise JikcamError(
            f"{where} shows no face", "use a picture in which the face is large and turned to you"
        )
    if seen.face_quality < FACE_QUALITY:
        raise JikcamError(
            f"the face in {where} is too small, blurred or turned away", "use a nearer, sharper picture"
        )
    if _has_rival(image, seen.face_box, finder):
        raise JikcamError(f"{where} shows several faces of about one size", "cut out the one that is meant")
    face = look_of(image, where, seen, None, clothes=False)
    whole = _whole_person(image, seen.face_box, reader, perception) if perception else None
    if whole is None:
        return face
    body = look_of(image, where, whole[0], whole[1], clothes=True)
    return replace(face, body=body.body, figure=body.figure)


def member_of(name: str, looks: Sequence[Look], group: str = "") -> tuple[Member, list[Picture]]:
    """The member that these looks make, and their pictures."""
    faces: list[Sample] = []
    bodies: list[Sample] = []
    pictures: list[Picture] = []
    for look in looks:
        if look.face and look.head is not None:
            pictures.append(Picture("face", look.head, len(faces)))
            faces.append(look.face)
        if look.body and look.figure is not None:
            pictures.append(Picture("body", look.figure, len(bodies)))
            bodies.append(look.body)
    return Member(name, tuple(faces), tuple(bodies), group), pictures


def cut(image: Image, box: Box) -> Image:
    """The part of the box that is in the picture, as a picture of its own; at least one pixel."""
    size = Size(image.shape[1], image.shape[0])
    part = box.clipped(size)
    x0, y0 = min(int(part.x0), size.width - 1), min(int(part.y0), size.height - 1)
    x1, y1 = max(round(part.x1), x0 + 1), max(round(part.y1), y0 + 1)
    return np.ascontiguousarray(image[y0:y1, x0:x1])


def _with_room(face: Box) -> Box:
    side = HEAD_ROOM * max(face.width, face.height)
    return Box.from_center(face.center.x, face.center.y, side, side)


def _has_rival(image: Image, face: Box, finder: FindsFaces) -> bool:
    """Whether there is another face that may as well be meant."""
    whole = Box(0.0, 0.0, float(image.shape[1]), float(image.shape[0]))
    for side_px in PORTRAIT_SIDES_PX:  # as the reader looks, so that both see the same
        found = [f.box for f in finder.detect(image, whole, side_px) if f.score >= FACE_SCORE]
        if found:
            return any(f.iou(face) < 0.3 and f.height >= RIVAL_HEIGHT * face.height for f in found)
    return False


def _whole_person(
    image: Image, face: Box, reader: ReadsPeople, perception: Perceives
) -> tuple[Appearance, Box] | None:
    found = perception.look(Frame(image, 0.0, 0), Tracks(0.0, -1), frozenset(), True).people
    boxes = [one.box for one in found]
    skeletons = [one.skeleton for one in found]
    for seen, box in zip(reader.read(image, boxes, skeletons), boxes, strict=True):
        if seen.face_box is not None and seen.face_box.iou(face) > 0.4:
            return seen, box
    return None
