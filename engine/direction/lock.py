"""Whether the chosen person is held, hidden for a moment, uncertain, lost, or found again."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.direction.sight import Sight, hider, sight_of
from engine.direction.target import LockState
from engine.people import Track, Tracks
from engine.roll import Roll

#: Who is on air stays there down to this share of the sureness that it takes to get there.
KEEP_SHARE = 0.7
#: Being out of sight is more likely than not.
MORE_LIKELY_NOT = 0.5
#: While beliefs spread, who is hidden or unseen by this share of what else counts as hidden is in a crossing.
CROSSING_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class LockConfig:
    """When a chosen person counts as hidden, as lost, and as surely the one who is seen.

    Attributes:
        occluded_after_s: unseen for longer than this means hidden; above the usual time between two
            observations, so that a slow model alone never hides anybody.
        lost_after_s: unseen for longer than this means lost.
        covered_norm: share of the box hidden by people in front from which on a person counts as hidden
            even when a detector says otherwise (it then often sees the person in front).
        reselect: a start-up rule (largest, leftmost, ...) is applied anew once its person is lost, or, having
            no name, in doubt for so long. A person chosen by hand is never replaced.
        sure_norm: so probable must it be that a track is the person before they go on air.
        confirm_s: who was unsure or lost must be surely seen for so long before they are held again.
    """

    occluded_after_s: float = 0.4
    lost_after_s: float = 1.5
    covered_norm: float = 0.9
    reselect: bool = False
    sure_norm: float = 0.8
    confirm_s: float = 0.25

    @property
    def keep_norm(self) -> float:
        """Below this nobody stays on air."""
        return KEEP_SHARE * self.sure_norm


@dataclass(frozen=True, slots=True, eq=False)
class LockReport:
    """How the lock stands at one picture.

    Attributes:
        track: the chosen track as believed now, also while it is hidden; None when it is gone, or when it
            is not sure which one it is.
        person: id of the chosen person; stays while the person is lost; None when nobody is chosen.
        for_s: how long this state has lasted.
        sure: that the person is where they are believed to be: the roster's belief, but no more than 1 = seen
            in full just now, falling to 0 with the time unseen and with cover.
        unseen_s: time since the person was last seen well; 0 when nobody is chosen.
        reason: why, in a few words for the user; may be empty.
        candidates: while UNSURE, the tracks that may be the person, the likeliest first.
        crossing: while UNSURE, one of the candidates is hidden or half so; waiting a little may settle it.
    """

    state: LockState
    track: Track | None
    person: int | None
    for_s: float
    sure: float
    unseen_s: float
    reason: str = ""
    candidates: tuple[Track, ...] = ()
    crossing: bool = False


def sureness(unseen_s: float, covered: float, lost_after_s: float) -> float:
    """How sure it is that a track is still its person: 1 seen in full just now, 0 unseen for too long."""
    return max(0.0, 1.0 - unseen_s / lost_after_s) * (1.0 - 0.5 * covered)


class Lock:
    """Follows one chosen person, by their id in the roll. Time is the tracks' own; there is no clock in here.

    A person is held only on one track, and only while the roster is sure enough that it is they. Another
    track, or the same one after doubt, must be sure for ``confirm_s`` first. Nobody but the roster and the
    user says who is who, so a newcomer inherits nothing.
    """

    def __init__(self, config: LockConfig) -> None:
        self.config = config
        self._person: int | None = None
        self._state = LockState.NOBODY
        self._since_s: float | None = None
        self._track: int | None = None
        self._trusted = False
        self._fresh = True
        self._confirmed_s = -math.inf
        self._well_seen_s = -math.inf
        self._crossing = False

    @property
    def person(self) -> int | None:
        """Id of the chosen person."""
        return self._person

    @property
    def track(self) -> int | None:
        """Id of the track on which the person is held, or was last."""
        return self._track

    @property
    def state(self) -> LockState:
        """As of the last step; NOBODY right after a choice."""
        return self._state

    def rename(self, person: int | None) -> None:
        """The chosen person goes by that id from now on; nothing else has changed."""
        self._person = person

    def present(self, roll: Roll) -> int | None:
        """The track on which the person is believed now, or else was last."""
        standing = roll.find(self._person)
        return standing.track if standing and standing.track is not None else self._track

    def choose(self, person: int | None, *, by_hand: bool = False) -> None:
        """Hold on to ``person`` from the next step on; None lets go.

        Args:
            by_hand: the user pointed at them, so that they need not prove themselves first, also when they
                were chosen already.
        """
        if person == self._person and not by_hand:
            return
        self._person = person
        self._state = LockState.NOBODY
        self._since_s = self._track = None
        self._trusted, self._fresh = by_hand, True
        self._confirmed_s = self._well_seen_s = -math.inf

    def step(self, tracks: Tracks, roll: Roll) -> LockReport:
        """The lock at the time of ``tracks``; ``roll`` is what the roster says of the people on them."""
        now_s = tracks.time_s
        if self._person is None:
            return LockReport(LockState.NOBODY, None, None, self._for_s(LockState.NOBODY, now_s), 0.0, 0.0)
        sight = sight_of(self._person, tracks, roll, self.config.sure_norm)
        if self._confirmed_s == -math.inf:
            # Chosen just now, so seen just now; a track that is gone already is lost from here on.
            self._confirmed_s = self._well_seen_s = now_s
        # A source that starts again turns the clock back; what was noted then would lie in the future.
        self._confirmed_s, self._well_seen_s = min(self._confirmed_s, now_s), min(self._well_seen_s, now_s)
        self._since_s = None if self._since_s is None else min(self._since_s, now_s)
        if self._fresh:
            self._trusted = self._trusted or sight.sure >= self.config.sure_norm
            self._fresh = False
        state = self._held(sight, tracks, now_s) if self._trusted else self._doubted(sight, now_s)
        if state in (LockState.UNSURE, LockState.LOST):
            self._trusted = False
        return self._report(state, sight, tracks, roll)

    def _held(self, sight: Sight, tracks: Tracks, now_s: float) -> LockState:
        """The next state of somebody who was held or hidden until now."""
        track = sight.track
        if track is None or sight.sure < self.config.keep_norm:
            return self._hidden_or_unsure(sight, tracks, now_s)
        if self._track not in (None, track.id):
            # Another body, however likely, is not shown before it has been looked at.
            self._trusted = False
            return self._doubted(sight, now_s)
        self._track = track.id
        return self._by_time(track, now_s)

    def _by_time(self, track: Track, now_s: float) -> LockState:
        """The state of a track that is surely the person, by how long it has been unseen."""
        self._confirmed_s = max(self._confirmed_s, min(track.seen_s, now_s))
        covered = _covered(track)
        if covered < self.config.covered_norm:
            self._well_seen_s = self._confirmed_s
        unconfirmed_s = max(now_s - self._confirmed_s, 0.0)
        if unconfirmed_s > self.config.lost_after_s:
            return LockState.LOST
        if unconfirmed_s > self.config.occluded_after_s or covered >= self.config.covered_norm:
            return LockState.OCCLUDED
        return LockState.HELD

    def _hidden_or_unsure(self, sight: Sight, tracks: Tracks, now_s: float) -> LockState:
        """Nobody seen is surely the person any more."""
        place = tracks.find(self._track)
        hidden = sight.absent
        if sight.track is not None and not self._in_sight(sight.track, now_s, CROSSING_SHARE):
            hidden += sight.sure
        # Their place is known while their track is, unless somebody is seen there instead.
        known = place is not None and not self._in_sight(place, now_s, CROSSING_SHARE)
        if known and hidden >= MORE_LIKELY_NOT and now_s - self._well_seen_s <= self.config.lost_after_s:
            return LockState.OCCLUDED
        return self._unsure_or_lost(sight, now_s)

    def _doubted(self, sight: Sight, now_s: float) -> LockState:
        """The next state of somebody who is not held."""
        track = sight.track
        sure = track is not None and sight.sure >= self.config.sure_norm and self._in_sight(track, now_s)
        if track is None or not sure:
            return self._unsure_or_lost(sight, now_s)
        if self._state is not LockState.FOUND or track.id != self._track or self._since_s is None:
            self._track, self._since_s = track.id, now_s
            return LockState.FOUND
        # Only being seen confirms; a forecast that coasts on does not.
        if track.seen_s - self._since_s < self.config.confirm_s - 1e-6:
            return LockState.FOUND
        self._trusted = True
        return self._by_time(track, now_s)

    def _unsure_or_lost(self, sight: Sight, now_s: float) -> LockState:
        self._crossing = any(not self._in_sight(t, now_s, CROSSING_SHARE) for t in sight.candidates)
        seen = any(self._in_sight(t, now_s) for t in sight.candidates)
        return LockState.UNSURE if seen and sight.absent < MORE_LIKELY_NOT else LockState.LOST

    def _in_sight(self, track: Track, now_s: float, share: float = 1.0) -> bool:
        """Seen; or better than that, with a ``share`` below 1 of what may be hidden."""
        recent = now_s - track.seen_s <= share * self.config.occluded_after_s
        return recent and _covered(track) < share * self.config.covered_norm

    def _for_s(self, state: LockState, now_s: float) -> float:
        if state is not self._state or self._since_s is None:
            self._state, self._since_s = state, now_s
        return max(now_s - self._since_s, 0.0)

    def _report(self, state: LockState, sight: Sight, tracks: Tracks, roll: Roll) -> LockReport:
        now_s = tracks.time_s
        track = self._shown(state, sight, tracks)
        sure = 0.0
        if state is LockState.UNSURE:
            sure = sight.sure
        elif state is not LockState.LOST and track is not None:
            unseen_s = max(now_s - max(track.seen_s, self._confirmed_s), 0.0)
            believed = max(sight.sure, sight.absent) if state is LockState.OCCLUDED else sight.sure
            sure = min(believed, sureness(unseen_s, _covered(track), self.config.lost_after_s))
        return LockReport(
            state,
            track,
            self._person,
            self._for_s(state, now_s),
            sure,
            max(now_s - self._well_seen_s, 0.0),
            self._reason(state, track, sight, tracks, roll),
            sight.candidates if state is LockState.UNSURE else (),
            state is LockState.UNSURE and self._crossing,
        )

    def _shown(self, state: LockState, sight: Sight, tracks: Tracks) -> Track | None:
        """The track to report."""
        if state is LockState.UNSURE:
            return None
        if state in (LockState.HELD, LockState.FOUND):
            return sight.track
        place = tracks.find(self._track)
        gone = place is not None and state is LockState.LOST and self._in_sight(place, tracks.time_s)
        return None if gone else place

    def _reason(self, state: LockState, track: Track | None, sight: Sight, tracks: Tracks, roll: Roll) -> str:
        known = sight.standing.reason if sight.standing else ""
        if state is LockState.OCCLUDED:
            who = hider(track, tracks, roll) if track is not None else ""
            return f"behind {who}" if who else "out of sight for a moment"
        if state is LockState.FOUND:
            return "seen again, making sure"
        if state is LockState.UNSURE:
            return known or "could be somebody else"
        return known or ("out of sight" if state is LockState.LOST else "")


def _covered(track: Track) -> float:
    return min(max(track.covered, 0.0), 1.0)
