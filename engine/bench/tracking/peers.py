"""Published trackers beside ours: each runs in a process of an environment of its own, by plain npz files.

That environment is made by ``tests/benchmarks/peers/create.py``; nothing in it is ever imported here.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.bench.tracking.sequence import F64, Hypotheses, Sequence
from engine.errors import JikcamError

#: Says where the interpreter of the peers' environment is, when no option does.
PEERS_PYTHON = "JIKCAM_PEERS_PYTHON"
#: Nobody here takes longer over all sequences.
LONGEST_S = 3600.0
REMEDY = "make the environment with tests/benchmarks/peers/create.py"


@dataclass(frozen=True, slots=True)
class Peer:
    """A published tracker: its name, package with version, whether it needs embeddings, and where it runs."""

    name: str
    package: str
    looks: bool
    python: Path


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What a peer made of one sequence: picture -> hypotheses, and processor seconds of every update."""

    tracks: dict[int, Hypotheses]
    cpu_s: F64


def available(python: Path) -> list[Peer]:
    """The peers of that interpreter's environment.

    Raises:
        JikcamError: it cannot be started, or is another environment.
    """
    lines = _run([str(python), "-m", "peers", "list"], f"{python} has no peers")
    return [Peer(**json.loads(line), python=python) for line in lines.splitlines()]


def ask(peer: Peer, sequences: list[Sequence]) -> dict[str, Said]:
    """Run the peer over the sequences, one after the other and each from nothing; by sequence name.

    Raises:
        JikcamError: the peer fails; its last words are in the message.
    """
    with tempfile.TemporaryDirectory(prefix="jikcam-peers-") as folder:
        source, target = Path(folder) / "in", Path(folder) / "out"
        source.mkdir()
        target.mkdir()
        for sequence in sequences:
            _write(source / f"{sequence.name}.npz", sequence)
        command = [str(peer.python), "-m", "peers", "run", peer.name, str(source), str(target)]
        _run(command, f"{peer.name} failed")
        return {s.name: _read(target / f"{s.name}.npz", s.length) for s in sequences}


def _run(command: list[str], problem: str) -> str:
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    # The environment is complete in itself; ours must not shine through.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | threads
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_S, env=environment)
    except OSError as error:
        raise JikcamError(f"{problem}: {error.strerror}", REMEDY) from None
    except subprocess.TimeoutExpired:
        raise JikcamError(f"{problem}: no answer in {LONGEST_S:.0f} s", "try fewer sequences") from None
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        raise JikcamError(f"{problem}: {last}", REMEDY)
    return done.stdout


def _write(path: Path, sequence: Sequence) -> None:
    found = [(f, d) for f, d in sorted(sequence.detections.items()) if len(d)]
    rows = np.concatenate([np.zeros((0, 5)), *(d for _, d in found)])
    pictures = np.repeat([f for f, _ in found], [len(d) for _, d in found])
    columns: dict[str, Any] = {"picture": pictures, "box": rows[:, :4], "score": rows[:, 4]}
    if sequence.looks:
        columns["body"] = np.concatenate([sequence.looks[f].body for f, _ in found])
    width, height = sequence.size.width, sequence.size.height
    np.savez(path, fps=sequence.fps, width=width, height=height, length=sequence.length, **columns)


def _read(path: Path, length: int) -> Said:
    with np.load(path) as data:
        picture, track, box, cpu_s = data["picture"], data["track"], data["box"], data["cpu_s"]
    edges = np.searchsorted(picture, np.arange(1, length + 2))
    tracks = {
        f: Hypotheses(track[edges[f - 1] : edges[f]], box[edges[f - 1] : edges[f]])
        for f in range(1, length + 1)
    }
    return Said(tracks, cpu_s)
