"""What the running preset says of the Views in words; the engine's state has only numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class CameraWords:
    """One View's camera; None where the preset says nothing, as of an older engine.

    Attributes:
        choice: viewers of this View may go over to other Views.
    """

    operator: str | None
    feel: str | None
    choice: bool = False


UNKNOWN = CameraWords(None, None)


class Cameras:
    """Looks into the preset when it has changed, and not at every picture.

    Args:
        values: gives the running preset with all defaults (``EngineControl.preset_values``); never waits.
    """

    def __init__(self, values: Callable[[], Mapping[str, Any]]) -> None:
        self._values = values
        self._revision: int | None = None
        self._cameras: dict[str, CameraWords] = {}

    def of(self, revision: int) -> Mapping[str, CameraWords]:
        """By the names of the Views; ``revision`` is the state's ``preset_revision``."""
        if revision != self._revision:
            views = self._values()["view"]
            self._cameras = {view["name"]: _words(view) for view in views}
            self._revision = revision
        return self._cameras


def _words(view: Mapping[str, Any]) -> CameraWords:
    camera = view.get("camera", {})
    return CameraWords(camera.get("operator"), camera.get("feel"), view.get("choice", False))
