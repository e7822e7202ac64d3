"""Pictures from one process to another over shared memory: the latest wins, nobody waits for anybody.

A seqlock over three slots: the writer marks a slot as being written (an odd number), writes it, marks it as
whole (an even number) and only then says that it is the newest. The reader takes the newest slot and looks at
its mark before and after copying; a picture that changed meanwhile is thrown away and the newer one taken.
"""

from __future__ import annotations

import contextlib
import math
import os
import secrets
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.shared_memory import SharedMemory

import numpy as np
from numpy.typing import NDArray

#: The writer may write two more pictures before it touches the one that is being read.
SLOTS = 3
#: Whole picture, not (yet) overwritten: tried again this often before the reader waits for the next one.
TRIES = 8
PAGE_BYTES = 4096

# Words of 8 bytes: those of the ring, then those of each slot.
_NEWEST, _GENERATION, _CAPACITY, _READER_AT = range(4)
_HEAD_WORDS = 8
_MARK, _SEGMENT, _OFFSET, _TIME, _INDEX, _ROWS, _COLUMNS, _CHANNELS = range(8)
_SLOT_WORDS = 8
_BYTES = 8 * (_HEAD_WORDS + SLOTS * _SLOT_WORDS)


@dataclass(frozen=True, slots=True, eq=False)
class RingPicture:
    """A picture that came over a ring.

    Attributes:
        image: as it was written, (rows, columns) or (rows, columns, channels) uint8; the reader's own copy.
        number: 1, 2, 3, ... in the order of writing.
    """

    image: NDArray[np.uint8] = field(repr=False)
    time_s: float
    index: int
    number: int


