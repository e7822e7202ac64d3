"""What one rendition's encoder did in the last seconds."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np

from virtualcam.webrtc.watch.encoder import EncodedPicture

_WINDOW_S = 5.0
_KEPT = 400


class Tally:
    """Counts encoded pictures; written by the encoder's thread, read by any other."""

    def __init__(self) -> None:
        self._recent: deque[tuple[float, int, float]] = deque(maxlen=_KEPT)
        self._keys_s: deque[float] = deque(maxlen=2)
        self.pictures = 0
        self.key_frames = 0
        self.size = (0, 0)

    def add(self, picture: EncodedPicture, now_s: float, took_s: float) -> None:
        self.pictures += 1
        self.size = (picture.width, picture.height)
        self._recent.append((now_s, len(picture.data), took_s * 1000))
        if picture.key:
            self.key_frames += 1
            self._keys_s.append(now_s)

    def read(self, now_s: float) -> dict[str, Any]:
        """Size, rate (Hz), bit rate (kbit/s), key frames and time per picture (ms) of the last five seconds.

        ``key_frame_interval_s`` is that between the last two key frames; None before there were two.
        """
        recent = [entry for entry in tuple(self._recent) if now_s - entry[0] <= _WINDOW_S]
        span_s = max(now_s - recent[0][0], 0.1) if recent else 1.0
        keys = tuple(self._keys_s)
        took = [entry[2] for entry in recent]
        return {
            "width": self.size[0],
            "height": self.size[1],
            "fps": round(len(recent) / span_s, 1),
            "kbps": round(sum(entry[1] for entry in recent) * 8 / span_s / 1000),
            "key_frames": self.key_frames,
            "key_frame_interval_s": round(keys[1] - keys[0], 2) if len(keys) == 2 else None,
            "encode_ms_p50": round(float(np.percentile(took, 50)), 2) if took else None,
            "encode_ms_p95": round(float(np.percentile(took, 95)), 2) if took else None,
        }
