"""The pictures of a View as an endless MJPEG answer."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time

from aiohttp import web
from pydantic import BaseModel, Field

from engine.control.backlog import cut_off, keep_backlog_small
from engine.control.endpoint import Endpoint, Role
from engine.state import EngineControl
from virtualcam.mjpeg import Viewer
from virtualcam.multipart import CONTENT_TYPE, PREAMBLE, part

MAX_VIEWERS = 32
#: About one picture of 1280x720: more would only age on its way to a slow viewer.
SEND_BUFFER_BYTES = 128 * 1024
#: How often a viewer without new pictures is checked for having left.
STILL_THERE_S = 1.0
#: A viewer that takes nothing for so long is cut off; it may come back.
STALLED_S = 15.0
MAX_FPS = 240.0


class StreamQuery(BaseModel):
    """Of the stream's address."""

    fps: float | None = Field(
        default=None, ge=0.1, le=MAX_FPS, description="at most so many pictures a second"
    )


class Streams:
    """The open MJPEG streams, of all Views together."""

    def __init__(self, engine: EngineControl) -> None:
        self._engine = engine
        self._tasks: set[asyncio.Task[object]] = set()

    @property
    def viewers(self) -> int:
        return len(self._tasks)

    def endpoints(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                *("GET", "/stream/{view}.mjpeg", self.handle, Role.VIEW, "The pictures of a View, endlessly"),
                answers=((200, CONTENT_TYPE),),
                scope="view",
                query=StreamQuery,
                errors=(400, 404, 503),
            ),
        )

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """``GET /stream/{view}.mjpeg``, with ``?fps=`` at most that many pictures a second."""
        period_s = _period_s(request.query.get("fps"))
        sink = self._engine.mjpeg(request.match_info["view"])
        if sink is None:
            raise web.HTTPNotFound(reason="there is no such View to stream")
        if len(self._tasks) >= MAX_VIEWERS:
            raise web.HTTPServiceUnavailable(reason=f"{MAX_VIEWERS} streams are open already")
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        response = web.StreamResponse(headers={"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"})
        viewer = sink.subscribe()
        try:
            await response.prepare(request)
            keep_backlog_small(request, SEND_BUFFER_BYTES)
            # A viewer who left or stalls is not an error.
            with contextlib.suppress(ConnectionError, TimeoutError):
                await _send(request, response, viewer, period_s)
                return response
            cut_off(request)
        except asyncio.CancelledError:
            cut_off(request)
            raise
        finally:
            viewer.close()
            self._tasks.discard(task)
        return response

    async def close(self) -> None:
        """End all streams, also those whose viewer does not read."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _send(request: web.Request, response: web.StreamResponse, viewer: Viewer, period_s: float) -> None:
    await response.write(PREAMBLE)
    due_s = time.monotonic()
    while request.transport is not None:
        try:
            async with asyncio.timeout(STILL_THERE_S):
                jpeg = await viewer.next()
        except TimeoutError:
            continue
        if jpeg is None:
            return
        async with asyncio.timeout(STALLED_S):
            await response.write(part(jpeg))
            await request.writer.drain()
        due_s = max(due_s + period_s, time.monotonic())
        await asyncio.sleep(due_s - time.monotonic())


def _period_s(fps: str | None) -> float:
    if fps is None:
        return 0.0
    try:
        limit = float(fps)
    except ValueError:
        limit = math.nan
    if not 0.1 <= limit <= MAX_FPS:
        raise web.HTTPBadRequest(reason=f"fps must be a number from 0.1 to {MAX_FPS:g}")
    return 1.0 / limit
