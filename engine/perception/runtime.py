"""ONNX models on the processor, opened so that they leave the picture thread its cores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from engine.errors import JikcamError

F32 = NDArray[np.float32]


class Network:
    """One ONNX file with one picture input, run by onnxruntime on the CPU. ``run`` is thread-safe.

    Args:
        path: the ONNX file.
        threads: worker threads inside one operator, at least 1.

    Raises:
        JikcamError: no such file, or not a model that onnxruntime can run.
    """

    def __init__(self, path: Path, threads: int) -> None:
        if not path.is_file():
            raise JikcamError(f"model file {path} is missing", "fetch the model pack again")
        try:
            session = onnxruntime.InferenceSession(
                str(path), _options(threads), providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime raises a different class for every kind of broken file
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise JikcamError(
                f"model file {path} can't be loaded ({reason})", "fetch the model pack again"
            ) from error
        self.path = path
        self._session = session
        inputs = session.get_inputs()
        if len(inputs) != 1 or len(inputs[0].shape) != 4 or inputs[0].type != "tensor(float)":
            raise self.unfit("one float picture of rank 4 as input")
        self._input_name: str = inputs[0].name
        #: N, channels, height, width; None where the model takes any.
        self.input_shape = tuple(d if isinstance(d, int) else None for d in inputs[0].shape)
        self.output_names: tuple[str, ...] = tuple(o.name for o in session.get_outputs())
        #: One shape per output; None where it depends on the input.
        self.output_shapes: tuple[tuple[int | None, ...], ...] = tuple(
            tuple(d if isinstance(d, int) else None for d in o.shape) for o in session.get_outputs()
        )

    def run(self, tensor: F32, outputs: tuple[str, ...] | None = None) -> list[NDArray[Any]]:
        """The outputs named (default: all) for ``tensor``, (N, C, H, W) float32, in the order named."""
        names = list(outputs) if outputs else None
        results: list[NDArray[Any]] = self._session.run(names, {self._input_name: tensor})
        return results

    def unfit(self, expected: str) -> JikcamError:
        """The error to raise when this file is a model, but not one the adapter understands."""
        return JikcamError(
            f"model file {self.path} does not have {expected}", "check its adapter in the pack"
        )


def _options(threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    # EXTENDED costs 1.5 to 2.5 times the time on these models.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    # Workers that spin between two operators are faster alone, but they take cores from the pictures.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return options
