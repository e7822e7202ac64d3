"""OBS's Scripts window (Tools > Scripts), worked with the mouse as a user does; keys held as fingers do."""

from __future__ import annotations

import ctypes
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from tests.real.obs_rig import ObsRig
from tests.waiting import until

#: OBS brings its own font and theme; in a window of this size things lie where PLACES says, in px.
SIZE = (1000, 790)
PLACES = {
    "first script": (100, 66),
    "remove": (80, 707),
    "reload": (121, 707),
}
#: How often Tab takes the keyboard from the scripts to these; below the status nothing has a fixed place.
TABS = {"follow": 9, "start": 18, "stop": 19}
#: OBS looks at the keyboard every 25 ms; fingers hold a key for longer.
HELD_S = 0.06
#: And come to the next thing no sooner, so that OBS has seen the key up.
AFTER_S = 0.06
_ANSWER_S = 20.0


class Keyboard:
    """Keys as fingers press them, over a connection of its own to OBS's screen.

    No program has to start before a key goes down: on a busy machine that start outlasted the whole press,
    so that "down" and "up" came together, between two looks of OBS.
    """

    def __init__(self, rig: ObsRig) -> None:
        self._x11, self._display = _connect(rig)
        self._xtest = ctypes.CDLL("libXtst.so.6")

    @contextmanager
    def hold(self, key: str) -> Iterator[float]:
        """Hold ``key`` for as long as the block runs; gives the time.monotonic() before it went down.

        OBS is only sure to hear a key that is held until something has come of it: where processors are
        short it looks at the keyboard now and then 0.1 s later than it means to, even 1 s.
        """
        at_s = time.monotonic()
        self._turn(key, down=True)
        try:
            yield at_s
        finally:
            self._turn(key, down=False)
            time.sleep(AFTER_S)

    def press(self, key: str) -> float:
        """Hold ``key`` for HELD_S, heard or not; gives the time.monotonic() before it went down."""
        with self.hold(key) as at_s:
            time.sleep(HELD_S)
        return at_s

    def _turn(self, key: str, *, down: bool) -> None:
        """Returns once the screen knows."""
        self._x11.XStringToKeysym.restype = ctypes.c_ulong
        symbol = ctypes.c_ulong(self._x11.XStringToKeysym(key.encode()))
        code = self._x11.XKeysymToKeycode(self._display, symbol) & 0xFF
        assert code, f"no key {key!r} on this keyboard"
        self._xtest.XTestFakeKeyEvent(self._display, code, int(down), ctypes.c_ulong(0))
        self._x11.XSync(self._display, 0)

    def __enter__(self) -> Keyboard:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._x11.XCloseDisplay(self._display)


def leave_obs(rig: ObsRig) -> None:
    """Give the keyboard to no window, as when another program is in front of OBS."""
    x11, display = _connect(rig)
    no_window, revert_to_none, now = ctypes.c_ulong(0), 0, ctypes.c_ulong(0)
    x11.XSetInputFocus(display, no_window, revert_to_none, now)
    x11.XCloseDisplay(display)


def _connect(rig: ObsRig) -> tuple[ctypes.CDLL, ctypes.c_void_p]:
    """libX11, and a connection to OBS's screen."""
    x11 = ctypes.CDLL("libX11.so.6")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    display = ctypes.c_void_p(x11.XOpenDisplay(rig.display.encode()))
    assert display, f"no connection to the screen {rig.display}"
    return x11, display


class ScriptsWindow:
    """Opened once per start of OBS."""

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

    def click(self, place: str) -> None:
        """Click once; what comes of it is for the caller to wait for."""
        x, y = PLACES[place]
        self._xdotool("mousemove", "--window", self._window, str(x), str(y), "click", "1")

    def choose(self, *steps: str) -> None:
        """Open the list "Follow" of the panel, go along it by ``steps`` and take what is there.

        By keyboard, and each part only when OBS has done the one before. A list that a click opened closes
        again if OBS comes late to the button's release; a Return that meets it closed presses "+", and the
        window "Add Scripts" then takes every later click.
        """
        self._go_to("follow")
        self._xdotool("key", "alt+Down")
        until(self._list_open)
        self._xdotool("key", *steps, "Return")
        until(lambda: not self._list_open())

    def press(self, button: str) -> None:
        """Press a button of the panel by keyboard."""
        self._go_to(button)
        self._xdotool("key", "space")

    def _go_to(self, name: str) -> None:
        """Give the keyboard to a part of the first script's panel."""
        self.click("first script")
        self._xdotool("key", *["Tab"] * TABS[name])

    def _list_open(self) -> bool:
        """Only an opened list has no name, besides the whole screen (and a tip, while the mouse rests)."""
        return len(self._xdotool("search", "--onlyvisible", "--maxdepth", "1", "--name", "^$").split()) > 1

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
