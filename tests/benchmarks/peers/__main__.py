"""`python -m peers list` and `python -m peers run NAME IN OUT`."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import os
import sys
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

#: peer -> (module here, package it is from, whether it needs embeddings)
PEERS = {
    "SORT": ("roboflow", "trackers", False),
    "SORT, 30 pictures": ("roboflow", "trackers", False),
    "ByteTrack": ("roboflow", "trackers", False),
    "OC-SORT": ("roboflow", "trackers", False),
    "C-BIoU": ("roboflow", "trackers", False),
    "BoT-SORT": ("roboflow", "trackers", False),
    "norfair": ("norfair_iou", "norfair", False),
    "Hybrid-SORT": ("boxmot_peers", "boxmot", False),
    "Deep-OC-SORT": ("boxmot_peers", "boxmot", True),
    "StrongSORT": ("boxmot_peers", "boxmot", True),
}


def main(arguments: list[str]) -> int:
    """0 = done; otherwise the reason stands on stderr."""
    if arguments == ["list"]:
        for name, (_, package, looks) in PEERS.items():
            try:
                version = importlib.metadata.version(package)
            except importlib.metadata.PackageNotFoundError:
                continue
            print(json.dumps({"name": name, "package": f"{package} {version}", "looks": looks}))
        return 0
    if len(arguments) == 4 and arguments[0] == "run" and arguments[1] in PEERS:
        from peers.exchange import run

        _, name, source, target = arguments
        module = importlib.import_module(f"peers.{PEERS[name][0]}")
        for path in sorted(Path(source).glob("*.npz")):
            run(lambda stage: module.tracker(name, stage), path, Path(target) / path.name)
        return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
