"""Where the camera looks while a View is without its person."""

from __future__ import annotations

from engine.direction.choice import in_sight
from engine.direction.framing import FramingConfig, frame_group
from engine.direction.lock import LockReport
from engine.direction.lost import LostConfig, amid, away_shot, escapes
from engine.geometry import Point, Shot, Size
from engine.people import Tracks

#: A shot of everybody is made anew when somebody leaves it or when it could be so much closer ...
CLOSER = 1.4
#: ... but rests for so many times the length of its own move.
REST_EASES = 3.0


class Away:
    """The shot while the person is away: it changes seldom, and only for a reason."""

    def __init__(self, size: Size, output: Size, framing: FramingConfig, lost: LostConfig) -> None:
        self.size = size
        self.output = output
        self.framing = framing
        self.shot = away_shot(lost, size, framing.aspect, None)
        self._then = lost.then
        self._for_s = 0.0

    def reconfigure(self, output: Size, framing: FramingConfig, lost: LostConfig) -> None:
        """Another output or framing; all there is, round the same place."""
        self.output, self.framing = output, framing
        self.shot = away_shot(lost, self.size, framing.aspect, self.shot.center)

    def go(self, report: LockReport, tracks: Tracks, lost: LostConfig, place: Point | None) -> Shot:
        """The shot to go to now.

        Args:
            place: where the person was last; None when nobody was held.
        """
        self._for_s = 0.0
        self._then = lost.then
        if lost.then == "group":
            self.shot = self._everybody(tracks)
        else:
            widest = Shot.widest(self.size, self.framing.aspect)
            self.shot = self._round(lost, amid(report.candidates, place, widest))
        return self.shot

    def stay(self, report: LockReport, tracks: Tracks, lost: LostConfig, dt_s: float) -> Shot:
        """The shot ``dt_s`` later: the same, unless it misses what it is for."""
        self._for_s += dt_s
        if lost.then != self._then:
            return self.go(report, tracks, lost, self.shot.center)
        if lost.then == "group":
            if self._for_s >= REST_EASES * lost.ease_s and self._stale(tracks):
                self._for_s = 0.0
                self.shot = self._everybody(tracks)
        elif report.candidates and lost.then != "full":
            likeliest = report.candidates[0].box.center
            better = self._round(lost, likeliest)
            if escapes(likeliest, self.shot, better):
                self.shot = better
        return self.shot

    def _round(self, lost: LostConfig, place: Point | None) -> Shot:
        return away_shot(lost, self.size, self.framing.aspect, place)

    def _everybody(self, tracks: Tracks) -> Shot:
        seen = in_sight(tracks)
        if not seen:
            return Shot.widest(self.size, self.framing.aspect)
        shot = frame_group(seen, self.size, self.output, self.framing)
        if all(shot.box.contains(t.box.center) for t in seen):
            return shot
        # Not everybody fits: as many as there is room for, and with them as much as there is.
        return Shot.widest(self.size, self.framing.aspect, shot.center)

    def _stale(self, tracks: Tracks) -> bool:
        better = self._everybody(tracks)
        if better.height * CLOSER < self.shot.height:
            return True
        return any(
            not self.shot.box.contains(t.box.center) and better.box.contains(t.box.center)
            for t in in_sight(tracks)
        )
