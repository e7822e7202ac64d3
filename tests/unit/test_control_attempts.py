from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.control.access.attempts import (
    FIRST_WAIT_S,
    FORGET_S,
    FREE,
    FREE_OVERALL,
    MOST_WAIT_S,
    Attempts,
)

GUESSER, DIRECTOR = "192.168.1.66", "192.168.1.5"


class Clock:
    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def attempts(clock: Clock) -> Attempts:
    return Attempts(clock)


def guess(attempts: Attempts, times: int, address: str = GUESSER) -> None:
    for number in range(times):
        attempts.wrong(address, f"{address} {number}")


def test_mistakes_cost_nothing(attempts: Attempts) -> None:
    guess(attempts, FREE)
    assert attempts.wait_s(GUESSER, "next") == 0


def test_each_further_guess_waits_twice_as_long(attempts: Attempts, clock: Clock) -> None:
    guess(attempts, FREE)
    waits = []
    for number in range(9):
        attempts.wrong(GUESSER, f"more {number}")
        waits.append(attempts.wait_s(GUESSER, "next"))
        clock.now_s += waits[-1]
        assert attempts.wait_s(GUESSER, "next") == 0
    assert waits == [min(FIRST_WAIT_S * 2**n, MOST_WAIT_S) for n in range(9)]


def test_nobody_else_waits(attempts: Attempts) -> None:
    guess(attempts, 1000)
    assert attempts.wait_s(DIRECTOR, "right") == 0


def test_who_signed_in_before_goes_on_while_the_same_address_guesses(attempts: Attempts) -> None:
    attempts.right(GUESSER, "right")
    guess(attempts, 1000)
    assert attempts.wait_s(GUESSER, "right") == 0 < attempts.wait_s(GUESSER, "another")


def test_an_old_cookie_asked_for_again_and_again_is_one_wrong_token(attempts: Attempts) -> None:
    for _ in range(1000):
        attempts.wrong(DIRECTOR, "of yesterday")
    assert attempts.wait_s(DIRECTOR, "of today") == 0


def test_many_addresses_together_lose_their_free_guesses_but_not_the_first(attempts: Attempts) -> None:
    for number in range(FREE_OVERALL):
        attempts.wrong(f"10.0.{number // 250}.{number % 250}", "guess")
    assert attempts.wait_s("10.9.9.9", "guess") == 0
    attempts.wrong("10.9.9.9", "guess")
    assert attempts.wait_s("10.9.9.9", "next") == FIRST_WAIT_S
    assert attempts.wait_s(DIRECTOR, "right") == 0


def test_quiet_forgets(attempts: Attempts, clock: Clock) -> None:
    guess(attempts, 100)
    clock.now_s += FORGET_S + 1
    guess(attempts, FREE)
    assert attempts.wait_s(GUESSER, "next") == 0


def test_the_first_of_many_is_told(attempts: Attempts, clock: Clock) -> None:
    assert [attempts.wrong(GUESSER, str(n)) for n in range(1000)].count(True) == 1
    assert not attempts.wrong(DIRECTOR, "typo")
    clock.now_s += FORGET_S + 1
    assert attempts.wrong(GUESSER, "again")


def test_one_network_of_ipv6_is_one_customer(attempts: Attempts) -> None:
    for number in range(FREE + 1):
        attempts.wrong(f"2001:db8::{number:x}", str(number))
    assert attempts.wait_s("2001:db8::ffff", "next") > 0
    assert attempts.wait_s("2001:db8:0:1::1", "next") == 0


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=60))
def test_memory_has_an_end_and_keeps_the_newest(visits: list[tuple[int, bool]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.control.access.attempts.MOST_PEERS", 10)
        attempts = Attempts(Clock())
        for number, right in visits:
            (attempts.right if right else attempts.wrong)(f"peer {number}", "x")
    newest = list(dict.fromkeys(f"peer {number}" for number, _ in reversed(visits)))[:10]
    assert sorted(attempts._peers) == sorted(newest)
