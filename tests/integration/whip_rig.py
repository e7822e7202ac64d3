"""Publishers with ready-made packets and short waits, for tests against a scripted WHIP server."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from tests.integration.whip_packets import PacketStudio
from tests.integration.whip_server import TOKEN, WhipServer, soon
from virtualcam.webrtc.messages import WhipTarget
from virtualcam.webrtc.publish.publishers import Patience, Publishers

QUICK = Patience(first_s=0.05, most_s=0.2, answer_s=1.0, connect_s=5.0, silent_s=4.0, last_s=0.5)


class Rig:
    """A server, and publishers that know nothing of it yet."""

    def __init__(self, server: WhipServer, folder: Path, patience: Patience) -> None:
        self.server = server
        self.studio = PacketStudio()
        self.publishers = Publishers(self.studio, folder, patience)

    def publish(self, url: str = "", **choices: Any) -> None:
        """Publish View "main" to the server, or elsewhere."""
        self.publishers.add(WhipTarget("main", url or self.server.url, **({"token": TOKEN} | choices)))

    @property
    def report(self) -> dict[str, Any]:
        """Of the last target."""
        return self.publishers.report()[-1]

    async def says(self, *words: str, state: str = "") -> dict[str, Any]:
        """The report, once its text has these words."""
        await soon(
            lambda: (
                all(word in self.report["text"] for word in words)
                and self.report["state"] == (state or self.report["state"])
            )
        )
        return self.report


def play(script: Callable[[Rig], Awaitable[None]], folder: Path, patience: Patience = QUICK) -> WhipServer:
    """Run a script with a rig; afterwards everything is closed. Gives the server, to look at."""
    server = WhipServer()

    async def run() -> None:
        async with server.running():
            rig = Rig(server, folder, patience)
            try:
                await script(rig)
            finally:
                await rig.publishers.close()

    asyncio.run(run())
    return server


@contextlib.asynccontextmanager
async def publishing_process(url: str, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Another Python that publishes there, killed at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.integration.whip_rig", url, str(folder), cwd=Path(__file__).parents[2]
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _publish_for_ever(url: str, folder: Path) -> None:
    publishers = Publishers(PacketStudio(), folder, QUICK)
    publishers.add(WhipTarget("main", url, TOKEN))
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_publish_for_ever(sys.argv[1], Path(sys.argv[2])))
