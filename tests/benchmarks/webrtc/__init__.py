"""WebRTC out, measured in a real browser: ours beside aiortc's default of one encoder per viewer."""
