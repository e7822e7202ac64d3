"""Scene switching, one situation at a time; what must always hold is in test_obs_scenes_always.py."""

from __future__ import annotations

from typing import Any

import pytest

from engine.presets.obs import ObsPreset
from obs_plugin.facts import Facts, ViewFacts, facts_of
from obs_plugin.scenes import CONFIRM_S, LATE_S, RETRY_S, SceneDirector

RULES: list[dict[str, Any]] = [
    {"scene": "Close", "when": "held"},
    {"scene": "Wide", "when": "unseen", "for_s": 1.5},
]


def preset(rules: list[dict[str, Any]], dwell_s: float = 2.0) -> ObsPreset:
    return ObsPreset.model_validate({"dwell_s": dwell_s, "rule": rules})


def view(lock: str, person: int | None = 3, name: str = "main") -> ViewFacts:
    person = None if lock == "nobody" else person
    return ViewFacts(name, lock, person, f"Person {person}" if person else "", 1.0, "follow")


def facts(*views: ViewFacts, trouble: str = "") -> Facts:
    return Facts(views, trouble, 0, 0)


def director(rules: list[dict[str, Any]] = RULES, dwell_s: float = 2.0) -> SceneDirector:
    """Connected at 0 s with "Main" on air."""
    made = SceneDirector(preset(rules, dwell_s), "main")
    made.connected(0.0, "Main")
    return made


def on_close() -> SceneDirector:
    """Has switched to "Close" at 10 s, because somebody is held since then."""
    made = director()
    made.see(10.0, facts(view("held")))
    assert made.decide(10.0) == "Close"
    made.requested(10.0, "Close")
    made.program(10.0, "Close")
    return made


def test_the_first_rule_that_holds_wins_and_none_changes_nothing() -> None:
    made = director()
    assert made.decide(10.0) is None
    made.see(10.0, facts(view("occluded")))
    assert made.decide(10.0) is None
    assert made.status == "rules: none holds, 'Main' stays"
    made.see(11.0, facts(view("held")))
    assert made.decide(11.0) == "Close"
    assert made.status == "rules: soon Close (Person 3 held)"


def test_a_scene_on_air_is_not_asked_for_again() -> None:
    made = on_close()
    assert made.decide(100.0) is None and made.next_s(100.0) is None
    assert made.status == "rules: Close (Person 3 held)"


def test_for_s_counts_from_the_last_break() -> None:
    made = on_close()
    made.see(20.0, facts(view("lost")))
    made.see(21.0, facts(view("held")))
    made.see(21.2, facts(view("lost")))
    assert made.decide(22.0) is None
    assert made.next_s(22.0) == 22.7
    assert made.decide(22.69) is None
    assert made.decide(22.7) == "Wide"


def test_lost_and_then_nobody_is_unseen_without_a_break() -> None:
    made = on_close()
    made.see(20.0, facts(view("lost")))
    made.see(21.0, facts(view("nobody")))
    assert made.decide(21.5) == "Wide"
    assert made.status == "rules: soon Wide (nobody chosen)"


def test_a_scene_stays_for_the_dwell_time_whoever_switched() -> None:
    made = director([{"scene": "Close", "when": "held"}, {"scene": "Wide", "when": "lost"}])
    made.see(1.0, facts(view("held")))
    assert made.decide(1.9) is None, "connected at 0 s"
    assert made.next_s(1.0) == 2.0
    assert made.decide(2.0) == "Close"
    made.requested(2.0, "Close")
    made.program(2.5, "Close")
    made.see(3.0, facts(view("lost")))
    assert made.decide(4.4) is None and made.next_s(4.0) == 4.5
    assert made.decide(4.5) == "Wide"


def test_the_operator_wins_until_released() -> None:
    made = on_close()
    made.program(20.0, "Talk")
    assert made.manual
    assert made.status == "you switched to 'Talk' by hand: the rules rest until you release them"
    made.see(30.0, facts(view("held")))
    assert made.decide(30.0) is None and made.next_s(30.0) is None
    made.program(31.0, "Close")
    assert made.manual, "by hand to where the rules would go is still by hand"
    made.program(31.5, "Talk")
    made.release(31.6)
    assert not made.manual
    assert made.decide(31.6) == "Close", "release does not wait for the dwell time"


