"""Viewers behind a bad network: real receivers' reports, a link that really drops and queues."""

from __future__ import annotations

import time

import pytest
from aiortc import RTCSessionDescription

from tests.integration.studio_kit import Unmoved, Viewer, studio_with_show, until, viewer, wire_of
from tests.integration.thin_link import ThinLink
from tests.unit.webrtc_kit import in_loop
from virtualcam.webrtc.messages import Watch


@in_loop
async def test_a_viewer_behind_a_thin_link_gets_what_fits() -> None:
    async with studio_with_show((640, 360), renditions=2) as (studio, _, _w), viewer(studio) as near:
        full = wire_of(studio, near)
        full._judge = Unmoved()
        link, far = ThinLink(kbps=lambda: 50_000, queue_s=0.2), Viewer()
        far.answer = await studio.watch(Watch("main", await far.offer()))
        sdp = await link.through(far.answer.sdp)
        await far.connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
        await far.see(45)
        assert far.heights == [360]
        wire = wire_of(studio, far)
        # A machine that is busy sends fewer pictures, and more of them as soon as it is not.
        link.kbps = lambda: max(1.0, full.kbps(time.monotonic()) * 0.65)
        await until(lambda: wire.size == (320, 180))
        lost_share = 1.0
        while lost_share > 0.1:  # what was queued before is lost yet
            sent, lost = wire.packets_sent, link.lost
            await until(lambda before=sent: wire.packets_sent > before + 60)  # type: ignore[misc]
            lost_share = (link.lost - lost) / (wire.packets_sent - sent)
        assert set(near.heights) == {360}
        await far.close()
        link.close()


@in_loop
async def test_a_lossy_viewer_goes_down_and_comes_back_and_the_others_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("virtualcam.webrtc.watch.ladder.ROOM_S", 1.0)
    async with (
        studio_with_show((640, 360)) as (studio, show, _),
        viewer(studio) as good,
        viewer(studio) as bad,
    ):
        wire_of(studio, good)._judge = Unmoved()
        await bad.see(10)
        wire = wire_of(studio, bad)
        wire.drop = 0.5
        await until(lambda: studio._peers[bad.answer.id].measure(0.0)["moved"])
        wire.drop = 0.0
        await until(lambda: bad.heights[-1] < 360)
        clock, frame = studio.clock(bad.answer.id), bad.frames[-1]
        captured = round(clock.time_s * 90_000) - (clock.rtp - bad.rtp(frame)) % 2**32
        assert any(captured + tick in show.numbers for tick in (0, -1)), "time stamps stay capture times"
        await until(lambda: bad.heights[-1] == 360)
        assert set(good.heights) == {360}


@in_loop
async def test_two_percent_loss_is_repaired_without_a_key_frame() -> None:
    async with studio_with_show(drop=0.02) as (studio, _, _w), viewer(studio, codec="vp8") as seen:
        await seen.see(100)
        viewers, (rendition,) = await studio.measure()
        found = viewers[seen.answer.id]
        assert found["nack"] > 0, "something was lost"
        assert found["pli"] == 0, "nothing that retransmission did not repair"
        assert studio._renditions.all()[0].tally.pictures - len(seen.frames) < 20, "all but those on the way"
        assert rendition["key_frames"] == 1
