"""The shot log: one JSON line per picture and View, the contract for measuring and replaying."""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, Any

from engine.errors import JikcamError
from engine.geometry import Box
from engine.people import Tracks
from engine.sources.frame import Frame
from engine.view import View


def _px(box: Box) -> list[float]:
    return [round(v, 3) for v in box.xywh]


def shot_record(frame: Frame, view: View, tracks: Tracks, latency_ms: float | None) -> dict[str, Any]:
    """One line of the log. Boxes and shots are x, y, width, height in source pixels.

    ``person`` is who was chosen, ``track`` the track on which they are believed to be (with its ``box``), and
    ``people`` all tracks.
    """
    lock, shot = view.direction.lock, view.direction.shot
    return {
        "index": frame.index,
        "time_s": round(frame.time_s, 6),
        "view": view.name,
        "shot": _px(shot.box),
        "lock": str(lock.state),
        "person": lock.person,
        "track": lock.track.id if lock.track else None,
        "box": _px(lock.track.box) if lock.track else None,
        "sure": round(lock.sure, 3),
        "reason": lock.reason,
        "people": [[t.id, *_px(t.box)] for t in tracks.items],
        "latency_ms": None if latency_ms is None else round(latency_ms, 3),
    }


class ShotLog:
    """Writes the log line by line; a crash loses at most the last second."""

    def __init__(self, path: Path) -> None:
        try:
            self._file: IO[str] = path.open("w", encoding="utf-8", buffering=1 << 16)
        except OSError as error:
            raise JikcamError(
                f"cannot write the shot log {path}: {error.strerror}", "choose a folder you may write to"
            ) from None
        self._lines = 0

    def write(self, frame: Frame, view: View, tracks: Tracks, latency_ms: float | None) -> None:
        """Append one picture of one View; ``latency_ms`` is None where there is no clock."""
        json.dump(shot_record(frame, view, tracks, latency_ms), self._file, separators=(",", ":"))
        self._file.write("\n")
        self._lines += 1
        if self._lines % 30 == 0:
            self._file.flush()

    def close(self) -> None:
        self._file.close()
