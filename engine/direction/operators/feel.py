"""How a live camera feels: one word for a whole table of numbers.

    feel    for what                                                   settles  rests within  up to
    calm    a lecture, a sermon: rests as long as it can               1.30 s   0.14 widths   1.2 widths/s
    normal  a talk on a stage, a singer; the default                   0.80 s   0.10 widths   3.5 widths/s
    dance   choreography: a step aside is followed, a groove is not    0.70 s   0.05 widths   4.0 widths/s
    sport   the fastest and tightest; seen to move most of the time    0.45 s   0.03 widths   5.0 widths/s

From one line to the next everything goes one way: quicker, less rest, higher tops. What that means for
people who run about more than most (the synthetic dancers of tests/benchmarks/operator, boxes of the truth,
9:16, the zoom fixed, never widened; jerk in picture widths per second cubed):

    feel    head inside  offset p95  jerk RMS  reversals a minute
    calm    84 %         0.85        4         28
    normal  95.9 %       0.37        12        44
    dance   97.5 %       0.31        15        51
    sport   99.4 %       0.20        33        69

The RMS acceleration on the scripted path of R7, which allows 600 px/s^2: 220, 460, 850 and 1300.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from engine.direction.operators.follower import FollowerConfig
from engine.errors import JikcamError


class Feel(StrEnum):
    """From slowest to fastest; see the table above."""

    CALM = "calm"
    NORMAL = "normal"
    DANCE = "dance"
    SPORT = "sport"


#: What others call the same: the words for experience against accuracy (R158).
ALIASES: Mapping[str, Feel] = MappingProxyType({"tight": Feel.SPORT, "balanced": Feel.NORMAL})

FOLLOWERS: Mapping[Feel, FollowerConfig] = MappingProxyType(
    {
        Feel.CALM: FollowerConfig(
            settle_s=1.3,
            deadzone_norm=0.14,
            zoom_settle_s=1.8,
            zoom_deadzone_norm=0.10,
            lead=0.3,
            max_speed_norm=1.2,
            max_accel_norm=3.0,
            max_zoom_norm=0.3,
            max_widen=1.4,
        ),
        Feel.NORMAL: FollowerConfig(),
        Feel.DANCE: FollowerConfig(
            settle_s=0.7,
            deadzone_norm=0.05,
            zoom_settle_s=0.7,
            zoom_deadzone_norm=0.05,
            lead=0.5,
            max_speed_norm=4.0,
            max_accel_norm=24.0,
            max_zoom_norm=0.8,
            max_widen=1.8,
        ),
        Feel.SPORT: FollowerConfig(
            settle_s=0.45,
            deadzone_norm=0.03,
            zoom_settle_s=0.5,
            zoom_deadzone_norm=0.04,
            lead=0.55,
            max_speed_norm=5.0,
            max_accel_norm=45.0,
            max_zoom_norm=1.2,
            max_widen=1.8,
        ),
    }
)


def feel_of(text: str) -> Feel:
    """The feel of that name; capitals and spaces round it do not matter.

    Raises:
        JikcamError: there is none.
    """
    name = text.strip().lower()
    if name in ALIASES:
        return ALIASES[name]
    try:
        return Feel(name)
    except ValueError:
        raise JikcamError(
            f"there is no feel called {text!r}",
            f"write one of {', '.join(Feel)} (or {', '.join(ALIASES)})",
        ) from None
