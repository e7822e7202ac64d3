"""Whether the chosen person is held, hidden for a moment, or lost."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.direction.target import LockState
from engine.people import Track, Tracks


@dataclass(frozen=True, slots=True)
class LockConfig:
    """When a chosen person counts as hidden and as lost.

    Attributes:
        occluded_after_s: unseen for longer than this means hidden; above the usual time between two
            observations, so that a slow model alone never hides anybody.
        lost_after_s: unseen for longer than this means lost.
        covered_norm: share of the box hidden by people in front from which on a person counts as hidden
            even when a detector says otherwise (it then often sees the person in front).
        reselect: a start-up rule (largest, leftmost, ...) is applied anew once its person is lost. A person
            chosen by hand is never replaced.
    """

    occluded_after_s: float = 0.4
    lost_after_s: float = 1.5
    covered_norm: float = 0.9
    reselect: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class LockReport:
    """How the lock stands at one picture.

    Attributes:
        track: the chosen track as believed now, also while it is hidden; None when it is gone.
        person: id of the chosen person; stays while the person is lost; None when nobody is chosen.
        for_s: how long this state has lasted.
        sure: 1 = seen in full just now, falling to 0 with the time unseen and with cover.
        unseen_s: time since the person was last seen well; 0 when nobody is chosen.
    """

    state: LockState
    track: Track | None
    person: int | None
    for_s: float
    sure: float
    unseen_s: float


def sureness(unseen_s: float, covered: float, lost_after_s: float) -> float:
    """How sure it is that a track is still its person: 1 seen in full just now, 0 unseen for too long."""
    return max(0.0, 1.0 - unseen_s / lost_after_s) * (1.0 - 0.5 * covered)


class Lock:
    """Follows one chosen person through the tracks. Time is the tracks' own; there is no clock in here.

    A person's id is the id of the track; only ``_find`` knows that.
    """

    def __init__(self, config: LockConfig) -> None:
        self.config = config
        self._person: int | None = None
        self._state = LockState.NOBODY
        self._since_s: float | None = None
        self._confirmed_s = -math.inf
        self._well_seen_s = -math.inf

    @property
    def person(self) -> int | None:
        """Id of the chosen person."""
        return self._person

    def choose(self, person: int | None) -> None:
        """Hold on to ``person`` from the next step on; None lets go."""
        if person == self._person:
            return
        self._person = person
        self._state = LockState.NOBODY
        self._since_s = None
        self._confirmed_s = self._well_seen_s = -math.inf

    def step(self, tracks: Tracks) -> LockReport:
        """The lock at the time of ``tracks``."""
        now_s = tracks.time_s
        if self._person is None:
            return self._report(LockState.NOBODY, None, now_s, sure=0.0, unseen_s=0.0)
        if self._confirmed_s == -math.inf:
            # Chosen just now, so seen just now; a track that is gone already is lost from here on.
            self._confirmed_s = self._well_seen_s = now_s
        track = self._find(tracks)
        covered = 0.0
        if track is not None:
            covered = min(max(track.covered, 0.0), 1.0)
            self._confirmed_s = max(self._confirmed_s, min(track.seen_s, now_s))
            if covered < self.config.covered_norm:
                self._well_seen_s = self._confirmed_s
        unconfirmed_s = max(now_s - self._confirmed_s, 0.0)
        if track is None or unconfirmed_s > self.config.lost_after_s:
            state = LockState.LOST
        elif unconfirmed_s > self.config.occluded_after_s or covered >= self.config.covered_norm:
            state = LockState.OCCLUDED
        else:
            state = LockState.HELD
        sure = 0.0 if state is LockState.LOST else sureness(unconfirmed_s, covered, self.config.lost_after_s)
        return self._report(state, track, now_s, sure, max(now_s - self._well_seen_s, 0.0))

    def _find(self, tracks: Tracks) -> Track | None:
        return tracks.find(self._person)

    def _report(
        self, state: LockState, track: Track | None, now_s: float, sure: float, unseen_s: float
    ) -> LockReport:
        if state is not self._state or self._since_s is None:
            self._state, self._since_s = state, now_s
        return LockReport(state, track, self._person, max(now_s - self._since_s, 0.0), sure, unseen_s)
