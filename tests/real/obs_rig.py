"""A real OBS Studio on a screen of its own, with settings of its own, ready in about two seconds.

    with ObsRig(tmp_path, scripts=[{"path": "/a/script.py", "settings": {}}]) as rig:
        with rig.client() as client:
            client.set_current_program_scene("Other")
        rig.key("F9")
        picture = rig.screenshot()

Known good: OBS 29.0.2 with obs-websocket 5.1.0. Nothing of the user's own OBS is read or written, any number
of rigs run side by side, and none outlives the test run (see `guarded.py`).
"""

from __future__ import annotations

import functools
import logging
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import obsws_python
import psutil
import pytest
from obsws_python.error import OBSSDKError
from websocket import WebSocketException

from tests.ports import free_port
from tests.real.guarded import Guarded
from tests.real.obs_seed import Seed, collection_path, write_seed
from tests.real.screen import open_screen
from tests.waiting import until

#: What the tests need; .ci/packages installs it.
PROGRAMS = ("obs", "Xvfb", "xdotool")

#: OBS 29 crashed or hung in 19 of 78 quits right after a client had left; after this pause in 0 of 156.
QUIET_BEFORE_QUIT_S = 0.7
_QUIT_S = 20.0
_REQUEST_S = 10.0
_POLL_S = 0.05

#: What obsws-python lets through.
CLIENT_ERRORS = (OBSSDKError, WebSocketException, OSError, ValueError)


def need_obs() -> None:
    """Skip this test where OBS isn't installed; in CI fail, because there nothing may be skipped."""
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if missing and os.environ.get("CI"):
        pytest.fail(f"{', '.join(missing)} not installed, and in CI nothing may be skipped; see .ci/packages")
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed (.ci/packages installs them on Debian)")


@functools.cache
def _version_flags() -> tuple[str, ...]:
    """Flags only some versions know: newer ones ask about safe mode after a kill unless told not to."""
    known = subprocess.run(["obs", "--help"], capture_output=True, text=True, check=False, timeout=60).stdout
    return tuple(flag for flag in ("--disable-shutdown-check",) if flag in known)


