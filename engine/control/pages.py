"""The control page: a few packaged files, read once, so that no request ever becomes a path."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

WEB = Path(__file__).parent / "web"

CONTENT_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}


def page_routes() -> list[web.RouteDef]:
    """One route per file of ``web/``; ``index.html`` is ``/``."""
    files = sorted(path for path in WEB.iterdir() if path.suffix in CONTENT_TYPES)
    return [web.get("/" if path.name == "index.html" else f"/{path.name}", _serve(path)) for path in files]


def _serve(path: Path) -> Callable[[web.Request], Awaitable[web.Response]]:
    body, content_type = path.read_bytes(), CONTENT_TYPES[path.suffix]

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(
            # A new version of jikcam must not meet an old script in the browser's cache.
            body=body,
            content_type=content_type,
            charset="utf-8",
            headers={"Cache-Control": "no-cache"},
        )

    return answer
