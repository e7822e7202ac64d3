"""How much a face can be trusted to tell who it is: large enough, sharp, turned to the camera.

The limits come from faces of webcams (30 pixels between the eyes) made worse step by step: how far apart
persons then are, as d' of their cosines (face-reidentification-retail-0095, 5.2 untouched). Made smaller,
12 pixels between the eyes leave 5.0, 9 leave 4.3, 6 leave 3.2. Blurred to a sharpness of .20 leaves 5.2, .07
leaves 4.3, .04 leaves 3.3, .03 leaves 2.0 and .024 nothing (.3).
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from engine.perception.align import RETAIL_TEMPLATE, aligned
from engine.perception.protocols import Face
from engine.sources.frame import Image

#: Useless and full at these, for each of the three.
EYES_PX = 5.0, 14.0
SHARP = 0.025, 0.25
YAW_DEG = 65.0, 10.0
#: Energy of the Laplacian per variance of grey of a face as sharp as cameras make it.
IN_FOCUS = 0.35
#: The face is judged at this side.
SIDE_PX = 64
#: The tip of the nose stands out by this share of the distance of the eyes.
NOSE_OUT = 0.6
#: Variance of grey levels below which there is nothing to see.
LEAST_CONTRAST = 1.0


def face_quality(image: Image, face: Face) -> float:
    """Size, sharpness and how frontal the face is, together, 0 to 1.

    The product of the three: a face that is good in two of them and useless in the third is useless.
    """
    size = _between(eye_distance_px(face), *EYES_PX)
    frontal = _between(yaw_deg(face), *YAW_DEG)
    if size * frontal == 0.0:
        return 0.0
    # Every halving of the sharpness costs the same.
    sharp = _between(math.log(max(sharpness(image, face), 1e-6)), *(math.log(s) for s in SHARP))
    return size * frontal * sharp


def eye_distance_px(face: Face) -> float:
    """Between the eyes, source pixels."""
    return float(np.hypot(*(face.points[1] - face.points[0])))


def yaw_deg(face: Face) -> float:
    """How far the face is turned to a side, 0 to 90 degrees, from where the nose stands.

    Straight on, the tip of the nose lies on the line from between the eyes to the middle of the mouth. A
    head turned by a moves it by NOSE_OUT sin a while the eyes come together by cos a.
    """
    right, left, nose, mouth_right, mouth_left = face.points.astype(np.float64)
    across = left - right
    width = float(np.hypot(*across))
    if not width > 1e-3:
        return 90.0
    middle = (right + left + mouth_right + mouth_left) / 4
    offset = float((nose - middle) @ across) / width**2
    return math.degrees(math.atan(abs(offset) / NOSE_OUT))


def sharpness(image: Image, face: Face) -> float:
    """Fine detail in the face, whatever its contrast and light: about 1 in focus, .02 when only blurs.

    The variance of the Laplacian (Pech-Pacheco et al. 2000) of the aligned face at a fixed size, over the
    variance of its grey levels. A face smaller than that size has been made larger and is as blurred.
    """
    picture = aligned(image, face.points, RETAIL_TEMPLATE, SIDE_PX)
    if picture is None:
        return 0.0
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    contrast = float(grey.var())
    if contrast < LEAST_CONTRAST:
        return 0.0
    return float(cv2.Laplacian(grey, cv2.CV_32F).var()) / contrast / IN_FOCUS


def _between(value: float, useless: float, full: float) -> float:
    """0 at ``useless`` and beyond, 1 at ``full`` and beyond."""
    return min(1.0, max(0.0, (value - useless) / (full - useless))) if math.isfinite(value) else 0.0
