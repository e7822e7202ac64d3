"""Scene switching while it is not sure who the chosen person is."""

from __future__ import annotations

from tests.unit.test_obs_scenes import RULES, director, facts, on_close, view


def test_in_doubt_and_found_again_are_unseen_until_held_again() -> None:
    made = on_close()
    for at_s, lock in ((20.0, "unsure"), (20.5, "lost"), (21.0, "found")):
        made.see(at_s, facts(view(lock)))
    assert made.decide(21.4) is None and made.decide(21.5) == "Wide"
    assert made.status == "rules: soon Wide (Person 3 unsure)"
    made.see(21.45, facts(view("held")))
    assert made.decide(30.0) is None


def test_doubt_has_a_rule_of_its_own() -> None:
    made = director([{"scene": "Ask", "when": "unsure"}, *RULES])
    made.see(10.0, facts(view("lost")))
    assert made.decide(10.0) is None
    for lock in ("unsure", "found"):
        made.see(11.0, facts(view(lock)))
        assert made.decide(11.0) == "Ask"
    made.see(11.5, facts(view("held")))
    assert made.decide(11.5) == "Close"
