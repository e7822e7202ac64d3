"""Does the streaming process grow with every viewer who comes and goes?

    python -m tests.benchmarks.webrtc.growth [--rounds 9] [--seconds 15] [--viewers 8]

The streaming process with one View of 640x360 and nothing else. After each round of viewers it is left alone
until its encoders are gone; then its memory, threads and open files are taken down.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import time

import psutil

from tests.benchmarks.webrtc.visitors import visitors
from tests.real.watch_rig import showing
from virtualcam.webrtc.watch.renditions import RELEASE_AFTER_S


def come_and_go(url: str, count: int, seconds: float, told: multiprocessing.SimpleQueue[int]) -> None:
    """In a process of its own: viewers use memory too."""
    told.put(asyncio.run(visitors(url, count, seconds))[0])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--viewers", type=int, default=8)
    wanted = parser.parse_args()
    spawn = multiprocessing.get_context("spawn")
    print("| visits so far | MB | threads | open files |\n|--:|--:|--:|--:|")
    with showing("main") as (engine, server):
        process = psutil.Process(engine.host.pid)
        visits = 0
        for done in range(wanted.rounds + 1):
            rss_mb = process.memory_info().rss / 2**20
            print(f"| {visits} | {rss_mb:.0f} | {process.num_threads()} | {process.num_fds()} |", flush=True)
            if done == wanted.rounds:
                break
            told = spawn.SimpleQueue()
            guests = spawn.Process(
                target=come_and_go, args=(server.url, wanted.viewers, wanted.seconds, told)
            )
            guests.start()
            visits += told.get()
            guests.join()
            time.sleep(RELEASE_AFTER_S + 3.0)


if __name__ == "__main__":
    main()
