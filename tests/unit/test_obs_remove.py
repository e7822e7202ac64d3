"""What `jikcam obs remove` takes away and what it leaves, against a scene collection without OBS."""

from __future__ import annotations

from typing import Any

import pytest

from obs_plugin.errors import ObsError, ObsRequestError
from obs_plugin.setup import Plan, apply, plan_remove, read_inventory
from obs_plugin.setup.cameras import find_camera
from tests.unit.obs_collection import Collection
from tests.unit.test_obs_setup import CLOSE, LABEL, MAIN, PRESETS, STAGE, WIDE, plan, set_up, texts


def removal(obs: Collection) -> Plan:
    return plan_remove(read_inventory(obs.request))


def remove(obs: Collection) -> Plan:
    made = removal(obs)
    apply(made, obs.request)
    return made


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS.keys())
def test_remove_leaves_what_was_there_before(preset: Any) -> None:
    obs = set_up(preset)
    made = remove(obs)
    assert obs.snapshot() == Collection("Main", "Other").snapshot()
    assert obs.private == {}
    assert made.warnings == () and removal(obs) == Plan("Untitled")


@pytest.mark.parametrize("too_late", [False, True], ids=["not done", "done, answer lost"])
def test_a_removal_that_breaks_off_anywhere_is_finished_by_the_next(too_late: bool) -> None:
    whole = set_up()
    whole.program = CLOSE
    remove(whole)
    for number in range(1, len(whole.changes) + 1):
        obs = set_up()
        obs.program, obs.break_at, obs.too_late = CLOSE, number, too_late
        with pytest.raises(ObsError, match=r"could not (switch|remove) .*the link broke"):
            remove(obs)
        remove(obs)
        assert obs.snapshot() == whole.snapshot(), f"broken at change {number}"


def test_a_scene_on_air_is_left_for_one_of_the_users_first() -> None:
    obs = set_up()
    obs.program = WIDE
    assert texts(removal(obs))[0] == "switch to the scene 'Main'"
    remove(obs)
    assert obs.program == "Main" and list(obs.scenes) == ["Main", "Other"]


def test_a_scene_with_something_of_the_users_stays_with_it() -> None:
    obs = set_up()
    obs.user_input("frame", "image_source", CLOSE)
    obs.program = CLOSE
    made = remove(obs)
    assert made.warnings == ("the scene 'jikcam close' stays: it holds 'frame' of your own",)
    assert obs.sources(CLOSE) == ["frame"] and obs.program == CLOSE
    assert removal(obs).steps == ()
    obs.scenes[CLOSE].clear()
    del obs.inputs["frame"]
    remove(obs)
    assert CLOSE not in obs.scenes


def test_a_group_is_the_users_and_what_is_ours_goes_from_it() -> None:
    obs = set_up()
    obs.groups["Group"] = obs.scenes[CLOSE][:]
    obs.scenes[CLOSE].clear()
    obs.add_item(obs.scenes[CLOSE], "Group")
    made = remove(obs)
    assert made.warnings == ("the scene 'jikcam close' stays: it holds 'Group' of your own",)
    assert obs.groups == {"Group": []} and obs.sources(CLOSE) == ["Group"]


def test_that_ours_is_in_a_scene_of_the_users_is_said() -> None:
    obs = set_up()
    obs.add_item(obs.scenes["Main"], MAIN)
    obs.add_item(obs.scenes["Other"], CLOSE)
    made = texts(removal(obs))
    assert "remove the picture 'jikcam feed main' (it is also in your 'Main')" in made
    assert "remove the scene 'jikcam close' (it is also in your 'Other')" in made


def test_obs_is_never_left_without_a_scene() -> None:
    obs = set_up()
    for scene in ("Main", "Other"):
        del obs.scenes[scene], obs.inputs[f"{scene} colour"]
    obs.program = WIDE
    made = remove(obs)
    assert obs.scenes == {WIDE: []} and obs.program == WIDE and obs.inputs == {}
    assert made.warnings == ("the scene 'jikcam wide' stays, empty: OBS needs one",)
    assert texts(removal(obs)) == []


