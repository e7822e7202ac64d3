"""One picture on: every track moved by the recorded motion, or by its velocity where there is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.people import MotionField
from engine.tracking import kalman
from engine.tracking.config import FilterConfig, TrackerConfig
from engine.tracking.flow import person_displacements
from engine.tracking.state import State

F64 = NDArray[np.float64]

#: A person not found any more is carried by the flow only this long: then it shows who stands there now.
FLOW_TRUST_S = 0.4
#: A velocity last corrected longer ago (perception stalls) is trusted no more than that of a hidden person.
VELOCITY_TRUST_S = 0.5
#: No box gets smaller than this, whatever its size velocity.
LEAST_SIZE_PX = 2.0
IDENTITY = np.eye(2, 3)


def predicted(state: State, field: MotionField | None, from_s: float, to_s: float, c: TrackerConfig) -> State:
    """``state`` of the picture at ``from_s`` carried to the picture at ``to_s``; the dead are dropped.

    Where the flow of a person is trusted it moves the box (a control input) and is fused as a measured
    velocity; elsewhere the box moves by its own velocity. Unseen people slow down and keep their size.
    Nobody is carried over a cut: who stands in the new scene has nothing to do with who stood in the old.
    """
    if field is not None and field.cut:
        return state.kept(np.zeros(len(state), bool))
    state = _without_dead(state, to_s, c)
    if not len(state):
        return state
    dt_s = to_s - from_s
    before = state.position
    boxes = state.boxes if field is not None else None
    if field is not None and not (field.background == IDENTITY).all():
        state = with_scene(state, field.background)
    position, velocity, scene = state.position, state.velocity, state.position
    covariance = kalman.predict_covariance(state.covariance, state.height, dt_s, c.filter)
    unseen = state.hidden | (from_s - state.seen_s > VELOCITY_TRUST_S)
    position, velocity = _coasted(position, velocity, unseen, dt_s, c.filter)
    if field is not None and boxes is not None:
        shift, trusted = person_displacements(field, boxes, state.confirmed & ~state.hidden)
        trusted &= ~state.hidden | (to_s - state.seen_s < FLOW_TRUST_S)
        if trusted.any():
            to_place = before[:, :2] + shift
            measured = (to_place - scene[:, :2]) / dt_s
            faster, surer = kalman.move_measured(
                velocity, covariance, state.covariance, measured, state.height, dt_s, c.filter
            )
            chosen = trusted[:, None]
            position[:, :2] = np.where(chosen, to_place, position[:, :2])
            velocity = np.where(chosen, faster, velocity)
            covariance = np.where(chosen[..., None], surer, covariance)
    return replace(
        state,
        position=position,
        velocity=velocity,
        covariance=covariance,
        carried=state.carried + position[:, :2] - before[:, :2],
    )


def _coasted(
    position: F64, velocity: F64, unseen: NDArray[np.bool_], dt_s: float, c: FilterConfig
) -> tuple[F64, F64]:
    """Boxes moved by their velocity; the unseen slow down and keep their size."""
    step_s = min(dt_s, c.longest_step_s)
    if not np.count_nonzero(unseen):
        position = position + velocity * step_s
    else:
        velocity = velocity.copy()
        velocity[unseen, 2:] = 0.0
        # Integral of a decaying velocity, so that two half steps equal a whole one.
        reach_s = np.where(unseen, c.hidden_decay_s * (1 - np.exp(-step_s / c.hidden_decay_s)), step_s)
        position = position + velocity * reach_s[:, None]
        velocity[unseen] *= np.exp(-dt_s / c.hidden_decay_s)
    position[:, 2:] = np.maximum(position[:, 2:], LEAST_SIZE_PX)
    return position, velocity


def _without_dead(state: State, now_s: float, c: TrackerConfig) -> State:
    # Only a search in vain is evidence: a perception that stalls must not kill anybody.
    longest_s = c.max_age_s if c.cost == "stage" else c.max_age_by_hand_s
    limit_s = np.where(state.confirmed, longest_s, c.tentative_s)
    dead = (state.searched_s - state.seen_s > limit_s) | (now_s - state.seen_s > c.stall_s)
    return state.kept(~dead) if np.count_nonzero(dead) else state


def with_scene(state: State, background: F64) -> State:
    """Everything remembered in pixels carried with the scene, when the camera moves.

    Args:
        state: of the picture before.
        background: (2, 3) affine motion of what is not people.
    """
    turn, shift = background[:, :2], background[:, 2]
    zoom = float(np.sqrt(abs(np.linalg.det(turn))))
    position, velocity = state.position.copy(), state.velocity.copy()
    position[:, :2] = position[:, :2] @ turn.T + shift
    position[:, 2:] *= zoom
    velocity[:, :2] = velocity[:, :2] @ turn.T
    return replace(
        state,
        position=position,
        velocity=velocity,
        seen_box=_carried(state.seen_box, turn, shift, zoom),
        past_box=_carried(state.past_box, turn, shift, zoom),
        clear_centre=state.clear_centre @ turn.T + shift,
        clear_velocity=state.clear_velocity @ turn.T,
    )


def _carried(boxes: F64, turn: F64, shift: F64, zoom: float) -> F64:
    """Upright boxes (..., 4) whose centres move with the scene."""
    middle = (boxes[..., :2] + boxes[..., 2:]) / 2 @ turn.T + shift
    half = (boxes[..., 2:] - boxes[..., :2]) / 2 * zoom
    return np.concatenate([middle - half, middle + half], axis=-1)
