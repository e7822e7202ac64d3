"""A WHIP server (RFC 9725) on loopback that behaves as told, and takes the pictures for real."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from tests.waiting import PATIENCE_S

TOKEN = "a-token-that-nobody-may-see-7"


@dataclass(eq=False)
class Session:
    """One publisher, as the server knows it."""

    peer: RTCPeerConnection
    offer: str
    frames: int = 0
    size: tuple[int, int] = (0, 0)

    async def ask_for_key_frame(self) -> None:
        receiver = self.peer.getTransceivers()[0].receiver
        await receiver._send_rtcp_pli(next(iter(receiver._RTCRtpReceiver__active_ssrc)))

    async def end(self) -> None:
        """Leave as servers do: the other side is told (DTLS close)."""
        await self.peer.close()

    def die(self) -> None:
        """Fall silent: the other side is told nothing."""
        for protocol in self.peer.getTransceivers()[0].receiver.transport.transport._connection._protocols:
            protocol.transport.abort()


@dataclass(frozen=True)
class Asked:
    """A request that the server got."""

    method: str
    path: str
    authorization: str | None
    content_type: str


Deed = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(eq=False)
class WhipServer:
    """Takes one publisher at a time, as Janus' WHIP server does.

    Attributes:
        script: what happens to the next offers, first come first served; when it is empty they are taken.
        in_use: status and text for a second publisher.
        options: Link headers of the answer to OPTIONS.
        location: format of the Location header; ``{}`` is the session's number.
        busy: number of the session there is.
        undeletable: so many requests to end a session fail.
    """

    script: deque[Deed] = field(default_factory=deque)
    in_use: tuple[int, str] = (403, "Endpoint ID already in use")
    options: list[str] = field(default_factory=list)
    location: str = "/whip/resource/{}"
    asked: list[Asked] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    busy: int | None = None
    undeletable: int = 0
    url: str = ""

    def methods(self) -> list[str]:
        """What was asked so far, without OPTIONS."""
        return [one.method for one in self.asked if one.method != "OPTIONS"]

    @contextlib.asynccontextmanager
    async def running(self, port: int = 0, tls: ssl.SSLContext | None = None) -> AsyncIterator[WhipServer]:
        app = web.Application()
        app.router.add_route("OPTIONS", "/whip/endpoint/{name}", self._options)
        app.router.add_post("/whip/endpoint/{name}", self._offer)
        app.router.add_delete("/whip/resource/{number}", self._delete)
        server = TestServer(app, port=port, skip_url_asserts=True, scheme="https" if tls else "http")
        await server.start_server(ssl=tls)
        self.url = str(server.make_url("/whip/endpoint/stage"))
        try:
            yield self
        finally:
            for session in self.sessions:
                await session.peer.close()
            await server.close()

    async def live(self, count: int = 1) -> Session:
        """The count-th session, once its pictures arrive."""
        await soon(lambda: len(self.sessions) >= count and self.sessions[count - 1].frames > 0)
        return self.sessions[count - 1]

    def _note(self, request: web.Request) -> None:
        authorization = request.headers.get("Authorization")
        self.asked.append(Asked(request.method, request.path, authorization, request.content_type))

    async def _options(self, request: web.Request) -> web.StreamResponse:
        self._note(request)
        answer = web.Response(status=204)
        for link in self.options:
            answer.headers.add("Link", link)
        return answer

    async def _offer(self, request: web.Request) -> web.StreamResponse:
        self._note(request)
        if self.script:
            return await self.script.popleft()(request)
        return await self.take(request)

    async def take(self, request: web.Request) -> web.StreamResponse:
        """The usual: answer the offer and take the pictures."""
        if self.busy is not None:
            return web.Response(status=self.in_use[0], text=self.in_use[1])
        offer = await request.text()
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        session = Session(peer, offer)
        peer.on("track", lambda track: asyncio.ensure_future(_watch(track, session)))
        await peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await peer.setLocalDescription(await peer.createAnswer())
        self.busy = len(self.sessions)
        self.sessions.append(session)
        headers = {"Location": self.location.format(self.busy), "ETag": '"1"'}
        return web.Response(
            status=201, text=peer.localDescription.sdp, content_type="application/sdp", headers=headers
        )

    async def _delete(self, request: web.Request) -> web.StreamResponse:
        self._note(request)
        number = int(request.match_info["number"])
        if self.undeletable:
            self.undeletable -= 1
            return web.Response(status=500)
        if number != self.busy:
            return web.Response(status=404)
        self.busy = None
        await self.sessions[number].peer.close()
        return web.Response(status=200)


def answers(status: int, text: str = "", **headers: str) -> Deed:
    """A deed: answer so, and do nothing."""

    async def deed(request: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, text=text, headers=named)

    return deed


async def soon(condition: Callable[[], object]) -> None:
    """Wait until it is true."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.01)


async def _watch(track: MediaStreamTrack, session: Session) -> None:
    with contextlib.suppress(Exception):  # the track's end, whichever way it comes
        while True:
            frame = await track.recv()
            session.size = (frame.width, frame.height)
            session.frames += 1
