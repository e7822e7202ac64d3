"""Where the engine listens: what the user may write, and what to write instead."""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple
from urllib.parse import urlsplit

from .errors import ScriptError

DEFAULT_PORT = 8787
DEFAULT_ADDRESS = "http://127.0.0.1:8787"

#: Ends of names that only the network of a house knows (RFC 6762, RFC 8375, custom).
LAN_NAMES = (".local", ".lan", ".home.arpa", ".internal", ".localdomain")
_NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")


class Address(NamedTuple):
    """Host name or IP address without brackets, and port."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """Without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def here(self) -> bool:
        """Whether it is this computer."""
        ip = _ip(self.host)
        return self.host == "localhost" if ip is None else ip.is_loopback


def read_address(text: str) -> Address:
    """The address that the user wrote; without a port the usual one.

    Raises:
        ScriptError: not http, or not a computer of this network ("address").
    """
    write = "write the engine's address as " + DEFAULT_ADDRESS
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname or "", parts.port
        plain = parts.scheme == "http" and parts.path in ("", "/") and "@" not in parts.netloc
        good = plain and not (parts.query or parts.fragment) and port != 0
    except ValueError:
        host, port, good = "", None, False
    ip = _ip(host)
    if not good or (ip is None and not _NAME.fullmatch(host)):
        raise ScriptError("address", f"'{text.strip()}' is no address of jikcam; {write}")
    if not (
        ip.is_private or ip.is_loopback if ip is not None else "." not in host or host.endswith(LAN_NAMES)
    ):
        raise ScriptError("address", f"{host} is not in this network; {write}")
    return Address(host, DEFAULT_PORT if port is None else port)


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
