"""A camera that is pushed to us: what the user is told while there is none, and times that rise."""

from __future__ import annotations

import time

from engine.geometry import Size
from engine.sources import pushed
from engine.sources.pushed import PushedSource
from tests.unit.sources_kit import FakeFeed


def made() -> tuple[FakeFeed, PushedSource]:
    feed = FakeFeed()
    return feed, PushedSource(feed, "phone", Size(64, 48), 25.0)


def test_it_is_known_by_the_address_a_preset_names() -> None:
    _, source = made()
    assert source.name == "webrtc:phone" and source.size == Size(64, 48) and source.fps == 25.0


def test_the_status_says_what_to_open_who_has_gone_and_what_is_broken(monkeypatch) -> None:
    feed, source = made()
    feed.live = feed.seen = False
    assert source.status == "no camera yet: open /camera/phone on the phone"
    assert source.read(0.01) is None and not source.ended
    feed.live = feed.seen = True
    assert source.read(1.0) is not None and source.status == ""
    feed.live = False
    assert source.status == "the camera phone has gone; waiting for it"
    feed.live = True
    assert source.read(1.0) is not None and source.status == ""
    monkeypatch.setattr(pushed, "STALL_S", 0.0)  # connected, and nothing comes
    assert source.status == "the camera phone has gone; waiting for it"
    feed.trouble = "WebRTC is away"
    assert source.status == "WebRTC is away"
    source.close()
    assert source.status == "" and source.ended and feed.closed.is_set()


def test_times_rise_strictly_whatever_the_other_process_says() -> None:
    feed, source = made()
    now_s = time.monotonic()
    seen = []
    for feed.time_s in (now_s, now_s, now_s - 5.0, now_s + 1.0):
        frame = source.read(1.0)
        assert frame is not None
        seen.append((frame.time_s, frame.index))
    assert seen == sorted(set(seen)) and [index for _, index in seen] == [0, 1, 2, 3]
    assert seen[-1][0] == now_s + 1.0
