from __future__ import annotations

import threading
import time

from engine.sources.latest import Latest


def test_the_latest_wins_and_the_others_are_counted() -> None:
    latest: Latest[int] = Latest()
    for k in range(5):
        assert latest.put(k)
    assert latest.get(0) == 4
    assert latest.get(0) is None
    assert latest.dropped == 4


def test_get_waits_for_a_put() -> None:
    latest: Latest[str] = Latest()
    threading.Timer(0.05, latest.put, ["here"]).start()
    assert latest.get(5.0) == "here"


def test_get_gives_up_after_the_timeout() -> None:
    start_s = time.monotonic()
    assert Latest[int]().get(0.05) is None
    assert time.monotonic() - start_s >= 0.045


def test_close_wakes_a_waiting_reader() -> None:
    latest: Latest[int] = Latest()
    threading.Timer(0.05, latest.close).start()
    start_s = time.monotonic()
    assert latest.get(30.0) is None
    assert time.monotonic() - start_s < 10
    assert latest.drained


def test_the_last_item_survives_close_and_nothing_is_taken_afterwards() -> None:
    latest: Latest[int] = Latest()
    latest.put(1)
    latest.close()
    latest.close()
    assert not latest.put(2)
    assert latest.closed and not latest.drained
    assert latest.get(0) == 1
    assert latest.get(0) is None
    assert latest.drained


def test_nothing_is_lost_or_doubled_between_threads() -> None:
    latest: Latest[int] = Latest()
    got: list[int] = []

    def read() -> None:
        while not latest.drained:
            item = latest.get(1.0)
            if item is not None:
                got.append(item)

    reader = threading.Thread(target=read)
    reader.start()
    for k in range(3000):
        latest.put(k)
    latest.close()
    reader.join(10)
    assert got == sorted(set(got))
    assert got[-1] == 2999
    assert len(got) + latest.dropped == 3000


def test_a_false_item_is_an_item() -> None:
    latest: Latest[int] = Latest()
    latest.put(0)
    assert latest.get(0) == 0
