#!/usr/bin/env python3
"""Sets up the virtual camera that jikcam feeds. Shows what it would do; asks before it does anything.

    python3 install/virtual_camera.py                  look, and show what is missing with the commands
    python3 install/virtual_camera.py --sudo           the same, then ask, and do it through sudo
    python3 install/virtual_camera.py --dry-run        only look and show
    python3 install/virtual_camera.py --undo           take away what this script made (also with --sudo)
    python3 install/virtual_camera.py --number 2       Linux: two cameras, jikcam and jikcam 2
    python3 install/virtual_camera.py --label "Stage left" "Stage right"

Linux: the kernel module v4l2loopback. macOS and Windows: the camera of OBS Studio. Standard library only.
Exit code: 0 = ready, 1 = something is left to do, 2 = not possible or failed.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path, PurePath

OLDEST_PYTHON = (3, 11)
if sys.version_info < OLDEST_PYTHON:
    print("jikcam: this needs Python 3.11 or newer; look for python3.11 or newer here", file=sys.stderr)
    raise SystemExit(2)

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from install import linux, linux_reader, macos, windows  # noqa: E402
from install.linux_facts import Facts as LinuxFacts  # noqa: E402
from install.linux_files import our_labels  # noqa: E402
from install.loopback import MOST_DEVICES, bad_label, names  # noqa: E402
from install.steps import Plan, StepError, apply, described  # noqa: E402

READY, LEFT_TO_DO, FAILED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Machine:
    """The plan for this system, and what a failed step's output means here."""

    plan: Plan
    administrator: bool
    linux_facts: LinuxFacts | None = None

    def explain(self, output: str) -> str:
        """What to do about a failed step, or ""."""
        return linux.explain(output, self.linux_facts) if self.linux_facts else ""


def main(arguments: list[str] | None = None) -> int:
    """Run the script; the exit code as told above."""
    options = parse(arguments)
    machine = look(options)
    plan = machine.plan
    sudo = options.sudo and not machine.administrator and sys.platform != "win32"
    prefix = "" if machine.administrator or sys.platform == "win32" else "sudo "
    print("\n".join(described(plan, prefix)))
    print()
    if plan.blocked:
        return FAILED
    if plan.complete:
        print("nothing of jikcam's is left" if options.undo else _ready_text())
        return READY
    if options.dry_run:
        print("nothing was changed (--dry-run)")
        return READY
    if not plan.steps:
        return LEFT_TO_DO
    if not (machine.administrator or sudo):
        print(_how_to_run())
        return LEFT_TO_DO
    if not (options.yes or _agreed()):
        print("nothing was changed")
        return LEFT_TO_DO
    try:
        apply(plan.steps, sudo=sudo, root=options.root)
    except StepError as error:
        print(f"jikcam: {error}", file=sys.stderr)
        if meaning := machine.explain(error.output):
            print(f"jikcam: {meaning}", file=sys.stderr)
        return FAILED
    return _result(options)


def look(options: argparse.Namespace) -> Machine:
    """Read the facts of this system and plan."""
    root = Path(options.root or "/")
    if sys.platform == "darwin":
        mac = macos.read_facts(root)
        return Machine(macos.plan_undo(mac) if options.undo else macos.plan_setup(mac), False)
    if sys.platform == "win32":
        win = windows.read_facts()
        return Machine(windows.plan_undo(win) if options.undo else windows.plan_setup(win), win.elevated)
    facts = linux_reader.read_facts(root)
    # Without a word about names, those that were chosen before stay.
    kept = our_labels(facts) if not options.label and not options.number else ()
    labels = kept or names(options.label, options.number)
    plan = (
        linux.plan_undo(facts, labels)
        if options.undo
        else linux.plan_setup(facts, labels, not options.no_persist)
    )
    return Machine(plan, os.geteuid() == 0 or options.root is not None, facts)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line; a wrong one ends the script with its line."""
    parser = argparse.ArgumentParser(
        description="Sets up the virtual camera that jikcam feeds. Shows everything, and asks before it acts."
    )
    parser.add_argument("--dry-run", action="store_true", help="only look and show the plan")
    parser.add_argument("--undo", action="store_true", help="take away what this script made")
    parser.add_argument("--sudo", action="store_true", help="run the commands through sudo, after asking")
    parser.add_argument("--yes", action="store_true", help="don't ask")
    parser.add_argument("--label", nargs="+", action="extend", default=[], help="Linux: names of the cameras")
    parser.add_argument("--number", type=int, default=0, help="Linux: how many cameras")
    parser.add_argument("--no-persist", action="store_true", help="Linux: only until the next restart")
    # Another root for the files that are read and written: for tests and system images.
    parser.add_argument("--root", type=PurePath, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if problem := next((p for label in options.label if (p := bad_label(label))), ""):
        parser.error(problem)
    if not 0 <= options.number <= MOST_DEVICES or len(set(options.label)) > MOST_DEVICES:
        parser.error(f"v4l2loopback makes at most {MOST_DEVICES} cameras")
    return options


def _result(options: argparse.Namespace) -> int:
    """Look again, and say what came of it."""
    print()
    after = look(options).plan
    if after.complete:
        print("done; nothing of jikcam's is left" if options.undo else f"done; {_ready_text()}")
        return READY
    print("this is left to do:")
    print("\n".join(described(after)))
    return LEFT_TO_DO


def _ready_text() -> str:
    return "the virtual camera is ready: jikcam run --device auto"


def _how_to_run() -> str:
    if sys.platform == "win32":
        return "nothing was changed; run this in a prompt that was opened with Run as administrator"
    return "nothing was changed; run the lines above, or let this script do it: add --sudo"


def _agreed() -> bool:
    try:
        return input("do this? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
