"""The sockets that the control server listens on."""

from __future__ import annotations

import errno
import socket
import ssl
import sys
from dataclasses import dataclass

from engine.control.access.addresses import ANY_HOSTS, LOOPBACK_HOSTS
from engine.errors import JikcamError


@dataclass(frozen=True, slots=True)
class Listener:
    """A bound socket.

    Attributes:
        tls: how it is encrypted; None = not at all.
    """

    socket: socket.socket
    tls: ssl.SSLContext | None = None

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])


def check_address(host: str, port: int, lan: bool, tls: bool) -> None:
    """Refuse what can't be served.

    Raises:
        JikcamError: another address than this machine's own without tokens, or no port number.
    """
    if not lan and host not in LOOPBACK_HOSTS:
        raise JikcamError(
            f"the control page is for this machine only and {host!r} is not one of "
            f"{', '.join(LOOPBACK_HOSTS)}",
            "add --lan, which lets other machines in with a token, or leave the host at 127.0.0.1",
        )
    if not 0 <= port <= (65534 if tls else 65535):
        raise JikcamError(
            f"port {port} does not exist" if port != 65535 else "there is no port after 65535 for https",
            "choose 1024 to 65534, or 0 for any free port",
        )


def open_listeners(host: str, port: int, lan: bool, tls: ssl.SSLContext | None) -> list[Listener]:
    """Programs of this machine always find plain HTTP on loopback at ``port``, first in the list.

    Args:
        host: with ``lan`` a loopback name means all addresses.
        tls: other machines are served encrypted only, at the port after ``port``: no program of this
            machine has to trust a certificate that nobody has signed.

    Raises:
        JikcamError: a port can't be had.
    """
    outside = "0.0.0.0" if lan and host in LOOPBACK_HOSTS else host
    everything = outside in ANY_HOSTS and tls is None
    first = outside if everything or not lan else "127.0.0.1"
    listeners = [Listener(_bind(first, port))]
    try:
        if tls is not None:
            listeners.append(Listener(_bind(outside, port and port + 1), tls))
        elif first != outside:
            listeners.append(Listener(_bind(outside, listeners[0].port)))
    except BaseException:
        for listener in listeners:
            listener.socket.close()
        raise
    return listeners


def _bind(host: str, port: int) -> socket.socket:
    host = "127.0.0.1" if host == "localhost" else host
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        # On Windows SO_REUSEADDR would let another program take over the port.
        if sys.platform == "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if host == "::":
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        if error.errno in (errno.EADDRNOTAVAIL, socket.EAI_NONAME):
            raise JikcamError(
                f"{host} is no address of this machine", "give one of its own, or 0.0.0.0 for all of them"
            ) from error
        reason = "taken by another program" if error.errno == errno.EADDRINUSE else error.strerror
        raise JikcamError(
            f"port {port} on {host} can't be used for the control page: {reason}",
            "choose another with --port, for example --port 8790, or --port 0 for any free one",
        ) from error
    return listener
