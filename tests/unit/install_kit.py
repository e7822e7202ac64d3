"""A made-up Linux machine in a folder, with programs that pretend to load the driver."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "install" / "virtual_camera.py"

#: What modprobe, udevadm and apt-get do on the made-up machine; each call is noted in calls.txt.
_PROGRAM = """#!{python}
import os, shutil, sys
from pathlib import Path
root = Path({root!r})
name, args = Path(sys.argv[0]).name, sys.argv[1:]
with (root / "calls.txt").open("a") as log:
    print(name, *args, file=log)
if (root / f"refuse-{{name}}").exists():
    sys.exit((root / f"refuse-{{name}}").read_text())
modules, sysfs = root / "proc/modules", root / "sys"
if name == "apt-get" and args[0] == "install":
    dep = next((root / "lib/modules").iterdir()) / "modules.dep"
    dep.write_text(dep.read_text() + "updates/dkms/v4l2loopback.ko: kernel/media/videodev.ko\\n")
elif name == "modprobe" and args[0] == "-r":
    modules.write_text("")
    shutil.rmtree(sysfs / "class"), shutil.rmtree(sysfs / "devices"), shutil.rmtree(sysfs / "module")
elif name == "modprobe":
    if "v4l2loopback.ko" not in next((root / "lib/modules").iterdir()).joinpath("modules.dep").read_text():
        sys.exit("modprobe: FATAL: Module v4l2loopback not found in directory /lib/modules/x")
    options = dict(a.split("=", 1) for a in args[1:])
    modules.write_text("v4l2loopback 49152 0 - Live 0x0\\nvideodev 1 1 v4l2loopback, Live 0x0\\n")
    for number, label in zip(options["video_nr"].split(","), options["card_label"].split(",")):
        real = sysfs / f"devices/virtual/video4linux/video{{number}}"
        real.mkdir(parents=True)
        (real / "name").write_text(label + "\\n")
        (sysfs / "class/video4linux").mkdir(parents=True, exist_ok=True)
        (sysfs / f"class/video4linux/video{{number}}").symlink_to(real)
    parameters = sysfs / "module/v4l2loopback/parameters"
    parameters.mkdir(parents=True)
    (parameters / "video_nr").write_text(options["video_nr"] + ",-1,-1\\n")
    flags = options["exclusive_caps"].replace("1", "Y").replace("0", "N")
    (parameters / "exclusive_caps").write_text(flags + ",N,N\\n")
"""


class Machine:
    """The folder and what runs in it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.programs = folder / "bin"
        modules = self.root / "lib/modules" / os.uname().release
        modules.mkdir(parents=True)
        (modules / "modules.dep").write_text("kernel/media/videodev.ko.xz:\n")
        self.write("proc/modules", "")
        self.write("etc/os-release", 'ID=debian\nVERSION_ID="12"\n')
        self.programs.mkdir()
        for name in ("modprobe", "udevadm", "apt-get"):
            path = self.programs / name
            path.write_text(_PROGRAM.format(python=sys.executable, root=str(self.root)))
            path.chmod(0o755)

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def read(self, path: str) -> str:
        return (self.root / path).read_text()

    def calls(self) -> list[str]:
        log = self.root / "calls.txt"
        return log.read_text().splitlines() if log.exists() else []

    def files(self) -> dict[str, str]:
        return {str(p): p.read_text() for p in sorted((self.root / "etc").rglob("*")) if p.is_file()}

    def run(self, *arguments: str, answer: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(SCRIPT), "--root", str(self.root), *arguments],
            env={**os.environ, "PATH": f"{self.programs}:{os.environ['PATH']}"},
            input=answer,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
