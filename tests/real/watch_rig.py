"""An engine whose Views go to real viewers: each paints its own colour, as often as a camera would."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import cv2
import numpy as np

from engine.control import ControlServer
from engine.geometry import Size
from tests.integration.control_rig import FakeEngine
from tests.real.browser import wait_until
from virtualcam.sink import Picture
from virtualcam.webrtc.host import StreamHost
from virtualcam.webrtc.messages import StreamConfig
from virtualcam.webrtc.sink import WebrtcSink

SIZE = Size(640, 360)
FPS = 30.0
#: BGR, far from one another after any encoder.
COLORS = {"main": (40, 40, 200), "second": (200, 60, 40), "third": (60, 160, 60)}


CODE_HEIGHT = 32
#: Reads the time code out of a video, in milliseconds; NaN where the check sum is wrong.
READ_CODE = """(video) => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [32, 1];
  const context = canvas.getContext("2d");
  const high = video.videoHeight / 360;
  context.drawImage(video, 0, 12 * high, video.videoWidth, 8 * high, 0, 0, 32, 1);
  const { data } = context.getImageData(0, 0, 32, 1);
  let code = 0;
  for (let i = 0; i < 32; i += 1) code = code * 2 + (data[4 * i + 1] > 127);
  const [ms, sum] = [Math.floor(code / 256), code % 256];
  return ((ms >> 16) + (ms >> 8) + ms + 85) % 256 === sum ? ms : NaN;
}"""


def time_code(time_s: float) -> Any:
    """A row of 32 black or white cells, (1, 32, 3) uint8: 24 bits of milliseconds and 8 of a check sum."""
    ms = int(time_s * 1000) % 2**24
    code = ms << 8 | ((ms >> 16) + (ms >> 8) + ms + 85) % 256
    bits = [code >> (31 - i) & 1 for i in range(32)]
    return np.repeat(np.array(bits, np.uint8)[None, :, None] * 255, 3, axis=2)


class WatchEngine(FakeEngine):
    """A FakeEngine that stamps its pictures with the monotonic clock and sends them to a StreamHost too.

    Args:
        grain_px: the finer, the more bits its pictures take.

    Attributes:
        paused: no pictures are made.
        capture_delay_s: so old is a picture when it is sent.
    """

    def __init__(self, *views: str, config: StreamConfig | None = None, grain_px: int = 8) -> None:
        super().__init__(*(views or ("main",)), picture=SIZE)
        self.host = StreamHost(config or StreamConfig())
        self.host.start()
        self.sinks: dict[str, WebrtcSink] = {v.name: self.host.sink(v.name, FPS) for v in self.views}
        self.paused = threading.Event()
        self.capture_delay_s = 0.0
        noise = np.random.default_rng(1).integers(
            -40, 40, (SIZE.height // grain_px, SIZE.width // grain_px, 3)
        )
        self._grain = cv2.resize(noise.astype(np.int16), (SIZE.width, SIZE.height))

    def now_s(self) -> float:
        return time.monotonic()

    def tick(self) -> None:
        if self.paused.is_set():
            return
        super().tick()
        for name, sink in self.sinks.items():
            # Only where somebody watches: painting costs more than all the rest here.
            if sink.watched:
                now_s = time.monotonic()
                sink.send(Picture(self.painted(name, now_s), now_s - self.capture_delay_s, self.frame))

    def painted(self, view: str, now_s: float) -> Any:
        """Its colour, the time code, and something that moves and is costly to encode."""
        color = np.array(COLORS[view], np.int16)
        grain = np.roll(self._grain, (self.frame * 3, self.frame * 5), (0, 1))
        picture = np.clip(color + grain, 0, 255).astype(np.uint8)
        picture[:CODE_HEIGHT] = cv2.resize(
            time_code(now_s), (picture.shape[1], CODE_HEIGHT), interpolation=cv2.INTER_NEAREST
        )
        return picture

    def close(self) -> None:
        super().close()
        self.host.stop()


@contextmanager
def showing(
    *views: str, config: StreamConfig | None = None, port: int = 0, grain_px: int = 8, **options: Any
) -> Iterator[tuple[WatchEngine, ControlServer]]:
    """A running engine and its server, ready for viewers."""
    engine = WatchEngine(*views, config=config, grain_px=grain_px)
    server = ControlServer(engine, port=port, streams=engine.host, **options)
    try:
        engine.run(FPS)
        server.start()
        wait_until(lambda: engine.host.ready, "the streaming process")
        yield engine, server
    finally:
        server.stop()
        engine.close()
