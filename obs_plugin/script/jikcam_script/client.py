"""A kept HTTP connection to the engine's control API."""

from __future__ import annotations

import http.client
import json
import socket
from typing import Any

from .address import Address
from .errors import ScriptError

#: Of a connection attempt and of each wait for an answer.
TIMEOUT_S = 1.0
#: Any answer of the API is far smaller.
MOST_BYTES = 1 << 20


class EngineClient:
    """Asks one engine, for one thread; a lost connection is made anew by the next request."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._interrupted = False
        self._connection = http.client.HTTPConnection(address.host, address.port, timeout=TIMEOUT_S)

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """GET, or POST of ``body``; the JSON that comes back.

        Raises:
            ScriptError: nobody is there ("away"), no answer in time ("hung"), something else listens there
                ("stranger"), or the engine's own words ("refused: " and the words).
        """
        kept = self._connection.sock is not None
        try:
            if not kept:
                self._connection.connect()
        except (OSError, UnicodeError):
            self.close()
            # A time-out too: Windows tries a closed port of its own for 2 s before it says so.
            raise self._away() from None
        try:
            status, text = self._exchange(path, body)
        except socket.timeout:  # noqa: UP041 - no TimeoutError before Python 3.10
            self.close()
            raise ScriptError("hung", f"jikcam at {self.address.url} does not answer") from None
        except (OSError, http.client.IncompleteRead) as error:
            self.close()
            if kept and isinstance(error, ConnectionError) and not self._interrupted:
                return self.ask(path, body)  # the engine was started anew, or had ended an idle connection
            raise self._away() from None
        except http.client.HTTPException:
            self.close()
            raise self.stranger() from None
        try:
            answer = json.loads(text)
            refusal = "" if status == 200 else str(answer["error"])
        except (ValueError, KeyError, TypeError):
            raise self.stranger() from None
        if refusal:
            raise ScriptError("refused: " + refusal, refusal)
        return answer

    def _exchange(self, path: str, body: dict[str, Any] | None) -> tuple[int, bytes]:
        data = None if body is None else json.dumps(body).encode()
        headers = {} if data is None else {"Content-Type": "application/json"}
        self._connection.request("GET" if data is None else "POST", path, data, headers)
        response = self._connection.getresponse()
        text = response.read(MOST_BYTES)
        if not response.isclosed():  # more than we want of it
            self.close()
        return response.status, text

    def _away(self) -> ScriptError:
        return ScriptError("away", f"jikcam is not running at {self.address.url}")

    def stranger(self) -> ScriptError:
        """The error for answers that no engine gives."""
        return ScriptError(
            "stranger", f"what answers at {self.address.url} is not jikcam; check the engine's address"
        )

    def interrupt(self) -> None:
        """End a wait for an answer, for good, from any thread and without waiting."""
        self._interrupted = True
        sock = self._connection.sock
        if sock is not None:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # closed already, which is what was wanted

    def close(self) -> None:
        """Drop the connection."""
        self._connection.close()
