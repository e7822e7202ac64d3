from __future__ import annotations

import pytest

from engine.errors import JikcamError
from engine.sources.address import shown_source
from engine.sources.video import Video


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rtsp://admin:hunter2@10.0.0.9:554/Streaming/101", "rtsp://10.0.0.9:554/Streaming/101"),
        ("http://10.0.0.9/video.mjpg?user=admin&pwd=hunter2", "http://10.0.0.9/video.mjpg"),
        ("srt://10.0.0.9:9000?passphrase=hunter2", "srt://10.0.0.9:9000"),
        ("clip.mp4", "clip.mp4"),
        ("C:\\clips\\a.mp4", "C:\\clips\\a.mp4"),
        (
            "file:///clips/2026-11-21_the_whole_rehearsal.mp4",
            "file:///clips/2026-11-21_the_whole_rehearsal.mp4",
        ),
    ],
)
def test_viewers_see_no_passwords_of_cameras(url: str, shown: str) -> None:
    assert shown_source(url) == shown


def test_nor_does_what_went_wrong_name_them() -> None:
    with pytest.raises(JikcamError) as caught:
        Video("http://admin:hunter2@127.0.0.1:9/live?key=hunter2")
    assert "127.0.0.1:9" in str(caught.value) and "hunter2" not in str(caught.value)
