"""The control room's picture: who was where in it, for as long as a click may take, and no longer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from engine.control.wire import joints_json
from engine.geometry import Box
from engine.people import Skeleton, Track, Tracks
from engine.roll import Roll, Standing
from engine.sources.frame import Frame
from engine.wide import MAX_FPS, MAX_WIDTH, REMEMBERED_S, Wide

FPS = 30.0
WAIT_S = 20.0
IMAGE = np.zeros((1080, 1920, 3), np.uint8)


@pytest.fixture
def wide() -> Iterator[Wide]:
    made = Wide()
    yield made
    made.close()


def frame(index: int) -> Frame:
    return Frame(IMAGE, index / FPS, index)


def show(wide: Wide, index: int, joints: Skeleton | None = None) -> None:
    """One person who walks 10 pixels a picture, as number 5 on track 8."""
    time_s = index / FPS
    box = Box(10.0 * index, 100, 10.0 * index + 50, 300)
    track = Track(8, box, 300.0, 0.0, 0.9, time_s, 0.0, skeleton=joints)
    roll = Roll(time_s, (Standing(5, "Mina", 8, 0.97, 0.01, 0.02, "face"),))
    wide.show(frame(index), Tracks(time_s, index, (track,)), roll, ())


def test_a_moment_tells_who_was_where_in_just_that_picture(wide: Wide) -> None:
    for index in range(20):
        show(wide, index)
    moment = wide.moment(7)
    assert moment is not None
    (person,) = moment.people
    assert (person.id, person.track, person.name, person.sure) == (5, 8, "Mina", 0.97)
    assert person.box == Box(70, 100, 120, 300)
    assert wide.moment(20) is None and wide.moment(-1) is None


def test_a_moment_tells_the_joints_that_were_seen_in_just_that_picture(wide: Wide) -> None:
    places = np.array([(k + 0.26, 100.0 - k) for k in range(17)], np.float32)
    score = np.where(np.arange(17) == 3, 0.2, 0.9).astype(np.float32)
    show(wide, 0, Skeleton(places, score))
    show(wide, 1)
    first, second = (wide.moment(index) for index in (0, 1))
    assert first is not None and second is not None
    told = joints_json(first.people[0])
    assert told is not None and len(told) == 17
    assert told[0] == [0.3, 100.0] and told[3] is None and told[16] == [16.3, 84.0]
    assert joints_json(second.people[0]) is None


def test_three_seconds_are_kept_and_not_more(wide: Wide) -> None:
    last = 500
    for index in range(0, last + 1, 2):  # every second picture was dropped
        show(wide, index)
        assert len(wide._kept) <= REMEMBERED_S * FPS / 2 + 1
    oldest = round(last - REMEMBERED_S * FPS) + 2
    assert wide.moment(oldest) is not None and wide.moment(last) is not None
    assert wide.moment(oldest - 4) is None and wide.moment(last - 1) is None


def test_a_source_that_begins_again_takes_its_old_moments_along(wide: Wide) -> None:
    for index in (0, 1, 2, 3, 0):
        show(wide, index)
    assert wide.moment(0) is not None
    assert wide.moment(3) is None


def test_the_stream_is_small_and_seldom_and_idle_without_viewers(wide: Wide) -> None:
    show(wide, 0)
    assert wide.sink._picture is None
    with wide.sink.subscribe() as viewer:
        seen = []
        for index in range(1, 31):
            show(wide, index)
            if index % 2:
                jpeg = viewer.wait(WAIT_S)
                assert jpeg is not None
                seen.append(jpeg)
    assert [jpeg.index for jpeg in seen] == list(range(1, 31, 2))
    assert len(seen) <= MAX_FPS
    height = seen[0].data.index(b"\xff\xc0") + 5  # start of frame: length, precision, height, width
    assert int.from_bytes(seen[0].data[height + 2 : height + 4], "big") == MAX_WIDTH


def test_whoever_comes_later_sees_no_old_picture(wide: Wide) -> None:
    with wide.sink.subscribe() as viewer:
        show(wide, 0)
        assert viewer.wait(WAIT_S) is not None
    for index in range(1, 40):
        show(wide, index)
    with wide.sink.subscribe() as viewer:
        assert viewer.wait(0.05) is None
        show(wide, 40)
        jpeg = viewer.wait(WAIT_S)
        assert jpeg is not None and jpeg.index == 40


def test_while_the_source_stands_still_the_last_picture_is_shown(wide: Wide) -> None:
    wide.repeat()  # nothing yet
    show(wide, 3)
    with wide.sink.subscribe() as viewer:
        wide.repeat()
        jpeg = viewer.wait(WAIT_S)
        assert jpeg is not None and jpeg.index == 3
        wide.repeat()
        assert viewer.wait(0.05) is None  # the same one is not sent over and over


def test_a_picture_of_which_nothing_is_known_is_shown_all_the_same(wide: Wide) -> None:
    with wide.sink.subscribe() as viewer:
        wide.show_unknown(frame(4))
        jpeg = viewer.wait(WAIT_S)
        assert jpeg is not None and jpeg.index == 4
    assert wide.moment(4) is None
