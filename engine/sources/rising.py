"""Time stamps that rise strictly, whatever the clock or the file says."""

from __future__ import annotations

import math

#: Between two pictures with the same time stamp.
TICK_S = 1e-4
#: A step back, or ahead, by more than this is a new time line, not a pause.
LEAP_BACK_S = 1.0
LEAP_AHEAD_S = 10.0


def rising(time_s: float, last_s: float | None) -> float:
    """``time_s``, or a little after ``last_s``: some clocks tick every 16 ms only."""
    return time_s if last_s is None or time_s > last_s else last_s + TICK_S


class MediaTime:
    """Turns the presentation times of a video into seconds from 0 that rise strictly.

    Handles time stamps that start anywhere, are missing, stand still, or jump (a sender that was restarted).

    Args:
        step_s: seconds from one picture to the next where the video does not say.
    """

    def __init__(self, step_s: float) -> None:
        self._step_s = step_s
        self._last_s: float | None = None
        self._offset_s: float | None = None

    def new_line(self) -> None:
        """What follows has a time line of its own, for example the next round of a loop."""
        self._offset_s = None

    def at(self, stamp_s: float | None) -> float:
        """Seconds from 0 of the picture with that presentation time (None: missing)."""
        last_s = self._last_s
        expected_s = 0.0 if last_s is None else last_s + self._step_s
        if stamp_s is None or not math.isfinite(stamp_s):
            self._last_s = expected_s
            return expected_s
        if self._offset_s is None:
            self._offset_s = expected_s - stamp_s
        time_s = stamp_s + self._offset_s
        if last_s is not None and not last_s - LEAP_BACK_S <= time_s <= last_s + LEAP_AHEAD_S:
            self._offset_s = expected_s - stamp_s
            time_s = expected_s
        self._last_s = rising(time_s, last_s)
        return self._last_s
