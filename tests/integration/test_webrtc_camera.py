"""A phone as the camera: real WebRTC peers push, a Source reads."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from engine.geometry import Size
from engine.sources.pushed import PushedSource
from tests.integration.webrtc_kit import Blocks, Hole, Lens, Peer, camera, eventually, show, streams, viewer
from virtualcam.sink import SinkError
from virtualcam.webrtc.host import StreamHost
from virtualcam.webrtc.messages import End, Measure, Push, RefusedError

SIZE = Size(320, 180)
GREEN, RED, BLACK = (0, 255, 0), (0, 0, 255), (0, 0, 0)


def source_of(host, name: str = "phone") -> PushedSource:
    return PushedSource(host.camera(name, (SIZE.width, SIZE.height)), name, SIZE)


@pytest.fixture(scope="module")
def host() -> Iterator[StreamHost]:
    with streams() as made:
        yield made


@pytest.fixture
def source(host) -> Iterator[PushedSource]:
    made = source_of(host)
    yield made
    made.close()


def near(pixel, color) -> bool:
    return bool(np.abs(pixel.astype(int) - color).max() < 40)


async def pictures(source: PushedSource, wanted) -> list:
    """All pictures until one is ``wanted``; read in a thread, as the engine does."""

    def read() -> list:
        found, end_s = [], time.monotonic() + 30
        while time.monotonic() < end_s:
            frame = source.read(0.5)
            if frame is not None:
                found.append(frame)
                if wanted(frame):
                    return found
        raise AssertionError("the picture did not come")

    return await asyncio.to_thread(read)


async def several(source: PushedSource, count: int = 10) -> list:
    left = [count]

    def enough(_) -> bool:
        left[0] -= 1
        return left[0] <= 0

    return await pictures(source, enough)


def test_what_the_phone_sees_arrives_and_the_status_says_how_it_stands(host, source) -> None:
    async def push(host, source):
        before_s = time.monotonic()
        async with camera(host) as phone:
            frames = await several(source)
            assert source.status == ""
            for one, next_ in pairwise(frames):
                assert next_.time_s > one.time_s and next_.index == one.index + 1
            assert before_s < frames[0].time_s and frames[-1].time_s <= time.monotonic()
            image = frames[-1].image
            assert image.shape == (180, 320, 3) and image.dtype == np.uint8
            assert near(image[90, 80], GREEN) and near(image[90, 240], RED)
            (report,) = (await host.call(Measure())).cameras
            assert report["camera"] == "phone" and report["state"] == "connected"
            assert (report["width"], report["height"]) == (320, 180) and report["fps"] > 0
            assert not await host.call(End("nobody")) and await host.call(End(phone.answer.id))
            await eventually(lambda: "gone" in source.status)
        assert (await host.call(Measure())).cameras[0]["state"] == "waiting"

    assert source.status == "no camera yet: open /camera/phone on the phone"
    asyncio.run(push(host, source))
    assert source.status == "the camera phone has gone; waiting for it"


def test_a_phone_that_is_turned_upright_is_letterboxed(host, source) -> None:
    async def push(host, source):
        async with camera(host, lens=Lens((320, 180), turn_at=20)):
            frames = await pictures(source, lambda frame: near(frame.image[90, 20], BLACK))
            assert near(frames[0].image[90, 20], GREEN)
            image = frames[-1].image
            assert image.shape == (180, 320, 3)
            assert near(image[90, 140], GREEN) and near(image[90, 180], RED) and near(image[90, 300], BLACK)

    asyncio.run(push(host, source))


def test_a_smaller_and_a_larger_picture_fill_the_size_that_was_promised(host, source) -> None:
    async def push(host, source, size):
        async with camera(host, lens=Lens(size)):
            image = (await several(source, 3))[-1].image
            assert image.shape == (180, 320, 3)
            assert near(image[3, 80], GREEN) and near(image[176, 316], RED)

    for size in ((160, 90), (640, 360)):
        asyncio.run(push(host, source, size))


def test_a_second_phone_is_refused_while_the_first_is_alive_and_takes_over_when_it_has_gone(
    host, source
) -> None:
    async def push(host, source):
        async with camera(host) as first:
            await several(source, 3)
            with pytest.raises(RefusedError, match="already") as refused:
                async with camera(host):
                    pass
            assert refused.value.status == 409
            await several(source, 3)
            assert first.connection.connectionState == "connected"
        async with camera(host, patient=True):
            await several(source, 3)

    asyncio.run(push(host, source))


def test_a_phone_that_went_silent_is_replaced_by_the_next(host, source) -> None:
    """The first peer's packets stop without a goodbye, as with a phone whose battery is empty."""

    async def push(host, source):
        async with camera(host) as first:
            await several(source, 3)
            for sender in first.connection.getSenders():
                await sender.stop()
            await eventually(lambda: "gone" in source.status)
            async with camera(host, patient=True):
                await several(source, 3)
                assert source.status == ""

    asyncio.run(push(host, source))


