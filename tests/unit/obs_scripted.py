"""A scripted obs-websocket server: polite unless a test takes over one of its turns."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from obs_plugin.link import Event, Link, LinkConfig, LinkState, LinkStatus
from obs_plugin.secret import Secret
from tests.waiting import until

SALT, CHALLENGE = "c2FsdA==", "Y2hhbGxlbmdl"
Body = dict[str, Any]


def digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def answer_to(request: Body, data: Body | None = None, code: int = 100, comment: str = "") -> str:
    status = {"result": code == 100, "code": code} | ({"comment": comment} if comment else {})
    same = {key: request[key] for key in ("requestType", "requestId")}
    return json.dumps({"op": 7, "d": same | {"requestStatus": status, "responseData": data or {}}})


class ScriptedObs:
    """Listens from the start; `port` stays the same over `stop` and `start`.

    Attributes:
        password: "" = none is wanted.
        turn: takes each request instead of the polite answer when it is set.
        hello: instead of the Hello when it is set.
        greeted: eventSubscriptions of each session that identified.
        asked: each request, in order.
    """

    def __init__(self, password: str = "") -> None:
        self.password, self.port = password, 0
        self.turn: Callable[[ServerConnection, Body], None] | None = None
        self.hello: str | None = None
        self.greeted: list[int] = []
        self.asked: list[Body] = []
        self.sessions: list[tuple[ServerConnection, int]] = []
        self.start()

    def start(self) -> None:
        self._server = serve(self._handle, "127.0.0.1", self.port, compression=None)
        self.port = self._server.socket.getsockname()[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.socket.close()
        self.cut()

    def cut(self) -> None:
        """End all sessions without a goodbye."""
        for session, _ in list(self.sessions):
            with contextlib.suppress(OSError):
                session.socket.shutdown(socket.SHUT_RDWR)

    def kick(self, events: bool, code: int = 4011) -> None:
        for session, subscriptions in list(self.sessions):
            if bool(subscriptions) is events:
                session.close(code)

    def say(self, text: str) -> None:
        """Send something as it is to who listens for events."""
        for session, subscriptions in list(self.sessions):
            if subscriptions:
                with contextlib.suppress(ConnectionClosed):
                    session.send(text)

    def event(self, kind: str, data: Body | None = None) -> None:
        self.say(json.dumps({"op": 5, "d": {"eventType": kind, "eventIntent": 1, "eventData": data or {}}}))

    def __enter__(self) -> ScriptedObs:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _handle(self, session: ServerConnection) -> None:
        try:
            self._greet(session)
            for text in session:
                request = json.loads(text)["d"]
                self.asked.append(request)
                (self.turn or self.polite)(session, request)
        except (ConnectionClosed, OSError):
            return
        finally:
            self.sessions[:] = [known for known in self.sessions if known[0] is not session]

    def _greet(self, session: ServerConnection) -> None:
        asks = {"authentication": {"salt": SALT, "challenge": CHALLENGE}} if self.password else {}
        session.send(self.hello or json.dumps({"op": 0, "d": {"rpcVersion": 1} | asks}))
        identify = json.loads(session.recv())["d"]
        proof = digest(digest(self.password + SALT) + CHALLENGE)
        if self.password and identify.get("authentication") != proof:
            session.close(4009, "Authentication failed.")
            return
        # First: whoever is identified gets what is said from then on.
        self.greeted.append(identify["eventSubscriptions"])
        self.sessions.append((session, identify["eventSubscriptions"]))
        session.send(json.dumps({"op": 2, "d": {"negotiatedRpcVersion": 1}}))

    @staticmethod
    def polite(session: ServerConnection, request: Body) -> None:
        versions = {"obsVersion": "30.1", "obsWebSocketVersion": "5.5", "said": request.get("requestData")}
        session.send(answer_to(request, versions))


QUICK = LinkConfig(
    timeout_s=0.4,
    heartbeat_s=0.1,
    retry_first_s=0.02,
    retry_most_s=0.05,
    refused_retry_s=0.05,
    loading_s=0.02,
    closing_s=0.05,
)
WAIT_S = 10.0


class LinkRig:
    """A link at a scripted OBS, and what it told."""

    def __init__(self, obs: ScriptedObs) -> None:
        self.obs = obs
        self.events: list[Event] = []
        self.statuses: list[tuple[LinkStatus, str]] = []
        self.secret: Secret | None = None
        self.link = self.make()

    def make(self, config: LinkConfig = QUICK, host: str = "127.0.0.1") -> Link:
        return Link(
            host,
            self.obs.port,
            lambda: self.secret,
            on_event=self.events.append,
            on_status=lambda status: self.statuses.append((status, threading.current_thread().name)),
            config=config,
        )

    def up(self) -> Link:
        self.link.start()
        assert self.link.wait_up(WAIT_S), self.link.status
        return self.link

    def until_state(self, state: LinkState) -> LinkStatus:
        until(lambda: self.link.status.state is state)
        return self.link.status


def silent(obs: ScriptedObs, kind: str) -> threading.Event:
    """OBS answers everything but `kind`, which it holds back until the event is set."""
    thawed = threading.Event()

    def turn(session: Any, request: dict[str, Any]) -> None:
        if request["requestType"] == kind:
            thawed.wait(WAIT_S)
        obs.polite(session, request)

    obs.turn = turn
    return thawed
