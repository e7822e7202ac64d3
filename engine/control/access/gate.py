"""Who asks: this machine itself, or somebody with a token."""

from __future__ import annotations

import logging
import math
from urllib.parse import urlsplit

from aiohttp import web

from engine.control.access.addresses import LOOPBACK_HOSTS, is_loopback, plain_address
from engine.control.access.attempts import Attempts
from engine.control.access.grants import Access, Grant
from engine.control.endpoint import Role
from engine.control.faults import HOST

log = logging.getLogger(__name__)

GRANT = web.RequestKey("grant", Grant)
#: Set by proxies: the request comes from somewhere else than its connection.
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


def grant_of(request: web.Request) -> Grant:
    """What the client that asks may do; for handlers, which run behind the guard."""
    return request[GRANT]


class Gate:
    """Finds the Grant of a request."""

    def __init__(self, access: Access, attempts: Attempts | None = None) -> None:
        self.access = access
        self._attempts = attempts or Attempts()

    def known(self, request: web.Request) -> Grant | None:
        """What the client may do without any token; None = nothing."""
        return Grant(Role.CONTROL, here=True) if not self.access.lan or _is_here(request) else None

    def who(self, request: web.Request) -> Grant | None:
        """What the client may do; None = nothing.

        Raises:
            web.HTTPTooManyRequests: too many wrong tokens from there.
        """
        if grant := self.known(request):
            return grant
        token = _bearer(request) or request.cookies.get(self.access.cookie, "")
        return self.admit(request, token) if token else None

    def admit(self, request: web.Request, token: str) -> Grant | None:
        """What a presented ``token`` allows, if its address need not wait.

        Raises:
            web.HTTPTooManyRequests: it must.
        """
        address = plain_address(request.remote or "")
        wait_s = self._attempts.wait_s(address, token)
        grant = self.access.grant(token)
        if wait_s > 0:
            seconds = str(math.ceil(wait_s))
            raise web.HTTPTooManyRequests(
                reason=f"too many wrong tokens from your address; wait {seconds} s",
                headers={"Retry-After": seconds},
            )
        if grant is not None:
            self._attempts.right(address, token)
        elif self._attempts.wrong(address, token):
            log.warning("%s came with a wrong token; further ones are refused without a line here", address)
        return grant


def _is_here(request: web.Request) -> bool:
    """Whether a program of this machine asks, which says so, and for nobody else."""
    name = urlsplit(f"//{request[HOST]}").hostname
    forwarded = any(header in request.headers for header in _FORWARDED)
    return name in LOOPBACK_HOSTS and is_loopback(request.remote or "") and not forwarded


def _bearer(request: web.Request) -> str:
    """RFC 6750, section 2.1."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
