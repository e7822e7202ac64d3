"""One View at work: what it shows is settled elsewhere; here it becomes a picture that goes to its sinks."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace

from engine.content import Content, Single
from engine.direction.lock import LockReport
from engine.direction.target import CameraMode, LockState
from engine.direction.view import Direction, ViewConfig, ViewDirector
from engine.errors import JikcamError
from engine.feed import Moments
from engine.frames import FrameHistory
from engine.geometry import Shot, Size
from engine.layout import Place
from engine.people import Tracks
from engine.sources.frame import Frame
from engine.state import ViewState
from engine.tile import Overlay, Tile, paint
from engine.timing import StageTimes
from virtualcam.sink import Picture, Sink

__all__ = ["Overlay", "View"]


class View:
    """The picture and the sinks of one output. Used by one thread at a time; ``publish`` by any.

    Args:
        content: what is shown; None = one person.
    """

    def __init__(
        self,
        config: ViewConfig,
        source_size: Size,
        sinks: Sequence[Sink],
        overlay: Overlay,
        times: StageTimes,
        content: Content | None = None,
    ) -> None:
        self.config = config
        self.overlay = overlay
        self.content: Content = content or Single(config, source_size)
        self.fault = ""
        nobody = LockReport(LockState.NOBODY, None, None, for_s=0.0, sure=0.0, unseen_s=0.0)
        wide = Shot.widest(source_size, config.framing.aspect)
        self._wide = Direction(wide, nobody, Tracks(0.0, -1))
        self._source_size = source_size
        self._moments = Moments(self.content.shown)
        self._moment: tuple[Direction, ...] = ()
        self._frame: Frame | None = None
        self._picture: Picture | None = None
        self._took_s = self._gave_s = 0.0
        self._sinks = tuple(sinks)
        self._broken: dict[str, str] = {}
        self._times = times

    @property
    def name(self) -> str:
        return self.config.name

    @property
    def size(self) -> Size:
        """Of its picture, in pixels."""
        return self.config.output

    @property
    def director(self) -> ViewDirector:
        """Who takes commands.

        Raises:
            JikcamError: it shows what other Views do.
        """
        return self.content.director

    @property
    def direction(self) -> Direction:
        """What is shown now, of the picture that is shown; of a split the first half; wide in a grid."""
        return next(iter(self.shots), self._wide)

    @property
    def shots(self) -> tuple[Direction, ...]:
        """What it shows by itself in the shown picture: two shots in a split, none in a grid."""
        return self.content.shots(self._moment) if self._moment else ()

    @property
    def person(self) -> int | None:
        """Id of the person who is shown, or None."""
        return self.direction.lock.person

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """How the shown picture is put together; empty before the first."""
        if not self._moment:
            return ()
        return self.content.tiles(self._moment, Place.whole(self.size), self.overlay)

    @property
    def label(self) -> str:
        """The words that name whom it shows; empty when nobody is chosen."""
        shown = self.direction
        return next((tile.words for tile in self.tiles if tile.direction is shown), "")

    @property
    def watched(self) -> bool:
        """Somebody or something takes its pictures; while not, they are not made."""
        return any(s.watched for s in self._sinks if s.name not in self._broken)

    @property
    def resizable(self) -> bool:
        """Each of its sinks takes pictures of another size than before."""
        return all(s.resizable for s in self._sinks if s.name not in self._broken)

    @property
    def oldest_waiting(self) -> int | None:
        """Index of the oldest picture that is settled in part and waits for the rest."""
        return self._moments.oldest

    def gather(self) -> None:
        """Take in what was settled in the last step."""
        self._moments.gather()

    def advance(self, frames: FrameHistory, *, newest: bool, up_to: int | None = None) -> bool:
        """Go on to the next settled picture, or to the newest; False when none is.

        Args:
            up_to: no further than the picture of this index.
        """
        moment = self._moments.next(up_to)
        while newest and moment is not None and (later := self._moments.next(up_to)) is not None:
            moment = later
        if moment is None:
            return False
        self._moment = moment
        self._frame = frames.at(moment[0].tracks.index)
        return True

    def hold(self, frames: FrameHistory) -> None:
        """Show the next picture as the last one was shown."""
        if self._frame is not None:
            self._frame = frames.at(self._frame.index + 1)

    def paint(self) -> None:
        """Make the picture. What goes wrong is named in ``fault``, and the last picture stays."""
        frame, begin = self._frame, time.perf_counter()
        if frame is None or not self._moment:
            return
        try:
            image, self.fault = paint(self.size, self.tiles, frame.image)
            self._picture = Picture(image, frame.time_s, frame.index)
        except Exception as error:  # its own bad picture must not take the other Views along
            self.fault = f"no picture: {type(error).__name__}: {error}"
        self._took_s = time.perf_counter() - begin

    def send(self) -> None:
        """Give the last picture to every sink."""
        begin = time.perf_counter()
        if self._picture is not None:
            self._give(self._picture)
        self._gave_s = time.perf_counter() - begin

    def publish(self) -> None:
        """Make the picture and give it away, which a virtual camera or a stream may take its time over."""
        self.paint()
        self.send()

    def account(self) -> None:
        """Note how long the last picture took, in the one thread that may."""
        if self._picture is not None:
            self._times.add("render", self._took_s)
            self._times.add("sinks", self._gave_s)

    def rest(self) -> None:
        """Nobody watches: forget the last picture, or whoever comes would see an old one first."""
        self.fault = ""
        if self._picture is not None:
            self._picture = None
            for sink in self._sinks:
                sink.rest()

    def repeat(self) -> bool:
        """Send the last picture again, when the source has none; False when there is nobody or nothing."""
        if not self.watched:
            return False
        if self._picture is None:
            self.paint()
        if self._picture is None:
            return False
        self._give(self._picture)
        return True

    def _give(self, picture: Picture) -> None:
        for sink in self._sinks:
            if sink.name in self._broken:
                continue
            try:
                sink.send(picture)
            except Exception as error:  # whatever broke in it, the show goes on in the other sinks
                self._broken[sink.name] = str(error) or type(error).__name__

    def possible(self, config: ViewConfig) -> ViewConfig:
        """``config``, but with the present size where a sink keeps its own."""
        size = self.config.output
        if config.output == size or self.resizable:
            return config
        return replace(config, output=size, framing=replace(config.framing, aspect=size.aspect))

    def check(self, config: ViewConfig) -> None:
        """Whether ``reconfigure`` would take that now.

        Raises:
            JikcamError: the View is locked against changes, or plans a whole take or would have to.
        """
        single = isinstance(self.content, Single)
        if single and self.director.guarded and config != self.config:
            raise JikcamError(f"view {self.name!r} is locked against changes", "unlock it first")
        if "take" in (config.operator, self.config.operator) and config.operator != self.config.operator:
            raise JikcamError(
                "a show can't go over to a whole take or back while it runs", "start anew with that preset"
            )

    def reconfigure(self, config: ViewConfig, overlay: Overlay) -> None:
        """Use new values from the next picture on.

        Args:
            config: as ``possible`` gives it.

        Raises:
            JikcamError: the View is guarded; then nothing has changed.
        """
        self.content.reconfigure(config)
        self.config, self.overlay = config, overlay
        wide = Shot.widest(self._source_size, config.framing.aspect)
        self._wide = Direction(wide, self._wide.lock, self._wide.tracks)

    def state(self) -> ViewState:
        """What the control API shows of this View; wide and nobody before the first picture."""
        direction = self.direction
        lock = direction.lock
        director = self.content.director if isinstance(self.content, Single) else None
        delays_s = [feed.director.delay_s for feed in self.content.shown]
        return ViewState(
            name=self.name,
            size=self.size,
            lock=lock.state,
            lock_for_s=lock.for_s,
            person=lock.person,
            label=self.label,
            sure=lock.sure,
            shot=direction.shot,
            sinks={s.name: self._broken.get(s.name) or s.status or "ok" for s in self._sinks},
            mode=director.mode if director else CameraMode.FOLLOW,
            reason=lock.reason,
            previewed=director.previewed if director else None,
            guarded=director.guarded if director else False,
            delay_s=max((s for s in delays_s if math.isfinite(s)), default=0.0),
        )

    def close(self) -> None:
        """Close every sink."""
        for sink in self._sinks:
            sink.close()
