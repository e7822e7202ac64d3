"""What a gallery holds, as the rest of jikcam sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import JikcamError
from engine.gallery.names import name_key
from engine.identity.member import Member


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """What a folder holds.

    Attributes:
        members: whoever can be recognised, in the order of their names.
        problems: one line each, naming what is left out and what to do about it.
    """

    members: tuple[Member, ...] = ()
    problems: tuple[str, ...] = ()

    def only(self, wanted: Sequence[str]) -> Gallery:
        """Those members whose name or group is wanted; all of them when nothing is."""
        if not wanted:
            return self
        keys = {name_key(w): w for w in wanted}
        members = tuple(m for m in self.members if {name_key(m.name), name_key(m.group)} & keys.keys())
        known = {name_key(word) for m in members for word in (m.name, m.group)}
        here = ", ".join(m.name for m in self.members) or "nobody"
        missing = (
            str(JikcamError(f"the gallery has no member or group {word!r}", f"it has: {here}"))
            for key, word in keys.items()
            if key not in known
        )
        return Gallery(members, (*self.problems, *missing))
