"""The wide picture over a WebSocket: each JPEG comes with the people and shots of that very picture.

Each message is ``[uint32, little endian: length of the header][header: JSON][JPEG]``. The client answers
``{"ack": frame}`` once it has drawn it; only as many pictures are on their way as fill the shortest round
trip that was seen, so who is slow gets fewer pictures and never old ones. There is one JPEG for all
clients, made as wide and as often as the most demanding of them asks; ``width`` is therefore a wish,
``fps`` a limit.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import math
import struct
from dataclasses import dataclass, field

from aiohttp import WSCloseCode, WSMsgType, web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.control.backlog import cut_off, keep_backlog_small
from engine.control.endpoint import Endpoint, Role
from engine.control.wire import SHOT_PLACES, TIME_PLACES, joints_json, number, person_json, xywh
from engine.state import EngineControl, Moment
from virtualcam.mjpeg import EARLY, Jpeg, Viewer

log = logging.getLogger(__name__)

MAX_CLIENTS = 16
#: Pictures on their way: the fewest, and the most where the network is quick but far.
LEAST_IN_FLIGHT, MOST_IN_FLIGHT = 2, 6
#: A client that owes an acknowledgement for so long is gone, or a page that nobody sees; it may come back.
OVERDUE_S = 8.0
HEARTBEAT_S = 10.0
#: About one message.
SEND_BUFFER_BYTES = 64 * 1024
GOODBYE_S = 0.5
#: People and shots of a picture that the engine knows no more, which only a source that stands still shows.
FORGOTTEN = Moment((), ())


class WideQuery(BaseModel):
    """Of the socket's address."""

    width: int = Field(default=640, ge=160, le=1280, description="wish: others may want it wider")
    fps: float = Field(default=12.0, ge=1, le=30, description="at most so many pictures a second")


class Ack(BaseModel):
    """What a client says: that it has drawn that picture, and with it all before."""

    model_config = ConfigDict(extra="forbid", strict=True)

    ack: int


@dataclass(slots=True, eq=False)
class Client:
    """One socket.

    Attributes:
        in_flight: (frame, when it was sent) of what it has not acknowledged, oldest first.
        round_trip_s: the shortest so far. Not a mean, which grows with what waits on the way.
        room: set while there are fewer than ``window``.
    """

    request: web.Request
    socket: web.WebSocketResponse
    wish: WideQuery
    in_flight: list[tuple[int, float]] = field(default_factory=list)
    round_trip_s: float = math.inf
    room: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def window(self) -> int:
        """How many pictures may be on their way: one more than fill the round trip."""
        if math.isinf(self.round_trip_s):
            return LEAST_IN_FLIGHT
        filling = math.ceil(self.round_trip_s * self.wish.fps) + 1
        return min(max(filling, LEAST_IN_FLIGHT), MOST_IN_FLIGHT)

    def sent(self, frame: int, now_s: float) -> None:
        self.in_flight.append((frame, now_s))
        if len(self.in_flight) >= self.window:
            self.room.clear()

    def acknowledged(self, frame: int, now_s: float) -> None:
        known = [f for f, _ in self.in_flight]
        if frame in known:
            place = known.index(frame)
            self.round_trip_s = min(self.round_trip_s, now_s - self.in_flight[place][1])
            del self.in_flight[: place + 1]
        if len(self.in_flight) < self.window:
            self.room.set()

    def owes_for_s(self, now_s: float) -> float:
        return now_s - self.in_flight[0][1] if self.in_flight else 0.0


