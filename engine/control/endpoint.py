"""One way into the control API: what it takes, who may use it, what it does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import IntEnum

from aiohttp import web
from pydantic import BaseModel

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Role(IntEnum):
    """Who somebody is; a higher one may do all that a lower one may.

    Attributes:
        OPEN: anybody who reaches the port.
        VIEW: may watch (a token may be for one View only).
        PUSH: may be a camera (a token is for one camera only); counts as VIEW for pages.
        CONTROL: may do everything.
    """

    OPEN = 0
    VIEW = 1
    PUSH = 2
    CONTROL = 3


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method on one path.

    Attributes:
        path: as aiohttp's router takes it, e.g. ``/whep/{view}``.
        summary: one line for the OpenAPI document.
        body: model of the JSON body; None = none, or another ``body_type``.
        body_type: content type that a POST, PUT or PATCH must have; "" = it has no body.
        answers: status code -> content type of the answers that are no errors.
        scope: name of the path's part that a token for one View (or camera) must equal; "" = none.
        socket: it becomes a WebSocket.
        shown: stands in the OpenAPI document.
        answer: model of the JSON answer, for the document.
        query: model of the query, for the document.
        errors: status codes that it may answer besides those that its role and body bring with them.
    """

    method: str
    path: str
    handler: Handler
    role: Role
    summary: str
    body: type[BaseModel] | None = None
    body_type: str = ""
    answers: tuple[tuple[int, str], ...] = ((200, "application/json"),)
    scope: str = ""
    socket: bool = False
    shown: bool = True
    answer: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    errors: tuple[int, ...] = ()