class ObsRig:
    """One isolated OBS: starts, stops, dies and comes back as told.

    Args:
        workdir: folder for everything OBS writes; made if missing.
        size: canvas, width and height in px.
        fps: frames per second, whole.
        scenes: names; the first is on program. Each shows one colour (`obs_seed.COLOURS_BGR`).
        scripts: what OBS's Scripts window holds, `{"path": ..., "settings": {...}}` each.
        preview: whether OBS draws its preview.
        password: of obs-websocket; None = a random one, "" = no authentication.
        extra_env: additions to OBS's environment.
    """

    def __init__(
        self,
        workdir: Path,
        *,
        size: tuple[int, int] = (1280, 720),
        fps: int = 30,
        scenes: Sequence[str] = ("Main", "Other"),
        scripts: Sequence[Mapping[str, Any]] = (),
        preview: bool = False,
        password: str | None = None,
        extra_env: Mapping[str, str] | None = None,
    ) -> None:
        self._dir = workdir.resolve()
        self.port = free_port()
        self.password = secrets.token_urlsafe(12) if password is None else password
        self.scenes = tuple(scenes)
        self._seed = Seed(size, fps, self.scenes, tuple(scripts), preview, self.port, self.password)
        self._extra_env = dict(extra_env or {})
        self._xvfb: Guarded | None = None
        self._obs: Guarded | None = None
        self._display = ""
        self.start_s = 0.0

    def start(self, timeout_s: float = 60.0) -> ObsRig:
        """Seed the settings and start; returns once OBS answers requests.

        Raises:
            RuntimeError: OBS ended or didn't answer in time; the message holds its log.
        """
        for folder in ("home", "run"):
            (self._dir / folder).mkdir(parents=True, exist_ok=True)
        (self._dir / "run").chmod(0o700)
        write_seed(self._dir / "config", self._dir / "home", self._seed)
        return self._launch(timeout_s)

    def restart(self, timeout_s: float = 60.0) -> ObsRig:
        """Start again after stop or kill with what OBS saved: same folder and port, nothing re-seeded.

        An OBS that still runs is quit first.
        """
        if self._obs is not None and self._obs.code is None:
            self._quit()
        return self._launch(timeout_s)

    def stop(self) -> int:
        """Quit OBS as a user would, then its screen; gives OBS's exit code, 0 = clean. Safe twice.

        Disconnect clients first: each one still connected makes OBS's quit some seconds longer.
        """
        code = self._quit()
        if self._xvfb is not None:
            self._xvfb.end(signal.SIGTERM, 5.0)
            self._xvfb = None
        return code

    def kill(self) -> None:
        """End OBS as a crash would: nothing saved, no goodbye. Screen, port and settings stay."""
        if self._obs is not None:
            self._obs.end()

    def freeze(self) -> None:
        """Stop OBS in its tracks: its port still accepts, nothing answers."""
        self._running().send(signal.SIGSTOP)
        # A busy machine takes a moment to stop all of its threads; one more answer may slip out meanwhile.
        until(lambda: psutil.Process(self.pid).status() == psutil.STATUS_STOPPED)

    def thaw(self) -> None:
        """Let a frozen OBS go on."""
        self._running().send(signal.SIGCONT)

    def __enter__(self) -> ObsRig:
        try:
            return self.start()
        except BaseException:
            self.kill()
            self.stop()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """OBS's process."""
        return self._running().pid

    @property
    def running(self) -> bool:
        """Whether OBS's process is there, frozen or not."""
        return self._obs is not None and self._obs.code is None

    @property
    def display(self) -> str:
        """X display of OBS's screen, such as ":101"; a new one after stop and restart."""
        return self._display

    @property
    def collection_path(self) -> Path:
        """The scene collection; OBS writes it at many changes and at quit."""
        return collection_path(self._dir / "config")

    def log_text(self) -> str:
        """What OBS has printed, over all starts."""
        return (self._dir / "obs.log").read_text(encoding="utf-8", errors="replace")

    def cpu_s(self) -> float:
        """Processor time OBS has used since it started, all threads, in seconds."""
        stat = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii", errors="replace")
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    @contextmanager
    def client(self, timeout_s: float = _REQUEST_S) -> Iterator[obsws_python.ReqClient]:
        """An obsws-python request client of this OBS, for one thread."""
        # obsws-python logs the password at INFO and each failed try with its trace.
        logging.getLogger("obsws_python").setLevel(logging.CRITICAL)
        client = obsws_python.ReqClient(
            host="127.0.0.1", port=self.port, password=self.password, timeout=timeout_s
        )
        try:
            yield client
        finally:
            client.disconnect()

    def screenshot(self, scene: str | None = None) -> npt.NDArray[np.uint8]:
        """What OBS renders: a scene, or what is on program; BGR, height x width x 3."""
        # Through a file: 25 times as fast as megabytes through obsws-python, and nothing is lost.
        path = self._dir / f"screenshot-{secrets.token_hex(4)}.bmp"
        with self.client() as client:
            name = scene or client.get_current_program_scene().current_program_scene_name
            wanted = {"sourceName": name, "imageFormat": "bmp", "imageFilePath": str(path)}
            client.send("SaveSourceScreenshot", wanted)
        picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
        path.unlink()
        if picture is None:
            raise RuntimeError(f"OBS's screenshot of {name!r} is no picture")
        return picture.astype(np.uint8, copy=False)

    def xenv(self) -> dict[str, str]:
        """Environment for X programs that look at OBS's screen or press keys on it."""
        return {**os.environ, "DISPLAY": self._display}

    def key(self, name: str) -> None:
        """Press and let go a key, as xdotool names it ("F9", "ctrl+1"); OBS's hotkeys need no focus."""
        subprocess.run(["xdotool", "key", name], env=self.xenv(), check=True, timeout=_REQUEST_S)

    def _launch(self, timeout_s: float) -> ObsRig:
        began_s = time.monotonic()
        if self._xvfb is None or self._xvfb.code is not None:
            self._xvfb, self._display = open_screen(self._dir)
        flags = ["--multi", "--disable-missing-files-check", *_version_flags()]
        self._obs = Guarded(["obs", *flags], env=self._env(), cwd=self._dir, log=self._dir / "obs.log")
        self._wait_ready(began_s + timeout_s)
        self.start_s = time.monotonic() - began_s
        return self

    def _env(self) -> dict[str, str]:
        """OBS's environment: nothing of the user's session or of the tests' Python gets in."""
        home = self._dir / "home"
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/games",
            "LC_ALL": "C.UTF-8",
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(self._dir / "config"),
            "XDG_CACHE_HOME": str(home / ".cache"),
            "XDG_DATA_HOME": str(home / ".local" / "share"),
            "XDG_RUNTIME_DIR": str(self._dir / "run"),
            "DISPLAY": self._display,
            "QT_QPA_PLATFORM": "xcb",
            "QT_ACCESSIBILITY": "0",
            "NO_AT_BRIDGE": "1",
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "LP_NUM_THREADS": "1",
            **self._extra_env,
        }

    def _wait_ready(self, until_s: float) -> None:
        """Ready = port open, password accepted, requests answered (207 = still loading)."""
        obs, reason = self._running(), "its websocket port is closed"
        while time.monotonic() < until_s:
            if obs.code is not None:
                raise RuntimeError(f"OBS ended with {obs.code}:\n{self._log_tail()}")
            try:
                socket.create_connection(("127.0.0.1", self.port), 1.0).close()
                with self.client() as client:
                    client.get_scene_list()
                return
            except CLIENT_ERRORS as error:
                reason = str(error) or type(error).__name__
                time.sleep(_POLL_S)
        raise RuntimeError(f"OBS is not ready, {reason}:\n{self._log_tail()}")

    def _running(self) -> Guarded:
        if self._obs is None:
            raise RuntimeError("this OBS was not started")
        return self._obs

    def _quit(self) -> int:
        if self._obs is None:
            return 0
        if self._obs.code is None:
            self.thaw()  # before the pause: it still has to do what waited while it was frozen
            time.sleep(QUIET_BEFORE_QUIT_S)
        return self._obs.end(signal.SIGINT, _QUIT_S)

    def _log_tail(self) -> str:
        return "\n".join(self.log_text().splitlines()[-40:])
