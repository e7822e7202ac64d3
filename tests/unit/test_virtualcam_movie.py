"""Recordings: right times, right colours, nothing lost silently."""

from __future__ import annotations

import shutil
import threading
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest

from engine.geometry import Size
from virtualcam import movie
from virtualcam.movie import MovieSink
from virtualcam.sink import Picture, SinkError

SIZE = Size(64, 48)
COLOURS = [(30, 60, 210), (200, 80, 40), (60, 190, 70), (128, 128, 128)]  # BGR


def picture(index: int, time_s: float | None = None, size: Size = SIZE) -> Picture:
    width, height = size.width, size.height
    image = np.full((height, width, 3), COLOURS[index // 10 % 4], np.uint8)
    return Picture(image, index / 30 if time_s is None else time_s, index)


def frames(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def record(path: Path, times: list[float], **options) -> MovieSink:
    sink = MovieSink(path, SIZE, 30.0, blocking=True, **options)
    for index, time_s in enumerate(times):
        sink.send(picture(index, time_s))
    sink.close()
    return sink


def test_times_are_the_pictures_own_at_any_rate(tmp_path):
    times = [100.0, 100.033, 100.2, 100.21, 101.5, 103.25]
    record(tmp_path / "a.mp4", times)
    got = [float(f.pts * f.time_base) for f in frames(tmp_path / "a.mp4")]
    assert got == pytest.approx([t - 100.0 for t in times], abs=1e-4)


def test_pictures_that_are_not_newer_are_left_out(tmp_path):
    record(tmp_path / "a.mp4", [5.0, 5.0, 5.1, 5.05, 5.100001, 5.2])
    got = [float(f.pts * f.time_base) for f in frames(tmp_path / "a.mp4")]
    assert got == pytest.approx([0.0, 0.1, 0.2], abs=1e-4)


def test_the_file_is_an_ordinary_mp4_with_tagged_colours(tmp_path):
    record(tmp_path / "a.mp4", [i / 30 for i in range(40)])
    with av.open(str(tmp_path / "a.mp4")) as container:
        stream = container.streams.video[0]
        assert stream.frames == 40  # known only with an index
        assert stream.start_time == 0
        assert float(container.duration / av.time_base) == pytest.approx(40 / 30, abs=0.01)
        context = stream.codec_context
        assert context.name == "h264"
        assert context.pix_fmt == "yuv420p"
        assert (context.colorspace, context.color_primaries, context.color_trc) == (6, 6, 6)
        assert context.color_range == 1


def test_colours_survive(tmp_path):
    record(tmp_path / "a.mp4", [i / 30 for i in range(40)])
    for index, frame in enumerate(frames(tmp_path / "a.mp4")):
        middle = frame.to_ndarray(format="bgr24")[24, 32].astype(int)
        assert np.abs(middle - COLOURS[index // 10]).max() <= 5, index


def test_crf_changes_the_size(tmp_path):
    rng = np.random.default_rng(1)
    noise = [Picture(rng.integers(0, 255, (48, 64, 3), dtype=np.uint8), i / 30, i) for i in range(20)]
    for crf in (10, 40):
        sink = MovieSink(tmp_path / f"{crf}.mp4", SIZE, 30.0, crf=crf, blocking=True)
        for shown in noise:
            sink.send(shown)
        sink.close()
    assert (tmp_path / "40.mp4").stat().st_size * 3 < (tmp_path / "10.mp4").stat().st_size


def test_what_a_crash_leaves_is_playable(tmp_path):
    sink = MovieSink(tmp_path / "a.mp4", SIZE, 30.0, blocking=True)
    for index in range(300):
        sink.send(picture(index))
    shutil.copy(sink._part, tmp_path / "crashed.mp4")
    assert not (tmp_path / "a.mp4").exists()
    sink.close()
    rescued = frames(tmp_path / "crashed.mp4")
    assert len(rescued) >= 300 - 60 - 60 - movie.QUEUE_PICTURES  # last fragment, x264's look-ahead, queue
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.mp4", "crashed.mp4"]


def test_an_older_recording_is_never_overwritten(tmp_path):
    (tmp_path / "show.mp4").write_bytes(b"yesterday")
    (tmp_path / "show-2.part.mp4").write_bytes(b"crashed")
    sink = record(tmp_path / "show.mp4", [0.0, 0.1])
    assert sink.path == tmp_path / "show-3.mp4"
    assert len(frames(sink.path)) == 2
    assert (tmp_path / "show.mp4").read_bytes() == b"yesterday"
    assert (tmp_path / "show-2.part.mp4").read_bytes() == b"crashed"


def test_without_a_picture_no_file_is_left(tmp_path):
    record(tmp_path / "a.mp4", [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["missing/a.mp4", "a.avi"])
def test_a_place_that_cannot_be_written_is_told_at_once(tmp_path, name):
    with pytest.raises(SinkError) as caught:
        MovieSink(tmp_path / name, SIZE, 30.0)
    assert "\n" not in str(caught.value)
    assert ";" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def stuck_encoder(monkeypatch):
    """The encoder waits at its first picture until the event is set."""
    go = threading.Event()
    real = movie.VideoFrame.from_ndarray

    def slow(array, format):
        assert go.wait(20)
        return real(array, format=format)

    monkeypatch.setattr(movie, "VideoFrame", SimpleNamespace(from_ndarray=slow))
    yield go
    go.set()


def test_live_drops_counts_and_never_waits(tmp_path, stuck_encoder):
    sink = MovieSink(tmp_path / "a.mp4", SIZE, 30.0)
    assert sink.status == ""
    for index in range(60):
        sink.send(picture(index))
    stuck_encoder.set()
    sink.close()
    kept = len(frames(tmp_path / "a.mp4"))
    assert kept + sink.dropped == 60
    assert movie.QUEUE_PICTURES <= kept <= movie.QUEUE_PICTURES + 1
    assert sink.status == f"{sink.dropped} pictures dropped, the encoder is too slow"


def test_blocking_waits_and_drops_nothing(tmp_path, stuck_encoder):
    sink = MovieSink(tmp_path / "a.mp4", SIZE, 30.0, blocking=True)
    threading.Timer(0.1, stuck_encoder.set).start()
    for index in range(60):
        sink.send(picture(index))
    sink.close()
    assert len(frames(tmp_path / "a.mp4")) == 60


@pytest.mark.parametrize("blocking", [True, False])
def test_a_failure_while_writing_reaches_the_sender_and_keeps_the_rest(tmp_path, monkeypatch, blocking):
    sink = MovieSink(tmp_path / "a.mp4", SIZE, 30.0, blocking=blocking)
    real = movie.VideoFrame.from_ndarray
    count = 0

    def full(array, format):
        nonlocal count
        count += 1
        if count > 5:
            raise OSError(28, "No space left on device")
        return real(array, format=format)

    monkeypatch.setattr(movie, "VideoFrame", SimpleNamespace(from_ndarray=full))
    with pytest.raises(SinkError, match="No space left on device"):
        for index in range(10_000):
            sink.send(picture(index))
            threading.Event().wait(0.001)
    assert "No space left" in sink.status
    sink.close()
    assert not (tmp_path / "a.mp4").exists()
    assert (tmp_path / "a.part.mp4").stat().st_size > 0


def test_another_encoder_takes_over(tmp_path, monkeypatch):
    monkeypatch.setattr(movie, "ENCODERS", ("no_such_encoder", "h264_qsv", "mpeg4"))
    sink = record(tmp_path / "a.mp4", [i / 30 for i in range(10)])
    assert sink.encoder == "mpeg4"
    assert len(frames(tmp_path / "a.mp4")) == 10


def test_no_encoder_at_all_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(movie, "ENCODERS", ("no_such_encoder",))
    with pytest.raises(SinkError, match="no video encoder opens"):
        MovieSink(tmp_path / "a.mp4", SIZE, 30.0)
    assert list(tmp_path.iterdir()) == []


def test_odd_rates_are_kept(tmp_path):
    sink = MovieSink(tmp_path / "a.mp4", SIZE, 30000 / 1001, blocking=True)
    assert sink._stream.codec_context.framerate == Fraction(30000, 1001)
    sink.close()
