from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.unit.webrtc_kit import in_loop, moving, raw
from virtualcam.webrtc.messages import RawPicture, StreamConfig
from virtualcam.webrtc.watch import renditions as module
from virtualcam.webrtc.watch.encoder import EncodedPicture, Encoder, EncoderError
from virtualcam.webrtc.watch.renditions import Rendition, RenditionKey, Renditions, levels_of, scaled, size_at

FULL, HALF = RenditionKey("main", "h264", 0), RenditionKey("main", "h264", 1)


class Heard:
    """A listener that keeps what it gets."""

    def __init__(self) -> None:
        self.pictures: list[EncodedPicture] = []

    def __call__(self, rendition: Rendition, picture: EncodedPicture) -> None:
        self.pictures.append(picture)

    @property
    def keys(self) -> list[int]:
        return [number for number, picture in enumerate(self.pictures) if picture.key]


@asynccontextmanager
async def pool(**config: Any) -> AsyncIterator[Renditions]:
    renditions = Renditions(StreamConfig(**config), asyncio.get_running_loop())
    renditions.add_view("main", 30)
    try:
        yield renditions
    finally:
        await asyncio.to_thread(renditions.close)


async def until(true: Callable[[], bool]) -> None:
    while not true():
        await asyncio.sleep(0.005)


async def show(renditions: Renditions, heard: Heard, count: int, width: int = 320, height: int = 180) -> None:
    """Pictures one after the other, each waited for."""
    for before in range(len(heard.pictures), len(heard.pictures) + count):
        renditions.give("main", raw(width, height, before, time.monotonic()))
        while len(heard.pictures) == before:
            await asyncio.sleep(0.005)


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """(codec, height) of everything that is encoded."""
    made: list[tuple[str, int]] = []
    encode = Encoder.encode

    def counted(self: Encoder, *args: Any, **options: Any) -> EncodedPicture | None:
        made.append((self.codec, self.size[1]))
        return encode(self, *args, **options)

    monkeypatch.setattr(Encoder, "encode", counted)
    return made


@in_loop
async def test_a_picture_is_encoded_once_for_all_who_listen(encoded: list[tuple[str, int]]) -> None:
    async with pool() as renditions:
        heard = [Heard() for _ in range(8)]
        for each in heard:
            renditions.of(FULL).add(each)
        await show(renditions, heard[0], 5)
        assert all(each.pictures == heard[0].pictures for each in heard), "the very same objects"
        assert encoded == [("h264", 180)] * 5


@in_loop
async def test_nothing_is_encoded_for_nobody(encoded: list[tuple[str, int]]) -> None:
    async with pool() as renditions:
        renditions.give("main", raw(320, 180, 0, 0.0))
        heard = Heard()
        full = renditions.of(FULL)
        full.add(heard)
        await show(renditions, heard, 1)
        full.remove(heard)
        renditions.give("main", raw(320, 180, 1, 0.1))
        renditions.give("main", raw(320, 180, 2, 0.2))
        await asyncio.sleep(0.1)
        assert len(encoded) == 1
        assert not full.listeners


@in_loop
async def test_an_old_picture_is_not_shown_to_the_next_who_comes() -> None:
    async with pool() as renditions:
        first, second = Heard(), Heard()
        full = renditions.of(FULL)
        full.add(first)
        await show(renditions, first, 2)
        full.remove(first)
        renditions.give("main", raw(320, 180, 7, 7.0))
        await asyncio.sleep(module.KEY_FRAME_APART_S)
        full.add(second)
        await asyncio.sleep(0.05)
        await show(renditions, second, 1)
        assert second.keys == [0] and second.pictures[0].time_s > 7.0


@in_loop
async def test_a_busy_encoder_takes_the_newest_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    may_go = threading.Event()
    encode = Encoder.encode

    def slow(self: Encoder, *args: Any, **options: Any) -> EncodedPicture | None:
        may_go.wait(10)
        return encode(self, *args, **options)

    monkeypatch.setattr(Encoder, "encode", slow)
    async with pool() as renditions:
        heard = Heard()
        full = renditions.of(FULL)
        full.add(heard)
        for number in range(5):
            renditions.give("main", raw(320, 180, number, 100.0 + number))
            await asyncio.sleep(0.02)
        may_go.set()
        await until(lambda: len(heard.pictures) == 2)
        assert [picture.time_s for picture in heard.pictures] == [100.0, 104.0]


@in_loop
async def test_key_frames_for_many_come_at_most_every_300_ms(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    # In the module only: the event loop goes by the real one.
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock[0], perf_counter=lambda: 0.0))
    async with pool() as renditions:
        heard = Heard()
        full = renditions.of(FULL)
        full.add(heard)
        for number in range(20):  # two seconds
            full.request_key_frame()
            full.request_key_frame()
            renditions.give("main", raw(320, 180, number, clock[0]))
            await until(lambda: len(heard.pictures) == number + 1)  # noqa: B023
            clock[0] += 0.1
        gaps = np.diff(heard.keys)
        assert heard.keys[0] == 0 and set(gaps) <= {3, 4} and len(gaps) >= 4


@in_loop
async def test_whoever_joins_gets_a_key_frame() -> None:
    async with pool() as renditions:
        first, second = Heard(), Heard()
        full = renditions.of(FULL)
        full.add(first)
        await show(renditions, first, 2)
        await asyncio.sleep(module.KEY_FRAME_APART_S)
        full.add(second)
        await show(renditions, first, 2)
        assert first.keys == [0, 2] and second.keys == [0]


