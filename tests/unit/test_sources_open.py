from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import JikcamError
from engine.geometry import Size
from engine.sources import open as opening
from engine.sources.media import MediaSource
from engine.sources.open import open_source
from engine.sources.stage import StageSource
from tests.unit.sources_kit import write_video


@pytest.fixture
def cameras(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    asked: list[tuple] = []
    monkeypatch.setattr(opening, "CameraSource", lambda *arguments: asked.append(arguments))
    return asked


@pytest.mark.parametrize(
    ("spec", "device"),
    [
        ("0", "0"),
        (" 2 ", "2"),
        ("camera:0", "0"),
        ("camera:BRIO", "BRIO"),
        ("camera:Stage: left", "Stage: left"),
        ("/dev/video0", "/dev/video0"),
        ("/dev/v4l/by-id/usb-1", "/dev/v4l/by-id/usb-1"),
    ],
)
def test_cameras(cameras: list[tuple], spec: str, device: str) -> None:
    open_source(spec, pace="live", size=Size(1280, 720), fps=30, pixel_format="MJPG")
    assert cameras == [(device, Size(1280, 720), 30, "MJPG")]


def test_stages_take_size_and_rate_unless_they_name_their_own() -> None:
    source = open_source("stage:sway,people=2,fps=25,seconds=1", pace="fast", size=Size(320, 180), fps=50)
    assert isinstance(source, StageSource)
    assert (source.size, source.fps, source.frame_count) == (Size(320, 180), 25, 25)


def test_everything_else_is_media(tmp_path: Path) -> None:
    path = write_video(tmp_path / "7.mp4", [0, 0.04])
    source = open_source(str(path), pace="fast", loop=True)
    assert isinstance(source, MediaSource) and source.frame_count is None
    source.close()


@pytest.mark.parametrize("spec", ["", "  ", "camera:", "stage:moonwalk", "no-such-file.mp4", "/dev/video98"])
def test_what_names_nothing_is_an_error_of_one_line(spec: str) -> None:
    with pytest.raises(JikcamError) as error:
        open_source(spec, pace="live")
    assert "\n" not in str(error.value) and error.value.fix


class Phones:
    """Takes in cameras, as the streaming process would."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[int, int]]] = []
        self.live, self.seen, self.trouble = False, False, ""

    def camera(self, name: str, size: tuple[int, int]) -> Phones:
        self.asked.append((name, size))
        return self

    def read(self, timeout_s: float) -> None:
        return None

    def close(self) -> None:
        self.asked.clear()


def test_a_camera_over_webrtc_has_a_fixed_size_from_the_start() -> None:
    phones = Phones()
    source = open_source(" webrtc:phone", pace="live", cameras=phones)
    assert (source.name, source.size, source.fps) == ("webrtc:phone", Size(1280, 720), 30)
    assert "/camera/phone" in source.status
    tall = open_source("webrtc:left_2", pace="live", size=Size(720, 1280), fps=25, cameras=phones)
    assert (tall.size, tall.fps) == (Size(720, 1280), 25)
    assert phones.asked == [("phone", (1280, 720)), ("left_2", (720, 1280))]
    source.close()
    assert not phones.asked


@pytest.mark.parametrize("name", ["", " ", "a/b", "..", "a b", "ä", "-x", "x" * 41, "a?b"])
def test_a_name_that_can_stand_in_no_address_is_refused(name: str) -> None:
    with pytest.raises(JikcamError, match="can't be the name of a camera; write webrtc:phone"):
        open_source(f"webrtc:{name}", pace="live", cameras=Phones())


def test_a_camera_over_webrtc_is_live_and_needs_somebody_who_takes_it_in() -> None:
    with pytest.raises(JikcamError, match="live and can't be read as fast as possible; leave out --fast"):
        open_source("webrtc:phone", pace="fast", cameras=Phones())
    with pytest.raises(JikcamError, match="needs the control page"):
        open_source("webrtc:phone", pace="live")
