"""What must be true of all the Views of a preset together."""

from __future__ import annotations

from collections.abc import Sequence

from engine.presets.view import ViewPreset


def check_together(views: Sequence[ViewPreset], spoken_of: Sequence[str]) -> None:
    """Names differ, Views that are named exist, and no View shows itself.

    Args:
        spoken_of: names of Views in [obs].

    Raises:
        ValueError: "problem; fix".
    """
    names = [view.name for view in views]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"two views are named {twice[0]!r}; give each its own name")
    # A View of its own for each member has their names in its own, which are known at the start only.
    begun = tuple(f"{view.name}-" for view in views if view.each)
    for name in spoken_of:
        if name not in names and not name.startswith(begun):
            raise ValueError(f"[obs] speaks of view {name!r}; the views are: {', '.join(names)}")
    by_name = {view.name: view for view in views}
    for view in views:
        for other in view.others:
            if other not in names and not other.startswith(begun):
                raise ValueError(
                    f"view {view.name!r} shows view {other!r}; the views are: {', '.join(names)}"
                )
        for other in view.others if not view.grid else ():
            if other in by_name and (by_name[other].others or by_name[other].each):
                raise ValueError(f"view {view.name!r} shows {other!r}, which follows no one person; use grid")
        if view.name in _shown_in(view, by_name):
            raise ValueError(f"view {view.name!r} shows itself; take it out of its own picture")


def _shown_in(view: ViewPreset, by_name: dict[str, ViewPreset]) -> set[str]:
    """Names of all Views whose picture is somewhere in that of ``view``."""
    found: set[str] = set()
    ahead = [*view.others]
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead += by_name[name].others if name in by_name else ()
    return found
