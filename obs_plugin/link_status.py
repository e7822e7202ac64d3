"""What the link to OBS tells, and its times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class LinkState(StrEnum):
    """How the link stands."""

    CONNECTING = "connecting"  #: first attempt, or OBS is still loading
    UP = "up"
    AWAY = "away"  #: tried again by itself
    REFUSED = "refused"  #: the password is missing or wrong; tried again by itself, slowly
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """State, one plain line for the user, and the versions while the link is up."""

    state: LinkState
    text: str
    obs_version: str = ""
    websocket_version: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """eventType and eventData of the protocol, with its camelCase keys."""

    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LinkConfig:
    """Times of the link.

    Attributes:
        timeout_s: for each of: reaching the computer, greeting, one answer.
        heartbeat_s: OBS is asked for a sign of life when it was silent for so long.
        retry_first_s, retry_most_s: between attempts; doubled each time.
        refused_retry_s: between attempts with a wrong password, and after somebody ended our session.
        loading_s: between questions whether OBS has loaded.
        closing_s: after OBS has said that it closes; until then it still lets us in.
        most_waiting: requests that may wait for their turn.
    """

    timeout_s: float = 2.0
    heartbeat_s: float = 1.0
    retry_first_s: float = 0.25
    retry_most_s: float = 2.0
    refused_retry_s: float = 3.0
    loading_s: float = 0.25
    closing_s: float = 2.0
    most_waiting: int = 64
