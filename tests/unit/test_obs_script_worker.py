"""The script's worker: engine away, hung, refusing, replaced; nothing fires late."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from obs_plugin.script.jikcam_script import worker as module
from obs_plugin.script.jikcam_script.actions import choose
from obs_plugin.script.jikcam_script.address import read_address
from obs_plugin.script.jikcam_script.errors import ScriptError
from obs_plugin.script.jikcam_script.worker import MOST_WAITING, EngineWorker
from tests.recording_engine import RecordingEngine
from tests.waiting import until

NEXT = choose("next")


@pytest.fixture
def engine() -> Iterator[RecordingEngine]:
    with RecordingEngine() as running:
        yield running


@contextmanager
def working(
    address: str, starting: bool = False, tend: Callable[[], str] = lambda: ""
) -> Iterator[tuple[EngineWorker, list[str]]]:
    worker, log = EngineWorker(tend, lambda: starting), _Log()
    log.worker = worker
    worker.configure(address, "")
    worker.start()
    try:
        until(lambda: worker.sight.status != "not asked yet")
        yield worker, log
    finally:
        worker.close()


class _Log(list[str]):
    """All news so far; `in`, `count` and `len` look for more first."""

    worker: EngineWorker

    def fresh(self) -> list[str]:
        self.extend(self.worker.take_news())
        return list(self)


def dead_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_away_is_said_once_and_a_key_pressed_then_never_fires_later(engine: RecordingEngine) -> None:
    engine.stop()
    away = f"jikcam is not running at {engine.url}"
    with working(engine.url) as (worker, log):
        assert worker.sight.status == f"{away}; press Start engine"
        for _ in range(3):
            worker.send("next person", NEXT)
        until(lambda: f"'next person' was not done: {away}" in worker.sight.status)
        engine.start()
        until(lambda: worker.sight.up)
        worker.send("next person", NEXT)
        until(lambda: engine.asked)
        assert [a.body["kind"] for a in engine.asked] == ["next"]
        assert log.fresh() == [
            f"{away}; press Start engine",
            f"'next person' was not done: {away}",
            f"jikcam runs at {engine.url}",
        ]
        engine.stop()
        until(lambda: not worker.sight.up)
        worker.send("next person", NEXT)
        until(lambda: log.fresh().count(f"'next person' was not done: {away}") == 2)


def test_an_engine_that_we_started_is_waited_for() -> None:
    with working(f"http://127.0.0.1:{dead_port()}", starting=True) as (worker, _):
        assert worker.sight.status.endswith("yet; it is starting")


def test_a_hung_engine_gets_one_request_and_the_waiting_ones_are_dropped(engine: RecordingEngine) -> None:
    with working(engine.url) as (worker, log):
        engine.answering.clear()
        worker.send("wide", NEXT)
        until(lambda: len(engine.asked) == 1)
        for _ in range(3):
            worker.send("next person", NEXT)
        until(lambda: "'next person' was not done: jikcam was busy for" in worker.sight.status)
        until(lambda: f"jikcam at {engine.url} does not answer; if it stays so" in worker.sight.status)
        engine.answering.set()
        until(lambda: worker.sight.up)
        told = log.fresh()
    assert len(engine.asked) <= 2, "only what was pressed within the last second may still be asked"
    assert sum("does not answer" in line and "'wide'" in line for line in told) == 1
    assert sum("busy" in line for line in told) == 1, "told once, not for each key"


def test_a_full_queue_drops_the_oldest_and_says_so(
    engine: RecordingEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STALE_S", 60.0)
    busy, done = threading.Event(), []

    def block() -> str:
        busy.wait(10)
        return ""

    def job(number: int) -> Callable[[], str]:
        return lambda: str(done.append(number) or "")

    with working(engine.url) as (worker, log):
        worker.post("block", block)
        until(lambda: not worker._jobs)
        for number in range(MOST_WAITING + 2):
            worker.post(f"job {number}", job(number))
        busy.set()
        until(lambda: len(done) == MOST_WAITING)
        assert done == list(range(2, MOST_WAITING + 2))
        assert "'job 0' was dropped: too much at once, jikcam is too slow" in log.fresh()


def test_a_refusal_is_shown_in_the_engines_words_and_logged_once(engine: RecordingEngine) -> None:
    engine.refusal = (404, "there is no such View;\nthe Views are: \0 stage")
    told = "'next person' was not done: there is no such View; the Views are: stage"
    with working(engine.url) as (worker, log):
        for _ in range(3):
            worker.send("next person", NEXT)
        until(lambda: len(engine.asked) == 3 and told in worker.sight.status)
        assert log.fresh().count(told) == 1
        engine.refusal = None
        worker.send("next person", NEXT)
        until(lambda: told not in worker.sight.status)
        engine.refusal = (400, "there is no such View; the Views are: stage")
        worker.send("next person", NEXT)
        until(lambda: log.fresh().count(told) == 2)


def test_the_first_call_that_fails_ends_an_action(engine: RecordingEngine) -> None:
    engine.refusal = (400, "no")
    with working(engine.url) as (worker, _):
        worker.send("twice", (*NEXT, *NEXT))
        until(lambda: "no" in worker.sight.status.splitlines()[-1])
        assert len(engine.asked) == 1


def test_an_engine_started_anew_is_asked_over_a_new_connection(engine: RecordingEngine) -> None:
    with working(engine.url) as (worker, log):
        engine.stop()
        engine.start()
        worker.send("next person", NEXT)
        until(lambda: len(engine.asked) == 1)
        until(lambda: not worker._jobs)
        assert not any("not done" in line for line in log.fresh())


def test_one_connection_serves_all(engine: RecordingEngine) -> None:
    with working(engine.url) as (worker, _):
        for n in range(5):
            worker.send("next person", NEXT)
            until(lambda n=n: len(engine.asked) == n + 1)
        assert len(engine._connections) == 1


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", b"SSH-2.0-x\r\n", b"\0\n"]
)
def test_something_else_on_the_port_is_told(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    with server.accept()[0] as client:
                        client.recv(4096)
                        client.sendall(answer)
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with working(url) as (worker, _):
            assert worker.sight.status == f"what answers at {url} is not jikcam; check the engine's address"
        server.shutdown(socket.SHUT_RDWR)


def test_a_state_of_another_shape_is_told(engine: RecordingEngine) -> None:
    engine.state = {"views": [{"name": "main"}], "people": [1]}
    with working(engine.url) as (worker, _):
        assert "is not jikcam" in worker.sight.status


def test_a_fault_of_our_own_is_told_and_the_keys_live_on(engine: RecordingEngine) -> None:
    def tend() -> str:
        raise RuntimeError("oh")

    with working(engine.url, tend=tend) as (worker, log):
        until(lambda: any("the script has a fault: RuntimeError('oh')" in line for line in log.fresh()))
        worker.send("next person", NEXT)
        until(lambda: engine.asked)


def test_what_was_done_is_shown_and_logged(engine: RecordingEngine) -> None:
    ended = ["jikcam has ended with code 2"]
    with working(engine.url, tend=lambda: ended.pop() if ended else "") as (worker, log):
        until(lambda: worker.sight.status.endswith("\njikcam has ended with code 2"))
        worker.post("Start engine", lambda: "started")
        until(lambda: worker.sight.status.endswith("\nstarted"))
        assert log.fresh()[1:] == ["jikcam has ended with code 2", "started"]


def test_another_address_is_looked_at_at_once(engine: RecordingEngine) -> None:
    with working("https://127.0.0.1") as (worker, _):
        assert "write the engine's address as http://127.0.0.1:8787" in worker.sight.status
        worker.configure(engine.url, "")
        until(lambda: worker.sight.up)


def test_closing_ends_the_thread_although_the_engine_hangs(engine: RecordingEngine) -> None:
    before = set(threading.enumerate())
    with working(engine.url):
        (thread,) = {t for t in threading.enumerate() if t.name == "jikcam-engine"} - before
        engine.answering.clear()
        looks = engine.looks
        until(lambda: engine.looks > looks)
        assert thread.daemon
    thread.join(10)
    assert not thread.is_alive()
    assert engine.looks == looks + 1, "it must not ask again on its way out"


def test_an_engine_is_started_only_here_and_only_when_none_answers(engine: RecordingEngine) -> None:
    with working(engine.url) as (worker, _):
        with pytest.raises(ScriptError, match="jikcam runs already at"):
            worker.port_to_start_at()
        engine.stop()
        until(lambda: not worker.sight.up)
        assert f"http://127.0.0.1:{worker.port_to_start_at()}" == engine.url
        worker.configure("http://192.168.7.7:8787", "")
        with pytest.raises(ScriptError, match=r"192\.168\.7\.7 is another computer; start it there"):
            worker.port_to_start_at()


def test_what_went_wrong_leaves_the_status(engine: RecordingEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "NOTE_SHOWN_S", 0.2)
    engine.refusal = (400, "not now")
    with working(engine.url) as (worker, _):
        worker.send("next person", NEXT)
        until(lambda: "not now" in worker.sight.status)
        at_s = time.monotonic()
        until(lambda: "not now" not in worker.sight.status)
        assert time.monotonic() - at_s >= 0.1


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://127.0.0.1:8787", "http://127.0.0.1:8787"),
        (" http://localhost ", "http://localhost:8787"),
        ("http://[::1]:80/", "http://[::1]:80"),
        ("HTTP://192.168.1.20:9000", "http://192.168.1.20:9000"),
        ("http://studio-pc:8787", "http://studio-pc:8787"),
        ("http://studio.local", "http://studio.local:8787"),
    ],
)
def test_addresses(text: str, url: str) -> None:
    assert read_address(text).url == url


@pytest.mark.parametrize(
    "text",
    [
        "",
        "127.0.0.1:8787",
        "https://127.0.0.1:8787",
        "http://",
        "http://127.0.0.1:0",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:8787/api",
        "http://127.0.0.1?x",
        "http://a@127.0.0.1",
        "http://8.8.8.8",
        "http://example.com:8787",
        "http://[::1",
        "http://a..local",
        "http://a b",
        "http://a\r\nX: y",
    ],
)
def test_what_is_no_address_says_what_to_write(text: str) -> None:
    with pytest.raises(ScriptError, match=r"write the engine's address as http://127\.0\.0\.1:8787"):
        read_address(text)
