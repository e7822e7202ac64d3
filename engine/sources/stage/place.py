"""Where a performer stands in the line-up, which every part of a choreography starts from."""

from __future__ import annotations

from dataclasses import dataclass

from engine.sources.stage.body import Pose

#: Of the stage, design pixels.
MIDDLE = 960.0


@dataclass(frozen=True, slots=True)
class Place:
    """A performer's part: number from 0, of how many, the place in the line-up, the seed."""

    k: int
    people: int
    x: float
    depth: float
    seed: int

    @property
    def phase(self) -> float:
        """A phase in turns of its own."""
        return (self.k * 0.381966 + self.seed * 0.17) % 1.0

    @property
    def home(self) -> Pose:
        return Pose(self.x, self.depth)


def line_up(k: int, people: int) -> tuple[float, float]:
    """The k-th place in design pixels and its depth: one row, every second one a step behind."""
    if people == 1:
        return MIDDLE, 0.55
    reach = min(0.19 * people, 0.74) * 960
    return MIDDLE - reach + 2 * reach * k / (people - 1), 0.62 if k % 2 == 0 else 0.38
