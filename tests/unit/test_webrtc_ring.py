"""Pictures over shared memory: whole or not at all, the newest wins, nothing stays behind."""

from __future__ import annotations

import errno
import multiprocessing
import os
import subprocess
import sys
import threading
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from virtualcam.webrtc import ring as ring_module
from virtualcam.webrtc.ring import Ring, RingReader, RingWriter

ROOT = Path(__file__).resolve().parents[2]


class Trio:
    """A ring with its writer and its reader."""

    def __init__(self, capacity: int = 0) -> None:
        self.ring = Ring(capacity)
        self.writer = RingWriter(self.ring.name, self.ring.grow)
        self.reader = RingReader(self.ring.name)

    def write(self, value: int, shape: tuple[int, ...] = (6, 4)) -> None:
        self.writer.write(np.full(shape, value % 251, np.uint8), value / 30, value)

    def close(self) -> None:
        self.writer.close()
        self.reader.close()
        self.ring.close()


@pytest.fixture
def trio():
    made = Trio()
    yield made
    made.close()


def there(name: str) -> bool:
    try:
        memory = SharedMemory(name)
    except FileNotFoundError:
        return False
    memory.close()
    return True


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 40),
            st.integers(1, 40),
            st.sampled_from([0, 1, 3]),
            st.floats(allow_nan=False, allow_infinity=False),
            st.integers(-(2**62), 2**62),
            st.booleans(),
        ),
        max_size=20,
    )
)
def test_the_reader_gets_the_newest_picture_as_it_was_written(steps) -> None:
    trio, newest = Trio(), None
    try:
        for rows, columns, channels, time_s, index, read in steps:
            shape = (rows, columns, channels) if channels else (rows, columns)
            image = np.random.default_rng(rows * columns).integers(0, 256, shape, np.uint8)
            trio.writer.write(image, time_s, index)
            newest = image, time_s, index
            if read:
                got = trio.reader.read()
                assert got is not None and (got.time_s, got.index) == newest[1:]
                assert np.array_equal(got.image, newest[0])
                assert trio.reader.read() is None
                newest = None
        assert (trio.reader.read() is None) is (newest is None)
    finally:
        trio.close()


def test_a_reader_that_comes_later_gets_no_old_picture(trio) -> None:
    trio.write(1)
    later = RingReader(trio.ring.name)
    assert later.read() is None
    trio.write(2)
    assert later.read().index == 2
    later.close()


def test_a_picture_that_was_read_is_the_readers_own(trio) -> None:
    trio.write(1)
    first = trio.reader.read()
    for value in range(2, 9):
        trio.write(value)
    assert (first.image == 1).all()
    first.image[:] = 7
    assert (trio.reader.read().image == 8).all()


def test_a_picture_overwritten_while_it_is_copied_is_thrown_away(trio, monkeypatch) -> None:
    """The writer laps the reader right in the middle of its copy, twice."""
    trio.write(1, (64, 64))
    pixels, laps = ring_module._pixels, [10, 20]

    def torn(segment, offset, shape):
        found = pixels(segment, offset, shape)
        if segment is trio.writer._segment or not laps:
            return found
        lap = laps.pop()
        half = found[:32].copy()
        for k in range(4):
            trio.write(lap + k, (64, 64))
        return np.concatenate([half, found[32:]])

    monkeypatch.setattr(ring_module, "_pixels", torn)
    got = trio.reader.read()
    assert not laps and got.index == 13 and (got.image == 13).all()


def test_a_reader_gives_up_on_a_writer_that_never_rests(trio, monkeypatch) -> None:
    trio.write(0)
    monkeypatch.setattr(RingReader, "_copy", lambda self, number: trio.write(number))
    assert trio.reader.read() is None


def test_a_writer_that_was_killed_in_the_middle_leaves_the_ring_usable(trio) -> None:
    trio.write(1)
    head = trio.ring._head.words
    slot = ring_module._HEAD_WORDS + 2 % ring_module.SLOTS * ring_module._SLOT_WORDS
    head[slot + ring_module._MARK] = 3  # being written
    assert trio.reader.read().index == 1
    successor = RingWriter(trio.ring.name)
    successor.write(np.full((6, 4), 9, np.uint8), 0.0, 9)
    assert trio.reader.read().index == 9
    successor.close()


