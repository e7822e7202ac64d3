"""Publishes Views to SFUs for as long as the show lasts (WHIP, RFC 9725)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import aiohttp
from aiortc import RTCIceServer

from virtualcam.backoff import BackOff
from virtualcam.webrtc.messages import Codec, RefusedError, WhipTarget
from virtualcam.webrtc.publish.address import in_clear, is_loopback, problem, shown
from virtualcam.webrtc.publish.client import WhipClient
from virtualcam.webrtc.publish.memory import SessionMemory
from virtualcam.webrtc.publish.peer import Carried, PacketTrack, WhipPeer
from virtualcam.webrtc.publish.refusal import WhipError

logger = logging.getLogger(__name__)

State = Literal["connecting", "live", "waiting", "refused"]

_ELSEWHERE = "another program on this computer publishes to this address; stop it"
_IN_CLEAR = "the token travels in clear to this server; use https://"
_HEARTBEAT_S = 60.0


class Packets(Protocol):
    """Who has the Views' packets: the Studio."""

    def subscribe(self, view: str, codec: Codec) -> PacketTrack: ...


@dataclass(frozen=True, slots=True)
class Patience:
    """How long what may take.

    Attributes:
        first_s: before the second try; then twice as long each time, up to ``most_s``.
        stable_s: a connection that stood so long makes the waits short again.
        answer_s: for the server to answer a request.
        connect_s: for the connection to stand.
        silent_s: without a report of the server before it counts as gone.
        last_s: for what is under way when the show ends, and again for ending the sessions.
    """

    first_s: float = 1.0
    most_s: float = 30.0
    stable_s: float = 30.0
    answer_s: float = 10.0
    connect_s: float = 15.0
    silent_s: float = 10.0
    last_s: float = 1.0


