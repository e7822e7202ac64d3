"""`jikcam run`: the show itself, live or as fast as possible."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from engine.assemble import Identity, again_of, assemble, identity_of, perception_of, source_of
from engine.assets import Pack, load_pack
from engine.commands.lan import tell
from engine.commands.models import ProgressBars
from engine.commands.overrides import WHIP_TOKEN_VARIABLE, Overrides, overridden
from engine.commands.summary import Summary, status_line
from engine.live import LiveEngine
from engine.on_air import on_air
from engine.presets import Preset, builtin_presets, load_preset, user_presets, with_members
from engine.shotlog import ShotLog
from engine.sources.frame import Source
from engine.streaming import streaming
from engine.take import run_take
from virtualcam.webrtc.host import StreamHost
from virtualcam.webrtc.publish.address import shown

#: How often the one-line status is drawn.
STATUS_PERIOD_S = 0.5


def run(
    source: Annotated[
        str | None,
        typer.Option(
            help="camera number, path or name; video file; rtsp/http/srt address; webrtc:phone; stage:NAME"
        ),
    ] = None,
    preset: Annotated[
        str, typer.Option(help="preset file, or the name of a shipped or saved one")
    ] = "webcam",
    target: Annotated[
        str | None,
        typer.Option(help="largest, leftmost, rightmost, center, index:N, point:X,Y, box:X0,Y0,X1,Y1, none"),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="write the first view as a movie (.mp4)")] = None,
    device: Annotated[
        str | None, typer.Option(help="virtual camera to feed: path or name; 'auto' = any")
    ] = None,
    size: Annotated[str | None, typer.Option(help="size of the first view, WIDTHxHEIGHT")] = None,
    aspect: Annotated[str | None, typer.Option(help="aspect of the first view, e.g. 9:16")] = None,
    shot: Annotated[str | None, typer.Option(help="full, upper, chest, face, group or wide")] = None,
    style: Annotated[
        str | None, typer.Option(help="face = the face in the middle; natural = the body")
    ] = None,
    feel: Annotated[str | None, typer.Option(help="of the camera: calm, normal, dance or sport")] = None,
    operator: Annotated[
        str | None,
        typer.Option(help="live; lookahead = later and steadier; take = a whole file, with --fast"),
    ] = None,
    delay: Annotated[
        float | None, typer.Option(help="seconds that lookahead sees ahead, 0.25 to 1.5")
    ] = None,
    pack: Annotated[str | None, typer.Option(help="models: auto, embedded, standard, accurate")] = None,
    label: Annotated[bool | None, typer.Option("--label/--no-label", help="write who is shown")] = None,
    skeleton: Annotated[bool | None, typer.Option("--skeleton/--no-skeleton", help="draw the pose")] = None,
    fast: Annotated[
        bool, typer.Option("--fast", help="every picture of a file, as fast as possible, repeatable")
    ] = False,
    log: Annotated[Path | None, typer.Option(help="write the shot log (JSON lines)")] = None,
    port: Annotated[int | None, typer.Option(help="port of the control page; 0 = any free one")] = None,
    control: Annotated[
        bool | None, typer.Option("--control/--no-control", help="serve the control page")
    ] = None,
    lan: Annotated[
        bool | None, typer.Option("--lan/--no-lan", help="let other machines in, by links with tokens")
    ] = None,
    https: Annotated[
        bool | None, typer.Option("--https/--no-https", help="encrypted, as a phone's camera demands")
    ] = None,
    whip: Annotated[
        str | None,
        typer.Option(help=f"publish the first view to this WHIP address; token in {WHIP_TOKEN_VARIABLE}"),
    ] = None,
    codec: Annotated[str | None, typer.Option(help="of the streams: auto, h264 or vp8")] = None,
    obs: Annotated[
        bool | None, typer.Option("--obs/--no-obs", help="switch scenes and keep the label in OBS")
    ] = None,
    loop: Annotated[bool | None, typer.Option("--loop/--no-loop", help="play a file again and again")] = None,
    seconds: Annotated[float | None, typer.Option(help="stop after so many seconds")] = None,
) -> None:
    """Follow one person and publish the picture."""
    wanted = overridden(
        load_preset(preset),
        Overrides(
            source=source, target=target, out=out, device=device, size=size, aspect=aspect, shot=shot,
            style=style, feel=feel, operator=operator, delay_s=delay, pack=pack, label=label,
            skeleton=skeleton, port=port, control=control, loop=loop, obs=obs, lan=lan, https=https,
            whip=whip, codec=codec,
        ),
    )  # fmt: skip
    with ExitStack() as stack:
        streams = None if fast else stack.enter_context(streaming(wanted))
        opened = source_of(wanted, "fast" if fast else "live", streams)
        stack.callback(opened.close)
        with ProgressBars() as bars:
            models = load_pack(wanted.perception.pack, progress=bars.report)
        identity = identity_of(wanted, models)
        wanted = with_members(wanted, [p.name for p in identity.roster.roll.people if p.name])
        shot_log = ShotLog(log) if log else None
        if fast:
            _take(wanted, opened, models, identity, shot_log, seconds)
        else:
            name = preset if preset in {**builtin_presets(), **user_presets()} else ""
            _live(wanted, opened, models, identity, shot_log, seconds, streams, name)


def _take(
    preset: Preset,
    source: Source,
    pack: Pack,
    identity: Identity,
    log: ShotLog | None,
    seconds: float | None,
) -> None:
    perception = perception_of(preset, pack)()
    for problem in identity.enrolment.problems:
        print(f"jikcam: {problem}", file=sys.stderr)
    for view in preset.view:
        for sink in view.sink:
            if sink.kind == "whip":
                print(f"jikcam: --fast publishes nothing to {shown(sink.url)}", file=sys.stderr)
    parts = assemble(preset, source, wait_for_sinks=True, roster=identity.roster)
    total = getattr(source, "frame_count", None)
    summary = Summary()
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    console = Console(stderr=True)
    try:
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
            task = bar.add_task("following", total=total)

            pictures = run_take(
                source,
                parts.show,
                perception,
                again=again_of(preset),
                seconds=seconds,
                log=log,
                on_picture=lambda _frame, _show: bar.advance(task),
                on_shown=lambda view: summary.add([view]),
            )
    finally:
        parts.show.close()
        if log:
            log.close()
    print(f"{pictures} pictures; {summary.text()}")


def _live(
    preset: Preset,
    source: Source,
    pack: Pack,
    identity: Identity,
    log: ShotLog | None,
    seconds: float | None,
    streams: StreamHost | None,
    name: str,
) -> None:
    summary = Summary()
    with on_air(
        preset,
        source,
        perception_of(preset, pack),
        identity=identity,
        log=log,
        on_picture=lambda frame, show: summary.add(show.views),
        streams=streams,
        preset_name=name,
    ) as air:
        if air.url:
            print(f"control page: {air.url}", flush=True)
        if air.server and (preset.control.lan or preset.control.https):
            tell(air.server.links(), air.server.origins()[1:], air.fingerprint)
        _watch(air.engine, seconds)
    metrics = air.engine.metrics()
    print(
        f"{metrics.pictures} pictures, {metrics.dropped_frames} dropped, {metrics.late_pictures} late; "
        f"{summary.text()}"
    )


def _watch(engine: LiveEngine, seconds: float | None) -> None:
    """Draw the status line until the source ends, the time is up, or somebody stops us."""
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    waited_s = 0.0
    console = Console(stderr=True)
    with console.status("starting") if console.is_terminal else _Quiet() as status:
        while not (stopping.is_set() or engine.wait(STATUS_PERIOD_S)):
            waited_s += STATUS_PERIOD_S
            if seconds is not None and waited_s >= seconds:
                return
            status.update(status_line(engine.state(), engine.metrics()))


class _Quiet:
    """Stands in for the status line where nobody reads one."""

    def __enter__(self) -> _Quiet:
        return self

    def __exit__(self, *_: object) -> None: ...

    def update(self, _text: str) -> None: ...
