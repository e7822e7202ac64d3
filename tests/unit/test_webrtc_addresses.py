"""Without --lan nobody but this machine is heard, on whatever address."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import aioice.ice
import pytest

from virtualcam.webrtc import addresses


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    heard: list[Any] = []
    monkeypatch.setattr(aioice.ice, "get_host_addresses", aioice.ice.get_host_addresses)
    monkeypatch.setattr(aioice.ice.StunProtocol, "datagram_received", lambda *_: None)
    monkeypatch.setattr(addresses, "in_networks", lambda _v4, _v6: ["192.0.2.7", "fe80::1"])
    monkeypatch.setattr(addresses, "_received", lambda _self, _data, addr: heard.append(addr[0]))
    yield heard


class Connection:
    """Stands for one of aioice."""


def hear(*senders: str, connection: Connection | None = None) -> None:
    aioice.ice.get_host_addresses(True, True)
    protocol: Any = SimpleNamespace(receiver=connection or Connection())
    for sender in senders:
        aioice.ice.StunProtocol.datagram_received(protocol, b"x", (sender, 5000))


@pytest.mark.parametrize("lan", [False, True])
def test_loopback_and_the_networks_are_offered(lan: bool) -> None:
    addresses.offer_addresses(lan)
    assert aioice.ice.get_host_addresses(True, True) == ["192.0.2.7", "fe80::1", "127.0.0.1"]


def test_without_lan_only_this_machine_is_heard(as_before: list[Any]) -> None:
    addresses.offer_addresses(lan=False)
    hear("192.0.2.7", "127.0.0.1", "192.0.2.8", "203.0.113.9", "fe80::1%eth0", "fe80::2%eth0")
    assert as_before == ["192.0.2.7", "127.0.0.1", "fe80::1%eth0"]


def test_with_lan_everybody_is_heard(as_before: list[Any]) -> None:
    addresses.offer_addresses(lan=True)
    hear("192.0.2.7", "203.0.113.9")
    assert as_before == ["192.0.2.7", "203.0.113.9"]


def test_a_network_that_came_later_is_this_machine_too(
    as_before: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses.offer_addresses(lan=False)
    hear("198.51.100.4")
    monkeypatch.setattr(addresses, "in_networks", lambda _v4, _v6: ["198.51.100.4"])
    hear("198.51.100.4")
    assert as_before == ["198.51.100.4"]


def test_a_server_elsewhere_that_we_publish_to_is_heard(as_before: list[Any]) -> None:
    addresses.offer_addresses(lan=False)
    publisher: Any = Connection()
    addresses.reach_out(publisher)
    hear("203.0.113.9", connection=publisher)
    hear("203.0.113.9")
    assert as_before == ["203.0.113.9"]
