"""`jikcam doctor`: one line per thing a show needs, each OK or the fix."""

from __future__ import annotations

import platform
import socket
import sys
from collections.abc import Callable
from contextlib import closing
from typing import Annotated

import psutil
import typer

from engine.assemble import usable_cores
from engine.assets import list_assets
from engine.control.server import DEFAULT_PORT
from engine.doctor.finding import Finding
from engine.doctor.obs import CHECK, ObsCheck, check_obs
from engine.doctor.virtual_camera import check_virtual_camera
from engine.errors import JikcamError
from engine.sources.camera import CameraSource


def doctor(
    camera: Annotated[str, typer.Option(help="the camera to try")] = "0",
    port: Annotated[int, typer.Option(help="the port of the control page")] = DEFAULT_PORT,
    preset: Annotated[
        str | None, typer.Option(help="preset whose [obs] table says where OBS is; left out: this computer")
    ] = None,
) -> None:
    """Look at everything a show needs; say OK or what to do."""
    # OBS is asked while the rest is looked at.
    with closing(ObsCheck((*CHECK, *(("--preset", preset) if preset else ())))) as obs:
        checks: list[Callable[[], list[Finding]]] = [
            lambda: [check_python()],
            lambda: [check_cpu()],
            lambda: [check_camera(camera)],
            lambda: [check_models("embedded", required=True)],
            lambda: [check_models("standard", required=False)],
            check_virtual_camera,
            lambda: [check_port(port)],
            lambda: check_obs(obs),
        ]
        findings = []
        for check in checks:
            for finding in check():
                findings.append(finding)
                print(finding.line(), flush=True)
    if any(f.required and not f.ok for f in findings):
        raise typer.Exit(2)


def check_python() -> Finding:
    """The interpreter and the system."""
    return Finding("system", True, f"Python {platform.python_version()} on {platform.platform(terse=True)}")


def check_cpu() -> Finding:
    """Cores and memory."""
    cores, memory_gb = usable_cores(), psutil.virtual_memory().total / 2**30
    text = f"{cores} cores, {memory_gb:.0f} GB of memory"
    if cores < 2 or memory_gb < 3:
        return Finding("computer", False, f"{text}; 2 cores and 4 GB are the least, close other programs")
    return Finding("computer", True, text)


def check_camera(device: str) -> Finding:
    """Whether the camera opens and gives a picture."""
    try:
        source = CameraSource(device)
    except JikcamError as error:
        return Finding("camera", False, str(error))
    try:
        frame = source.read(3.0)
        if frame is None:
            reason = source.status or "it gives no picture"
            return Finding("camera", False, f"{source.name}: {reason}; unplug and plug it in again")
        return Finding("camera", True, f"{source.name}, {source.size.width}x{source.size.height}")
    finally:
        source.close()


def check_models(pack: str, *, required: bool) -> Finding:
    """Whether every file of a model pack is here and unchanged."""
    files = [asset for asset in list_assets() if pack in asset.packs]
    bad = [a.name for a in files if a.state == "bad"]
    absent = [a.name for a in files if a.state == "absent"]
    if bad:
        return Finding(
            f"{pack} models", False, f"damaged: {', '.join(bad)}; run: jikcam models fetch {pack}", True
        )
    if absent:
        text = f"not here: {', '.join(absent)}; run: jikcam models fetch {pack}"
        return Finding(f"{pack} models", False, text, required)
    return Finding(f"{pack} models", True, f"{len(files)} files, hashes match")


def check_port(port: int) -> Finding:
    """Whether the control page's port is free."""
    with socket.socket() as probe:
        if sys.platform != "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return Finding("port", False, f"{port} is taken; stop the other program or use --port")
    return Finding("port", True, f"{port} is free")
