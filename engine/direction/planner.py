"""From a lock to what each picture asks for: follow, rest, go wide, come back."""

from __future__ import annotations

from engine.direction.away import Away
from engine.direction.choice import in_sight
from engine.direction.framing import Framed, Framer, FramingConfig
from engine.direction.lock import LockReport
from engine.direction.lost import Lost, LostConfig, Phase
from engine.direction.plan import CUT, Plan
from engine.direction.target import LockState
from engine.direction.want import Want
from engine.geometry import Shot, Size
from engine.people import Tracks


class Planner:
    """Plans one View picture by picture; knows nothing of how the camera gets there."""

    def __init__(self, size: Size, output: Size, framing: FramingConfig, lost: LostConfig) -> None:
        self.size = size
        self._lost = Lost(lost)
        self._framer = Framer(size, output, framing)
        self._away = Away(size, output, framing, lost)
        wide = Shot.widest(size, framing.aspect)
        self._framed = Framed(wide, wide.box)
        self._phase = Phase.AWAY
        self._arriving = False
        self._change_s: float | None = None

    def reconfigure(self, output: Size, framing: FramingConfig, lost: LostConfig, ease_s: float) -> None:
        """Plan otherwise from the next picture on; another framing is reached within ``ease_s``."""
        self._lost.config = lost
        if (output, framing) == (self._framer.output, self._framer.config):
            return
        self._framer.reconfigure(output, framing)
        self._away.reconfigure(output, framing, lost)
        shot = self._framed.shot
        shot = Shot(shot.cx, shot.cy, shot.height, framing.aspect).inside(self.size)
        self._framed = Framed(shot, self._framed.keep)
        self._arriving = self._phase is not Phase.AWAY
        self._change_s = ease_s

    def follow(self, change_s: float) -> None:
        """Somebody was chosen just now; get to them within ``change_s``, CUT = at once."""
        self._lost.follow()
        self._arriving = True
        self._change_s = change_s

    def step(self, report: LockReport, tracks: Tracks, dt_s: float) -> Plan:
        """The plan of the picture of ``tracks``, ``dt_s`` after the last one."""
        phase = self._lost.step(report, usurped=_usurped(self._framed.shot, report, tracks))
        if phase is Phase.FOLLOW and report.track is not None:
            if self._phase is Phase.AWAY:
                self._framer.forget()
            self._framed = self._framer.step(report.track, dt_s, tracks)
        away, begins = None, False
        if phase is Phase.AWAY:
            away = self._wide(report, tracks, dt_s)
        else:
            begins = self._phase is Phase.AWAY or self._arriving
            if self._phase is Phase.AWAY and not self._arriving:
                lost = self._lost.config
                self._change(CUT if lost.back == "cut" else lost.return_s)
        self._phase, self._arriving = phase, False
        change_s, self._change_s = self._change_s, None
        seen = phase is Phase.FOLLOW and report.state is LockState.HELD
        want = Want(tracks.time_s, self._framed.shot, self._framed.keep if seen else None, seen)
        return Plan(tracks, report, dt_s, want, away, begins, change_s)

    def _wide(self, report: LockReport, tracks: Tracks, dt_s: float) -> Shot:
        """The shot without the person."""
        lost = self._lost.config
        before = self._away.shot
        if self._phase is Phase.AWAY:
            shot = self._away.stay(report, tracks, lost, dt_s)
            changed = shot != before
        else:
            known = self._lost.held and report.person is not None
            shot = self._away.go(report, tracks, lost, self._framed.shot.center if known else None)
            changed = True
        if changed:
            self._change(lost.ease_s)
        return shot

    def _change(self, length_s: float) -> None:
        """The picture's origin changes; a cut that was asked for remains one."""
        if self._change_s != CUT:
            self._change_s = length_s


def _usurped(shot: Shot, report: LockReport, tracks: Tracks) -> bool:
    """Whether somebody else than the person is in the middle of ``shot``."""
    own = report.track.id if report.track else None
    return any(t.id != own and t.box.contains(shot.center) for t in in_sight(tracks))
