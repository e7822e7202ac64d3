"""The obs-websocket protocol, bare: one client that shows every message, for tests of both ends."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

#: Event subscriptions of the protocol: everything that is not high-volume, and the three high-volume ones
#: about items and inputs (not the volume meters, which never stop).
ALL = 0x3FF
ALL_AND_STATES = ALL | 1 << 17 | 1 << 18 | 1 << 19

_ANSWER_S = 5.0
_QUIET_S = 0.15
_QUIET_PICTURES = 2


def proof_of(password: str, salt: str, challenge: str) -> str:
    """The `authentication` string of Identify."""
    return _digest(_digest(password + salt) + challenge)


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@dataclass(frozen=True, slots=True)
class Answer:
    """A RequestResponse: status code (100 = done), OBS's comment, response data."""

    code: int
    comment: str
    data: dict[str, Any]


@dataclass
class Wire:
    """A connection to an OBS, real or fake.

    Attributes:
        events: each event's (eventType, eventIntent, eventData) in the order of arrival.
    """

    port: int
    password: str = ""
    subscriptions: int = ALL
    events: list[tuple[str, int, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ids = itertools.count(1)
        self._open = ExitStack()
        self.socket: ClientConnection = self._open.enter_context(
            connect(f"ws://127.0.0.1:{self.port}", max_size=None, compression=None)
        )

    def __enter__(self) -> Wire:
        try:
            self.identify()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Say goodbye and end the connection."""
        self._open.close()

    def send(self, op: int, data: object) -> None:
        """Send one message of the protocol."""
        self.socket.send(json.dumps({"op": op, "d": data}))

    def receive(self, timeout_s: float = _ANSWER_S) -> tuple[int, dict[str, Any]]:
        """The next message: op and data. Raises TimeoutError, or ConnectionClosed with the close code."""
        message = json.loads(self.socket.recv(timeout=timeout_s))
        return message["op"], message["d"]

    def close_code(self) -> int:
        """Read on until the server closes, keeping events; its close code, 1006 = none was sent."""
        try:
            while True:
                op, data = self.receive()
                if op == 5:
                    self._keep_event(op, data)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006

    def identify(self, **changes: object) -> dict[str, Any]:
        """Hello, Identify, Identified; gives the Hello. `changes` go into Identify, None leaves a key out."""
        op, hello = self.receive()
        assert op == 0, f"the first message is {op}, not Hello"
        identify: dict[str, object] = {"rpcVersion": 1, "eventSubscriptions": self.subscriptions}
        if "authentication" in hello:
            asked = hello["authentication"]
            identify["authentication"] = proof_of(self.password, asked["salt"], asked["challenge"])
        identify |= changes
        self.send(1, {key: value for key, value in identify.items() if value is not None})
        op, _ = self.receive()
        assert op == 2, f"Identify was answered by {op}, not Identified"
        return hello

    def reidentify(self, subscriptions: int) -> None:
        """Ask for other events."""
        self.send(3, {"eventSubscriptions": subscriptions})
        while True:
            op, data = self.receive()
            if op == 2:
                return
            self._keep_event(op, data)

    def ask(self, kind: str, data: object = None, **fields: object) -> Answer:
        """A request and its answer; events that arrive in between are kept."""
        number = str(next(self._ids))
        request: dict[str, object] = {"requestType": kind, "requestId": number}
        if fields or data is not None:
            request["requestData"] = fields or data
        self.send(6, request)
        while True:
            op, answer = self.receive()
            if op == 7 and answer["requestId"] == number:
                status = answer["requestStatus"]
                assert answer["requestType"] == kind
                assert status["result"] == (status["code"] == 100)
                return Answer(status["code"], status.get("comment", ""), answer.get("responseData") or {})
            self._keep_event(op, answer)

    def done(self, kind: str, **fields: object) -> dict[str, Any]:
        """A request that has to work; its response data."""
        answer = self.ask(kind, **fields)
        assert answer.code == 100, f"{kind} {fields}: {answer.code} {answer.comment}"
        return answer.data

    def until(self, kind: str, timeout_s: float = _ANSWER_S, **expected: object) -> None:
        """Wait until an event of this kind with these data has come; it alone is forgotten.

        Raises:
            TimeoutError: it did not come.
        """
        until_s = time.monotonic() + timeout_s
        seen = 0
        while True:
            for index in range(seen, len(self.events)):
                name, _, data = self.events[index]
                if name == kind and expected.items() <= data.items():
                    del self.events[index]
                    return
            seen = len(self.events)
            try:
                self._keep_event(*self.receive(max(0.0, until_s - time.monotonic())))
            except TimeoutError:
                names = [event[0] for event in self.events]
                raise TimeoutError(f"no {kind} {expected} in {timeout_s} s, only {names}") from None

    def settle(self, *awaited: str) -> None:
        """Take events until all of these kinds have come, and then none while OBS drew some pictures.

        OBS tells of much when it has drawn, and hands every event to a pool of threads: any two may come in
        either order.
        """
        until_s = time.monotonic() + _ANSWER_S
        while missing := set(awaited) - {name for name, _, _ in self.events}:
            try:
                self._keep_event(*self.receive(max(0.0, until_s - time.monotonic())))
            except TimeoutError:
                raise TimeoutError(f"no {sorted(missing)} in {_ANSWER_S} s") from None
        quiet = False
        while not quiet:
            drawn, count = self._drawn(), len(self.events)
            with suppress(TimeoutError):
                while True:
                    self._keep_event(*self.receive(_QUIET_S))
            quiet = len(self.events) == count and self._drawn() - drawn >= _QUIET_PICTURES

    def _drawn(self) -> int:
        return int(self.done("GetStats")["renderTotalFrames"])

    def forget(self) -> None:
        """Drop the events of what happened before."""
        self.settle()
        self.events.clear()

    def _keep_event(self, op: int, data: dict[str, Any]) -> None:
        assert op == 5, f"expected an event, got op {op}: {data}"
        self.events.append((data["eventType"], data["eventIntent"], data.get("eventData") or {}))
