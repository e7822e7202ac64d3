"""Downloads against a small server that misbehaves in every way one meets."""

from __future__ import annotations

import contextlib
import hashlib
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from engine.assets import download as download_module
from engine.assets.download import UnreachableError, download
from engine.assets.manifest import Asset, Digest, Url
from engine.assets.verify import WrongHashError
from engine.errors import JikcamError

DATA = bytes(i * 31 % 251 for i in range(1_000_000))
NET = Asset(
    "net",
    "model",
    "detect.person",
    "rtmdet",
    "MIT",
    Digest(hashlib.sha256(DATA).hexdigest()),
    len(DATA),
    None,
    Url(""),
)


@dataclass
class Host:
    """What the server does, and what it was asked."""

    data: bytes = DATA
    ranges: bool = True
    status: int = 200
    breaks_after: list[int] = field(default_factory=list)
    length: bool = True
    lies_about_range: bool = False
    asked: list[str | None] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    host = Host()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            host.asked.append(wanted)
            if host.status >= 400:
                self.send_error(host.status)
                return
            start, status = 0, 200
            if wanted and host.ranges:
                start, status = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1]), 206
                if start >= len(host.data):
                    self.send_error(416)
                    return
            body = host.data[start:]
            self.send_response(status)
            if status == 206:
                shown = 0 if host.lies_about_range else start
                self.send_header("Content-Range", f"bytes {shown}-{len(host.data) - 1}/{len(host.data)}")
            if host.length:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if host.breaks_after:
                body = body[: host.breaks_after.pop(0)]
            with contextlib.suppress(ConnectionError):  # the client may hang up first
                self.wfile.write(body)

    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    host.url = f"http://127.0.0.1:{server.server_port}/net.onnx"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield host
    server.shutdown()
    thread.join()
    server.server_close()


