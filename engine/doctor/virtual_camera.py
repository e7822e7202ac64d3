"""The virtual camera as the doctor sees it: what the system lacks, else whether it opens."""

from __future__ import annotations

from collections.abc import Callable

from engine.doctor.finding import Finding
from engine.geometry import Size
from virtualcam.device import DeviceSink
from virtualcam.health import NAME, Health, check
from virtualcam.sink import SinkError

#: The size and rate tried.
TRIED = Size(1280, 720)
TRIED_FPS = 30.0
_WITHOUT = "(OBS needs none: it can show the control page's stream)"


def check_virtual_camera(
    look: Callable[[], list[Health]] = check, attempt: Callable[[], str] | None = None
) -> list[Finding]:
    """What the system lacks, each with its fix; when nothing is amiss with the driver, whether it opens.

    Args:
        look: gives the state of driver and devices.
        attempt: opens a camera and closes it; gives its name or raises SinkError.
    """
    found = look()
    amiss = [Finding(h.name, False, h.text) for h in found if not h.ok]
    if any(finding.name == NAME for finding in amiss):
        first, *rest = amiss
        return [Finding(NAME, False, f"{first.text} {_WITHOUT}"), *rest]
    try:
        name = (attempt or open_and_close)()
    except SinkError as error:
        return [Finding(NAME, False, f"{error} {_WITHOUT}"), *amiss]
    have = "; ".join(h.text for h in found if h.ok)
    return [Finding(NAME, True, f"{name} opens ({have})"), *amiss]


def open_and_close() -> str:
    """Open the first free virtual camera and close it; its name.

    Raises:
        SinkError: none opens.
    """
    sink = DeviceSink(TRIED, TRIED_FPS)
    name = sink.name
    sink.close()
    return name
