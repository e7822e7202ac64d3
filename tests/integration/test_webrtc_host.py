"""The streaming process beside a show: real process, real peers; it may die, freeze or never come up."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

import psutil
import pytest

from tests.integration.webrtc_kit import Peer, eventually, show, streams, viewer
from tests.waiting import until
from virtualcam.sink import SinkError
from virtualcam.webrtc import host as host_module
from virtualcam.webrtc.host import StreamHost
from virtualcam.webrtc.messages import (
    AskClock,
    End,
    Measure,
    RefusedError,
    StreamConfig,
    Watch,
    WhipTarget,
)

ROOT = Path(__file__).resolve().parents[2]
posix = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


@pytest.fixture(scope="module")
def shared() -> Iterator[StreamHost]:
    """One that lives through the tests which do it no harm."""
    with streams() as made:
        yield made


@pytest.mark.parametrize("module", ["host", "sink"])
def test_the_engines_process_loads_nothing_that_only_the_streams_need(module: str) -> None:
    heavy = "{'aiortc', 'av', 'aioice'}"
    code = f"import virtualcam.webrtc.{module}, sys; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60).returncode == 0


def test_a_viewer_sees_the_view_that_was_asked_for_and_leaves_again(shared) -> None:
    async def watch(host, dark, bright):
        async with viewer(host, "dark") as one, viewer(host, "bright", "vp8") as two:
            await eventually(lambda: one.count > 10 and two.count > 10)
            assert one.grey < 90 < 160 < two.grey
            assert dark.watched and bright.watched and dark.watchers == 1
            clock = await host.call(AskClock(one.answer.id))
            assert 0 <= time.monotonic() - clock.time_s < 5
            assert await host.call(End(one.answer.id))
            assert not await host.call(End(one.answer.id))
            await eventually(lambda: not dark.watched)
            assert bright.watched
            measures = await host.call(Measure())
            assert [v["view"] for v in measures.viewers.values()] == ["bright"]
            assert measures.cpu_s > 0 and 10 < measures.memory_mb < 1000
        await eventually(lambda: not bright.watched)

    dark, bright = shared.sink("dark", 30), shared.sink("bright", 30)
    with show(dark, 40), show(bright, 220):
        asyncio.run(watch(shared, dark, bright))
    assert shared.status == "" and shared.starts == 1
    dark.close()
    bright.close()


def test_what_is_offered_are_addresses_of_this_machine(shared) -> None:
    async def candidates() -> set[str]:
        async with viewer(shared) as one:
            lines = [line.split() for line in one.answer.sdp.splitlines() if line.startswith("a=candidate")]
            return {words[4] for words in lines}

    sink = shared.sink("main", 30)
    offered = asyncio.run(candidates())
    ours = {a.address for of in psutil.net_if_addrs().values() for a in of}
    assert "127.0.0.1" in offered and {a for a in offered if ":" not in a} <= ours
    sink.close()


def test_views_come_and_go_while_it_runs(shared) -> None:
    async def watch(host) -> str:
        async with viewer(host) as one:
            await eventually(lambda: one.count > 3)
            return "seen"

    for _ in range(3):
        sink = shared.sink("main", 30)
        with pytest.raises(SinkError, match="already"):
            shared.sink("main", 30)
        with show(sink):
            assert asyncio.run(watch(shared)) == "seen"
        sink.close()
        with pytest.raises(RefusedError, match="no View main"):
            asyncio.run(watch(shared))


def test_two_hosts_never_mix() -> None:
    async def watch(one_host, other_host):
        async with viewer(one_host) as one, viewer(other_host) as other:
            await eventually(lambda: one.count > 5 and other.count > 5)
            assert one.grey < 90 < 160 < other.grey
            assert not await other_host.call(End(one.answer.id))

    with streams() as one_host, streams() as other_host:
        with show(one_host.sink("main", 30), 40), show(other_host.sink("main", 30), 220):
            asyncio.run(watch(one_host, other_host))
        assert one_host.pid != other_host.pid


@posix
def test_a_killed_process_comes_back_and_the_show_notices_nothing(caplog) -> None:
    async def watch(host, sink):
        async with viewer(host) as one:
            await eventually(lambda: one.count > 5)
            before, starts = host.pid, host.starts
            os.kill(before, signal.SIGKILL)
            await eventually(lambda: not sink.watched)
            await eventually(lambda: host.starts > starts)
            async with viewer(host) as two:
                await eventually(lambda: two.count > 5)
            assert host.pid != before and host.status == ""

    with streams() as host:
        sink = host.sink("main", 30)
        with show(sink) as took_s:
            for _ in range(2):
                sent = len(took_s)
                asyncio.run(watch(host, sink))
                assert len(took_s) > sent
    lines = [record.getMessage() for record in caplog.records if record.name == "virtualcam.webrtc.host"]
    assert lines and all("exit code -9" in line and "started again" in line for line in lines)


@posix
def test_a_frozen_process_delays_no_picture_and_is_replaced(monkeypatch) -> None:
    monkeypatch.setattr(host_module, "SILENT_S", 1.5)

    async def watch(host, sink, took_s):
        async with viewer(host) as one:
            await eventually(lambda: one.count > 5)
            before, sent = host.pid, len(took_s)
            os.kill(before, signal.SIGSTOP)
            assert sink.watched
            await eventually(lambda: len(took_s) > sent + 20)
            with pytest.raises(RefusedError) as refused:
                await host.call(Measure())
            assert refused.value.status == 503
            await eventually(lambda: host.ready and host.pid != before)
            assert not psutil.pid_exists(before)
            async with viewer(host) as two:
                await eventually(lambda: two.count > 5)

    with streams() as host:
        sink = host.sink("main", 30)
        with show(sink) as took_s:
            asyncio.run(watch(host, sink, took_s))
        assert host.starts == 2


def test_who_gives_up_waiting_leaves_no_session_behind(shared) -> None:
    async def give_up(host):
        peer = Peer()
        peer.connection.addTransceiver("video", direction="recvonly")
        waiting = asyncio.create_task(host.call(Watch("main", await peer.offer())))
        await asyncio.sleep(0)
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting
        while (await host.call(Measure())).viewers:
            await asyncio.sleep(0.05)
        await peer.close()

    sink = shared.sink("main", 30)
    asyncio.run(give_up(shared))
    until(lambda: not sink.watched)
    sink.close()


def test_wishes_before_the_start_and_after_the_end_are_refused() -> None:
    host = StreamHost(StreamConfig())
    sink = host.sink("main", 30)
    for _ in range(2):
        with pytest.raises(RefusedError) as refused:
            asyncio.run(host.call(Measure()))
        assert refused.value.status == 503
    host.start()
    assert asyncio.run(host.call(Measure())).viewers == {}  # waits until it is up
    host.stop()
    host.stop()
    assert not sink.watched
    with pytest.raises(RefusedError):
        asyncio.run(host.call(Measure()))


def test_garbage_is_refused_and_harms_nobody(shared) -> None:
    async def ask(host):
        for sdp in ("", "nonsense", "v=0\r\n", "v=0\r\no=- 0 0 IN IP4 0\r\ns=-\r\nt=0 0\r\nm=video 9\r\n"):
            with pytest.raises(RefusedError) as refused:
                await host.call(Watch("main", sdp))
            assert refused.value.status in (400, 406)
        with pytest.raises(RefusedError) as refused:
            await host.call(AskClock("nobody"))
        assert refused.value.status == 404

    sink = shared.sink("main", 30)
    asyncio.run(ask(shared))
    assert shared.starts == 1
    sink.close()


def test_trouble_of_an_sfu_shows_at_its_view_only() -> None:
    with streams() as host:
        main, other = host.sink("main", 30), host.sink("other", 30)
        host.publish(WhipTarget("main", "http://127.0.0.1:9/whip"))
        until(lambda: main.status)
        assert "\n" not in main.status and other.status == "" and host.status == ""
        until(lambda: main.watched is False)


def test_a_process_that_cant_begin_says_why(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "aiortc.py").write_text("raise ImportError('no codecs here')")
    monkeypatch.syspath_prepend(str(tmp_path))
    with streams(ready=False) as host:
        sink = host.sink("main", 30)
        until(lambda: host.starts > 1)
        assert "no codecs here" in host.status and sink.status == host.status


def test_what_the_process_logs_comes_out_here_in_one_line(shared, caplog) -> None:
    with caplog.at_level(logging.WARNING):
        shared._process.send(WhipTarget("main", 5))  # type: ignore[arg-type]
        until(lambda: any("WhipTarget failed" in record.getMessage() for record in caplog.records))
    assert all("\n" not in record.getMessage() for record in caplog.records)
    assert asyncio.run(shared.call(Measure())).viewers == {}


RUN = """
import signal, sys, time
from virtualcam.webrtc.host import StreamHost
from virtualcam.webrtc.messages import StreamConfig
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # it is ignored by what runs in the background
    host = StreamHost(StreamConfig())
    sink, feed = host.sink("main", 30), host.camera("phone", (320, 180))
    host.start()
    while not host.ready:
        time.sleep(0.01)
    print(host.pid, sink.ring, feed.ring, flush=True)
    {then}
