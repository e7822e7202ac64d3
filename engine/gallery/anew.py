"""Numbers made anew from the pictures of a member who was enrolled with other models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from engine.errors import JikcamError
from engine.gallery.pictures import read_picture
from engine.gallery.record import Kind, MemberRecord
from engine.geometry import Box
from engine.identity.member import Sample
from engine.people import Appearance
from engine.sources.frame import Image


class Reads(Protocol):
    """The part of an AppearanceReader that galleries use."""

    def best_face(self, image: Image) -> Appearance | None: ...

    def read(self, image: Image, boxes: Sequence[Box]) -> list[Appearance]: ...


def made_anew(
    folder: Path, record: MemberRecord, kind: Kind, reader: Reads
) -> tuple[list[Sample], list[str]]:
    """Samples of the reader's models from a member's pictures, and one line for each that can't be used."""
    samples: list[Sample] = []
    told: list[str] = []
    quality = {s.picture: s.quality for s in record.samples}
    for picture in record.pictures:
        if picture.kind != kind:
            continue
        try:
            image = read_picture(folder / picture.file)
        except JikcamError as error:
            told.append(str(error))
            continue
        if kind == "face":
            sample = _face_sample(reader, image)
        else:
            sample = _body_sample(reader, image, quality.get(picture.file))
        if sample:
            samples.append(sample)
    return samples, told


def _face_sample(reader: Reads, image: Image) -> Sample | None:
    """The face in a picture of one person; None when there is none."""
    seen = reader.best_face(image)
    return Sample(seen.face, seen.face_quality) if seen is not None and seen.face is not None else None


def _body_sample(reader: Reads, image: Image, quality: float | None) -> Sample | None:
    """The body that fills the picture, as good as it was when it was cut out."""
    whole = Box(0.0, 0.0, float(image.shape[1]), float(image.shape[0]))
    (seen,) = reader.read(image, [whole])
    if seen.body is None:
        return None
    return Sample(seen.body, seen.body_quality if quality is None else quality)
