"""A scripted stage: who does what when, what it looks like, and the full truth about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Box, Size
from engine.people import DetectedObject, Skeleton
from engine.sources.frame import Image
from engine.sources.stage.backdrop import curtain_cloth
from engine.sources.stage.ball import LABEL, Ball
from engine.sources.stage.body import Pose
from engine.sources.stage.costume import Costume, Placed, PlacedPerformer, canvas_for
from engine.sources.stage.outline import Outline, face_box
from engine.sources.stage.view import StageView

#: What a performer does: the pose at a time in seconds, for any time >= 0.
Act = Callable[[float], Pose]


@dataclass(frozen=True, slots=True, eq=False)
class Performer:
    """Somebody on the stage; ids count from 1."""

    id: int
    act: Act
    costume: Costume


@dataclass(frozen=True, slots=True, eq=False)
class Curtain:
    """A cloth that falls in front of one place of the stage and rises again.

    Attributes:
        x, width_m, depth: where it hangs: design pixels, metres, depth.
        down: how far it is down at a time in seconds, 0 (gone) to 1 (on the floor).
    """

    x: float
    width_m: float
    depth: float
    down: Callable[[float], float]

    def place(self, view: StageView, time_s: float) -> PlacedCurtain:
        half = self.width_m / 2 * view.px_per_m(self.depth)
        x, floor = view.x_px(self.x, time_s), view.floor_px(self.depth)
        bottom = (floor + 0.04 * view.size.height) * self.down(time_s)
        return PlacedCurtain(self.depth, Box(x - half, 0.0, x + half, bottom))


@dataclass(frozen=True, slots=True, eq=False)
class PlacedCurtain:
    """A curtain in one picture."""

    depth: float
    box: Box

    def paint(self, canvas: Image) -> None:
        height, width = canvas.shape[:2]
        part = self.box.clipped(Size(width, height))
        x0, x1, y1 = round(part.x0), round(part.x1), round(part.y1)
        if x1 > x0 and y1 > 0:
            canvas[:y1, x0:x1] = curtain_cloth(x1 - x0, y1)

    def silhouette(self, box: Box, scale: float) -> NDArray[np.uint8]:
        mask = canvas_for(box, scale)
        part = self.box.shifted(-box.x0, -box.y0)
        x0, y0, x1, y1 = (max(round(v * scale), 0) for v in part.xyxy)
        mask[y0:y1, x0:x1] = 255
        return mask


@dataclass(frozen=True, slots=True, eq=False)
class PerformerTruth:
    """One performer at one moment, as it really is.

    Attributes:
        id: who.
        box: the whole body in source pixels, hidden parts too, not clipped to the picture.
        skeleton: all 17 joints where they are, hidden ones too; the score is 1, and 0 for nose, eyes and
            ears on the far side of the head.
        visible_share: of the body's area, 0 to 1: neither behind others nor outside the picture.
        depth: 0 back to 1 front.
        yaw: radians; 0 faces the camera, see ``Pose``.
        hidden_by: id and share of the body's area of everybody who stands in front of some of it.
        face: source pixels; None when it looks away.
        face_share: how much of the face is to be seen, 0 to 1.
    """

    id: int
    box: Box
    skeleton: Skeleton
    visible_share: float
    depth: float
    yaw: float
    hidden_by: tuple[tuple[int, float], ...]
    face: Box | None
    face_share: float


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A stage, its performers and the camera in front of it. Everything is a function of time in seconds.

    Attributes:
        size, fps: of the picture.
        performers: everybody, also who is away for the moment.
        background: "stage", "plain" or a picture.
        seed: of the set design and of all that was drawn by lot.
        camera_pan_px_s: fastest speed of a camera panning to and fro; 0 stands still.
        curtains: cloths in front of somebody.
        balls: things that are no people.
        shrink: how much smaller people are than usual.
        name: for the user.
    """

    size: Size
    fps: float
    performers: tuple[Performer, ...]
    background: str | Image = "stage"
    seed: int = 0
    camera_pan_px_s: float = 0.0
    curtains: tuple[Curtain, ...] = field(default=())
    shrink: float = 1.0
    name: str = "stage"
    balls: tuple[Ball, ...] = field(default=())

    @property
    def view(self) -> StageView:
        """How the camera sees the stage."""
        return StageView(self.size, self.shrink, self.camera_pan_px_s)

    def placed(self, time_s: float) -> list[tuple[int, PlacedPerformer]]:
        """Every performer's id and place, in the order of ``performers``."""
        view = self.view
        return [(p.id, p.costume.place(p.act(time_s), view, time_s)) for p in self.performers]

    def back_to_front(self, time_s: float) -> list[Placed]:
        """Performers, curtains and balls in the order they are drawn."""
        everything: list[Placed] = [body for _, body in self.placed(time_s)]
        return sorted(everything + self._others(time_s), key=lambda placed: placed.depth)

    def _others(self, time_s: float) -> list[Placed]:
        curtains: list[Placed] = [curtain.place(self.view, time_s) for curtain in self.curtains]
        return curtains + [ball.place(self.view, time_s) for ball in self.balls]

    def things(self, time_s: float) -> tuple[DetectedObject, ...]:
        """Every ball as it really is, hidden parts too; its score is the share of it that can be seen."""
        found = []
        everything = self.back_to_front(time_s)
        for ball in self.balls:
            placed = ball.place(self.view, time_s)
            in_front = [Outline(p) for p in everything if p.depth > placed.depth]
            sight = Outline(placed).sight(in_front, self.size, None)
            found.append(DetectedObject(LABEL, placed.box, sight.visible_share))
        return tuple(found)

    def truth(self, time_s: float) -> tuple[PerformerTruth, ...]:
        """Everybody at that time, in the order of ``performers``; who is away has visible_share 0."""
        return _truth(self, time_s)

    def _truth(self, time_s: float) -> tuple[PerformerTruth, ...]:
        bodies = self.placed(time_s)
        # The same order, ties included, as back_to_front draws them in.
        order: list[Placed] = [body for _, body in bodies]
        order = sorted(order + self._others(time_s), key=lambda placed: placed.depth)
        outlines = [Outline(placed) for placed in order]
        names = {id(body): who for who, body in bodies}
        rank = {id(placed): k for k, placed in enumerate(order)}
        everybody = []
        for performer, (who, body) in zip(self.performers, bodies, strict=True):
            k = rank[id(body)]
            in_front = outlines[k + 1 :]
            face = face_box(body.skeleton)
            sight = outlines[k].sight(in_front, self.size, face)
            hidden_by = tuple(
                (names[id(o.placed)], share)
                for o, share in zip(in_front, sight.hidden_shares, strict=True)
                if share > 0 and id(o.placed) in names
            )
            everybody.append(
                PerformerTruth(
                    id=who,
                    box=body.box,
                    skeleton=body.skeleton,
                    visible_share=sight.visible_share,
                    depth=body.depth,
                    yaw=performer.act(time_s).yaw,
                    hidden_by=hidden_by,
                    face=face,
                    face_share=sight.face_share if face else 0.0,
                )
            )
        return tuple(everybody)


@lru_cache(maxsize=32)
def _truth(scene: Scene, time_s: float) -> tuple[PerformerTruth, ...]:
    """Detector, pose, faces and bodies all ask about the same few pictures."""
    return scene._truth(time_s)
