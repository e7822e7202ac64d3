import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.geometry import Box, Size
from engine.perception.mediapipe_regions import region, windows

sizes = st.builds(Size, st.integers(64, 4096), st.integers(64, 4096))


@settings(max_examples=60, deadline=None)
@given(sizes, st.sampled_from(["quick", "thorough"]))
def test_windows_are_whole_pixels_inside_and_cover_the_picture(size, search):
    found = windows(size, search)
    for w in found:
        assert all(v == int(v) for v in w.xyxy) and w.area > 0
        assert w.clipped(size) == w
    for u in range(11):
        for v in range(11):
            x, y = u / 10 * size.width, v / 10 * size.height
            assert any(w.x0 <= x <= w.x1 and w.y0 <= y <= w.y1 for w in found)


@pytest.mark.parametrize(
    ("size", "count"), [(Size(1280, 720), 2), (Size(640, 480), 1), (Size(720, 1280), 2), (Size(2560, 720), 5)]
)
def test_a_quick_search_takes_few_windows(size, count):
    assert len(windows(size, "quick")) == count


def test_neighbouring_windows_overlap_by_the_width_of_a_person():
    first, second = windows(Size(1280, 720), "quick")
    assert first.x1 - second.x0 >= 0.2 * 720


def test_a_thorough_search_starts_with_the_whole_picture_and_ends_small():
    size = Size(1280, 720)
    found = windows(size, "thorough")
    assert found[0] == Box(0, 0, 1280, 720)
    assert found[-1].height < 0.7 * size.height
    assert len(found) <= 12


@settings(max_examples=60, deadline=None)
@given(
    sizes,
    st.floats(-500, 4500),
    st.floats(-500, 4500),
    st.floats(1, 2000),
    st.floats(1, 2000),
)
def test_a_region_is_whole_pixels_inside_the_picture_and_holds_the_box(size, x, y, w, h):
    box = Box(x, y, x + w, y + h)
    around = region(box, size)
    assert all(v == int(v) for v in around.xyxy)
    assert around.clipped(size) == around
    inside = box.clipped(size)
    if inside.area > 0:
        assert around.area > 0
        assert around.union(inside) == around


def test_a_region_in_the_open_is_nearly_square_and_roomy():
    around = region(Box(600, 200, 680, 440), Size(1280, 720))
    assert 0.65 < around.width / around.height < 1
    assert around.height == pytest.approx(240 * 1.4, abs=2)


def test_a_box_that_is_not_a_number_gives_no_region():
    assert region(Box(float("nan"), 0, 10, 10), Size(640, 480)).area == 0
