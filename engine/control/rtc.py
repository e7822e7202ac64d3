"""WebRTC's signalling: viewers come by WHEP (draft-ietf-wish-whep), cameras by WHIP (RFC 9725).

Neither trickles candidates nor restarts ICE, so that PATCH is answered with 405 as the RFC has it. There is
no CORS: pages of other hosts have no business here, and programs need none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import quote

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.control.answers import Answer as JsonAnswer
from engine.control.endpoint import Endpoint, Role
from virtualcam.webrtc.messages import (
    Answer,
    AskClock,
    Codec,
    End,
    Measure,
    Measures,
    Push,
    RefusedError,
    RtpClock,
    Watch,
)

SDP = "application/sdp"
#: Of a rendition, in pixels.
HEIGHTS = (16, 4320)
#: So many ids are kept before those that have ended are looked for.
KEPT_IDS = 64

Request = Watch | Push | End | AskClock | Measure


class Streaming(Protocol):
    """What is needed of StreamHost."""

    async def call(self, request: Request) -> Any: ...


class WatchQuery(BaseModel):
    """What a viewer may ask for besides its offer."""

    model_config = ConfigDict(extra="forbid")

    codec: Codec | None = Field(default=None, description="the only one wanted")
    height: int | None = Field(
        default=None, ge=HEIGHTS[0], le=HEIGHTS[1], description="of the rendition to begin with"
    )


class ClockNow(JsonAnswer):
    """How a viewer's RTP time stamps belong to capture times."""

    rtp: int = Field(description="a time stamp, 90 kHz")
    time_s: float = Field(description="when its picture was captured")
    now_s: float = Field(description="what the same clock shows now")


class Rtc:
    """The routes of both.

    Args:
        streams: the streaming process; None = this show has none.
        has_view: whether there is a View of that name.
        clock: the one that pictures are stamped with, in seconds.
    """

    def __init__(
        self, streams: Streaming | None, has_view: Callable[[str], bool], clock: Callable[[], float]
    ) -> None:
        self._streams = streams
        self._has_view = has_view
        self._clock = clock
        #: Session id -> its View, so that a viewer of one View can't end or time another's.
        self._viewers: dict[str, str] = {}
        #: Camera -> its newest session.
        self._pushes: dict[str, str] = {}

    def endpoints(self) -> tuple[Endpoint, ...]:
        made, gone = ((201, SDP),), ((200, "application/json"),)
        return (
            Endpoint(
                *("POST", "/whep/{view}", self.watch, Role.VIEW, "Watch a View (WHEP)"),
                body_type=SDP, answers=made, scope="view", query=WatchQuery, errors=(404, 406, 503),
            ),
            Endpoint(
                *("DELETE", "/whep/{view}/{id}", self.leave, Role.VIEW, "Stop watching"),
                answers=gone, scope="view", errors=(404, 503),
            ),
            Endpoint(
                *("GET", "/whep/{view}/{id}/clock", self.time, Role.VIEW, "The clock of a viewer's pictures"),
                answer=ClockNow, scope="view", errors=(404, 503),
            ),
            Endpoint(
                *("POST", "/whip/{camera}", self.push, Role.PUSH, "Be a camera (WHIP)"),
                body_type=SDP, answers=made, scope="camera", errors=(404, 406, 409, 503),
            ),
            Endpoint(
                *("DELETE", "/whip/{camera}/{id}", self.stop, Role.PUSH, "Stop being a camera"),
                answers=gone, scope="camera", errors=(404, 503),
            ),
            _options("/whep/{view}", Role.VIEW, "view"),
            _options("/whip/{camera}", Role.PUSH, "camera"),
        )  # fmt: skip

    async def watch(self, request: web.Request) -> web.Response:
        view = request.match_info["view"]
        if not self._has_view(view):
            raise web.HTTPNotFound(reason="there is no such View to watch")
        wanted = _query(request)
        await self._forget_ended()
        answer: Answer = await self._call(Watch(view, await _offer(request), wanted.codec, wanted.height))
        self._viewers[answer.id] = view
        return _created(answer, f"/whep/{quote(view, safe='')}")

    async def leave(self, request: web.Request) -> web.Response:
        session = self._viewer(request)
        del self._viewers[session]
        return await self._end(session)

    async def time(self, request: web.Request) -> web.Response:
        clock: RtpClock = await self._call(AskClock(self._viewer(request)))
        return web.json_response({"rtp": clock.rtp, "time_s": clock.time_s, "now_s": self._clock()})

    async def push(self, request: web.Request) -> web.Response:
        camera = request.match_info["camera"]
        answer: Answer = await self._call(Push(camera, await _offer(request)))
        self._pushes[camera] = answer.id
        return _created(answer, f"/whip/{quote(camera, safe='')}")

    async def stop(self, request: web.Request) -> web.Response:
        camera, session = request.match_info["camera"], request.match_info["id"]
        if self._pushes.get(camera) != session:
            raise web.HTTPNotFound(reason="that camera has no such session")
        del self._pushes[camera]
        return await self._end(session)

    def _viewer(self, request: web.Request) -> str:
        session = request.match_info["id"]
        if self._viewers.get(session) != request.match_info["view"]:
            raise web.HTTPNotFound(reason="that View has no such viewer")
        return session

    async def _end(self, session: str) -> web.Response:
        if not await self._call(End(session)):
            raise web.HTTPNotFound(reason="that session has ended already")
        return web.json_response({"ok": True})

    async def _call(self, request: Request) -> Any:
        if self._streams is None:
            raise RefusedError(503, "this show streams no WebRTC; switch it on under [webrtc] in the preset")
        return await self._streams.call(request)

    async def _forget_ended(self) -> None:
        """Most viewers leave without a word."""
        if len(self._viewers) >= KEPT_IDS:
            known = set(self._viewers)
            measures: Measures = await self._call(Measure())
            for session in known - measures.viewers.keys():
                self._viewers.pop(session, None)


async def _offer(request: web.Request) -> str:
    try:
        sdp = (await request.read()).decode()
    except UnicodeDecodeError:
        sdp = ""
    if not sdp.startswith("v=0"):  # RFC 8866, section 5.1
        raise web.HTTPBadRequest(reason="the body is no offer in SDP")
    return sdp


def _query(request: web.Request) -> WatchQuery:
    try:
        return WatchQuery.model_validate(dict(request.query))
    except ValidationError as error:
        raise web.HTTPBadRequest(
            reason=f"ask for ?codec=h264 or vp8 and ?height={HEIGHTS[0]} to {HEIGHTS[1]}; nothing else"
        ) from error


def _created(answer: Answer, endpoint: str) -> web.Response:
    session = quote(answer.id, safe="")
    tag = hashlib.sha256(answer.id.encode()).hexdigest()[:16]
    return web.Response(
        status=201,
        text=answer.sdp,
        content_type=SDP,
        headers={"Location": f"{endpoint}/{session}", "ETag": f'"{tag}"'},
    )


def _options(path: str, role: Role, scope: str) -> Endpoint:
    async def options(_request: web.Request) -> web.Response:
        # RFC 9725, section 4.2: what may be posted here.
        return web.Response(headers={"Allow": "POST, OPTIONS", "Accept-Post": SDP})

    return Endpoint(
        *("OPTIONS", path, options, role, "What may be posted here"),
        answers=((200, "application/octet-stream"),), scope=scope, shown=False,
    )  # fmt: skip
