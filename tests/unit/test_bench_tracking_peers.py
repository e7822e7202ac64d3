"""The exchange with peers by files, with a toy peer in place of the published ones."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.bench.tracking.peers import Peer, ask, available
from engine.bench.tracking.sequence import Looks, Sequence
from engine.bench.tracking.speed import CROWDS, PICTURES, WARM_UP, crowd, updates_per_s
from engine.errors import JikcamError
from tests.unit.bench_tracking_scenes import steady, truth

ROOT = Path(__file__).resolve().parents[2]

#: Stands for the interpreter of the peers' environment: its one peer names people by their slot.
INTERPRETER = """#!{python}
import sys
sys.path.insert(0, {root!r})
from pathlib import Path
import numpy as np
from tests.benchmarks.peers.exchange import run

def tracker(stage):
    def update(sight):
        assert sight.bodies is None or np.allclose(np.linalg.norm(sight.bodies, axis=1), 1)
        return (sight.boxes[:, 0] // 100).astype(int), sight.boxes
    return update

assert sys.argv[1:3] == ["-m", "peers"], sys.argv
if sys.argv[3] == "list":
    print('{{"name": "toy", "package": "toy 1.0", "looks": false}}')
elif sys.argv[4] == "toy":
    for path in sorted(Path(sys.argv[5]).glob("*.npz")):
        run(tracker, path, Path(sys.argv[6]) / path.name)
else:
    sys.exit("ModuleNotFoundError: no " + sys.argv[4])
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a script is no interpreter on Windows")


@pytest.fixture
def python(tmp_path: Path) -> Path:
    file = tmp_path / "python"
    file.write_text(INTERPRETER.format(python=sys.executable, root=str(ROOT)))
    file.chmod(0o755)
    return file


def stage() -> Sequence:
    """Two people; nobody in pictures 4 and 5, and nothing at all after picture 8."""
    rows = steady(range(1, 4), (1, 0), (2, 5)) | steady(range(6, 9), (2, 5))
    sequence = truth(rows, 10)
    return replace(sequence, detections={**sequence.detections, 4: np.zeros((0, 5))})


def test_there_and_back(python: Path) -> None:
    (toy,) = available(python)
    assert toy == Peer("toy", "toy 1.0", looks=False, python=python)
    said = ask(toy, [stage(), replace(stage(), name="again")])
    assert set(said) == {"toy", "again"}
    tracks = said["toy"].tracks
    assert [tracks[f].ids.tolist() for f in range(1, 11)] == [[0, 5]] * 3 + [[]] * 2 + [[5]] * 3 + [[]] * 2
    np.testing.assert_allclose(tracks[7].boxes, stage().truth[7].boxes)
    assert said["toy"].cpu_s.shape == (10,)


def test_bodies_go_along(python: Path) -> None:
    sequence = stage()
    looks = {}
    for f, found in sequence.detections.items():
        blank = np.zeros((len(found), 4), dtype=np.float32)
        part = np.ones(len(found), dtype=np.float32)
        looks[f] = Looks(np.eye(len(found), 4, dtype=np.float32), part, blank, part, part)
    said = ask(Peer("toy", "", looks=True, python=python), [replace(sequence, looks=looks)])
    assert said["toy"].tracks[1].ids.tolist() == [0, 5]


def test_a_peer_that_fails_says_why(python: Path) -> None:
    with pytest.raises(JikcamError, match="odd failed: ModuleNotFoundError: no odd"):
        ask(Peer("odd", "", looks=False, python=python), [stage()])


def test_an_interpreter_without_peers(tmp_path: Path) -> None:
    with pytest.raises(JikcamError, match="has no peers: No such file"):
        available(tmp_path / "none")
    with pytest.raises(JikcamError, match=r"has no peers: .*peers.*create\.py"):
        available(Path(sys.executable))


@pytest.mark.parametrize("people", CROWDS)
def test_the_crowd_for_timing(people: int) -> None:
    sequence = crowd(people)
    assert sorted(sequence.detections) == list(range(1, PICTURES + 1))
    counts = [len(d) for d in sequence.detections.values()]
    assert max(counts) == people
    assert np.mean(counts) == pytest.approx(0.95 * people, rel=0.05)
    assert all((d[:, 2:4] > d[:, :2]).all() for d in sequence.detections.values())


def test_the_warm_up_does_not_count() -> None:
    assert updates_per_s([100.0] * WARM_UP + [0.01] * 50) == pytest.approx(100)
