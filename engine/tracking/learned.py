"""The learned pair cost: how likely it is that a finding is a track, judged among all other pairs.

Two small networks, one after the other: the first sees a pair (features.py), the second also what the first
said about all other pairs (rivals.py). Learned on choreographed synthetic dancers by
``python -m engine.bench.learning``, which also writes the file and prints how well it is calibrated.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.tracking import features
from engine.tracking.findings import Findings
from engine.tracking.network import Network
from engine.tracking.rivals import rival_features
from engine.tracking.state import State

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

WEIGHTS = Path(__file__).with_name("pair_cost.npz")


@dataclass(frozen=True, slots=True, eq=False)
class PairCost:
    """Both passes.

    Attributes:
        first: of the features of a pair.
        second: of those and of the rivals'; None = the first pass only (while learning).
        swap: (K, 2) scale and offset per kind of exchange, see swaps.py.
    """

    first: Network
    second: Network | None
    swap: F64

    def logits(self, state: State, found: Findings, rows: I64, columns: I64, now_s: float) -> tuple[F32, F32]:
        """(P,) log-odds that finding columns[p] is track rows[p], and the (P, F) features they rest on."""
        described = features.pair_features(state, found, rows, columns, now_s)
        logits = self.first(described)
        if self.second is None:
            return logits, described
        moved = moved_heights(described)
        among = rival_features(logits, rows, columns, (len(state), len(found)), moved)
        return self.second(np.concatenate([described, among], axis=1)), described

    def arrays(self) -> dict[str, F32 | F64]:
        """The numbers by name, as `from_arrays` reads them."""
        second = self.second.arrays("second") if self.second is not None else {}
        return {**self.first.arrays("first"), **second, "swap": self.swap}

    def save(self, path: Path) -> None:
        """Write the numbers, in half the bytes: weights need no more than 16 bits."""
        arrays = {k: v.astype(np.float16) if "_weight" in k else v for k, v in self.arrays().items()}
        with path.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)

    @classmethod
    def read(cls, path: Path) -> PairCost:
        """The cost in a file. Raises OSError when there is none, KeyError when a part is missing."""
        with np.load(path, allow_pickle=False) as arrays:
            return cls.from_arrays(dict(arrays))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> PairCost:
        """The cost stored in ``arrays``. Raises KeyError when a part is missing."""
        second = Network.from_arrays(arrays, "second") if "second_mean" in arrays else None
        return cls(Network.from_arrays(arrays, "first"), second, np.asarray(arrays["swap"], np.float64))


def moved_heights(described: F32) -> F64:
    """(P, 2) from prediction to finding, in heights, out of the features of pairs."""
    off = described[:, :4]
    result: F64 = ((off[:, :2] + off[:, 2:]) / 2).astype(np.float64)
    return result


@functools.cache
def shipped() -> PairCost:
    """The cost that comes with jikcam, read once."""
    return PairCost.read(WEIGHTS)
