"""Adds the metadata that MediaPipe Tasks insists on to a TFLite model that has none.

The model's bytes stay as they are: they become the tail of the new file, and a new root table in front
points into them. So the result depends on nothing but the model and the numbers given (not on how some
version of a code generator would pack the model again), and its sha256 can be pinned.

Sources: TensorFlow's tensorflow/compiler/mlir/lite/schema/schema.fbs (TFLite schema v3) and MediaPipe's
mediapipe/tasks/metadata/metadata_schema.fbs. FlatBuffers are built back to front, which is what makes
keeping a tail possible; a "place" below is counted from the end of the file, as the builder does.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

import flatbuffers
from flatbuffers.number_types import UOffsetTFlags
from flatbuffers.table import Table

from engine.errors import JikcamError

METADATA_NAME = b"TFLITE_METADATA"
# The schema aligns tensor data to 16 bytes; a tail that is a multiple of it keeps every tensor aligned.
ALIGNMENT_BYTES = 16

# Slots (field numbers) of the TFLite root table.
VERSION, OPERATOR_CODES, SUBGRAPHS, DESCRIPTION, BUFFERS, METADATA_BUFFER, METADATA, SIGNATURES = range(8)
KEPT_AS_THEY_ARE = (OPERATOR_CODES, SUBGRAPHS, DESCRIPTION, METADATA_BUFFER, SIGNATURES)
SUBGRAPH_OUTPUTS = 2


def add_normalization(model: bytes, mean: float, std: float) -> bytes:
    """The model, saying that its input is an RGB picture to be normalised as (pixel - mean) / std.

    Args:
        model: a TFLite file whose first input is a picture.
        mean: subtracted from the pixel values (0 to 255).
        std: what the difference is divided by; above 0.

    Returns:
        A TFLite file of the same network, a few kilobytes longer; the same bytes every time.

    Raises:
        JikcamError: not a TFLite model, or it has metadata already.
    """
    if model[4:8] != b"TFL3":
        raise JikcamError("the file to add metadata to is not a TFLite model")
    root = Table(model, struct.unpack_from("<I", model)[0])
    buffers, metadata = _members(root, BUFFERS), _members(root, METADATA)
    if any(_name(model, position) == METADATA_NAME for position in metadata):
        raise JikcamError("the TFLite model has metadata already")
    subgraph = Table(model, _members(root, SUBGRAPHS)[0])
    outputs = subgraph.VectorLen(subgraph.Offset(_vtable_offset(SUBGRAPH_OUTPUTS)))

    tail = model + bytes(-len(model) % ALIGNMENT_BYTES)

    def place(position: int) -> int:
        return len(tail) - position

    builder = flatbuffers.Builder(len(tail) + 65536)
    builder.CreateByteVector(tail)
    buffer = _table(builder, {0: _aligned_bytes(builder, _metadata(mean, std, outputs))})
    name = builder.CreateString(METADATA_NAME)
    builder.StartObject(2)
    builder.PrependUint32Slot(1, len(buffers), 0)  # the index of the buffer appended below
    builder.PrependUOffsetTRelativeSlot(0, name, 0)
    entry = builder.EndObject()
    fields = {
        BUFFERS: _vector(builder, [*map(place, buffers), buffer]),
        METADATA: _vector(builder, [*map(place, metadata), entry]),
    }
    for slot in KEPT_AS_THEY_ARE:
        offset = root.Offset(_vtable_offset(slot))
        if offset:
            fields[slot] = place(root.Indirect(root.Pos + offset))
    builder.StartObject(8)
    for slot in sorted(fields):
        builder.PrependUOffsetTRelativeSlot(slot, fields[slot], 0)
    builder.PrependUint32Slot(VERSION, struct.unpack_from("<I", model, _field(root, VERSION))[0], 0)
    builder.Finish(builder.EndObject(), b"TFL3")
    return bytes(builder.Output())


def _metadata(mean: float, std: float, outputs: int) -> bytes:
    """A `ModelMetadata` file: one normalised RGB input, ``outputs`` tensors of plain features."""
    builder = flatbuffers.Builder(1024)
    normalization = _table(builder, {0: _floats(builder, mean), 1: _floats(builder, std)})
    unit = _union(builder, kind=1, value=normalization)  # ProcessUnitOptions.NormalizationOptions
    builder.StartObject(2)
    builder.PrependInt8Slot(0, 1, 0)  # ColorSpaceType.RGB
    image = builder.EndObject()
    image_tensor = _table(
        builder,
        {
            0: builder.CreateString("image"),
            3: _union(builder, kind=2, value=image),  # ContentProperties.ImageProperties
            4: _vector(builder, [unit]),
            5: _table(
                builder, {0: _floats(builder, (255 - mean) / std), 1: _floats(builder, (0 - mean) / std)}
            ),
        },
    )
    features = []
    for index in range(outputs):
        content = _union(builder, kind=1, value=_table(builder, {}))  # ContentProperties.FeatureProperties
        features.append(_table(builder, {0: builder.CreateString(f"output_{index}"), 3: content}))
    subgraph = _table(builder, {2: _vector(builder, [image_tensor]), 3: _vector(builder, features)})
    model = _table(builder, {0: builder.CreateString("model"), 3: _vector(builder, [subgraph])})
    builder.Finish(model, b"M001")
    return bytes(builder.Output())


def _vtable_offset(slot: int) -> int:
    return 4 + 2 * slot


def _field(table: Table, slot: int) -> int:
    """Where the value of a field lies in the file; the field must be there."""
    offset = table.Offset(_vtable_offset(slot))
    if not offset:
        raise JikcamError("the TFLite model lacks a field that every model has")
    return int(table.Pos + offset)


def _members(table: Table, slot: int) -> list[int]:
    """Where the tables of a vector of tables lie in the file; none when the field is absent."""
    offset = table.Offset(_vtable_offset(slot))
    if not offset:
        return []
    start = table.Vector(offset)
    return [table.Indirect(start + 4 * index) for index in range(table.VectorLen(offset))]


def _name(model: bytes, position: int) -> bytes:
    entry = Table(model, position)
    return bytes(entry.String(_field(entry, 0)))


def _table(builder: flatbuffers.Builder, fields: Mapping[int, int]) -> int:
    """A table whose fields all are references: slot -> place."""
    builder.StartObject(max(fields, default=-1) + 1)
    for slot in sorted(fields):
        builder.PrependUOffsetTRelativeSlot(slot, fields[slot], 0)
    return int(builder.EndObject())


def _union(builder: flatbuffers.Builder, kind: int, value: int) -> int:
    """A table that has one union: its kind in slot 0, its value in slot 1."""
    builder.StartObject(2)
    builder.PrependUOffsetTRelativeSlot(1, value, 0)
    builder.PrependUint8Slot(0, kind, 0)
    return int(builder.EndObject())


def _vector(builder: flatbuffers.Builder, places: Sequence[int]) -> int:
    builder.StartVector(UOffsetTFlags.bytewidth, len(places), UOffsetTFlags.bytewidth)
    for place in reversed(places):
        builder.PrependUOffsetTRelative(place)
    return int(builder.EndVector())


def _floats(builder: flatbuffers.Builder, value: float) -> int:
    builder.StartVector(4, 1, 4)
    builder.PrependFloat32(value)
    return int(builder.EndVector())


def _aligned_bytes(builder: flatbuffers.Builder, data: bytes) -> int:
    builder.StartVector(1, len(data), ALIGNMENT_BYTES)
    for value in reversed(data):
        builder.PrependByte(value)
    return int(builder.EndVector())
