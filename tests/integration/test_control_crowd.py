"""A crowd of connections from the network leaves room for this machine and for other addresses."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from engine.control.access import crowd
from engine.control.access.grants import Access
from tests.integration.control_rig import PATIENCE_S, FakeEngine, ask, serving
from tests.integration.lan_rig import KEY
from tests.waiting import until

pytestmark = pytest.mark.skipif(sys.platform == "darwin", reason="macOS has but one loopback address")
#: Here these are people in the network.
CROWD, OTHERS = "127.1.1.1", ("127.1.1.2", "127.1.1.3", "127.1.1.4")


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(crowd, "is_loopback", lambda address: not address.startswith("127.1."))
    monkeypatch.setattr(crowd, "MOST", 12)
    monkeypatch.setattr(crowd, "MOST_EACH", 5)
    with serving(FakeEngine(), access=Access.tokens(KEY)) as server:
        yield urlsplit(server.url).port or 0
        assert ask(server, "/api/state").status == 200


def stays(port: int, address: str, held: ExitStack) -> bool:
    """Connect; whether the connection is answered."""
    connection = held.enter_context(
        socket.create_connection(("127.0.0.1", port), PATIENCE_S, source_address=(address, 0))
    )
    try:
        connection.sendall(f"GET /login HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        return connection.recv(9) == b"HTTP/1.1 "
    except ConnectionError:
        return False


def test_one_address_has_so_many_and_the_network_so_many(port: int) -> None:
    with ExitStack() as held:
        assert [stays(port, CROWD, held) for _ in range(8)] == [True] * 5 + [False] * 3
        got = [stays(port, other, held) for other in OTHERS for _ in range(3)]
        assert got == [True] * 7 + [False] * 2
        # This machine is always let in.
        assert all(stays(port, "127.0.0.1", held) for _ in range(20))


def test_who_leaves_makes_room(port: int) -> None:
    with ExitStack() as held:
        assert all(stays(port, CROWD, held) for _ in range(5))
        assert not stays(port, CROWD, held)

    def again() -> bool:
        with ExitStack() as held:
            return stays(port, CROWD, held)

    until(again)
