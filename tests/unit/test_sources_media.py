from __future__ import annotations

import time
import wave
from pathlib import Path

import av
import numpy as np
import pytest

from engine.errors import JikcamError
from engine.geometry import Size
from engine.sources.media import MediaSource
from engine.sources.video import Video, _upright, scheme_of
from tests.unit.sources_kit import grey_of, picture, write_video

EVEN = [k / 30 for k in range(12)]


def read_all(source: MediaSource, most: int = 1000) -> list:
    frames = []
    while not source.ended and len(frames) < most:
        frame = source.read(2.0)
        if frame:
            frames.append(frame)
    return frames


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_video(tmp_path / "clip.mp4", EVEN)


def test_fast_gives_every_picture_in_order_with_its_own_time(clip: Path) -> None:
    source = MediaSource(str(clip), "fast")
    assert (source.size, source.frame_count) == (Size(64, 48), 12)
    assert source.fps == pytest.approx(30, rel=2e-3)
    frames = read_all(source)
    assert [f.index for f in frames] == list(range(12))
    assert [grey_of(f.image) for f in frames] == list(range(12))
    assert [f.time_s for f in frames] == pytest.approx(EVEN, abs=1e-3)
    assert source.ended and source.status == "" and source.read(0.0) is None
    source.close()


def test_fast_is_the_same_every_time(clip: Path) -> None:
    runs = [read_all(MediaSource(str(clip), "fast")) for _ in range(2)]
    assert [f.time_s for f in runs[0]] == [f.time_s for f in runs[1]]
    assert all(np.array_equal(a.image, b.image) for a, b in zip(*runs, strict=True))


@pytest.mark.parametrize(
    "stamps_s",
    [
        [0, 0.02, 0.1, 0.11, 0.5, 0.501],
        [3.0 + t for t in EVEN],
    ],
)
def test_variable_and_late_starting_stamps_are_kept(tmp_path: Path, stamps_s: list[float]) -> None:
    frames = read_all(MediaSource(str(write_video(tmp_path / "v.mkv", stamps_s)), "fast"))
    expected = [t - stamps_s[0] for t in stamps_s]
    assert [f.time_s for f in frames] == pytest.approx(expected, abs=2e-3)


def test_missing_stamps_are_filled_in(tmp_path: Path) -> None:
    path = write_video(tmp_path / "raw.m4v", EVEN)  # an elementary stream: no container, no stamps
    frames = read_all(MediaSource(str(path), "fast"))
    assert len(frames) == 12
    steps = np.diff([f.time_s for f in frames])
    assert (steps > 0).all() and steps.max() < 0.2


def test_odd_sizes(tmp_path: Path) -> None:
    path = write_video(tmp_path / "odd.mkv", EVEN, (65, 49), "ffv1", "bgr0")
    source = MediaSource(str(path), "fast")
    frames = read_all(source)
    assert source.size == Size(65, 49)
    assert {f.image.shape for f in frames} == {(49, 65, 3)}
    assert [grey_of(f.image) for f in frames] == list(range(12))


