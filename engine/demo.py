"""The demo's scene and what is measured in it: a talk show of three, made from one photograph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from engine.direction.target import LockState
from engine.geometry import Size
from engine.people import Tracks
from engine.render import Renderer, draw_label
from engine.show import Show
from engine.sources.frame import Frame, Image
from engine.sources.stage import Performer, Scene, Sprite
from engine.sources.stage.body import Pose
from engine.sources.stage.moves import smooth, wave

SIZE = Size(1280, 720)
FPS = 30.0
#: The performer who is followed.
STAR = 2
#: What the virtual camera shows: a fancam. Hands may leave it, so that it stays close.
OUTPUT = Size(540, 960)
#: The contact sheet: columns and rows of wide pictures, each with its shot beside it.
SHEET_COLUMNS, SHEET_ROWS = 3, 4
_TILE_HEIGHT_PX = 214


def _star(t: float) -> Pose:
    """Sways on one side, walks to the other, sways there, and walks back."""
    u = t % 14.0
    there = smooth(u, 3.5, 2.6) - smooth(u, 10.0, 2.2)
    return Pose(640 + 620 * there + 30 * wave(t, 0.45, 0.1), 1.36)


def _left(t: float) -> Pose:
    return Pose(185 + 40 * wave(t, 0.23, 0.3), 1.25)


def _right(t: float) -> Pose:
    return Pose(1730 + 35 * wave(t, 0.19, 0.7), 1.24)


def demo_view() -> dict[str, object]:
    """The ``[[view]]`` table of the demo's preset: a close fancam with the quick camera of a dance."""
    return {
        "name": "main",
        "width": OUTPUT.width,
        "height": OUTPUT.height,
        "target": f"index:{STAR}",
        "shot": "upper",
        "hands": "off",
        "label": True,
        "camera": {"feel": "dance"},
    }


def demo_scene(cast: Sequence[Sprite]) -> Scene:
    """Three people cut off by the lower edge of the picture; the star walks about between the others."""
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
        """Wide pictures with people and shot outlined, and beside each what the virtual camera showed."""
        tiles = self.sheet[: SHEET_COLUMNS * SHEET_ROWS]
        blank = np.zeros_like(tiles[0])
        tiles += [blank] * (-len(tiles) % SHEET_COLUMNS)
        rows = [np.hstack(tiles[k : k + SHEET_COLUMNS]) for k in range(0, len(tiles), SHEET_COLUMNS)]
        return np.asarray(np.vstack(rows), dtype=np.uint8)


def _tile(frame: Frame, show: Show, tracks: Tracks) -> Image:
    (view,) = show.views
    wide = frame.image.copy()
    for track in tracks.items:
        _outline(wide, track.box.xyxy, (200, 200, 200), 2)
    _outline(wide, view.direction.shot.box.xyxy, (80, 220, 80), 4)
    shown = Renderer(view.config.output).render(frame.image, view.direction.shot)
    if view.label:
        draw_label(shown, view.label)
    return np.asarray(np.hstack([_to_tile(wide), _to_tile(shown)]), dtype=np.uint8)


def _to_tile(image: Image) -> Image:
    height, width = image.shape[:2]
    size = (round(width * _TILE_HEIGHT_PX / height), _TILE_HEIGHT_PX)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _outline(
    image: Image, xyxy: tuple[float, float, float, float], colour: tuple[int, int, int], px: int
) -> None:
    x0, y0, x1, y1 = (round(v) for v in xyxy)
    cv2.rectangle(image, (x0, y0), (x1, y1), colour, px, cv2.LINE_AA)
