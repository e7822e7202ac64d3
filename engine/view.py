"""One View at work: a director decides the shot, a renderer makes the picture, sinks take it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.direction.lock import LockReport
from engine.direction.target import LockState
from engine.direction.view import Direction, ViewConfig, ViewDirector
from engine.geometry import Shot, Size
from engine.people import Roll, Tracks
from engine.render import Renderer, draw_label, draw_skeleton
from engine.sources.frame import Frame
from engine.state import ViewState
from engine.timing import StageTimes
from virtualcam.sink import Picture, Sink

#: Lock states in which a name without a question mark would say too much.
DOUBTFUL = frozenset({LockState.UNSURE, LockState.FOUND})


@dataclass(frozen=True, slots=True)
class Overlay:
    """What is drawn on the picture besides the picture."""

    label: bool = False
    skeleton: bool = False
    mirror: bool = False


class View:
    """A target, an aspect, an operator and the sinks of one output. Used by the picture thread only."""

    def __init__(
        self,
        config: ViewConfig,
        source_size: Size,
        sinks: Sequence[Sink],
        overlay: Overlay,
        times: StageTimes,
    ) -> None:
        self.config = config
        self.overlay = overlay
        self.director = ViewDirector(config, source_size)
        wide = Shot.widest(source_size, config.framing.aspect)
        self.direction = Direction(
            wide, LockReport(LockState.NOBODY, None, None, for_s=0.0, sure=0.0, unseen_s=0.0)
        )
        self._renderer = Renderer(config.output, mirror=overlay.mirror)
        self._sinks = tuple(sinks)
        self._broken: dict[str, str] = {}
        self._times = times
        self._picture: Picture | None = None
        self._name = ""

    @property
    def name(self) -> str:
        return self.config.name

    @property
    def person(self) -> int | None:
        """Id of the chosen person, or None."""
        return self.direction.lock.person

    def direct(self, tracks: Tracks, roll: Roll, dt_s: float) -> Direction:
        """Decide the shot of this picture."""
        self.direction = self.director.step(tracks, roll, dt_s)
        standing = roll.find(self.person)
        self._name = standing.name if standing else ""
        return self.direction

    def show(self, frame: Frame) -> None:
        """Render the decided shot out of ``frame`` and send it to every sink."""
        shot, track = self.direction.shot, self.direction.lock.track
        with self._times.measure("render"):
            image = self._renderer.render(frame.image, shot)
            if self.overlay.skeleton and track and track.skeleton:
                draw_skeleton(image, track.skeleton, shot, mirror=self.overlay.mirror)
            if self.overlay.label and self.label:
                draw_label(image, self.label)
        self._picture = Picture(image, frame.time_s, frame.index)
        with self._times.measure("sinks"):
            self._send(self._picture)

    def repeat(self) -> bool:
        """Send the last picture again, when the source has none; False before the first."""
        if self._picture is None:
            return False
        self._send(self._picture)
        return True

    def _send(self, picture: Picture) -> None:
        for sink in self._sinks:
            if sink.name in self._broken:
                continue
            try:
                sink.send(picture)
            except Exception as error:  # whatever broke in it, the show goes on in the other sinks
                self._broken[sink.name] = str(error) or type(error).__name__

    @property
    def label(self) -> str:
        """The words that name the chosen person on the picture; empty when nobody is chosen.

        With a question mark while it is not sure that it is they who are shown.
        """
        if self.person is None:
            return ""
        name = self._name or f"Person {self.person}"
        return f"{name}?" if self.direction.lock.state in DOUBTFUL else name

    def reconfigure(self, config: ViewConfig, overlay: Overlay) -> None:
        """Use new values from the next picture on; the output size stays."""
        self.config, self.overlay = config, overlay
        self._renderer = Renderer(config.output, mirror=overlay.mirror)
        self.director.reconfigure(config)

    def state(self) -> ViewState:
        """What the control API shows of this View; wide and nobody before the first picture."""
        lock = self.direction.lock
        return ViewState(
            name=self.name,
            size=self.config.output,
            lock=lock.state,
            lock_for_s=lock.for_s,
            person=lock.person,
            label=self.label,
            sure=lock.sure,
            shot=self.direction.shot,
            sinks={s.name: self._broken.get(s.name) or s.status or "ok" for s in self._sinks},
            mode=self.director.mode,
            reason=lock.reason,
        )

    def close(self) -> None:
        """Close every sink."""
        for sink in self._sinks:
            sink.close()
