"""How errors and headers leave: one line of JSON, and what browsers must keep to."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from engine.control.access.addresses import LOOPBACK_HOSTS
from engine.errors import JikcamError
from virtualcam.webrtc.messages import RefusedError

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 64 * 1024
#: When somebody who found all places taken may ask again.
RETRY_AFTER_S = 5
#: Host and port as the client wrote them, once they are known to be ours.
HOST = web.RequestKey("host", str)

#: OBS shows docks and browser sources as pages of their own, so nobody needs to frame anything.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
    "connect-src 'self'{sockets}; base-uri 'none'; form-action {form}; frame-ancestors 'none'"
)
_HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), usb=(), serial=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_KEPT = ("Allow", "Retry-After", "WWW-Authenticate")


def policy(request: web.BaseRequest, form: str = "'none'") -> str:
    """The Content-Security-Policy of an answer.

    Args:
        form: where the page's forms may go.
    """
    host = request.get(HOST)
    # Older browsers do not take 'self' for WebSockets.
    sockets = f" {'wss' if request.secure else 'ws'}://{host}" if host else ""
    return _POLICY.format(sockets=sockets, form=form)


async def add_security_headers(request: web.BaseRequest, response: web.StreamResponse) -> None:
    """Signal handler for ``on_response_prepare``: headers of every response."""
    response.headers.update(_HEADERS)
    if request.secure or urlsplit(f"//{request.get(HOST, '')}").hostname in LOOPBACK_HOSTS:
        # Browsers complain of it anywhere else.
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers.setdefault("Content-Security-Policy", policy(request))
    response.headers.setdefault("Cache-Control", "no-store")


def json_error(status: int, message: str) -> web.Response:
    """``{"error": message}`` in one line."""
    return web.json_response({"error": " ".join(message.split())}, status=status)


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every failure becomes one line of JSON; what went wrong inside goes to the log only."""
    try:
        return await handler(request)
    except JikcamError as error:
        return json_error(400, str(error))
    except RefusedError as error:
        answer = json_error(error.status, error.reason)
        if error.status == 503:
            answer.headers["Retry-After"] = str(RETRY_AFTER_S)
        return answer
    except web.HTTPException as error:
        answer = json_error(error.status, _explained(error))
        answer.headers.update({name: error.headers[name] for name in _KEPT if name in error.headers})
        return answer
    except ConnectionError:
        raise  # the client went away; nobody is left to be answered
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        return json_error(500, "internal error; the log of jikcam says more")


def _explained(error: web.HTTPException) -> str:
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return f"the body is larger than {MAX_BODY_BYTES} bytes"
    return error.text if error.reason is None else error.reason
