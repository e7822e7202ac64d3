"""JPEG pictures as one endless HTTP answer: multipart/x-mixed-replace, as browsers, OBS and VLC read it."""

from __future__ import annotations

from virtualcam.mjpeg import Jpeg

BOUNDARY = "jikcam-picture"
CONTENT_TYPE = f"multipart/x-mixed-replace; boundary={BOUNDARY}"

#: Sent once, before the first part.
PREAMBLE = f"--{BOUNDARY}\r\n".encode()


def part(jpeg: Jpeg) -> bytes:
    """One picture with its headers, and the boundary that ends it.

    Browsers show a picture when they see the boundary behind it, not when Content-Length is reached:
    sent with the next picture, the boundary would delay every picture by one.
    """
    head = (
        "Content-Type: image/jpeg\r\n"
        f"Content-Length: {len(jpeg.data)}\r\n"
        f"X-Time-S: {jpeg.time_s:.6f}\r\n"
        f"X-Frame-Index: {jpeg.index}\r\n\r\n"
    )
    return b"".join((head.encode(), jpeg.data, b"\r\n", PREAMBLE))
