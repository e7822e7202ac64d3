from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from virtualcam.backoff import BackOff


def test_it_doubles_up_to_its_bound_and_starts_again() -> None:
    back_off = BackOff(0.5, 5.0, lambda: 0.0)
    assert [back_off.next_s() for _ in range(6)] == [0.5, 1.0, 2.0, 2.5, 2.5, 2.5]
    back_off.reset()
    assert back_off.next_s() == 0.5


@settings(deadline=None)
@given(st.integers(1, 60), st.floats(0.0, 1.0, exclude_max=True))
def test_waits_grow_within_their_bounds(tries: int, chance: float) -> None:
    back_off = BackOff(1.0, 30.0, lambda: chance)
    waits = [back_off.next_s() for _ in range(tries)]
    assert all(1.0 <= wait_s <= 30.0 for wait_s in waits)
    assert waits == sorted(waits)
    assert waits[0] <= 2.0, "the first try comes again soon"
    back_off.reset()
    assert back_off.next_s() == waits[0]


def test_waits_of_many_publishers_spread() -> None:
    publishers = [BackOff(1.0, 30.0) for _ in range(50)]
    for _ in range(9):
        waits = {round(publisher.next_s(), 1) for publisher in publishers}
    assert len(waits) > 20 and max(waits) - min(waits) > 5.0
