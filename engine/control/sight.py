"""Of the engine's state only what goes with the pictures that somebody may watch."""

from __future__ import annotations

from dataclasses import replace

from engine.control.access.grants import Grant
from engine.control.endpoint import Role
from engine.state import EngineState, PersonState, ViewState


def seen_by(grant: Grant, state: EngineState) -> EngineState:
    """The state for those with that grant.

    Directors get everything. Viewers get the Views that they may watch, without where else those go, and the
    people in their shots; nothing of the source and of who else is known. Cameras get no View and nobody.
    """
    if grant.role is Role.CONTROL:
        return state
    views = tuple(replace(view, sinks={}) for view in state.views if _may_watch(grant, view))
    people = tuple(person for person in state.people if any(_is_in(person, view) for view in views))
    names = {person.name for person in people}
    members = tuple(name for name in state.members if name in names)
    return replace(
        state,
        source="",
        source_status="",
        perception_status="",
        people=people,
        views=views,
        members=members,
    )


def _may_watch(grant: Grant, view: ViewState) -> bool:
    return grant.role is Role.VIEW and grant.scope in ("", view.name)


def _is_in(person: PersonState, view: ViewState) -> bool:
    return person.box.intersection(view.shot.box).area > 0 or person.id == view.person
