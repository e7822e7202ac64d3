"""Metadata added in front of a model: read back by MediaPipe's own schema, an independent reader."""

from __future__ import annotations

import flatbuffers
import numpy as np
import pytest
from mediapipe.tasks.metadata import metadata_schema_py_generated as metadata_schema
from mediapipe.tasks.metadata import schema_py_generated as schema

from engine.assets.tflite_metadata import add_normalization
from engine.errors import JikcamError

WEIGHTS = bytes(range(1, 49))


def tiny_model(
    outputs: int = 2, metadata: tuple[bytes, ...] = (b"min_runtime_version",), tail: int = 0
) -> bytes:
    """One picture tensor, ``outputs`` results, one buffer of weights."""
    model, graph = schema.ModelT(), schema.SubGraphT()
    model.version, model.description = 3, "made by a test" + "x" * tail
    names = ["input", *(f"out{i}" for i in range(outputs))]
    graph.tensors = []
    for name in names:
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.buffer = name, [1, 4, 4, 3], 0
        graph.tensors.append(tensor)
    graph.inputs, graph.outputs, graph.operators = [0], list(range(1, outputs + 1)), []
    model.subgraphs = [graph]
    empty, weights = schema.BufferT(), schema.BufferT()
    weights.data = list(WEIGHTS)
    model.buffers = [empty, weights]
    code = schema.OperatorCodeT()
    code.builtinCode, code.version = 3, 7
    model.operatorCodes = [code]
    model.metadata = []
    for name in metadata:
        entry = schema.MetadataT()
        entry.name, entry.buffer = name, 1
        model.metadata.append(entry)
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def read(data: bytes) -> schema.ModelT:
    return schema.ModelT.InitFromObj(schema.Model.GetRootAs(bytearray(data), 0))


@pytest.mark.parametrize(("mean", "std"), [(0.0, 255.0), (127.5, 127.5)])
def test_tasks_read_the_normalization_back(mean: float, std: float) -> None:
    result = read(add_normalization(tiny_model(), mean, std))
    entry = result.metadata[-1]
    assert entry.name == b"TFLITE_METADATA"
    data = bytes(bytearray(result.buffers[entry.buffer].data))
    assert data[4:8] == b"M001"
    added = metadata_schema.ModelMetadataT.InitFromObj(
        metadata_schema.ModelMetadata.GetRootAs(bytearray(data), 0)
    )
    (graph,) = added.subgraphMetadata
    (image,) = graph.inputTensorMetadata
    options = image.processUnits[0].options
    assert (list(options.mean), list(options.std)) == ([mean], [std])
    assert list(image.stats.max) == [(255 - mean) / std]
    assert list(image.stats.min) == [-mean / std]
    assert image.content.contentProperties.colorSpace == metadata_schema.ColorSpaceType.RGB
    assert len(graph.outputTensorMetadata) == 2


@pytest.mark.parametrize("tail", range(5))
def test_the_network_stays_what_it_was(tail: int) -> None:
    original = tiny_model(outputs=3, tail=tail)
    before, after = read(original), read(add_normalization(original, 0, 255))
    assert original in add_normalization(original, 0, 255)
    assert (after.version, after.description) == (before.version, before.description)
    assert [(c.builtinCode, c.version) for c in after.operatorCodes] == [(3, 7)]
    assert [t.name for t in after.subgraphs[0].tensors] == [t.name for t in before.subgraphs[0].tensors]
    assert list(after.subgraphs[0].outputs) == [1, 2, 3]
    assert [m.name for m in after.metadata] == [b"min_runtime_version", b"TFLITE_METADATA"]
    assert len(after.buffers) == len(before.buffers) + 1
    np.testing.assert_array_equal(after.buffers[1].data, before.buffers[1].data)


def test_no_tensor_loses_its_alignment() -> None:
    for tail in range(8):
        original = tiny_model(tail=tail)
        result = add_normalization(original, 0, 255)
        assert result.index(original) % 16 == 0
        assert len(result) % 16 == 0
        added = schema.Model.GetRootAs(bytearray(result), 0).Buffers(2)
        vector = added._tab.Vector(added._tab.Offset(4))
        assert vector % 16 == 0


def test_same_bytes_every_time() -> None:
    assert add_normalization(tiny_model(), 0, 255) == add_normalization(tiny_model(), 0, 255)
    assert add_normalization(tiny_model(), 0, 255) != add_normalization(tiny_model(), 0, 254)


def test_a_model_without_any_metadata_is_fine() -> None:
    result = read(add_normalization(tiny_model(metadata=()), 0, 255))
    assert [m.name for m in result.metadata] == [b"TFLITE_METADATA"]


@pytest.mark.parametrize(
    "data", [b"", b"PK\3\4", b"not a model at all", tiny_model(metadata=(b"TFLITE_METADATA",))]
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(JikcamError, match="TFLite model"):
        add_normalization(data, 0, 255)
