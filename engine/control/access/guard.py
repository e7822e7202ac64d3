"""Who may talk to the control API, and how: checked in one place for every route.

A web page from anywhere can make the user's browser send requests to this machine and its network. Against
that: the Host header (DNS rebinding), the Origin header (cross-site requests and WebSockets, RFC 6455
section 10.2), the Fetch Metadata headers (foreign ``<img>`` on a stream) and content types that no plain
form can send. Then the role and scope that the endpoint asks for, and a limit for its body.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from aiohttp import web
from aiohttp.typedefs import Handler

from engine.control.access.addresses import LOOPBACK_HOSTS, host_port, is_loopback, own_names, plain_address
from engine.control.access.gate import GRANT, Gate
from engine.control.endpoint import Endpoint, Role
from engine.control.faults import HOST, MAX_BODY_BYTES

#: A body that takes longer to arrive is not waited for.
BODY_S = 10.0
#: How a request without token is answered where it wants a page.
SignIn = Callable[[web.Request], Awaitable[web.Response]]


class Guard:
    """Knows every endpoint of one application; ``middleware`` stands before all of them."""

    def __init__(self, gate: Gate, sign_in: SignIn) -> None:
        self._gate = gate
        self._sign_in = sign_in
        self._endpoints: dict[web.AbstractRoute, Endpoint] = {}

    def add(self, app: web.Application, endpoints: Iterable[Endpoint]) -> None:
        """Route each endpoint; GET brings HEAD with it where the answer has an end."""
        for endpoint in endpoints:
            methods = [endpoint.method]
            endless = any("multipart" in kind for _, kind in endpoint.answers)
            if endpoint.method == "GET" and not (endpoint.socket or endless):
                methods.append("HEAD")
            for method in methods:
                route = app.router.add_route(method, endpoint.path, endpoint.handler)
                self._endpoints[route] = endpoint

    def endpoint(self, match: web.UrlMappingMatchInfo) -> Endpoint | None:
        """What the router found; None = nothing, or not with that method."""
        return self._endpoints.get(match.route)

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        request[HOST] = self._host(request)
        _check_origin(request)
        endpoint = self.endpoint(request.match_info)
        # What is not there is not even said to those who may see nothing.
        if endpoint is None or endpoint.role is not Role.OPEN:
            grant = self._gate.who(request)
            if grant is None:
                return await self._unknown(request)
            if endpoint is not None and not grant.may(endpoint, request.match_info):
                raise web.HTTPForbidden(reason="your link is not for this; ask for another one")
            request[GRANT] = grant
        await _check_body(request, endpoint)
        return await handler(request)

    async def _unknown(self, request: web.Request) -> web.StreamResponse:
        if request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
            return await self._sign_in(request)
        raise web.HTTPUnauthorized(
            reason="open the link that jikcam printed, or send its token as Authorization: Bearer",
            headers={"WWW-Authenticate": 'Bearer realm="jikcam"'},
        )

    def _host(self, request: web.Request) -> str:
        """The Host header; it must name this machine and the port that was connected to."""
        hosts = [host.lower() for host in request.headers.getall("Host", [])]
        if request.transport is None:
            raise ConnectionResetError
        address, port = request.transport.get_extra_info("sockname")[:2]
        ours = {host_port(name, port, request.secure) for name in self._names(plain_address(address))}
        if len(hosts) != 1 or hosts[0] not in ours:
            raise web.HTTPMisdirectedRequest(reason="the Host header does not name this machine and port")
        return hosts[0]

    def _names(self, address: str) -> tuple[str, ...]:
        loopback = LOOPBACK_HOSTS if is_loopback(address) else ()
        # A name of this machine is no proof of anything: whoever uses it needs a token.
        return (*loopback, address, *own_names()) if self._gate.access.lan else loopback


def _check_origin(request: web.Request) -> None:
    origins = request.headers.getall("Origin", [])
    if origins and origins != [f"{'https' if request.secure else 'http'}://{request[HOST]}"]:
        raise web.HTTPForbidden(reason="the Origin header is not that of this page")
    if request.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin"):
        return
    # A link from elsewhere may open a page; a foreign page may not embed anything.
    opens = request.headers.get("Sec-Fetch-Mode"), request.headers.get("Sec-Fetch-Dest", "document")
    if request.method not in ("GET", "HEAD") or opens != ("navigate", "document"):
        raise web.HTTPForbidden(reason="another web page may not use the control API")


async def _check_body(request: web.Request, endpoint: Endpoint | None) -> None:
    """Its type, its size and the time it takes; what passes is in memory, for ``request.read()``."""
    sent = request.headers.get("Content-Type")
    if endpoint is not None and request.method in ("POST", "PUT", "PATCH"):
        wanted = endpoint.body_type or "application/json"
        needed = bool(endpoint.body_type) or request.body_exists
        if (needed or sent is not None) and (sent is None or request.content_type != wanted):
            raise web.HTTPUnsupportedMediaType(reason=f"send the body as {wanted}")
    if not request.body_exists:
        return
    length = request.content_length or 0
    if length > MAX_BODY_BYTES:
        raise web.HTTPRequestEntityTooLarge(max_size=MAX_BODY_BYTES, actual_size=length)
    try:
        async with asyncio.timeout(BODY_S):
            await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout(reason=f"the body took longer than {BODY_S:g} s") from None
