"""The control API: HTTP and WebSocket on loopback, and the small page it serves."""
