"""The work on one picture, in order, with no thread and no clock: what live and take loops share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.area import AreaConfig, filtered
from engine.content import Single
from engine.direction.target import Claim, LockState, TargetRequest
from engine.direction.view import Switch
from engine.errors import JikcamError
from engine.feed import Feed
from engine.frames import FrameHistory
from engine.geometry import Box, Size
from engine.identity.member import Member
from engine.identity.roster import Roster
from engine.motion import MotionEstimator
from engine.painters import Painters
from engine.people import Observation, Tracks
from engine.roll import Roll
from engine.sources.frame import Frame
from engine.timing import StageTimes
from engine.tracking import Tracker, TrackerConfig
from engine.tracking.objects import ObjectTracker
from engine.view import View

#: A gap longer than this (a stalled camera) moves no camera any further.
LONGEST_STEP_S = 0.25
#: With a View in any other state somebody is being looked for.
CONTENT = frozenset({LockState.NOBODY, LockState.HELD})
#: While nothing is settled (a fault) pictures are kept for so much longer than the longest delay.
SPARE_S = 1.0


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
    """Motion, tracking, identity and every View over the pictures of one source. Used by one thread.

    Args:
        area: where people count; None = everywhere. An attribute too, which may be replaced.
        threads: how many make pictures at once, the caller's own included.
    """

    def __init__(
        self,
        source_size: Size,
        views: Sequence[View],
        times: StageTimes,
        roster: Roster | None = None,
        tracker: TrackerConfig | None = None,
        *,
        area: AreaConfig | None = None,
        threads: int = 1,
    ) -> None:
        if len({view.name for view in views}) != len(views):
            raise JikcamError("two views have the same name", "give every [[view]] a name of its own")
        self.views = tuple(views)
        self.tracks = Tracks(0.0, -1)
        self.roster = roster or Roster()
        self._size = source_size
        self.area = area
        self._tracker = Tracker(tracker)
        self._objects = ObjectTracker()
        self._motion = MotionEstimator(source_size)
        self._frames = FrameHistory()
        self._painters = Painters(threads)
        self._times = times
        self._time_s: float | None = None
        # Whoever follows other Views steps after them.
        self._in_order = sorted(self.views, key=lambda view: not isinstance(view.content, Single))

    @property
    def roll(self) -> Roll:
        """Who is who as of the last observation."""
        return self.roster.roll

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """Every director at work, those that follow others last."""
        return tuple(feed for view in self._in_order for feed in view.content.own)

    @property
    def plans_take(self) -> bool:
        """A View's camera is planned over a whole take, so that nothing of it is settled before the end."""
        return any(feed.director.config.operator == "take" for feed in self.feeds)

    @property
    def fault(self) -> str:
        """What went wrong in making pictures just now, one line; empty = nothing."""
        return next((f"view {view.name}: {view.fault}" for view in self.views if view.fault), "")

    def observe(self, observation: Observation) -> None:
        """Take in what perception saw, however late."""
        if self.area:
            observation = filtered(observation, self.area, self._size)
        with self._times.measure("fuse"):
            self.tracks = replace(self._tracker.observe(observation), objects=self.tracks.objects)
            self._objects.observe(observation)
        if self._tracker.fusion is not None:
            with self._times.measure("identify"):
                self.roster.observe(self._tracker.fusion)

    def follow(self, frame: Frame, *, keep: bool = True) -> Look:
        """Carry everybody to this picture and let every director decide about it.

        Args:
            keep: its pixels will be shown by ``show``; False while they are not needed yet.
        """
        if keep:
            self._frames.push(frame)
        with self._times.measure("motion"):
            boxes = [t.box for t in self.tracks.items] + [o.box for o in self.tracks.objects]
            field = self._motion.update(frame, boxes)
        with self._times.measure("track"):
            tracks = self._tracker.advance(frame.time_s, frame.index, field)
            self.tracks = replace(tracks, objects=self._objects.advance(frame.time_s, field))
        dt_s = 0.0 if self._time_s is None else min(frame.time_s - self._time_s, LONGEST_STEP_S)
        self._time_s = frame.time_s
        with self._times.measure("direct"):
            claims = self._direct(dt_s)
        for claim in claims:
            self._believe(claim)
        locks = [feed.director.lock for feed in self.feeds]
        chosen = [self.roll.find(lock.person) for lock in locks]
        return Look(
            frame,
            self._with_sureness(),
            frozenset(p.track for p in chosen if p is not None and p.track is not None),
            any(lock.state not in CONTENT for lock in locks),
        )

    def _direct(self, dt_s: float) -> list[Claim | None]:
        claims = []
        for view in self._in_order:
            view.content.aim(self.tracks, self.roll)
            claims += [feed.step(self.tracks, self.roll, dt_s) for feed in view.content.own]
        for view in self.views:
            view.gather()
        return claims

    def finish(self) -> None:
        """The source has ended: what was decided and is still to be shown is settled."""
        for feed in self.feeds:
            feed.finish()
        for view in self.views:
            view.gather()

    def _with_sureness(self) -> Tracks:
        sure = {p.track: p.sure for p in self.roll.people}
        items = tuple(replace(t, sure=sure.get(t.id, 0.0)) for t in self.tracks.items)
        return replace(self.tracks, items=items)

    def show(self, *, newest: bool = True) -> tuple[View, ...]:
        """Every View goes on to its newest settled picture, or to its next; returns those that did."""
        shown = tuple(view for view in self.views if view.advance(self._frames, newest=newest))
        self._publish(shown)
        self._forget_frames()
        return shown

    def show_picture(self, frame: Frame) -> tuple[View, ...]:
        """Every View that has settled this picture shows it; for pictures that were not kept."""
        self._frames.push(frame)
        self._frames.keep_from(frame.index)
        shown = tuple(v for v in self.views if v.advance(self._frames, newest=True, up_to=frame.index))
        self._publish(shown)
        return shown

    def hold(self, frame: Frame) -> None:
        """After a fault: the next picture of every View, as the last one was shown."""
        if self._frames.newest is not frame:
            self._frames.push(frame)
        for view in self.views:
            view.hold(self._frames)
        self._publish(self.views)
        delays_s = [feed.director.delay_s for feed in self.feeds]
        self._frames.keep_last_s(max((s for s in delays_s if math.isfinite(s)), default=0.0) + SPARE_S)

    def _publish(self, views: Sequence[View]) -> None:
        watched = [view for view in views if view.watched]
        with self._times.measure("views"):
            # Each picture leaves as soon as it is made, and no View waits for the sinks of another.
            self._painters.run([view.publish for view in watched])
        for view in views:
            if view in watched:
                view.account()
            else:
                view.rest()

    def _forget_frames(self) -> None:
        """Keep what somebody may still show, no more."""
        awaited = [feed.oldest_awaited for feed in self.feeds]
        waiting = [view.oldest_waiting for view in self.views]
        newest = self._frames.newest
        if newest is not None:
            self._frames.keep_from(
                min((i for i in (*awaited, *waiting) if i is not None), default=newest.index)
            )

    def request(self, view_name: str, request: TargetRequest) -> None:
        """Choose somebody in one View; the roster learns what that says about who is who.

        Raises:
            JikcamError: no such View, it is guarded, nobody fits, or the picture meant is too old.
        """
        director = self.view(view_name).director
        self._believe(director.request(request, self._tracks_of(request), self.roll))

    def claim(self, view_name: str, request: TargetRequest) -> None:
        """Believe the user that the View's own person is the one whom ``request`` means.

        Raises:
            JikcamError: no such View, nobody is chosen in it, nobody fits, or the picture meant is too old.
        """
        director = self.view(view_name).director
        self._believe(director.claim(request, self._tracks_of(request), self.roll))

    def preview(self, view_name: str, request: TargetRequest) -> None:
        """Choose who is next in one View; its picture stays as it is. Errors as ``request``."""
        director = self.view(view_name).director
        self._believe(director.preview(request, self._tracks_of(request), self.roll))

    def take(self, view_name: str, how: Switch | None = None) -> None:
        """Show who was previewed in one View.

        Raises:
            JikcamError: no such View, nobody is previewed in it, or it is guarded.
        """
        self.view(view_name).director.take(how)

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
        if request.frame_index is None:
            return self.tracks
        then = self.tracks_at(request.frame_index)
        if then is None:
            raise JikcamError(
                f"picture {request.frame_index} is no longer remembered", "choose in a newer picture"
            )
        return then

    def tracks_at(self, index: int) -> Tracks | None:
        """Who was where in a recent picture, as believed by now; None when it is not remembered."""
        return self._tracker.at(index)

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
        self._painters.close()
        for view in self.views:
            view.close()
