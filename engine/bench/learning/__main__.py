"""Learn the pair cost and write it: ``python -m engine.bench.learning --out engine/tracking/pair_cost.npz``.

Pure numpy, no accelerator; OMP_NUM_THREADS=1 is fastest beside --jobs. The same arguments give the same file
on the same machine. With --check FILE an existing file is only checked.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from engine.bench.learning.calibrate import fitted, kept, reliability, steps
from engine.bench.learning.fit import fit
from engine.bench.learning.lessons import Lesson, collected, pairs, pairs_among_rivals, scenes
from engine.tracking.learned import WEIGHTS, PairCost
from engine.tracking.swaps import HANDMADE_ODDS

#: Seeds of the scenes: to learn from, to calibrate on, to check on. Nobody else uses these.
LEARN_SEED, CALIBRATE_SEED, CHECK_SEED = 100_000, 200_000, 300_000
HIDDEN = (64, 64)


def main() -> None:
    """Learn, calibrate, check, write."""
    parser = argparse.ArgumentParser(prog="python -m engine.bench.learning", description=__doc__)
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="the file to write (.npz)")
    parser.add_argument("--check", type=Path, help="a file to check instead of learning")
    parser.add_argument("--scenes", type=int, default=72, help="scenes per round")
    parser.add_argument("--seconds", type=float, default=25.0, help="length of a scene")
    parser.add_argument("--rounds", type=int, default=1, help="rounds on policy after the teacher's")
    parser.add_argument("--epochs", type=float, default=7.0, help="looks at every pair per round")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    arguments = parser.parse_args()
    start_s = time.monotonic()
    if arguments.check:
        check(arguments, PairCost.read(arguments.check))
        return

    def say(text: str) -> None:
        print(f"[{time.monotonic() - start_s:6.0f} s] {text}", flush=True)

    cost = learned(arguments, say)
    cost.save(arguments.out)
    check(arguments, cost)
    say(f"{arguments.out}: {arguments.out.stat().st_size / 1000:.0f} kB")


def learned(arguments: argparse.Namespace, say: object) -> PairCost:
    """The cost after the teacher's round and those on policy, with its exchanges calibrated."""
    assert callable(say)
    rng = np.random.default_rng(1)
    cost: PairCost | None = None
    lessons: list[Lesson] = []
    for turn in range(arguments.rounds + 1):
        # The teacher only shows the way; most is learned on policy, and longest in the last round.
        count = arguments.scenes if turn else max(8, arguments.scenes // 2)
        epochs = arguments.epochs if turn == arguments.rounds else arguments.epochs / 2
        which = scenes(LEARN_SEED + 1000 * turn, count, arguments.seconds)
        lessons += collected(which, cost, arguments.jobs)
        inputs, labels, weights = pairs(lessons)
        say(f"round {turn}: {len(lessons)} pictures, {len(labels)} pairs, {labels.mean():.3f} are one person")
        first, loss = fit(inputs, labels, weights, HIDDEN, epochs, rng)
        second, among = fit(pairs_among_rivals(lessons, first), labels, weights, HIDDEN, epochs, rng)
        cost = PairCost(first, second, HANDMADE_ODDS)
        cost.save(arguments.out)
        say(f"round {turn}: cross-entropy {loss:.4f} alone, {among:.4f} among rivals")
    assert cost is not None
    count = max(8, arguments.scenes // 3)
    curves = fitted(steps(scenes(CALIBRATE_SEED, count, arguments.seconds), cost, arguments.jobs))
    say(f"exchanges, by kind: margin, gap, offset\n{np.round(curves, 3)}")
    return PairCost(cost.first, cost.second, curves)


def check(arguments: argparse.Namespace, cost: PairCost) -> None:
    """Print how true the probabilities of exchanges are on scenes never seen; then for the hand-made cost."""
    which = scenes(CHECK_SEED, max(8, arguments.scenes // 6), arguments.seconds)
    print(reliability(steps(which, cost, arguments.jobs), cost.swap))
    print(kept(which, cost, cost.swap, arguments.jobs))
    by_hand = steps(scenes(CALIBRATE_SEED, len(which), arguments.seconds), None, arguments.jobs)
    print(f"curves that would fit the hand-made cost:\n{np.round(fitted(by_hand), 2)}")
    print(kept(which, None, HANDMADE_ODDS, arguments.jobs))


if __name__ == "__main__":
    main()
