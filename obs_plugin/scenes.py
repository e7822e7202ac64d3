"""Which scene of OBS is on air: the preset's rules, until the operator switches by hand."""

from __future__ import annotations

import math

from engine.presets.obs import ObsPreset, ObsRulePreset
from obs_plugin.facts import Facts, ViewFacts

#: A switch that OBS has not confirmed by now may have been dropped (studio mode does so during a transition).
CONFIRM_S = 5.0
#: OBS tells of a switch when its transition is over, at most 20 s later: until then it is still our own.
LATE_S = 30.0
#: Before OBS is asked again for a scene that it refused.
RETRY_S = 5.0

#: When, View and number of people of a rule: rules that ask the same share a timer.
Condition = tuple[str, str, int]


class SceneDirector:
    """Decides which scene is to be on air. No clock and no link in here; used by one thread.

    Every ``now_s`` is seconds on one monotonic clock. Between two of its own switches lie at least
    ``dwell_s``, unless the user released the rules in between. After a switch by hand it keeps its hands off
    until ``release``.

    Args:
        preset: the [obs] table.
        first_view: the View of rules that name none.
    """

    def __init__(self, preset: ObsPreset, first_view: str) -> None:
        self._preset = preset
        self._first_view = first_view
        self._now_s = -math.inf
        self._facts: Facts | None = None
        self._since_s: dict[Condition, float] = {}
        self._program: str | None = None
        self._by_hand: str | None = None
        self._switched_s = -math.inf
        self._asked: list[tuple[str, float]] = []
        self._waits_until_s = -math.inf
        self._before_asking_s = -math.inf
        self._refused: dict[str, tuple[float, bool]] = {}

    # -- what happens ---------------------------------------------------------------------------------

    def reconfigure(self, preset: ObsPreset, first_view: str | None = None) -> None:
        """Go by other rules from now on. What has held for long under the old ones still does."""
        self._preset = preset
        self._first_view = self._first_view if first_view is None else first_view
        self._refused.clear()
        self._time_conditions()

    def see(self, now_s: float, facts: Facts) -> None:
        """Take note of how the engine stands."""
        self._tick(now_s)
        self._facts = facts
        self._time_conditions()

    def connected(self, now_s: float, scene: str) -> None:
        """OBS is there (again) and shows ``scene``: neither our switch nor one by hand."""
        self._tick(now_s)
        self._forget_requests()
        self._refused.clear()
        self._program, self._switched_s = scene, now_s

    def disconnected(self) -> None:
        """OBS is away; nothing is decided until ``connected``."""
        self._forget_requests()
        self._program = None

    def program(self, now_s: float, scene: str) -> None:
        """OBS tells that ``scene`` is on air (CurrentProgramSceneChanged)."""
        self._tick(now_s)
        waits = now_s < self._waits_until_s
        known, self._program = self._program, scene
        ours = self._is_ours(now_s, scene)
        if scene == known and not ours and not waits:
            return  # told twice
        if not (ours and self._asked):
            self._waits_until_s = -math.inf
        self._switched_s = max(self._switched_s, now_s)
        self._refused.pop(scene, None)
        if not ours and known is not None and self._preset.rule:
            self._by_hand = scene

    def release(self, now_s: float) -> None:
        """The user gives the scenes back to the rules, which switch at once if they want to."""
        self._tick(now_s)
        self._by_hand = None
        self._switched_s = self._waits_until_s = -math.inf
        self._refused.clear()

    def requested(self, now_s: float, scene: str) -> None:
        """OBS is being asked for ``scene``. Call it before asking: the event may outrun the answer."""
        self._tick(now_s)
        self._before_asking_s = self._switched_s
        self._switched_s = now_s
        self._waits_until_s = now_s + CONFIRM_S
        self._asked.append((scene, now_s))

    def failed(self, now_s: float, scene: str, missing: bool) -> None:
        """OBS did not do what was requested last.

        Args:
            missing: there is no such scene, so nothing has been switched; otherwise it may well have been.
        """
        self._tick(now_s)
        self._waits_until_s = -math.inf
        self._refused[scene] = (now_s + RETRY_S, missing)
        if missing and self._asked and self._asked[-1][0] == scene:
            del self._asked[-1]
            self._switched_s = self._before_asking_s

    # -- what follows from it -------------------------------------------------------------------------

    def decide(self, now_s: float) -> str | None:
        """The scene to switch to now; None = leave things as they are."""
        self._tick(now_s)
        rule = self._winner(now_s)
        if rule is None or rule.scene == self._program or now_s < self._free_s(rule.scene):
            return None
        return rule.scene

    def next_s(self, now_s: float) -> float | None:
        """The time at which ``decide`` may say something else though nothing happens; always after now."""
        if self._program is None or self.manual:
            return None
        winner = self._winner(now_s)
        due_s = []
        for rule in self._preset.rule:
            if rule is winner:
                break
            due_s.append(self._holds_from_s(rule))
        if winner is not None and winner.scene != self._program:
            due_s.append(self._free_s(winner.scene))
        return min((t for t in due_s if now_s < t < math.inf), default=None)

    @property
    def manual(self) -> bool:
        """The operator switched by hand, and the rules rest until ``release``."""
        return self._by_hand is not None and bool(self._preset.rule)

    @property
    def status(self) -> str:
        """How the rules stand, in one line for the user."""
        if not self._preset.rule:
            return "no scene rules in the preset"
        if self.manual:
            return f"you switched to {self._by_hand!r} by hand: the rules rest until you release them"
        if self._program is None:
            return "rules: waiting for OBS"
        rule = self._winner(self._now_s)
        if rule is None:
            return f"rules: none holds, {self._program!r} stays"
        if self.refusal:
            return self.refusal
        soon = "" if rule.scene == self._program else "soon "
        return f"rules: {soon}{rule.scene} ({self._reason(rule)})"

    @property
    def refusal(self) -> str:
        """Why the scene that should be on air is not, in one line; empty when OBS has refused nothing."""
        rule = self._winner(self._now_s)
        if rule is None or rule.scene == self._program or rule.scene not in self._refused:
            return ""
        return self._refusal(rule.scene)

    # -- inside ---------------------------------------------------------------------------------------

    def _tick(self, now_s: float) -> None:
        self._now_s = max(self._now_s, now_s)

    def _forget_requests(self) -> None:
        self._asked.clear()
        self._waits_until_s = -math.inf

    def _is_ours(self, now_s: float, scene: str) -> bool:
        """Whether we asked for ``scene``; what was asked for before that will not come any more."""
        self._asked = [(name, at_s) for name, at_s in self._asked if now_s - at_s <= LATE_S]
        for place in reversed(range(len(self._asked))):
            if self._asked[place][0] == scene:
                del self._asked[: place + 1]
                return True
        return False

    def _free_s(self, scene: str) -> float:
        """From when on OBS may be asked for ``scene``."""
        retry_s, _missing = self._refused.get(scene, (-math.inf, False))
        return max(self._switched_s + self._preset.dwell_s, self._waits_until_s, retry_s)

    def _winner(self, now_s: float) -> ObsRulePreset | None:
        """The first rule that holds; None while the rules rest."""
        if self._program is None or self.manual:
            return None
        return next((rule for rule in self._preset.rule if self._holds_from_s(rule) <= now_s), None)

    def _holds_from_s(self, rule: ObsRulePreset) -> float:
        return self._since_s.get(self._condition(rule), math.inf) + rule.for_s

    def _condition(self, rule: ObsRulePreset) -> Condition:
        return rule.when, rule.view or self._first_view, rule.people

    def _time_conditions(self) -> None:
        """Since when each condition has held without a break."""
        if self._facts is None:
            return
        conditions = {self._condition(rule) for rule in self._preset.rule}
        holding = {condition for condition in conditions if _holds(condition, self._facts)}
        self._since_s = {condition: self._since_s.get(condition, self._now_s) for condition in holding}

    def _refusal(self, scene: str) -> str:
        _retry_s, missing = self._refused[scene]
        if not missing:
            return f"OBS did not switch to {scene!r}: trying again"
        can_be_made = any(scene == made.name for made in self._preset.scene)
        fix = "run jikcam obs setup" if can_be_made else "make it there or name another in the rule"
        return f"scene {scene!r} is not in OBS: {fix}"

    def _reason(self, rule: ObsRulePreset) -> str:
        facts = self._facts
        if facts is None or rule.when == "always":
            return "always"
        if rule.when == "trouble":
            return facts.trouble
        if rule.when == "chosen":
            people = len(_chosen(facts))
            return "1 person chosen" if people == 1 else f"{people} people chosen"
        view = facts.view(rule.view or self._first_view)
        if view is None or view.lock == "nobody":
            return "nobody chosen"
        return f"{_called(view)} {'unsure' if view.unsure else view.lock}"


def _holds(condition: Condition, facts: Facts) -> bool:
    when, view_name, people = condition
    if when == "always":
        return True
    if when == "trouble":
        return bool(facts.trouble)
    if when == "chosen":
        return len(_chosen(facts)) >= people
    view = facts.view(view_name)
    if view is None:
        return False
    if when == "unsure":
        return view.unsure
    return view.unsure or view.lock in ("lost", "nobody") if when == "unseen" else view.lock == when


def _chosen(facts: Facts) -> set[int]:
    return {view.person for view in facts.views if view.person is not None}


def _called(view: ViewFacts) -> str:
    return view.label or f"person {view.person}"
