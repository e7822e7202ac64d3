"""The JPEG stream: idle without viewers, newest picture for everybody, readable by real clients."""

from __future__ import annotations

import asyncio
import contextlib
import threading

import av
import cv2
import numpy as np
import pytest
from aiohttp import web

from virtualcam import mjpeg
from virtualcam.mjpeg import MjpegSink
from virtualcam.multipart import CONTENT_TYPE, PREAMBLE, part
from virtualcam.sink import Picture, SinkError

WAIT_S = 20.0


def picture(index: int, level: int | None = None, size: tuple[int, int] = (64, 48)) -> Picture:
    width, height = size
    value = index if level is None else level
    return Picture(np.full((height, width, 3), value, np.uint8), index / 30, index)


@pytest.fixture
def sink():
    made = MjpegSink("main")
    yield made
    made.close()


@pytest.fixture
def encodings(monkeypatch):
    """Counts encodings; with ``gate`` cleared the encoder waits inside one."""
    real = cv2.imencode
    gate = threading.Event()
    gate.set()
    entered = threading.Semaphore(0)
    counted: list[int] = []

    def imencode(suffix, image, options):
        counted.append(int(image[0, 0, 0]))
        entered.release()
        assert gate.wait(WAIT_S)
        return real(suffix, image, options)

    monkeypatch.setattr(mjpeg.cv2, "imencode", imencode)
    counted_gate = (counted, gate, entered)
    yield counted_gate
    gate.set()


def test_a_viewer_gets_the_picture_with_its_time(sink):
    with sink.subscribe() as viewer:
        sink.send(picture(7, level=180))
        jpeg = viewer.wait(WAIT_S)
    assert jpeg is not None
    assert (jpeg.index, jpeg.time_s) == (7, 7 / 30)
    decoded = cv2.imdecode(np.frombuffer(jpeg.data, np.uint8), cv2.IMREAD_COLOR)
    assert decoded.shape == (48, 64, 3)
    assert np.abs(decoded.astype(int) - 180).max() <= 3


def test_nothing_is_encoded_while_nobody_watches(sink, encodings):
    counted, _, _ = encodings
    for index in range(50):
        sink.send(picture(index))
    assert sink.viewers == 0
    with sink.subscribe() as viewer:
        assert sink.viewers == 1
        jpeg = viewer.wait(WAIT_S)
        assert jpeg is not None and jpeg.index == 49  # the last picture was kept
    assert sink.viewers == 0
    sink.send(picture(50))
    assert counted == [49]


def test_a_new_viewer_never_sees_a_picture_from_before_the_pause(sink):
    with sink.subscribe() as viewer:
        sink.send(picture(1))
        assert viewer.wait(WAIT_S).index == 1
    sink.send(picture(99))
    with sink.subscribe() as viewer:
        assert viewer.wait(WAIT_S).index == 99


def test_what_came_before_a_rest_is_shown_to_nobody(sink):
    with sink.subscribe() as viewer:
        sink.send(picture(1))
        assert viewer.wait(WAIT_S).index == 1
    sink.rest()
    with sink.subscribe() as viewer:
        assert viewer.wait(0.1) is None
        sink.send(picture(9))
        assert viewer.wait(WAIT_S).index == 9


def test_a_second_viewer_sees_a_still_picture_without_a_second_encoding(sink, encodings):
    counted, _, _ = encodings
    with sink.subscribe() as first:
        sink.send(picture(5))
        assert first.wait(WAIT_S).index == 5
        with sink.subscribe() as second:
            assert second.wait(WAIT_S).index == 5
    assert counted == [5]


def test_the_latest_wins_and_nothing_queues(sink, encodings):
    counted, gate, entered = encodings
    with sink.subscribe() as viewer:
        gate.clear()
        sink.send(picture(0))
        assert entered.acquire(timeout=WAIT_S)
        for index in range(1, 20):
            sink.send(picture(index))  # returns at once although the encoder is stuck
        gate.set()
        seen = [viewer.wait(WAIT_S).index]
        while seen[-1] != 19:
            seen.append(viewer.wait(WAIT_S).index)
    assert counted == [0, 19]


def test_a_slow_viewer_gets_the_newest_and_holds_nobody_up(sink):
    with sink.subscribe() as slow, sink.subscribe() as quick:
        for index in range(10):
            sink.send(picture(index))
            assert quick.wait(WAIT_S).index == index
        assert slow.wait(WAIT_S).index == 9
        assert slow.wait(0.0) is None


def test_close_ends_every_viewer_and_may_come_twice(sink):
    viewer = sink.subscribe()
    ended: list[object] = []
    waiter = threading.Thread(target=lambda: ended.append(viewer.wait()))
    waiter.start()
    sink.close()
    sink.close()
    waiter.join(WAIT_S)
    assert ended == [None]
    sink.send(picture(1))
    assert sink.subscribe().wait(WAIT_S) is None


def test_a_picture_that_gives_no_jpeg_ends_nothing(sink):
    with sink.subscribe() as viewer:
        sink.send(Picture(np.zeros((0, 0, 3), np.uint8), 0.0, 0))
        sink.send(picture(3))
        assert viewer.wait(WAIT_S).index == 3


