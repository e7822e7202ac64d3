"""The pictures of one View for one viewer or publisher, out of the encoders that all share."""

from __future__ import annotations

import asyncio
from collections import deque
from fractions import Fraction
from typing import Any

import av
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from virtualcam.webrtc.watch.encoder import CLOCK_HZ, EncodedPicture
from virtualcam.webrtc.watch.renditions import Rendition

QUEUE_MAX = 8
"""Pictures that may wait for a sender. More means that its process stood still: then begin anew."""


class ViewTrack(MediaStreamTrack):
    """Encoded pictures, beginning with a key frame; ``move`` changes the rendition at a key frame.

    ``recv`` gives them as ``av.Packet`` (what aiortc's sender takes as already encoded), ``next`` with
    their RTP payloads. Capture times go on through a move, each later than the one before.
    """

    kind = "video"

    def __init__(self, rendition: Rendition) -> None:
        super().__init__()
        self._queue: deque[EncodedPicture] = deque()
        self._arrival: asyncio.Future[None] | None = None
        self._present: Rendition | None = None
        self._next: Rendition | None = rendition
        self._starving = True
        self._last_pts = -1
        rendition.add(self._take)

    @property
    def rendition(self) -> Rendition | None:
        """The one whose pictures come now; None before the first and after the end."""
        return self._present

    @property
    def bound_for(self) -> Rendition | None:
        """The one moved to, which has not had its key frame yet; else the present one."""
        return self._next or self._present

    @property
    def waiting(self) -> int:
        """How many pictures wait for ``next``."""
        return len(self._queue)

    def move(self, rendition: Rendition) -> None:
        """Go over to another rendition as soon as it has a key frame; until then nothing changes."""
        if self.readyState != "live" or rendition is self.bound_for:
            return
        if self._next is not None:
            self._next.remove(self._take)
            self._next = None
        if rendition is not self._present:
            self._next = rendition
            rendition.add(self._take)

    def request_key_frame(self) -> None:
        """The receiver can't go on without one."""
        target = self.bound_for if self._present is None else self._present
        if target is not None:
            target.request_key_frame()

    async def next(self) -> tuple[EncodedPicture, int]:
        """The next picture and its pts (1 / CLOCK_HZ), greater than the last one's.

        Raises:
            MediaStreamError: the track has ended.
        """
        while not self._queue:
            if self.readyState != "live":
                raise MediaStreamError
            self._arrival = asyncio.get_running_loop().create_future()
            await self._arrival
        picture = self._queue.popleft()
        self._last_pts = max(picture.pts, self._last_pts + 1)
        return picture, self._last_pts

    async def recv(self) -> av.Packet[Any]:
        """The next picture as a packet of an encoder; raises MediaStreamError when the track has ended."""
        picture, pts = await self.next()
        packet = av.Packet(picture.data)
        packet.pts = packet.dts = pts
        packet.time_base = Fraction(1, CLOCK_HZ)
        packet.is_keyframe = picture.key
        return packet

    def stop(self) -> None:
        for rendition in (self._present, self._next):
            if rendition is not None:
                rendition.remove(self._take)
        self._present = self._next = None
        self._queue.clear()
        super().stop()
        self._wake()

    def _take(self, rendition: Rendition, picture: EncodedPicture) -> None:
        if rendition is self._next and picture.key:
            if self._present is not None:
                self._present.remove(self._take)
            self._present, self._next = rendition, None
        if rendition is self._present:
            self._put(picture)

    def _put(self, picture: EncodedPicture) -> None:
        if self._starving and not picture.key:
            return
        if len(self._queue) >= QUEUE_MAX:
            self._queue.clear()
            self._starving = True
            if not picture.key:
                self.request_key_frame()
                return
        self._starving = False
        self._queue.append(picture)
        self._wake()

    def _wake(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)
