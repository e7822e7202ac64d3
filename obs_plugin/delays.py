"""The director's delay in OBS: what else is heard and seen comes as late as jikcam's picture.

Sound is delayed by its sync offset, other pictures by a filter. Each bears a mark that says what jikcam has
set and what was there before; OBS saves it together with the value. So nothing is ever delayed twice, whoever
crashes in between, and what somebody has set by hand is told apart and left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from engine.presets import ObsPreset
from obs_plugin.errors import ObsRequestError
from obs_plugin.facts import Facts
from obs_plugin.setup import Request
from obs_plugin.setup.inventory import NOT_FOUND
from obs_plugin.setup.steps import Call, Step

FILTER = "jikcam delay"
#: In the private settings of an input, in the order of ``Mark``.
MARK_KEYS = ("jikcam own offset_ms", "jikcam old offset_ms", "jikcam offset_ms")
#: In the settings of the filter: the delay that jikcam has set.
FILTER_KEY = "jikcam delay_ms"
#: Of a sync offset, by the protocol.
MOST_OFFSET_MS = 20_000
#: Kinds of filters that delay a picture, the better first, and how far each goes. "Video Delay (Async)" is
#: for cameras and media only; "Render Delay" is for everything, and keeps its pictures in graphics memory.
FILTERS: Mapping[str, int] = {"async_delay_filter": 20_000, "gpu_delay": 500}


class Mark(NamedTuple):
    """What jikcam knows of an input's sync offset, in ms: the user's own, and the last two that were set."""

    own_ms: int
    was_ms: int
    set_ms: int

    def settings(self) -> dict[str, int]:
        """As it is kept in OBS."""
        return dict(zip(MARK_KEYS, self, strict=True))


def delay_ms(facts: Facts, preset: ObsPreset, first_view: str) -> int | None:
    """How late jikcam's picture is in OBS: the latest of the Views that its scenes there show.

    One delay for all: the sound would stumble if it changed with every scene.

    Returns:
        None while the engine does not tell.
    """
    shown = {scene.view or first_view for scene in preset.scene}
    told = [view.delay_s for view in facts.views if view.name in shown]
    return round(max(told) * 1000) if told else None


class Delays:
    """Keeps the sources that the user names as late as jikcam's picture. For one connection.

    Args:
        request: asks OBS (``Link.request``).
        preset: the [obs] table.
    """

    def __init__(self, request: Request, preset: ObsPreset) -> None:
        self._request = request
        self._preset = preset
        self._kept_ms: int | None = None
        self._made: set[str] = set()
        self._problems: list[str] = []

    @property
    def problems(self) -> tuple[str, ...]:
        """What can't be delayed, a line each."""
        return tuple(self._problems)

    def look_again(self) -> None:
        """OBS's sources have changed: one that was missing may be there."""
        self._kept_ms = None

    def keep(self, wanted_ms: int) -> None:
        """Have all sources ``wanted_ms`` late; asks OBS nothing while they are. 0 = as before jikcam.

        Raises:
            ObsError: OBS is away. What it refuses is in ``problems``.
        """
        if wanted_ms == self._kept_ms:
            return
        self._problems.clear()
        for name in self._preset.delay_audio:
            self._try(self._delay_sound, name, wanted_ms)
        for name in self._preset.delay_sources:
            self._try(self._delay_picture, name, wanted_ms)
        self._kept_ms = wanted_ms

    def _try(self, delay: Callable[[str, int], None], name: str, wanted_ms: int) -> None:
        try:
            delay(name, wanted_ms)
        except ObsRequestError as error:
            if error.code == NOT_FOUND:
                self._problems.append(f"{name!r}, which is to be delayed, is not in OBS")
            else:
                self._problems.append(f"{name!r} can't be delayed: {error}")

    def _delay_sound(self, name: str, wanted_ms: int) -> None:
        now_ms = _offset_ms(self._request, name)
        mark = _read_mark(self._request, name)
        if mark and now_ms not in mark:
            self._problems.append(
                f"the sync offset of {name!r} was set by hand and stays {now_ms} ms; "
                f"at {mark.own_ms} ms jikcam sets it again"
            )
            return
        own_ms = mark.own_ms if mark else now_ms
        new_ms = min(own_ms + wanted_ms, MOST_OFFSET_MS)
        if new_ms == now_ms and (mark is None or mark.set_ms == new_ms):
            return
        # Both values are in the mark while one becomes the other: wherever this breaks off, it is known.
        self._mark(name, Mark(own_ms, now_ms, new_ms))
        self._request("SetInputAudioSyncOffset", {"inputName": name, "inputAudioSyncOffset": new_ms})
        self._mark(name, Mark(own_ms, new_ms, new_ms))

    def _mark(self, name: str, mark: Mark) -> None:
        self._request("SetSourcePrivateSettings", {"sourceName": name, "sourceSettings": mark.settings()})

    def _delay_picture(self, name: str, wanted_ms: int) -> None:
        found = _filter(self._request, name)
        if found is None:
            if name in self._made:
                self._problems.append(f"the filter {FILTER!r} of {name!r} was removed by hand; it stays so")
            elif wanted_ms:
                self._make_filter(name, wanted_ms)
            return
        if not _is_ours(found):
            self._problems.append(f"the filter {FILTER!r} of {name!r} was set by hand and stays so")
        elif wanted_ms == 0:
            self._request("RemoveSourceFilter", {"sourceName": name, "filterName": FILTER})
            self._made.discard(name)
        else:
            most_ms = FILTERS[str(found["filterKind"])]
            self._made.add(name)
            settings = _filter_settings(min(wanted_ms, most_ms))
            named = {"sourceName": name, "filterName": FILTER}
            self._request("SetSourceFilterSettings", {**named, "filterSettings": settings, "overlay": True})
            self._tell_limit(name, wanted_ms, most_ms)

    def _make_filter(self, name: str, wanted_ms: int) -> None:
        for kind, most_ms in FILTERS.items():
            settings = _filter_settings(min(wanted_ms, most_ms))
            named = {"sourceName": name, "filterName": FILTER}
            self._request("CreateSourceFilter", {**named, "filterKind": kind, "filterSettings": settings})
            # OBS says yes to a filter that the source can't have, and does not add it.
            if _filter(self._request, name) is not None:
                self._made.add(name)
                self._tell_limit(name, wanted_ms, most_ms)
                return
        self._problems.append(f"{name!r} has no picture that can be delayed; name sound in delay_audio")

    def _tell_limit(self, name: str, wanted_ms: int, most_ms: int) -> None:
        if wanted_ms > most_ms:
            self._problems.append(f"OBS delays {name!r} by {most_ms} ms at most, not by {wanted_ms} ms")


