"""Choreographies: every one puts a name on what is hard about following somebody."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from engine.errors import JikcamError
from engine.geometry import Size
from engine.sources.frame import Image
from engine.sources.stage.ball import bouncing_beside
from engine.sources.stage.body import Arm, Pose
from engine.sources.stage.costume import Costume
from engine.sources.stage.meetings import cross, feint, huddle, turncross
from engine.sources.stage.moves import bump, fidgeting, groove, smooth, walking, wave
from engine.sources.stage.place import MIDDLE, Place, line_up
from engine.sources.stage.routine import approach, routine
from engine.sources.stage.scene import Act, Curtain, Performer, Scene
from engine.sources.stage.wardrobe import twins, wardrobe

MOST_PEOPLE = 24
#: Whoever has the ball stands left of the usual place, so that the ball is in the picture too, and wanders.
BALL_LEFT_PX, BALL_WANDER_PX = -300.0, 220.0
FULL_HD = Size(1920, 1080)


def still(place: Place) -> Act:
    """Nobody moves at all."""
    return lambda t: place.home


def sway(place: Place) -> Act:
    """60 px to either side, 1.2 times a second."""

    def act(t: float) -> Pose:
        return replace(groove(place.home, t, place.phase, 0.6), x=place.x + 60 * wave(t, 1.2, place.phase))

    return act


def armswide(place: Place) -> Act:
    """Arms fly out and up in a quarter of a second: both, then left, then right."""

    def act(t: float) -> Pose:
        u = (t + 0.12 * place.k) % 6.0
        both, both_up = bump(u, 1.0, 2.5, 0.25), bump(u, 4.9, 5.8, 0.25)
        left, right = bump(u, 2.9, 3.9, 0.25), bump(u, 3.9, 4.9, 0.25)
        return replace(
            place.home,
            left=Arm(0.16 + 1.4 * both + 2.6 * (left + both_up), -0.08),
            right=Arm(0.16 + 1.4 * both + 2.6 * (right + both_up), -0.08),
            crouch=0.1 * both,
        )

    return act


def dash(place: Place) -> Act:
    """The first performer dashes 700 px in 0.9 s in front of the others, and back 1.1 s later."""
    if place.k:
        return lambda t: groove(place.home, t, place.phase, 0.7)

    def act(t: float) -> Pose:
        lap = math.floor(max(t, 0.0) / 2.0)
        u = t - lap * 2.0
        there = smooth(u, 1.1, 0.9)
        share = 1 - there if lap % 2 else there
        direction = -1.0 if lap % 2 else 1.0
        return walking(Pose(610 + 700 * share, 0.8), t * 1.6, bump(u, 1.05, 2.0, 0.3), direction)

    return act


def leave(place: Place) -> Act:
    """The first performer walks off to the left, is away for some 5 s and returns; every 13 s."""
    if place.k:
        return lambda t: groove(place.home, t, place.phase, 0.7)

    def act(t: float) -> Pose:
        u = t % 13.0
        away = smooth(u, 3.0, 2.2) - smooth(u, 9.0, 2.2)
        x = place.x + (-260 - place.x) * away
        walk = bump(u, 3.0, 5.2, 0.3) + bump(u, 9.0, 11.2, 0.3)
        return walking(Pose(x, place.depth), t, walk, -1.0 if u < 7 else 1.0)

    return act


def relay(place: Place) -> Act:
    """The first performer leaves, the second, new on the stage, takes their place; then the first returns."""
    if place.k > 1:
        return lambda t: groove(place.home, t, place.phase, 0.7)
    first_x, _ = line_up(0, place.people)
    first = place.k == 0

    def act(t: float) -> Pose:
        u = t % 24.0
        if first:
            x = place.x + (-260 - place.x) * (smooth(u, 3.0, 2.2) - smooth(u, 15.0, 2.2))
            walk, right = bump(u, 3.0, 5.2, 0.3) + bump(u, 15.0, 17.2, 0.3), u > 9
        else:
            x = -260 + (first_x + 260) * smooth(u, 7.0, 2.2) + (place.x - first_x) * smooth(u, 11.0, 1.8)
            x += (-260 - place.x) * smooth(u, 20.0, 2.6)
            walk, right = bump(u, 7.0, 12.8, 0.3) + bump(u, 20.0, 22.6, 0.3), u < 16
        return walking(Pose(x, place.depth), t, walk, 1.0 if right else -1.0)

    return act


def turn(place: Place) -> Act:
    """One after the other shows the back for 2 s and turns on."""
    sense = -1.0 if place.k % 2 else 1.0

    def act(t: float) -> Pose:
        u = (t + 6.0 - 0.7 * (place.k % 8)) % 6.0
        yaw = math.pi * (smooth(u, 1.5, 0.8) + smooth(u, 4.3, 0.8))
        return replace(groove(place.home, t, place.phase, 0.4), yaw=sense * yaw)

    return act


def fidget(place: Place) -> Act:
    """Nobody keeps still: quick small movements that never repeat exactly."""
    return lambda t: fidgeting(place.home, t, (place.seed, place.k))


def crowd(place: Place) -> Act:
    """A bit of everything at once, and everybody wanders."""
    part = (cross, sway, fidget, cross, armswide, turn)[place.k % 6]
    if part is cross:
        part = sway if place.people < 3 else _wander
    act = part(place)

    def wandering(t: float) -> Pose:
        pose = act(t)
        return replace(pose, x=pose.x + 70 * wave(t, 0.13, place.phase))

    return wandering


def _wander(place: Place) -> Act:
    """Back and forth through the whole line, now in front, now behind."""

    def act(t: float) -> Pose:
        hz = 0.055
        turns = hz * t + place.phase
        x, depth = MIDDLE + 640 * math.sin(math.tau * turns), 0.5 + 0.42 * math.cos(math.tau * turns)
        speed = math.cos(math.tau * turns)
        walk = min(abs(speed) * 1.2, 1.0) * 0.8
        return walking(groove(Pose(x, depth), t, place.phase, 0.4), t, walk, math.copysign(1.0, speed))

    return act


def curtained(place: Place) -> Act:
    """Stands still for the curtain; the others dance."""
    return still(place) if place.k == 0 else lambda t: groove(place.home, t, place.phase, 0.7)


def with_ball(place: Place) -> Act:
    """The first performer wanders slowly about, 2 m to the left of a bouncing ball; the others dance."""
    if place.k:
        return lambda t: groove(place.home, t, place.phase, 0.7)
    return lambda t: replace(groove(place.home, t, place.phase, 0.5), x=_beside_ball_x(place, t))


def _beside_ball_x(place: Place, t: float) -> float:
    return place.x + BALL_LEFT_PX + BALL_WANDER_PX * wave(t, 0.1, 0.0)


CHOREOGRAPHIES: dict[str, Callable[[Place], Act]] = {
    "still": still,
    "sway": sway,
    "cross": cross,
    "turncross": turncross,
    "feint": feint,
    "huddle": huddle,
    "armswide": armswide,
    "dash": dash,
    "leave": leave,
    "relay": relay,
    "turn": turn,
    "dropout": curtained,
    "twins": cross,
    "crowd": crowd,
    "fidget": fidget,
    "ball": with_ball,
    "approach": approach,
    "routine": routine,
}


def scene(
    choreography: str,
    people: int,
    size: Size = FULL_HD,
    fps: float = 30,
    seed: int = 0,
    *,
    costumes: Sequence[Costume] | None = None,
    background: str | Image = "stage",
    camera_pan_px_s: float = 0.0,
) -> Scene:
    """A scene by name.

    Args:
        choreography: one of CHOREOGRAPHIES. ``dropout:1.5`` says for how many seconds the first performer
            is behind the curtain; ``twins:plain`` leaves out what tells their faces apart.
        people: 1 to 24; ids are 1, 2, ... from left to right.
        size, fps: of the picture.
        seed: of costumes and set design.
        costumes: instead of puppets, used in turn.
        background, camera_pan_px_s: see ``Scene``.

    Raises:
        JikcamError: no such choreography, or a value out of bounds.
    """
    name, _, detail = choreography.partition(":")
    if name not in CHOREOGRAPHIES or (detail and name not in ("dropout", "twins")):
        raise JikcamError(
            f"there is no choreography {choreography!r}", f"use one of: {', '.join(CHOREOGRAPHIES)}"
        )
    if not 1 <= people <= MOST_PEOPLE:
        raise JikcamError(f"a stage for {people} people can't be set up", f"ask for 1 to {MOST_PEOPLE}")
    if costumes is None:
        same = name == "twins"
        costumes = twins(people, seed, detail != "plain") if same else wardrobe(people, seed)
    places = [Place(k, people, *line_up(k, people), seed) for k in range(people)]
    performers = tuple(
        Performer(p.k + 1, CHOREOGRAPHIES[name](p), costumes[p.k % len(costumes)]) for p in places
    )
    curtains = (_curtain(places[0], _hidden_s(detail)),) if name == "dropout" else ()
    first = places[0]
    balls = (bouncing_beside(first, lambda t: _beside_ball_x(first, t)),) if name == "ball" else ()
    return Scene(
        size,
        fps,
        performers,
        background,
        seed,
        camera_pan_px_s,
        curtains,
        _shrink(people),
        f"stage:{choreography}",
        balls,
    )


def _shrink(people: int) -> float:
    """Large groups stand farther away, so that they fit."""
    return 1.0 if people <= 5 else max(1.0 - 0.035 * (people - 5), 0.6)


def _hidden_s(detail: str) -> float:
    try:
        seconds = float(detail) if detail else 1.5
    except ValueError:
        seconds = math.nan
    if not 0.2 <= seconds <= 600:
        raise JikcamError(
            f"dropout:{detail} is not a number of seconds", "write dropout:1.5, from 0.2 to 600"
        )
    return seconds


def _curtain(place: Place, hidden_s: float) -> Curtain:
    """Falls at 3 s and again 6 s after it has risen; less than 35 % is seen for ``hidden_s``."""
    fall_s, start_s = 0.12, 3.0

    def down(t: float) -> float:
        u = (t - start_s) % (hidden_s + 6.0) if t >= start_s else -1.0
        # The body fills the lower part of the way, so it is hidden late in the fall.
        falling, rising = u / fall_s, (u - hidden_s - 0.5 * fall_s) / fall_s
        return min(max(falling, 0.0), 1.0) - min(max(rising, 0.0), 1.0)

    return Curtain(place.x, 1.15, min(place.depth + 0.05, 1.0), down)
