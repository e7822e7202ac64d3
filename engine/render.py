"""From a source picture and a shot to the output picture: one sub-pixel warp, labels, skeletons."""

from __future__ import annotations

import functools
import math

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.geometry import Box, Shot, Size
from engine.people import LIMBS, Joint, Skeleton
from engine.sources.frame import Image

#: Colours of left, right and middle limbs, BGR.
LEFT_BGR, RIGHT_BGR, MIDDLE_BGR = (80, 200, 255), (255, 160, 60), (235, 235, 235)
#: Sub-pixel bits of cv2's drawing functions.
SHIFT = 4
#: Between two halvings, from this share of the way on (2^0.6 = 1.5 source pixels for each one made), the next
#: one is mixed in. Up to there a linear warp takes in as much as the mean over the covered area does.
MIX_FROM = 0.6
#: Resolution and brightness of what is behind a picture that does not fill the output.
BACKDROP_PX, BACKDROP_LIGHT = 24, 0.35
LABEL_INK_BGR, LABEL_PAPER_BGR, LABEL_PAPER_ALPHA = (255, 255, 255), (24, 20, 20), 0.62


class Renderer:
    """Cuts shots out of source pictures.

    Coordinates are those of the pixels' areas: pixel i covers i to i + 1, so that a shot of the whole
    picture at its own size gives back the picture bit by bit.

    Args:
        output: size of the pictures it makes.
        mirror: flip them left to right, as in a dance studio's mirror.
    """

    def __init__(self, output: Size, *, mirror: bool = False) -> None:
        self.output = output
        self.mirror = mirror

    def render(self, image: Image, shot: Shot, out: Image | None = None) -> Image:
        """The picture of ``shot``, (H, W, 3) uint8: a new array, or ``out``.

        Args:
            image: (H, W, 3) uint8, not changed.
            shot: in pixels of ``image``; where it sticks out above and below, or left and right, the bars are
                a blurred and darkened picture.
            out: where to put it, of the size of the output; may be a part of a larger picture.
        """
        if out is not None and out.shape != (self.output.height, self.output.width, 3):
            raise ValueError(f"{out.shape} is not the shape of a picture of {self.output}")
        inner = _inner(image, shot.box, self.output)
        if inner != (0, 0, self.output.width, self.output.height):
            return self._between_bars(image, shot.box, inner, out)
        image, box = _halved(image, shot.box, self.output)
        picture = self._warped(image, box)
        blur = _next_level_share(box, self.output)
        if blur > 0:
            coarse = self._warped(*_halve(image, box))
            picture = np.asarray(cv2.addWeighted(picture, 1 - blur, coarse, blur, 0), dtype=np.uint8)
        if self.mirror:
            picture = np.asarray(cv2.flip(picture, 1), dtype=np.uint8)
        if out is None:
            return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGRA2BGR), dtype=np.uint8)
        # Written in place: cv2 takes any picture whose rows are whole, so a tile of a grid too.
        cv2.cvtColor(picture, cv2.COLOR_BGRA2BGR, dst=out)
        return out

    def _between_bars(
        self, image: Image, box: Box, inner: tuple[int, int, int, int], out: Image | None
    ) -> Image:
        """``box`` sticks out of the image: only the part ``inner`` of the output shows it."""
        picture = backdrop(image, self.output)
        if out is not None:
            out[:] = picture
            picture = out
        x0, y0, x1, y1 = inner
        if x1 <= x0 or y1 <= y0:
            return picture
        across, down = box.width / self.output.width, box.height / self.output.height
        seen = Box(x0 * across, y0 * down, x1 * across, y1 * down).shifted(box.x0, box.y0)
        shot = Shot(seen.center.x, seen.center.y, seen.height, seen.width / seen.height)
        if self.mirror:
            x0, x1 = self.output.width - x1, self.output.width - x0
        Renderer(Size(x1 - x0, y1 - y0), mirror=self.mirror).render(image, shot, picture[y0:y1, x0:x1])
        return picture

    def _warped(self, image: Image, box: Box) -> Image:
        """``box`` at the size of the output, (H, W, 4).

        OpenCV warps four channels twice as fast as three, conversions there and back included; its other
        ways that keep fractions of a pixel (remap, by float or fixed maps) are slower still.
        """
        image, box = _cut(image, box)
        sx, sy = box.width / self.output.width, box.height / self.output.height
        matrix = np.array(
            [[sx, 0.0, box.x0 + 0.5 * sx - 0.5], [0.0, sy, box.y0 + 0.5 * sy - 0.5]], dtype=np.float64
        )
        picture = cv2.warpAffine(
            cv2.cvtColor(image, cv2.COLOR_BGR2BGRA),
            matrix,
            (self.output.width, self.output.height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(picture, dtype=np.uint8)


def _inner(image: Image, box: Box, output: Size) -> tuple[int, int, int, int]:
    """Which pixels x0, y0, x1, y1 of the output lie in the image; half a pixel outside still does."""
    height, width = image.shape[:2]
    across, down = output.width / box.width, output.height / box.height
    x0, y0 = math.ceil(-box.x0 * across - 0.5), math.ceil(-box.y0 * down - 0.5)
    x1 = math.floor((width - box.x0) * across + 0.5)
    y1 = math.floor((height - box.y0) * down + 0.5)
    return max(x0, 0), max(y0, 0), min(x1, output.width), min(y1, output.height)


def backdrop(image: Image, output: Size) -> Image:
    """What is behind a picture that does not fill the output: itself, blurred and dark; (H, W, 3) uint8."""
    height, width = image.shape[:2]
    box = Shot.widest(Size(width, height), output.aspect).box
    part = image[round(box.y0) : round(box.y1), round(box.x0) : round(box.x1)]
    small = cv2.resize(part[::4, ::4], (BACKDROP_PX, BACKDROP_PX), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(cv2.convertScaleAbs(small, alpha=BACKDROP_LIGHT), (0, 0), 2.0)
    return np.asarray(
        cv2.resize(small, (output.width, output.height), interpolation=cv2.INTER_CUBIC), np.uint8
    )


def _cut(image: Image, box: Box) -> tuple[Image, Box]:
    """Only the part of the image that a linear warp of ``box`` reads; not copied."""
    height, width = image.shape[:2]
    x0, y0 = (min(max(math.floor(v) - 1, 0), most - 1) for v, most in ((box.x0, width), (box.y0, height)))
    x1, y1 = (max(math.ceil(v) + 1, low + 1) for v, low in ((box.x1, x0), (box.y1, y0)))
    return image[y0:y1, x0:x1], box.shifted(-x0, -y0)


def _halved(image: Image, box: Box, output: Size) -> tuple[Image, Box]:
    """Image and box shrunk by 2, 4, ... until the warp skips no pixel.

    A linear warp reads 4 pixels for each one it makes; further apart they would flicker (aliasing).
    """
    while box.width >= 2 * output.width and box.height >= 2 * output.height:
        half, smaller = _halve(image, box)
        if half is image:
            break
        image, box = half, smaller
    return image, box


def _halve(image: Image, box: Box) -> tuple[Image, Box]:
    """Image and box at half the size; only the part round the box. Unchanged below two pixels."""
    height, width = image.shape[:2]
    x0, y0 = max(math.floor(box.x0) - 2, 0), max(math.floor(box.y0) - 2, 0)
    x1, y1 = min(math.ceil(box.x1) + 2, width), min(math.ceil(box.y1) + 2, height)
    # Whole pairs only; an odd last row or column beyond the box is left out, else its pair is cut off.
    x0, y0 = x0 - (x1 - x0) % 2 * (x0 > 0), y0 - (y1 - y0) % 2 * (y0 > 0)
    w, h = (x1 - x0) // 2, (y1 - y0) // 2
    if w < 1 or h < 1:
        return image, box
    part = image[y0 : y0 + 2 * h, x0 : x0 + 2 * w]
    half = np.asarray(cv2.resize(part, (w, h), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return half, Box((box.x0 - x0) / 2, (box.y0 - y0) / 2, (box.x1 - x0) / 2, (box.y1 - y0) / 2)


def _next_level_share(box: Box, output: Size) -> float:
    """How much of the once more halved picture to mix in, 0 to 1.

    Without it the picture would flicker just below a scale of 2 and turn soft at once just above.
    """
    scale = min(box.width / output.width, box.height / output.height)
    return min(max((math.log2(max(scale, 1.0)) - MIX_FROM) / (1.0 - MIX_FROM), 0.0), 1.0)


def draw_label(picture: Image, text: str, *, bottom: bool = True) -> None:
    """Write a caption bar into ``picture``, in place; empty text writes nothing.

    The bar is made once per text and size and then only blended. Korean, Japanese, Chinese and Cyrillic
    names are drawn with the fonts built into OpenCV 5; text that is too wide ends in "...".

    Args:
        picture: (H, W, 3) uint8 BGR.
        text: one line; line breaks become spaces.
        bottom: at the lower edge, else at the upper one.
    """
    text = " ".join(text.split())
    height, width = picture.shape[:2]
    if not text:
        return
    size_px = max(round(min(height, 0.75 * width) * 0.045), 12)
    margin = size_px // 2
    if width <= 4 * margin or height <= 4 * margin:
        return
    ink, keep = _caption(text, size_px, width - 2 * margin)
    h, w = ink.shape[:2]
    if h + margin > height:
        return
    top = height - margin - h if bottom else margin
    part = picture[top : top + h, margin : margin + w]
    cv2.add(cv2.multiply(part, keep, scale=1 / 255), ink, dst=part)


@functools.lru_cache(maxsize=64)
def _caption(text: str, size_px: int, max_width: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """What to add, and how much of the picture to keep (0 to 255); both (h, w, 3) uint8."""
    font = cv2.FontFace("sans")
    pad = size_px // 2

    def wide(line: str) -> int:
        box = cv2.getTextSize((0, 0), line, (0, 0), font, size_px, 600)
        return int(box[0] + box[2])

    line = text
    while wide(line) > max_width - 2 * pad and len(text) > 1:
        text = text[:-1]
        line = text.rstrip() + "..."
    h = 2 * size_px
    w = min(wide(line) + 2 * pad, max_width)
    alpha = np.zeros((h, w, 3), dtype=np.uint8)
    cv2.putText(alpha, line, (pad, round(1.36 * size_px)), (255, 255, 255), font, size_px, 600)
    letter = alpha[..., :1].astype(np.float32) / 255
    paper = LABEL_PAPER_ALPHA * (1 - letter)
    ink = letter * np.array(LABEL_INK_BGR) + paper * np.array(LABEL_PAPER_BGR)
    keep = np.repeat((1 - letter) * (1 - LABEL_PAPER_ALPHA) * 255, 3, axis=2)
    return ink.round().astype(np.uint8), keep.round().astype(np.uint8)


def draw_skeleton(picture: Image, skeleton: Skeleton, shot: Shot, *, mirror: bool = False) -> None:
    """Draw the limbs whose two joints are there into ``picture`` of ``shot``, in place.

    Args:
        picture: (H, W, 3) uint8 BGR, as rendered from ``shot``.
        skeleton: in source pixels.
        shot: what the picture shows.
        mirror: the picture was rendered with ``mirror``.
    """
    height, width = picture.shape[:2]
    scale = height / shot.height
    points = (skeleton.xy.astype(np.float64) - (shot.box.x0, shot.box.y0)) * scale - 0.5
    if mirror:
        points[:, 0] = width - 1 - points[:, 0]
    there = skeleton.visible & np.isfinite(points).all(axis=1)
    # Far outside the picture cv2's fixed-point coordinates would overflow.
    there &= (np.abs(points) < 8 * max(width, height)).all(axis=1)
    fixed = np.where(there[:, None], points, 0.0) * (1 << SHIFT)
    thick = max(round(height / 240), 1)
    for a, b in LIMBS:
        if there[a] and there[b]:
            cv2.line(
                picture, _pixel(fixed[a]), _pixel(fixed[b]), _limb_colour(a, b), thick, cv2.LINE_AA, SHIFT
            )
    for joint in Joint:
        if there[joint]:
            cv2.circle(
                picture, _pixel(fixed[joint]), thick << SHIFT, MIDDLE_BGR, cv2.FILLED, cv2.LINE_AA, SHIFT
            )


def _pixel(point: NDArray[np.float64]) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))


def _limb_colour(a: Joint, b: Joint) -> tuple[int, int, int]:
    sides = {j.name.split("_")[0] for j in (a, b)}
    if sides == {"LEFT"}:
        return LEFT_BGR
    return RIGHT_BGR if sides == {"RIGHT"} else MIDDLE_BGR