def test_pictures_are_bgr_and_contiguous(tmp_path: Path) -> None:
    blue = np.zeros((48, 64, 3), np.uint8)
    blue[:, :, 0] = 255
    path = tmp_path / "blue.mkv"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("ffv1", rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "bgr0"
        out.mux(stream.encode(av.VideoFrame.from_ndarray(blue, format="bgr24")))
        out.mux(stream.encode())
    frame = MediaSource(str(path), "fast").read(2.0)
    assert frame and np.array_equal(frame.image, blue) and frame.image.flags.c_contiguous


def test_a_loop_goes_on_rising(clip: Path) -> None:
    source = MediaSource(str(clip), "fast", loop=True)
    frames = read_all(source, 40)
    source.close()
    assert source.frame_count is None
    assert [f.index for f in frames] == list(range(40))
    assert [grey_of(f.image) for f in frames] == [k % 12 for k in range(40)]
    assert np.diff([f.time_s for f in frames]) == pytest.approx(1 / 30, abs=2e-3)


def test_a_loop_whose_file_is_deleted_ends_with_a_reason(clip: Path) -> None:
    source = MediaSource(str(clip), "fast", loop=True)
    clip.unlink()
    assert len(read_all(source)) == 12
    assert "does not exist" in source.status


def test_live_is_due_by_the_stamps(tmp_path: Path) -> None:
    source = MediaSource(str(write_video(tmp_path / "v.mkv", [0, 0.05, 0.15, 0.4])), "live")
    frames = []
    while not source.ended:
        frame = source.read(1.0)
        if frame:
            assert frame.time_s <= time.monotonic()
            frames.append(frame)
    due = {0: 0.0, 1: 0.05, 2: 0.15, 3: 0.4}
    assert frames[-1].index == 3
    for frame in frames:
        assert frame.time_s - frames[0].time_s == pytest.approx(due[frame.index], abs=2e-3)


def test_live_slow_reader_gets_the_latest(tmp_path: Path) -> None:
    source = MediaSource(str(write_video(tmp_path / "v.mp4", [k / 30 for k in range(60)])), "live")
    first = source.read(1.0)
    time.sleep(0.6)
    late = source.read(1.0)
    source.close()
    assert first and late and first.index == 0
    assert late.index >= 15
    assert grey_of(late.image) == late.index % 20


def test_closing_in_the_middle_stops_the_thread(clip: Path) -> None:
    for pace in ("live", "fast"):
        source = MediaSource(str(clip), pace, loop=True)
        source.read(1.0)
        source.close()
        source.close()
        assert source.ended and source.read(5.0) is None
        assert not source._thread.is_alive()


def test_a_cut_off_file_gives_what_is_there(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "v.ts", [k / 30 for k in range(60)], (320, 240))
    cut = tmp_path / "cut.ts"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    source = MediaSource(str(cut), "fast")
    frames = read_all(source)
    assert 5 < len(frames) < 60
    assert source.ended


def test_damaged_packets_do_not_end_the_show(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.mkv", [k / 30 for k in range(60)], (320, 240))
    data = bytearray(path.read_bytes())
    rng = np.random.default_rng(0)
    for at in rng.integers(len(data) // 4, len(data) * 3 // 4, 40):
        data[at] ^= 0xFF
    path.write_bytes(bytes(data))
    source = MediaSource(str(path), "fast")
    times = [f.time_s for f in read_all(source)]
    assert len(times) > 10 and times == sorted(set(times))


def unreadable(tmp_path: Path) -> dict[str, tuple[Path, str]]:
    text = tmp_path / "notes.txt"
    text.write_text("no video\n" * 100)
    fake = tmp_path / "fake.mp4"
    fake.write_text("no video\n" * 100)
    empty = tmp_path / "empty.mp4"
    empty.touch()
    sound = tmp_path / "sound.wav"
    with wave.open(str(sound), "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(bytes(16000))
    header = write_video(tmp_path / "v.mp4", EVEN)
    broken = tmp_path / "broken.mp4"  # recorded until the power failed: no index
    broken.write_bytes(header.read_bytes()[:500])
    return {
        "missing": (tmp_path / "missing.mp4", "does not exist"),
        "folder": (tmp_path, "is not a file"),
        "text": (text, "cannot be read as a video"),
        "fake": (fake, "cannot be read as a video"),
        "empty": (empty, "cannot be read as a video"),
        "sound": (sound, "no video"),
        "broken": (broken, "cannot be read as a video"),
    }


@pytest.mark.parametrize("what", ["missing", "folder", "text", "fake", "empty", "sound", "broken"])
def test_what_is_no_video_says_why_in_one_line(tmp_path: Path, what: str) -> None:
    path, reason = unreadable(tmp_path)[what]
    with pytest.raises(JikcamError) as error:
        MediaSource(str(path))
    text = str(error.value)
    assert reason in text and path.name in text and "\n" not in text and error.value.fix


@pytest.mark.parametrize(
    ("url", "scheme"),
    [("a.mp4", ""), ("C:\\a.mp4", ""), ("file:///a.mp4", ""), ("RTSP://x", "rtsp"), ("https://x/y", "https")],
)
def test_scheme(url: str, scheme: str) -> None:
    assert scheme_of(url) == scheme


def test_a_rotated_video_stands_upright(tmp_path: Path) -> None:
    image = picture(64, 48, 30)
    image[:8, :8] = 250  # the top left corner, as the sensor sees it
    upright = tmp_path / "v.mkv"
    with av.open(str(upright), "w") as out:
        stream = out.add_stream("ffv1", rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "bgr0"
        out.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        out.mux(stream.encode())

    class Turned:
        """A frame as a telephone writes it: 90 degrees counter-clockwise to stand upright."""

        def __init__(self, frame: av.VideoFrame, rotation: int) -> None:
            self._frame, self.rotation = frame, rotation

        def to_ndarray(self, format: str) -> np.ndarray:
            return self._frame.to_ndarray(format=format)

    with av.open(str(upright)) as source:
        frame = next(source.decode(video=0))
        for rotation, corner in ((0, (4, 4)), (90, (59, 4)), (180, (43, 59)), (-90, (4, 43))):
            out_image = _upright(Turned(frame, rotation))
            assert out_image.shape == ((64, 48, 3) if rotation % 180 else (48, 64, 3))
            assert out_image[corner][0] > 200, rotation


def test_video_needs_no_second_open_to_know_its_first_picture(clip: Path) -> None:
    video = Video(str(clip))
    item = video.next()
    assert item and item[1] == 0.0 and grey_of(item[0]) == 0
    video.close()
    video.close()
