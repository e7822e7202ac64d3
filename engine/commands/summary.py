"""What a run tells its user: one line while it runs, one line when it has ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from engine.direction.target import LockState
from engine.state import EngineMetrics, EngineState
from engine.view import View


class Summary:
    """Counts lock states over the pictures of a run, over all Views."""

    def __init__(self) -> None:
        self._states: Counter[LockState] = Counter()

    def add(self, views: Iterable[View]) -> None:
        """Count one picture of each of these Views; one made of others' pictures counts in those."""
        self._states.update(shown.lock.state for view in views for shown in view.shots)

    def share(self, state: LockState) -> float:
        """Share of pictures in that state, 0 to 1."""
        return self._states[state] / max(1, self._states.total())

    def text(self) -> str:
        """For example ``held 97.1%, hidden 1.9%, lost 1.0%, nobody chosen 0.0%``; unsure if it was."""
        unsure = self.share(LockState.UNSURE) + self.share(LockState.FOUND)
        words = {
            "held": self.share(LockState.HELD),
            "hidden": self.share(LockState.OCCLUDED),
            "unsure": unsure,
            "lost": self.share(LockState.LOST),
            "nobody chosen": self.share(LockState.NOBODY),
        }
        return ", ".join(f"{word} {share:.1%}" for word, share in words.items() if share or word != "unsure")


def status_line(state: EngineState, metrics: EngineMetrics) -> str:
    """One quiet line about a running engine."""
    views = ", ".join(f"{v.name}: {v.lock} {v.label}".strip() for v in state.views)
    picture = next((s for s in metrics.stages if s.name == "picture"), None)
    work = f"{picture.p50_ms:.1f} ms a picture" if picture else "no picture yet"
    trouble = " | ".join(t for t in (state.source_status, state.perception_status) if t)
    line = f"{views} | {len(state.people)} people | {work} | {metrics.perception_hz:.0f} looks/s"
    return f"{line} | {trouble}" if trouble else line
