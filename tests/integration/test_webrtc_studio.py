from __future__ import annotations

import asyncio
import itertools
import threading
import time
from contextlib import AsyncExitStack
from typing import Any

import psutil
import pytest
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError

from tests.integration.studio_kit import MARKS, Viewer, mark, studio_with_show, until, viewer
from tests.unit.webrtc_kit import in_loop
from virtualcam.webrtc.messages import Codec, RefusedError, Watch
from virtualcam.webrtc.watch import peer as peer_module
from virtualcam.webrtc.watch import renditions as renditions_module
from virtualcam.webrtc.watch.encoder import EncodedPicture, Encoder

DIRECTIONS = ("a=sendonly", "a=recvonly", "a=sendrecv", "a=inactive")


@pytest.mark.parametrize("codec", ["h264", "vp8"])
@in_loop
async def test_a_viewer_sees_the_pictures_in_their_order(codec: Codec) -> None:
    async with studio_with_show() as (studio, _, wanted), viewer(studio, codec=codec) as seen:
        await seen.see(30)
        assert (seen.frames[-1].width, seen.frames[-1].height) == (320, 180)
        pairs = list(itertools.pairwise(seen.frames))
        assert all(a.pts < b.pts for a, b in pairs)
        # A mark comes again after MARKS pictures, and so many may be left out where a machine has no time.
        near = [(a, b) for a, b in pairs if b.pts - a.pts < (MARKS - 1) * 90_000 / 30]
        assert near and all(mark(a) != mark(b) for a, b in near), "none twice"
        assert wanted == [("main", 1)]


@in_loop
async def test_eight_viewers_share_one_encoder_that_works_once_per_picture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    times: list[float] = []
    encode = Encoder.encode

    def counted(self: Encoder, i420: Any, time_s: float, key: bool = False) -> EncodedPicture | None:
        times.append(time_s)
        return encode(self, i420, time_s, key)

    monkeypatch.setattr(Encoder, "encode", counted)
    async with studio_with_show() as (studio, _, wanted), AsyncExitStack() as all_of_them:
        seen = [await all_of_them.enter_async_context(viewer(studio, codec="h264")) for _ in range(8)]
        for each in seen:
            await each.see(10)
        assert len(times) == len(set(times)), "no picture twice"
        _, renditions = await studio.measure()
        assert [(r["codec"], r["viewers"]) for r in renditions] == [("h264", 8)]
        assert wanted[-1] == ("main", 8)


@pytest.mark.parametrize("codec", ["h264", "vp8"])
@in_loop
async def test_the_clock_tells_when_a_shown_picture_was_captured(codec: Codec) -> None:
    async with studio_with_show() as (studio, show, _), viewer(studio, codec=codec) as seen:
        await seen.see(20)
        clock = studio.clock(seen.answer.id)
        for frame in seen.frames[-8:]:
            since = (seen.rtp(frame) - clock.rtp + 2**31) % 2**32 - 2**31
            captured = round(clock.time_s * 90_000) + since
            assert show.numbers[captured] % MARKS == mark(frame)


@in_loop
async def test_a_new_size_of_the_view_reaches_the_viewer_on_the_same_connection() -> None:
    async with studio_with_show() as (studio, show, _), viewer(studio) as seen:
        await seen.see(5)
        show.size = (180, 320)
        await until(lambda: seen.heights == [180, 320])
        show.size = (480, 270)
        await until(lambda: seen.heights == [180, 320, 270])
        assert seen.connection.connectionState == "connected"


@in_loop
async def test_key_frame_requests_of_many_make_few_key_frames() -> None:
    async with studio_with_show() as (studio, _, _w), viewer(studio) as one, viewer(studio) as other:
        await one.see(5)
        await other.see(5)
        before, begun_s = (await studio.measure())[1][0]["key_frames"], time.monotonic()
        for _ in range(20):
            for each in (one, other):
                receiver: Any = each.connection.getReceivers()[0]
                ssrc = next(iter(receiver._RTCRtpReceiver__remote_streams))
                await receiver._send_rtcp_pli(ssrc)
            await asyncio.sleep(0.05)
        _, (rendition,) = await studio.measure()
        most = (time.monotonic() - begun_s) / renditions_module.KEY_FRAME_APART_S + 1
        assert 2 <= rendition["key_frames"] - before <= most
        assert (await studio.measure())[0][one.answer.id]["pli"] >= 10