@in_loop
async def test_a_new_size_goes_on_with_a_key_frame_at_once() -> None:
    async with pool() as renditions:
        heard = Heard()
        renditions.of(FULL).add(heard)
        await show(renditions, heard, 3)
        await show(renditions, heard, 2, 180, 320)
        assert heard.keys == [0, 3]
        assert [(p.width, p.height) for p in heard.pictures[2:4]] == [(320, 180), (180, 320)]
        assert np.all(np.diff([picture.pts for picture in heard.pictures]) > 0)


@in_loop
async def test_every_level_is_its_own_encoder(encoded: list[tuple[str, int]]) -> None:
    async with pool() as renditions:
        heard, small = Heard(), Heard()
        renditions.of(FULL).add(heard)
        renditions.of(HALF).add(small)
        await show(renditions, heard, 3)
        await until(lambda: len(small.pictures) > 0)
        assert {height for _, height in encoded} == {180, 90}
        assert renditions.of(FULL) is renditions.of(FULL)


@in_loop
async def test_encoders_go_some_seconds_after_the_last_viewer() -> None:
    before = threading.active_count()
    async with pool() as renditions:
        heard = Heard()
        full = renditions.of(FULL)
        full.add(heard)
        await show(renditions, heard, 1)
        now_s = time.monotonic()
        renditions.release(now_s + 1000)
        assert renditions.all() == [full], "somebody listens"
        full.remove(heard)
        renditions.release(now_s + 1)
        assert renditions.all() == [full], "somebody may come back"
        renditions.release(now_s + 1 + module.RELEASE_AFTER_S)
        assert renditions.all() == []
        await asyncio.to_thread(full.join)
        assert threading.active_count() <= before + 1, "only asyncio's own helper"


@in_loop
async def test_a_picture_that_is_none_is_skipped(caplog: pytest.LogCaptureFixture) -> None:
    async with pool() as renditions:
        heard = Heard()
        renditions.of(FULL).add(heard)
        await show(renditions, heard, 1)
        renditions.give("main", RawPicture(np.zeros((7, 5), np.uint8), time.monotonic(), 1))
        await until(lambda: "picture 1" in caplog.text)
        await show(renditions, heard, 2)
        assert heard.keys[:2] == [0, 1], "goes on with a key frame, for whatever was lost"


@in_loop
async def test_a_size_that_no_encoder_takes_is_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = module.Encoder

    def fussy(codec: Any, width: int, height: int, fps: float, kbps: int) -> Encoder:
        if height == 180:
            raise EncoderError("not 180")
        return real(codec, width, height, fps, kbps)

    monkeypatch.setattr(module, "Encoder", fussy)
    async with pool() as renditions:
        heard = Heard()
        renditions.of(FULL).add(heard)
        for number in range(5):
            renditions.give("main", raw(320, 180, number, time.monotonic()))
            await asyncio.sleep(0.02)
        await show(renditions, heard, 1, 180, 320)
        assert caplog.text.count("not 180") == 1


@in_loop
async def test_views_never_mix() -> None:
    async with pool() as renditions:
        renditions.add_view("other", 30)
        heard, other = Heard(), Heard()
        renditions.of(FULL).add(heard)
        renditions.of(RenditionKey("other", "h264", 0)).add(other)
        await show(renditions, heard, 3)
        assert not other.pictures
        with pytest.raises(KeyError):
            renditions.of(RenditionKey("nobody", "h264", 0))


@pytest.mark.parametrize("size", [(640, 360), (642, 362), (270, 480), (1280, 720)], ids=str)
@pytest.mark.parametrize("level", [1, 2])
def test_a_smaller_picture_is_the_same_picture(size: tuple[int, int], level: int) -> None:
    width, height = size_at(level, *size)
    small, wanted = scaled(moving(*size, 5), width, height), moving(width, height, 0)
    assert small.shape == wanted.shape
    # The pattern slides by pixels, so that only its mean and spread are the same at every size.
    assert np.mean(small[:height]) == pytest.approx(np.mean(wanted[:height]), abs=2)
    assert np.std(small[:height]) == pytest.approx(np.std(wanted[:height]), rel=0.1)
    assert np.all(small[height:] == 128)


def test_planes_stay_where_they_belong() -> None:
    picture = np.full((540, 640), 50, np.uint8)
    picture.reshape(-1)[640 * 360 : 640 * 360 * 5 // 4] = 90
    picture.reshape(-1)[640 * 360 * 5 // 4 :] = 200
    flat = scaled(picture, 318, 178).reshape(-1)
    luma, chroma = 318 * 178, 318 * 178 // 4
    assert (
        set(flat[:luma]) == {50}
        and set(flat[luma : luma + chroma]) == {90}
        and set(flat[luma + chroma :]) == {200}
    )


def test_sizes_are_even_and_none_is_too_small_to_see_anything() -> None:
    assert [size_at(level, 1280, 720) for level in range(3)] == [(1280, 720), (640, 360), (320, 180)]
    assert size_at(2, 1082, 606) == (270, 150)
    assert [levels_of(height, 3) for height in (1080, 720, 360, 240, 120, 20)] == [3, 3, 3, 2, 1, 1]
    assert levels_of(1080, 1) == 1


@in_loop
async def test_the_level_for_a_height_is_the_smallest_that_shows_it_all() -> None:
    async with pool() as renditions:
        assert renditions.level_for("main", 200) == 0, "before the first picture"
        renditions.give("main", raw(1280, 720, 0, 0.0))
        wishes = (None, 2000, 720, 400, 360, 180, 50)
        assert [renditions.level_for("main", wish) for wish in wishes] == [0, 0, 0, 0, 1, 2, 2]