class Seen:
    """A progress callback that remembers."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int, int]] = []

    def __call__(self, name: str, done: int, total: int) -> None:
        self.calls.append((name, done, total))


def fetch(host: Host, folder: Path, asset: Asset = NET) -> Seen:
    seen = Seen()
    download(asset, host.url, folder / "net.onnx", seen)
    return seen


def test_a_file_arrives_with_progress(host: Host, tmp_path: Path) -> None:
    seen = fetch(host, tmp_path)
    assert (tmp_path / "net.onnx").read_bytes() == DATA
    assert [path.name for path in tmp_path.iterdir()] == ["net.onnx"]
    dones = [done for _, done, _ in seen.calls]
    assert dones == sorted(dones)
    assert seen.calls[0] == ("net", 0, len(DATA))
    assert seen.calls[-1] == ("net", len(DATA), len(DATA))


def test_broken_connections_are_continued_not_restarted(host: Host, tmp_path: Path) -> None:
    host.breaks_after = [300_000, 300_000]
    fetch(host, tmp_path)
    assert (tmp_path / "net.onnx").read_bytes() == DATA
    assert host.asked[0] is None
    starts = [int(asked[6:-1]) for asked in host.asked[1:]]
    assert starts == [300_000, 600_000]


def test_a_later_run_continues_where_an_earlier_one_stopped(host: Host, tmp_path: Path) -> None:
    (tmp_path / "net.onnx.part").write_bytes(DATA[:700_000])
    seen = fetch(host, tmp_path)
    assert host.asked == ["bytes=700000-"]
    assert seen.calls[0] == ("net", 700_000, len(DATA))
    assert (tmp_path / "net.onnx").read_bytes() == DATA


def test_a_part_that_is_whole_already(host: Host, tmp_path: Path) -> None:
    (tmp_path / "net.onnx.part").write_bytes(DATA)
    fetch(host, tmp_path)
    assert host.asked == [f"bytes={len(DATA)}-"]
    assert (tmp_path / "net.onnx").read_bytes() == DATA


@pytest.mark.parametrize("rubbish", [b"x" * 700_000, b"x" * 2_000_000])
def test_a_part_of_something_else_is_thrown_away_and_all_is_fetched(
    host: Host, tmp_path: Path, rubbish: bytes
) -> None:
    (tmp_path / "net.onnx.part").write_bytes(rubbish)
    fetch(host, tmp_path)
    assert host.asked == [f"bytes={len(rubbish)}-", None]
    assert (tmp_path / "net.onnx").read_bytes() == DATA


def test_a_server_without_ranges_starts_again(host: Host, tmp_path: Path) -> None:
    host.ranges = False
    (tmp_path / "net.onnx.part").write_bytes(DATA[:700_000])
    fetch(host, tmp_path)
    assert len(host.asked) == 1
    assert (tmp_path / "net.onnx").read_bytes() == DATA


def test_a_server_that_continues_elsewhere_does_not_spoil_the_file(host: Host, tmp_path: Path) -> None:
    host.lies_about_range = True
    (tmp_path / "net.onnx.part").write_bytes(DATA[:700_000])
    with pytest.raises(UnreachableError, match="wrong place"):
        fetch(host, tmp_path)
    assert list(tmp_path.iterdir()) == []
    fetch(host, tmp_path)
    assert (tmp_path / "net.onnx").read_bytes() == DATA


def test_a_connection_that_gives_nothing_more_ends_and_keeps_what_came(host: Host, tmp_path: Path) -> None:
    host.breaks_after = [400_000, 0]
    with pytest.raises(UnreachableError, match=r"broke off .* run the same again"):
        fetch(host, tmp_path)
    assert not (tmp_path / "net.onnx").exists()
    assert (tmp_path / "net.onnx.part").read_bytes() == DATA[:400_000]


def test_attempts_are_limited(host: Host, tmp_path: Path) -> None:
    host.breaks_after = [1000] * 50
    with pytest.raises(UnreachableError):
        fetch(host, tmp_path)
    assert len(host.asked) == download_module.ATTEMPTS


def test_truncated_without_a_length_is_noticed(host: Host, tmp_path: Path) -> None:
    host.length, host.ranges = False, False
    host.breaks_after = [10_000, 10_000]
    with pytest.raises(UnreachableError, match="10000 of 1000000 bytes"):
        fetch(host, tmp_path)
    assert not (tmp_path / "net.onnx").exists()


@pytest.mark.parametrize("data", [DATA[:-1] + b"!", DATA[:1000], b"<html>please log in</html>"])
def test_another_file_is_refused_and_nothing_stays(host: Host, tmp_path: Path, data: bytes) -> None:
    host.data = data
    with pytest.raises(WrongHashError, match=r"127\.0\.0\.1 sent another file"):
        fetch(host, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("length", [True, False])
def test_a_file_that_never_ends_is_cut_off(host: Host, tmp_path: Path, length: bool) -> None:
    host.data, host.length = DATA * 5, length
    seen = Seen()
    with pytest.raises(WrongHashError, match="more than the 1000000 bytes"):
        download(NET, host.url, tmp_path / "net.onnx", seen)
    assert max(done for _, done, _ in seen.calls) < 1_500_000
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_unknown_size_by_its_git_hash(host: Host, tmp_path: Path) -> None:
    blob = hashlib.sha1(b"blob %d\0" % len(DATA) + DATA).hexdigest()
    fetch(host, tmp_path, replace(NET, size=0, digest=Digest("", blob)))
    assert (tmp_path / "net.onnx").read_bytes() == DATA


@pytest.mark.parametrize(
    ("status", "fix"), [(404, "may have moved"), (403, "may have moved"), (503, "try again later")]
)
def test_http_errors_are_one_line(host: Host, tmp_path: Path, status: int, fix: str) -> None:
    host.status = status
    with pytest.raises(JikcamError) as caught:
        fetch(host, tmp_path)
    assert f"net: 127.0.0.1 answers {status}" in str(caught.value)
    assert fix in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_nobody_listens(host: Host, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, never listening: refused
        host.url = f"http://127.0.0.1:{taken.getsockname()[1]}/net.onnx"
        with pytest.raises(UnreachableError, match=r"cannot reach 127\.0\.0\.1 .*check the network"):
            fetch(host, tmp_path)


def test_no_such_host(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match=r"cannot reach nowhere\.invalid"):
        download(NET, "https://nowhere.invalid/net.onnx", tmp_path / "net.onnx", Seen())


@pytest.mark.parametrize("url", ["http://example.org/net.onnx", "file:///etc/passwd", "ftp://example.org/a"])
def test_only_https(tmp_path: Path, url: str) -> None:
    with pytest.raises(JikcamError, match="not an https address"):
        download(NET, url, tmp_path / "net.onnx", Seen())


def test_a_folder_that_cannot_be_written(host: Host, tmp_path: Path) -> None:
    with pytest.raises(JikcamError, match=r"cannot write .* JIKCAM_CACHE"):
        download(NET, host.url, tmp_path / "gone" / "net.onnx", Seen())
