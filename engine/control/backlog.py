"""Keeps what waits on the way to a slow client small, so that what it gets is fresh."""

from __future__ import annotations

import asyncio
import socket

from aiohttp import web


def keep_backlog_small(request: web.Request, send_buffer_bytes: int) -> None:
    """Make ``await request.writer.drain()`` wait until the operating system has taken everything.

    The send buffer of a loopback socket grows to megabytes by itself, which is seconds of old pictures
    for a slow viewer; a fixed size stops that. Small parts leave at once (no Nagle, RFC 9293 3.7.4).
    """
    if request.transport is None:
        return
    connection = request.transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer_bytes)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if isinstance(request.transport, asyncio.WriteTransport):
        request.transport.set_write_buffer_limits(high=0)


def cut_off(request: web.Request) -> None:
    """End the connection now; an orderly close would first wait for the client to take what waits."""
    if request.transport is not None:
        request.transport.abort()
