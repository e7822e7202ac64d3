"""How a script in the guest tells its results: a line of JSON each, read by tests/guest/inside_run.py."""

from __future__ import annotations

import json
from typing import Any

MARK = "RESULT "
LONGEST = 8000


def record(name: str, value: Any) -> None:
    """Tell one result, at once: what comes later may fail.

    Raises:
        ValueError: it is too long for a line; of 32 kB the end was cut off.
    """
    line = f"{MARK}{json.dumps([name, value])}"
    if len(line) > LONGEST:
        raise ValueError(f"the result {name!r} takes {len(line)} characters: tell less")
    print(line, flush=True)
