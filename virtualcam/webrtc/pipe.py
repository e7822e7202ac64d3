"""What goes through the pipe between the engine's process and the streaming process, besides the wishes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from virtualcam.webrtc.messages import (
    Answer,
    AskClock,
    End,
    Measure,
    Measures,
    Push,
    RefusedError,
    RtpClock,
    Watch,
)

Request = Watch | Push | End | AskClock | Measure
Reply = Answer | bool | RtpClock | Measures


@dataclass(frozen=True, slots=True)
class Asked:
    """To the child: a wish with the number its answer shall carry."""

    number: int
    request: Request


@dataclass(frozen=True, slots=True)
class Answered:
    """From the child: the answer to the wish of that number."""

    number: int
    reply: Reply | RefusedError


@dataclass(frozen=True, slots=True)
class AddView:
    """To the child: pictures of a View come over the ring of that name, at most ``fps`` in a second."""

    view: str
    fps: float
    ring: str


@dataclass(frozen=True, slots=True)
class RemoveView:
    """To the child: that View is gone."""

    view: str


@dataclass(frozen=True, slots=True)
class AddCamera:
    """To the child: who pushes as that camera is wanted in that ring, as BGR of that size."""

    camera: str
    width: int
    height: int
    ring: str


@dataclass(frozen=True, slots=True)
class RemoveCamera:
    """To the child: that camera is not wanted any more."""

    camera: str


@dataclass(frozen=True, slots=True)
class Ping:
    """To the child: are you well? Answered with Beat."""


@dataclass(frozen=True, slots=True)
class Leave:
    """To the child: end."""


@dataclass(frozen=True, slots=True)
class Ready:
    """From the child: it answers wishes from now on."""


@dataclass(frozen=True, slots=True)
class Beat:
    """From the child: it is well.

    Attributes:
        publishers: as in Measures.
    """

    publishers: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Watched:
    """From the child: so many viewers and publishers take that View now."""

    view: str
    watchers: int


@dataclass(frozen=True, slots=True)
class Pushed:
    """From the child: a new picture of that camera is in its ring."""

    camera: str


@dataclass(frozen=True, slots=True)
class CameraGone:
    """From the child: nobody pushes as that camera any more."""

    camera: str


@dataclass(frozen=True, slots=True)
class Said:
    """From the child: a line for the log, at a level of ``logging``."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Failed:
    """From the child: it can't begin, or ends; one line says why."""

    reason: str
