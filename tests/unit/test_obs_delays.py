"""The director's delay in OBS: set only when asked, once, and never left behind; what people set stays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.presets import ObsPreset
from obs_plugin.delays import FILTER, Delays, delay_ms, undelay_steps
from obs_plugin.errors import ObsAwayError, ObsRequestError
from obs_plugin.facts import facts_of
from obs_plugin.setup.steps import Call
from tests.obs_fake import FakeObs
from tests.obs_fake_fields import RequestRefusedError

MIC = {"inputName": "Mic", "inputKind": "pulse_input_capture"}
CAM = {"inputName": "Cam", "inputKind": "v4l2_input"}
WORDS = {"inputName": "Words", "inputKind": "text_ft2_source_v2"}


class Obs:
    """The fake OBS without a wire; ``break_at`` loses the connection before (or after) that change."""

    def __init__(self) -> None:
        self.fake = FakeObs(scenes=("Main",))
        for one in (MIC, CAM, WORDS):
            self.fake.act("CreateInput", sceneName="Main", inputSettings={}, **one)
        self.asked: list[str] = []
        self.changes = 0
        self.break_at, self.too_late = 0, False

    def request(self, kind: str, data: Mapping[str, Any] | None = None) -> dict[str, Any]:
        self.asked.append(kind)
        self.changes += (is_change := not kind.startswith("Get"))
        is_breaking = is_change and self.changes == self.break_at
        if is_breaking and not self.too_late:
            raise ObsAwayError("the link broke")
        try:
            answer = self.fake.act(kind, **(data or {}))
        except RequestRefusedError as error:
            raise ObsRequestError(kind, int(error.code), error.comment) from None
        if is_breaking:
            raise ObsAwayError("the link broke")
        return answer

    def delays(self, *, audio: tuple[str, ...] = ("Mic",), pictures: tuple[str, ...] = ("Cam",)) -> Delays:
        """As after every connection: nothing is known from before."""
        return Delays(self.request, ObsPreset(delay_audio=audio, delay_sources=pictures))

    @property
    def offset(self) -> int:
        return int(self.fake.act("GetInputAudioSyncOffset", inputName="Mic")["inputAudioSyncOffset"])

    @offset.setter
    def offset(self, value: int) -> None:
        self.fake.act("SetInputAudioSyncOffset", inputName="Mic", inputAudioSyncOffset=value)

    def filter(self, source: str = "Cam") -> tuple[str, int] | None:
        """Kind and delay of jikcam's filter."""
        filters = self.fake.act("GetSourceFilterList", sourceName=source)["filters"]
        assert len(filters) <= 1
        return (filters[0]["filterKind"], filters[0]["filterSettings"]["delay_ms"]) if filters else None


@pytest.fixture
def obs() -> Iterator[Obs]:
    yield Obs()


def test_nothing_is_asked_of_obs_unless_somebody_wants_a_delay(obs: Obs) -> None:
    delays = obs.delays(audio=(), pictures=())
    delays.keep(500)
    delays.keep(0)
    assert obs.asked == [] and delays.problems == ()


def test_sound_and_pictures_are_late_and_right_again(obs: Obs) -> None:
    obs.offset = 40
    delays = obs.delays()
    delays.keep(500)
    assert (obs.offset, obs.filter()) == (540, ("async_delay_filter", 500))
    asked = len(obs.asked)
    delays.keep(500)
    assert len(obs.asked) == asked
    delays.keep(1250)
    assert (obs.offset, obs.filter()) == (1290, ("async_delay_filter", 1250))
    delays.keep(0)
    assert (obs.offset, obs.filter(), delays.problems) == (40, None, ())
    # And again, from another value of the user's own.
    obs.offset = -20
    delays.keep(250)
    assert obs.offset == 230
    delays.keep(0)
    assert obs.offset == -20


def test_a_delay_that_is_there_after_a_crash_is_not_added_again(obs: Obs) -> None:
    obs.offset = 40
    obs.delays().keep(500)
    after = obs.delays()
    after.keep(500)
    assert (obs.offset, obs.filter()) == (540, ("async_delay_filter", 500))
    obs.delays().keep(0)
    assert (obs.offset, obs.filter()) == (40, None)


def test_what_is_set_by_hand_stays(obs: Obs) -> None:
    delays = obs.delays()
    delays.keep(500)
    obs.offset = 520
    named = {"sourceName": "Cam", "filterName": FILTER}
    obs.fake.act("SetSourceFilterSettings", **named, filterSettings={"delay_ms": 450})
    for wanted_ms in (750, 0):
        delays.keep(wanted_ms)
        assert (obs.offset, obs.filter()) == (520, ("async_delay_filter", 450))
        assert "was set by hand and stays 520 ms; at 0 ms jikcam sets it again" in delays.problems[0]
        assert "'jikcam delay' of 'Cam' was set by hand" in delays.problems[1]
    # The next show finds it so, and does not add to it.
    obs.delays().keep(500)
    assert (obs.offset, obs.filter()) == (520, ("async_delay_filter", 450))
    # Given back, it is jikcam's again.
    obs.offset = 0
    obs.fake.act("RemoveSourceFilter", **named)
    again = obs.delays()
    again.keep(500)
    assert (obs.offset, obs.filter(), again.problems) == (500, ("async_delay_filter", 500), ())


