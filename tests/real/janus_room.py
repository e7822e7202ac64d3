"""One viewer of a Janus VideoRoom: its WebSocket API, and a peer connection that takes the pictures.

Source: https://janus.conf.meetecho.com/docs/videoroom and /docs/rest.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from tests.waiting import PATIENCE_S
from virtualcam.webrtc.publish.candidates import gather

_PLUGIN = "janus.plugin.videoroom"


class RoomViewer:
    """Watches the first publisher of a room.

    Attributes:
        frames: decoded so far.
        size: width and height of the last one.
        codec: of the publisher, as Janus offers it.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids: dict[str, int] = {}
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._peer.on("track", lambda track: asyncio.ensure_future(self._watch(track)))
        self.frames = 0
        self.size = (0, 0)
        self.codec = ""

    async def publishers(self, room: int) -> list[int]:
        """Who publishes in the room now."""
        answer = await self._say({"request": "listparticipants", "room": room})
        return [one["id"] for one in answer["plugindata"]["data"]["participants"] if one["publisher"]]

    async def watch(self, room: int) -> None:
        """Subscribe to the first publisher, as soon as there is one."""
        async with asyncio.timeout(PATIENCE_S):
            while not (found := await self.publishers(room)):
                await asyncio.sleep(0.02)
            join = {"request": "join", "ptype": "subscriber", "room": room, "streams": [{"feed": found[0]}]}
            offer = (await self._say(join, event=True))["jsep"]["sdp"]
            self.codec = next(name for name in ("h264", "vp8") if f" {name.upper()}/90000" in offer)
            await self._peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
            await self._peer.createAnswer()
            await gather(self._peer, loopback=True)
            await self._peer.setLocalDescription(await self._peer.createAnswer())
            answer = {"type": "answer", "sdp": self._peer.localDescription.sdp}
            await self._say({"request": "start"}, event=True, jsep=answer)
            while not self.frames:
                await asyncio.sleep(0.01)

    async def begin(self) -> None:
        """A session with Janus and a handle of its plugin."""
        self._ids["session_id"] = (await self._ask({"janus": "create"}))["data"]["id"]
        self._ids["handle_id"] = (await self._ask({"janus": "attach", "plugin": _PLUGIN}))["data"]["id"]

    async def end(self) -> None:
        await self._peer.close()

    async def _say(self, body: dict[str, Any], *, event: bool = False, **more: Any) -> dict[str, Any]:
        return await self._ask({"janus": "message", "body": body, **more}, "event" if event else "success")

    async def _ask(self, message: dict[str, Any], wanted: str = "success") -> dict[str, Any]:
        transaction = secrets.token_hex(6)
        await self._socket.send_json({**message, **self._ids, "transaction": transaction})
        while True:
            answer = await self._socket.receive_json(timeout=PATIENCE_S)
            if answer.get("transaction") == transaction:
                assert answer["janus"] in (wanted, "ack"), answer
                if answer["janus"] == wanted:
                    return dict(answer)

    async def _watch(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(Exception):  # the track's end, whichever way it comes
            while True:
                frame: Any = await track.recv()
                self.size = (frame.width, frame.height)
                self.frames += 1


@contextlib.asynccontextmanager
async def room_viewer(socket_url: str) -> AsyncIterator[RoomViewer]:
    """A viewer that is connected to Janus and watches nothing yet."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(socket_url, protocols=("janus-protocol",)) as socket,
    ):
        viewer = RoomViewer(socket)
        try:
            await viewer.begin()
            yield viewer
        finally:
            await viewer.end()
