"""Frames one person from picture to picture, with the people and things that belong in the shot."""

from __future__ import annotations

from engine.direction.body import measure
from engine.direction.framing.companion import Companion
from engine.direction.framing.config import Framed, FramingConfig
from engine.direction.framing.figure import Figure, inside
from engine.direction.framing.group import Group
from engine.direction.framing.portrait import Portrait, covering
from engine.geometry import Box, Shot, Size
from engine.people import Track, Tracks


def frame_person(track: Track, size: Size, output: Size, config: FramingConfig) -> Shot:
    """The shot of a person seen for the first time; see Framer."""
    return Framer(size, output, config).step(track, 0.0).shot


class Framer:
    """What an operator would like to show of one person.

    Every shot lies inside the source and is finite, whatever the track says, and contains what must not be
    cut off wherever that fits into the source at this aspect.
    """

    def __init__(self, size: Size, output: Size, config: FramingConfig) -> None:
        self.size = size
        self.output = output
        self.config = config
        self._id: int | None = None
        self._figure: Figure | None = None
        self._last = self._nothing()

    def reconfigure(self, output: Size, config: FramingConfig) -> None:
        """Frame otherwise from the next picture on; what is known of the body stays."""
        self.output, self.config = output, config
        self._last = self._nothing()

    def forget(self) -> None:
        """The next person is seen for the first time."""
        self._id = None

    def step(self, track: Track, dt_s: float, tracks: Tracks | None = None) -> Framed:
        """The wanted shot of ``track``, ``dt_s`` after the last one. Another track id starts anew.

        Args:
            tracks: everybody and everything in this picture, for shots of more than one.
        """
        body = measure(track)
        if body is None:
            return self._last
        if self._figure is None or track.id != self._id:
            self._figure = Figure(body)
            self._portrait, self._group, self._companion = Portrait(self._figure), Group(), Companion()
            self._id = track.id
        else:
            self._figure.step(body, dt_s)
        self._last = self._compose(self._figure, track, tracks, dt_s)
        return self._last

    def _compose(self, figure: Figure, track: Track, tracks: Tracks | None, dt_s: float) -> Framed:
        size, output, config = self.size, self.output, self.config
        keep = figure.face if config.shot == "face" else figure.core
        if config.hands == "required" and config.shot != "face":
            keep = figure.hands(keep)
        shot = self._portrait.step(figure, size, output, config, dt_s).inside(size)
        if config.shot == "wide":
            return Framed(shot, inside(keep, size))
        must = _span(figure, shot)
        if config.shot == "group" and tracks is not None:
            shot = self._group.step(figure, track, tracks, size, output, config, dt_s)
            keep = self._group.keep(shot, keep)
            must = (self._group.region or must).intersection(shot.box)
        if config.object_label and tracks is not None:
            shot = self._companion.step(shot, must, figure, tracks.objects, config.object_label, size, dt_s)
            shot = shot.inside(size)
            thing = self._companion.seen
            if thing is not None and shot.box.union(thing) == shot.box:
                keep = keep.union(thing)
        keep = inside(keep, size)
        return Framed(covering(shot, keep).inside(size), keep)

    def _nothing(self) -> Framed:
        shot = Shot.widest(self.size, self.config.aspect)
        return Framed(shot, inside(shot.box.scaled(0.5), self.size))


def _span(figure: Figure, shot: Shot) -> Box:
    """What of a person's own shot must stay: its whole height, and as wide as the person is."""
    box = shot.box
    half = min(max(figure.core_side, figure.arms_side), shot.width / 2)
    x = min(max(figure.torso.x, box.x0 + half), box.x1 - half)
    return Box(x - half, box.y0, x + half, box.y1)
