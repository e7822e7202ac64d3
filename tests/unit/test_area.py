from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.area import CUT_OFF, AreaConfig, Corner, Polygon, filtered
from engine.errors import JikcamError
from engine.geometry import Box, Size
from engine.people import DetectedObject, Detection, Observation

SIZE = Size(1920, 1080)
#: A screen over the back of the stage, and the floor in front of it.
WALL = Polygon(((0.2, 0.05), (0.8, 0.05), (0.8, 0.6), (0.2, 0.6)))
STAGE = Polygon(((0.1, 0.6), (0.9, 0.6), (1.0, 0.9), (0.0, 0.9)))
#: A house with the roof pointing inwards.
NOTCHED = Polygon(((0.1, 0.9), (0.1, 0.1), (0.5, 0.6), (0.9, 0.1), (0.9, 0.9)))

shares = st.floats(0, 1)


@st.composite
def polygons(draw: st.DrawFn) -> Polygon:
    """Simple and mostly concave: corners by rising angle round a middle, each gap less than half a turn."""
    count = draw(st.integers(3, 9))
    gaps = draw(st.lists(st.floats(0.6, 1.0), min_size=count, max_size=count))
    radii = draw(st.lists(st.floats(0.05, 0.3), min_size=count, max_size=count))
    x, y, turn = draw(st.floats(0.3, 0.7)), draw(st.floats(0.3, 0.7)), draw(st.floats(0, 6.3))
    angles = np.cumsum(gaps) / sum(gaps) * math.tau + turn
    corners = [(x + r * math.cos(a), y + r * math.sin(a)) for r, a in zip(radii, angles, strict=True)]
    return Polygon(tuple(draw(st.sampled_from((corners, corners[::-1])))))


def turns_round(corners: tuple[Corner, ...], x: float, y: float) -> int:
    """Winding number by summing the angles under which the edges are seen."""
    angles = [math.atan2(cy - y, cx - x) for cx, cy in corners]
    total = 0.0
    for a, b in zip(angles, [*angles[1:], angles[0]], strict=True):
        total += (b - a + math.pi) % math.tau - math.pi
    return round(total / math.tau)


def distance_to_edge(corners: tuple[Corner, ...], x: float, y: float) -> float:
    nearest = math.inf
    for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True):
        t = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2)
        t = min(max(t, 0.0), 1.0)
        nearest = min(nearest, math.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay)))
    return nearest


@given(polygons(), shares, shares)
@settings(max_examples=300, deadline=None)
def test_contains_agrees_with_the_winding_number(polygon: Polygon, x: float, y: float) -> None:
    assume(distance_to_edge(polygon.corners, x, y) > 1e-6)
    assert polygon.contains(x, y) == (turns_round(polygon.corners, x, y) != 0)


@given(polygons(), st.tuples(shares, shares), st.floats(0.02, 0.5), st.floats(0.02, 0.5))
@settings(max_examples=60, deadline=None)
def test_share_agrees_with_counting(polygon: Polygon, at: Corner, width: float, height: float) -> None:
    box = Box(at[0], at[1], at[0] + width, at[1] + height)
    n = 40
    places = [
        (box.x0 + (i + 0.5) / n * width, box.y0 + (j + 0.5) / n * height) for i in range(n) for j in range(n)
    ]
    counted = sum(polygon.contains(x, y) for x, y in places) / n**2
    assert polygon.share_of(box) == pytest.approx(counted, abs=0.06)


@given(polygons())
def test_all_of_it_lies_in_the_picture(polygon: Polygon) -> None:
    assert polygon.share_of(Box(0, 0, 1, 1)) == pytest.approx(polygon.area)


def test_a_notch_is_outside() -> None:
    assert not NOTCHED.contains(0.5, 0.3) and NOTCHED.contains(0.5, 0.7) and NOTCHED.contains(0.15, 0.3)
    assert NOTCHED.share_of(Box(0.45, 0.1, 0.55, 0.5)) == 0
    assert NOTCHED.spans(0.3) == [(pytest.approx(0.35), pytest.approx(0.9))]


@pytest.mark.parametrize(
    ("corners", "said"),
    [
        ((), "0 corners"),
        (((0.1, 0.1), (0.2, 0.2)), "at least 3"),
        (((0, 0), (1.2, 0), (1, 1)), r"\(1.2, 0\) lies outside"),
        (((0, 0), (math.nan, 0), (1, 1)), "outside"),
        (((0, 0), (100, 0), (100, 100)), "shares of its width and height"),
        (((0, 0), (1, 0), (1, 1), (0, 0)), "twice"),
        (((0, 0), (0.5, 0.5), (1, 1)), "one line"),
        (((0, 0), (1, 1), (1, 0), (0, 1)), "in order along its outline"),
        (((0, 0), (0.6, 0), (0.6, 1), (0.5, -0.0), (0, 1)), "crosses"),  # a corner on another edge
    ],
)
def test_what_is_no_polygon_is_one_line_that_says_what_to_do(corners: tuple, said: str) -> None:
    with pytest.raises(JikcamError, match=said) as caught:
        Polygon(corners)
    assert caught.value.fix and "\n" not in str(caught.value)


def person(x: float, feet: float, height: float = 0.3) -> Box:
    """Somebody whose feet stand at shares (x, feet), a third as wide as high."""
    w, h = SIZE.width, SIZE.height
    return Box(x * w - height * h / 6, (feet - height) * h, x * w + height * h / 6, feet * h)


