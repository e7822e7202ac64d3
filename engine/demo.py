"""The demo's scene and what is measured in it: a talk show of three, made from one photograph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from engine.direction.target import LockState
from engine.geometry import Size
from engine.people import Tracks
from engine.render import Renderer
from engine.show import Show
from engine.sources.frame import Frame, Image
from engine.sources.stage import Performer, Scene, Sprite
from engine.sources.stage.body import Pose
from engine.sources.stage.moves import smooth, wave

SIZE = Size(1280, 720)
FPS = 30.0
#: The performer who is followed.
STAR = 2
#: The contact sheet: columns and rows of wide pictures, each with its shot below it.
SHEET_COLUMNS, SHEET_ROWS = 4, 3
_TILE = Size(320, 180)


def _star(t: float) -> Pose:
    """Sways, travels to the right end in front of the others, and comes back after a while."""
    u = t % 16.0
    there = smooth(u, 3.0, 2.2) - smooth(u, 11.0, 2.6)
    return Pose(820 + 730 * there + 25 * wave(t, 0.45, 0.1), 1.36)


def _left(t: float) -> Pose:
    return Pose(330 + 40 * wave(t, 0.23, 0.3), 1.25)


def _right(t: float) -> Pose:
    return Pose(1330 + 45 * wave(t, 0.19, 0.7), 1.24)


def demo_scene(cast: Sequence[Sprite]) -> Scene:
    """Three people cut off by the lower edge of the picture; the star passes in front of the others."""
    acts = (_left, _star, _right)
    performers = tuple(Performer(k + 1, act, cast[k]) for k, act in enumerate(acts))
    return Scene(SIZE, FPS, performers, seed=3, name="the demo")


@dataclass(slots=True)
class DemoScore:
    """What the demo measures, picture by picture, against the truth of the scene.

    Attributes:
        held: pictures in which the centre of the shot lay on the star.
        sheet: pieces of the contact sheet, one per equal part of the running time.
    """

    scene: Scene
    pictures_due: int
    pictures: int = 0
    held: int = 0
    wrong: int = 0
    sheet: list[Image] = field(default_factory=list)

    def add(self, frame: Frame, show: Show) -> None:
        """Score one picture; takes part in the contact sheet when its turn has come."""
        (view,) = show.views
        assert view.direction is not None
        shot, lock = view.direction.shot, view.direction.lock
        truth = {p.id: p.box for p in self.scene.truth(frame.index / self.scene.fps)}
        on_star = truth[STAR].contains(shot.center)
        self.pictures += 1
        self.held += on_star
        others = (box for person, box in truth.items() if person != STAR)
        self.wrong += (
            lock.state is LockState.HELD and not on_star and any(b.contains(shot.center) for b in others)
        )
        if frame.index * SHEET_COLUMNS * SHEET_ROWS >= len(self.sheet) * self.pictures_due:
            self.sheet.append(_tile(frame, show, show.tracks))

    @property
    def held_share(self) -> float:
        return self.held / max(1, self.pictures)

    def contact_sheet(self) -> Image:
        """Wide pictures with people and shot outlined, and under each what the virtual camera showed."""
        tiles = self.sheet[: SHEET_COLUMNS * SHEET_ROWS]
        blank = np.zeros_like(tiles[0])
        tiles += [blank] * (-len(tiles) % SHEET_COLUMNS)
        rows = [np.hstack(tiles[k : k + SHEET_COLUMNS]) for k in range(0, len(tiles), SHEET_COLUMNS)]
        return np.asarray(np.vstack(rows), dtype=np.uint8)


def _tile(frame: Frame, show: Show, tracks: Tracks) -> Image:
    (view,) = show.views
    assert view.direction is not None
    wide = frame.image.copy()
    for track in tracks.items:
        _outline(wide, track.box.xyxy, (200, 200, 200), 2)
    _outline(wide, view.direction.shot.box.xyxy, (80, 220, 80), 4)
    size = (_TILE.width, _TILE.height)
    small = cv2.resize(wide, size, interpolation=cv2.INTER_AREA)
    crop = Renderer(view.config.output).render(frame.image, view.direction.shot)
    shown = cv2.resize(crop, size, interpolation=cv2.INTER_AREA)
    return np.asarray(np.vstack([small, shown]), dtype=np.uint8)


def _outline(
    image: Image, xyxy: tuple[float, float, float, float], colour: tuple[int, int, int], px: int
) -> None:
    x0, y0, x1, y1 = (round(v) for v in xyxy)
    cv2.rectangle(image, (x0, y0), (x1, y1), colour, px, cv2.LINE_AA)
