"""The JSON endpoints, joined: each theme is a file of its own."""

from __future__ import annotations

from engine.control.board import ObsBoard
from engine.control.commands import Commands
from engine.control.endpoint import Endpoint
from engine.control.events import EventSockets
from engine.control.library import PresetLibrary
from engine.control.obs_desk import ObsDesk
from engine.control.orders import Orders
from engine.control.people import People
from engine.control.presets_api import Presets
from engine.control.statistics import Statistics, Streaming
from engine.control.status import Status
from engine.control.streams import Streams
from engine.control.watch import StateWatch
from engine.control.wide import WideSockets
from engine.state import EngineControl


class Api:
    """All endpoints but those of events and streams.

    Args:
        streaming: where viewers over WebRTC are; None = there are none.
        library: None = only the presets that are shipped.
    """

    def __init__(
        self,
        engine: EngineControl,
        watch: StateWatch,
        streams: Streams,
        events: EventSockets,
        board: ObsBoard,
        *,
        streaming: Streaming | None = None,
        library: PresetLibrary | None = None,
    ) -> None:
        def clients() -> dict[str, int]:
            return {
                "stream_viewers": streams.viewers,
                "event_clients": events.clients,
                "wide_clients": self._wide.clients,
            }

        orders = Orders(engine)
        self._wide = WideSockets(engine)
        statistics = Statistics(engine, streaming)
        self._themes = (
            Status(engine, watch, statistics, clients),
            statistics,
            Commands(engine, orders),
            People(engine, orders),
            Presets(engine, orders, library or PresetLibrary(None)),
            ObsDesk(board),
            self._wide,
        )

    def endpoints(self) -> tuple[Endpoint, ...]:
        return tuple(endpoint for theme in self._themes for endpoint in theme.endpoints())

    async def close(self) -> None:
        """End what is open of it."""
        await self._wide.close()
