"""The engine's state as JSON: same names as the dataclasses, floats rounded, boxes as x, y, width, height."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from engine.control.board import ObsState
from engine.control.cameras import UNKNOWN, CameraWords
from engine.geometry import Box
from engine.state import EngineState, PersonState, ViewState

#: Decimal places: a tenth of a pixel for boxes; the shot moves in smaller steps than that.
BOX_PLACES, SHOT_PLACES, SHARE_PLACES, TIME_PLACES = 1, 2, 3, 3


def number(value: float, places: int) -> float | None:
    """``value`` rounded; None for NaN and infinity, which JSON does not know."""
    return round(float(value), places) if math.isfinite(value) else None


def xywh(box: Box, places: int) -> list[float | None]:
    """Left, top, width, height in source pixels."""
    return [number(v, places) for v in box.xywh]


def state_json(
    state: EngineState, obs: ObsState | None, cameras: Mapping[str, CameraWords] = MappingProxyType({})
) -> dict[str, Any]:
    """The engine's state for clients.

    Args:
        obs: what the OBS controller told.
        cameras: what the running preset says of the Views' cameras.
    """
    return {
        "time_s": number(state.time_s, TIME_PLACES),
        "frame_index": state.frame_index,
        "source": state.source,
        "source_size": [state.source_size.width, state.source_size.height],
        "source_status": state.source_status,
        "perception_status": state.perception_status,
        "people": [person_json(p) for p in state.people],
        "views": [_view(v, cameras.get(v.name, UNKNOWN)) for v in state.views],
        "members": list(state.members),
        "preset_revision": state.preset_revision,
        "obs": None if obs is None else asdict(obs),
    }


def person_json(person: PersonState) -> dict[str, Any]:
    """Somebody in the wide picture."""
    return {
        "id": person.id,
        "box": xywh(person.box, BOX_PLACES),
        "track": person.track,
        "name": person.name,
        "sure": number(person.sure, SHARE_PLACES),
        "reason": person.reason,
        "seen_s_ago": number(person.seen_s_ago, TIME_PLACES),
    }


def joints_json(person: PersonState) -> list[list[float | None] | None] | None:
    """Their key points in the order of ``engine.people.Joint``, null for those that are not to be seen.

    None while nobody knows them.
    """
    known = person.skeleton
    if known is None:
        return None
    places = zip(known.xy.tolist(), known.visible.tolist(), strict=True)
    return [[number(v, BOX_PLACES) for v in xy] if seen else None for xy, seen in places]


def _view(view: ViewState, camera: CameraWords) -> dict[str, Any]:
    return {
        "name": view.name,
        "size": [view.size.width, view.size.height],
        "lock": view.lock.value,
        "lock_for_s": number(view.lock_for_s, TIME_PLACES),
        "reason": view.reason,
        "person": view.person,
        "label": view.label,
        "sure": number(view.sure, SHARE_PLACES),
        "shot": xywh(view.shot.box, SHOT_PLACES),
        "sinks": dict(view.sinks),
        "mode": view.mode.value,
        "previewed": view.previewed,
        "guarded": view.guarded,
        "delay_s": number(view.delay_s, TIME_PLACES),
        "operator": camera.operator,
        "feel": camera.feel,
        "choice": camera.choice,
    }
