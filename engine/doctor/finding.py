"""One line of the doctor."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a show needs; ``required`` findings make the exit code 2 when not ok."""

    name: str
    ok: bool
    text: str
    required: bool = False

    def line(self) -> str:
        """As printed."""
        return f"{'OK ' if self.ok else 'FIX'} {self.name}: {self.text}"
