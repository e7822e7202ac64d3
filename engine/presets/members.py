"""``each = "member"``: one View of the preset becomes one for everybody who takes part."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from engine.errors import JikcamError
from engine.presets.load import check_preset
from engine.presets.models import Preset
from engine.presets.target import MAX_NAME
from engine.presets.view import MOST_VIEWS, ViewPreset

#: Letters of a View's name.
_LONGEST = 40
#: What may not stand in the name of a file or folder somewhere.
_NO_FILE = re.compile(r'[<>:"/\\|?*\x00-\x1f]')


def with_members(preset: Preset, names: Sequence[str]) -> Preset:
    """The preset with a View for each member in the place of every View that has ``each``.

    Such a View follows its member and is named ``NAME-MEMBER``, or ``NAME-N`` where the member's name has no
    letter that a View's name may have. In the sinks ``{name}`` becomes the member's name and ``{n}`` their
    number, from 1. Where a grid names the one View, it gets all of them.

    Args:
        names: of everybody enrolled who takes part, in their order; with nobody it is the ``people`` of
            [identity], by their place from the left.

    Raises:
        JikcamError: nobody is enrolled and their number is not known either, or there are too many.
    """
    if not any(view.each for view in preset.view):
        return preset
    wanted = [(f"name:{name}", name) for name in names]
    people = preset.identity.people
    wanted = wanted or [(f"index:{n}/{people}", str(n)) for n in range(1, people + 1)]
    if not wanted:
        raise JikcamError(
            'each = "member" finds nobody enrolled',
            "enrol them with: jikcam enroll; or write how many there are: [identity] people = 9",
        )
    data: dict[str, Any] = preset.model_dump(exclude_none=True)
    named: dict[str, list[str]] = {}
    taken = {view.name for view in preset.view}
    views: list[dict[str, Any]] = []
    for view, table in zip(preset.view, data["view"], strict=True):
        made = list(_made(view, table, wanted, taken)) if view.each else [table]
        named[view.name] = [one["name"] for one in made]
        views += made
    if len(views) > MOST_VIEWS:
        raise JikcamError(
            f"a View for each of {len(wanted)} people makes {len(views)} Views, more than {MOST_VIEWS}",
            "name fewer in [identity] members",
        )
    for table in views:
        table["grid"] = [name for old in table["grid"] for name in named.get(old, [old])]
    return check_preset({**data, "view": views}, "the preset with a View for each member")


def _made(
    view: ViewPreset, table: dict[str, Any], wanted: Sequence[tuple[str, str]], taken: set[str]
) -> Iterator[dict[str, Any]]:
    for n, (target, member) in enumerate(wanted, 1):
        name = _view_name(view.name, member, n, taken)
        taken.add(name)
        sinks = [
            {
                key: _filled(key, value, member, n) if key in ("path", "device", "url") else value
                for key, value in sink.items()
            }
            for sink in table["sink"]
        ]
        own = {key: value for key, value in table.items() if key != "each"}
        yield {**own, "name": name, "target": target, "sink": sinks}


def _view_name(name: str, member: str, n: int, taken: set[str]) -> str:
    """A name that no other View has."""
    plain = re.sub("[^A-Za-z0-9_]+", "-", member).strip("-")
    for tail in filter(None, (plain, str(n), f"{n}-{plain}")):
        made = f"{name[: _LONGEST - 1 - min(len(tail), 20)]}-{tail[:20]}"
        if made not in taken:
            return made
    return f"{name[:30]}-member-{n}"


def _filled(key: str, text: str, member: str, n: int) -> str:
    safe = quote(member, safe="") if key == "url" else _NO_FILE.sub("-", member)[:MAX_NAME]
    return text.replace("{name}", safe).replace("{n}", str(n))
