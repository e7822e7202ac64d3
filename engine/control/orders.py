"""How commands reach the engine: one after another, in the order of arrival, never on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from aiohttp import web

from engine.state import EngineControl

_T = TypeVar("_T")


class Orders:
    """The one queue of commands to one engine. Belongs to the server's event loop."""

    def __init__(self, engine: EngineControl) -> None:
        self._engine = engine
        self._turn = asyncio.Lock()

    def expect_view(self, name: str) -> None:
        """Refuse a View that is not there.

        Raises:
            web.HTTPNotFound: names those that are.
        """
        if self._engine.mjpeg(name) is None:
            known = [" ".join(v.name.split()) for v in self._engine.state().views]
            raise web.HTTPNotFound(reason=f"there is no such View; the Views are: {', '.join(known)}")

    async def give(self, command: Callable[[], _T]) -> _T:
        """Carry ``command`` out in a worker thread once those before it are done."""
        async with self._turn:
            return await asyncio.to_thread(command)
