#!/usr/bin/env python3
"""Runs a command in a guest whose kernel has V4L2 and v4l2loopback, on a machine whose kernel has neither.

    python3 tests/guest/run.py [--timeout S] [--modules "OPTIONS"] -- COMMAND ...

The guest's root is this machine's own / (read only, what is written there goes to memory), so Python,
ffmpeg and the rest are the same; the current folder is shared read and write. Output comes as it is
written, and the exit status is the command's; 124: it took too long; 125: the guest itself failed.

OPTIONS are v4l2loopback's, such as "video_nr=10,11 card_label=jikcam,wide exclusive_caps=1,1"; "" loads
nothing, and the module waits as /run/guest/v4l2loopback.ko. Standard library only; no root needed.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
QEMU = "qemu-system-x86_64"
ONE_CAMERA = "video_nr=10 card_label=jikcam exclusive_caps=1 max_buffers=4"
TIMED_OUT, GUEST_FAILED = 124, 125
#: Of the host's own life; the guest has neither its screen nor its folders for temporary files.
LEFT_BEHIND = frozenset({"_", "OLDPWD", "SHLVL", "DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "TMPDIR"})
_PR_SET_PDEATHSIG = 1


def default_cache() -> Path:
    """$JIKCAM_CACHE/guest, else in the user's folder for such things."""
    if chosen := os.environ.get("JIKCAM_CACHE"):
        return Path(chosen) / "guest"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "jikcam" / "guest"


def run(command: list[str], modules: str, timeout_s: float, memory_mib: int, cpus: int, cache: Path) -> int:
    """Run ``command`` in a new guest; the exit status as told above."""
    if not shutil.which(QEMU):
        print("guest: install qemu-system-x86 and seabios first", file=sys.stderr)
        return GUEST_FAILED
    made = subprocess.run([sys.executable, str(HERE / "build.py"), str(cache)], check=False)
    if made.returncode:
        return GUEST_FAILED
    workdir = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="jikcam-guest-") as folder:
        job = Path(folder)
        _write_job(job, command, modules, workdir)
        shutil.copy(cache / "v4l2loopback.ko", job)
        with (job / "qemu").open("wb") as complaints:
            # virtio-serial stops sending once its standard input has ended, so that stays open.
            qemu = subprocess.Popen(
                _qemu(cache, job, workdir, memory_mib, cpus),
                stdin=subprocess.PIPE,
                stderr=complaints,
                preexec_fn=_die_with_parent,
            )
        try:
            qemu.wait(timeout_s)
        except subprocess.TimeoutExpired:
            print(f"guest: stopped, {timeout_s:g} s are over", file=sys.stderr)
            return TIMED_OUT
        finally:
            qemu.kill()
            qemu.wait()
        if (job / "status").exists():
            return int((job / "status").read_text())
        said = "".join((job / name).read_text(errors="replace") for name in ("console", "qemu"))
        print(f"guest: it failed; its console:\n{said[-4000:]}", file=sys.stderr)
        return GUEST_FAILED


def _write_job(job: Path, command: list[str], modules: str, workdir: Path) -> None:
    kept = {k: v for k, v in os.environ.items() if re.fullmatch(r"\w+", k) and k not in LEFT_BEHIND}
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in kept.items())
    (job / "command").write_text(f"{exports}cd {shlex.quote(str(workdir))}\nexec {shlex.join(command)}\n")
    (job / "settings").write_text(f"MODULES={shlex.quote(modules)}\nWORKDIR={shlex.quote(str(workdir))}\n")
    (job / "console").touch()


def _qemu(cache: Path, job: Path, workdir: Path, memory_mib: int, cpus: int) -> list[str]:
    def share(tag: str, path: Path, more: str = "") -> list[str]:
        shown = str(path).replace(",", ",,")
        return [
            *("-fsdev", f"local,id={tag},path={shown},security_model=none,multidevs=remap{more}"),
            *("-device", f"virtio-9p-pci,fsdev={tag},mount_tag={tag}"),
        ]

    return [
        *(QEMU, "-machine", "q35", "-accel", "tcg,thread=multi"),
        *("-cpu", "max", "-smp", str(cpus), "-m", str(memory_mib)),  # wheels need more than the oldest CPU
        *("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
        *("-kernel", str(cache / "vmlinux"), "-initrd", str(cache / "initrd")),
        *("-append", "console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable rdinit=/init"),
        *("-serial", f"file:{job}/console"),
        *share("host", Path("/"), ",readonly=on"),
        *share("job", job),
        *share("work", workdir),
        *("-device", "virtio-rng-pci", "-device", "virtio-serial-pci"),
        *("-chardev", "stdio,id=out,signal=off", "-device", "virtserialport,chardev=out,name=out"),
    ]


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--timeout", type=float, default=120.0, metavar="S", help="seconds (120)")
    parser.add_argument("--modules", default=ONE_CAMERA, metavar="OPTIONS", help=f"({ONE_CAMERA})")
    parser.add_argument("--memory", type=int, default=2048, metavar="MIB", help="(2048)")
    parser.add_argument("--cpus", type=int, default=min(4, os.cpu_count() or 1), metavar="N")
    parser.add_argument("--cache", type=Path, default=default_cache(), metavar="FOLDER")
    parser.add_argument("command", nargs="+", metavar="COMMAND")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    return run(
        chosen.command, chosen.modules, chosen.timeout, chosen.memory, chosen.cpus, chosen.cache.resolve()
    )


if __name__ == "__main__":
    sys.exit(main())
