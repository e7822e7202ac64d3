from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest

from engine.geometry import Shot, Size
from engine.people import Joint, Skeleton
from engine.render import Renderer, draw_label, draw_skeleton
from tests.unit.direction_dancer import dancer

HD, FULL_HD = Size(1280, 720), Size(1920, 1080)


def texture(size: Size, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (size.height, size.width, 3), dtype=np.uint8)


@pytest.mark.parametrize("size", [HD, FULL_HD, Size(641, 359)])
def test_the_whole_picture_at_its_own_size_is_the_picture(size: Size) -> None:
    image = texture(size)
    picture = Renderer(size).render(image, Shot.widest(size, size.aspect))
    assert (picture == image).all()
    assert picture is not image and picture.flags.c_contiguous and picture.dtype == np.uint8


def test_a_whole_pixel_crop_at_scale_one_is_a_slice() -> None:
    image = texture(FULL_HD)
    picture = Renderer(HD).render(image, Shot(300 + 640, 200 + 360, 720, HD.aspect))
    assert (picture == image[200:920, 300:1580]).all()


def test_mirror_is_the_exact_flip() -> None:
    image, shot = texture(FULL_HD), Shot(803.3, 511.7, 655.5, HD.aspect)
    plain = Renderer(HD).render(image, shot)
    assert (Renderer(HD, mirror=True).render(image, shot) == plain[:, ::-1]).all()


def test_the_source_is_not_touched() -> None:
    image = texture(FULL_HD)
    before = image.copy()
    picture = Renderer(FULL_HD).render(image, Shot.widest(FULL_HD, FULL_HD.aspect))
    picture[:] = 0
    assert (image == before).all()


def exact(image: np.ndarray, shot: Shot, out: Size) -> np.ndarray:
    """Bilinear crop in floats."""
    s, box = shot.height / out.height, shot.box
    x = np.clip(box.x0 + (np.arange(out.width) + 0.5) * s - 0.5, 0, image.shape[1] - 1)
    y = np.clip(box.y0 + (np.arange(out.height) + 0.5) * s - 0.5, 0, image.shape[0] - 1)
    xi, yi = np.minimum(x.astype(int), image.shape[1] - 2), np.minimum(y.astype(int), image.shape[0] - 2)
    fx, fy = (x - xi)[None, :, None], (y - yi)[:, None, None]
    f = image.astype(np.float64)
    top = f[yi][:, xi] * (1 - fx) + f[yi][:, xi + 1] * fx
    low = f[yi + 1][:, xi] * (1 - fx) + f[yi + 1][:, xi + 1] * fx
    return top * (1 - fy) + low * fy


@pytest.mark.parametrize("shot", [Shot(700.37, 500.81, 411.3, 16 / 9), Shot(960, 540, 1080, 16 / 9)])
def test_sub_pixel_positions_are_right(shot: Shot) -> None:
    image = cv2.GaussianBlur(texture(FULL_HD), (0, 0), 2)
    out = Size(640, 360)
    if shot.height < 2 * out.height:
        picture = Renderer(out).render(image, shot)
        assert np.abs(picture - exact(image, shot, out)).max() <= 1.5
    else:
        wide = Renderer(HD).render(image, shot)
        assert np.abs(wide - exact(image, shot, HD)).max() <= 1.5


@pytest.mark.parametrize("x0", [0.0, 0.5, 1.0, 101.25, 333.0])
@pytest.mark.parametrize("width", [640.0, 963.0, 1280.0, 1500.0])
def test_shrinking_keeps_the_place(x0: float, width: float) -> None:
    """However often the picture is halved, an edge in it stays where it is."""
    image = np.zeros((1080, 1920, 3), np.uint8)
    image[:, 400:] = 255
    out = Size(320, 180)
    height = width / out.aspect
    picture = Renderer(out).render(image, Shot(x0 + width / 2, 100 + height / 2, height, out.aspect))
    white_px = picture[90, :, 0].mean() / 255 * width
    assert white_px == pytest.approx(x0 + width - 400, abs=0.5)


def test_shrinking_does_not_alias() -> None:
    image = np.zeros((1080, 1920, 3), np.uint8)
    image[:, ::2] = 255  # finer than the output can show: grey, not stripes
    picture = Renderer(Size(480, 270)).render(image, Shot(960.3, 540, 1075, 16 / 9))
    assert picture[20:-20, 20:-20].std() < 3
    assert abs(picture.mean() - 127.5) < 3


@pytest.mark.parametrize("mirror", [False, True])
def test_the_whole_picture_in_a_view_of_another_aspect_stands_between_dark_bars(mirror: bool) -> None:
    image = np.zeros((180, 320, 3), np.uint8)
    image[:, :160], image[:, 160:] = (250, 120, 60), (60, 120, 250)
    size, output = Size(320, 180), Size(90, 160)
    picture = Renderer(output, mirror=mirror).render(image, Shot.whole(size, output.aspect))
    tall = round(90 * 9 / 16)
    top = (160 - tall) // 2
    shown = picture[top + 1 : top + tall - 1]
    left, right = (shown[:, 5], shown[:, -5]) if not mirror else (shown[:, -5], shown[:, 5])
    assert np.allclose(left, (250, 120, 60), atol=2) and np.allclose(right, (60, 120, 250), atol=2)
    bars = np.concatenate([picture[: top - 1], picture[top + tall + 1 :]])
    assert bars.max() <= 0.36 * 250 and bars.mean() > 10, "dark, not black"


