"""What may be tuned in the roster; times in seconds, lengths in body heights."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.identity.likelihood import Calibration, calibration_of


@dataclass(frozen=True, slots=True)
class EvidenceConfig:
    """How much appearance says.

    Attributes:
        face, body: how cosines of the two models are read; of bodies only until the show has shown who
            looks how.
        body_correlation_s: time in which what two body crops of one track say becomes independent.
        face_correlation_s: the same for faces.
        most: nats that one look may say at most.
        least_quality: body crops below it say nothing.
    """

    face: Calibration = field(default_factory=lambda: calibration_of("face-reid"))
    body: Calibration = field(default_factory=lambda: calibration_of("osnet"))
    body_correlation_s: float = 0.5
    face_correlation_s: float = 0.4
    most: float = 3.0
    least_quality: float = 0.3


@dataclass(frozen=True, slots=True)
class MemoryConfig:
    """What a show keeps of everybody.

    Attributes:
        sure: belief above which a track teaches what its person looks like, while little is known of them.
        sure_later: the same when their gallery is full.
        quality: least quality of a crop that teaches.
        calm_s: a track teaches nothing this long after it may have been exchanged.
        doubt: probability of an exchange from which on `calm_s` counts anew.
        enrol_s: a claim teaches at once and for this long.
        spacing_s: least time between two samples of one person.
        bodies, faces: samples kept per person; the first `anchors` stay for the show.
    """

    sure: float = 0.8
    sure_later: float = 0.95
    quality: float = 0.4
    calm_s: float = 0.5
    doubt: float = 0.02
    enrol_s: float = 1.0
    spacing_s: float = 0.25
    bodies: int = 24
    faces: int = 12
    anchors: int = 5


@dataclass(frozen=True, slots=True)
class ArrivalConfig:
    """Who a new track may be.

    Attributes:
        spread: how far from the expected place somebody returns at once, heights.
        speed: by how much that grows per second out of sight, heights.
        coast_s: the last velocity counts for this long.
        height: spread of the height, as a logarithm.
        anywhere: how likely somebody returns where nothing speaks for it, against 1 at the expected place.
        newcomer: how likely a new track is somebody never seen before, on the same scale.
        unseen: how likely it is one enrolled member who has not been seen yet.
        inherit: how sure a place alone makes that somebody long out of sight is back.
        hidden_s: a track unseen for longer may be found again as somebody else.
        missed_s: whoever is on a track unseen for longer may be on a new one.
    """

    spread: float = 0.3
    speed: float = 0.8
    coast_s: float = 0.4
    height: float = 0.45
    anywhere: float = 0.01
    newcomer: float = 0.002
    unseen: float = 0.0002
    inherit: float = 0.5
    hidden_s: float = 0.6
    missed_s: float = 0.1


@dataclass(frozen=True, slots=True)
class RosterConfig:
    """How people are told apart and remembered.

    Attributes:
        people: how many there are in all; 0 = unknown. With a number, newcomers beyond it must be returning.
        known_s: somebody seen for less than this in all is forgotten with the track (R129).
        stranger_s: the same for somebody new who could also have been somebody known.
        claimed: belief right after the user has said who a track is.
        lasting: share of the exchanges a tracker deems possible, step by step, that last: the doubts of one
            crossing come from the same overlap, and many an exchange is undone when the two part again.
        shown: a person believed on no track by more than this stands nowhere.
        leak_hz: rate at which beliefs decay into one another for reasons nobody thought of.
        most: people remembered at once; beyond it the nameless ones unseen for longest are forgotten.
    """

    people: int = 0
    known_s: float = 1.0
    stranger_s: float = 5.0
    claimed: float = 0.95
    lasting: float = 0.5
    shown: float = 0.15
    leak_hz: float = 5e-4
    most: int = 60
    evidence: EvidenceConfig = field(default_factory=EvidenceConfig)
    memory: MemoryConfig = field(default_factory=MemoryConfig)
    arrivals: ArrivalConfig = field(default_factory=ArrivalConfig)
