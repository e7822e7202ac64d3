"""A MediaPipe ``.task`` bundle: a stored zip of TFLite models, the same bytes on every computer."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from engine.assets.tflite_metadata import ALIGNMENT_BYTES, add_normalization

# The earliest date a zip can hold; a real one would change the hash.
NO_DATE = (1980, 1, 1, 0, 0, 0)
# Android's zipalign pads with this extra field (APPNOTE 4.5 leaves the identifier to others).
ALIGNMENT_FIELD = 0xD935
LOCAL_HEADER_BYTES = 30
FIELD_HEADER_BYTES = 4


@dataclass(frozen=True, slots=True)
class Member:
    """One model of a bundle; ``normalization`` = (mean, std) when its metadata lacks it."""

    entry: str
    model: bytes
    normalization: tuple[float, float] | None = None


def task_bundle(members: Sequence[Member]) -> bytes:
    """The bundle as bytes.

    Models start at multiples of 16 bytes, so that MediaPipe can use them where they lie instead of
    copying every tensor.

    Raises:
        JikcamError: metadata has to be added to something that is not a TFLite model without any.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for member in members:
            model = (
                add_normalization(member.model, *member.normalization)
                if member.normalization
                else member.model
            )
            info = zipfile.ZipInfo(member.entry, NO_DATE)
            info.create_system = 3  # else it tells the operating system, and the hash with it
            start = stream.tell() + LOCAL_HEADER_BYTES + len(member.entry.encode()) + FIELD_HEADER_BYTES
            padding = -start % ALIGNMENT_BYTES
            info.extra = struct.pack("<HH", ALIGNMENT_FIELD, padding) + bytes(padding)
            archive.writestr(info, model)
    return stream.getvalue()