def test_without_rules_nobody_is_in_the_way_of_the_operator() -> None:
    made = director([])
    made.program(20.0, "Talk")
    assert not made.manual and made.status == "no scene rules in the preset"
    made.reconfigure(preset(RULES))
    assert not made.manual, "nobody was overruled"


@pytest.mark.parametrize("late_s", [0.0, 0.3, 3.0, CONFIRM_S + 1, LATE_S])
def test_our_switch_is_ours_however_late_and_however_often_it_is_told(late_s: float) -> None:
    made = director()
    made.see(10.0, facts(view("held")))
    made.requested(10.0, "Close")
    made.program(10.0 + late_s, "Close")
    made.program(10.1 + late_s, "Close")
    assert not made.manual


def test_nothing_is_asked_while_our_transition_runs_and_again_when_it_never_ends() -> None:
    made = director([{"scene": "Close", "when": "held"}, {"scene": "Wide", "when": "lost"}])
    made.see(10.0, facts(view("held")))
    made.requested(10.0, "Close")
    made.see(11.0, facts(view("lost")))
    assert made.decide(14.9) is None
    assert made.next_s(14.0) == 15.0
    assert made.decide(15.0) == "Wide"


def test_a_request_that_is_never_confirmed_counts_as_a_switch() -> None:
    made = director(dwell_s=12.0)
    made.see(20.0, facts(view("held")))
    made.requested(20.0, "Close")
    assert made.next_s(20.0) == 32.0 and made.decide(32.0) == "Close"


def test_what_a_lesser_rule_waits_for_wakes_nobody() -> None:
    made = director([{"scene": "Close", "when": "held"}, {"scene": "Wide", "when": "always", "for_s": 100}])
    made.see(10.0, facts(view("held")))
    made.requested(10.0, "Close")
    made.program(10.0, "Close")
    assert made.next_s(11.0) is None


def test_back_by_hand_while_our_transition_runs_is_by_hand() -> None:
    made = director()
    made.see(10.0, facts(view("held")))
    made.requested(10.0, "Close")
    made.program(12.0, "Main")
    assert made.manual


def test_the_same_by_hand_while_our_transition_runs_is_ours() -> None:
    made = director()
    made.see(10.0, facts(view("held")))
    made.requested(10.0, "Close")
    made.program(10.8, "Close")
    made.program(12.0, "Close")
    assert not made.manual


def test_a_superseded_request_that_is_told_after_all_is_ours() -> None:
    made = director([{"scene": "Close", "when": "held"}, {"scene": "Wide", "when": "lost"}])
    made.see(10.0, facts(view("held")))
    made.requested(10.0, "Close")
    made.see(11.0, facts(view("lost")))
    made.requested(15.0, "Wide")
    made.program(15.1, "Close")
    assert not made.manual
    assert made.decide(18.0) is None, "OBS is on its way to Wide"
    made.program(18.5, "Wide")
    assert not made.manual and made.decide(30.0) is None


def test_a_reconnect_is_neither_ours_nor_by_hand() -> None:
    made = on_close()
    made.disconnected()
    assert made.decide(20.0) is None and made.status == "rules: waiting for OBS"
    made.connected(21.0, "Main")
    assert not made.manual
    assert made.decide(22.9) is None
    assert made.decide(23.0) == "Close"


def test_by_hand_stays_by_hand_over_a_reconnect() -> None:
    made = on_close()
    made.program(20.0, "Talk")
    made.disconnected()
    made.connected(30.0, "Main")
    assert made.manual and made.decide(99.0) is None


@pytest.mark.parametrize("noticed", [True, False])
def test_an_answer_to_the_old_connection_is_not_expected_from_the_new_one(noticed: bool) -> None:
    made = director()
    made.see(10.0, facts(view("held")))
    made.requested(10.0, "Close")
    if noticed:
        made.disconnected()
    made.connected(11.0, "Main")
    made.program(12.0, "Close")
    assert made.manual


