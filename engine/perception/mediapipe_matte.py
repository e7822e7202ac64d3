"""Cuts one person out of a picture, with soft edges: the demo makes its performers so.

The network's mask is coarse (256 pixels over the body). GrabCut finds the outline in a band around it, a
guided filter makes the edge soft along the picture's own edges, and colours of the old background are
replaced by the person's own near the edge, or a bright rim would show on a dark stage.
Sources: Rother et al., "GrabCut", SIGGRAPH 2004; He et al., "Guided Image Filtering", ECCV 2010.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import JikcamError
from engine.people import F32, Skeleton
from engine.perception.mediapipe_landmarker import Landmarker
from engine.sources.frame import Image
from engine.stderr import quiet

#: The network is surest inside; where it hesitates, a neighbouring thing begins.
_MASK_SURE = 0.7
#: How far inside and outside of the coarse outline GrabCut decides, as parts of the person's longer side;
#: less outside, where something of the person's colour may stand.
_BAND_INSIDE, _BAND_OUTSIDE = 0.025, 0.012
#: Radius of the guided filter and of the edge, as a part of the person's longer side.
_SOFT = 0.006
#: Edge contrast (0 to 1, squared) below which the guided filter smooths.
_SOFT_EPSILON = 1e-4
_GRABCUT_ROUNDS = 4
#: Alpha from which a pixel's colour is surely the person's own.
_OWN_COLOUR = 0.97
#: Blur of the continued colours.
_STREAK_PX = 1.5
#: Alpha above which a pixel belongs to the cut-out's crop.
_FAINT = 0.02


def cut_out(image_bgr: Image, task_file: Path) -> tuple[Image, Skeleton]:
    """The main person of a picture, cropped, on nothing.

    Args:
        image_bgr: (H, W, 3) uint8.
        task_file: a bundle for MediaPipe's PoseLandmarker.

    Returns:
        (h, w, 4) uint8 BGRA with straight (not premultiplied) alpha, and the skeleton in its pixels.

    Raises:
        JikcamError: the file can't be used, or nobody is in the picture.
    """
    with quiet(), Landmarker(task_file, poses=2, masks=True) as landmarker:
        people = landmarker.poses_and_masks(image_bgr)
    people = [(pose, mask) for pose, mask in people if (mask > _MASK_SURE).any()]
    if not people:
        raise JikcamError("nobody to cut out is in the picture", "give one with a person well in view")
    pose, mask = max(people, key=lambda found: float(found[1].sum()))
    alpha = refine(image_bgr, mask)
    ys, xs = np.nonzero(alpha > _FAINT)
    x0, x1, y0, y1 = int(xs.min()), int(xs.max()) + 1, int(ys.min()), int(ys.max()) + 1
    colour = own_colours(image_bgr, alpha)
    bgra = np.dstack([colour, np.rint(alpha * 255).astype(np.uint8)])[y0:y1, x0:x1]
    return np.ascontiguousarray(bgra), pose.skeleton().shifted(-x0, -y0)


def refine(image_bgr: Image, mask: F32) -> F32:
    """A sharp outline with soft edges out of a coarse mask; both (H, W), 0 to 1.

    Raises:
        JikcamError: the mask is empty.
    """
    coarse = _largest(mask > _MASK_SURE)
    ys, xs = np.nonzero(coarse)
    if not len(ys):
        raise JikcamError("nobody to cut out is in the picture", "give one with a person well in view")
    side = max(int(np.ptp(xs)), int(np.ptp(ys))) + 1
    # a person who leaves the picture has no outline there: do not eat into the picture's own edge
    surely = _eroded(coarse, max(2, round(_BAND_INSIDE * side)))
    maybe = cv2.dilate(coarse, _disc(max(2, round(_BAND_OUTSIDE * side))))
    labels = np.where(coarse > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[maybe == 0] = cv2.GC_BGD
    labels[surely > 0] = cv2.GC_FGD
    if (labels != cv2.GC_FGD).any():
        background, foreground = np.zeros((1, 65)), np.zeros((1, 65))
        how = cv2.GC_INIT_WITH_MASK
        cv2.grabCut(image_bgr, labels, (0, 0, 1, 1), background, foreground, _GRABCUT_ROUNDS, how)
    inside = _largest((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD))
    soft = max(2, round(_SOFT * side))
    for what in (cv2.MORPH_OPEN, cv2.MORPH_CLOSE):
        smooth = cv2.morphologyEx(inside, what, _disc(soft), borderType=cv2.BORDER_REPLICATE)
        inside = np.asarray(smooth, np.uint8)
    guide = image_bgr.astype(np.float32) / 255
    alpha = cv2.ximgproc.guidedFilter(guide, inside.astype(np.float32), soft, _SOFT_EPSILON)
    # the filter leaks along faint edges; further out than its radius nothing may be left
    near = cv2.dilate(inside, _disc(soft))
    core = _eroded(inside, soft)
    alpha = np.where(core > 0, 1.0, np.where(near > 0, np.clip(alpha * 1.15 - 0.1, 0, 1), 0.0))
    return alpha.astype(np.float32)


def own_colours(image_bgr: Image, alpha: F32) -> Image:
    """The picture with the colours at soft edges continued from the person's inside."""
    sure = alpha >= _OWN_COLOUR
    if not sure.any():
        return image_bgr
    _, nearest = cv2.distanceTransformWithLabels(
        np.where(sure, 0, 1).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    colour_of = np.zeros((int(nearest.max()) + 1, 3), np.uint8)
    colour_of[nearest[sure]] = image_bgr[sure]
    # nearest colours make streaks outwards; a little blur hides them
    continued = cv2.GaussianBlur(colour_of[nearest], (0, 0), _STREAK_PX)
    own = np.where(sure[..., None], image_bgr, continued)
    return np.where(alpha[..., None] > 0, own, 0).astype(np.uint8)


def _disc(radius_px: int) -> NDArray[np.uint8]:
    return np.asarray(
        cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius_px + 1, 2 * radius_px + 1)), np.uint8
    )


def _eroded(area: NDArray[np.uint8], radius_px: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.erode(area, _disc(radius_px), borderType=cv2.BORDER_REPLICATE), np.uint8)


def _largest(area: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The largest connected part, 0 or 1."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(area.astype(np.uint8))
    if count < 2:
        return np.zeros(area.shape, np.uint8)
    biggest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    return np.asarray(labels == biggest, np.uint8)
