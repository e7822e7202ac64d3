"""A virtual camera that keeps what it is sent, in place of pyvirtualcam's own."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from pyvirtualcam.camera import BACKENDS

from engine.geometry import Size
from virtualcam import device
from virtualcam.sink import Picture

SIZE = Size(64, 48)


class FakeBackend:
    """A virtual camera that keeps what it is sent."""

    open_devices: ClassVar[list[FakeBackend]] = []
    refuse: str | None = None
    words = "virtual camera output\ncould not be started"
    broken = False

    def __init__(self, *, width, height, fps, fourcc, device, **_):
        if self.refuse and (device is None or device == self.refuse):
            raise RuntimeError(self.words)
        self.size, self.fourcc, self._device = (width, height), fourcc, device or "Fake Cam"
        self.frames: list[np.ndarray] = []
        self.closed = 0
        FakeBackend.open_devices.append(self)

    def send(self, frame):
        if FakeBackend.broken:
            raise RuntimeError("the device was unplugged")
        self.frames.append(frame.copy())

    def device(self):
        return self._device

    def native_fourcc(self):
        return self.fourcc

    def close(self):
        self.closed += 1


def only_fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> type[FakeBackend]:
    """Nothing but the fake is installed, nothing is open, and no lock is left from elsewhere."""
    monkeypatch.setattr(device, "RETRY_PERIOD_S", 0.0)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(FakeBackend, "open_devices", [])
    monkeypatch.setattr(FakeBackend, "broken", False)
    monkeypatch.setattr(FakeBackend, "refuse", None)
    monkeypatch.setattr(FakeBackend, "words", FakeBackend.words)
    for name in list(BACKENDS):
        monkeypatch.delitem(BACKENDS, name)
    monkeypatch.setitem(BACKENDS, "fake", FakeBackend)
    return FakeBackend


def picture(width: int = 64, height: int = 48) -> Picture:
    image = np.zeros((height, width, 3), np.uint8)
    image[:, width // 2 :] = (40, 90, 200)
    return Picture(image, 0.0, 0)
