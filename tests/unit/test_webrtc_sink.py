"""A View on its way to the streaming process, without that process."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest

from virtualcam.sink import Picture, Sink
from virtualcam.webrtc import ring as ring_module
from virtualcam.webrtc import sink as sink_module
from virtualcam.webrtc.ring import RingReader
from virtualcam.webrtc.sink import WebrtcSink


@dataclass
class Behind:
    """What is behind the sink, for the test."""

    bells: int = 0
    trouble: str = ""
    closed: list[WebrtcSink] = field(default_factory=list)

    def ring(self) -> None:
        self.bells += 1


@pytest.fixture
def behind() -> Behind:
    return Behind()


@pytest.fixture
def sink(behind: Behind) -> Iterator[WebrtcSink]:
    made = WebrtcSink("main", 30.0, behind.ring, lambda view: behind.trouble, behind.closed.append)
    yield made
    made.close()


@pytest.fixture
def reader(sink: WebrtcSink) -> Iterator[RingReader]:
    made = RingReader(sink.ring)
    yield made
    made.close()


def picture(index: int, width: int = 64, height: int = 48) -> Picture:
    image = np.full((height, width, 3), index, np.uint8)
    image.flags.writeable = False
    return Picture(image, index / 30, index)


def test_is_a_sink_whose_pictures_may_change_size(sink) -> None:
    assert isinstance(sink, Sink)
    assert sink.name == "webrtc" and sink.resizable and not sink.status


def test_nobody_watches_and_nothing_is_converted_or_written(sink, behind, reader) -> None:
    shown = picture(1)
    sink.send(shown)
    assert not sink.watched and behind.bells == 0 and reader.read() is None
    assert "i420" not in vars(shown)


def test_whoever_watches_gets_the_pictures_as_i420(sink, behind, reader) -> None:
    sink.watch(2)
    shown = picture(200, 64, 48)
    sink.send(shown)
    got = reader.read()
    assert sink.watched and behind.bells == 1
    assert got.image.shape == (72, 64) and (got.time_s, got.index) == (shown.time_s, 200)
    assert np.array_equal(got.image, shown.i420)


def test_pictures_may_change_their_size(sink, reader) -> None:
    sink.watch(1)
    for index, (width, height) in enumerate([(64, 48), (1280, 720), (32, 32), (1920, 1080)]):
        sink.send(picture(index, width, height))
        got = reader.read()
        assert got.index == index and got.image.shape == (height * 3 // 2, width)


def test_while_the_source_stands_still_the_first_who_watches_sees_the_last_picture(
    sink, behind, reader, monkeypatch
) -> None:
    monkeypatch.setattr(sink_module, "STILL_S", -1.0)
    sink.send(picture(1))
    sink.send(picture(2))
    sink.watch(1)
    assert reader.read().index == 2 and behind.bells == 1
    sink.watch(2)  # the second takes what the first has
    assert reader.read() is None
    sink.watch(0)
    sink.watch(1)  # somebody else after a pause, while the source stands still
    assert reader.read().index == 2


def test_while_pictures_come_the_first_who_watches_waits_for_the_next(
    sink, behind, reader, monkeypatch
) -> None:
    monkeypatch.setattr(sink_module, "STILL_S", 60.0)
    sink.send(picture(1))
    sink.watch(1)
    assert reader.read() is None and behind.bells == 0
    sink.send(picture(2))
    assert reader.read().index == 2


def test_after_a_rest_there_is_no_old_picture(sink, behind, reader, monkeypatch) -> None:
    monkeypatch.setattr(sink_module, "STILL_S", -1.0)
    sink.send(picture(1))
    sink.rest()
    sink.watch(1)
    assert reader.read() is None and behind.bells == 0
    sink.send(picture(2))
    assert reader.read().index == 2


def test_trouble_behind_the_ring_is_its_status(sink, behind) -> None:
    behind.trouble = "publishing main: the SFU refuses the token"
    assert sink.status == behind.trouble


def test_without_shared_memory_the_show_goes_on_and_it_tries_again(sink, reader, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    tried = []
    sink.watch(1)
    with monkeypatch.context() as patch:
        patch.setattr(ring_module, "_reserve", lambda *_: (tried.append(1), full()))
        for index in range(10):
            sink.send(picture(index))
        assert len(tried) == 1 and "/dev/shm" in sink.status and "\n" not in sink.status
    monkeypatch.setattr(sink_module, "MEMORY_RETRY_S", 0.0)
    sink._retry_s = 0.0
    sink.send(picture(11))
    assert reader.read().index == 11 and not sink.status


def test_after_close_nothing_happens_and_it_may_close_twice(sink, behind) -> None:
    sink.watch(1)
    sink.send(picture(1))
    sink.close()
    sink.close()
    sink.send(picture(2))
    sink.watch(3)
    sink.rest()
    assert behind.closed == [sink] and behind.bells == 1 and not sink.watched