@in_loop
async def test_sound_is_relayed_to_those_who_want_to_hear_it() -> None:
    async with studio_with_show() as (studio, _, _w):
        async with viewer(studio, "main", "video", "audio") as deaf:
            await deaf.see(5)
            assert "a=inactive" in deaf.answer.sdp and deaf.sounds == 0
        given: list[AudioStreamTrack] = []

        def microphone() -> AudioStreamTrack:
            given.append(AudioStreamTrack())
            return given[-1]

        studio.audio = microphone
        async with viewer(studio, "main", "audio", "video") as hearing, viewer(studio) as silent:
            await until(lambda: hearing.sounds > 5)
            await hearing.see(5)
            await silent.see(5)
            assert "m=audio" not in silent.answer.sdp
        never = await Viewer("audio", "video").offer()
        answer = await studio.watch(Watch("main", never))
        await studio.end(answer.id)
        await until(lambda: [track.readyState for track in given] == ["ended"] * 2)


@in_loop
async def test_a_publisher_gets_packets_of_the_same_encoder() -> None:
    async with studio_with_show() as (studio, _, wanted):
        track = studio.subscribe("main", "h264")
        first = await track.recv()
        assert first.is_keyframe and bytes(first).startswith(b"\0\0\0\1")
        await asyncio.sleep(renditions_module.KEY_FRAME_APART_S)
        track.request_key_frame()
        later = [await track.recv() for _ in range(12)]
        assert any(packet.is_keyframe for packet in later)
        async with viewer(studio, codec="h264") as seen:
            await seen.see(3)
            assert [r["viewers"] for r in (await studio.measure())[1]] == [2]
        track.stop()
        with pytest.raises(MediaStreamError):
            await track.recv()
        assert ("main", 2) in wanted


@in_loop
async def test_who_says_goodbye_and_who_vanishes_are_both_gone() -> None:
    async with studio_with_show() as (studio, _, wanted):
        async with viewer(studio) as seen:
            await seen.see()
            assert await studio.end(seen.answer.id)
            assert not await studio.end(seen.answer.id)
            with pytest.raises(RefusedError, match="no such viewer"):
                studio.clock(seen.answer.id)
        async with viewer(studio) as seen:
            await seen.see()
        await until(lambda: not studio._peers)
        assert wanted == [("main", 1), ("main", 0)] * 2


@in_loop
async def test_who_never_connects_and_who_falls_silent_are_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer_module, "CONNECT_WITHIN_S", 0.6)
    async with studio_with_show() as (studio, _, _w):
        never = Viewer()
        await studio.watch(Watch("main", await never.offer()))
        assert len(studio._peers) == 1
        await until(lambda: not studio._peers)
        await never.close()
        monkeypatch.setattr(peer_module, "CONNECT_WITHIN_S", 10.0)
        async with viewer(studio) as seen:
            await seen.see()
            monkeypatch.setattr(peer_module, "SILENT_AFTER_S", 0.5)

            async def nothing(*_: Any) -> None: ...

            receiver: Any = seen.connection.getReceivers()[0]
            receiver._send_rtcp = nothing
            await until(lambda: not studio._peers)


@in_loop
async def test_a_view_that_goes_takes_its_viewers_and_publishers_along() -> None:
    async with studio_with_show() as (studio, _, _w):
        studio.add_view("other", 30)
        track = studio.subscribe("main", "vp8")
        async with viewer(studio) as seen, viewer(studio, "other") as other:
            await seen.see()
            studio.remove_view("main")
            await until(lambda: len(studio._peers) == 1)
            with pytest.raises(MediaStreamError):
                while True:
                    await track.recv()
            assert not other.frames, "Views never mix"
            with pytest.raises(RefusedError) as refused:
                await studio.watch(Watch("main", await Viewer().offer()))
            assert refused.value.status == 404


