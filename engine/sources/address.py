"""Addresses of sources as everybody may see them: viewers are told the source's name too."""

from __future__ import annotations

from virtualcam.webrtc.publish.address import shown


def shown_source(url: str) -> str:
    """Without user, password and query, where cameras have their keys; files as they are."""
    if "://" not in url or url.startswith("file://"):
        return url
    return shown(url)
