"""Why publishing to a WHIP server doesn't work, in one line that says what to do."""

from __future__ import annotations

import socket

import aiohttp

from virtualcam.webrtc.messages import Codec


class WhipError(Exception):
    """Publishing doesn't work now.

    Attributes:
        text: one line for the user, without token or keys.
        refused: the server said no; waiting alone won't help.
        patience_s: how long it asks to be left alone.
    """

    def __init__(self, text: str, *, refused: bool = False, patience_s: float = 0.0) -> None:
        super().__init__(text)
        self.text = text
        self.refused = refused
        self.patience_s = patience_s


_IN_USE = "somebody publishes to this WHIP address already; stop that, or take an address of your own"
_NOT_FOUND = "the server has nothing at this WHIP address; make the room there first, or check the path"
_NO_TOKEN = "the server doesn't take the token; check token_env or token_file"
_FORBIDDEN = "the server forbids publishing here; check token_env or token_file, and the address"

_REFUSALS = {
    400: "the server can't read the offer; check that the address is one for WHIP",
    401: _NO_TOKEN,
    404: _NOT_FOUND,
    405: "this address takes no WHIP; check the path of the WHIP address",
    409: _IN_USE,
    410: _NOT_FOUND,
    429: "the server is asked too often; wait",
    503: "the server is full or away; it is asked again",
}
_WORDS_OF_USE = ("in use", "already", "busy", "exists")


def refusal(status: int, said: str, codec: Codec, patience_s: float = 0.0) -> WhipError:
    """What an answer other than "created" means.

    Args:
        status: of the answer to an offer.
        said: the server's own words; "" = none that can be shown.
        codec: that was offered.
        patience_s: the server's Retry-After.
    """
    if status == 403:
        # Janus' WHIP server says "forbidden" both for a wrong token and for an address in use.
        in_use = any(word in said.lower() for word in _WORDS_OF_USE)
        text = _IN_USE if in_use else _FORBIDDEN
    elif status in (406, 415, 488):
        other = "vp8" if codec == "h264" else "h264"
        text = f'the server takes no {codec.upper()} here; try codec = "{other}"'
    elif status in (301, 302, 303):
        text = "the server has moved this WHIP address; give the new one"
    elif status >= 500:
        text = _REFUSALS.get(status, "the server is out of order; look at its log")
    else:
        text = _REFUSALS.get(status, "the server refuses; look at its log")
    words = f": {said}" if said else ""
    return WhipError(
        f"{text} ({status}{words})", refused=status < 500 and status != 429, patience_s=patience_s
    )


def unreachable(error: BaseException, place: str) -> WhipError:
    """Why there was no answer at all.

    Args:
        error: of aiohttp or the system.
        place: host and port that was asked.
    """
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
        return WhipError(
            f"the certificate of {place} isn't trusted; name its authority in SSL_CERT_FILE", refused=True
        )
    if isinstance(error, aiohttp.ClientConnectorDNSError | socket.gaierror):
        return WhipError(f"nobody knows where {place} is; check the WHIP address and the network")
    if isinstance(error, aiohttp.ClientConnectorError | ConnectionError):
        return WhipError(f"nobody answers at {place}; check that the server runs")
    if isinstance(error, TimeoutError):
        return WhipError(f"{place} took too long to answer; check the server and the network")
    return WhipError(f"the connection to {place} broke ({type(error).__name__}); check the server")
