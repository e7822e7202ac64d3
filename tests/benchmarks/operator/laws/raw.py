"""No law: the crop jumps to the middle of the box, and stays where it was while nobody is seen."""

from __future__ import annotations

from dataclasses import dataclass

from tests.benchmarks.operator.laws.law import Course, Law
from tests.benchmarks.operator.paths import F64


@dataclass(frozen=True)
class Raw(Law):
    def follow(self, course: Course) -> F64:
        return course.held
