"""What `jikcam obs setup` plans and does, against a scene collection without OBS."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from engine.presets import ObsLabelPreset, ObsPreset, ObsScenePreset
from obs_plugin.errors import ObsError
from obs_plugin.kinds import STREAM_FFMPEG_OPTIONS
from obs_plugin.setup import Plan, Wanted, apply, mark, plan_setup, read_inventory, wanted
from tests.unit.obs_collection import Collection

URL = "http://127.0.0.1:8787"
CLOSE, WIDE, MAIN, LABEL = "jikcam close", "jikcam wide", "jikcam feed main", "jikcam label"
STAGE = ObsPreset(scene=(ObsScenePreset(name=CLOSE), ObsScenePreset(name=WIDE, view="wide", label=False)))
PRESETS = {
    "default": ObsPreset(),
    "stage": STAGE,
    "one view twice": ObsPreset(scene=(ObsScenePreset(name=CLOSE), ObsScenePreset(name=WIDE))),
    "no label": ObsPreset(label=ObsLabelPreset(enabled=False)),
    "camera": ObsPreset(feed="camera", scene=STAGE.scene),
}


def want(preset: ObsPreset, url: str = URL, device: str = "/dev/video10") -> Wanted:
    return wanted(preset, url, "main", device)


def plan(obs: Collection, preset: ObsPreset = STAGE, url: str = URL, device: str = "/dev/video10") -> Plan:
    return plan_setup(read_inventory(obs.request), want(preset, url, device))


def set_up(preset: ObsPreset = STAGE, *scenes: str) -> Collection:
    obs = Collection(*(scenes or ("Main", "Other")))
    obs.devices = {"/dev/video10": "jikcam"}
    apply(plan(obs, preset), obs.request)
    obs.changes.clear()
    return obs


def texts(made: Plan) -> list[str]:
    return [step.text for step in made.steps]


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS.keys())
def test_the_second_setup_has_nothing_to_do(preset: ObsPreset) -> None:
    obs = set_up(preset)
    assert plan(obs, preset).steps == ()
    assert obs.sources("Main") == ["Main colour"] and obs.sources("Other") == ["Other colour"]
    apply(plan(obs, preset), obs.request)
    assert obs.changes == []


def test_the_plan_says_all_in_plain_words_and_changes_nothing() -> None:
    obs = Collection("Main")
    before = obs.snapshot()
    assert texts(plan(obs)) == [
        "add the scene 'jikcam close'",
        "add the scene 'jikcam wide'",
        "add the picture 'jikcam feed main' to the scene 'jikcam close'",
        "add the picture 'jikcam feed wide' to the scene 'jikcam wide'",
        "add the label 'jikcam label' to the scene 'jikcam close'",
    ]
    assert obs.snapshot() == before and obs.changes == []


def test_what_is_made() -> None:
    obs = set_up()
    assert obs.sources(CLOSE) == [MAIN, LABEL] and obs.sources(WIDE) == ["jikcam feed wide"]
    settings = obs.inputs[MAIN]["settings"]
    assert settings["input"] == f"{URL}/stream/main.mjpeg" and settings["jikcam"] == MAIN
    transform = obs.item(CLOSE, MAIN)["sceneItemTransform"]
    assert transform["boundsType"] == "OBS_BOUNDS_SCALE_INNER"
    assert (transform["boundsWidth"], transform["boundsHeight"]) == (1920, 1080)
    assert obs.item(CLOSE, LABEL)["sceneItemTransform"]["boundsType"] == "OBS_BOUNDS_MAX_ONLY"
    assert obs.private[CLOSE] == mark(CLOSE)
    assert obs.program == "Main"


@pytest.mark.parametrize("too_late", [False, True], ids=["not done", "done, answer lost"])
@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS.keys())
def test_a_setup_that_breaks_off_anywhere_is_finished_by_the_next(preset: ObsPreset, too_late: bool) -> None:
    whole = Collection("Main")
    whole.devices = {"/dev/video10": "jikcam"}
    apply(plan(whole, preset), whole.request)
    for number in range(1, len(whole.changes) + 1):
        obs = Collection("Main")
        obs.devices, obs.break_at, obs.too_late = whole.devices, number, too_late
        with pytest.raises(
            ObsError, match=r"could not add the .*: the link broke; run the same command again"
        ):
            apply(plan(obs, preset), obs.request)
        apply(plan(obs, preset), obs.request)
        assert obs.snapshot() == whole.snapshot(), f"broken at change {number}, {whole.changes[number - 1]}"
        assert plan(obs, preset).steps == ()


def user_moves_label(obs: Collection) -> None:
    obs.item(CLOSE, LABEL)["sceneItemTransform"].update(positionX=500.0, positionY=40.0)


def user_resets_transforms(obs: Collection) -> None:
    for item in obs.scenes[CLOSE]:
        item["sceneItemTransform"].update(boundsType="OBS_BOUNDS_NONE", positionX=0.0, positionY=0.0)


def user_hides_feed(obs: Collection) -> None:
    obs.item(CLOSE, MAIN)["sceneItemEnabled"] = False


def user_restyles(obs: Collection) -> None:
    obs.inputs[LABEL]["settings"].update(text="Ana", color1=1, font={"face": "Serif"})
    obs.inputs[MAIN]["settings"].update(hw_decode=True, close_when_inactive=True, reconnect_delay_sec=5)


def user_adds_below(obs: Collection) -> None:
    obs.user_input("backdrop", "image_source", CLOSE)
    obs.scenes[CLOSE].reverse()


def user_groups(obs: Collection) -> None:
    obs.groups["Group"] = obs.scenes[CLOSE][:]
    obs.scenes[CLOSE].clear()
    obs.add_item(obs.scenes[CLOSE], "Group")


def user_nests(obs: Collection) -> None:
    obs.scenes["Inner"] = obs.scenes[CLOSE][:]
    obs.scenes[CLOSE].clear()
    obs.add_item(obs.scenes[CLOSE], "Inner")


@pytest.mark.parametrize(
    "change",
    [
        user_moves_label,
        user_resets_transforms,
        user_hides_feed,
        user_restyles,
        user_adds_below,
        user_groups,
        user_nests,
    ],
)
def test_what_the_user_changed_of_ours_stays(change: Any) -> None:
    obs = set_up()
    change(obs)
    assert plan(obs) == Plan("Untitled")


@pytest.mark.parametrize(
    "wrong", [{"input": f"{URL}/stream/wide.mjpeg"}, {"buffering_mb": 2}, {"ffmpeg_options": ""}]
)
def test_what_keeps_a_stream_from_working_is_mended(wrong: dict[str, Any]) -> None:
    obs = set_up()
    right = copy.deepcopy(obs.inputs)
    obs.inputs[MAIN]["settings"].update(wrong)
    (step,) = plan(obs).steps
    assert next(iter(wrong)) in step.text or "point" in step.text
    apply(plan(obs), obs.request)
    assert obs.inputs == right and obs.changes == ["SetInputSettings"]


def test_a_new_port_points_every_picture_there() -> None:
    obs = set_up()
    moved = plan(obs, url="http://127.0.0.1:9000")
    assert texts(moved) == [
        f"point 'jikcam feed {view}' to http://127.0.0.1:9000/stream/{view}.mjpeg"
        for view in ("main", "wide")
    ]
    apply(moved, obs.request)
    assert obs.inputs[MAIN]["settings"]["ffmpeg_options"] == STREAM_FFMPEG_OPTIONS
    assert plan(obs, url="http://127.0.0.1:9000").steps == ()


def test_a_picture_the_user_deleted_comes_back_under_everything() -> None:
    obs = set_up()
    obs.scenes[CLOSE].remove(obs.item(CLOSE, MAIN))
    del obs.inputs[MAIN], obs.private[MAIN]
    obs.user_input("frame", "image_source", CLOSE)
    apply(plan(obs), obs.request)
    assert obs.sources(CLOSE) == [MAIN, LABEL, "frame"]


def test_a_scene_that_now_shows_another_view_gets_its_picture_over_the_former_one() -> None:
    obs = set_up()
    other = ObsPreset(scene=(ObsScenePreset(name=CLOSE, view="wide"),))
    made = plan(obs, other)
    assert texts(made) == ["add the picture 'jikcam feed wide' to the scene 'jikcam close'"]
    assert made.warnings == (
        "no longer in the preset: 'jikcam wide' and 'jikcam feed main'; delete in OBS what nobody needs",
    )
    apply(made, obs.request)
    assert obs.sources(CLOSE) == [MAIN, "jikcam feed wide", LABEL]


def test_from_stream_to_camera_the_picture_stays_where_it_was() -> None:
    obs = set_up()
    obs.item(CLOSE, MAIN).update(sceneItemEnabled=False, sceneItemLocked=True)
    obs.item(CLOSE, MAIN)["sceneItemTransform"].update(positionX=33.0)
    obs.add_item(obs.scenes["Main"], MAIN)
    before = copy.deepcopy(obs.scenes)
    obs.devices = {"/dev/video0": "Webcam", "/dev/video10": "jikcam"}
    made = plan(obs, PRESETS["camera"])
    assert texts(made) == [
        "remove the picture 'jikcam feed main', which is to be a camera (it is also in your 'Main')",
        "add the picture 'jikcam feed main' to the scenes 'Main' and 'jikcam close'",
    ]
    apply(made, obs.request)
    assert obs.inputs[MAIN]["kind"] == "v4l2_input"
    assert obs.inputs[MAIN]["settings"]["device_id"] == "/dev/video10"
    assert plan(obs, PRESETS["camera"]).steps == ()
    for items in (*before.values(), *obs.scenes.values()):
        for item in items:
            del item["sceneItemId"]
    assert obs.scenes == before


def test_a_label_that_is_switched_off_goes() -> None:
    obs = set_up()
    made = plan(obs, ObsPreset(scene=STAGE.scene, label=ObsLabelPreset(enabled=False)))
    assert texts(made) == ["remove the label 'jikcam label': the preset has none"]
    apply(made, obs.request)
    assert LABEL not in obs.inputs and obs.sources(CLOSE) == [MAIN]


def test_copies_and_renamed_ones_are_the_users() -> None:
    obs = set_up()
    obs.user_input("jikcam label 2", "text_ft2_source_v2", "Main", **obs.inputs[LABEL]["settings"])
    obs.scenes["Show"] = []
    obs.private["Show"] = mark(CLOSE)
    assert plan(obs) == Plan("Untitled")


def test_a_scene_of_the_users_own_is_left_as_it_is() -> None:
    obs = Collection("Main", CLOSE)
    made = plan(obs)
    assert made.warnings == (
        "the scene 'jikcam close' is your own and stays as it is; "
        "rename it in OBS if jikcam is to make one of that name",
    )
    apply(made, obs.request)
    assert obs.sources(CLOSE) == [f"{CLOSE} colour"] and CLOSE not in obs.private
    assert set(obs.inputs) == {"Main colour", f"{CLOSE} colour", "jikcam feed wide"}


def test_a_label_of_the_users_own_is_added_to_nothing() -> None:
    obs = Collection("Main")
    obs.user_input(LABEL, "text_ft2_source_v2", "Main", text="mine")
    apply(plan(obs), obs.request)
    assert obs.inputs[LABEL]["settings"] == {"text": "mine"} and obs.sources(CLOSE) == [MAIN]
    assert plan(obs).steps == ()


@pytest.mark.parametrize(
    ("name", "kind", "says"),
    [
        (MAIN, "image_source", "'jikcam feed main'.* rename it in OBS"),
        (CLOSE, "image_source", "a source named 'jikcam close'.* rename the source"),
        (LABEL, "image_source", "'jikcam label' in OBS is no text source; rename it"),
    ],
)
def test_a_taken_name_is_an_error_with_a_fix(name: str, kind: str, says: str) -> None:
    obs = Collection("Main")
    obs.user_input(name, kind, "Main")
    with pytest.raises(ObsError, match=says):
        plan(obs)


@pytest.mark.parametrize("name", [MAIN, CLOSE, LABEL])
def test_a_name_taken_by_a_group_is_an_error(name: str) -> None:
    obs = Collection("Main")
    obs.groups[name] = []
    with pytest.raises(ObsError, match="rename"):
        plan(obs)


def test_an_obs_without_the_sources_says_so() -> None:
    obs = Collection("Main")
    obs.kinds = ("ffmpeg_source",)
    with pytest.raises(ObsError, match="no text source"):
        plan(obs)
    obs.kinds = ("text_ft2_source_v2",)
    with pytest.raises(ObsError, match="no media source"):
        plan(obs)


def test_another_computers_obs_can_not_reach_loopback() -> None:
    (warning,) = wanted(ObsPreset(host="192.168.1.7"), URL, "main", "").warnings
    assert "192.168.1.7" in warning and URL in warning


def test_the_label_needs_a_name_of_its_own() -> None:
    with pytest.raises(ObsError, match=r"set another source in \[obs.label\]"):
        plan(Collection("Main"), ObsPreset(label=ObsLabelPreset(source="jikcam")))
