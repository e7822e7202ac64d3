"""A control server that other machines may use, and such machines, all on loopback.

What makes a client "another machine" here is the name it uses: only loopback names go without a token.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from engine.control import ControlServer
from engine.control.access.grants import KEY_BYTES, Access, Grant
from engine.control.application import ENDPOINTS, Wiring, application
from engine.control.endpoint import Endpoint, Role
from engine.control.library import PresetLibrary
from tests.integration.control_rig import PATIENCE_S, Answer, FakeEngine, serving

NAME = "stage-pc"
KEY = b"k" * KEY_BYTES
WRONG = "c." + "A" * 32
#: What the parts of paths are in tests.
PARTS = {"view": "main", "camera": "phone", "name": "phone", "person": "1", "id": "0123"}


def endpoints() -> tuple[Endpoint, ...]:
    """All that a server answers."""

    async def build() -> tuple[Endpoint, ...]:
        wiring = Wiring(FakeEngine(), Access.loopback(), None, PresetLibrary(None), lambda: ("",))
        return application(wiring)[ENDPOINTS]

    return asyncio.run(build())


ENDPOINTS_ALL = endpoints()


def path_of(endpoint: Endpoint) -> str:
    return re.sub(r"\{(\w+)[^}]*\}", lambda part: PARTS[part[1]], endpoint.path.replace("{1,16}", ""))


def name_of(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


@dataclass
class Lan:
    """The server as a director, a viewer or a stranger on another machine sees it."""

    server: ControlServer
    engine: FakeEngine

    @property
    def port(self) -> int:
        return urlsplit(self.server.url).port or 80

    @property
    def host(self) -> str:
        return f"{NAME}:{self.port}"

    def token(self, role: Role, scope: str = "") -> str:
        return self.server.access.token(Grant(role, scope))

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str = "",
        headers: Mapping[str, str] | None = None,
        address: str = "127.0.0.1",
    ) -> Answer:
        """One request without following redirects; ``address`` is where it comes from."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Host": self.host, **({"Content-Type": "application/json"} if data is not None else {})}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=PATIENCE_S, source_address=(address, 0)
        )
        try:
            connection.request(method, path, data, {**sent, **(headers or {})})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()


@contextmanager
def lan(folder: Path | None = None, **options: Any) -> Iterator[Lan]:
    """Served to all machines, with a token each."""
    engine = FakeEngine("main", "side")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.control.access.guard.own_names", lambda: (NAME,))
        library = PresetLibrary(folder)
        with serving(engine, access=Access.tokens(KEY), library=library, **options) as server:
            yield Lan(server, engine)
