"""What the API answers, as pydantic models: the document is made of them and tests hold the API to it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from engine.direction.target import CameraMode, LockState


class Answer(BaseModel):
    """An answer in JSON."""

    model_config = ConfigDict(extra="forbid", strict=True, use_enum_values=True)


class Problem(Answer):
    """Every error: one line that says what to do."""

    error: str


class Done(Answer):
    """It is done."""

    ok: Literal[True]


class Restart(Answer):
    """It is done, but for what needs a restart."""

    ok: Literal[True]
    restart: list[str] = Field(description="keys whose change a running show can't take up")


class Time(Answer):
    """The clock that pictures are stamped with."""

    now_s: float


Lengths = list[float | None]


class Person(Answer):
    """Somebody visible in the wide picture."""

    id: int
    box: Lengths = Field(min_length=4, max_length=4, description="x, y, width, height in source pixels")
    track: int
    name: str = Field(description="empty for somebody anonymous")
    sure: float | None = Field(description="that this is that person, 0 to 1")
    reason: str
    seen_s_ago: float | None


class ViewNow(Answer):
    """One View."""

    name: str
    size: list[int] = Field(min_length=2, max_length=2, description="of its picture, in pixels")
    lock: str = Field(json_schema_extra={"enum": [state.value for state in LockState]})
    lock_for_s: float | None
    reason: str
    person: int | None
    label: str
    sure: float | None
    shot: Lengths = Field(min_length=4, max_length=4, description="x, y, width, height in source pixels")
    sinks: dict[str, str] = Field(description='name -> "ok" or what is wrong with it')
    mode: str = Field(json_schema_extra={"enum": [mode.value for mode in CameraMode]})
    previewed: int | None
    guarded: bool
    delay_s: float | None
    operator: str | None
    feel: str | None
    choice: bool = Field(description="viewers of this View may go over to other Views")


class ObsNow(Answer):
    """The OBS controller."""

    state: str
    text: str
    scene: str | None
    scenes: str
    release: int


class State(Answer):
    """The engine at one picture."""

    time_s: float | None
    frame_index: int
    source: str
    source_size: list[int] = Field(min_length=2, max_length=2)
    source_status: str
    perception_status: str
    people: list[Person]
    views: list[ViewNow]
    members: list[str] = Field(description="everybody enrolled, here or not")
    preset_revision: int
    obs: ObsNow | None


class RunningPreset(Answer):
    """A preset as text and with every default."""

    toml: str
    values: dict[str, Any]


class Listed(Answer):
    """One preset of the library."""

    name: str
    shipped: bool


class Library(Answer):
    """All presets."""

    presets: list[Listed]
    running: str = Field(description="name of the one loaded or saved last; empty where it has none")


class Difference(Answer):
    """One key that two presets disagree on; null stands for a table or View that one of them lacks."""

    key: str
    running: Any
    saved: Any


class Differences(Answer):
    """What loading a preset would change."""

    differences: list[Difference]


class Loaded(Answer):
    """A preset is running."""

    restart: list[str] = Field(description="keys whose change a running show can't take up")


class ViewerRow(Answer):
    """One viewer over WebRTC; null is what neither the sender nor the page knows."""

    id: str = Field(description="the beginning of the session's id")
    view: str | None
    codec: str | None
    width: int | None
    height: int | None
    state: str | None
    since_s: float | None
    moved: int | None = Field(description="how often it went to another rendition")
    packets_lost: int | None
    packets_unrecovered: int | None
    nack: int | None
    key_frame_interval_s: float | None
    rtt_ms: float | None
    delay_ms: float | None = Field(description="from capture to display")
    kbps: float | None
    jitter_buffer_ms: float | None
    fps: float | None
    freezes: int | None


class ViewersOfView(Answer):
    """Who watches a View over WebRTC."""

    name: str
    viewers: list[ViewerRow]


class Stage(Answer):
    """Milliseconds that one stage took, over the last few seconds."""

    name: str
    count: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None


class Process(Answer):
    """One process."""

    cpu_percent: float | None = Field(description="of one core; null at first")
    memory_mb: float | None


class StreamingProcess(Process):
    """The one that encodes and sends."""

    status: str = Field(description="empty when all is well")


class Stats(Answer):
    """How well it all works."""

    views: list[ViewersOfView]
    renditions: list[dict[str, Any]] = Field(description="of each encoder at work")
    publishers: list[dict[str, Any]] = Field(description="of each WHIP target")
    cameras: list[dict[str, Any]] = Field(description="of each camera that sends its picture here")
    stages: list[Stage]
    process: Process = Field(description="of the engine")
    streaming: StreamingProcess
