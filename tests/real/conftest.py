"""The real OBS the tests share, and further ones for tests that kill, restart or seed their own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import obsws_python
import pytest

from tests.obs_fake import FakeObs
from tests.obs_wire import ALL_AND_STATES, Wire
from tests.real.obs_rig import ObsRig, need_obs
from tests.real.obs_seed import colour_name

_GONE_S = 5.0


@pytest.fixture(scope="session")
def obs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObsRig]:
    """One OBS for the whole run, scenes "Main" (on program) and "Other"; leave it as you found it.

    With pytest-xdist each worker has its own. A test that adds anything takes `obs_clean` instead.
    """
    need_obs()
    rig = ObsRig(tmp_path_factory.mktemp("obs"))
    with rig:
        yield rig
    code = rig.stop()
    assert code == 0, f"OBS quit with {code}:\n{rig.log_text()[-4000:]}"


@pytest.fixture
def obs_clean(obs: ObsRig) -> Iterator[ObsRig]:
    """The shared OBS; what the test has added is removed afterwards and "Main" is on program again."""
    yield obs
    with obs.client() as client:
        _clean(client, obs.scenes)


@pytest.fixture
def make_obs(tmp_path: Path) -> Iterator[Callable[..., ObsRig]]:
    """Makes further OBS, not started yet, with ObsRig's keyword arguments; each is stopped after the test."""
    need_obs()
    rigs: list[ObsRig] = []

    def make(**choices: Any) -> ObsRig:
        rigs.append(ObsRig(tmp_path / f"obs{len(rigs)}", **choices))
        return rigs[-1]

    yield make
    for rig in rigs:
        rig.stop()


@dataclass(frozen=True, slots=True)
class Side:
    """Where one of the two, the fake OBS or the real one, listens."""

    port: int
    password: str


@pytest.fixture(params=[pytest.param("fake"), pytest.param("real", marks=pytest.mark.real)])
def side(request: pytest.FixtureRequest) -> Iterator[Side]:
    """For contract tests: once a fake OBS, once the shared real one, cleaned afterwards."""
    if request.param == "real":
        rig: ObsRig = request.getfixturevalue("obs_clean")
        yield Side(rig.port, rig.password)
    else:
        with FakeObs("the fake's password") as fake:
            yield Side(fake.port, fake.password)


@pytest.fixture
def wire(side: Side) -> Iterator[Wire]:
    """A client of `side` that gets all events but the volume meters."""
    with Wire(side.port, side.password, ALL_AND_STATES) as wire:
        yield wire


def _clean(client: obsws_python.ReqClient, scenes: tuple[str, ...]) -> None:
    client.set_current_program_scene(scenes[0])
    seeded = {colour_name(scene) for scene in scenes}
    # Items before inputs: an input removed first stays, and keeps its name, in each scene that isn't on air.
    for scene in scenes:
        for item in client.get_scene_item_list(scene).scene_items:
            if item["sourceName"] != colour_name(scene):
                client.remove_scene_item(scene, item["sceneItemId"])
            elif not item["sceneItemEnabled"]:
                client.set_scene_item_enabled(scene, item["sceneItemId"], True)
    for scene in _scenes(client) - set(scenes):
        client.remove_scene(scene)
    # OBS lets go of what nothing shows any more some frames later.
    until_s = time.monotonic() + _GONE_S
    while _scenes(client) != set(scenes) or _inputs(client) != seeded:
        if time.monotonic() > until_s:
            raise RuntimeError(f"OBS still has {_scenes(client)} and {_inputs(client)}")
        time.sleep(0.02)


def _scenes(client: obsws_python.ReqClient) -> set[str]:
    return {scene["sceneName"] for scene in client.get_scene_list().scenes}


def _inputs(client: obsws_python.ReqClient) -> set[str]:
    return {source["inputName"] for source in client.get_input_list().inputs}
