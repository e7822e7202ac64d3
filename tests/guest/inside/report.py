"""How a script in the guest tells its results: a line of JSON each, read by tests/guest/inside_run.py."""

from __future__ import annotations

import json
from typing import Any

MARK = "RESULT "


def record(name: str, value: Any) -> None:
    """Tell one result, at once: what comes later may fail."""
    print(f"{MARK}{json.dumps([name, value])}", flush=True)
