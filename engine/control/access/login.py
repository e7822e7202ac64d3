"""Signing in: a link with a token becomes a cookie, and the token leaves the address bar at once."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from string import Template
from urllib.parse import parse_qs, quote, urlsplit

from aiohttp import web

from engine.control.access.gate import Gate
from engine.control.access.grants import Grant
from engine.control.access.links import first_page
from engine.control.endpoint import Endpoint, Role
from engine.control.faults import policy

FILES = Path(__file__).parent / "signin"
#: A phone stays signed in from rehearsal to show; renewing the key ends it at once.
COOKIE_S = 30 * 24 * 3600
#: A page of ours: nothing that a browser could take for another host.
_PAGE = re.compile(r"/(?![/\\])[!-\[\]-~]{0,499}")
_HTML = ((200, "text/html"),)


class Login:
    """``/login?t=TOKEN``, the page that asks for a token, and the step between them and the pages.

    Args:
        views: names of the Views, the first shown to viewers of all of them.
    """

    def __init__(self, gate: Gate, views: Callable[[], Iterable[str]]) -> None:
        self._gate = gate
        self._views = views
        self._ask, self._welcome = (
            Template((FILES / name).read_text("utf-8")) for name in ("login.html", "welcome.html")
        )
        self._style = (FILES / "login.css").read_text("utf-8")

    def endpoints(self) -> tuple[Endpoint, ...]:
        anybody = Role.OPEN
        return (
            Endpoint(
                *("GET", "/login", self.login, anybody, "A link with a token becomes a cookie"),
                answers=((200, "text/html"), (303, "")),
                errors=(401, 429),
            ),
            Endpoint("GET", "/welcome", self.welcome, anybody, "On to a page", answers=_HTML, shown=False),
            Endpoint(
                *("GET", "/login.css", self.style, anybody, "The file login.css"),
                answers=((200, "text/css"),),
                shown=False,
            ),
        )

    async def login(self, request: web.Request) -> web.Response:
        """Sets the cookie and goes on to ``?to=``, else to the token's own page."""
        page, token = request.query.get("to", ""), _token(request.query.get("t", ""))
        grant = self._gate.known(request)
        if grant is None and "t" not in request.query:
            return self._page(request, 200, "")
        # This machine itself needs no token; a link with one works there all the same.
        admitted = self._gate.admit(request, token) if grant is None else self._gate.access.grant(token)
        if admitted is None and grant is None:
            return self._page(request, 401, "That link is not, or no longer, valid.")
        to = page if _PAGE.fullmatch(page) else first_page(admitted or Grant(Role.CONTROL), self._views())
        answer = web.Response(status=303, headers={"Location": f"/welcome?to={quote(to, safe='')}"})
        held = self._gate.access.grant(request.cookies.get(self._gate.access.cookie, ""))
        # Whoever directs and opens a viewer's link goes on directing.
        if admitted and grant is None and (held is None or held.role <= admitted.role):
            answer.set_cookie(
                self._gate.access.cookie,
                token,
                max_age=COOKIE_S,
                path="/",
                secure=request.secure,
                httponly=True,
                samesite="Strict",
            )
        return answer

    async def welcome(self, request: web.Request) -> web.Response:
        """Goes on by itself.

        A browser that came by a link on a foreign page sends no strict cookie, not even after a redirect
        (draft-ietf-httpbis-rfc6265bis, section 5.2); to where this page leads, it does.
        """
        to = request.query.get("to", "")
        to = html.escape(to if _PAGE.fullmatch(to) else "/")
        return web.Response(text=self._welcome.substitute(to=to), content_type="text/html")

    async def style(self, _request: web.Request) -> web.Response:
        return web.Response(text=self._style, content_type="text/css")

    async def sign_in(self, request: web.Request) -> web.Response:
        """Instead of a page that needs a token: asks for one."""
        answer = self._page(request, 401, "")
        answer.headers["WWW-Authenticate"] = 'Bearer realm="jikcam"'
        return answer

    def _page(self, request: web.Request, status: int, problem: str) -> web.Response:
        to = request.query.get("to", "") if request.path == "/login" else request.raw_path
        text = self._ask.substitute(
            problem=html.escape(problem), to=html.escape(to if _PAGE.fullmatch(to) else "")
        )
        headers = {"Content-Security-Policy": policy(request, form="'self'")}
        return web.Response(status=status, text=text, content_type="text/html", headers=headers)


def _token(text: str) -> str:
    """Out of a token or a whole link that was pasted."""
    text = text.strip()
    if "://" not in text:
        return text
    try:
        return parse_qs(urlsplit(text).query).get("t", [""])[0]
    except ValueError:
        return ""
