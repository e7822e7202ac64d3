"""What the client that asks may do, and the links that a director may hand out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal

from aiohttp import web

from engine.control.access.gate import grant_of
from engine.control.access.grants import Access
from engine.control.access.links import Link, links
from engine.control.answers import Answer
from engine.control.endpoint import Endpoint, Role
from engine.state import EngineControl

#: How a source in the preset names a camera that is pushed to us.
_PUSHED = "webrtc:"


class LinkNow(Answer):
    """One address to hand out."""

    kind: Literal["control", "dock", "view", "overlay", "camera"]
    name: str
    url: str


class AccessNow(Answer):
    """Who the client is."""

    role: Literal["view", "push", "control"]
    scope: str
    lan: bool
    fingerprint: str
    links: list[LinkNow]


class AccessApi:
    """``GET /api/access``.

    Args:
        origins: where other machines find us, the likeliest first; only loopback without ``lan``.
        fingerprint: of the certificate; "" = there is none.
    """

    def __init__(
        self,
        engine: EngineControl,
        access: Access,
        origins: Callable[[], tuple[str, ...]],
        fingerprint: str = "",
    ) -> None:
        self._engine = engine
        self._access = access
        self._origins = origins
        self._fingerprint = fingerprint

    def endpoints(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                *("GET", "/api/access", self.access, Role.VIEW, "What you may do, and links to hand out"),
                answer=AccessNow,
            ),
        )

    async def access(self, request: web.Request) -> web.Response:
        grant = grant_of(request)
        found = await asyncio.to_thread(self.links) if grant.role is Role.CONTROL else ()
        return web.json_response(
            {
                "role": grant.role.name.lower(),
                "scope": grant.scope,
                "lan": self._access.lan,
                "fingerprint": self._fingerprint,
                "links": [{"kind": link.kind, "name": link.name, "url": link.url} for link in found],
            }
        )

    def links(self) -> tuple[Link, ...]:
        """All links at the likeliest address."""
        views = [view.name for view in self._engine.state().views]
        uri = str(self._engine.preset_values().get("source", {}).get("uri", ""))
        cameras = [uri.removeprefix(_PUSHED)] if uri.startswith(_PUSHED) else []
        return links(self._access, self._origins()[0], views, cameras)