def test_scenes_without_the_mark_are_not_deleted_but_spoken_of() -> None:
    obs = set_up()
    obs.private.clear()
    made = remove(obs)
    assert obs.sources(CLOSE) == [] and obs.sources(WIDE) == []
    assert [w.split(":")[0] for w in made.warnings] == [f"the scene {n!r} stays" for n in (CLOSE, WIDE)]
    assert plan(obs).warnings == ()


def test_copies_and_renamed_ones_stay() -> None:
    obs = set_up()
    obs.user_input("jikcam label 2", "text_ft2_source_v2", "Main", **obs.inputs[LABEL]["settings"])
    remove(obs)
    assert obs.sources("Main") == ["Main colour", "jikcam label 2"]


def test_a_plan_is_for_its_scene_collection_only() -> None:
    obs = Collection("Main")
    made = plan(obs)
    obs.name = "Another"
    with pytest.raises(ObsError, match="left the scene collection 'Untitled'; run the same command again"):
        apply(made, obs.request)
    assert obs.changes == []


def test_what_obs_refuses_is_told_with_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    obs = Collection("Main")

    def refuse(**_: Any) -> None:
        raise ObsRequestError("CreateScene", 702, "not today")

    monkeypatch.setattr(obs, "_CreateScene", refuse)
    with pytest.raises(ObsError) as caught:
        apply(plan(obs), obs.request)
    assert str(caught.value) == (
        "could not add the scene 'jikcam close': OBS could not do CreateScene (702: not today); "
        "run the same command again; what is done is not done twice"
    )


def test_a_name_that_obs_never_lets_go_is_an_error_in_bounded_time(monkeypatch: pytest.MonkeyPatch) -> None:
    obs = set_up(STAGE)
    monkeypatch.setattr(obs, "_GetSourceScreenshot", lambda **_: None)
    slept_s: list[float] = []
    with pytest.raises(ObsError, match=r"could not remove .*: OBS holds on to it; restart OBS"):
        apply(removal(obs), obs.request, clock=lambda: sum(slept_s), sleep=slept_s.append)
    assert 1.0 < sum(slept_s) < 10.0


@pytest.mark.parametrize("times", [1, 100])
def test_what_goes_while_it_is_looked_at_is_looked_at_again(times: int) -> None:
    obs = set_up()
    slept_s: list[float] = []

    def request(kind: str, data: Any) -> Any:
        if kind == "GetInputSettings" and len(slept_s) < times:
            raise ObsRequestError(kind, 600, "No source was found")
        return obs.request(kind, data)

    if times == 1:
        assert read_inventory(request, slept_s.append) == read_inventory(obs.request)
        return
    with pytest.raises(ObsError, match="the scenes in OBS change while jikcam looks"):
        read_inventory(request, slept_s.append)
    assert sum(slept_s) < 5.0


CAMERAS = {"/dev/video0": "Webcam", "id:7": "OBS Virtual Camera", "/dev/video10": "jikcam"}


@pytest.mark.parametrize(
    ("devices", "address", "found"),
    [
        (CAMERAS, "/dev/video0", "/dev/video0"),
        (CAMERAS, "obs virtual camera", "id:7"),
        (CAMERAS, "", "/dev/video10"),
        ({"id:7": "OBS Virtual Camera"}, "", "id:7"),
        ({}, "/dev/video42", "/dev/video42"),
    ],
)
def test_the_camera_is_found_by_path_or_name(devices: dict[str, str], address: str, found: str) -> None:
    assert find_camera(devices, address) == found


@pytest.mark.parametrize("address", ["", "stage cam"])
def test_a_camera_that_obs_does_not_see_is_an_error_that_lists_those_it_sees(address: str) -> None:
    with pytest.raises(ObsError, match=r"OBS sees no .*start jikcam first, or set camera .*\(Webcam\)"):
        find_camera({"/dev/video0": "Webcam"}, address)
