"""What scene switching never does, whatever happens in whatever order; against a little OBS."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.presets.obs import ObsPreset, ObsRulePreset, When
from obs_plugin.facts import Facts, ViewFacts
from obs_plugin.scenes import CONFIRM_S, SceneDirector

SCENES = ["A", "B", "C", "D"]
LOCKS = ["held", "occluded", "unsure", "found", "lost", "nobody"]
DOUBT = ("unsure", "found")
Op = tuple[str, object]

rules = st.builds(
    ObsRulePreset,
    scene=st.sampled_from(SCENES[:3]),
    when=st.sampled_from(get_args(When)),
    view=st.sampled_from([None, "main", "side"]),
    for_s=st.sampled_from([0.0, 0.3, 1.5, 4.0]),
    people=st.integers(1, 2),
)
presets = st.builds(
    ObsPreset,
    dwell_s=st.sampled_from([0.2, 1.0, 2.0, 7.0]),
    rule=st.lists(rules, min_size=1, max_size=4).map(tuple),
)
views = st.tuples(st.sampled_from(LOCKS), st.integers(1, 2))
waits = st.tuples(st.just("wait"), st.sampled_from([0.05, 0.2, 0.7, 2.0, 6.0]))
sights = st.tuples(st.just("see"), st.tuples(views, views, st.booleans()))
hands = st.tuples(st.just("hand"), st.sampled_from(SCENES))
others = st.tuples(st.sampled_from(["release", "reconnect", "missing", "found"]), st.sampled_from(SCENES))
ops = st.lists(st.one_of(waits, waits, sights, sights, hands, others), max_size=60)


def facts(main: tuple[str, int], side: tuple[str, int], trouble: bool) -> Facts:
    seen = [
        ViewFacts(name, lock, None if lock == "nobody" else person, "", 1.0, "follow")
        for name, (lock, person) in (("main", main), ("side", side))
    ]
    return Facts(tuple(seen), "unplugged" if trouble else "", 0, 0)


def is_so(rule: ObsRulePreset, facts: Facts) -> bool:
    lock = next(v.lock for v in facts.views if v.name == (rule.view or "main"))
    people = {v.person for v in facts.views} - {None}
    return {
        "always": True,
        "trouble": facts.trouble != "",
        "chosen": len(people) >= rule.people,
        "unsure": lock in DOUBT,
        "unseen": lock in ("lost", "nobody", *DOUBT),
    }.get(rule.when, lock == rule.when)


@dataclass
class Desk:
    """OBS, its operator and the controller's loop, with everything checked that must always hold."""

    preset: ObsPreset
    transition_s: float
    now_s: float = 100.0
    on_air: str = "A"
    heading: tuple[str, float] | None = None
    missing: set[str] = field(default_factory=set)
    history: list[tuple[float, Facts]] = field(default_factory=list)
    last_switch_s: float = -math.inf
    switches: list[tuple[float, str]] = field(default_factory=list)
    hands_on: bool = False

    def __post_init__(self) -> None:
        self.director = SceneDirector(self.preset, "main")
        self.director.connected(self.now_s, self.on_air)
        self.last_switch_s = self.now_s

    def do(self, op: Op) -> None:
        kind, what = op
        if kind == "wait":
            assert isinstance(what, float)
            self.wait(what)
        elif kind == "see":
            seen = facts(*what)  # type: ignore[misc]
            self.history.append((self.now_s, seen))
            self.director.see(self.now_s, seen)
        elif kind == "release":
            self.director.release(self.now_s)
            self.last_switch_s = -math.inf
            self.hands_on = self.heading is not None
        elif kind == "reconnect":
            self.heading = None
            self.on_air = str(what)
            self.director.disconnected()
            assert self.director.decide(self.now_s) is None
            self.director.connected(self.now_s, self.on_air)
            self.last_switch_s = self.now_s
        elif kind == "hand":
            self.hands_on = True
            self.go(str(what))
        elif kind == "missing":
            self.missing.add(str(what))
        else:
            self.missing.discard(str(what))
        self.act()

    def wait(self, seconds: float) -> None:
        """Time passes; the loop wakes for OBS's events and when it said that it would."""
        until_s = self.now_s + seconds
        while self.now_s < until_s:
            next_s = self.director.next_s(self.now_s)
            assert next_s is None or next_s > self.now_s
            event_s = self.heading[1] if self.heading else math.inf
            wake_s = min(until_s, event_s, math.inf if next_s is None else next_s)
            early_s = (self.now_s + wake_s) / 2
            if early_s < wake_s:
                assert self.director.decide(early_s) is None, "next_s was too late"
            self.now_s = max(wake_s, self.now_s)
            if self.heading and self.heading[1] <= self.now_s:
                self.arrive()
            self.act()

    def go(self, scene: str) -> None:
        """As OBS 29 does: one to the scene on air is none, one that is broken off is never told."""
        if self.heading is None and scene == self.on_air:
            return
        if self.heading is None or self.heading[0] != scene:
            self.heading = scene, self.now_s + self.transition_s
        if self.transition_s == 0:
            self.arrive()

    def arrive(self) -> None:
        assert self.heading is not None
        before, self.on_air, self.heading = self.on_air, self.heading[0], None
        self.director.program(self.now_s, self.on_air)
        if self.on_air == "D" != before:  # which no rule names
            assert self.director.manual

    def act(self) -> None:
        scene = self.director.decide(self.now_s)
        assert self.director.status
        assert self.hands_on or not self.director.manual, "our own switch was taken for the operator's"
        if scene is None:
            return
        assert not self.director.manual
        assert scene != self.on_air, "it is on air already"
        assert scene == self.wanted(), "another rule holds"
        self.director.requested(self.now_s, scene)
        if scene in self.missing:
            self.director.failed(self.now_s, scene, missing=True)
        else:
            assert self.now_s - self.last_switch_s >= self.preset.dwell_s - 1e-9, "within the dwell time"
            self.last_switch_s = self.now_s
            self.switches.append((self.now_s, scene))
            self.go(scene)
        assert self.director.decide(self.now_s) is None, "asked for at once again"

    def wanted(self) -> str | None:
        """The scene by the rules, worked out from the whole past anew."""
        return next((rule.scene for rule in self.preset.rule if self.has_held(rule)), None)

    def has_held(self, rule: ObsRulePreset) -> bool:
        since_s = math.inf
        for seen_s, seen in self.history:
            since_s = min(since_s, seen_s) if is_so(rule, seen) else math.inf
        return since_s + rule.for_s <= self.now_s


