"""A live show with everything around it: the engine, the control server and the OBS controller's process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from engine.assemble import Identity, assemble
from engine.control import ControlServer
from engine.live import LiveEngine
from engine.obs_process import ObsProcess, controller_command, require_obs
from engine.presets import Preset
from engine.shotlog import ShotLog
from engine.show import Show
from engine.sources.frame import Frame, Source
from engine.take import Perceives
from virtualcam.sink import Sink


@dataclass(frozen=True, slots=True)
class OnAir:
    """A running show.

    Attributes:
        url: of the control page; empty when there is none.
    """

    engine: LiveEngine
    url: str
    obs: ObsProcess | None


@contextmanager
def on_air(
    preset: Preset,
    source: Source,
    build_perception: Callable[[], Perceives],
    *,
    identity: Identity | None = None,
    log: ShotLog | None = None,
    on_picture: Callable[[Frame, Show], None] | None = None,
    extra_sinks: Sequence[Sink] = (),
) -> Iterator[OnAir]:
    """Run the show of ``preset`` until the block ends.

    Args:
        identity: who is known from the start; None: nobody, and names last for this show only.
        extra_sinks: more sinks of the first View.

    Raises:
        JikcamError, SinkError: a View, a sink, a model or the port is not possible; nothing stays open.
    """
    if preset.obs:
        require_obs()
    with ExitStack() as stack:
        roster = identity.roster if identity else None
        parts = assemble(preset, source, wait_for_sinks=False, roster=roster, extra_sinks=extra_sinks)
        engine = LiveEngine(
            preset,
            source,
            build_perception,
            parts.show,
            parts.streams,
            parts.times,
            enrolment=identity.enrolment if identity else None,
            log=log,
            on_picture=on_picture,
        )
        stack.callback(engine.stop)
        url, obs = "", None
        if preset.control.enabled:
            server = ControlServer(engine, preset.control.host, preset.control.port)
            stack.callback(server.stop)
            server.start()
            url = server.url
        engine.start()
        if preset.obs and url:
            obs = ObsProcess(controller_command(url))
            stack.callback(obs.stop)
            obs.start()
        yield OnAir(engine, url, obs)