class Publishers:
    """All WHIP targets. Made, used and closed in one event loop.

    Args:
        studio: has the packets.
        folder: where sessions are remembered for after a crash; None = the user's state folder.
    """

    def __init__(self, studio: Packets, folder: Path | None = None, patience: Patience | None = None) -> None:
        self._studio = studio
        self._folder = folder
        self._patience = patience or Patience()
        self._session: aiohttp.ClientSession | None = None
        self._publishers: list[_Publisher] = []
        self._tasks: list[asyncio.Task[None]] = []

    def add(self, target: WhipTarget) -> None:
        """Publish to it from now on; a target that is there already is left alone. Never raises."""
        if any(publisher.target == target for publisher in self._publishers):
            return
        if self._session is None:
            self._session = aiohttp.ClientSession()
        publisher = _Publisher(target, self._studio, self._session, self._folder, self._patience)
        wrong = problem(target.url)
        taken = next((p.target.view for p in self._publishers if p.target.url == target.url), None)
        self._publishers.append(publisher)
        if wrong or taken is not None:
            publisher.give_up(
                wrong or f"View {taken!r} publishes to this address; give each an address of its own"
            )
            return
        self._tasks.append(asyncio.get_running_loop().create_task(publisher.run()))

    def report(self) -> list[dict[str, Any]]:
        """Of each target: view, url, codec, state, text, restarts, since_s, kbps, packets_lost, rtt_ms.

        `url` is for people, without keys; `text` is empty when all is well; `since_s`: live for so long.
        """
        return [publisher.report() for publisher in self._publishers]

    async def close(self) -> None:
        """End every session at its server; what doesn't answer in time is left. May be called twice."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2 * self._patience.last_s)
        ending = [asyncio.create_task(publisher.end()) for publisher in self._publishers]
        if ending:
            await asyncio.wait(ending, timeout=self._patience.last_s)
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        self._tasks.clear()
        self._publishers.clear()
        if self._session is not None:
            await self._session.close()
            self._session = None


class _Publisher:
    """One target: a session after the other, with pauses that grow while it doesn't work."""

    def __init__(
        self,
        target: WhipTarget,
        studio: Packets,
        session: aiohttp.ClientSession,
        folder: Path | None,
        patience: Patience,
    ) -> None:
        self.target = target
        self._studio = studio
        self._patience = patience
        self._client = WhipClient(session, target, patience.answer_s)
        self._memory = SessionMemory(target.url, folder)
        self._back_off = BackOff(patience.first_s, patience.most_s)
        self._ice_servers: tuple[RTCIceServer, ...] = ()
        self._state: State = "connecting"
        self._text = ""
        self._next_s = 0.0
        self._live_s: float | None = None
        self._restarts = 0
        self._peer: WhipPeer | None = None

    def give_up(self, text: str) -> None:
        """It can't ever work; ``text`` says why."""
        self._state, self._text = "refused", text

    async def run(self) -> None:
        """Publish until cancelled; `end` comes afterwards."""
        while True:
            self._state = "connecting"
            try:
                trouble = await self._publish()
            except WhipError as error:
                trouble = error
            except RefusedError as error:
                trouble = WhipError(error.reason)
            except Exception as error:  # a fault with one server must not end publishing for the whole show
                logger.warning("publishing View %r failed: %s", self.target.view, type(error).__name__)
                trouble = WhipError(f"publishing failed ({type(error).__name__}); it is tried again")
            await self._pause(trouble)

    async def end(self) -> None:
        """Delete the session at the server and let others publish to its address."""
        await self._end_session()
        self._memory.release()

    def report(self) -> dict[str, Any]:
        carried = self._peer.carried if self._peer else Carried()
        now_s = time.monotonic()
        text = self._text
        if self._state in ("waiting", "refused") and self._next_s:
            text = f"{text}; next try in {max(self._next_s - now_s, 0.0):.0f} s"
        elif self.target.token and in_clear(self.target.url):
            text = _IN_CLEAR
        return {
            "view": self.target.view,
            "url": shown(self.target.url),
            "codec": self.target.codec,
            "state": self._state,
            "text": text,
            "restarts": self._restarts,
            "since_s": None if self._live_s is None else round(now_s - self._live_s, 1),
            "kbps": carried.kbps,
            "packets_lost": carried.packets_lost,
            "rtt_ms": carried.rtt_ms,
        }

    async def _publish(self) -> WhipError:
        """One session, from its offer until its connection is lost; why it was lost."""
        if not self._memory.take():
            raise WhipError(_ELSEWHERE)
        await self._end_session()
        servers = await self._client.ice_servers() or self._ice_servers
        peer = self._peer = WhipPeer(
            self.target.codec,
            servers,
            loopback=is_loopback(self.target.url),
            silent_s=self._patience.silent_s,
        )
        try:
            answer = await self._offer(await peer.offer())
            await peer.connect(answer, self._patience.connect_s)
            peer.send(self._studio.subscribe(self.target.view, self.target.codec))
            self._state, self._text, self._live_s = "live", "", time.monotonic()
            return await self._hold(peer)
        finally:
            if self._live_s is not None:
                if time.monotonic() - self._live_s >= self._patience.stable_s:
                    self._back_off.reset()
                self._live_s = None
                self._restarts += 1
            self._peer = None
            await peer.close()

    async def _hold(self, peer: WhipPeer) -> WhipError:
        """Until it is lost; the memory of the session is kept fresh meanwhile."""
        lost = asyncio.ensure_future(peer.lost())
        try:
            while not (await asyncio.wait([lost], timeout=_HEARTBEAT_S))[0]:
                self._memory.alive()
            return lost.result()
        finally:
            lost.cancel()

    async def _offer(self, sdp: str) -> str:
        """The server's answer. A session that begins while the show ends is remembered, to be ended too."""
        asked = asyncio.ensure_future(self._client.offer(sdp))
        try:
            accepted = await asyncio.shield(asked)
        except asyncio.CancelledError:
            with contextlib.suppress(WhipError, TimeoutError):
                self._memory.keep((await asyncio.wait_for(asked, self._patience.last_s)).location)
            raise
        self._memory.keep(accepted.location)
        self._ice_servers = accepted.ice_servers
        return accepted.answer

    async def _pause(self, trouble: WhipError) -> None:
        self._state, self._text = "refused" if trouble.refused else "waiting", trouble.text
        pause_s = trouble.patience_s + self._back_off.next_s()
        self._next_s = time.monotonic() + pause_s
        await self._end_session()
        await asyncio.sleep(max(self._next_s - time.monotonic(), 0.0))

    async def _end_session(self) -> None:
        if self._memory.location and await self._client.end(self._memory.location):
            self._memory.keep("")