@settings(max_examples=400, deadline=None)
@given(presets, ops, st.sampled_from([0.0, 0.3, 3.0, 8.0]))
def test_whatever_happens(preset: ObsPreset, ops: list[Op], transition_s: float) -> None:
    desk = Desk(preset, transition_s)
    for op in ops:
        desk.do(op)


@settings(max_examples=300, deadline=None)
@given(presets, ops, sights, st.sampled_from([0.0, 0.3, 3.0]))
def test_once_all_is_quiet_the_right_scene_comes(
    preset: ObsPreset, ops: list[Op], at_last: Op, transition_s: float
) -> None:
    desk = Desk(preset, transition_s)
    for op in ops:
        if op[0] != "missing":
            desk.do(op)
    desk.wait(transition_s)
    desk.do(("release", ""))
    desk.do(at_last)
    longest_s = max(rule.for_s for rule in preset.rule)
    desk.wait(longest_s + preset.dwell_s + 2 * transition_s + (CONFIRM_S if transition_s else 0))
    assert desk.wanted() in (None, desk.on_air)


@settings(max_examples=100, deadline=None)
@given(presets, st.lists(st.sampled_from(LOCKS), min_size=300, max_size=300), st.sampled_from([0.0, 0.3]))
def test_a_flapping_lock_does_not_make_the_scenes_flap(
    preset: ObsPreset, locks: list[str], transition_s: float
) -> None:
    desk = Desk(preset, transition_s)
    for lock in locks:
        desk.do(("see", ((lock, 1), ("nobody", 1), False)))
        desk.do(("wait", 0.2))
    times_s = [at_s for at_s, _scene in desk.switches]
    assert all(b - a >= preset.dwell_s - 1e-9 for a, b in pairwise(times_s))
    assert len(times_s) <= 60 / preset.dwell_s + 1


@settings(max_examples=200, deadline=None)
@given(presets, ops, st.integers(0, 59))
def test_the_past_does_not_depend_on_the_future(preset: ObsPreset, ops: list[Op], cut: int) -> None:
    whole, part = Desk(preset, 0.3), Desk(preset, 0.3)
    for op in ops[:cut]:
        whole.do(op)
        part.do(op)
    for op in ops[cut:]:
        whole.do(op)
    assert whole.switches[: len(part.switches)] == part.switches
