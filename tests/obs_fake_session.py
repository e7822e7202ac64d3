"""One client of the fake OBS: hello, password, subscriptions, requests, and the faults among them."""

from __future__ import annotations

import base64
import contextlib
import json
import queue
import secrets
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection

from tests.obs_fake_faults import Fault, Faults
from tests.obs_fake_fields import RequestRefusedError, Status
from tests.obs_fake_parts import Subscription
from tests.obs_wire import proof_of

_RPC_VERSION = 1
_HUGE_BYTES = 4 << 20
_SENDING_S = 0.2


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came in.

    Attributes:
        kind: requestType.
        data: requestData, whatever it was.
        session: which connection it came by, counted from 1.
        time_s: time.monotonic() at its arrival.
    """

    kind: str
    data: Any
    session: int
    time_s: float


class ClosingError(Exception):
    """The session ends with this WebSocketCloseCode and reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code, self.reason = code, reason


@dataclass(frozen=True, slots=True)
class Hooks:
    """What a session needs of the server it belongs to.

    Attributes:
        password: the one that counts now; "" = none asked.
        answer: carries out a request, gives responseData or raises RequestRefusedError.
        arrived: told of each request before anything else happens to it.
        identified: told when the session is identified, and may receive events.
        restart: lets the whole OBS die and come back.
        awake: set unless OBS is frozen.
        faults: what goes wrong.
    """

    password: Callable[[], str]
    answer: Callable[[str, object], Mapping[str, Any]]
    arrived: Callable[[Request], None]
    identified: Callable[[Session], None]
    restart: Callable[[], None]
    awake: threading.Event
    faults: Faults


