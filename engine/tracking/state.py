"""Everybody believed to be there at one picture, as a struct of arrays that is never changed in place.

Because a step makes new arrays and shares the others, keeping one State per picture costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Box
from engine.people import Skeleton, Track, Tracks
from engine.tracking.overlap import corners, covered_shares

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: So many earlier findings are remembered for the direction of motion, this far apart.
PAST, PAST_EVERY_S = 5, 0.1


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """N tracks, rows ordered by id.

    Attributes:
        searched_s: when the last complete observation was taken; absence counts only up to then.
        ids: (N,), never used again.
        position, velocity: (N, 4) cx, cy, w, h in pixels, and per second; velocity relative to the scene.
        covariance: (N, 4, 3), see kalman.py.
        height: (N,) long-term body height in pixels, the unit of all noise.
        width: (N,) long-term width in pixels.
        score, score_before: (N,) of the last finding and of the one before.
        seen_s, born_s: (N,) time of the last and of the first finding.
        strong_s: (N,) time of the last finding that was sure by itself.
        hits: (N,) number of findings.
        confirmed, hidden: (N,) shown to others; searched for in vain the last time.
        seen_box: (N, 4) x0, y0, x1, y1 of the last finding.
        past_box, past_s: (N, PAST, 4) and (N, PAST) earlier findings about PAST_EVERY_S apart, newest first;
            time -inf where there is none yet.
        clear_centre, clear_velocity: (N, 2) where the track was and went when it last touched nobody.
        clear_s: (N,) when that was.
        skeleton, skeleton_s: (N,) last key points (objects, or None) and their time.
        carried: (N, 2) how far the person moved since those key points.
    """

    searched_s: float
    ids: I64
    position: F64
    velocity: F64
    covariance: F64
    height: F64
    width: F64
    score: F64
    score_before: F64
    seen_s: F64
    strong_s: F64
    born_s: F64
    hits: I64
    confirmed: Mask
    hidden: Mask
    seen_box: F64
    past_box: F64
    past_s: F64
    clear_centre: F64
    clear_velocity: F64
    clear_s: F64
    skeleton: NDArray[np.object_]
    skeleton_s: F64
    carried: F64

    @classmethod
    def empty(cls) -> State:
        """Nobody."""
        return cls(
            searched_s=-np.inf,
            ids=np.zeros(0, np.int64),
            position=np.zeros((0, 4)),
            velocity=np.zeros((0, 4)),
            covariance=np.zeros((0, 4, 3)),
            height=np.zeros(0),
            width=np.zeros(0),
            score=np.zeros(0),
            score_before=np.zeros(0),
            seen_s=np.zeros(0),
            strong_s=np.zeros(0),
            born_s=np.zeros(0),
            hits=np.zeros(0, np.int64),
            confirmed=np.zeros(0, bool),
            hidden=np.zeros(0, bool),
            seen_box=np.zeros((0, 4)),
            past_box=np.zeros((0, PAST, 4)),
            past_s=np.zeros((0, PAST)),
            clear_centre=np.zeros((0, 2)),
            clear_velocity=np.zeros((0, 2)),
            clear_s=np.zeros(0),
            skeleton=np.zeros(0, object),
            skeleton_s=np.zeros(0),
            carried=np.zeros((0, 2)),
        )

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def boxes(self) -> F64:
        """(N, 4) x0, y0, x1, y1 at this picture."""
        return corners(self.position)

    def kept(self, mask: Mask) -> State:
        """Only the rows where ``mask`` (N,) is true."""
        if np.count_nonzero(mask) == len(mask):
            return self
        rows = mask.nonzero()[0]
        return State(self.searched_s, *[getattr(self, name).take(rows, axis=0) for name in ARRAYS])

    def joined(self, other: State) -> State:
        """The rows of ``self``, then those of ``other``, whose ids must be higher."""
        return State(
            self.searched_s, *[np.concatenate([getattr(self, name), getattr(other, name)]) for name in ARRAYS]
        )

    def tracks(self, time_s: float, index: int, skeleton_max_age_s: float) -> Tracks:
        """The confirmed tracks as messages; key points older than ``skeleton_max_age_s`` are left out."""
        shown = self.kept(self.confirmed)
        boxes = shown.boxes
        plain = zip(
            shown.ids.tolist(),
            boxes.tolist(),
            shown.velocity[:, :2].tolist(),
            shown.score.tolist(),
            shown.seen_s.tolist(),
            shown.born_s.tolist(),
            covered_shares(boxes, boxes[~shown.hidden] if np.count_nonzero(shown.hidden) else boxes).tolist(),
            shown._carried_skeletons(time_s, skeleton_max_age_s),
            strict=True,
        )
        items = [
            Track(track_id, Box(*box), speed[0], speed[1], score, seen_s, born_s, covered, skeleton)
            for track_id, box, speed, score, seen_s, born_s, covered, skeleton in plain
        ]
        return Tracks(time_s, index, tuple(items))

    def _carried_skeletons(self, time_s: float, max_age_s: float) -> list[Skeleton | None]:
        fresh = (time_s - self.skeleton_s <= max_age_s).tolist()
        return [
            skeleton.shifted(*carried) if skeleton is not None and shown else None
            for skeleton, carried, shown in zip(
                self.skeleton.tolist(), self.carried.tolist(), fresh, strict=True
            )
        ]


#: The fields of a State that have a row per track.
ARRAYS = tuple(f.name for f in fields(State) if f.name != "searched_s")
