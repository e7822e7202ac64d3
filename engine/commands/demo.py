"""`jikcam demo`: no camera, no driver, no screen; the real models on people of known whereabouts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import cv2
import typer

from engine.assemble import identity_of, perception_of
from engine.assets import load_pack
from engine.cast import photographic_cast
from engine.commands.models import ProgressBars
from engine.demo import DemoScore, demo_scene, demo_view
from engine.errors import JikcamError
from engine.live import LiveEngine
from engine.on_air import on_air
from engine.presets import check_preset
from engine.sources.stage import StageSource

#: The people of the demo from left to right.
CAST = 3


def demo(
    seconds: Annotated[float, typer.Option(help="how long the demo runs", min=2.0)] = 20.0,
    out: Annotated[Path, typer.Option(help="folder for demo.mp4 and demo.png")] = Path("out"),
    pack: Annotated[str, typer.Option(help="models: embedded, standard, accurate")] = "embedded",
    port: Annotated[int, typer.Option(help="port of the control page; 0 = any free one")] = 0,
) -> None:
    """Follow one of three people made from a photograph; writes a movie and a contact sheet."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise JikcamError(
            f"cannot make the folder {out}: {error.strerror}", "choose another with --out"
        ) from None
    movie, picture = out / "demo.mp4", out / "demo.png"
    with ProgressBars() as bars:
        models = load_pack(pack, progress=bars.report)
        scene = demo_scene(photographic_cast(CAST, height_m=1.5, progress=bars.report))
    view = demo_view() | {"sink": [{"kind": "movie", "path": str(movie)}]}
    control = {"port": port}
    preset = check_preset({"schema": 1, "name": "demo", "control": control, "view": [view]}, "the demo")
    source = StageSource(scene, "live", seconds)
    score = DemoScore(scene, round(seconds * scene.fps))
    with on_air(
        preset,
        source,
        perception_of(preset, models),
        identity=identity_of(preset, models),
        on_picture=score.add,
    ) as air:
        print(f"following the person in the middle for {seconds:.0f} s; watch at {air.url}", flush=True)
        air.engine.wait()
    cv2.imwrite(str(picture), score.contact_sheet())
    _report(score, air.engine, movie, picture)


def _report(score: DemoScore, engine: LiveEngine, movie: Path, picture: Path) -> None:
    metrics = engine.metrics()
    stages = {stage.name: stage for stage in metrics.stages}
    whole, look = stages["picture"], stages.get("look")
    print(f"held           {score.held_share:6.1%} of {score.pictures} pictures centred on the right person")
    print(f"wrong person   {score.wrong / max(1, score.pictures):6.1%}")
    print(f"added latency  {whole.p50_ms:.1f} ms median, {whole.p99_ms:.1f} ms p99")
    rate_hz = metrics.pictures / metrics.uptime_s
    print(f"pictures       {rate_hz:.1f} per second, {metrics.dropped_frames} dropped")
    if look:
        print(f"looks          {metrics.perception_hz:.1f} per second, {look.p50_ms:.0f} ms each")
    print(f"wrote          {movie} and {picture}")