def test_a_missing_scene_is_named_and_asked_for_every_few_seconds() -> None:
    made = director([{"scene": "jikcam", "when": "held"}, {"scene": "Wide", "when": "always"}])
    made.see(10.0, facts(view("held")))
    made.requested(10.0, "jikcam")
    made.failed(10.0, "jikcam", missing=True)
    assert made.status == "scene 'jikcam' is not in OBS: run jikcam obs setup"
    assert made.decide(14.9) is None, "the next rule does not step in"
    assert made.next_s(11.0) == 10.0 + RETRY_S
    made.see(11.5, facts(view("lost")))
    assert made.decide(11.5) == "Wide", "nothing was switched, so no dwell time runs"
    made.see(12.0, facts(view("held")))
    assert made.decide(15.0) == "jikcam"


def test_setup_does_not_make_the_scenes_of_the_user() -> None:
    made = director()
    made.see(10.0, facts(view("held")))
    made.failed(10.0, "Close", missing=True)
    assert made.status == "scene 'Close' is not in OBS: make it there or name another in the rule"


def test_a_failure_for_another_reason_may_have_switched() -> None:
    made = director([{"scene": "Close", "when": "held"}, {"scene": "Wide", "when": "lost"}])
    made.see(10.0, facts(view("held")))
    made.requested(10.0, "Close")
    made.failed(10.0, "Close", missing=False)
    assert made.status == "OBS did not switch to 'Close': trying again"
    made.program(10.4, "Close")
    assert not made.manual
    made.see(11.0, facts(view("lost")))
    assert made.decide(12.3) is None
    assert made.decide(12.4) == "Wide"
    made.requested(12.4, "Wide")
    made.program(12.4, "Wide")
    made.see(12.5, facts(view("held")))
    assert made.status == "rules: soon Close (Person 3 held)", "it is there after all"


def test_release_asks_a_missing_scene_at_once() -> None:
    made = director()
    made.see(10.0, facts(view("held")))
    made.requested(10.0, "Close")
    made.failed(10.0, "Close", missing=True)
    made.release(11.0)
    assert made.decide(11.0) == "Close"


def test_chosen_counts_people_not_views() -> None:
    made = director([{"scene": "Both", "when": "chosen"}])
    made.see(10.0, facts(view("held", 3), view("held", 3, "side")))
    assert made.decide(10.0) is None
    made.see(11.0, facts(view("held", 3), view("lost", 4, "side")))
    assert made.decide(11.0) == "Both" and made.status == "rules: soon Both (2 people chosen)"


def test_a_rule_asks_its_own_view() -> None:
    made = director([{"scene": "Side", "when": "held", "view": "side"}])
    made.see(10.0, facts(view("held"), view("lost", 4, "side")))
    assert made.decide(10.0) is None
    made.see(11.0, facts(view("lost"), view("held", 4, "side")))
    assert made.decide(11.0) == "Side"
    made.see(12.0, facts(view("held")))
    assert made.decide(12.0) is None, "that View is gone"


def test_an_engine_that_is_away_is_trouble_and_nothing_else() -> None:
    made = director([{"scene": "Close", "when": "held"}, {"scene": "Break", "when": "trouble", "for_s": 1}])
    made.see(10.0, facts(view("held")))
    made.see(11.0, facts_of(None))
    assert made.decide(11.9) is None
    assert made.decide(12.0) == "Break"
    assert made.status == "rules: soon Break (the engine is away)"


def test_new_rules_count_from_what_held_before() -> None:
    made = on_close()
    made.see(20.0, facts(view("lost")))
    made.reconfigure(preset([{"scene": "Other", "when": "unseen", "for_s": 4}]))
    made.see(22.0, facts(view("lost")))
    assert made.next_s(22.0) == 24.0 and made.decide(24.0) == "Other"
    made.reconfigure(preset([{"scene": "Side", "when": "lost"}]), "side")
    assert made.decide(30.0) is None, "rules without a View ask the new first one"


def test_what_is_told_before_the_connection_counts_as_found() -> None:
    made = SceneDirector(preset(RULES), "main")
    made.see(0.0, facts(view("held")))
    assert made.decide(0.0) is None and made.next_s(0.0) is None
    made.program(1.0, "Main")
    assert not made.manual and made.decide(3.0) == "Close"
