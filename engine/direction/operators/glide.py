"""A camera head that is moved by jerk alone: position, speed and acceleration never jump."""

from __future__ import annotations

from dataclasses import dataclass

#: x''' = w^3 (aim - x) - B1 w^2 x' - B2 w x'': the third-order Bessel filter (Thomson 1949), which keeps the
#: shape of a motion and only shows it later. A sudden step is overshot by 0.8 %.
B1, B2 = 2.466, 2.433
#: Of angular frequency w it is within 5 % of a new aim after this / w ...
SETTLED_X = 4.594
#: ... and gets faster by at most this * w^2 * the way to go.
TOP_ACCEL = 0.271


@dataclass(slots=True)
class Glide:
    """A point that glides to its aim. Positions are complex (x + iy); one dimension has no imaginary part.

    Minimum-jerk tracking is of this form: the regulator that weighs squared distance against squared jerk
    is x''' = w^3 (aim + L aim' - x) - 2 w^2 x' - 2 w x'', with L below ``lag_s`` and the smaller the sooner
    speeds change (linear-quadratic tracking of an aim whose speed decays). With Butterworth's numbers, that
    is; Bessel's cost 5 % more jerk and do not overshoot.
    """

    at: complex
    speed: complex = 0j
    accel: complex = 0j

    def pull(self, aim: complex, w: float, dt_s: float, top_speed: float, top_accel: float) -> None:
        """Move for ``dt_s`` (w * dt_s below 0.5) towards ``aim``.

        An aim so far off that speed or acceleration would pass their tops is taken to be nearer, in the
        same direction. The motion stays that of a linear filter, so there is nothing to unwind afterwards,
        and braking needs no rule of its own.
        """
        way = aim - self.at
        far = min(B1 * top_speed / w, top_accel / (TOP_ACCEL * w * w))
        if abs(way) > far:
            way *= far / abs(way)
        jerk = w * (w * (w * way - B1 * self.speed) - B2 * self.accel)
        self.at += dt_s * (self.speed + dt_s * (self.accel / 2 + dt_s * jerk / 6))
        self.speed += dt_s * (self.accel + dt_s * jerk / 2)
        self.accel += dt_s * jerk


def lag_s(w: float) -> float:
    """How far a glide of angular frequency ``w`` stays behind an aim of steady speed, in time."""
    return B1 / w
