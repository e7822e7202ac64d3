"""Rate and latency of the virtual camera on a real v4l2loopback, and how much of that is the guest's fault.

    python -m tests.benchmarks.v4l2 [--pictures 300] [--buffers 4]

The picture carries its number and the moment it was sent; writer and reader are processes of one machine
and share its clock. Latency: from that moment, before colour conversion, until the reader holds the
picture (ffmpeg: as raw video through a pipe; OpenCV: converted to BGR). The guest is emulated without
hardware help (tests/guest/README.md), so all times are far longer than on a computer; "guest" is the rate
ffmpeg gets from a loop that does nothing but write finished bytes at 30 fps.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from tests.guest.inside_run import run_inside

_ROW = "{:<10} {:<8} {:>6} {:>6} {:>10} {:>10} {:>9} {:>8}"


def percentile(values: Sequence[float], share: float) -> float:
    """Of at least one value."""
    return float(np.percentile(np.asarray(values, float), share))


def row(size: str, reader: str, results: dict[str, Any]) -> str:
    """One line of the table."""
    got = results[reader]
    numbers = got["numbers"]
    return _ROW.format(
        size,
        reader,
        f"{results['limit_fps']:.1f}",
        f"{got['fps']:.1f}",
        f"{percentile(got['latency_ms'], 50):.0f}",
        f"{percentile(got['latency_ms'], 95):.0f}",
        got["pictures"],
        len(numbers) - len(set(numbers)),
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pictures", type=int, default=300)
    parser.add_argument("--buffers", type=int, default=4, help="max_buffers of v4l2loopback")
    chosen = parser.parse_args()
    modules = f"video_nr=10 card_label=jikcam exclusive_caps=1 max_buffers={chosen.buffers}"
    results = run_inside("rates", str(chosen.pictures), modules=modules)
    load = os.getloadavg()[0]
    print(f"max_buffers={chosen.buffers}, host load {load:.1f} on {os.cpu_count()} cores")
    print(_ROW.format("size", "reader", "guest", "fps", "p50 ms", "p95 ms", "pictures", "repeats"))
    for size, got in results.items():
        for reader in ("ffmpeg", "opencv"):
            print(row(size, reader, got))


if __name__ == "__main__":
    main()
