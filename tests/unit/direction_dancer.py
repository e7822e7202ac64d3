"""A scripted dancer with human proportions, as a track; and who is who."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from engine.geometry import Box, Size
from engine.people import Joint, Skeleton, Track, Tracks
from engine.roll import Roll, Standing

SOURCE = Size(1920, 1080)

# Across and above the ground, as shares of height (Drillis and Contini 1966).
STANDING = {
    Joint.NOSE: (0.0, 0.92),
    Joint.LEFT_EYE: (0.015, 0.936),
    Joint.RIGHT_EYE: (-0.015, 0.936),
    Joint.LEFT_EAR: (0.035, 0.93),
    Joint.RIGHT_EAR: (-0.035, 0.93),
    Joint.LEFT_SHOULDER: (0.12, 0.818),
    Joint.RIGHT_SHOULDER: (-0.12, 0.818),
    Joint.LEFT_ELBOW: (0.14, 0.63),
    Joint.RIGHT_ELBOW: (-0.14, 0.63),
    Joint.LEFT_WRIST: (0.15, 0.485),
    Joint.RIGHT_WRIST: (-0.15, 0.485),
    Joint.LEFT_HIP: (0.08, 0.53),
    Joint.RIGHT_HIP: (-0.08, 0.53),
    Joint.LEFT_KNEE: (0.08, 0.285),
    Joint.RIGHT_KNEE: (-0.08, 0.285),
    Joint.LEFT_ANKLE: (0.08, 0.039),
    Joint.RIGHT_ANKLE: (-0.08, 0.039),
}


def arms(left: float, right: float) -> dict[Joint, tuple[float, float]]:
    """Stretched arms; 0 = hanging, pi / 2 = sideways, pi = up."""
    out = {}
    for side, angle, sign in (("LEFT", left, 1), ("RIGHT", right, -1)):
        dx, dy = sign * math.sin(angle), -math.cos(angle)
        out[Joint[f"{side}_ELBOW"]] = (sign * 0.12 + 0.186 * dx, 0.818 + 0.186 * dy)
        out[Joint[f"{side}_WRIST"]] = (sign * 0.12 + 0.332 * dx, 0.818 + 0.332 * dy)
    return out


def dancer(
    x: float = 960.0,
    ground: float = 950.0,
    height: float = 700.0,
    *,
    id: int = 1,
    time_s: float = 0.0,
    seen_s: float | None = None,
    pose: dict[Joint, tuple[float, float]] | None = None,
    skeleton: bool = True,
    noise_px: float = 0.0,
    rng: np.random.Generator | None = None,
    covered: float = 0.0,
) -> Track:
    """A person whose middle stands at ``x`` with the soles at ``ground``."""
    joints = {**STANDING, **(pose or {})}
    xy = np.array([(x + height * joints[j][0], ground - height * joints[j][1]) for j in Joint], np.float32)
    # The head reaches above the eyes, the soles below the ankles, hands beyond the wrists.
    left, right = xy[:, 0].min() - 0.04 * height, xy[:, 0].max() + 0.04 * height
    top = min(ground - height * max(joints[Joint.NOSE][1] + 0.08, 0.0), xy[:, 1].min() - 0.03 * height)
    bottom = xy[:, 1].max() + 0.039 * height
    edges = np.array([left, top, right, bottom], float)
    if rng is not None:
        xy = xy + rng.normal(0, noise_px, xy.shape).astype(np.float32)
        edges = edges + rng.normal(0, noise_px, 4)
    return Track(
        id=id,
        box=Box(*map(float, edges)).clipped(SOURCE),
        velocity_x=0.0,
        velocity_y=0.0,
        score=0.9,
        seen_s=time_s if seen_s is None else seen_s,
        born_s=0.0,
        covered=covered,
        skeleton=Skeleton(xy, np.ones(17, np.float32)) if skeleton else None,
    )


def rotated(track: Track, angle: float) -> Track:
    """The same body turned round its middle, radians clockwise in the picture; the box goes with it."""
    assert track.skeleton is not None
    xy, center = track.skeleton.xy, np.array([track.box.center.x, track.box.center.y])
    c, s = math.cos(angle), math.sin(angle)
    turned = (xy - center) @ np.array([[c, s], [-s, c]]) + center
    pad = 0.05 * track.box.height
    box = Box.around(turned)
    return replace(
        track,
        box=Box(box.x0 - pad, box.y0 - pad, box.x1 + pad, box.y1 + pad).clipped(SOURCE),
        skeleton=Skeleton(turned.astype(np.float32), track.skeleton.score),
    )


def lying(track: Track) -> Track:
    """The same body lying on its side."""
    return rotated(track, math.pi / 2)


def at(time_s: float, *people: Track) -> Tracks:
    """Those people at that time."""
    return Tracks(time_s, round(time_s * 30), tuple(sorted(people, key=lambda t: t.id)))


def standing(
    person: int,
    track: int | None,
    sure: float = 1.0,
    *,
    rival: float = 0.0,
    absent: float = 0.0,
    name: str = "",
    reason: str = "",
) -> Standing:
    """How a person stands."""
    return Standing(person, name, track, sure, rival, absent, reason)


def roll(time_s: float, *people: Standing) -> Roll:
    """Those standings at that time."""
    return Roll(time_s, tuple(sorted(people, key=lambda p: p.person)))


def all_sure(tracks: Tracks) -> Roll:
    """What a tracker alone would say: everybody is surely their track, and has its number."""
    return roll(tracks.time_s, *(standing(t.id, t.id) for t in tracks.items))