"""


def there(name: str) -> bool:
    try:
        memory = SharedMemory(name)
    except FileNotFoundError:
        return False
    memory.close()
    # Python 3.11 takes who opens it for an owner, who is to clean up.
    resource_tracker.unregister(f"/{name}", "shared_memory")
    return True


@posix
@pytest.mark.parametrize("how", ["SIGKILL", "SIGINT", "return"])
def test_nothing_outlives_the_engine_however_it_ends(how: str) -> None:
    then = "pass" if how == "return" else "while True: time.sleep(0.1)"
    process = subprocess.Popen(
        [sys.executable, "-c", RUN.format(then=then)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None and process.stderr is not None
    pid, *rings = process.stdout.readline().split()
    if how == "SIGINT":  # Ctrl-C reaches both
        os.killpg(process.pid, signal.SIGINT)
    elif how != "return":
        process.send_signal(signal.Signals[how])
    process.wait(30)
    until(lambda: not psutil.pid_exists(int(pid)))
    until(lambda: not any(there(name) for name in rings))
    said = process.stderr.read()
    if how == "return":
        assert said == ""
    if how == "SIGINT":
        assert said.count("Traceback") == 1 and "leaked" not in said  # that of the script above


def test_memory_stays_flat_while_viewers_come_and_go(shared) -> None:
    async def come_and_go(host, times: int) -> None:
        for _ in range(times):
            async with viewer(host) as one:
                await eventually(lambda: one.count > 0)

    async def memory_mb(host) -> float:
        await come_and_go(host, 6)
        return (await host.call(Measure())).memory_mb

    sink = shared.sink("main", 30)
    with show(sink):
        asyncio.run(come_and_go(shared, 4))
        before_mb = asyncio.run(memory_mb(shared))
        after_mb = asyncio.run(memory_mb(shared))
    assert after_mb - before_mb < 6 * 3  # an encoder or a socket that stays would be more
    sink.close()