class WideSockets:
    """The open wide WebSockets. Belongs to the server's event loop."""

    def __init__(self, engine: EngineControl) -> None:
        self._engine = engine
        self._clients: set[Client] = set()
        self._message = b""
        self._made_of = 0

    @property
    def clients(self) -> int:
        return len(self._clients)

    def endpoints(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                *("GET", "/api/wide", self.handle, Role.CONTROL),
                "The wide picture with the people and shots of each picture (WebSocket)",
                answers=((101, ""),),
                socket=True,
                query=WideQuery,
                errors=(400, 503),
            ),
        )

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Messages are ``[uint32, little endian: length of the header][header: JSON][JPEG]``.

        The header is ``{"frame", "time_s", "size": [width, height of the source], "people": as in the state
        and with "joints", "views": [{"name", "shot", "lock", "person"}]}``, all of that very picture;
        ``frame`` goes into commands about what was seen. "joints" are 17 key points, [x, y] each, in the
        order of COCO, null for one that is not to be seen; null while none is known. The client answers
        ``{"ack": frame}`` once it has drawn a picture, which counts for all before it: two are on their way,
        up to six where a round trip takes longer, so that who is slow gets fewer pictures and never old
        ones. Who owes an answer for 8 s is sent away.
        """
        wish = _wish(request)
        socket = web.WebSocketResponse(
            heartbeat=HEARTBEAT_S, timeout=GOODBYE_S, max_msg_size=1024, compress=False
        )
        if not socket.can_prepare(request):
            raise web.HTTPBadRequest(reason="this is a WebSocket; open it with ws://")
        if len(self._clients) >= MAX_CLIENTS:
            raise web.HTTPServiceUnavailable(reason=f"{MAX_CLIENTS} wide pictures are open already")
        client = Client(request, socket, wish)
        client.room.set()
        self._clients.add(client)
        tasks: list[asyncio.Task[None]] = []
        try:
            await socket.prepare(request)
            keep_backlog_small(request, SEND_BUFFER_BYTES)
            work = (_listen(client), self._send(client), _cut_off_when_late(client))
            tasks += map(asyncio.create_task, work)
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                if error := task.exception():
                    log.error("the wide picture failed", exc_info=error)
                    await _say_goodbye(client, WSCloseCode.INTERNAL_ERROR)
        finally:
            self._clients.discard(client)
            self._ask_for_what_is_wanted()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return socket

    async def _send(self, client: Client) -> None:
        self._ask_for_what_is_wanted()
        with self._engine.wide().subscribe() as viewer, contextlib.suppress(ConnectionError):
            last_s = float("-inf")
            while True:
                await client.room.wait()
                jpeg = await _next(viewer, last_s, client.wish.fps)
                if jpeg is None:
                    await client.socket.close(code=WSCloseCode.GOING_AWAY)
                    return
                last_s = jpeg.time_s
                client.sent(jpeg.index, asyncio.get_running_loop().time())
                await client.socket.send_bytes(self._of(jpeg))
                await client.request.writer.drain()

    def _of(self, jpeg: Jpeg) -> bytes:
        """The message of that picture; made once for all clients."""
        if self._made_of != jpeg.number:
            size = self._engine.state().source_size
            moment = self._engine.moment(jpeg.index) or FORGOTTEN
            header = header_bytes(jpeg, (size.width, size.height), moment)
            self._message = struct.pack("<I", len(header)) + header + jpeg.data
            self._made_of = jpeg.number
        return self._message

    def _ask_for_what_is_wanted(self) -> None:
        sink = self._engine.wide()
        if self._clients:
            sink.max_width = max(client.wish.width for client in self._clients)
            sink.max_fps = max(client.wish.fps for client in self._clients)

    async def close(self) -> None:
        """Say goodbye to all clients; the slow ones are cut off."""
        await asyncio.gather(*(_say_goodbye(client) for client in self._clients))


def header_bytes(jpeg: Jpeg, source_size: tuple[int, int], moment: Moment) -> bytes:
    """The message's header: UTF-8 JSON.

    Args:
        source_size: width and height in pixels, in which boxes and shots are told.
    """
    header = {
        "frame": jpeg.index,
        "time_s": number(jpeg.time_s, TIME_PLACES),
        "size": source_size,
        "people": [person_json(person) | {"joints": joints_json(person)} for person in moment.people],
        "views": [
            {
                "name": view.name,
                "shot": xywh(view.shot.box, SHOT_PLACES),
                "lock": view.lock.value,
                "person": view.person,
            }
            for view in moment.views
        ],
    }
    return json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()


async def _next(viewer: Viewer, last_s: float, fps: float) -> Jpeg | None:
    """The next picture for a client of that rate; others may get more of them."""
    while True:
        jpeg = await viewer.next()
        # A source that begins anew counts its time from zero: then the difference is negative, and large.
        if jpeg is None or abs(jpeg.time_s - last_s) * fps >= 1.0 - EARLY:
            return jpeg


async def _listen(client: Client) -> None:
    """Take acknowledgements until the client leaves or says something else."""
    async for message in client.socket:
        if message.type is not WSMsgType.TEXT:
            await client.socket.close(code=WSCloseCode.UNSUPPORTED_DATA)
            return
        try:
            ack = Ack.model_validate_json(message.data).ack
            client.acknowledged(ack, asyncio.get_running_loop().time())
        except ValidationError:
            await client.socket.close(code=WSCloseCode.INVALID_TEXT)
            return


async def _cut_off_when_late(client: Client) -> None:
    clock = asyncio.get_running_loop()
    while (owes_s := client.owes_for_s(clock.time())) < OVERDUE_S:
        await asyncio.sleep(OVERDUE_S - owes_s)
    await _say_goodbye(client, WSCloseCode.POLICY_VIOLATION)


async def _say_goodbye(client: Client, code: int = WSCloseCode.GOING_AWAY) -> None:
    try:
        await asyncio.wait_for(client.socket.close(code=code), GOODBYE_S)
    except TimeoutError:
        cut_off(client.request)


def _wish(request: web.Request) -> WideQuery:
    try:
        return WideQuery.model_validate(dict(request.query))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise web.HTTPBadRequest(reason=f"{where}: {first['msg']}") from None
