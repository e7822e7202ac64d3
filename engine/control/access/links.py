"""The addresses to hand out: of the control room, of Views, of cameras; with a token where one is needed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from engine.control.access.grants import Access, Grant
from engine.control.endpoint import Role


@dataclass(frozen=True, slots=True)
class Link:
    """One address.

    Attributes:
        kind: "control", "dock", "view", "overlay" or "camera".
        name: of the View or camera; "" = every View, or none.
        url: with the token, so as secret as what it opens.
    """

    kind: str
    name: str
    url: str


def first_page(grant: Grant, views: Iterable[str]) -> str:
    """Where somebody with ``grant`` begins."""
    if grant.role is Role.CONTROL:
        return "/"
    if grant.role is Role.PUSH:
        return f"/camera/{quote(grant.scope, safe='')}"
    return f"/watch/{quote(grant.scope or next(iter(views), ''), safe='')}"


def links(access: Access, origin: str, views: Iterable[str], cameras: Iterable[str]) -> tuple[Link, ...]:
    """All addresses at ``origin``, such as ``http://192.168.1.5:8787``."""

    def link(kind: str, name: str, grant: Grant, page: str = "") -> Link:
        first = first_page(grant, views)
        if not access.lan:
            return Link(kind, name, origin + (page or first))
        asked = {"t": access.token(grant), **({"to": page} if page and page != first else {})}
        return Link(kind, name, f"{origin}/login?{urlencode(asked)}")

    views = tuple(views)
    control = Grant(Role.CONTROL)
    found = [link("control", "", control), link("dock", "", control, "/dock")]
    if len(views) > 1:
        found.append(link("view", "", Grant(Role.VIEW)))
    for view in views:
        seen = Grant(Role.VIEW, view)
        found.append(link("view", view, seen))
        found.append(link("overlay", view, seen, f"/overlay?{urlencode({'view': view})}"))
    found += [link("camera", camera, Grant(Role.PUSH, camera)) for camera in cameras]
    return tuple(found)
