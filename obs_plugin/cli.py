"""The `jikcam obs` command. Every failure that a user can cause is one line on stderr and exit code 2."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import JikcamError
from engine.presets import ObsPreset, Preset, load_preset
from obs_plugin.check import check_all
from obs_plugin.controller import Controller
from obs_plugin.delays import undelay_steps
from obs_plugin.engine_client import ask, check_url, running_preset
from obs_plugin.errors import ObsAwayError, ObsError
from obs_plugin.link import Link, LinkState, LinkStatus
from obs_plugin.secret import find_secret
from obs_plugin.setup import Plan, apply, plan_remove, plan_setup, read_inventory, wanted

#: How long to wait for OBS where the user waits for us.
CONNECT_S = 6.0
#: What `jikcam run` sends when it ends as it should (engine/obs_process.py).
GOODBYE = b"goodbye"
SCRIPT = Path(__file__).parent / "script" / "jikcam.py"

app = typer.Typer(
    name="jikcam obs",
    help="Scenes, label and hotkeys in OBS.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # [obs] is a table of the preset, not markup
)
Engine = Annotated[str, typer.Option("--engine", help="address of jikcam, as jikcam run prints it")]
PresetName = Annotated[
    str | None, typer.Option("--preset", help="preset file or name; left out: that of the running jikcam")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="say what would be done, and do nothing")]
DEFAULT_PORT = 8787
DEFAULT_ENGINE = f"http://127.0.0.1:{DEFAULT_PORT}"


@app.command()
def run(
    engine: Engine = DEFAULT_ENGINE,
    until_eof: Annotated[
        bool, typer.Option("--until-eof", help="end soon after the standard input is closed")
    ] = False,
) -> None:
    """Switch scenes and keep the label in OBS. `jikcam run` starts it when the preset has an [obs] table."""
    controller = Controller(check_url(engine), _tell)
    signal.signal(signal.SIGTERM, lambda *_: controller.stop())
    signal.signal(signal.SIGINT, lambda *_: controller.stop())
    if until_eof:
        threading.Thread(target=_follow_parent, args=(controller,), daemon=True).start()
    controller.run()


@app.command()
def setup(engine: Engine = DEFAULT_ENGINE, preset: PresetName = None, dry_run: DryRun = False) -> None:
    """Add scenes, picture and label to the running OBS. Nothing of the user's own is changed."""
    chosen = _preset(engine, preset)
    obs = _obs(chosen)
    url = check_url(engine) if preset is None else _address(chosen)
    first = chosen.view[0]
    device = next((sink.device for sink in first.sink if sink.kind == "device"), "")
    wish = wanted(obs, url, first.name, device)
    with _link(obs) as link:
        _do(lambda: plan_setup(read_inventory(link.request), wish), link, dry_run, "everything is there")


@app.command()
def remove(engine: Engine = DEFAULT_ENGINE, preset: PresetName = None, dry_run: DryRun = False) -> None:
    """Take away from the running OBS what `jikcam obs setup` has added."""
    with _link(_obs(_preset(engine, preset))) as link:
        nothing = "there is nothing of jikcam's in OBS"

        def plan() -> Plan:
            made = plan_remove(read_inventory(link.request))
            return replace(made, steps=(*undelay_steps(link.request), *made.steps))

        _do(plan, link, dry_run, nothing)


@app.command()
def release(engine: Engine = DEFAULT_ENGINE) -> None:
    """Let the rules switch scenes again after a switch by hand."""
    ask(check_url(engine), "/api/obs", {"scenes": "auto"})
    print("the rules switch scenes again")


@app.command()
def script() -> None:
    """Say where the OBS script with the hotkeys is."""
    print(SCRIPT)
    print("in OBS: Tools > Scripts > +, choose that file; its keys: Settings > Hotkeys", file=sys.stderr)


@app.command()
def password(
    host: Annotated[str, typer.Option(help="where OBS runs")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="of OBS's WebSocket server")] = 4455,
) -> None:
    """Keep the password of OBS's WebSocket server in the system's keyring; it is asked for, not shown."""
    from obs_plugin.secret import keep_secret

    keep_secret(host, port, typer.prompt("password of OBS's WebSocket server", hide_input=True))
    print("kept")


@app.command()
def check(
    engine: Engine = DEFAULT_ENGINE,
    preset: PresetName = None,
    as_json: Annotated[bool, typer.Option("--json", help="as JSON, for jikcam doctor")] = False,
) -> None:
    """Look at OBS, its WebSocket server, the password and the script; say OK or what to do."""
    try:
        obs = _obs(_preset(engine, preset))
    except JikcamError:
        obs = _obs(None)
    findings = check_all(obs, SCRIPT)
    if as_json:
        print(json.dumps([{"name": f.name, "ok": f.ok, "text": f.text} for f in findings]))
        return
    for finding in findings:
        print(f"{'OK ' if finding.ok else 'FIX'} {finding.name}: {finding.text}")


def main() -> None:
    """Run the command line; the process ends here."""
    logging.basicConfig(level=logging.WARNING, format="jikcam obs: %(message)s")
    try:
        app(prog_name="jikcam obs")
    except JikcamError as error:
        print(f"jikcam obs: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


def _tell(line: str) -> None:
    print(f"obs: {line}", file=sys.stderr, flush=True)


def _follow_parent(controller: Controller) -> None:
    """Whoever started us holds the other end of our input: its goodbye ends us, its silent end nearly so."""
    said = b""
    while chunk := os.read(sys.stdin.fileno(), 4096):
        said += chunk
    if GOODBYE in said:
        controller.stop()
    else:
        controller.outlive()


def _preset(engine: str, name: str | None) -> Preset:
    return load_preset(name) if name is not None else running_preset(check_url(engine))


def _obs(preset: Preset | None) -> ObsPreset:
    return preset.obs if preset and preset.obs else ObsPreset()


def _address(preset: Preset) -> str:
    """Where the engine will serve this preset."""
    host = preset.control.host
    return f"http://{f'[{host}]' if ':' in host else host}:{preset.control.port or DEFAULT_PORT}"


@contextmanager
def _link(obs: ObsPreset) -> Iterator[Link]:
    """A link that is up.

    Raises:
        ObsError: it does not come up.
    """
    answered = threading.Event()

    def note(status: LinkStatus) -> None:
        if status.state in (LinkState.UP, LinkState.REFUSED):
            answered.set()

    secret = find_secret(obs.password_file, obs.host, obs.port)
    with Link(obs.host, obs.port, lambda: secret, on_status=note) as link:
        answered.wait(CONNECT_S)
        if link.status.state is not LinkState.UP:
            raise ObsAwayError(link.status.text)
        yield link


def _do(make_plan: Callable[[], Plan], link: Link, dry_run: bool, nothing: str) -> None:
    plan = make_plan()
    for step in plan.steps:
        print(f"{'would ' if dry_run else ''}{step.text}")
    for warning in plan.warnings:
        print(f"note: {warning}", file=sys.stderr)
    if not plan.steps:
        print(nothing)
    if dry_run:
        return
    try:
        apply(plan, link.request)
    except ObsError:
        # Somebody else may be at work in OBS, the running controller for one; look once more.
        apply(make_plan(), link.request)
