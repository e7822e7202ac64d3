"""The HTTP side of publishing: an offer, its answer and the session's end (RFC 9725)."""

from __future__ import annotations

import email.utils
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

import aiohttp
from aiortc import RTCIceServer

from virtualcam.webrtc.messages import WhipTarget
from virtualcam.webrtc.publish.address import keys, may_have_token, place, problem
from virtualcam.webrtc.publish.links import ice_servers
from virtualcam.webrtc.publish.refusal import WhipError, refusal, unreachable

#: Load balancing sends an offer on with these two (RFC 9725, 4.5); others would turn a POST into a GET.
_SENT_ON = (307, 308)
_MOST_HOPS = 5
_MOST_BYTES = 64 * 1024
_OPTIONS_S = 3.0
#: A server that asks for more patience than this is asked again all the same.
_MOST_PATIENCE_S = 120.0
#: After these the session may still be there.
_NOT_ENDED = (401, 403, 408, 429)


@dataclass(frozen=True, slots=True)
class Accepted:
    """An offer was taken.

    Attributes:
        answer: SDP.
        location: whole address of the session; "" where the server gives none, so that it can't be ended.
        ice_servers: for the next session; this one's candidates are gathered already.
    """

    answer: str = field(repr=False)
    location: str = field(repr=False)
    ice_servers: tuple[RTCIceServer, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Reply:
    url: str
    status: int
    headers: Mapping[str, str]
    links: tuple[str, ...]
    text: str


class WhipClient:
    """Asks one WHIP server.

    Args:
        session: of the loop it is used in.
        target: where to, and with which token.
        answer_s: how long the server may take to answer.
    """

    def __init__(self, session: aiohttp.ClientSession, target: WhipTarget, answer_s: float) -> None:
        self._session = session
        self._target = target
        self._timeout = aiohttp.ClientTimeout(total=answer_s)

    async def ice_servers(self) -> tuple[RTCIceServer, ...]:
        """What the server says before an offer; nothing where it says nothing."""
        try:
            reply = await self._ask(
                "OPTIONS", self._target.url, timeout=aiohttp.ClientTimeout(total=_OPTIONS_S)
            )
        except WhipError:
            return ()  # not every server takes OPTIONS; what is wrong with it is told by the offer
        return ice_servers(reply.links)

    async def offer(self, sdp: str) -> Accepted:
        """Begin a session.

        Raises:
            WhipError: the server can't be reached or refuses.
        """
        reply = await self._ask("POST", self._target.url, sdp)
        if reply.status not in (200, 201):
            raise refusal(reply.status, self._said(reply), self._target.codec, _patience_s(reply))
        # Some servers leave a space in it as it is.
        location = reply.headers.get("Location", "").strip().replace(" ", "%20")
        if not reply.text.lstrip().startswith("v=0"):
            raise WhipError(f"{place(reply.url)} answers with no SDP; check the path of the WHIP address")
        return Accepted(
            reply.text, urljoin(reply.url, location) if location else "", ice_servers(reply.links)
        )

    async def end(self, location: str) -> bool:
        """Delete a session; True = it is over, False = try again later."""
        if problem(location):
            return True
        try:
            reply = await self._ask("DELETE", location)
        except WhipError:
            return False
        return reply.status < 500 and reply.status not in _NOT_ENDED

    async def _ask(
        self, method: str, url: str, sdp: str | None = None, timeout: aiohttp.ClientTimeout | None = None
    ) -> _Reply:
        for _ in range(_MOST_HOPS):
            reply = await self._ask_once(method, url, sdp, timeout or self._timeout)
            onward = reply.headers.get("Location", "")
            if reply.status not in _SENT_ON or not onward:
                return reply
            sent_on = urljoin(reply.url, onward)
            if problem(sent_on) or not may_have_token(url, sent_on):
                raise WhipError(f"{place(url)} sends us on to an address that isn't safe; ask who runs it")
            url = sent_on
        raise WhipError(f"{place(url)} sends us on again and again; check the WHIP address")

    async def _ask_once(
        self, method: str, url: str, sdp: str | None, timeout: aiohttp.ClientTimeout
    ) -> _Reply:
        headers = {"Content-Type": "application/sdp"} if sdp is not None else {}
        if self._target.token and may_have_token(self._target.url, url):
            headers["Authorization"] = f"Bearer {self._target.token}"
        try:
            async with self._session.request(
                method, url, data=sdp, headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                links = tuple(answer.headers.getall("Link", ()))
                return _Reply(url, answer.status, answer.headers, links, await _text(answer))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise unreachable(error, place(url)) from None

    def _said(self, reply: _Reply) -> str:
        """The server's own words, where they are short and plain and don't repeat the token."""
        line = " ".join(reply.text.split())
        if not 0 < len(line) <= 100 or "<" in line or not line.isprintable():
            return ""
        secrets = [self._target.token, *keys(self._target.url)]
        return "" if any(secret and secret in line for secret in secrets) else line


async def _text(answer: aiohttp.ClientResponse) -> str:
    body = bytearray()
    async for chunk in answer.content.iter_chunked(4096):
        body += chunk
        if len(body) > _MOST_BYTES:
            raise WhipError(
                f"{place(str(answer.url))} answers with no SDP; check the path of the WHIP address"
            )
    return body.decode("utf-8", "replace")


def _patience_s(reply: _Reply) -> float:
    """What Retry-After says (RFC 9110, 10.2.3): seconds or a date."""
    said = reply.headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdigit():
        wait_s = float(said[:6])
    else:
        date = email.utils.parsedate_tz(said)
        wait_s = email.utils.mktime_tz(date) - time.time() if date else 0.0
    return min(max(wait_s, 0.0), _MOST_PATIENCE_S)
