"""Two skeletons on one body: which of the two people it belongs to.

A top-down pose model given the box of somebody who is hidden draws the person in front. Taken at its word,
the hidden person's track would walk away with the other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.geometry import Box
from engine.people import Skeleton
from engine.perception.oks import oks

#: Object key-point similarity from which two skeletons are one body; neighbours who dance alike stay below.
TWIN_OKS = 0.8
#: Joints that both must show before they can be compared.
LEAST_JOINTS = 4
#: Share of a person's box that is the person, as in COCO.
BODY_SHARE = 0.53
#: A box reaches beyond the outermost joints by about this share of their extent.
FLESH = 1.12


def strangers(boxes: Sequence[Box], skeletons: Sequence[Skeleton]) -> set[int]:
    """Indices of skeletons that coincide with another one whose own box fits it better.

    Args:
        boxes: where each skeleton was looked for.
        skeletons: what was found there, in the same order.
    """
    if len(boxes) < 2:
        return set()
    xy = np.stack([s.xy for s in skeletons])
    visible = np.stack([s.visible for s in skeletons])
    both = visible[:, None] & visible[None]
    area = np.array([b.area for b in boxes]) * BODY_SHARE
    alike = oks(xy[:, None], xy[None], both, (area[:, None] + area[None]) / 2)
    twins = np.triu((alike >= TWIN_OKS) & (both.sum(axis=2) >= LEAST_JOINTS), k=1)
    lost = set()
    for i, j in np.argwhere(twins).tolist():
        lost.add(i if fit(boxes[i], skeletons[i]) < fit(boxes[j], skeletons[j]) else j)
    return lost


def fit(box: Box, skeleton: Skeleton) -> float:
    """How well the visible joints fill the box they were looked for in, 0 to 1."""
    joints = skeleton.xy[skeleton.visible]
    return box.iou(Box.around(joints).scaled(FLESH)) if len(joints) else 0.0
