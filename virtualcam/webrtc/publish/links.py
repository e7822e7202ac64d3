"""ICE servers that a WHIP server names in its Link headers (RFC 9725, 4.6; RFC 8288)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from aiortc import RTCIceServer
from aiortc.rtcicetransport import parse_stun_turn_uri

_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_LINK = re.compile(rf'\s*<([^>]*)>((?:\s*;\s*{_TOKEN}\s*(?:=\s*(?:{_TOKEN}|"(?:[^"\\]|\\.)*"))?)*)\s*(?:,|$)')
_PARAMETER = re.compile(rf';\s*({_TOKEN})\s*(?:=\s*(?:({_TOKEN})|"((?:[^"\\]|\\.)*)"))?')
_RELATION = "ice-server"
#: More than a few are of no use: only the first STUN and the first TURN server are asked.
_MOST = 8


def ice_servers(headers: Iterable[str]) -> tuple[RTCIceServer, ...]:
    """The ICE servers in Link headers; what isn't one, or can't be understood, is left out.

    Args:
        headers: values of all Link headers, each with one link or several.
    """
    found: list[RTCIceServer] = []
    for header in headers:
        for url, parameters in _links(header):
            if _RELATION in parameters.get("rel", "").lower().split() and _usable(url):
                found.append(RTCIceServer(url, parameters.get("username"), parameters.get("credential")))
    return tuple(found[:_MOST])


def _links(header: str) -> Iterable[tuple[str, dict[str, str]]]:
    position = 0
    while position < len(header) and (link := _LINK.match(header, position)):
        parameters: dict[str, str] = {}
        for name, bare, quoted in _PARAMETER.findall(link[2]):
            parameters.setdefault(name.lower(), bare or re.sub(r"\\(.)", r"\1", quoted))
        yield link[1].strip(), parameters
        position = link.end()


def _usable(url: str) -> bool:
    try:
        parse_stun_turn_uri(url)
    except ValueError:
        return False
    return True
