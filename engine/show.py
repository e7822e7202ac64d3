"""The work on one picture, in order, with no thread and no clock: what live and take loops share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.direction.target import LockState, TargetRequest
from engine.errors import JikcamError
from engine.geometry import Size
from engine.motion import MotionEstimator
from engine.people import Observation, Tracks
from engine.sources.frame import Frame
from engine.timing import StageTimes
from engine.tracking import Tracker
from engine.view import View

#: A gap longer than this (a stalled camera) moves no camera any further.
LONGEST_STEP_S = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What perception is asked to look at.

    Attributes:
        tracks: who is believed where at ``frame``.
        targets: ids of the chosen people of all Views.
        search: a View misses its person, so search the whole picture now.
    """

    frame: Frame
    tracks: Tracks
    targets: frozenset[int]
    search: bool


class Show:
    """Motion, tracking and every View over the pictures of one source. Used by one thread."""

    def __init__(self, source_size: Size, views: Sequence[View], times: StageTimes) -> None:
        if len({view.name for view in views}) != len(views):
            raise JikcamError("two views have the same name", "give every [[view]] a name of its own")
        self.views = tuple(views)
        self.tracks = Tracks(0.0, -1)
        self._tracker = Tracker()
        self._motion = MotionEstimator(source_size)
        self._times = times
        self._time_s: float | None = None

    def observe(self, observation: Observation) -> None:
        """Take in what perception saw, however late."""
        with self._times.measure("fuse"):
            self.tracks = self._tracker.observe(observation)

    def follow(self, frame: Frame) -> Look:
        """Carry everybody to this picture and decide every View's shot."""
        with self._times.measure("motion"):
            field = self._motion.update(frame, [t.box for t in self.tracks.items])
        with self._times.measure("track"):
            self.tracks = self._tracker.advance(frame.time_s, frame.index, field)
        dt_s = 0.0 if self._time_s is None else min(frame.time_s - self._time_s, LONGEST_STEP_S)
        self._time_s = frame.time_s
        with self._times.measure("direct"):
            locks = [view.direct(self.tracks, dt_s).lock for view in self.views]
        return Look(
            frame,
            self.tracks,
            frozenset(lock.person for lock in locks if lock.person is not None),
            any(lock.state is LockState.LOST for lock in locks),
        )

    def show(self, frame: Frame) -> None:
        """Render and send every View."""
        for view in self.views:
            view.show(frame)

    def request(self, view_name: str, request: TargetRequest) -> None:
        """Choose somebody else in one View.

        Raises:
            JikcamError: no such View, nobody fits the request, or the picture meant is too old.
        """
        tracks = self.tracks
        if request.frame_index is not None:
            then = self._tracker.at(request.frame_index)
            if then is None:
                raise JikcamError(
                    f"picture {request.frame_index} is no longer remembered", "choose in a newer picture"
                )
            tracks = then
        self.view(view_name).director.request(request, tracks)

    def view(self, name: str) -> View:
        """The View of that name.

        Raises:
            JikcamError: there is none.
        """
        for view in self.views:
            if view.name == name:
                return view
        names = ", ".join(v.name for v in self.views)
        raise JikcamError(f"there is no view {name!r}", f"choose one of: {names}")

    def close(self) -> None:
        """Close every sink of every View."""
        for view in self.views:
            view.close()