@in_loop
async def test_thirty_viewers_who_come_and_go_leave_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renditions_module, "RELEASE_AFTER_S", 0.3)
    monkeypatch.setattr(peer_module, "CONNECT_WITHIN_S", 1.0)
    async with studio_with_show(most_viewers=40) as (studio, _, wanted):

        async def visit(number: int) -> None:
            async with viewer(studio, codec=("h264", "vp8")[number % 2]) as seen:
                if number % 3:
                    await seen.see(2)
                if number % 3 == 2:
                    await studio.end(seen.answer.id)

        for number in range(3):
            await visit(number)
        tasks, memory = len(asyncio.all_tasks()), psutil.Process().memory_info().rss
        for _ in range(5):
            await asyncio.gather(*(visit(number) for number in range(6)))
        await until(lambda: not studio._peers and not studio._renditions.all())
        await until(lambda: len(asyncio.all_tasks()) <= tasks)
        assert wanted[-1] == ("main", 0)
        assert psutil.Process().memory_info().rss - memory < 40e6
        # Whose encoder was released may still be at its last picture.
        await until(lambda: not any(thread.name.startswith("webrtc ") for thread in threading.enumerate()))


@in_loop
async def test_who_is_one_too_many_is_refused_until_there_is_room() -> None:
    async with studio_with_show(most_viewers=2) as (studio, _, wanted), viewer(studio) as one, viewer(studio):
        with pytest.raises(RefusedError) as refused:
            await studio.watch(Watch("main", await Viewer().offer()))
        assert refused.value.status == 503
        await studio.end(one.answer.id)
        async with viewer(studio) as third:
            await third.see()
        assert max(count for _, count in wanted) == 2


def without(sdp: str, attribute: str) -> str:
    return "".join(line for line in sdp.splitlines(keepends=True) if not line.startswith(f"a={attribute}"))


@in_loop
async def test_an_offer_that_parses_and_makes_no_sense_is_refused_and_leaves_nothing() -> None:
    async with studio_with_show() as (studio, _, wanted):
        tasks = len(asyncio.all_tasks())
        good = await Viewer().offer()
        broken = {what: without(good, what) for what in ("ice-pwd", "rtcp-mux", "fingerprint")}
        for name, sdp in broken.items():
            with pytest.raises(RefusedError) as refused:
                await studio.watch(Watch("main", sdp))
            assert refused.value.status == 400 and "\n" not in refused.value.reason, name
        await until(lambda: len(asyncio.all_tasks()) <= tasks)
        assert not studio._peers and wanted[-1] == ("main", 0)


@in_loop
async def test_nobody_pushes_anything_in_through_a_viewers_connection() -> None:
    async with studio_with_show() as (studio, _, _w):
        pushing = Viewer("audio", "video")
        for transceiver in pushing.connection.getTransceivers():
            transceiver.direction = "sendrecv"
        await pushing.join(studio)
        directions = [line for line in pushing.answer.sdp.splitlines() if line in DIRECTIONS]
        assert directions == ["a=inactive", "a=sendonly"]
        await pushing.see()
        await pushing.close()


@in_loop
async def test_the_first_viewer_soon_gets_the_height_it_asks_for() -> None:
    """Nobody knows the View's size before somebody watches it."""
    async with studio_with_show((640, 360)) as (studio, _, _w), viewer(studio, height=150) as small:
        await until(lambda: small.heights[-1:] == [180])


@in_loop
async def test_a_viewer_begins_with_the_height_it_asks_for_and_never_gets_more() -> None:
    async with studio_with_show((640, 360)) as (studio, _, _w), viewer(studio) as large:
        await large.see()
        async with viewer(studio, height=150) as small:
            await small.see(20)
            assert small.heights == [180] and large.heights == [360]
            found = (await studio.measure())[0][small.answer.id]
            assert (found["width"], found["height"], found["state"]) == (320, 180, "connected")
            assert found["packets_sent"] > 0 and found["kbps"] > 0 and found["view"] == "main"
