"""The director's delay in the real OBS: what jikcam has set is known again after a restart, and set back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.presets import ObsPreset
from obs_plugin.delays import Delays
from obs_plugin.setup import Request
from tests.real.obs_rig import ObsRig
from tests.real.test_obs_setup import asking

pytestmark = pytest.mark.real

PRESET = ObsPreset(delay_audio=("Media",), delay_sources=("Media", "Main colour"))


def _found(request: Request) -> tuple[int, int | None, int | None]:
    """The offset of the sound, and the delays of both pictures, in ms."""
    offset = request("GetInputAudioSyncOffset", {"inputName": "Media"})["inputAudioSyncOffset"]
    return int(offset), _late(request, "Media"), _late(request, "Main colour")


def _late(request: Request, source: str) -> int | None:
    filters = request("GetSourceFilterList", {"sourceName": source})["filters"]
    assert len(filters) <= 1
    return int(filters[0]["filterSettings"]["delay_ms"]) if filters else None


def test_a_delay_is_known_again_after_obs_was_quit_with_it(make_obs: Callable[..., ObsRig]) -> None:
    rig = make_obs().start()
    with asking(rig) as request:
        media = {"inputName": "Media", "inputKind": "ffmpeg_source", "inputSettings": {}}
        request("CreateInput", {"sceneName": "Main", **media})
        request("SetInputAudioSyncOffset", {"inputName": "Media", "inputAudioSyncOffset": 30})
        delays = Delays(request, PRESET)
        delays.keep(400)
        assert (_found(request), delays.problems) == ((430, 400, 400), ())
    rig.restart()
    with asking(rig) as request:
        assert _found(request) == (430, 400, 400)
        delays = Delays(request, PRESET)
        delays.keep(750)
        assert _found(request) == (780, 750, 500)
        assert delays.problems == ("OBS delays 'Main colour' by 500 ms at most, not by 750 ms",)
        delays.keep(0)
        assert (_found(request), delays.problems) == ((30, None, None), ())


def test_what_was_set_by_hand_stays_so_after_a_restart(make_obs: Callable[..., ObsRig]) -> None:
    rig = make_obs().start()
    with asking(rig) as request:
        media = {"inputName": "Media", "inputKind": "ffmpeg_source", "inputSettings": {}}
        request("CreateInput", {"sceneName": "Main", **media})
        Delays(request, PRESET).keep(400)
        request("SetInputAudioSyncOffset", {"inputName": "Media", "inputAudioSyncOffset": 450})
    rig.restart()
    with asking(rig) as request:
        delays = Delays(request, PRESET)
        for wanted_ms in (400, 0):
            delays.keep(wanted_ms)
            assert _found(request)[0] == 450 and "set by hand" in delays.problems[0]
