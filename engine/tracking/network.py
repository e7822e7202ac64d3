"""A small multi-layer perceptron in plain numpy: what the learned pair cost is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Standardised inputs, ReLU layers, one output.

    Attributes:
        mean, scale: (F,) inputs are (x - mean) / scale.
        weights, biases: per layer (in, out) and (out,); the last has one output.
    """

    mean: F32
    scale: F32
    weights: tuple[F32, ...]
    biases: tuple[F32, ...]

    def __call__(self, inputs: F32) -> F32:
        """(P,) outputs of (P, F) inputs."""
        hidden = (inputs - self.mean) / self.scale
        last = len(self.weights) - 1
        for k, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            hidden = hidden.dot(weight)
            hidden += bias
            if k < last:
                np.maximum(hidden, 0.0, out=hidden)
        result: F32 = hidden[:, 0]
        return result

    def arrays(self, prefix: str) -> dict[str, F32]:
        """The numbers by name, as `from_arrays` reads them."""
        named = {f"{prefix}_mean": self.mean, f"{prefix}_scale": self.scale}
        for k, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            named |= {f"{prefix}_weight{k}": weight, f"{prefix}_bias{k}": bias}
        return named

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]], prefix: str) -> Network:
        """The network stored under ``prefix``. Raises KeyError when it is not there."""

        def read(name: str) -> F32:
            return np.asarray(arrays[f"{prefix}_{name}"], np.float32)

        depth = sum(name.startswith(f"{prefix}_weight") for name in arrays)
        return cls(
            read("mean"),
            read("scale"),
            tuple(read(f"weight{k}") for k in range(depth)),
            tuple(read(f"bias{k}") for k in range(depth)),
        )
