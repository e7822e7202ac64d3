"""OBS's Scripts window (Tools > Scripts), worked with the mouse as a user does; keys held as fingers do."""

from __future__ import annotations

import ctypes
import subprocess
import time
from types import TracebackType

from tests.real.obs_rig import ObsRig
from tests.waiting import until

#: OBS brings its own font and theme; in a window of this size things lie where PLACES says, in px.
SIZE = (1000, 790)
PLACES = {
    "first script": (100, 66),
    "remove": (80, 707),
    "reload": (121, 707),
    "follow": (827, 142),
}
#: How often Tab takes the keyboard from "follow" to these; below the status nothing has a fixed place.
TABS = {"start": 9, "stop": 10}
#: OBS looks at the keyboard every 25 ms; fingers hold a key for longer.
HELD_S = 0.06
_ANSWER_S = 20.0


class Keyboard:
    """One xdotool for many key presses, so that its own start is not in their time."""

    def __init__(self, rig: ObsRig) -> None:
        self._xdotool = subprocess.Popen(["xdotool", "-"], env=rig.xenv(), stdin=subprocess.PIPE, text=True)

    def press(self, key: str) -> float:
        """Hold ``key`` for HELD_S; the time.monotonic() at which it went down."""
        at_s = time.monotonic()
        self._send(f"keydown {key}")
        time.sleep(HELD_S)
        self._send(f"keyup {key}")
        return at_s

    def _send(self, command: str) -> None:
        assert self._xdotool.stdin is not None
        self._xdotool.stdin.write(command + "\n")
        self._xdotool.stdin.flush()

    def __enter__(self) -> Keyboard:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._xdotool.communicate(timeout=_ANSWER_S)


def leave_obs(rig: ObsRig) -> None:
    """Give the keyboard to no window, as when another program is in front of OBS."""
    x11 = ctypes.CDLL("libX11.so.6")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    display = ctypes.c_void_p(x11.XOpenDisplay(rig.display.encode()))
    no_window, revert_to_none, now = ctypes.c_ulong(0), 0, ctypes.c_ulong(0)
    x11.XSetInputFocus(display, no_window, revert_to_none, now)
    x11.XCloseDisplay(display)


class ScriptsWindow:
    """Opened once per start of OBS; the first script of the list is selected."""

    def __init__(self, rig: ObsRig) -> None:
        self._rig = rig
        main = until(lambda: self._find("^OBS "))
        self._xdotool("windowfocus", "--sync", main)
        # The menu may not be ready at the first try, and pressed twice it closes again.
        self._window = until(self._open)
        width, height = SIZE
        self._xdotool("windowmove", "--sync", self._window, "0", "0")
        self._xdotool("windowsize", self._window, str(width), str(height))
        until(lambda: f"Geometry: {width}x{height}" in self._xdotool("getwindowgeometry", self._window))
        self.click("first script")

    def click(self, place: str) -> None:
        """Click once; what comes of it is for the caller to wait for."""
        x, y = PLACES[place]
        self._xdotool("mousemove", "--window", self._window, str(x), str(y), "click", "1")

    def keys(self, *names: str) -> None:
        """Type into whatever was clicked last."""
        self._xdotool("key", *names)

    def press(self, button: str) -> None:
        """Press a button of the panel by keyboard."""
        self.click("follow")
        self.keys("Escape", *["Tab"] * TABS[button], "space")

    def _open(self) -> str:
        self._xdotool("key", "alt+t", "Down", "Down", "Down", "Return")
        end_s = time.monotonic() + 3.0
        while not (window := self._find("^Scripts$")) and time.monotonic() < end_s:
            time.sleep(0.05)
        if not window:
            self._xdotool("key", "Escape", "Escape")
        return window

    def _find(self, name: str) -> str:
        found = self._xdotool("search", "--onlyvisible", "--name", name).split()
        return found[-1] if found else ""

    def _xdotool(self, *arguments: str) -> str:
        # xdotool's search ends with 1 when it finds nothing.
        return subprocess.run(
            ["xdotool", *arguments],
            env=self._rig.xenv(),
            stdout=subprocess.PIPE,
            text=True,
            timeout=_ANSWER_S,
            check=False,
        ).stdout
