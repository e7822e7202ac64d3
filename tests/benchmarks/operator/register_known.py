"""Crop videos whose camera path is known: what a registration is checked with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from engine.direction.operators.follower import Follower, FollowerConfig
from engine.direction.want import Want
from engine.geometry import Shot, Size
from engine.render import Renderer, draw_label
from engine.sources.frame import Image
from tests.benchmarks.operator.paths import F64


@dataclass(frozen=True, slots=True)
class Making:
    """How a crop video is made.

    Attributes:
        crf: of x264.
        label: written over it; "" = none.
        mirror: left as right.
        skip: so many pictures of the master pass before it begins.
        every: it has every so many pictures of the master.
    """

    crf: int = 23
    label: str = ""
    mirror: bool = False
    skip: int = 0
    every: int = 1


def followed(boxes: F64, hz: float, size: Size, aspect: float, body: float) -> list[Shot]:
    """The path of a live camera that follows a person.

    Args:
        boxes: (T, 4) x0, y0, x1, y1; NaN = not there, and the camera goes on to where they were.
        hz: pictures per second.
        body: height of the body as a share of the crop's; above 1 only a part of it is seen.
    """
    shot = Shot.widest(size, aspect)
    operator, shots = None, []
    for k, (x0, y0, x1, y1) in enumerate(boxes):
        if np.isfinite([x0, y0, x1, y1]).all():
            height = float(y1 - y0)
            # Of somebody who does not fit the upper part is wanted.
            cy = y0 + min(0.5, 0.45 / body) * height
            shot = Shot(float(x0 + x1) / 2, float(cy), height / body, aspect).inside(size)
        if operator is None:
            operator = Follower(size, FollowerConfig(), shot)
        shots.append(operator.step([Want(k / hz, shot)], 1 / hz if k else 0.0))
    return shots


def write_film(path: Path, pictures: Iterable[Image], hz: float, crf: int) -> None:
    """H.264 in MP4, as players like it; both sides of the pictures are even."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(hz).limit_denominator(1001))
        stream.pix_fmt, stream.options = "yuv420p", {"crf": str(crf), "preset": "veryfast"}
        for number, image in enumerate(pictures):
            if number == 0:
                stream.height, stream.width = image.shape[:2]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode())


def cropped(pictures: Iterable[Image], shots: list[Shot], output: Size, how: Making) -> Iterator[Image]:
    """The crop of ``shots[k]`` of picture k, as ``how`` says."""
    renderer = Renderer(output, mirror=how.mirror)
    for number, (image, shot) in enumerate(zip(pictures, shots, strict=False)):
        if number < how.skip or (number - how.skip) % how.every:
            continue
        picture = renderer.render(image, shot)
        if how.label:
            draw_label(picture, how.label)
        yield picture


def film(path: Path, most: int | None = None) -> Iterator[Image]:
    """Pictures of a film, (H, W, 3) BGR, with even sides."""
    with av.open(str(path)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if most is not None and number >= most:
                return
            image = frame.to_ndarray(format="bgr24")
            yield np.ascontiguousarray(image[: image.shape[0] // 2 * 2, : image.shape[1] // 2 * 2])