def write_for_ever(name: str, shape: tuple[int, ...]) -> None:
    writer, value = RingWriter(name), 0
    while True:
        value += 1
        writer.write(np.full(shape, value % 251, np.uint8), float(value), value)


@pytest.mark.parametrize("shape", [(40, 30), (1080, 1920)])
def test_no_picture_is_torn_while_another_process_writes_at_full_speed(shape) -> None:
    ring = Ring(shape[0] * shape[1])
    reader = RingReader(ring.name)
    writer = multiprocessing.get_context("spawn").Process(
        target=write_for_ever, args=(ring.name, shape), daemon=True
    )
    writer.start()
    try:
        last, seen = 0, 0
        while seen < 100:
            got = reader.read()
            if got is None:
                continue
            seen += 1
            assert got.index > last and got.time_s == got.index
            assert (got.image == got.index % 251).all()
            last = got.index
    finally:
        writer.kill()
        writer.join()
        reader.close()
        ring.close()


def test_sizes_that_change_while_somebody_reads(trio) -> None:
    sizes = [(90, 160), (180, 320), (45, 80), (360, 640), (720, 1280), (90, 160)]
    stop = threading.Event()

    def write() -> None:
        value = 0
        while not stop.is_set():
            value += 1
            trio.write(value, sizes[value // 7 % len(sizes)])

    thread = threading.Thread(target=write)
    thread.start()
    try:
        seen = set()
        while len(seen) < len(set(sizes)):
            got = trio.reader.read()
            if got is not None:
                assert (got.image == got.index % 251).all()
                seen.add(got.image.shape)
    finally:
        stop.set()
        thread.join()


def test_what_the_reader_has_left_behind_is_taken_away(trio) -> None:
    for step, rows in enumerate((100, 1_000, 10_000), 1):
        trio.write(step, (rows, 100))
        assert trio.reader.read().index == step
    assert not there(f"{trio.ring.name}-1") and there(f"{trio.ring.name}-3")


def test_growing_leaves_few_segments_behind_when_nobody_reads(trio) -> None:
    for rows in range(2, 2000, 2):
        trio.write(rows, (rows, 100))
    assert len(trio.ring._segments) < 12


def test_nothing_stays_when_it_is_closed_and_closing_twice_is_fine(trio) -> None:
    trio.write(1)
    trio.reader.read()
    name = trio.ring.name
    assert there(name) and there(f"{name}-1")
    trio.close()
    trio.close()
    assert not there(name) and not there(f"{name}-1")


def test_a_ring_of_fixed_size_refuses_what_does_not_fit() -> None:
    ring = Ring(100)
    writer = RingWriter(ring.name)
    with pytest.raises(ValueError, match="do not fit"):
        writer.write(np.zeros((200, 100), np.uint8), 0.0, 0)
    writer.write(np.zeros((10, 10), np.uint8), 0.0, 0)
    writer.close()
    ring.close()


def test_no_memory_left_is_an_error_and_the_ring_stays_as_it_was(trio, monkeypatch) -> None:
    trio.write(1)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(ring_module, "_reserve", full)
        with pytest.raises(OSError, match="No space"):
            trio.write(2, (1000, 1000))
    assert not there(f"{trio.ring.name}-2")
    assert trio.reader.read().index == 1
    trio.write(3, (1000, 1000))
    assert trio.reader.read().index == 3


def test_python_has_nothing_to_say_about_leaks_at_the_end() -> None:
    code = """if True:
        import multiprocessing, numpy as np
        from tests.unit.test_webrtc_ring import read_one
        from virtualcam.webrtc.ring import Ring, RingWriter
        if __name__ == "__main__":
            ring = Ring()
            writer = RingWriter(ring.name, ring.grow)
            child = multiprocessing.get_context("spawn").Process(target=read_one, args=(ring.name,))
            child.start()
            while child.is_alive():
                writer.write(np.zeros((10, 10), np.uint8), 0.0, 0)
            writer.close()
            ring.close()
    """
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def read_one(name: str) -> None:
    reader = RingReader(name)
    while reader.read() is None:
        pass
    reader.close()
