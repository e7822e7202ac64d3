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
