from __future__ import annotations

import asyncio
from fractions import Fraction
from typing import Any

import pytest
from aiortc.mediastreams import MediaStreamError

from tests.unit.webrtc_kit import Rendition, encoded, in_loop
from virtualcam.webrtc.watch.track import QUEUE_MAX, ViewTrack


def made(rendition: Rendition) -> ViewTrack:
    stand_in: Any = rendition
    return ViewTrack(stand_in)


async def all_of(track: ViewTrack) -> list[tuple[int, int, int]]:
    """(width, pts as sent, pts of the picture) of everything that waits."""
    found = []
    while track.waiting:
        picture, pts = await track.next()
        found.append((picture.width, pts, picture.pts))
    return found


@in_loop
async def test_it_begins_with_a_key_frame() -> None:
    full = Rendition()
    track = made(full)
    for n in range(4):
        full.give(encoded(n, key=n == 2))
    assert [pts for _, pts, _ in await all_of(track)] == [6000, 9000]


@in_loop
async def test_packets_are_the_encoders_with_their_times() -> None:
    full = Rendition()
    track = made(full)
    full.give(encoded(7, key=True))
    packet = await track.recv()
    assert (bytes(packet), packet.pts, packet.time_base, packet.is_keyframe) == (
        b"\7" * 10,
        21_000,
        Fraction(1, 90_000),
        True,
    )


@in_loop
async def test_a_move_waits_for_the_key_frame_and_leaves_no_gap() -> None:
    full, half = Rendition(), Rendition()
    track = made(full)
    full.give(encoded(0, key=True))
    track.move(half)  # type: ignore[arg-type]
    full.give(encoded(1))
    half.give(encoded(1, width=320))
    assert len(half.listeners) == len(full.listeners) == 1
    half.give(encoded(2, width=320, key=True))
    full.give(encoded(2))
    half.give(encoded(3, width=320))
    assert await all_of(track) == [(640, 0, 0), (640, 3000, 3000), (320, 6000, 6000), (320, 9000, 9000)]
    assert not full.listeners and len(half.listeners) == 1


@in_loop
async def test_times_grow_when_both_renditions_give_the_same_picture() -> None:
    full, half = Rendition(), Rendition()
    track = made(full)
    full.give(encoded(0, key=True))
    track.move(half)  # type: ignore[arg-type]
    full.give(encoded(1))
    half.give(encoded(1, width=320, key=True))
    half.give(encoded(2, width=320))
    assert [pts for _, pts, _ in await all_of(track)] == [0, 3000, 3001, 6000]


@in_loop
async def test_a_move_that_is_taken_back_leaves_nobody_there() -> None:
    full, half = Rendition(), Rendition()
    track = made(full)
    full.give(encoded(0, key=True))
    track.move(half)  # type: ignore[arg-type]
    track.move(full)  # type: ignore[arg-type]
    half.give(encoded(1, width=320, key=True))
    full.give(encoded(1))
    assert not half.listeners and len(full.listeners) == 1
    assert [width for width, _, _ in await all_of(track)] == [640, 640]


@in_loop
async def test_key_frames_are_asked_of_the_one_that_is_seen() -> None:
    full, half = Rendition(), Rendition()
    track = made(full)
    track.request_key_frame()
    full.give(encoded(0, key=True))
    track.move(half)  # type: ignore[arg-type]
    track.request_key_frame()
    assert (full.asked, half.asked) == (2, 0)


@in_loop
async def test_a_sender_that_stood_still_begins_anew_at_a_key_frame() -> None:
    full = Rendition()
    track = made(full)
    for n in range(QUEUE_MAX + 3):
        full.give(encoded(n, key=n == 0))
    assert not track.waiting and full.asked == 1
    full.give(encoded(50))
    full.give(encoded(51, key=True))
    full.give(encoded(52))
    assert [pts for _, pts, _ in await all_of(track)] == [51 * 3000, 52 * 3000]


@in_loop
async def test_stopping_leaves_the_encoders_and_wakes_who_waits() -> None:
    full, half = Rendition(), Rendition()
    track = made(full)
    full.give(encoded(0, key=True))
    track.move(half)  # type: ignore[arg-type]
    await track.recv()
    waits = asyncio.create_task(track.recv())
    await asyncio.sleep(0)
    track.stop()
    with pytest.raises(MediaStreamError):
        await waits
    assert not full.listeners and not half.listeners
    track.move(half)  # type: ignore[arg-type]
    assert not half.listeners
