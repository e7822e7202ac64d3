"""`jikcam obs setup` and `jikcam obs remove` on the real OBS, down to the file it saves."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from obsws_python.error import OBSSDKRequestError

from engine.presets import ObsLabelPreset, ObsPreset, ObsScenePreset
from obs_plugin.errors import ObsError, ObsRequestError
from obs_plugin.setup import Plan, Request, apply, plan_remove, plan_setup, read_inventory, wanted
from tests.integration.control_rig import FakeEngine, serving
from tests.real.obs_rig import ObsRig

pytestmark = pytest.mark.real

URL = "http://127.0.0.1:9"  # nothing listens there
CLOSE, WIDE, MAIN, LABEL = "jikcam close", "jikcam wide", "jikcam feed main", "jikcam label"
SCENES = (ObsScenePreset(name=CLOSE), ObsScenePreset(name=WIDE, view="wide", label=False))
STAGE = ObsPreset(scene=SCENES)
PATIENCE_S = 15.0
MakeObs = Callable[..., ObsRig]


@contextmanager
def asking(obs: ObsRig) -> Iterator[Request]:
    with obs.client() as client:

        def request(kind: str, data: Mapping[str, Any] | None) -> dict[str, Any]:
            try:
                return client.send(kind, dict(data) if data else None, raw=True) or {}
            except OBSSDKRequestError as error:
                raise ObsRequestError(kind, error.code, str(error)) from error

        yield request


def plan(request: Request, preset: ObsPreset = STAGE, url: str = URL) -> Plan:
    return plan_setup(read_inventory(request), wanted(preset, url, "main", ""))


def set_up(request: Request, preset: ObsPreset = STAGE, url: str = URL) -> None:
    apply(plan(request, preset, url), request)
    assert plan(request, preset, url).steps == ()


def remove(request: Request) -> Plan:
    made = plan_remove(read_inventory(request))
    apply(made, request)
    return made


def sources(request: Request, scene: str) -> list[str]:
    found = read_inventory(request).scene(scene)
    assert found is not None
    return [item.source for item in found.items]


def saved(obs: ObsRig) -> str:
    """The scene collection as OBS has written it."""
    return obs.collection_path.read_text(encoding="utf-8")


def test_all_requests_are_in_the_oldest_obs_we_support(obs: ObsRig) -> None:
    with asking(obs) as request:
        version = request("GetVersion", None)
    assert version["obsWebSocketVersion"].startswith("5.")
    used = {"GetSourcePrivateSettings", "SetSourcePrivateSettings", "GetInputPropertiesListPropertyItems"}
    used |= {"GetGroupSceneItemList", "SetSceneItemBlendMode", "SetSceneItemLocked", "SetSceneItemIndex"}
    assert used <= set(version["availableRequests"])


def test_setup_twice_changes_nothing_the_second_time(obs_clean: ObsRig) -> None:
    with asking(obs_clean) as request:
        before = read_inventory(request)
        assert len(plan(request).steps) == 5
        assert read_inventory(request) == before  # a plan alone, as for --dry-run, does nothing
        set_up(request)
        after = read_inventory(request)
        apply(plan(request), request)
        assert read_inventory(request) == after
        assert sources(request, CLOSE) == [MAIN, LABEL] and sources(request, WIDE) == ["jikcam feed wide"]
        assert [scene.name for scene in after.scenes] == ["Main", "Other", CLOSE, WIDE]
        assert after.program == "Main" and all(after.scene(one.name) == one for one in before.scenes)


def test_remove_leaves_the_collection_byte_for_byte_as_it_was(make_obs: MakeObs) -> None:
    # All that OBS rewrites by itself, once it has saved a collection, is the order of its sources: each start
    # turns it round. So two starts on it is as it was, with or without jikcam.
    obs = make_obs().start()
    obs.stop()
    before = saved(obs)
    obs.restart().restart()
    obs.stop()
    assert saved(obs) == before, "OBS rewrites more than we know of"
    obs.restart()
    with asking(obs) as request:
        set_up(request)
        request("SetCurrentProgramScene", {"sceneName": WIDE})
        remove(request)
        set_up(request)
    obs.restart()
    with asking(obs) as request:
        assert plan(request) == Plan("rig"), "OBS has forgotten something over its restart"
        assert remove(request).warnings == ()
        assert plan_remove(read_inventory(request)) == Plan("rig")
    obs.stop()
    assert saved(obs) == before


def test_what_is_the_users_own_is_not_touched(obs_clean: ObsRig) -> None:
    with asking(obs_clean) as request:
        request("CreateScene", {"sceneName": CLOSE})
        request("CreateSceneItem", {"sceneName": CLOSE, "sourceName": "Main colour"})
        text = {"sceneName": "Other", "inputName": LABEL, "inputKind": "text_ft2_source_v2"}
        request("CreateInput", {**text, "inputSettings": {"text": "my own"}})
        before = read_inventory(request)
        made = plan(request)
        assert made.warnings and CLOSE in made.warnings[0]
        apply(made, request)
        after = read_inventory(request)
        assert all(after.scene(one.name) == one for one in before.scenes)
        assert all(after.input(one.name) == one for one in before.inputs)
        assert request("GetInputSettings", {"inputName": LABEL})["inputSettings"] == {"text": "my own"}
        remove(request)
        assert read_inventory(request) == before


def test_a_users_item_in_our_scene_survives_with_it(obs_clean: ObsRig) -> None:
    with asking(obs_clean) as request:
        set_up(request)
        request("CreateSceneItem", {"sceneName": CLOSE, "sourceName": "Other colour"})
        request("CreateSceneItem", {"sceneName": "Main", "sourceName": MAIN})
        request("SetCurrentProgramScene", {"sceneName": CLOSE})
        assert remove(request).warnings == (
            "the scene 'jikcam close' stays: it holds 'Other colour' of your own",
        )
        there = read_inventory(request)
        assert [scene.name for scene in there.scenes] == ["Main", "Other", CLOSE]
        assert sources(request, CLOSE) == ["Other colour"] and sources(request, "Main") == ["Main colour"]
        assert there.program == CLOSE


def test_obs_keeps_a_scene_when_ours_are_the_only_ones(make_obs: MakeObs) -> None:
    with make_obs() as obs, asking(obs) as request:
        set_up(request)
        for scene in ("Main", "Other"):
            request("RemoveScene", {"sceneName": scene})
        until_s = time.monotonic() + PATIENCE_S
        while len(read_inventory(request).scenes) > 2:
            assert time.monotonic() < until_s, "OBS does not let go of a scene"
            time.sleep(0.02)
        (warning,) = remove(request).warnings
        (left,) = read_inventory(request).scenes
        assert left.ours and not left.items and repr(left.name) in warning
        set_up(request)


def test_what_the_user_grouped_is_found_and_removed(make_obs: MakeObs) -> None:
    obs = make_obs().start()
    with asking(obs) as request:
        set_up(request)
    obs.stop()
    file = json.loads(saved(obs))
    scene = next(source for source in file["sources"] if source["name"] == CLOSE)
    items = scene["settings"]["items"]
    inside = {"custom_size": True, "cx": 1280, "cy": 720, "id_counter": 9, "items": items}
    group = {**scene, "id": "group", "versioned_id": "group", "name": "Group", "settings": inside}
    file["groups"] = [{**group, "private_settings": {}, "uuid": "0ddba11"}]
    scene["settings"]["items"] = [{**items[0], "name": "Group", "id": 10, "bounds_type": 0}]
    obs.collection_path.write_text(json.dumps(file), encoding="utf-8")
    obs.restart()
    with asking(obs) as request:
        there = read_inventory(request)
        assert [item.source for item in there.groups[0].items] == [MAIN, LABEL]
        assert plan(request) == Plan("rig")
        assert "'Group'" in remove(request).warnings[0]
        there = read_inventory(request)
        assert there.groups[0].items == () and not [one for one in there.inputs if one.ours]


class Quarters(FakeEngine):
    """Each View is four flat colours, other ones for each View; nothing that JPEG could blur."""

    def picture(self, view: str) -> npt.NDArray[np.uint8]:
        image = np.empty((180, 320, 3), np.uint8)
        for number, colour in enumerate(colours(view)):
            image[number // 2 * 90 :][:90, number % 2 * 160 :][:, :160] = colour
        return image


def colours(view: str) -> list[tuple[int, int, int]]:
    first = [(40, 40, 200), (40, 180, 40), (200, 60, 40), (190, 190, 190)]
    return first if view == "main" else first[::-1]


def seen_quarters(obs: ObsRig, scene: str) -> npt.NDArray[np.int16]:
    picture = obs.screenshot(scene)
    assert picture.shape == (720, 1280, 3)
    corners = [picture[y, x] for y in (160, 520) for x in (320, 960)]
    return np.array(corners, np.int16)


def wait_for_quarters(obs: ObsRig, scene: str, view: str) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while np.abs(seen_quarters(obs, scene) - colours(view)).max() > 12:
        assert time.monotonic() < until_s, f"{scene} shows {seen_quarters(obs, scene).tolist()}"
        time.sleep(0.1)


def test_the_scenes_show_the_pictures_of_their_views(obs_clean: ObsRig) -> None:
    engine = Quarters("main", "wide")
    engine.run(30)
    with asking(obs_clean) as request:
        with serving(engine) as server:
            set_up(request, url=server.url)
            wait_for_quarters(obs_clean, CLOSE, "main")
            wait_for_quarters(obs_clean, WIDE, "wide")
            flat = obs_clean.screenshot(CLOSE)
            request("SetInputSettings", {"inputName": LABEL, "inputSettings": {"text": "Ana"}})
            until_s = time.monotonic() + PATIENCE_S
            while (difference := label_box(flat, obs_clean.screenshot(CLOSE))) is None:
                assert time.monotonic() < until_s, "the label is not to be seen"
            left, top, right, bottom = difference
            assert 20 < left < right < 400 and 600 < top < bottom < 720
        elsewhere = Quarters("main", "wide")
        elsewhere.run(30)
        with serving(elsewhere) as server:
            apply(plan(request, url=server.url), request)
            until_s = time.monotonic() + PATIENCE_S
            while not elsewhere.streams["main"].viewers:
                assert time.monotonic() < until_s, "OBS does not look at the new address"
                time.sleep(0.1)
            wait_for_quarters(obs_clean, CLOSE, "main")


def label_box(before: npt.NDArray[np.uint8], after: npt.NDArray[np.uint8]) -> tuple[int, ...] | None:
    changed = np.abs(after.astype(np.int16) - before).max(axis=2) > 40
    if not changed.any():
        return None
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]), int(rows[-1])


def test_a_camera_that_is_not_there_is_told_and_stream_instead_finishes_the_job(obs_clean: ObsRig) -> None:
    camera = ObsPreset(scene=SCENES, feed="camera", camera="no such camera")
    with asking(obs_clean) as request:
        with pytest.raises(ObsError, match=r"OBS sees no camera 'no such camera'; start jikcam first"):
            apply(plan(request, camera), request)
        set_up(request)
        assert sources(request, CLOSE) == [MAIN, LABEL]
        feed = read_inventory(request).input(MAIN)
        assert feed is not None and feed.kind == "ffmpeg_source"


def test_a_label_that_is_switched_off_goes_and_comes_again(obs_clean: ObsRig) -> None:
    silent = ObsPreset(scene=SCENES, label=ObsLabelPreset(enabled=False))
    with asking(obs_clean) as request:
        set_up(request)
        request("CreateSceneItem", {"sceneName": "Other", "sourceName": LABEL})
        set_up(request, silent)
        assert sources(request, CLOSE) == [MAIN] and sources(request, "Other") == ["Other colour"]
        set_up(request)
        assert sources(request, CLOSE) == [MAIN, LABEL]
