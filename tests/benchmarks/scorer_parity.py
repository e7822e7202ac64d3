"""Whether the built-in scores equal TrackEval's, on sequences with truth.

    FOLDER/bin/python -m tests.benchmarks.scorer_parity ../shared/data/mot/dancetrack-val

FOLDER: the peers' environment (tests/benchmarks/peers/create.py). TrackEval must never be in jikcam's own,
for it brings a second OpenCV. Every sequence is followed with jikcam's tracker; the largest difference is
printed, and the exit code is 1 when it is more than 1e-6.
"""

from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path
from typing import Any

from trackeval import metrics

from engine.bench.tracking.mot import read_sequence
from engine.bench.tracking.ours import follow
from engine.bench.tracking.score import Comparison, compare, scored, total
from engine.tracking import TrackerConfig

MOST = 1e-6


def trackeval_data(c: Comparison) -> dict[str, Any]:
    """The comparison as TrackEval's metrics want it."""
    return {
        "num_timesteps": len(c.pictures),
        "gt_ids": [p.people for p in c.pictures],
        "tracker_ids": [p.tracks for p in c.pictures],
        "similarity_scores": [p.iou for p in c.pictures],
        "num_gt_dets": sum(len(p.people) for p in c.pictures),
        "num_tracker_dets": sum(len(p.tracks) for p in c.pictures),
        "num_gt_ids": len(c.people),
        "num_tracker_ids": len(c.tracks),
    }


def main(folder: Path) -> int:
    quiet = {"PRINT_CONFIG": False}
    with contextlib.redirect_stdout(io.StringIO()):
        judges = metrics.HOTA(), metrics.CLEAR(quiet), metrics.Identity(quiet)
    theirs: list[dict[str, Any]] = [{}, {}, {}]
    mine = []
    for place in sorted(p for p in folder.iterdir() if p.is_dir()):
        sequence = read_sequence(place)
        comparison = compare(sequence, follow(sequence, TrackerConfig()).tracks)
        mine.append(scored(comparison))
        for judge, result in zip(judges, theirs, strict=True):
            result[sequence.name] = judge.eval_sequence(trackeval_data(comparison))
    hota, clear, identity = (j.combine_sequences(r) for j, r in zip(judges, theirs, strict=True))
    ours = total(mine)
    rows = [
        ("HOTA", ours.hota, 100 * hota["HOTA"].mean()),
        ("DetA", ours.deta, 100 * hota["DetA"].mean()),
        ("AssA", ours.assa, 100 * hota["AssA"].mean()),
        ("IDF1", ours.idf1, 100 * identity["IDF1"]),
        ("MOTA", ours.mota, 100 * clear["MOTA"]),
        ("IDSW", ours.switches, clear["IDSW"]),
    ]
    for name, own, other in rows:
        print(f"{name}: built-in {own:.6f}, TrackEval {other:.6f}")
    worst = max(abs(own - other) for _, own, other in rows)
    print(f"largest difference {worst:.2g} over {len(mine)} sequences")
    return int(worst > MOST)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