def undelay_steps(request: Request) -> tuple[Step, ...]:
    """Steps that take away every delay that jikcam has left behind, as when OBS was quit before it.

    Raises:
        ObsError: OBS is away or refuses.
    """
    steps: list[Step] = []
    inputs = [str(one["inputName"]) for one in request("GetInputList", None)["inputs"]]
    scenes = [str(one["sceneName"]) for one in request("GetSceneList", None)["scenes"]]
    for name in (*inputs, *scenes):
        mark = _read_mark(request, name)
        if mark and _offset_ms(request, name) in (mark.was_ms, mark.set_ms):
            own_ms = mark.own_ms
            back = Call("SetInputAudioSyncOffset", {"inputName": name, "inputAudioSyncOffset": own_ms})
            none = {"sourceName": name, "sourceSettings": Mark(own_ms, own_ms, own_ms).settings()}
            unmark = Call("SetSourcePrivateSettings", none)
            steps.append(Step(f"set the sync offset of {name!r} back to {own_ms} ms", (back, unmark)))
        found = _filter(request, name)
        if found is not None and _is_ours(found):
            remove = Call("RemoveSourceFilter", {"sourceName": name, "filterName": FILTER})
            steps.append(Step(f"remove the filter {FILTER!r} of {name!r}", (remove,)))
    return tuple(steps)


def _offset_ms(request: Request, name: str) -> int:
    return int(request("GetInputAudioSyncOffset", {"inputName": name})["inputAudioSyncOffset"])


def _read_mark(request: Request, name: str) -> Mark | None:
    """None where jikcam has set nothing, or has set it back."""
    private = request("GetSourcePrivateSettings", {"sourceName": name})["sourceSettings"]
    values = [private.get(key) for key in MARK_KEYS]
    if not all(isinstance(value, int) for value in values):
        return None
    mark = Mark(*values)
    return mark if {mark.was_ms, mark.set_ms} != {mark.own_ms} else None


def _filter(request: Request, name: str) -> Mapping[str, Any] | None:
    """The filter of that source that has our name."""
    listed = request("GetSourceFilterList", {"sourceName": name})["filters"]
    return next((one for one in listed if one["filterName"] == FILTER), None)


def _is_ours(found: Mapping[str, Any]) -> bool:
    """Made by jikcam, and as jikcam has left it."""
    settings = found["filterSettings"]
    mark_ms = settings.get(FILTER_KEY)
    return found["filterKind"] in FILTERS and mark_ms is not None and mark_ms == settings.get("delay_ms")


def _filter_settings(ms: int) -> dict[str, int]:
    return {"delay_ms": ms, FILTER_KEY: ms}
