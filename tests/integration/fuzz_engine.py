"""An engine made of nothing but with true presets, so that what is fuzzed gets as far as in a real one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.direction.target import TargetRequest
from engine.errors import JikcamError
from engine.presets import AreaPreset, Preset, changes, dump_preset, parse_preset, with_members
from engine.presets.convert import change_view
from tests.integration.control_rig import FakeEngine
from virtualcam.webrtc.messages import Answer, AskClock, End, Measures, Push, RefusedError, RtpClock, Watch

PRESET = """
[[view]]
name = "main"
shot = "full"
[[view]]
name = "tall"
aspect = "9:16"
"""


class PresetEngine(FakeEngine):
    """What a preset may be is judged as in LiveEngine; targets may be anybody."""

    def __init__(self) -> None:
        super().__init__("main", "tall")
        self._running_preset: Preset = parse_preset(PRESET, "test")
        self.thumbnails[1] = b"\xff\xd8\xff\xd9"

    def set_target(self, view: str, request: TargetRequest) -> None:
        super().set_target(view, request)
        self.calls.clear()

    def set_view(self, view: str, changes: Mapping[str, Any]) -> None:
        self._use(change_view(self._running_preset, view, changes))

    def set_area(self, area: AreaPreset) -> None:
        self._use(self._running_preset.model_copy(update={"area": area}))

    def preset_text(self) -> str:
        return dump_preset(self._running_preset)

    def preset_values(self) -> dict[str, Any]:
        return self._running_preset.model_dump(mode="json")

    def apply_preset(self, text: str) -> list[str]:
        preset = with_members(parse_preset(text, "the preset"), self.members)
        if {view.name for view in preset.view} != {view.name for view in self.views}:
            raise JikcamError("the preset has other Views")
        _, restart = changes(self._running_preset, preset)
        self._use(preset)
        return restart

    def _use(self, preset: Preset) -> None:
        self._running_preset = preset
        self.revision += 1


class ShortStreaming:
    """Stands for StreamHost: sessions have short ids, so that chance finds them."""

    def __init__(self) -> None:
        self._sessions: dict[str, str] = {}
        self._number = 0

    async def call(self, request: object) -> Any:
        match request:
            case Watch(view=name) | Push(camera=name):
                self._number = (self._number + 1) % 3
                self._sessions[str(self._number)] = name
                return Answer(str(self._number), "v=0\r\n")
            case End(id=session):
                return self._sessions.pop(session, None) is not None
            case AskClock(id=session):
                if session not in self._sessions:
                    raise RefusedError(404, "there is no such viewer")
                return RtpClock(90_000, 1.0)
            case _:
                viewers = {session: {"view": view} for session, view in self._sessions.items()}
                return Measures(viewers, [], [], [], 1.0, 50.0)
