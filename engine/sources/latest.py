"""A one-slot hand-over between two threads: the latest wins, nothing queues."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """Holds at most one item. Any number of threads may put and get; nobody ever waits to put.

    A put replaces an item that nobody fetched, which counts as dropped. After ``close`` an item that is
    still there can be fetched, so that the last one is not lost; then ``get`` gives None at once.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._slot: list[T] = []
        self._dropped = 0
        self._closed = False

    @property
    def dropped(self) -> int:
        """How many items were replaced before anybody fetched them."""
        return self._dropped

    @property
    def closed(self) -> bool:
        """``close`` was called; an item may still wait to be fetched."""
        return self._closed

    @property
    def drained(self) -> bool:
        """Closed, and nothing is left to fetch."""
        with self._changed:
            return self._closed and not self._slot

    def put(self, item: T) -> bool:
        """Hand over ``item``; False, and nothing is kept, once closed."""
        with self._changed:
            if self._closed:
                return False
            self._dropped += len(self._slot)
            self._slot[:] = [item]
            self._changed.notify()
            return True

    def get(self, timeout_s: float) -> T | None:
        """The item, taken out; None when none came within ``timeout_s`` or the hand-over is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._slot or self._closed, timeout_s)
            return self._slot.pop() if self._slot else None

    def close(self) -> None:
        """No item will come any more; wakes everybody who waits. May be called twice."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
