"""The control API: HTTP and WebSocket on loopback, and the small page it serves."""

from engine.control.server import ControlServer

__all__ = ["ControlServer"]
