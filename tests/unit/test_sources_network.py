from __future__ import annotations

import http.server
import threading
import time
from pathlib import Path

import av
import pytest

from engine.errors import JikcamError
from engine.geometry import Size
from engine.sources.media import MediaSource
from tests.unit.sources_kit import picture, wait_until, write_video


class Sender(http.server.ThreadingHTTPServer):
    """Serves motion JPEG without end at /live, and the file at /clip.mp4."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, clip: Path | None = None, size: tuple[int, int] = (64, 48)) -> None:
        self.clip, self.size = clip, size
        self.stopped = threading.Event()
        super().__init__(("127.0.0.1", port), Answer)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def port(self) -> int:
        return self.server_address[1]

    def stop(self) -> None:
        self.stopped.set()
        self.shutdown()
        self.server_close()


class Answer(http.server.BaseHTTPRequestHandler):
    server: Sender

    def log_message(self, *args: object) -> None: ...

    def do_GET(self) -> None:
        self.send_response(200)
        if self.path == "/clip.mp4" and self.server.clip:
            data = self.server.clip.read_bytes()
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
            return
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=x")
        self.end_headers()
        encoder = av.CodecContext.create("mjpeg", "w")
        encoder.width, encoder.height = self.server.size
        encoder.pix_fmt, encoder.framerate = "yuvj420p", 50
        k = 0
        while not self.server.stopped.wait(0.02):
            frame = av.VideoFrame.from_ndarray(picture(*self.server.size, 40 + k), format="bgr24")
            k += 1
            for packet in encoder.encode(frame.reformat(format="yuvj420p")):
                jpeg = bytes(packet)
                head = f"--x\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                try:
                    self.wfile.write(head.encode() + jpeg + b"\r\n")
                except OSError:
                    return


def test_a_stream_from_the_network_is_live_and_comes_back() -> None:
    sender = Sender(0)
    port = sender.port
    source = MediaSource(f"http://127.0.0.1:{port}/live.mjpg", "live")
    try:
        assert source.size == Size(64, 48) and source.frame_count is None
        first = source.read(5.0)
        assert first and time.monotonic() - first.time_s < 2
        sender.stop()
        assert wait_until(lambda: "trying again" in source.status, 10)
        while source.read(0.0):
            pass
        assert source.read(0.05) is None and not source.ended
        sender = Sender(port, size=(128, 48))  # the sender comes back with another size
        assert wait_until(lambda: source.status == "", 20)
        after = source.read(5.0)
        assert after and after.index > first.index and after.time_s > first.time_s
        assert after.image.shape == (48, 64, 3)
    finally:
        source.close()
        sender.stop()
    assert source.ended


def test_a_file_on_a_server_is_played_as_a_file(tmp_path: Path) -> None:
    clip = write_video(tmp_path / "clip.mp4", [k / 30 for k in range(12)])
    sender = Sender(0, clip)
    try:
        source = MediaSource(f"http://127.0.0.1:{sender.port}/clip.mp4", "fast")
        seen = 0
        while not source.ended:
            seen += source.read(2.0) is not None
        assert seen == 12
    finally:
        sender.stop()


@pytest.mark.parametrize(
    "url", ["rtsp://127.0.0.1:9/x", "http://127.0.0.1:9/x.mp4", "srt://127.0.0.1:9", "nosuch://x"]
)
def test_an_address_nobody_answers_is_an_error(url: str) -> None:
    with pytest.raises(JikcamError) as error:
        MediaSource(url)
    assert url in str(error.value) and "\n" not in str(error.value)
