"""The errors a user may see. Each is one line that says what to do; the command line exits with 2."""

from __future__ import annotations


class JikcamError(Exception):
    """What went wrong and what to do about it, in one line.

    Args:
        problem: what is wrong, naming the file, key, device or port.
        fix: what the user does next, as an imperative clause.
    """

    def __init__(self, problem: str, fix: str = "") -> None:
        self.problem = " ".join(problem.split())
        self.fix = " ".join(fix.split())
        super().__init__(f"{self.problem}; {self.fix}" if self.fix else self.problem)
