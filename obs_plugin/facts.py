"""What the rules and the label go by, out of the engine's state JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from obs_plugin.errors import ObsError

#: Trouble while there is no state at all and nobody said why.
ENGINE_AWAY = "the engine is away"

#: No director delays for longer; what is told beyond is no delay of a live picture.
MOST_DELAY_S = 10.0


@dataclass(frozen=True, slots=True)
class ViewFacts:
    """One View.

    Attributes:
        lock: "held", "occluded", "unsure", "lost", "found" (again, but not made sure of yet) or "nobody".
        person: id of the chosen person, who stays chosen while lost; None when nobody is.
        label: the person's name, with a question mark while unsure or found; empty when nobody is chosen.
        sure: that this is still the chosen person, 0 to 1.
        mode: who moves the camera: "follow", "hold" or "wide".
        reason: why the lock stands so, in a few words; may be empty.
        delay_s: how much later than the camera's newest picture the View's is, on purpose.
    """

    name: str
    lock: str
    person: int | None
    label: str
    sure: float
    mode: str
    reason: str = ""
    delay_s: float = 0.0

    @property
    def unsure(self) -> bool:
        """Somebody is seen, but whether it is the person is not made sure of."""
        return self.lock in ("unsure", "found")


@dataclass(frozen=True, slots=True)
class Facts:
    """The engine at one moment.

    Attributes:
        views: in the preset's order; none while the engine is away.
        trouble: what keeps the pictures away, in one line; empty when all is well.
        preset_revision: another number means another preset.
        release: counts how often the user gave the scenes back to the rules.
    """

    views: tuple[ViewFacts, ...]
    trouble: str
    preset_revision: int
    release: int

    def view(self, name: str) -> ViewFacts | None:
        """The View of that name."""
        return next((view for view in self.views if view.name == name), None)


def facts_of(state: Mapping[str, Any] | None, before: Facts | None = None, away: str = ENGINE_AWAY) -> Facts:
    """The facts in what ``GET /api/state`` answers, or in the ``state`` of an event message.

    Unknown keys are left alone; what an older engine does not tell has a harmless value.

    Args:
        state: None when the engine does not answer.
        before: the last facts; counters stay as they were while nothing is told of them, so that an engine
            that comes back does not look like a new preset or a release.
        away: why there is no state, in one line.

    Raises:
        ObsError: this is no state of the engine.
    """
    revision, release = (before.preset_revision, before.release) if before else (0, 0)
    if state is None:
        return Facts((), " ".join(away.split()) or ENGINE_AWAY, revision, release)
    if not isinstance(state, Mapping) or not isinstance(views := state.get("views"), list):
        raise _malformed("there are no views in it")
    status = state.get("source_status") or ""
    if not isinstance(status, str):
        raise _malformed(f"its source_status is {status!r}")
    obs = state.get("obs")
    return Facts(
        views=tuple(_view(view) for view in views),
        trouble="" if status == "ok" else " ".join(status.split()),
        preset_revision=_count(state.get("preset_revision"), "preset_revision", revision),
        release=_count(obs.get("release") if isinstance(obs, Mapping) else None, "release", release),
    )


def _view(view: object) -> ViewFacts:
    if not isinstance(view, Mapping):
        raise _malformed(f"one of its views is {view!r}")
    name, lock, person = view.get("name"), view.get("lock"), view.get("person")
    if not isinstance(name, str) or not isinstance(lock, str):
        raise _malformed(f"a view is named {name!r} and its lock is {lock!r}")
    if person is not None and (isinstance(person, bool) or not isinstance(person, int)):
        raise _malformed(f"the person of view {name!r} is {person!r}")
    label, sure, mode = view.get("label") or "", view.get("sure"), view.get("mode")
    is_share = isinstance(sure, int | float) and math.isfinite(sure)
    delay_s = view.get("delay_s")
    is_delay = isinstance(delay_s, int | float) and 0 <= delay_s <= MOST_DELAY_S
    return ViewFacts(
        name=name,
        lock=lock,
        person=person,
        label=" ".join(str(label).split()),
        sure=min(max(float(sure), 0.0), 1.0) if is_share and sure is not None else 0.0,
        mode=mode if isinstance(mode, str) else "follow",
        reason=" ".join(str(view.get("reason") or "").split()),
        delay_s=float(delay_s) if is_delay and delay_s is not None else 0.0,
    )


def _count(value: object, key: str, absent: int) -> int:
    if value is None:
        return absent
    if isinstance(value, bool) or not isinstance(value, int):
        raise _malformed(f"its {key} is {value!r}")
    return value


def _malformed(problem: str) -> ObsError:
    return ObsError(
        f"the engine tells a state that can't be read: {problem}", "start engine and OBS controller alike"
    )
