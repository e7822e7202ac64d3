"""The one thread that does I/O, so that OBS never waits."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from .actions import Call
from .address import DEFAULT_ADDRESS, read_address
from .client import EngineClient
from .errors import ScriptError
from .sight import Person, Sight, read_state

#: A key press that could not be sent for so long is dropped: late, it would surprise on air.
STALE_S = 1.0
#: How often the state is asked for.
LOOK_EVERY_S = 1.0
#: Key presses that may wait; one more and the oldest is dropped.
MOST_WAITING = 16
#: What was done or went wrong stays in the status for so long.
NOTE_SHOWN_S = 20.0


class Job(NamedTuple):
    """Something to do; ``run`` gives a line for the log, or "", or raises ScriptError."""

    title: str
    run: Callable[[], str]
    asked_s: float


class EngineWorker:
    """Looks at the engine once a second and does jobs as they come.

    All public methods return at once and may be called from any thread.

    Args:
        tend: called in the thread at least once a second; gives a line for the log, or "".
        starting: whether an engine that we started runs.
    """

    def __init__(self, tend: Callable[[], str], starting: Callable[[], bool]) -> None:
        self._tend = tend
        self._starting = starting
        self._wake = threading.Condition()
        self._jobs: deque[Job] = deque()
        self._lost: deque[str] = deque(maxlen=MOST_WAITING)
        self._closed = False
        self._wanted = (DEFAULT_ADDRESS, "")
        self._news: deque[str] = deque(maxlen=50)
        self._client: EngineClient | None = None
        self._line = self._detail = self._shown = ""
        self._note_at_s = 0.0
        self._told: set[str] = set()
        self.sight = Sight()

    def start(self) -> None:
        """Begin. The thread is a daemon: OBS's quit must not wait for a socket."""
        threading.Thread(target=self._run, name="jikcam-engine", daemon=True).start()

    def close(self) -> None:
        """Tell the thread to end, without waiting for it."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        if (client := self._client) is not None:
            client.interrupt()

    def configure(self, address: str, view: str) -> None:
        """Where the engine is, and the View that is meant; "" = its first."""
        with self._wake:
            self._wanted = (address.strip(), view.strip())
            self._wake.notify()

    def post(self, title: str, run: Callable[[], str]) -> None:
        """Have ``run`` done in the thread, now or never."""
        with self._wake:
            if len(self._jobs) >= MOST_WAITING:
                self._lost.append(self._jobs.popleft().title)
            self._jobs.append(Job(title, run, time.monotonic()))
            self._wake.notify()

    def send(self, title: str, calls: tuple[Call, ...]) -> None:
        """POST ``calls`` one after another, now or never."""
        self.post(title, lambda: self._send(calls))

    def take_news(self) -> list[str]:
        """Lines for OBS's script log, each given once."""
        return [self._news.popleft() for _ in range(len(self._news))]

    def port_to_start_at(self) -> int:
        """The port that a new engine here should take, so that this script finds it.

        Raises:
            ScriptError: the address is none or of another computer ("address"), or it answers ("start").
        """
        address = read_address(self._wanted[0])
        if not address.here:
            raise ScriptError("address", f"{address.host} is another computer; start it there")
        if self.sight.up:
            raise ScriptError("start", f"jikcam runs already at {address.url}")
        return address.port

    # -- in the thread

    def _run(self) -> None:
        looked_s, looked_for = 0.0, ("", "?")
        while True:
            with self._wake:
                if not (self._jobs or self._closed or self._wanted != looked_for):
                    self._wake.wait(max(0.0, looked_s + LOOK_EVERY_S - time.monotonic()))
                if self._closed:
                    break
                job = self._jobs.popleft() if self._jobs else None
                wanted = self._wanted
            try:
                if job is not None:
                    self._do(job)
                # After the last of some jobs their effect is looked for at once.
                if not self._jobs and (
                    job or wanted != looked_for or time.monotonic() >= looked_s + LOOK_EVERY_S
                ):
                    looked_for = wanted
                    self._look()
                    looked_s = time.monotonic()
                self._note(self._tend())
            except Exception as error:  # a dead thread would mean dead keys for the rest of the show
                looked_s = time.monotonic()
                self._complain(ScriptError("bug", f"the script has a fault: {error!r}; please report it"))
        if self._client is not None:
            self._client.close()

    def _do(self, job: Job) -> None:
        while self._lost:
            title = self._lost.popleft()
            self._complain(
                ScriptError("full", f"'{title}' was dropped: too much at once, jikcam is too slow")
            )
        late_s = time.monotonic() - job.asked_s
        try:
            if late_s > STALE_S:
                raise ScriptError("late", f"jikcam was busy for {late_s:.1f} s")
            done = job.run()
            self._shown = ""
            self._told.clear()
            self._note(done)
        except ScriptError as trouble:
            self._complain(ScriptError(trouble.kind, f"'{job.title}' was not done: {trouble}"))

    def _send(self, calls: tuple[Call, ...]) -> str:
        client = self._reach()
        view = self._wanted[1] or next(iter(self.sight.views), "main")
        for call in calls:
            client.ask(call.path, dict(call.body, view=view) if call.names_view else call.body)
        return ""

    def _reach(self) -> EngineClient:
        address = read_address(self._wanted[0])
        if self._client is None or self._client.address != address:
            if self._client is not None:
                self._client.close()
            self._client = EngineClient(address)
        return self._client

    def _look(self) -> None:
        up, detail, views = False, "", self.sight.views
        people: tuple[Person, ...] = ()
        try:
            client = self._reach()
            state = client.ask("/api/state")
            try:
                detail, views, people = read_state(state, self._wanted[1])
            except (KeyError, IndexError, TypeError, ValueError):
                raise client.stranger() from None
            up, line = True, f"jikcam runs at {client.address.url}"
        except ScriptError as trouble:
            line = f"{trouble}{self._advice(trouble.kind)}"
        if line != self._line:
            self._line = line
            self._told.clear()
            self._news.append(line)
        if time.monotonic() > self._note_at_s + NOTE_SHOWN_S:
            self._shown = ""
        self._detail = detail
        self._publish(up, views, people)

    def _advice(self, kind: str) -> str:
        if kind == "hung":
            return "; if it stays so, end it and start it again"
        if kind != "away":
            return ""
        if self._starting():
            return " yet; it is starting"
        return "; press Start engine" if read_address(self._wanted[0]).here else "; start it on that computer"

    def _complain(self, trouble: ScriptError) -> None:
        """Note it; the log is told the same kind only once until something works again."""
        self._note(str(trouble), log=trouble.kind not in self._told)
        self._told.add(trouble.kind)

    def _note(self, text: str, log: bool = True) -> None:
        """Show ``text`` for a while, if there is any."""
        if text:
            self._shown, self._note_at_s = text, time.monotonic()
            if log:
                self._news.append(text)
            self._publish(self.sight.up, self.sight.views, self.sight.people)

    def _publish(self, up: bool, views: tuple[str, ...], people: tuple[Person, ...]) -> None:
        status = "\n".join(part for part in (self._line, self._detail, self._shown) if part)
        self.sight = Sight(status, up, views, people)
