from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.errors import JikcamError
from engine.geometry import Size
from engine.people import Joint, Skeleton
from engine.sources.stage import (
    Painter,
    Sprite,
    scene,
)
from tests.unit.stage_kit import hidden_runs_s, moved_pixels_box, person

SMALL = Size(640, 360)


def cut_out() -> Sprite:
    image = np.zeros((200, 100, 4), np.uint8)
    image[20:180, 30:70] = (40, 80, 160, 255)
    image[20:180, 30:50, 0] = 220  # the left half of the picture is blue
    xy = np.tile(np.array([[50, 100]], np.float32), (17, 1))
    xy[Joint.LEFT_WRIST], xy[Joint.RIGHT_WRIST] = (68, 90), (32, 90)
    return Sprite(image, Skeleton(xy, np.ones(17, np.float32)))


def test_a_sprite_stands_where_the_truth_says() -> None:
    made = scene("sway", 3, SMALL, costumes=[cut_out()], background="plain")
    drawn, area = moved_pixels_box(made, 2, 0.37)
    truth = person(made, 2, 0.37)
    assert truth.box.iou(drawn) > 0.95
    assert area == pytest.approx(truth.box.area, rel=0.05)
    assert truth.skeleton.xy[Joint.LEFT_WRIST, 0] > truth.skeleton.xy[Joint.RIGHT_WRIST, 0]


def test_a_mirrored_sprite_changes_sides_with_its_joints() -> None:
    sprite = cut_out()
    for costume, blue_left in ((sprite, True), (replace(sprite, mirrored=True), False)):
        made = scene("still", 1, SMALL, costumes=[costume], background="plain")
        p = person(made, 1, 0)
        image = Painter(made).paint(0)
        c, quarter = p.box.center, p.box.width / 4
        left, right = (image[int(c.y), int(c.x + s * quarter), 0] for s in (-1, 1))
        assert (left > right) == blue_left
        assert p.skeleton.xy[Joint.LEFT_WRIST, 0] > p.skeleton.xy[Joint.RIGHT_WRIST, 0]


def test_a_tinted_sprite_and_its_occlusion() -> None:
    dark = replace(cut_out(), tint=(0.1, 0.1, 0.1))
    made = scene("still", 1, SMALL, costumes=[dark], background="plain")
    c = person(made, 1, 0).box.center
    assert Painter(made).paint(0)[int(c.y), int(c.x)].max() < 40
    crossing = scene("cross", 2, SMALL, costumes=[dark])
    assert max(hidden_runs_s(crossing, 1, 12)) > 0.3


def test_an_empty_cut_out_is_refused() -> None:
    empty = np.zeros((10, 10, 4), np.uint8)
    with pytest.raises(JikcamError, match="nobody"):
        Sprite(empty, Skeleton(np.zeros((17, 2), np.float32), np.ones(17, np.float32)))