class Session:
    """Talks with one client until either side ends it; `run` is the thread that reads.

    Args:
        connection: the client, after the WebSocket handshake.
        number: counted from 1.
        hooks: the server.
    """

    def __init__(self, connection: ServerConnection, number: int, hooks: Hooks) -> None:
        self.number = number
        self.connection, self._hooks = connection, hooks
        self._subscriptions = 0
        self._identified = False
        self._challenge = self._salt = ""
        self._late: list[dict[str, Any]] = []
        self._incoming = 0
        self._outgoing = 0
        # What goes out passes one queue, so that answers and events keep their order and a client that
        # doesn't read holds nobody up.
        self._outbox: queue.SimpleQueue[str | bytes | ClosingError] = queue.SimpleQueue()
        self._finished = threading.Event()
        self._writer = threading.Thread(target=self._write, name=f"fake OBS, session {number}", daemon=True)

    def run(self) -> None:
        """Serve until the connection ends."""
        self._writer.start()
        self._hello()
        try:
            for message in self.connection:
                self._hooks.awake.wait()
                self._incoming += 1
                self._receive(message)
        except ClosingError as closing:
            self._outbox.put(closing)
        except ConnectionClosed:
            pass  # cut, or closed with an error: nothing left to say
        finally:
            self._outbox.put(ClosingError(1000, ""))
        self._writer.join()

    def event(self, kind: str, intent: Subscription, data: Mapping[str, Any] | None) -> None:
        """Send an event, if the client subscribed to its intent."""
        if not self._subscriptions & intent:
            return
        event: dict[str, Any] = {"eventType": kind, "eventIntent": int(intent)}
        if data is not None:
            event["eventData"] = data
        self._send(5, event)

    def close(self, code: int, reason: str) -> None:
        """End the session with a close code, after what is still to be sent."""
        self._outbox.put(ClosingError(code, reason))

    def reset(self) -> None:
        """Cut the TCP connection: the client gets a reset instead of a goodbye."""
        reset(self.connection)
        self._outbox.put(ClosingError(1001, ""))

    def wait(self, timeout_s: float) -> None:
        """Until everything is sent and the connection is closed."""
        self._finished.wait(timeout_s)

    def _hello(self) -> None:
        hello: dict[str, Any] = {"obsWebSocketVersion": "5.1.0", "rpcVersion": _RPC_VERSION}
        if self._hooks.password():
            self._challenge, self._salt = _nonce(), _nonce()
            hello["authentication"] = {"challenge": self._challenge, "salt": self._salt}
        self._send(0, hello)

    def _receive(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            raise ClosingError(
                4002, "Your session encoding is set to Json, but a binary message was received."
            )
        try:
            payload = json.loads(message)
        except ValueError as error:
            raise ClosingError(4002, f"Unable to decode Json: {error}"[:120]) from error
        if not isinstance(payload, dict):
            raise ClosingError(4002, "You sent a non-object payload.")
        op, data = payload.get("op"), payload.get("d")
        if not isinstance(op, int):
            raise ClosingError(4006, "Your `op` is missing or not a number.")
        if data is None:
            raise ClosingError(4003, "Your payload is missing data (`d`).")
        if not isinstance(data, dict):
            raise ClosingError(4004, "Your payload's data (`d`) is not an object.")
        if not self._identified and op != 1:
            raise ClosingError(4007, "You attempted to send a non-Identify message while not identified.")
        if op == 1:
            self._identify(data)
        elif op == 3:
            self._subscribe(data)
            self._send(2, {"negotiatedRpcVersion": _RPC_VERSION})
        elif op == 6:
            self._request(data)
        else:
            raise ClosingError(4006, f"Unknown OpCode: {op}")

    def _identify(self, data: Mapping[str, Any]) -> None:
        if self._identified:
            raise ClosingError(4008, "You are already Identified with the obs-websocket server.")
        if self._challenge:
            proof = data.get("authentication")
            if proof is None:
                raise ClosingError(4009, "Your payload's data is missing an `authentication` string.")
            if proof != proof_of(self._hooks.password(), self._salt, self._challenge):
                raise ClosingError(4009, "Authentication failed.")
        version = data.get("rpcVersion")
        if version is None:
            raise ClosingError(4003, "Your payload's data is missing an `rpcVersion`.")
        if not _is_unsigned(version):
            raise ClosingError(4004, "Your `rpcVersion` is not an unsigned number.")
        if version != _RPC_VERSION:
            raise ClosingError(4010, "Your requested RPC version is not supported by this server.")
        self._subscribe({"eventSubscriptions": int(Subscription.ALL), **data})
        self._identified = True
        self._send(2, {"negotiatedRpcVersion": _RPC_VERSION})
        self._hooks.identified(self)

    def _subscribe(self, data: Mapping[str, Any]) -> None:
        wanted = data.get("eventSubscriptions", self._subscriptions)
        if not _is_unsigned(wanted):
            raise ClosingError(4004, "Your `eventSubscriptions` is not an unsigned number.")
        self._subscriptions = wanted

    def _request(self, data: Mapping[str, Any]) -> None:
        if "requestId" not in data:
            raise ClosingError(4003, "Your payload data is missing a `requestId`.")
        kind = data.get("requestType")
        if kind is None:
            raise ClosingError(4003, "Your payload's data is missing an `requestType`.")
        if not isinstance(kind, str):
            raise ClosingError(4004, "Your `requestType` is not a string.")
        wanted = data.get("requestData")
        self._hooks.arrived(Request(kind, wanted, self.number, time.monotonic()))
        # In small steps, so that a slow request doesn't hold up the end of the test.
        until_s = time.monotonic() + self._hooks.faults.delay_s(kind)
        while (left_s := until_s - time.monotonic()) > 0 and not self._finished.is_set():
            time.sleep(min(left_s, 0.02))
        fault = self._hooks.faults.take(kind)
        if fault in (Fault.SILENT, Fault.KICK, Fault.RESET, Fault.RESTART):
            self._end(fault)
            return
        reply = {"requestType": kind, "requestId": data["requestId"], **self._reply(kind, wanted, fault)}
        self._deliver(reply, fault)

    def _reply(self, kind: str, wanted: object, fault: Fault | None) -> dict[str, Any]:
        try:
            if fault is Fault.NOT_READY:
                raise RequestRefusedError(Status.NOT_READY, "OBS is not ready to perform the request.")
            done = dict(self._hooks.answer(kind, wanted))
        except RequestRefusedError as refused:
            status: dict[str, Any] = {"result": False, "code": int(refused.code)}
            return {"requestStatus": {**status, "comment": refused.comment} if refused.comment else status}
        if kind == "GetStats":
            done["webSocketSessionIncomingMessages"] = self._incoming
            done["webSocketSessionOutgoingMessages"] = self._outgoing
        reply: dict[str, Any] = {"requestStatus": {"result": True, "code": int(Status.SUCCESS)}}
        return {**reply, "responseData": done} if done else reply

    def _deliver(self, reply: dict[str, Any], fault: Fault | None) -> None:
        if fault is Fault.LATE:
            self._late.append(reply)
            return
        if fault is Fault.WRONG_ID:
            reply["requestId"] = f"not {reply['requestId']}"
        if fault is Fault.TEXT:
            self._outbox.put('{"op": 7, "d": {"requestType": "GetVer')
        elif fault is Fault.BINARY:
            self._outbox.put(b"\x82\xa2op\x07\xa1d\x80")
        elif fault is Fault.WRONG_OP:
            self._send(42, reply)
        else:
            if fault is Fault.HUGE:
                self._outbox.put(json.dumps({"op": 42, "d": {"padding": "x" * _HUGE_BYTES}}))
            self._send(7, reply)
        late, self._late = self._late, []
        for each in late:
            self._send(7, each)

    def _end(self, fault: Fault) -> None:
        if fault is Fault.KICK:
            raise ClosingError(4011, "Your session has been invalidated.")
        if fault is Fault.RESET:
            self.reset()
        if fault is Fault.RESTART:
            self._hooks.restart()

    def _send(self, op: int, data: Mapping[str, Any]) -> None:
        self._outbox.put(json.dumps({"op": op, "d": data}))

    def _write(self) -> None:
        with contextlib.suppress(ConnectionClosed, OSError):
            while True:
                message = self._outbox.get()
                self._hooks.awake.wait()
                if isinstance(message, ClosingError):
                    self.connection.close(message.code, message.reason)
                    break
                self.connection.send(message)
                self._outgoing += 1
        self._finished.set()


def reset(connection: ServerConnection) -> None:
    """Close a connection's socket without a word; the client gets a TCP reset."""
    with contextlib.suppress(OSError):
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if connection.protocol_mutex.acquire(timeout=_SENDING_S):
            try:
                connection.socket.close()  # while nobody can say FIN on it
            finally:
                connection.protocol_mutex.release()
        else:  # stuck in sending to a client that doesn't read; this ends it, else it would only say FIN
            connection.socket.shutdown(socket.SHUT_RDWR)
    connection.close_socket()


def _is_unsigned(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _nonce() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
