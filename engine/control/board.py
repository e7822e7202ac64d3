"""What the OBS controller tells the engine's other clients, and what they ask of it.

The controller is a process of its own that the engine does not know; here it leaves word.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

#: The controller reports at least once a second; after this long it is taken for gone.
SILENCE_S = 4.0


@dataclass(frozen=True, slots=True)
class ObsState:
    """The OBS controller and its link.

    Attributes:
        state: "connecting", "up", "away", "refused" or "stopped".
        text: one line for the user.
        scene: OBS's program scene, where it is known.
        scenes: "auto" = the rules switch, "manual" = somebody switched by hand and the rules rest.
        release: counts how often the rules were asked to go on.
    """

    state: str
    text: str
    scene: str | None
    scenes: str
    release: int = 0


class ObsBoard:
    """Holds the newest report. Belongs to the server's event loop.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._state: ObsState | None = None
        self._told_s = float("-inf")
        self._release = 0

    @property
    def state(self) -> ObsState | None:
        """The newest report; None when there never was a controller."""
        if self._state is not None and self._clock() - self._told_s > SILENCE_S:
            text = "the OBS controller is silent; start it with: jikcam obs run"
            return ObsState("stopped", text, None, "auto", self._release)
        return self._state

    def report(self, state: ObsState) -> None:
        """Take down what the controller says."""
        self._state = replace(state, release=self._release)
        self._told_s = self._clock()

    def release(self) -> None:
        """Have the rules go on switching scenes."""
        self._release += 1
        if self._state is not None:
            self._state = replace(self._state, release=self._release)
