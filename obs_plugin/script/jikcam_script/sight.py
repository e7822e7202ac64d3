"""What the script knows of the engine, out of ``GET /api/state``."""

from __future__ import annotations

from typing import Any, NamedTuple

from .errors import one_line

#: Below this a person's name is a guess.
SURE = 0.8


class Person(NamedTuple):
    """Somebody whom the engine sees."""

    number: int
    called: str


class Sight(NamedTuple):
    """What was seen at the last look.

    Attributes:
        status: for the user, one to three lines.
        up: the engine answered.
        views: names of its Views.
        people: the engine's numbers and names of those it sees, from the left.
    """

    status: str = "not asked yet"
    up: bool = False
    views: tuple[str, ...] = ()
    people: tuple[Person, ...] = ()


def read_state(state: Any, view: str) -> tuple[str, tuple[str, ...], tuple[Person, ...]]:
    """A line about ``view`` ("" = the first), the Views and the people.

    Raises:
        KeyError, TypeError, IndexError, ValueError: this is not the state of an engine.
    """
    views = {str(v["name"]): v for v in state["views"]}
    across = sorted(state["people"], key=lambda p: float(p["box"][0]) + float(p["box"][2]) / 2)
    name = view or next(iter(views), "")
    if name in views:
        line = "{}: {}".format(name, _doing(views[name], state.get("obs")))
    else:
        line = "there is no View '{}'; choose one of: {}".format(name, ", ".join(views))
    return one_line(line), tuple(views), tuple(_person(p) for p in across)


def _person(person: dict[str, Any]) -> Person:
    number, sure = int(person["id"]), person.get("sure")
    doubt = "" if sure is None or float(sure) >= SURE else "?"
    return Person(number, one_line("{}{}".format(person.get("name") or f"person {number}", doubt)))


def _doing(view: dict[str, Any], obs: dict[str, Any] | None) -> str:
    person = (
        "nobody is chosen" if view["person"] is None else view["label"] or "person {}".format(view["person"])
    )
    lock = str(view["lock"])
    parts = [str(person), lock if view["person"] is not None else ""]
    parts.append(str(view.get("reason") or "") if lock not in ("held", "nobody") else "")
    mode = view.get("mode", "follow")
    parts.append("" if mode == "follow" else f"camera: {mode}")
    parts.append("OBS's scenes by hand" if obs and obs.get("scenes") == "manual" else "")
    return ", ".join(part for part in parts if part)
