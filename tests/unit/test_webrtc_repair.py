from __future__ import annotations

from virtualcam.webrtc.watch.repair import BURST_S, SHARE, Repair


def ask(
    repair: Repair, sequence: int, now_s: float, *, rtt_s: float | None = 0.1, kbps: float = 3000
) -> bool:
    return repair.due(sequence, 1300, now_s, rtt_s=rtt_s, kbps=kbps)


def test_a_lost_packet_is_sent_again_once_per_round_trip() -> None:
    repair = Repair()
    asked_ms = [0, 50, 99, 101, 150, 200, 202]
    assert [ask(repair, 7, ms / 1000) for ms in asked_ms] == [True, False, False, True, False, False, True]


def test_before_the_round_trip_is_known_it_is_sent_again_soon() -> None:
    repair = Repair()
    assert [ask(repair, 7, now_s, rtt_s=None) for now_s in (0.0, 0.01, 0.021)] == [True, False, True]


def test_nothing_before_a_key_frame_is_sent_again() -> None:
    repair = Repair()
    repair.began(100)
    assert [ask(repair, sequence, 0.0) for sequence in (99, 0, 65_535, 100, 101)] == [False] * 3 + [True] * 2


def test_sequence_numbers_go_round() -> None:
    repair = Repair()
    repair.began(65_530)
    assert not ask(repair, 65_529, 0.0)
    assert ask(repair, 65_531, 0.0) and ask(repair, 3, 0.0)


def test_two_percent_of_loss_is_always_repaired() -> None:
    repair = Repair()
    assert all(ask(repair, sequence % 65_536, sequence / 300) for sequence in range(0, 100_000, 50))


def test_repairs_never_take_more_than_their_share() -> None:
    repair = Repair()
    sent = sum(
        ask(repair, n % 65_536, n / 5000) for n in range(50_000)
    )  # all that a full queue loses, in 10 s
    assert sent * 1300 * 8 / 1000 <= 3000 * SHARE * (10 + BURST_S) * 1.01
    assert sent * 1300 * 8 / 1000 >= 3000 * SHARE * 10 * 0.9


def test_a_burst_of_loss_is_repaired_whole() -> None:
    repair = Repair()
    assert all(ask(repair, n, 0.0) for n in range(60)), "a key frame"


def test_what_is_remembered_is_bounded() -> None:
    repair = Repair()
    for n in range(5000):
        ask(repair, n, n / 10)
    assert len(repair._sent_s) <= 512
