"""The control API: HTTP and WebSocket, who may use it, and the pages it serves."""

from engine.control.server import ControlServer

__all__ = ["ControlServer"]
