"""Which group is on stage: everybody recognised votes for their group (R130)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.identity.likelihood import Calibration, log_likelihood_ratio, template_similarity
from engine.identity.member import Member

F32 = NDArray[np.float32]

#: Fewer votes decide nothing, and the group that wins must have this share of them.
LEAST_VOTES = 5
LEAST_SHARE = 0.6
#: Nats by which a face must be one member's rather than a stranger's, and rather than any other group's.
LEAST_SURE, MARGIN = 1.0, 1.0
#: What is answered when nobody wins.
UNKNOWN_GROUP = ""


def vote_of(face: F32, quality: float, members: Sequence[Member], calibration: Calibration) -> str:
    """The group one face votes for; empty when it is nobody's of the gallery for sure.

    Args:
        face: (E,) of unit length.
        quality: of that look, 0 to 1.
        members: with and without a group; those without take votes from no group but their own nobody.
    """
    known = [m for m in members if any(s.vector.shape == face.shape for s in m.faces)]
    if not known:
        return UNKNOWN_GROUP
    cosines = np.array([template_similarity(face[None], m.faces)[0] for m in known])
    sure = log_likelihood_ratio(cosines, np.full(len(known), quality), calibration)
    best = int(np.argmax(cosines))
    group = known[best].group
    rivals = [float(s) for s, m in zip(sure, known, strict=True) if m.group != group]
    clear = float(sure[best]) - max(rivals, default=-np.inf) >= MARGIN
    return group if sure[best] >= LEAST_SURE and clear else UNKNOWN_GROUP


def group_of(votes: Sequence[str]) -> str:
    """The group that the votes elect; empty (`UNKNOWN_GROUP`) when too few or too divided.

    Args:
        votes: one per member recognised; empty ones were cast for nobody and count as none.
    """
    cast = Counter(vote for vote in votes if vote)
    if cast.total() < LEAST_VOTES:
        return UNKNOWN_GROUP
    group, most = cast.most_common(1)[0]
    return group if most >= LEAST_SHARE * cast.total() else UNKNOWN_GROUP