def test_offers_that_are_no_good_are_refused(host, source) -> None:
    async def push(host):
        peer = Peer()
        peer.connection.addTransceiver("video", direction="recvonly")
        watching = await peer.offer()
        sound = Peer()
        sound.connection.addTransceiver("audio", direction="sendonly")
        strange = (await camera_offer()).replace("H264/90000", "H265/90000").replace("VP8/90000", "VP7/90000")
        for name, sdp, status in (
            ("nobody", watching, 404),
            ("phone", "garbage", 400),
            ("phone", watching, 400),
            ("phone", await sound.offer(), 400),
            ("phone", strange, 406),
        ):
            with pytest.raises(RefusedError) as refused:
                await host.call(Push(name, sdp))
            assert refused.value.status == status, (name, sdp)
        assert (await host.call(Measure())).cameras[0]["state"] == "waiting"
        await peer.close()
        await sound.close()

    asyncio.run(push(host))


async def camera_offer() -> str:
    peer = Peer()
    peer.connection.addTransceiver("video", direction="sendonly")
    sdp = await peer.offer()
    await peer.close()
    return sdp


@pytest.mark.parametrize("when", ["first", "later"])
def test_lost_packets_cost_a_moment_and_no_smeared_picture_is_shown(host, source, when: str) -> None:
    """The camera of this test makes a key frame at its first picture only, unless it is asked for one."""

    async def push(host):
        lens, holes = Blocks(), []
        source = PushedSource(host.camera("blocks", lens.size), "blocks", Size(*lens.size))

        def dig(peer: Peer) -> None:
            holes.append(Hole(peer))
            holes[0].open = when == "first"

        async with camera(host, "blocks", lens, begun=dig):
            (hole,) = holes
            if when == "later":
                whole = max(lens.damage(frame.image) for frame in await several(source, 20))
                assert whole < 42  # a smeared one has 55 and more
                hole.open = True
            await eventually(lambda: len(hole.lost) >= 5)
            hole.open = False
            lost_s = time.monotonic()
            frames = await pictures(source, lambda frame: frame.time_s > lost_s + 0.2)
            frames += await several(source, 20)
            assert max(lens.damage(frame.image) for frame in frames) < 42
            assert hole.passed < 512  # as many aiortc would wait for
        source.close()

    asyncio.run(push(host))


def test_the_phones_microphone_reaches_viewers_who_want_sound(host, source) -> None:
    async def push(host, source):
        async with camera(host, audio=True):
            await several(source, 3)
            async with viewer(host, audio=True) as listens, viewer(host) as looks:
                await eventually(lambda: listens.sounds > 10 and listens.count > 3 and looks.count > 3)
                assert looks.sounds == 0

    sink = host.sink("main", 30)
    with show(sink):
        asyncio.run(push(host, source))
    sink.close()


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_after_the_streaming_process_was_killed_the_phone_may_push_again(host, source) -> None:
    async def push(host, source):
        async with camera(host):
            before = (await several(source, 3))[-1]
            os.kill(host.pid, signal.SIGKILL)
            await eventually(lambda: source.status)
            async with camera(host):
                after = (await several(source, 3))[-1]
        assert after.time_s > before.time_s and after.index > before.index

    asyncio.run(push(host, source))


def test_the_source_closes_from_another_thread_and_its_name_is_free_again(host, source) -> None:
    async def push(again):
        async with camera(host):
            await several(again, 3)

    with pytest.raises(SinkError, match="already"):
        source_of(host)
    threading.Timer(0.1, source.close).start()
    while not source.ended:
        assert source.read(20.0) is None
    source.close()
    assert source.read(20.0) is None and source.status == ""
    again = source_of(host)
    asyncio.run(push(again))
    again.close()
