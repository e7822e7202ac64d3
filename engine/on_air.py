"""A live show with everything around it: the engine, the control server and the OBS controller's process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from engine.assemble import Identity, assemble
from engine.control import ControlServer
from engine.control.access.grants import Access
from engine.control.access.key_file import kept_key
from engine.control.access.tls import own_certificate
from engine.control.library import PresetLibrary
from engine.live import LiveEngine
from engine.obs_process import ObsProcess, controller_command, require_obs
from engine.presets import Preset, presets_folder
from engine.shotlog import ShotLog
from engine.show import Show
from engine.sources.frame import Frame, Source
from engine.streaming import streaming, whip_targets
from engine.take import Perceives
from virtualcam.sink import Sink
from virtualcam.webrtc.host import StreamHost


@dataclass(frozen=True, slots=True)
class OnAir:
    """A running show.

    Attributes:
        url: of the control page on this computer; empty when there is none.
        server: of that page; None when there is none.
        fingerprint: of the certificate with https; empty without.
    """

    engine: LiveEngine
    url: str
    obs: ObsProcess | None
    server: ControlServer | None = None
    fingerprint: str = ""


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
    streams: StreamHost | None = None,
    preset_name: str = "",
) -> Iterator[OnAir]:
    """Run the show of ``preset`` until the block ends.

    Args:
        identity: who is known from the start; None: nobody, and names last for this show only.
        extra_sinks: more sinks of the first View.
        streams: the streaming process that the source comes from, already started; None: one is started,
            unless the preset wants none.
        preset_name: by which the preset is known in the library; empty = it is none of that.

    Raises:
        JikcamError, SinkError: a View, a sink, a model or the port is not possible; nothing stays open.
    """
    if preset.obs:
        require_obs()
    with ExitStack() as stack:
        streams = streams or stack.enter_context(streaming(preset))
        roster = identity.roster if identity else None
        parts = assemble(
            preset, source, wait_for_sinks=False, roster=roster, extra_sinks=extra_sinks, streams=streams
        )
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
        if streams is not None:
            for target in whip_targets(preset):
                streams.publish(target)
        url, obs, server, certificate = "", None, None, None
        if preset.control.enabled:
            certificate = own_certificate() if preset.control.https else None
            server = ControlServer(
                engine,
                preset.control.host,
                preset.control.port,
                streams=streams,
                access=Access.tokens(kept_key()) if preset.control.lan else Access.loopback(),
                library=PresetLibrary(presets_folder(), running=preset_name),
                certificate=certificate,
            )
            stack.callback(server.stop)
            server.start()
            url = server.url
        engine.start()
        if preset.obs and url:
            obs = ObsProcess(controller_command(url))
            stack.callback(obs.stop)
            obs.start()
        yield OnAir(engine, url, obs, server, certificate.fingerprint if certificate else "")
