"""Carry out a plan in the running OBS."""

from __future__ import annotations

import time
from collections.abc import Callable

from obs_plugin.errors import ObsError, ObsRequestError
from obs_plugin.kinds import camera_device_key
from obs_plugin.setup.cameras import find_camera
from obs_plugin.setup.inventory import NOT_FOUND, Request, read_devices
from obs_plugin.setup.steps import CREATED, Call, Plan, PointCamera, Step

#: OBS lets go of a removed name within some frames; longer, and it does not.
GONE_S = 5.0
POLL_S = 0.02
AGAIN = "run the same command again; what is done is not done twice"


def apply(
    plan: Plan,
    request: Request,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Do what a plan says. Where it breaks off, a new plan has what is left to do.

    Args:
        request: asks OBS (``Link.request``).
        clock, sleep: seconds.

    Raises:
        ObsError: a step could not be done; the steps before it are.
    """
    if not plan.steps:
        return
    if request("GetSceneCollectionList", None)["currentSceneCollectionName"] != plan.collection:
        raise ObsError(f"OBS has left the scene collection {plan.collection!r}", AGAIN)
    for step in plan.steps:
        try:
            _do(step, request)
            _wait_gone(step, request, clock() + GONE_S, clock, sleep)
        except ObsError as error:
            raise ObsError(f"could not {step.text}: {error.problem}", error.fix or AGAIN) from error


def _do(step: Step, request: Request) -> None:
    created = None
    for action in step.actions:
        if isinstance(action, PointCamera):
            device = find_camera(read_devices(request, action.input, action.kind), action.address)
            settings = {camera_device_key(action.kind): device}
            request("SetInputSettings", {"inputName": action.input, "inputSettings": settings})
            continue
        data = {key: created if value is CREATED else value for key, value in action.data.items()}
        created = _ask(action, data, request).get("sceneItemId", created)


def _ask(call: Call, data: dict[str, object], request: Request) -> dict[str, object]:
    try:
        return request(call.kind, data)
    except ObsRequestError as error:
        # What is to go may be gone already, and whether a scene was drawn shows in what OBS has let go of.
        if (call.kind.startswith("Remove") and error.code == NOT_FOUND) or call.kind == "GetSourceScreenshot":
            return {}
        raise


def _wait_gone(
    step: Step,
    request: Request,
    until_s: float,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> None:
    while step.gone:
        left = {str(scene["sceneName"]) for scene in request("GetSceneList", None)["scenes"]}
        left |= {str(one["inputName"]) for one in request("GetInputList", None)["inputs"]}
        if left.isdisjoint(step.gone):
            return
        if clock() > until_s:
            raise ObsError("OBS holds on to it", "restart OBS, then " + AGAIN)
        sleep(POLL_S)
