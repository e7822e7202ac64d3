"""What two presets disagree on, with the values of both: defaults count as if they were written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Difference:
    """One key.

    Attributes:
        key: as in messages about presets: ``view.main.camera.settle_s``; a View goes by its name.
        running, saved: JSON values; None also for a table or a View that one of them lacks.
    """

    key: str
    running: Any
    saved: Any


def differences(running: Mapping[str, Any], saved: Mapping[str, Any]) -> list[Difference]:
    """In the order of ``running``; what only ``saved`` has comes last.

    Args:
        running, saved: presets with every default, as ``Preset.model_dump(mode="json")`` gives them.
    """
    return list(_compared(_by_name(running), _by_name(saved), ""))


def _by_name(preset: Mapping[str, Any]) -> dict[str, Any]:
    return {**preset, "view": {view["name"]: view for view in preset.get("view", ())}}


def _compared(running: Any, saved: Any, key: str) -> Iterator[Difference]:
    if isinstance(running, Mapping) and isinstance(saved, Mapping):
        for name in (*running, *(name for name in saved if name not in running)):
            inner = f"{key}.{name}" if key else name
            yield from _compared(running.get(name), saved.get(name), inner)
    elif running != saved:
        yield Difference(key, running, saved)