def test_a_tile_between_bars_leaves_the_rest_of_the_picture_alone() -> None:
    image = np.full((180, 320, 3), 200, np.uint8)
    grid = np.full((200, 200, 3), 7, np.uint8)
    output = Size(90, 160)
    Renderer(output).render(image, Shot.whole(Size(320, 180), output.aspect), grid[20:180, 50:140])
    assert (grid[20:180, 50:140] != 7).any(axis=2).all()
    grid[20:180, 50:140] = 7
    assert (grid == 7).all()


def test_a_shot_that_shows_nothing_of_the_picture_is_only_backdrop() -> None:
    image = np.full((100, 100, 3), 77, np.uint8)
    picture = Renderer(Size(64, 64)).render(image, Shot(-500, -500, 50, 1.0))
    assert (picture == round(0.35 * 77)).all()


def test_a_slow_pan_moves_in_even_steps() -> None:
    image = np.zeros((64, 256, 3), np.uint8)
    image[:, 1::2] = 255
    out = Size(64, 32)
    level = [int(Renderer(out).render(image, Shot(100 + k / 32, 32, 32, 2.0))[16, 32, 0]) for k in range(33)]
    assert {abs(b - a) for a, b in pairwise(level)} <= {7, 8, 9}


# ---- labels ----


@pytest.mark.parametrize("text", ["Karina", "카리나", "직캠 漢字 かな", "Привет"])
def test_a_name_is_written_with_its_own_letters(text: str) -> None:
    picture, marks = np.zeros((720, 1280, 3), np.uint8), np.zeros((720, 1280, 3), np.uint8)
    draw_label(picture, text)
    draw_label(marks, "?" * len(text))
    assert (picture > 200).any()
    assert not np.array_equal(picture, marks)
    assert not np.array_equal(drawn(text), drawn(text[::-1]))


def drawn(text: str, bottom: bool = True) -> np.ndarray:
    picture = np.full((720, 1280, 3), 128, np.uint8)
    draw_label(picture, text, bottom=bottom)
    return picture


def test_the_bar_is_at_the_edge_asked_for_and_the_rest_untouched() -> None:
    for bottom in (True, False):
        rows = np.flatnonzero((drawn("Karina", bottom) != 128).any(axis=(1, 2)))
        assert (rows.min() > 600) if bottom else (rows.max() < 120)


def test_letters_are_smooth_and_readable_on_any_ground() -> None:
    for ground in (0, 255):
        picture = np.full((720, 1280, 3), ground, np.uint8)
        draw_label(picture, "Karina")
        rows, columns, _ = np.nonzero(picture != ground)
        bar = picture[rows.min() : rows.max(), columns.min() : columns.max()]
        assert bar.max() == 255 and len(np.unique(bar)) > 20
        assert np.median(bar) < 140


def test_too_long_a_name_is_cut_and_line_breaks_are_spaces() -> None:
    assert drawn("가" * 300).shape == (720, 1280, 3)
    assert np.array_equal(drawn("two\nlines"), drawn("two lines"))
    assert np.array_equal(drawn("  "), drawn(""))
    tiny = np.zeros((20, 20, 3), np.uint8)
    draw_label(tiny, "Karina")


# ---- skeletons ----


def test_a_skeleton_lies_where_the_body_is() -> None:
    skeleton = dancer(700, 900, 600).skeleton
    assert skeleton is not None
    shot = Shot(700, 600, 720, HD.aspect)
    picture = np.zeros((720, 1280, 3), np.uint8)
    draw_skeleton(picture, skeleton, shot)
    ankle = skeleton.joint(Joint.LEFT_ANKLE)
    assert ankle is not None
    x, y = round(ankle.x - shot.box.x0), round(ankle.y - shot.box.y0)
    assert picture[y - 2 : y + 3, x - 2 : x + 3].any()
    assert not picture[:, :400].any() and not picture[:, 880:].any()
    flipped = np.zeros_like(picture)
    draw_skeleton(flipped, skeleton, shot, mirror=True)
    assert np.abs(flipped[:, ::-1].astype(int) - picture).mean() < 0.5


def test_missing_joints_leave_gaps_and_no_lines_to_the_corner() -> None:
    whole = dancer(700, 900, 600).skeleton
    assert whole is not None
    score = whole.score.copy()
    score[Joint.LEFT_KNEE] = 0.0
    xy = whole.xy.copy()
    xy[Joint.LEFT_KNEE] = 0.0
    xy[Joint.RIGHT_WRIST] = np.nan
    xy[Joint.LEFT_WRIST] = 1e9
    picture = np.zeros((720, 1280, 3), np.uint8)
    draw_skeleton(picture, Skeleton(xy, score), Shot(700, 600, 720, HD.aspect))
    assert picture.any()
    assert not picture[:, :400].any() and not picture[:80].any()
