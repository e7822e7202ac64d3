"""Viewers who connect over WHEP, stay a while and leave; they receive and acknowledge, and do not decode.

python -m tests.benchmarks.webrtc.visitors URL [--viewers 8] [--seconds 600]
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from typing import Any

import aiohttp
import aiortc.rtcrtpreceiver
from aiortc import RTCPeerConnection, RTCSessionDescription

#: Every so many visitors leave without telling.
RUDE_EVERY = 3


class NoDecoder:
    """Takes encoded pictures and makes nothing of them."""

    def decode(self, _encoded: Any) -> list[Any]:
        return []


async def visit(session: aiohttp.ClientSession, url: str, stay_s: float, *, rude: bool) -> bool:
    """One viewer of the View ``main``; True when pictures came."""
    peer = RTCPeerConnection()
    peer.addTransceiver("video", direction="recvonly")
    try:
        await peer.setLocalDescription(await peer.createOffer())
        headers = {"Content-Type": "application/sdp"}
        async with session.post(
            f"{url}/whep/main", data=peer.localDescription.sdp, headers=headers
        ) as answer:
            if answer.status != 201:
                print(f"visitor refused: {answer.status} {await answer.text()}", flush=True)
                return False
            location = answer.headers["Location"]
            await peer.setRemoteDescription(RTCSessionDescription(await answer.text(), "answer"))
        await asyncio.sleep(stay_s)
        stats = await peer.getReceivers()[0].getStats()
        received = sum(getattr(entry, "packetsReceived", 0) for entry in stats.values())
        if not rude:
            await session.delete(f"{url}{location}")
        return received > 0
    finally:
        await peer.close()


async def visitors(url: str, count: int, seconds: float) -> tuple[int, int]:
    """(visits, visits without pictures)."""
    aiortc.rtcrtpreceiver.get_decoder = lambda _codec: NoDecoder()  # type: ignore[attr-defined]
    end_s = time.monotonic() + seconds
    chance = random.Random(1)
    seen: list[bool] = []

    async def one(session: aiohttp.ClientSession) -> None:
        while (left_s := end_s - time.monotonic()) > 1.0:
            stay_s = min(left_s - 0.5, chance.uniform(2.0, 12.0))
            seen.append(await visit(session, url, stay_s, rude=len(seen) % RUDE_EVERY == 0))

    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(one(session) for _ in range(count)))
    return len(seen), seen.count(False)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url")
    parser.add_argument("--viewers", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=600.0)
    wanted = parser.parse_args()
    visits, blind = asyncio.run(visitors(wanted.url.rstrip("/"), wanted.viewers, wanted.seconds))
    print(f"{visits} visits, {blind} of them without a picture", flush=True)


if __name__ == "__main__":
    main()
