"""SetSceneItemTransform: which values a transform may have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.obs_fake_fields import Fields, RequestRefusedError, Status

#: Lowest and highest value of each number.
_LIMITS: Mapping[str, tuple[float, float]] = {
    "positionX": (-90001, 90001),
    "positionY": (-90001, 90001),
    "rotation": (-360, 360),
    "scaleX": (float("-inf"), float("inf")),
    "scaleY": (float("-inf"), float("inf")),
    "alignment": (0, 4294967295),
    "boundsAlignment": (0, 4294967295),
    "boundsWidth": (1, 90001),
    "boundsHeight": (1, 90001),
    "cropLeft": (0, 100000),
    "cropRight": (0, 100000),
    "cropTop": (0, 100000),
    "cropBottom": (0, 100000),
}
_WHOLE = ("alignment", "boundsAlignment", "cropLeft", "cropRight", "cropTop", "cropBottom")
_LONGEST_PX = 90001.0
_BOUNDS = (
    "OBS_BOUNDS_NONE",
    "OBS_BOUNDS_STRETCH",
    "OBS_BOUNDS_SCALE_INNER",
    "OBS_BOUNDS_SCALE_OUTER",
    "OBS_BOUNDS_SCALE_TO_WIDTH",
    "OBS_BOUNDS_SCALE_TO_HEIGHT",
    "OBS_BOUNDS_MAX_ONLY",
)


def checked_changes(wanted: Mapping[str, Any], size: tuple[float, float]) -> dict[str, Any]:
    """The values a client wants changed, unknown names left out.

    Args:
        wanted: the request's sceneItemTransform.
        size: of the source, width and height in px.

    Raises:
        RequestRefusedError: a value is of the wrong type or out of range, or nothing is left to change.
    """
    fields = Fields(dict(wanted))
    changes: dict[str, Any] = {}
    for name, (low, high) in _LIMITS.items():
        value = fields.optional_number(name, low, high)
        if value is None:
            continue
        if name in ("scaleX", "scaleY"):
            length = value * size[name == "scaleY"]
            if not -_LONGEST_PX < length < _LONGEST_PX:
                raise RequestRefusedError(
                    Status.OUT_OF_RANGE,
                    f"The field `{name}` is too small or large for the current source resolution.",
                )
        changes[name] = int(value) if name in _WHOLE else float(value)
    bounds = fields.optional_text("boundsType")
    if bounds is not None:
        if bounds not in _BOUNDS:
            raise RequestRefusedError(Status.INVALID_FIELD, "The field `boundsType` has an invalid value.")
        changes["boundsType"] = bounds
    if not changes:
        raise RequestRefusedError(Status.CANNOT_ACT, "You have not provided any valid transform changes.")
    return changes