@pytest.mark.parametrize("size", [(640, 360), (480, 270), (97, 1001)])
def test_a_wide_picture_is_narrowed_by_the_encoder_and_a_narrow_one_is_not(size):
    made = MjpegSink("wide", max_width=320)
    width, height = min(size[0], 320), max(1, round(size[1] * min(1, 320 / size[0])))
    with contextlib.closing(made), made.subscribe() as viewer:
        made.send(picture(3, level=120, size=size))
        jpeg = viewer.wait(WAIT_S)
    decoded = cv2.imdecode(np.frombuffer(jpeg.data, np.uint8), cv2.IMREAD_COLOR)
    assert decoded.shape == (height, width, 3)
    assert np.abs(decoded.astype(int) - 120).max() <= 3


@pytest.mark.parametrize(
    ("fps", "step"), [(30.0, 2), (60.0, 4), (25.0, 2), (15.0, 1), (10.0, 1)], ids=lambda v: f"{v:g}"
)
def test_no_more_pictures_than_the_limit_are_encoded_and_they_come_evenly(encodings, fps, step):
    counted, _, _ = encodings
    made = MjpegSink("wide", max_fps=15.0)
    jitter = np.random.default_rng(1).uniform(-0.004, 0.004, 200)
    with contextlib.closing(made), made.subscribe() as viewer:
        for i in range(1, 100):
            time_s = i / fps + jitter[i]
            made.send(Picture(np.full((4, 4, 3), i, np.uint8), time_s, i))
            if i % step == 1 % step:
                assert viewer.wait(WAIT_S).index == i
    assert counted == list(range(1, 100, step))


def test_somebody_new_gets_the_last_picture_although_the_limit_left_it_out(encodings):
    counted, _, _ = encodings
    made = MjpegSink("wide", max_fps=15.0)
    with contextlib.closing(made), made.subscribe() as first:
        made.send(picture(0))
        assert first.wait(WAIT_S).index == 0
        made.send(picture(1))  # the last one: the source stops here
        with made.subscribe() as second:
            assert second.wait(WAIT_S).index == 1
    assert counted == [0, 1]


@pytest.mark.parametrize("quality", [0, 101])
def test_quality_has_bounds(quality):
    with pytest.raises(SinkError, match="1 to 100"):
        MjpegSink("main", quality)


def test_async_viewers_wake_without_polling(sink):
    async def watch(count: int) -> list[int]:
        with sink.subscribe() as viewer:
            return [(await viewer.next()).index for _ in range(count)]

    async def scenario() -> list[list[int]]:
        watchers = [asyncio.create_task(watch(3)) for _ in range(3)]
        cancelled = asyncio.create_task(watch(1000))
        done = asyncio.gather(*watchers)
        index = 0
        while not done.done():
            sink.send(picture(index))
            index += 1
            await asyncio.sleep(0.005)
        cancelled.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cancelled
        return await done

    for seen in asyncio.run(asyncio.wait_for(scenario(), WAIT_S)):
        assert seen == sorted(set(seen))
    assert sink.viewers == 0


def test_async_viewer_ends_with_the_sink(sink):
    async def scenario():
        viewer = sink.subscribe()
        waiting = asyncio.create_task(viewer.next())
        await asyncio.sleep(0.01)
        sink.close()
        return await waiting

    assert asyncio.run(asyncio.wait_for(scenario(), WAIT_S)) is None


def test_a_part_ends_with_its_boundary_and_names_its_length(sink):
    with sink.subscribe() as viewer:
        sink.send(picture(2))
        jpeg = viewer.wait(WAIT_S)
    chunk = part(jpeg)
    head, _, rest = chunk.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(jpeg.data)}".encode() in head
    assert rest == jpeg.data + b"\r\n" + PREAMBLE


def test_ffmpeg_reads_the_stream_over_http(sink):
    """libavformat's mpjpeg demuxer is what OBS's media source uses."""

    async def stream(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": CONTENT_TYPE})
        await answer.prepare(request)
        with sink.subscribe() as viewer:
            await answer.write(PREAMBLE)
            while (jpeg := await viewer.next()) is not None:
                await answer.write(part(jpeg))
        return answer

    def read(port: int) -> list[int]:
        with av.open(f"http://127.0.0.1:{port}/", format="mpjpeg", timeout=WAIT_S) as container:
            frames = []
            for frame in container.decode(video=0):
                frames.append(int(frame.to_ndarray(format="gray").mean()))
                if len(frames) == 3:
                    return frames
        return frames

    async def scenario() -> list[int]:
        app = web.Application()
        app.router.add_get("/", stream)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = site._server.sockets[0].getsockname()[1]
        reading = asyncio.get_running_loop().run_in_executor(None, read, port)
        index = 0
        while not reading.done():
            sink.send(picture(index, level=100))
            index += 1
            await asyncio.sleep(0.01)
        sink.close()
        await runner.cleanup()
        return await reading

    assert asyncio.run(asyncio.wait_for(scenario(), 2 * WAIT_S)) == pytest.approx([100] * 3, abs=3)