def test_a_filter_that_somebody_removes_does_not_come_back(obs: Obs) -> None:
    delays = obs.delays()
    delays.keep(500)
    obs.fake.act("RemoveSourceFilter", sourceName="Cam", filterName=FILTER)
    delays.keep(600)
    assert obs.filter() is None and "removed by hand" in delays.problems[0]


def test_a_filter_of_the_users_with_our_name_is_theirs(obs: Obs) -> None:
    named = {"sourceName": "Cam", "filterName": FILTER, "filterKind": "async_delay_filter"}
    obs.fake.act("CreateSourceFilter", **named, filterSettings={"delay_ms": 70})
    delays = obs.delays()
    delays.keep(500)
    delays.keep(0)
    assert obs.filter() == ("async_delay_filter", 70)


def test_what_has_no_times_of_its_own_is_delayed_in_the_graphics_card(obs: Obs) -> None:
    delays = obs.delays(pictures=("Words", "Main", "Mic"))
    delays.keep(400)
    assert obs.filter("Words") == obs.filter("Main") == ("gpu_delay", 400)
    assert delays.problems == ("'Mic' has no picture that can be delayed; name sound in delay_audio",)
    delays.keep(750)
    assert obs.filter("Words") == ("gpu_delay", 500)
    assert "OBS delays 'Words' by 500 ms at most, not by 750 ms" in delays.problems
    delays.keep(0)
    assert obs.filter("Words") is None and obs.filter("Main") is None


def test_what_is_missing_or_has_no_sound_is_said_and_looked_for_again(obs: Obs) -> None:
    delays = obs.delays(audio=("Guitar", "Cam"), pictures=("Other",))
    delays.keep(500)
    assert [line.split(";")[0] for line in delays.problems] == [
        "'Guitar', which is to be delayed, is not in OBS",
        delays.problems[1].split(";")[0],
        "'Other', which is to be delayed, is not in OBS",
    ]
    assert delays.problems[1].startswith("'Cam' can't be delayed: ")
    new = {"inputName": "Guitar", "inputKind": "pulse_input_capture"}
    obs.fake.act("CreateInput", sceneName="Main", inputSettings={}, **new)
    delays.look_again()
    delays.keep(500)
    assert obs.fake.act("GetInputAudioSyncOffset", inputName="Guitar")["inputAudioSyncOffset"] == 500


def test_an_offset_never_passes_what_obs_takes(obs: Obs) -> None:
    obs.offset = 19_800
    delays = obs.delays()
    delays.keep(500)
    assert obs.offset == 20_000
    delays.keep(0)
    assert obs.offset == 19_800


@settings(max_examples=200, deadline=None)
@given(
    own=st.integers(-950, 18_000),
    wishes=st.lists(st.sampled_from([0, 250, 500, 1500]), min_size=1, max_size=4),
    break_at=st.integers(1, 12),
    too_late=st.booleans(),
)
def test_wherever_it_breaks_off_the_users_own_value_comes_back(
    own: int, wishes: list[int], break_at: int, too_late: bool
) -> None:
    obs = Obs()
    obs.offset = own
    obs.break_at, obs.too_late = break_at, too_late
    delays = obs.delays()
    for wanted_ms in wishes:
        try:
            delays.keep(wanted_ms)
        except ObsAwayError:
            assert obs.offset in {own, *(own + wish for wish in wishes)}
            delays = obs.delays()
            delays.keep(wanted_ms)
        assert delays.problems == ()
        assert obs.offset == own + wanted_ms
        assert obs.filter() == (("async_delay_filter", wanted_ms) if wanted_ms else None)
    obs.break_at = 0
    obs.delays().keep(0)
    assert (obs.offset, obs.filter()) == (own, None)


def test_what_was_left_behind_can_be_taken_away(obs: Obs) -> None:
    obs.offset = 40
    assert undelay_steps(obs.request) == ()
    obs.delays(pictures=("Cam", "Main")).keep(500)
    steps = undelay_steps(obs.request)
    assert {step.text for step in steps} == {
        "set the sync offset of 'Mic' back to 40 ms",
        "remove the filter 'jikcam delay' of 'Cam'",
        "remove the filter 'jikcam delay' of 'Main'",
    }
    for step in steps:
        for action in step.actions:
            assert isinstance(action, Call)
            obs.request(action.kind, action.data)
    assert (obs.offset, obs.filter(), obs.filter("Main")) == (40, None, None)
    assert undelay_steps(obs.request) == ()


def test_the_latest_view_in_obs_sets_the_delay() -> None:
    views = [
        {"name": name, "lock": "held", "person": 1, "delay_s": delay_s}
        for name, delay_s in (("main", 0.5), ("wide", 0.0), ("elsewhere", 1.5))
    ]
    facts = facts_of({"views": views})
    preset = ObsPreset.model_validate(
        {"scene": [{"name": "jikcam"}, {"name": "jikcam wide", "view": "wide"}]}
    )
    assert delay_ms(facts, preset, "main") == 500
    assert delay_ms(facts, preset, "wide") == 0
    assert delay_ms(facts_of(None), preset, "main") is None
    assert delay_ms(facts_of({"views": []}), preset, "main") is None


@pytest.mark.parametrize("told", [None, "late", -1, True, float("nan"), 1e9])
def test_a_delay_that_is_none_is_none(told: object) -> None:
    facts = facts_of({"views": [{"name": "main", "lock": "held", "person": None, "delay_s": told}]})
    assert 0 <= facts.views[0].delay_s <= 1
