"""Writes the numbers behind each feel into a page: ``python -m engine.presets.feels docs/operator.md``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from engine.direction.operators.feel import FOLLOWERS, Feel
from engine.direction.operators.path_feel import PATHS
from engine.presets.camera import CameraPreset, PathPreset

#: Comments of the page between which a table stands, by the name in them.
_PLACE = "<!-- {} -->\n"
_TABLES: dict[str, tuple[type[BaseModel], Any]] = {
    "live": (CameraPreset, FOLLOWERS),
    "path": (PathPreset, PATHS),
}


def with_feels(page: str) -> str:
    """The page with today's numbers between its ``<!-- live -->`` and ``<!-- path -->`` comments.

    Raises:
        ValueError: a comment is missing.
    """
    for name, (model, numbers) in _TABLES.items():
        begin, end = _PLACE.format(name), _PLACE.format(f"end of {name}")
        after = page.index(begin) + len(begin)
        table = "".join(f"{line}\n" for line in _lines(model, numbers))
        page = page[:after] + table + page[page.index(end, after) :]
    return page


def _lines(model: type[BaseModel], numbers: Any) -> Iterator[str]:
    yield f"| | {' | '.join(Feel)} | |"
    yield "|---|" + "---|" * (len(Feel) + 1)
    for key, field in model.model_fields.items():
        if hasattr(numbers[Feel.NORMAL], key):
            values = " | ".join(f"{getattr(numbers[feel], key):g}" for feel in Feel)
            yield f"| `{key}` | {values} | {field.description} |"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m engine.presets.feels FILE")
    path = Path(sys.argv[1])
    path.write_text(with_feels(path.read_text("utf-8")), "utf-8", newline="\n")
