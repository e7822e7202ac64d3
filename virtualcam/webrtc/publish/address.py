"""Addresses of WHIP servers: which are possible, how they are shown, and who may learn the token."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, parse_qsl, urlsplit

#: A part of a path as long as this and with a digit is taken for a key: some servers have theirs in the path.
_KEY = re.compile(r"(?=[^/]*[0-9])[A-Za-z0-9_\-.~%=+]{20,}")
_KEPT = 4


def problem(url: str) -> str:
    """What is wrong with an address to publish to, in one line with what to do; "" = nothing."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "the WHIP address can't be read; it looks like https://example.org/whip/room"
    if parts.scheme not in ("http", "https"):
        return "a WHIP address begins with https:// (or http:// in your own network)"
    if not host:
        return "the WHIP address names no host; it looks like https://example.org/whip/room"
    if "@" in parts.netloc:
        return "take the user and password out of the WHIP address; a token goes into token_env or token_file"
    if re.search(r"\s", url):
        return "the WHIP address has a space or a line break in it; take it out"
    return ""


def shown(url: str) -> str:
    """An address for people and logs: without query and user, and with long keys in its path cut short."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "(no address)"
    if ":" in host:
        host = f"[{host}]"
    place = host if port is None else f"{host}:{port}"
    path = _KEY.sub(lambda key: f"{key[0][:_KEPT]}…", parts.path)
    return f"{parts.scheme}://{place}{path}" if parts.scheme else "(no address)"


def keys(url: str) -> list[str]:
    """What in an address nobody else may see."""
    parts = urlsplit(url)
    return [value for _, value in parse_qsl(parts.query)] + _KEY.findall(parts.path)


def place(url: str) -> str:
    """Host and port, as in "example.org:7080"."""
    return shown(url).partition("://")[2].partition("/")[0] or "(no host)"


def is_loopback(url: str) -> bool:
    """Whether it is on this very machine."""
    host = (urlsplit(url).hostname or "").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def in_clear(url: str) -> bool:
    """Whether others in the network can read what is sent there."""
    return urlsplit(url).scheme == "http" and not is_loopback(url)


def may_have_token(asked: str, sent_on: str) -> bool:
    """Whether a server that ``asked`` names may send the token on to ``sent_on``.

    Another host may have it, because servers share their load that way (RFC 9725, 4.5), but nobody can make
    a token that was safe travel in clear.
    """
    return not in_clear(sent_on) or _origin(urlsplit(asked)) == _origin(urlsplit(sent_on))


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    default = 443 if parts.scheme == "https" else 80
    return parts.scheme, (parts.hostname or "").lower(), parts.port or default