@pytest.mark.parametrize(
    ("who", "box", "kept"),
    [
        ("a dancer on the stage", person(0.5, 0.8), True),
        ("a dancer at the back, most of the body before the screen", person(0.5, 0.62), True),
        ("somebody on the screen", person(0.5, 0.55), False),
        ("a face as large as the screen", Box(500, 80, 1400, 640), False),
    ],
)
def test_a_screen_behind_the_stage(who: str, box: Box, kept: bool) -> None:
    assert AreaConfig(exclude=(WALL,)).keeps(box, SIZE) is kept, who


def test_somebody_behind_a_low_poster_stays() -> None:
    poster = Polygon(((0.4, 0.7), (0.6, 0.7), (0.6, 0.9), (0.4, 0.9)))
    assert AreaConfig(exclude=(poster,)).keeps(person(0.5, 0.85, 0.5), SIZE)
    assert not AreaConfig(exclude=(poster,)).keeps(person(0.5, 0.85, 0.14), SIZE)


@pytest.mark.parametrize(
    ("who", "box", "kept"),
    [
        ("on the stage", person(0.5, 0.8), True),
        ("a jump at the back edge", person(0.5, 0.56), True),
        ("far behind the stage", person(0.5, 0.4), False),
        ("beside the stage", person(0.05, 0.65), False),
        ("in front of the stage", person(0.5, 0.95), False),
        ("so near that the feet are cut off", Box(800, 300, 1200, 1079), True),
        ("feet cut off, half in the picture at the left", Box(0, 300, 300, 1080), True),
    ],
)
def test_the_stage(who: str, box: Box, kept: bool) -> None:
    assert AreaConfig(inside=STAGE).keeps(box, SIZE) is kept, who


def test_feet_cut_off_beside_a_narrow_stage_are_not_on_it() -> None:
    narrow = AreaConfig(inside=Polygon(((0.4, 0.5), (0.6, 0.5), (0.6, 0.9), (0.4, 0.9))))
    assert narrow.keeps(Box(900, 400, 1000, 1080), SIZE)
    assert not narrow.keeps(Box(100, 400, 300, 1080), SIZE)


def test_the_audience_at_the_lower_edge_is_nobody_even_when_drawn_a_little_short() -> None:
    rows = Polygon(((0.0, 0.7), (1.0, 0.7), (1.0, 0.99), (0.0, 0.99)))
    area = AreaConfig(exclude=(rows,))
    assert not area.keeps(Box(300, 800, 420, 1080), SIZE)
    assert area.keeps(Box(300, 200, 600, 1080), SIZE)  # stands before them: mostly higher up


@pytest.mark.parametrize(
    "box",
    [Box(math.nan, 0, 10, 10), Box(0, 0, math.inf, 10), Box(10, 10, 10, 50), Box(-50, 0, -10, 90)],
)
def test_what_is_no_box_in_the_picture_is_nobody(box: Box) -> None:
    assert not AreaConfig().keeps(box, SIZE)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    x, y = draw(st.floats(-200, 1900)), draw(st.floats(-200, 1000))
    return Box(x, y, x + draw(st.floats(20, 900)), y + draw(st.floats(20, 900)))


@given(boxes(), polygons(), polygons())
@settings(deadline=None)
def test_always(box: Box, first: Polygon, second: Polygon) -> None:
    area = AreaConfig(exclude=(first,), inside=second)
    kept = area.keeps(box, SIZE)
    # Whoever is kept by both rules is kept by each, and a further exclusion brings nobody back.
    assert kept == (AreaConfig((first,)).keeps(box, SIZE) and AreaConfig(inside=second).keeps(box, SIZE))
    assert kept or not AreaConfig((first, second), second).keeps(box, SIZE)
    # The whole picture as stage leaves nobody out who is in it.
    whole = AreaConfig(inside=Polygon(((0, 0), (1, 0), (1, 1), (0, 1))))
    assert whole.keeps(box, SIZE) == (box.clipped(SIZE).area > 0)


@given(boxes(), polygons(), st.sampled_from([0.5, 2.0]))
@settings(deadline=None)
def test_the_resolution_does_not_matter(box: Box, polygon: Polygon, scale: float) -> None:
    other = Box(*(v * scale for v in box.xyxy))
    size = Size(int(1920 * scale), int(1080 * scale))
    foot = min(box.y1 / 1080, 1.0)
    assume(abs(foot - CUT_OFF) > 1e-9)
    for area in (AreaConfig((polygon,)), AreaConfig(inside=polygon)):
        assert area.keeps(box, SIZE) == area.keeps(other, size)


def test_filtering_leaves_out_nobody_else() -> None:
    on_screen, dancer = Detection(person(0.5, 0.55), 0.9), Detection(person(0.5, 0.8), 0.8)
    ball = DetectedObject("sports ball", Box(900, 200, 940, 240), 0.7)
    seen = Observation(1.5, 45, (on_screen, dancer), True, (ball,))
    area = AreaConfig(exclude=(WALL,))
    kept = filtered(seen, area, SIZE)
    assert kept.people == (dancer,) and kept.objects == (ball,)
    assert (kept.time_s, kept.index, kept.complete) == (1.5, 45, True)
    assert filtered(kept, area, SIZE) is kept
    assert filtered(seen, AreaConfig(), SIZE) is seen


def test_only_an_area_that_leaves_something_out_counts() -> None:
    assert not AreaConfig() and AreaConfig((WALL,)) and AreaConfig(inside=STAGE)
