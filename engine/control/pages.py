"""The pages: packaged files, read once, so that no request ever becomes a path."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from engine.control.endpoint import Endpoint, Handler, Role

WEB = Path(__file__).parent / "web"

CONTENT_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Page:
    """Where an HTML file is served, and to whom.

    Attributes:
        scope: name of the path's part that a token for one View or camera must equal; "" = none.
    """

    paths: tuple[str, ...]
    role: Role
    summary: str
    scope: str = ""


PAGES = {
    "index.html": Page(("/",), Role.CONTROL, "The control room"),
    "dock.html": Page(("/dock",), Role.CONTROL, "The control room as a dock of OBS"),
    "watch.html": Page(("/watch/{view}",), Role.VIEW, "A View for viewers", "view"),
    "overlay.html": Page(("/overlay", "/overlay.html"), Role.VIEW, "Labels for a browser source"),
    "camera.html": Page(("/camera/{name}",), Role.PUSH, "A phone as the wide camera", "name"),
}


def page_endpoints() -> tuple[Endpoint, ...]:
    """Of every file of ``web/``. Scripts and styles hold no secret and are for everybody."""
    files = sorted(path for path in WEB.rglob("*") if path.suffix in CONTENT_TYPES)
    return tuple(
        Endpoint(
            *("GET", path, _serve(file), page.role, page.summary),
            answers=((200, CONTENT_TYPES[file.suffix]),),
            scope=page.scope,
            shown=file.suffix == ".html",
        )
        for file in files
        for page in (PAGES.get(file.name) or _part(file),)
        for path in page.paths
    )


def _part(file: Path) -> Page:
    path = file.relative_to(WEB).as_posix()
    return Page((f"/web/{path}",), Role.OPEN, f"The file {path}")


def _serve(path: Path) -> Handler:
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
