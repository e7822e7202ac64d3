"""Skeletons: derived joints and absence."""

from __future__ import annotations

import numpy as np
import pytest

from engine.geometry import Box
from engine.people import JOINT_VISIBLE, Joint, Skeleton, Track, Tracks


def skeleton(**scores: float) -> Skeleton:
    xy = np.arange(34, dtype=np.float32).reshape(17, 2)
    score = np.ones(17, dtype=np.float32)
    for name, value in scores.items():
        score[Joint[name]] = value
    return Skeleton(xy, score)


def test_neck_is_the_mean_of_the_shoulders() -> None:
    neck = skeleton().neck
    assert neck is not None
    assert (neck.x, neck.y) == (11.0, 12.0)


@pytest.mark.parametrize("missing", ["LEFT_SHOULDER", "RIGHT_SHOULDER"])
def test_no_neck_without_both_shoulders(missing: str) -> None:
    assert skeleton(**{missing: JOINT_VISIBLE - 0.01}).neck is None


def test_a_shifted_skeleton_keeps_its_scores() -> None:
    before = skeleton(NOSE=0.4)
    after = before.shifted(3, -2)
    assert np.allclose(after.xy - before.xy, [3, -2])
    assert after.score is before.score


def test_tracks_are_found_by_id() -> None:
    track = Track(7, Box(0, 0, 1, 2), 0, 0, 0.9, 0.0, 0.0)
    tracks = Tracks(0.0, 0, (track,))
    assert tracks.find(7) is track
    assert tracks.find(8) is None
    assert tracks.find(None) is None