class Ring:
    """Owns the shared memory of one ring: makes it, lets it grow, takes it away.

    The owner lives in the process that outlives the other one, so that nothing stays behind when that is
    killed. Writer and reader are each in any process and open the ring by its name.

    Args:
        capacity: bytes of the largest picture that is expected; 0 = not known yet.

    Raises:
        OSError: there is no shared memory left.
    """

    def __init__(self, capacity: int = 0) -> None:
        # Short: macOS allows 31 characters in all.
        self.name = f"jikcam-{secrets.token_hex(6)}"
        self._head = _Head(SharedMemory(self.name, create=True, size=_BYTES))
        self._segments: dict[int, SharedMemory] = {}
        self._closed = False
        if capacity:
            self.grow(capacity)

    def grow(self, capacity: int) -> None:
        """Room for pictures of ``capacity`` bytes from now on.

        Raises:
            OSError: there is no shared memory left; the ring stays as it was.
        """
        words = self._head.words
        # By half at least, so that a View whose size is dragged about leaves few segments behind.
        capacity = max(capacity, words[_CAPACITY] * 3 // 2)
        capacity += -capacity % PAGE_BYTES
        generation = words[_GENERATION] + 1
        segment = SharedMemory(_segment(self.name, generation), create=True, size=SLOTS * capacity)
        try:
            _reserve(segment, SLOTS * capacity)
        except OSError:
            _remove(segment)
            raise
        self._segments[generation] = segment
        words[_CAPACITY] = capacity
        _barrier()
        words[_GENERATION] = generation
        for old in [g for g in self._segments if g < words[_READER_AT]]:
            _remove(self._segments.pop(old))

    def close(self) -> None:
        """Take the memory away; who still has it open keeps what is there. May be called twice."""
        if not self._closed:
            self._closed = True
            for segment in self._segments.values():
                _remove(segment)
            self._head.close()
            with contextlib.suppress(FileNotFoundError):
                self._head.memory.unlink()


class RingWriter:
    """Writes pictures into a ring; used by one thread at a time.

    Args:
        grow: makes room for so many bytes (``Ring.grow``); None = the ring stays as large as it is.

    Raises:
        FileNotFoundError: the ring is no longer there.
    """

    def __init__(self, name: str, grow: Callable[[int], None] | None = None) -> None:
        self._name = name
        self._grow = grow
        self._head = _Head(_attach(name))
        self._segment: SharedMemory | None = None
        self._generation = 0

    def write(self, image: NDArray[np.uint8], time_s: float, index: int) -> None:
        """Make ``image`` (two or three dimensions, uint8) the newest picture.

        Raises:
            ValueError: it is too large for a ring that can't grow.
            OSError: there is no shared memory left.
        """
        words = self._head.words
        if image.nbytes > words[_CAPACITY]:
            if self._grow is None:
                raise ValueError(f"{image.nbytes} bytes do not fit into {words[_CAPACITY]}")
            self._grow(image.nbytes)
        if self._segment is None or self._generation != words[_GENERATION]:
            if self._segment is not None:
                self._segment.close()
            self._generation = words[_GENERATION]
            self._segment = _attach(_segment(self._name, self._generation))
        # Goes on from where another writer, killed meanwhile, has left off.
        number = words[_NEWEST] + 1
        slot = _HEAD_WORDS + number % SLOTS * _SLOT_WORDS
        words[slot + _MARK] = 2 * number - 1
        _barrier()
        words[slot + _SEGMENT] = self._generation
        self._head.reals[slot + _TIME] = time_s
        words[slot + _INDEX] = index
        words[slot + _ROWS], words[slot + _COLUMNS] = image.shape[:2]
        words[slot + _CHANNELS] = image.shape[2] if image.ndim == 3 else 0
        words[slot + _OFFSET] = offset = number % SLOTS * words[_CAPACITY]
        np.copyto(_pixels(self._segment, offset, image.shape), image)
        _barrier()
        words[slot + _MARK] = 2 * number
        _barrier()
        words[_NEWEST] = number

    def close(self) -> None:
        """Let go of the memory; may be called twice."""
        if self._segment is not None:
            self._segment.close()
            self._segment = None
        self._head.close()


class RingReader:
    """Reads the newest picture of a ring; used by one thread at a time.

    What was written before it was opened is old and not given.

    Raises:
        FileNotFoundError: the ring is no longer there.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._head = _Head(_attach(name))
        self._segments: dict[int, SharedMemory] = {}
        self._last = self._head.words[_NEWEST]

    def read(self) -> RingPicture | None:
        """The newest picture, None when there is none since the last call (or while it is overwritten)."""
        for _ in range(TRIES):
            number = self._head.words[_NEWEST]
            if number <= self._last:
                return None
            picture = self._copy(number)
            if picture is not None:
                self._last = number
                return picture
        return None

    def _copy(self, number: int) -> RingPicture | None:
        words = self._head.words
        slot = _HEAD_WORDS + number % SLOTS * _SLOT_WORDS
        _barrier()
        if words[slot + _MARK] != 2 * number:
            return None
        generation, offset, index = (words[slot + at] for at in (_SEGMENT, _OFFSET, _INDEX))
        rows, columns, channels = (words[slot + at] for at in (_ROWS, _COLUMNS, _CHANNELS))
        time_s = self._head.reals[slot + _TIME]
        _barrier()
        if words[slot + _MARK] != 2 * number:
            return None
        shape = (rows, columns, channels) if channels else (rows, columns)
        image = _pixels(self._open(generation), offset, shape).copy()
        _barrier()
        return None if words[slot + _MARK] != 2 * number else RingPicture(image, time_s, index, number)

    def _open(self, generation: int) -> SharedMemory:
        if generation not in self._segments:
            segment = _attach(_segment(self._name, generation))
            for old in self._segments.values():
                old.close()
            self._segments = {generation: segment}
            self._head.words[_READER_AT] = generation
        return self._segments[generation]

    def close(self) -> None:
        """Let go of the memory; may be called twice."""
        for segment in self._segments.values():
            segment.close()
        self._segments = {}
        self._head.close()


class _Head:
    """The numbers of a ring; each is read and written in one go, since it is aligned."""

    def __init__(self, memory: SharedMemory) -> None:
        self.memory = memory
        assert memory.buf is not None  # it is open
        self.words = memory.buf[:_BYTES].cast("q")
        self.reals = memory.buf[:_BYTES].cast("d")

    def close(self) -> None:
        self.words.release()
        self.reals.release()
        self.memory.close()


def _segment(name: str, generation: int) -> str:
    return f"{name}-{generation}"


def _pixels(segment: SharedMemory, offset: int, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    assert segment.buf is not None  # it is open
    count = math.prod(shape)
    return np.frombuffer(segment.buf, np.uint8, count, offset).reshape(shape)


def _attach(name: str) -> SharedMemory:
    if sys.version_info >= (3, 13):
        return SharedMemory(name, track=False)
    # Before, who opened it was noted as its owner too: harmless, as the processes share that note-book.
    return SharedMemory(name)


def _reserve(segment: SharedMemory, size: int) -> None:
    """Have the pages now: a full /dev/shm would otherwise kill the process when it first writes to them."""
    descriptor = getattr(segment, "_fd", -1)
    if hasattr(os, "posix_fallocate") and descriptor >= 0:
        os.posix_fallocate(descriptor, 0, size)


def _remove(segment: SharedMemory) -> None:
    segment.close()
    with contextlib.suppress(FileNotFoundError):
        segment.unlink()


_first, _second = threading.Lock(), threading.Lock()


def _barrier() -> None:
    """What was written before it is seen before what is written after it, also on ARM.

    A release followed by an acquire is not reordered there (Arm Architecture Reference Manual, B2.3), and
    nothing passes a release downwards or an acquire upwards.
    """
    with _first:
        pass
    with _second:
        pass
