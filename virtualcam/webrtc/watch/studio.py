"""Everything that goes out: Views in, encoded once, to every viewer and publisher."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import Callable
from typing import Any

from aiortc import MediaStreamTrack

from virtualcam.webrtc.messages import Answer, Codec, RawPicture, RefusedError, RtpClock, StreamConfig, Watch
from virtualcam.webrtc.watch.offer import Offer
from virtualcam.webrtc.watch.peer import Peer, closed
from virtualcam.webrtc.watch.renditions import RenditionKey, Renditions
from virtualcam.webrtc.watch.track import ViewTrack

log = logging.getLogger(__name__)

TICK_S = 0.25
STALLED_S = 0.1
"""A tick that comes so late means that this process, not the network, kept the viewers waiting."""


class Studio:
    """The viewers of all Views. Made inside the event loop that it lives in.

    Args:
        wanted: told the View's name and how many watch it now (viewers and publishers together), whenever
            that changes; in the event loop.

    Attributes:
        audio: gives a new track of the microphone for a viewer whose offer has audio; None = silent.
    """

    def __init__(self, config: StreamConfig, wanted: Callable[[str, int], None]) -> None:
        self.audio: Callable[[], MediaStreamTrack | None] = lambda: None
        self._config = config
        self._wanted = wanted
        self._loop = asyncio.get_running_loop()
        self._renditions = Renditions(config, self._loop)
        self._peers: dict[str, Peer] = {}
        self._subscribed: dict[ViewTrack, str] = {}
        self._watched: dict[str, int] = {}
        self._endings: set[asyncio.Task[None]] = set()
        self._keeper = self._loop.create_task(self._keep())

    def add_view(self, view: str, fps: float) -> None:
        """A View whose pictures come at ``fps``; one of that name is replaced."""
        self.remove_view(view)
        self._renditions.add_view(view, fps)

    def remove_view(self, view: str) -> None:
        """The View is over for all who watch it."""
        for peer in [peer for peer in self._peers.values() if peer.view == view]:
            self._drop(peer, "its View is gone")
        for track in [track for track, of in self._subscribed.items() if of == view]:
            track.stop()
        self._renditions.remove_view(view)
        self._watched.pop(view, None)

    def give(self, view: str, raw: RawPicture) -> None:
        """The newest picture of a View; from any thread, never waits. Unwatched, it is dropped."""
        self._renditions.give(view, raw)

    async def watch(self, request: Watch) -> Answer:
        """Answer a viewer's offer.

        Raises:
            RefusedError: 404 no such View, 503 full, 400 no offer to receive video, 406 no codec in common.
        """
        if request.view not in self._renditions:
            raise RefusedError(404, f"there is no View {request.view}")
        if len(self._peers) >= self._config.most_viewers:
            raise RefusedError(503, f"{len(self._peers)} watch already, which is all that are allowed")
        offer = Offer.read(request.sdp)
        codec = offer.choose(request.codec, self._config.codec)
        id = secrets.token_urlsafe(16)
        peer = Peer(id, request.view, codec, request.height, self._renditions, self._config)
        self._peers[peer.id] = peer
        self._count(request.view)
        try:
            sdp = await peer.open(offer, self.audio() if offer.audio else None)
        except BaseException:
            self._drop(peer, "no answer")
            raise
        return Answer(peer.id, sdp)

    async def end(self, id: str) -> bool:
        """A viewer leaves; False where nobody has that id."""
        peer = self._peers.get(id)
        if peer is None:
            return False
        await self._drop(peer, "left")
        return True

    def clock(self, id: str) -> RtpClock:
        """How a viewer's RTP time stamps belong to capture times.

        Raises:
            RefusedError: 404 no such viewer; 503 nothing has been sent yet.
        """
        peer = self._peers.get(id)
        if peer is None:
            raise RefusedError(404, "there is no such viewer")
        clock = peer.clock()
        if clock is None:
            raise RefusedError(503, "nothing has been sent yet; ask again")
        return clock

    def subscribe(self, view: str, codec: Codec) -> ViewTrack:
        """The View's full size for a publisher; ``stop`` the track to leave.

        Raises:
            RefusedError: 404 no such View.
        """
        if view not in self._renditions:
            raise RefusedError(404, f"there is no View {view}")
        track = ViewTrack(self._renditions.of(RenditionKey(view, codec, 0)))
        self._subscribed[track] = view

        @track.on("ended")
        def ended() -> None:
            if self._subscribed.pop(track, None) is not None:
                self._count(view)

        self._count(view)
        return track

    async def measure(self) -> tuple[dict[str, dict[str, Any]], list[dict[str, Any]]]:
        """Measures.viewers and Measures.renditions."""
        now_s = time.monotonic()
        viewers = {peer.id: peer.measure(now_s) for peer in self._peers.values()}
        renditions = [
            {
                "view": rendition.key.view,
                "codec": rendition.key.codec,
                "viewers": rendition.listeners,
                **rendition.tally.read(now_s),
            }
            for rendition in self._renditions.all()
        ]
        return viewers, renditions

    async def close(self) -> None:
        """End all viewers, tracks, encoders and their threads."""
        self._keeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._keeper
        for peer in tuple(self._peers.values()):
            self._drop(peer, "over")
        for track in tuple(self._subscribed):
            track.stop()
        await asyncio.gather(*self._endings)
        await self._loop.run_in_executor(None, self._renditions.close)

    def _drop(self, peer: Peer, why: str) -> asyncio.Task[None]:
        log.info("viewer %s of %s: %s", peer.id[:6], peer.view, why)
        self._peers.pop(peer.id, None)
        ending = self._loop.create_task(closed(peer))
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)
        self._count(peer.view)
        return ending

    def _count(self, view: str) -> None:
        count = sum(peer.view == view for peer in self._peers.values())
        count += sum(of == view for of in self._subscribed.values())
        if self._watched.get(view, 0) != count:
            self._watched[view] = count
            self._wanted(view, count)

    async def _keep(self) -> None:
        """Ends who is gone, moves who is slow, releases what nobody needs."""
        now_s = time.monotonic()
        while True:
            due_s = now_s + TICK_S
            await asyncio.sleep(TICK_S)
            now_s = time.monotonic()
            stalled = now_s - due_s > STALLED_S
            for peer in tuple(self._peers.values()):
                try:
                    why = peer.over(now_s)
                    peer.tick(now_s, stalled=stalled)
                except Exception as error:  # one viewer's fault ends that viewer, not all others' care
                    log.exception("viewer %s failed", peer.id[:6])
                    why = type(error).__name__
                if why:
                    self._drop(peer, why)
            self._renditions.release(now_s)
