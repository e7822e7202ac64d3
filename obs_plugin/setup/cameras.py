"""Which of the cameras that OBS lists is jikcam's."""

from __future__ import annotations

from collections.abc import Mapping

from obs_plugin.errors import ObsError

#: How virtual cameras name themselves that jikcam sends to when none is named; v4l2loopback's is our choice.
VIRTUAL_CAMERAS = ("jikcam", "obs virtual camera", "unity video capture")


def find_camera(devices: Mapping[str, str], address: str) -> str:
    """The itemValue of the camera that is meant.

    Args:
        devices: name by itemValue, as OBS lists them.
        address: itemValue or name; "" = whichever looks like jikcam's. A path is taken as it is: its device
            may come later.

    Raises:
        ObsError: OBS lists none like it.
    """
    if address in devices or address.startswith("/"):
        return address
    for value, name in devices.items():
        if address and name.casefold() == address.casefold():
            return value
    if not address:
        for known in VIRTUAL_CAMERAS:
            for value, name in devices.items():
                if known in name.casefold():
                    return value
    seen = ", ".join(name for name in devices.values() if name) or "none"
    raise ObsError(
        f"OBS sees no camera {address!r}" if address else "OBS sees no virtual camera of jikcam's",
        f"start jikcam first, or set camera in [obs] to one that OBS sees ({seen}), "
        'or feed = "stream", which needs none',
    )
