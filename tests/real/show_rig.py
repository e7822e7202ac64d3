"""A live show in a process of its own, as `jikcam run` would run it, and what its control API tells."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from obs_plugin.engine_client import EngineClient, ask

ROOT = Path(__file__).parents[2]
PATIENCE_S = 30.0


@dataclass(frozen=True)
class Ticks:
    """When the pictures of a show left."""

    fps: float
    came: list[tuple[int, float, float]]
    memory_mb: list[float]

    @property
    def pictures(self) -> int:
        return len(self.came)

    def on_tick(self, from_s: float = 0.0) -> float:
        """Share of the pictures due that had left one period after their capture; from ``from_s`` on."""
        begin_s = self.came[0][1] + from_s
        counted = [c for c in self.came if c[1] >= begin_s]
        due = counted[-1][0] - counted[0][0] + 1
        return sum(sent_s - time_s <= 1.0 / self.fps for _, time_s, sent_s in counted) / due

    def longest_gap_s(self) -> float:
        """The longest time between two pictures leaving."""
        sent = [sent_s for _, _, sent_s in self.came]
        return max(b - a for a, b in itertools.pairwise(sent))


class ShowRig:
    """A show on the scripted stage.

    Args:
        folder: for the preset and what is measured.
        preset: TOML text; ``port = 0`` in [control] is added.
        options: further options of ``tests.show``, such as ``act="leave"``.
    """

    def __init__(self, folder: Path, preset: str, password: str = "", **options: Any) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._preset = folder / "preset.toml"
        self._preset.write_text(preset)
        self._options = options
        self._password = password
        self._process: subprocess.Popen[str] | None = None
        self.log = folder / "show.log"
        self.port = 0
        self.url = ""

    def start(self) -> ShowRig:
        """Start; returns when the control page is there. A second start takes the port of the first."""
        text = self._preset.read_text().split("[control]\n")[0] + f"[control]\nport = {self.port}\n"
        self._preset.write_text(text)
        options = [part for key, value in self._options.items() for part in (f"--{key}", str(value))]
        command = [sys.executable, "-m", "tests.show", "--preset", str(self._preset), *options]
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                [*command, "--ticks", str(self._folder / "ticks.json")],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=ROOT,
                env={**os.environ, "JIKCAM_OBS_PASSWORD": self._password},
            )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line.startswith("control page: "), self.log.read_text()
        self.url = line.split()[-1]
        self.port = int(self.url.rsplit(":", 1)[1])
        return self

    def stop(self) -> Ticks | None:
        """End it; when each picture left, unless it was killed."""
        if self._process is None:
            return None
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(PATIENCE_S)
        self._process = None
        if code:
            return None
        found = json.loads((self._folder / "ticks.json").read_text())
        return Ticks(found["fps"], [tuple(c) for c in found["came"]], found["memory_mb"])

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE_S)
            self._process = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> ShowRig:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self.stop()
        else:
            self.kill()

    def state(self) -> Any:
        return ask(self.url, "/api/state")

    def post(self, path: str, body: Mapping[str, Any]) -> None:
        ask(self.url, path, body)

    def view(self, index: int = 0) -> Any:
        return self.state()["views"][index]

    @contextmanager
    def following(self) -> Iterator[StateLog]:
        """Keeps every state that the engine pushes, with its time of arrival."""
        log = StateLog()
        client = EngineClient(self.url, log.add)
        client.start()
        try:
            yield log
        finally:
            client.stop()


class StateLog:
    """States in the order of arrival."""

    def __init__(self) -> None:
        self._entries: list[tuple[float, Mapping[str, Any]]] = []
        self._guard = threading.Lock()

    def add(self, state: Mapping[str, Any] | None) -> None:
        if state is not None:
            with self._guard:
                self._entries.append((time.monotonic(), state))

    def first_s(self, wanted: Callable[[Mapping[str, Any]], bool], since_s: float) -> float | None:
        """When the first state after ``since_s`` arrived that is as wanted."""
        with self._guard:
            entries = [entry for entry in self._entries if entry[0] >= since_s]
        return next((at_s for at_s, state in entries if wanted(state)), None)
