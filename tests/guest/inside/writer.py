"""Processes that feed a virtual camera. Forked: under emulation an import costs seconds."""

from __future__ import annotations

import multiprocessing
import os
import time
from multiprocessing.connection import Connection
from typing import Any

from engine.geometry import Size
from tests.guest.inside.chart import BARS, Colour, chart, stamp
from virtualcam.device import DeviceSink, Matrix
from virtualcam.sink import Picture, SinkError

_FORK = multiprocessing.get_context("fork")
_ANSWER_S = 60.0


class Writer:
    """A jikcam in a process of its own that sends the chart, paced, until told to stop.

    Args:
        device: path or label, as DeviceSink takes it.
        first: number of the first picture.
        user: whose rights it has; None: root's.

    Raises:
        SinkError: the device didn't open there; the text as the user gets it.
    """

    def __init__(
        self,
        device: str | None,
        size: Size,
        fps: float = 30.0,
        bars: tuple[Colour, ...] = BARS,
        first: int = 0,
        matrix: Matrix = "bt601",
        user: int | None = None,
    ) -> None:
        self._pipe, theirs = _FORK.Pipe()
        arguments = (theirs, device, size, fps, bars, first, matrix, user)
        self._process = _FORK.Process(target=_write, args=arguments, daemon=True)
        self._process.start()
        theirs.close()
        opened = self._answer()
        if "error" in opened:
            self._process.join()
            raise SinkError(opened["error"])
        self.name: str = opened["name"]

    def stop(self) -> dict[str, Any]:
        """End it properly; {"sent": pictures, "seconds": since the first, "status": of the sink}."""
        self._pipe.send("stop")
        report = self._answer()
        self._process.join()
        return report

    def kill(self) -> None:
        """End it as a crash would."""
        self._process.kill()
        self._process.join()

    def _answer(self) -> dict[str, Any]:
        if not self._pipe.poll(_ANSWER_S):
            raise TimeoutError("the writer doesn't answer")
        return self._pipe.recv()


def _write(
    pipe: Connection,
    device: str | None,
    size: Size,
    fps: float,
    bars: tuple[Colour, ...],
    first: int,
    matrix: Matrix,
    user: int | None,
) -> None:
    if user is not None:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    try:
        sink = DeviceSink(size, fps, device=device, matrix=matrix)
    except SinkError as error:
        pipe.send({"error": str(error)})
        return
    image = chart(size.width, size.height, bars)
    begin_s, number = time.monotonic(), first
    while not pipe.poll():
        stamp(image, number)
        sink.send(Picture(image, time.monotonic(), number))
        if number == first:  # only now is there something to read
            pipe.send({"name": sink.name})
        number += 1
        time.sleep(max(0.0, begin_s + (number - first) / fps - time.monotonic()))
    seconds = time.monotonic() - begin_s
    status = sink.status
    sink.close()
    pipe.send({"sent": number - first, "seconds": seconds, "status": status})
