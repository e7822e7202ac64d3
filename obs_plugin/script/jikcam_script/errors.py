"""What did not work, in words for the user."""

from __future__ import annotations

MOST_LETTERS = 300


class ScriptError(Exception):
    """Something did not work.

    Args:
        kind: the same kind again is not told again; see the raisers.
        text: for the user, one line that says what to do.
    """

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(one_line(text))
        self.kind = kind


def one_line(text: str) -> str:
    """Text from elsewhere, fit for a log and a label."""
    return " ".join(text.replace("\0", " ").split())[:MOST_LETTERS]
