"""The shot log: one JSON line per picture and View, the contract for measuring and replaying."""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, Any

from engine.direction.view import Direction
from engine.errors import JikcamError
from engine.geometry import Box
from engine.view import View


def _px(box: Box) -> list[float]:
    return [round(v, 3) for v in box.xywh]


def shot_record(name: str, direction: Direction, latency_ms: float | None) -> dict[str, Any]:
    """One line of the log. Boxes and shots are x, y, width, height in source pixels.

    ``index`` and ``time_s`` are of the picture that is shown, and all else is as of that one. ``person`` is
    who was chosen, ``track`` the track on which they are believed to be (with its ``box``), ``people`` all
    tracks.
    """
    lock, tracks = direction.lock, direction.tracks
    return {
        "index": tracks.index,
        "time_s": round(tracks.time_s, 6),
        "view": name,
        "shot": _px(direction.shot.box),
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

    def write(self, view: View, latency_ms: float | None) -> None:
        """Append the shown picture of one View; ``latency_ms`` is None where there is no clock.

        The halves of a split are NAME/1 and NAME/2. A grid has no line: its shots are those of other Views.
        """
        shots = view.shots
        for k, direction in enumerate(shots, 1):
            name = f"{view.name}/{k}" if len(shots) > 1 else view.name
            record = shot_record(name, direction, latency_ms)
            json.dump(record, self._file, separators=(",", ":"))
            self._file.write("\n")
            self._lines += 1
            if self._lines % 30 == 0:
                self._file.flush()

    def close(self) -> None:
        self._file.close()
