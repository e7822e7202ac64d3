"""Face or body: which of the two is asked who somebody is (R134).

A face that was seen well knows better than any costume: it alone is asked. One seen so-so is asked together
with the body. Without one, the body has to do. A detector is sure of faces far too small to know anybody by
(9 pixels between the eyes, in the street): a face alone must be of some quality too.
"""

from __future__ import annotations

import enum
import math

#: Scores of the face detector above which the face alone is asked, and from which on it is asked at all.
FACE_ALONE, FACE_AT_ALL = 0.8, 0.6
#: Quality from which on a face may stand alone: where its calibration starts to count it in full.
FACE_CLEAR = 0.3


class Tier(enum.Enum):
    """What a look is judged by."""

    FACE = "face"
    BOTH = "face and body"
    BODY = "body"
    NOTHING = "nothing"


def tier_of(has_face: bool, face_score: float, has_body: bool, face_quality: float = 1.0) -> Tier:
    """Which tier a look with these is in; a middling face without a body stands alone."""
    if has_face and face_score > FACE_ALONE and face_quality >= FACE_CLEAR:
        return Tier.FACE
    if has_face and face_score >= FACE_AT_ALL:
        return Tier.BOTH if has_body else Tier.FACE
    return Tier.BODY if has_body else Tier.NOTHING


def fused_llr(
    face_llr: float | None, face_score: float, body_llr: float | None, face_quality: float = 1.0
) -> float:
    """The log-likelihood ratio of one look, from what its face and its body say.

    Both are calibrated (`engine.identity.likelihood`) and near enough independent given the person, so
    that in the middle tier they add up.

    Args:
        face_llr, body_llr: None where the look has no such vector, or the person no such samples.
        face_score, face_quality: of the look, 0 to 1.

    Returns:
        Nats; 0 when there is nothing to go by. Never NaN: a value that is not finite counts as absent.
    """
    face = face_llr if face_llr is not None and math.isfinite(face_llr) else None
    body = body_llr if body_llr is not None and math.isfinite(body_llr) else None
    match tier_of(face is not None, face_score, body is not None, face_quality):
        case Tier.FACE:
            return face or 0.0
        case Tier.BOTH:
            return (face or 0.0) + (body or 0.0)
        case Tier.BODY:
            return body or 0.0
        case Tier.NOTHING:
            return 0.0
