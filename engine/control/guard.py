"""Who may talk to the control API: this machine's programs and our own page, no foreign web page.

A web page from anywhere can make the user's browser send requests to loopback. Against that: the Host
header (DNS rebinding), the Origin header (cross-site requests and WebSockets, RFC 6455 section 10.2), the
Fetch Metadata headers (foreign ``<img>`` on a stream) and a JSON content type (plain HTML forms).
"""

from __future__ import annotations

import logging

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from engine.errors import JikcamError

log = logging.getLogger(__name__)

#: Names that mean this machine; the first is the default.
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")
MAX_BODY_BYTES = 64 * 1024

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def check_host(host: str) -> None:
    """Refuse to serve anything but this machine.

    Raises:
        JikcamError: not a loopback name.
    """
    if host not in LOOPBACK_HOSTS:
        raise JikcamError(
            f"the control page is for this machine only and {host!r} is not one of "
            f"{', '.join(LOOPBACK_HOSTS)}",
            "leave the host at 127.0.0.1; use from other machines comes in a later version, with a token",
        )


def host_port(host: str, port: int) -> str:
    """As in a URL: IPv6 addresses in brackets (RFC 3986), the default port 80 left out."""
    name = f"[{host}]" if ":" in host else host
    return name if port == 80 else f"{name}:{port}"


def json_error(status: int, message: str) -> web.Response:
    """``{"error": message}`` in one line."""
    return web.json_response({"error": " ".join(message.split())}, status=status)


async def add_security_headers(_request: web.BaseRequest, response: web.StreamResponse) -> None:
    """Signal handler for ``on_response_prepare``: headers of every response."""
    response.headers.update(SECURITY_HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every failure becomes one line of JSON; what went wrong inside goes to the log only."""
    try:
        return await handler(request)
    except JikcamError as error:
        return json_error(400, str(error))
    except web.HTTPException as error:
        answer = json_error(error.status, _explained(error))
        if allow := error.headers.get("Allow"):
            answer.headers["Allow"] = allow
        return answer
    except ConnectionError:
        raise  # the client went away; nobody is left to be answered
    except Exception:
        log.exception("%s %s failed", request.method, request.raw_path)
        return json_error(500, "internal error; the log of jikcam says more")


def _explained(error: web.HTTPException) -> str:
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return f"the body is larger than {MAX_BODY_BYTES} bytes"
    return error.text if error.reason is None else error.reason


def same_machine_only(port: int) -> Middleware:
    """Middleware that refuses foreign hosts and origins with 403, and other bodies than JSON with 415."""
    allowed = {host_port(name, port) for name in LOOPBACK_HOSTS}

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        hosts = request.headers.getall("Host", [])
        if len(hosts) != 1 or hosts[0].lower() not in allowed:
            raise web.HTTPForbidden(reason="the Host header does not name this machine and port")
        asks_only = request.method in ("GET", "HEAD") and "Upgrade" not in request.headers
        origins = request.headers.getall("Origin", [])
        if origins and not asks_only and origins != [f"http://{hosts[0].lower()}"]:
            raise web.HTTPForbidden(reason="the Origin header is not that of this page")
        # A link from elsewhere may open the page or a stream; a foreign page may not embed them.
        foreign = request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin")
        if foreign and request.headers.get("Sec-Fetch-Mode") != "navigate":
            raise web.HTTPForbidden(reason="another web page may not use the control API")
        if request.method == "POST" and request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType(reason="send the body as application/json")
        return await handler(request)

    return guard
