"""What every sink promises, whatever it is made of."""

from __future__ import annotations

import tempfile
import threading

import numpy as np
import pytest

from engine.geometry import Size
from virtualcam.mjpeg import MjpegSink
from virtualcam.movie import MovieSink
from virtualcam.sink import Picture, Sink, SinkError

SIZE = Size(64, 48)


class NullBackend:
    def __init__(self, *, device, **_):
        self._device = device or "Null Cam"

    def device(self):
        return self._device

    def native_fourcc(self):
        return None

    def send(self, frame):
        pass

    def close(self):
        pass


def device(tmp_path):
    pyvirtualcam = pytest.importorskip("pyvirtualcam")
    from virtualcam.device import DeviceSink

    pyvirtualcam.register_backend("null", NullBackend)
    return DeviceSink(SIZE, 30.0, backend="null")


@pytest.fixture(params=["device", "mjpeg", "movie", "movie-blocking"])
def sink(request, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    made = {
        "device": lambda: device(tmp_path),
        "mjpeg": lambda: MjpegSink("main"),
        "movie": lambda: MovieSink(tmp_path / "a.mp4", SIZE, 30.0),
        "movie-blocking": lambda: MovieSink(tmp_path / "a.mp4", SIZE, 30.0, blocking=True),
    }[request.param]()
    yield made
    made.close()


def picture(index: int, width: int = 64, height: int = 48) -> Picture:
    image = np.full((height, width, 3), index, np.uint8)
    image.flags.writeable = False
    return Picture(image, index / 30, index)


def test_is_a_sink_with_a_name(sink):
    assert isinstance(sink, Sink)
    assert sink.name and "\n" not in sink.name


def test_takes_read_only_pictures_and_leaves_them_alone(sink):
    shown = [picture(i) for i in range(5)]
    for p in shown:
        sink.send(p)
    sink.close()
    assert all((p.image == p.index).all() for p in shown)


def test_send_after_close_does_nothing(sink):
    sink.send(picture(0))
    sink.close()
    sink.send(picture(1))


def test_close_may_come_twice_and_first_of_all(sink):
    sink.close()
    sink.close()


def test_says_whether_anybody_takes_its_pictures(sink):
    assert sink.watched is not isinstance(sink, MjpegSink)  # nobody has subscribed yet
    sink.close()
    assert isinstance(sink.watched, bool)


def test_goes_on_after_a_rest_however_often(sink):
    sink.rest()
    sink.send(picture(0))
    sink.rest()
    sink.rest()
    sink.send(picture(1))
    assert not sink.status
    sink.close()
    sink.rest()


def test_another_size_is_refused_where_the_size_is_fixed(sink):
    sink.send(picture(0))
    if sink.resizable:
        sink.send(picture(1, 32, 32))
        assert not sink.status
        return
    with pytest.raises(SinkError, match="64x48 and got 32x32"):
        sink.send(picture(1, 32, 32))
    sink.send(picture(2))


def test_close_from_another_thread_while_pictures_come(sink):
    closer = threading.Timer(0.02, sink.close)
    closer.start()
    index = 0
    while closer.is_alive():
        sink.send(picture(index % 250))
        index += 1
    sink.send(picture(0))
