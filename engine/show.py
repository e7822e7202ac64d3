"""The work on one picture, in order, with no thread and no clock: what live and take loops share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.direction.target import Claim, LockState, TargetRequest
from engine.errors import JikcamError
from engine.geometry import Box, Size
from engine.identity.member import Member
from engine.identity.roster import Roster
from engine.motion import MotionEstimator
from engine.people import Observation, Roll, Tracks
from engine.sources.frame import Frame
from engine.timing import StageTimes
from engine.tracking import Tracker, TrackerConfig
from engine.view import View

#: A gap longer than this (a stalled camera) moves no camera any further.
LONGEST_STEP_S = 0.25
#: With a View in any other state somebody is being looked for.
CONTENT = frozenset({LockState.NOBODY, LockState.HELD})


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What perception is asked to look at.

    Attributes:
        tracks: who is believed where at ``frame``, and how sure it is who that is.
        targets: tracks of the chosen people of all Views.
        search: a View misses its person, so search the whole picture now.
    """

    frame: Frame
    tracks: Tracks
    targets: frozenset[int]
    search: bool


class Show:
    """Motion, tracking, identity and every View over the pictures of one source. Used by one thread."""

    def __init__(
        self,
        source_size: Size,
        views: Sequence[View],
        times: StageTimes,
        roster: Roster | None = None,
        tracker: TrackerConfig | None = None,
    ) -> None:
        if len({view.name for view in views}) != len(views):
            raise JikcamError("two views have the same name", "give every [[view]] a name of its own")
        self.views = tuple(views)
        self.tracks = Tracks(0.0, -1)
        self.roster = roster or Roster()
        self._tracker = Tracker(tracker)
        self._motion = MotionEstimator(source_size)
        self._times = times
        self._time_s: float | None = None

    @property
    def roll(self) -> Roll:
        """Who is who as of the last observation."""
        return self.roster.roll

    def observe(self, observation: Observation) -> None:
        """Take in what perception saw, however late."""
        with self._times.measure("fuse"):
            self.tracks = self._tracker.observe(observation)
        if self._tracker.fusion is not None:
            with self._times.measure("identify"):
                self.roster.observe(self._tracker.fusion)

    def follow(self, frame: Frame) -> Look:
        """Carry everybody to this picture and decide every View's shot."""
        with self._times.measure("motion"):
            field = self._motion.update(frame, [t.box for t in self.tracks.items])
        with self._times.measure("track"):
            self.tracks = self._tracker.advance(frame.time_s, frame.index, field)
        dt_s = 0.0 if self._time_s is None else min(frame.time_s - self._time_s, LONGEST_STEP_S)
        self._time_s = frame.time_s
        with self._times.measure("direct"):
            directions = [view.direct(self.tracks, self.roll, dt_s) for view in self.views]
        for direction in directions:
            self._believe(direction.claim)
        locks = [direction.lock for direction in directions]
        chosen = [self.roll.find(lock.person) for lock in locks]
        return Look(
            frame,
            self._with_sureness(),
            frozenset(p.track for p in chosen if p is not None and p.track is not None),
            any(lock.state not in CONTENT for lock in locks),
        )

    def _with_sureness(self) -> Tracks:
        sure = {p.track: p.sure for p in self.roll.people}
        items = tuple(replace(t, sure=sure.get(t.id, 0.0)) for t in self.tracks.items)
        return replace(self.tracks, items=items)

    def show(self, frame: Frame) -> None:
        """Render and send every View."""
        for view in self.views:
            view.show(frame)

    def request(self, view_name: str, request: TargetRequest) -> None:
        """Choose somebody in one View; the roster learns what that says about who is who.

        Raises:
            JikcamError: no such View, nobody fits the request, or the picture meant is too old.
        """
        claim = self.view(view_name).director.request(request, self._tracks_of(request), self.roll)
        self._believe(claim)

    def claim(self, view_name: str, request: TargetRequest) -> None:
        """Believe the user that the View's own person is the one whom ``request`` means.

        Raises:
            JikcamError: no such View, nobody is chosen in it, nobody fits, or the picture meant is too old.
        """
        claim = self.view(view_name).director.claim(request, self._tracks_of(request), self.roll)
        self._believe(claim)

    def _believe(self, claim: Claim | None) -> None:
        if claim is not None and self.tracks.find(claim.track):
            self.roster.claim(claim.person, claim.track)

    def enrol(self, person: int, name: str) -> Member:
        """Give a person a name; returns what is known of them.

        Raises:
            JikcamError: nobody has that id.
        """
        try:
            self.roster.enrol(person, name)
        except KeyError:
            raise JikcamError(f"there is no person {person}", "choose one of those in the picture") from None
        return self.roster.member(name)

    def forget(self, name: str) -> None:
        """Take a name, and all that is remembered under it, back.

        Raises:
            JikcamError: nobody has that name.
        """
        if not any(p.name == name for p in self.roll.people):
            names = ", ".join(p.name for p in self.roll.people if p.name) or "nobody"
            raise JikcamError(f"nobody is called {name!r}", f"enrolled: {names}")
        self.roster.forget(name)

    def box_of(self, person: int) -> Box | None:
        """Where that person is believed to be, in source pixels; None when out of sight."""
        standing = self.roll.find(person)
        track = self.tracks.find(standing.track) if standing else None
        return track.box if track else None

    def _tracks_of(self, request: TargetRequest) -> Tracks:
        """The tracks at the picture the user was looking at."""
        tracks = self.tracks
        if request.frame_index is not None:
            then = self._tracker.at(request.frame_index)
            if then is None:
                raise JikcamError(
                    f"picture {request.frame_index} is no longer remembered", "choose in a newer picture"
                )
            tracks = then
        return tracks

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
