"""Who is where, at every picture, from observations that come seldom and late."""

from __future__ import annotations

import numpy as np

from engine.people import Fusion, Match, MotionField, Observation, Swap, Tracks
from engine.tracking.association import associate
from engine.tracking.config import TrackerConfig
from engine.tracking.findings import findings
from engine.tracking.flow import usable
from engine.tracking.fusion import fused
from engine.tracking.history import History, Moment
from engine.tracking.learned import PairCost, shipped
from engine.tracking.prediction import predicted
from engine.tracking.state import State
from engine.tracking.swaps import HANDMADE_ODDS, swaps


class Tracker:
    """Follows everybody. Not thread-safe: one thread calls it, or the caller locks.

    ``advance`` is called for every picture in order, ``observe`` whenever perception has finished one. An
    observation is fused at its own picture and carried to the newest by the motion recorded since, so the
    result is the same as if it had been there in time. Nothing raises on bad numbers: broken findings,
    pictures and motion fields are ignored; observations that cannot be placed are counted in ``dropped``.
    """

    def __init__(self, config: TrackerConfig | None = None) -> None:
        self._config = config or TrackerConfig()
        self._cost: PairCost | None = shipped() if self._config.cost == "stage" else None
        self._swap_odds = self._cost.swap if self._cost is not None else HANDMADE_ODDS
        self._history = History(self._config.memory_s)
        self._next_id = 1
        self._first_found_s: float | None = None
        self._observed_index: int | None = None
        self._tracks = Tracks(0.0, -1)
        self._fusion: Fusion | None = None
        self.dropped = 0

    @property
    def tracks(self) -> Tracks:
        """Confirmed tracks at the newest picture; before the first, nobody at index -1."""
        return self._tracks

    @property
    def fusion(self) -> Fusion | None:
        """What was made of the last observation; None when that one was dropped, and before the first."""
        return self._fusion

    def at(self, index: int) -> Tracks | None:
        """Confirmed tracks at a recent picture as believed now; None when it is not remembered."""
        moments = self._history.since(index)
        return self._shown(moments[0]) if moments else None

    def advance(self, time_s: float, index: int, field: MotionField | None) -> Tracks:
        """One picture on. ``field`` is the motion from the newest picture to this one, None if unknown.

        A picture that is not later than the newest is ignored.
        """
        moment = self._next(time_s, index, field)
        if moment is not None:
            self._tracks = self._shown(moment)
        return self._tracks

    def _next(self, time_s: float, index: int, field: MotionField | None) -> Moment | None:
        newest = self._history.newest
        if not np.isfinite(time_s):
            return None
        if newest is None:
            moment = Moment(index, time_s, None, State.empty())
        else:
            if time_s <= newest.time_s or index <= newest.index:
                return None
            known = field if field is not None and usable(field, newest.time_s, time_s) else None
            state = predicted(newest.state, known, newest.time_s, time_s, self._config)
            moment = Moment(index, time_s, known, state)
        self._history.push(moment)
        return moment

    def observe(self, observation: Observation) -> Tracks:
        """Fuse an observation of the newest picture or of an older one; one ahead of it advances first.

        Observations come in the order of their pictures, several of one picture allowed. One older than
        an observation already fused, or than ``memory_s``, is dropped and counted.
        """
        newest = self._history.newest
        if newest is None or observation.index > newest.index:
            self._next(observation.time_s, observation.index, None)
        moments = self._history.since(observation.index)
        late = self._observed_index is not None and observation.index < self._observed_index
        if late or not moments:
            self.dropped += 1
            self._fusion = None
            return self._tracks
        self._observed_index = observation.index
        before = moments[0]
        before.state, matches, exchanged = self._fused(before.state, observation, before.time_s)
        self._tracks = self._shown(before)
        self._fusion = Fusion(self._tracks, matches, exchanged, observation.complete)
        for moment in moments[1:]:
            moment.state = predicted(before.state, moment.field, before.time_s, moment.time_s, self._config)
            before = moment
        if before is not moments[0]:
            self._tracks = self._shown(before)
        return self._tracks

    def _fused(
        self, state: State, observation: Observation, now_s: float
    ) -> tuple[State, tuple[Match, ...], tuple[Swap, ...]]:
        config = self._config
        found = findings(observation, config.association.low_score)
        decided = associate(state, found, now_s, config.association, self._cost)
        first_s = now_s if self._first_found_s is None else self._first_found_s
        after, born = fused(
            state,
            found,
            decided.rows,
            decided.columns,
            now_s,
            observation.complete,
            self._next_id,
            now_s - first_s <= config.start_s,
            config,
        )
        if len(born):
            self._first_found_s = first_s
        matched = dict(zip(state.ids[decided.rows].tolist(), decided.columns.tolist(), strict=True))
        matched |= dict(zip(range(self._next_id, self._next_id + len(born)), born.tolist(), strict=True))
        self._next_id += len(born)
        confirmed = after.ids[after.confirmed].tolist()
        matches = tuple(Match(i, found.people[matched[i]]) for i in confirmed if i in matched)
        return after, matches, swaps(state, found, decided, now_s, self._swap_odds)

    def _shown(self, moment: Moment) -> Tracks:
        return moment.state.tracks(moment.time_s, moment.index, self._config.skeleton_s)
