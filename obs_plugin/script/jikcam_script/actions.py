"""What the script can ask of the engine: one action per hotkey, with the requests that do it.

Standard library only, Python 3.8 and newer: this runs in the Python that OBS brings or was given.
"""

from __future__ import annotations

from typing import Any, NamedTuple

#: How many people have a hotkey of their own: enrolled ones in their order, else counted from the left.
MEMBERS = 9
SHOTS = ("face", "upper", "full")


class Call(NamedTuple):
    """One POST; the View that the user chose is added to the body unless the call is about no View."""

    path: str
    body: dict[str, Any]
    names_view: bool = True


class Action(NamedTuple):
    """What one hotkey does.

    Attributes:
        name: of the hotkey in OBS; never changes, because key bindings and Stream Decks refer to it.
        title: for people; OBS's list of hotkeys shows it after "jikcam: ".
        calls: sent one after another; the first that fails ends it.
    """

    name: str
    title: str
    calls: tuple[Call, ...]


def choose(kind: str, **more: int) -> tuple[Call, ...]:
    """Another person, by a kind of ``POST /api/target``."""
    return (Call("/api/target", dict(more, kind=kind)),)


def camera(mode: str) -> tuple[Call, ...]:
    """Who moves the camera: follow, hold or wide."""
    return (Call("/api/camera", {"mode": mode}),)


def shot(size: str) -> tuple[Call, ...]:
    """How much of the person is shown."""
    return (Call("/api/view", {"changes": {"shot": size}}),)


def person(number: int) -> Action:
    """Choose a person by the number that the engine gave them."""
    return Action("", f"person {number}", choose("person", number=number))


#: The camera follows again, and the rules switch OBS's scenes again.
RELEASE = (*camera("follow"), Call("/api/obs", {"scenes": "auto"}, names_view=False))

ACTIONS: tuple[Action, ...] = (
    Action("jikcam.next", "next person", choose("next")),
    Action("jikcam.previous", "previous person", choose("previous")),
    *(
        Action(
            f"jikcam.member{n}", f"member {n} (nobody named: {n} from the left)", choose("member", number=n)
        )
        for n in range(1, MEMBERS + 1)
    ),
    Action("jikcam.wide", "wide picture", camera("wide")),
    Action("jikcam.hold", "hold the camera still", camera("hold")),
    Action("jikcam.release", "release: follow again", RELEASE),
    *(Action("jikcam.shot_" + size, "shot: " + size, shot(size)) for size in SHOTS),
)
