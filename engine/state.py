"""What the running engine tells and is told: the vocabulary of the control API and of the shot log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from engine.direction.target import CameraMode, LockState, TargetRequest
from engine.geometry import Box, Shot, Size
from engine.people import Skeleton
from engine.presets.area import AreaPreset
from virtualcam.mjpeg import MjpegSink


@dataclass(frozen=True, slots=True)
class PersonState:
    """Somebody visible in the wide picture.

    Attributes:
        id: of the person; stays theirs through hiding, crossing and coming back.
        sure: that this is that person, 0 to 1.
        track: whom the tracker follows there; changes when it loses and finds them.
        name: of an enrolled person; empty for somebody anonymous.
        reason: what that rests on or why it is low, in a few words.
        skeleton: key points in the same picture, while they are fresh.
    """

    id: int
    box: Box
    sure: float
    seen_s_ago: float
    track: int
    name: str = ""
    reason: str = ""
    skeleton: Skeleton | None = None


@dataclass(frozen=True, slots=True)
class ViewState:
    """One View at one picture.

    Attributes:
        size: output pixels.
        person: id of the chosen person, or None.
        lock_for_s: how long the lock state has lasted.
        sinks: name -> "ok" or what is wrong with it.
        mode: who moves the camera.
        label: the person's name, with a question mark while it is not sure where they are.
        sure: that the person is where the View believes, 0 to 1.
        reason: why the lock stands as it does, in a few words; may be empty.
        previewed: id of the person whom ``take`` would go to, or None.
        guarded: changes on air are refused until it is lifted.
        delay_s: how much older than the newest picture the shown one is; all of the above is as of that one.
    """

    name: str
    size: Size
    lock: LockState
    lock_for_s: float
    person: int | None
    label: str
    sure: float
    shot: Shot
    sinks: Mapping[str, str] = field(default_factory=dict)
    mode: CameraMode = CameraMode.FOLLOW
    reason: str = ""
    previewed: int | None = None
    guarded: bool = False
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class EngineState:
    """The whole engine at one picture.

    Attributes:
        preset_revision: counts the changes of the running preset.
        members: names of everybody enrolled, in the order in which MEMBER counts, here or not.
    """

    time_s: float
    frame_index: int
    source: str
    source_size: Size
    source_status: str
    perception_status: str
    people: tuple[PersonState, ...]
    views: tuple[ViewState, ...]
    preset_revision: int = 0
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """Who was where in one picture of the source, for those who look at it a little later.

    Attributes:
        views: as they stood when that picture came; the shot of a View that shows late is of the older
            picture that it showed then (``delay_s``).
    """

    people: tuple[PersonState, ...]
    views: tuple[ViewState, ...]


@dataclass(frozen=True, slots=True)
class StageTiming:
    """Milliseconds that one stage took, over the last few seconds."""

    name: str
    count: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float


@dataclass(frozen=True, slots=True)
class EngineMetrics:
    """Counters since the start and stage times of late."""

    uptime_s: float
    pictures: int
    late_pictures: int
    source_frames: int
    dropped_frames: int
    repeated_pictures: int
    observations: int
    perception_hz: float
    memory_mb: float
    stages: tuple[StageTiming, ...]


class EngineControl(Protocol):
    """What the control API may do with a running engine. Every method is safe from any thread.

    The commands take effect at the next picture. They raise JikcamError when the View, the person, the
    point or the value is no good; then nothing has changed.
    """

    def state(self) -> EngineState: ...

    def metrics(self) -> EngineMetrics: ...

    def set_target(self, view: str, request: TargetRequest) -> None: ...

    def claim(self, view: str, request: TargetRequest) -> None:
        """Believe the user that the View's own person is the one whom ``request`` (POINT, BOX) means."""
        ...

    def preview(self, view: str, request: TargetRequest) -> None:
        """Choose who is shown next in that View; its picture stays. NONE takes the choice back."""
        ...

    def take(self, view: str, how: str | None) -> None:
        """Show who was previewed. ``how``: "cut" or "move"; None = as the View is configured."""
        ...

    def set_guard(self, view: str, on: bool) -> None:
        """Refuse every change on air in that View but the way to the wide picture, or allow them again."""
        ...

    def enrol(self, person: int, name: str) -> None:
        """Give a person a name and remember their looks from now on."""
        ...

    def forget(self, name: str) -> None:
        """Take a name, and all that is remembered under it, back."""
        ...

    def thumbnail(self, person: int) -> bytes | None:
        """A JPEG of that person as last seen well; None when there is none."""
        ...

    def set_mode(self, view: str, mode: CameraMode) -> None: ...

    def set_view(self, view: str, changes: Mapping[str, Any]) -> None:
        """Change preset values of one View (keys as in the preset's ``[[view]]`` table)."""
        ...

    def preset_text(self) -> str:
        """The running preset as TOML."""
        ...

    def preset_values(self) -> dict[str, Any]:
        """The running preset with every default, as JSON values."""
        ...

    def apply_preset(self, text: str) -> list[str]:
        """Apply a TOML preset; returns the keys whose change needs a restart."""
        ...

    def mjpeg(self, view: str) -> MjpegSink | None:
        """The stream of that View, or None when there is no such View."""
        ...

    def wide(self) -> MjpegSink:
        """The source's pictures, small; ``Jpeg.index`` is the source picture's (``frame_index``)."""
        ...

    def moment(self, frame_index: int) -> Moment | None:
        """Who was where in that picture; None when it is older than three seconds, or never was."""
        ...

    def set_area(self, area: AreaPreset) -> None:
        """Where people count from now on; it stands in the running preset as well."""
        ...

    def now_s(self) -> float:
        """The clock by which pictures are stamped (``Frame.time_s``, ``Jpeg.time_s``), now."""
        ...
