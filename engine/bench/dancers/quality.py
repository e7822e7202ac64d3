"""How well simulated embeddings tell people apart, as named qualities.

Where the numbers come from: `python -m tests.benchmarks.crop_quality` runs osnet_x0_25_msmt17 and
face_reid_0095 over real crops. Unoccluded bodies (quality .8 and more); "same" is 1 to 3 s apart:

    clip           AUC    same         other        same after .1 / .5 / 1 / 2 / 4 / 8 s
    sam3_dance4    .98    .81 +- .09   .47 +- .08   .90  .85  .82  .81  .77  .80
    street_hug5    .98    .79 +- .08   .48 +- .06   .94  .86  .83  .79  .79
    TUD-Campus     1.0    .84 +- .04   .52 +- .08   .89  .83  .83  .85
    PETS09-S2L1    .97    .80 +- .10   .47 +- .11   .91  .85  .83  .81  .78  .74

Faces of the dance (sam3_dance4): AUC .98, same .45 +- .20, other .01 +- .09; .67 after .1 s, .50 after .5 s.
Faces at webcams (webcam_asl): AUC 1.0, same .77 +- .12, other .24 +- .12.

MEASURED takes `common` from "other", `grain`, `noise`, `drift` and `view` from how "same" falls with time,
`identity` from what is left, and `spread` from the spreads; on synthetic dances it then has AUC .97, same .81
and other .50 (faces .96, .41, .01: those of the dance).

The people of those clips are dressed differently, more so than a K-pop group in one costume: MEASURED is what
the network does with the crops it was given, not a promise for twins. MEDIUM, where all wear the same, stays
the pessimistic case to design for. AUC on synthetic dances, of all crops and of unoccluded ones: EASY .88 and
.96, MEDIUM .80 and .87, HARD .74 and .80, MEASURED .89 and .97.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.errors import JikcamError


@dataclass(frozen=True, slots=True)
class FaceQuality:
    """What a frontal, sharp face's embedding is made of: shares of its squared length, 1 together.

    Attributes:
        identity: the person's own, for good; the mean cosine of one person's looks.
        noise: wanders: expression, angle, light.
        grain: new in every picture.
        noise_tau_s: how long the wandering part lasts.
    """

    identity: float = 0.5
    noise: float = 0.3
    grain: float = 0.2
    noise_tau_s: float = 0.5

    def __post_init__(self) -> None:
        _whole("face", (self.identity, self.noise, self.grain))


@dataclass(frozen=True, slots=True)
class LookQuality:
    """What a body embedding is made of: shares of its squared length, 1 together.

    The mean cosine of two people dressed alike is ``common + outfit`` (and most of ``view``), that of one
    person long apart ``identity`` more, at the same moment nearly 1 - ``grain``.

    Attributes:
        common: what all people have in common.
        outfit: the costume; people in the same one share it.
        identity: the person's own.
        view: turns with the direction somebody faces, alike for everybody.
        drift: the person's own over `drift_tau_s`: sweat, an opened jacket, the light of a place.
        noise: the person's own over `noise_tau_s`: posture, blur.
        grain: new in every picture.
        outfits: how many costumes there are.
        noise_tau_s, drift_tau_s: time constants of exponential decay.
        contamination: how much of the hidden share of a crop becomes the one in front, 0 to 1.
        spread: effective number of dimensions in which looks differ; the fewer, the more chance likenesses.
        face: what face embeddings are made of.
    """

    common: float
    outfit: float
    identity: float
    view: float = 0.06
    drift: float = 0.07
    noise: float = 0.1
    grain: float = 0.05
    outfits: int = 1
    noise_tau_s: float = 0.4
    drift_tau_s: float = 5.0
    contamination: float = 0.9
    spread: float = 14.0
    face: FaceQuality = field(default_factory=FaceQuality)

    def __post_init__(self) -> None:
        parts = (self.common, self.outfit, self.identity, self.view, self.drift, self.noise, self.grain)
        _whole("body", parts)
        if self.outfits < 1 or not self.spread >= 1.0:
            raise JikcamError("looks need a costume and a dimension", "use outfits >= 1 and spread >= 1")


def _whole(what: str, shares: tuple[float, ...]) -> None:
    if min(shares) < 0.0 or abs(sum(shares) - 1.0) > 1e-6:
        raise JikcamError(
            f"the shares of a {what} look add up to {sum(shares):.3f}", "use shares from 0 that make 1"
        )


#: Two costumes, faces and hair that differ much.
EASY = LookQuality(common=0.40, outfit=0.14, identity=0.18, outfits=2)
#: One costume.
MEDIUM = LookQuality(common=0.40, outfit=0.215, identity=0.105)
#: One costume, one hair style, poor light.
HARD = LookQuality(common=0.40, outfit=0.265, identity=0.055)
#: As measured on real crops (above).
MEASURED = LookQuality(common=0.43, outfit=0.0, identity=0.29)
