"""What may be tuned in the tracker; lengths in body heights, times in seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class FilterConfig:
    """Noise of the Kalman filter, all proportional to the person's height (h).

    Continuous-time densities, so that two steps of dt/2 equal one step of dt and the result does not
    depend on the frame rate.

    Attributes:
        position_walk: random walk of the box, h per sqrt(s); poses change the box without moving the person.
        velocity_walk: random walk of the velocity, h/s per sqrt(s).
        measured: error of a detector's box, h, at score 0.5.
        first_position, first_velocity: uncertainty of a new track, h and h/s.
        flow_walk: drift of positions carried by optical flow, h per sqrt(s).
        flow_velocity: error density of a velocity read from the flow, h/s times sqrt(s).
        covered_gain: a box covered entirely is measured (1 + this) times worse (OA-SORT).
        hinted_gain: variance factor of a box made from key points alone.
        hidden_decay_s: velocity of an unseen person falls by 1/e in this time.
        longest_step_s: a longer pause between pictures is extrapolated only this far.
    """

    position_walk: float = 0.22
    velocity_walk: float = 0.9
    measured: float = 0.04
    first_position: float = 0.1
    first_velocity: float = 1.25
    flow_walk: float = 0.1
    flow_velocity: float = 0.06
    covered_gain: float = 6.0
    hinted_gain: float = 4.0
    hidden_decay_s: float = 0.475
    longest_step_s: float = 0.5


@dataclass(frozen=True, slots=True)
class AssociationConfig:
    """When a finding belongs to a track.

    Attributes:
        high_score: findings at least this sure are matched first and to lost tracks too.
        low_score: weaker findings are ignored.
        affinity: least height-modulated IoU of a match.
        affinity_low: the same for findings between low_score and high_score.
        direction: weight of moving on in the same direction.
        hinted_affinity: the same for a finding that names its track.
        seen_odds, lost_odds: least log-odds of a learned match for a track found the last time, and for one
            that was not.
        tentative_odds: how much an unconfirmed track yields to confirmed ones.
        weak_odds: how much more a finding below high_score must convince.
        miss_odds: a pair this far below what is demanded costs no more than no pair.
        affinity_sure: height-modulated IoU at which a leftover track and a leftover finding are one person.
        weak_s: weak findings alone continue a track this long.
    """

    high_score: float = 0.6
    low_score: float = 0.1
    affinity: float = 0.2
    affinity_low: float = 0.3
    direction: float = 0.2
    hinted_affinity: float = 0.25
    seen_odds: float = -0.85
    lost_odds: float = -1.7
    tentative_odds: float = 2.0
    weak_odds: float = 1.0
    miss_odds: float = 8.0
    affinity_sure: float = 0.5
    weak_s: float = 2.0


@dataclass(frozen=True, slots=True)
class TrackerConfig:
    """Birth, death and memory of tracks.

    Attributes:
        birth_score: least score of a finding that starts a track.
        birth_iou: no track is born on top of a live one overlapping more than this.
        confirm_s: a track is confirmed when seen over this time (at least twice).
        start_s: in this time after the first finding everybody is confirmed at once.
        tentative_s: an unconfirmed track unseen this long is dropped.
        max_age_s: a confirmed track is dropped when searched in vain this long.
        max_age_by_hand_s: the same with cost "general", which knows less of who comes back.
        stall_s: dropped when nothing at all was searched this long.
        memory_s: how late an observation may be, and how old a picture a user may click on.
        skeleton_s: key points older than this are no longer shown.
        cost: how findings and tracks are compared: "stage" = learned on dancers, "general" = by hand.
    """

    birth_score: float = 0.6
    birth_iou: float = 0.6
    confirm_s: float = 0.1
    start_s: float = 0.2
    tentative_s: float = 0.04
    max_age_s: float = 2.5
    max_age_by_hand_s: float = 1.5
    stall_s: float = 10.0
    memory_s: float = 3.0
    skeleton_s: float = 0.7
    cost: Literal["stage", "general"] = "stage"
    filter: FilterConfig = field(default_factory=FilterConfig)
    association: AssociationConfig = field(default_factory=AssociationConfig)
