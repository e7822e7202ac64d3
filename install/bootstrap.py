#!/usr/bin/env python3
"""Sets jikcam up on a fresh machine and runs it. Standard library only.

    python3 install/bootstrap.py demo          set up, then follow somebody in a made-up scene
    python3 install/bootstrap.py test          set up with the test tools, then run the tests
    python3 install/bootstrap.py run ARGS...   set up, then `jikcam run ARGS...`
    python3 install/bootstrap.py shell ARGS... set up, then any other `jikcam` command

Everything goes into the folder .venv beside this project; delete it to start afresh.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "jikcam-setup"
OLDEST_PYTHON = (3, 11)

#: Shared libraries that OpenCV and MediaPipe link, and the Debian package of each.
LINUX_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libGLESv2.so.2": "libgles2",
    "libglib-2.0.so.0": "libglib2.0-0",
}


def fail(line: str) -> None:
    """Say in one line what the user has to do, and stop."""
    print(f"jikcam: {line}", file=sys.stderr)
    raise SystemExit(2)


def say(line: str) -> None:
    """Tell the user what is being done."""
    print(f"jikcam: {line}", flush=True)


def venv_python() -> Path:
    """The interpreter inside .venv."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def missing_libraries() -> list[str]:
    """Debian packages of the shared libraries this machine lacks; empty elsewhere than on Linux."""
    if not sys.platform.startswith("linux"):
        return []
    packages = []
    for library, package in LINUX_LIBRARIES.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            packages.append(package)
    return packages


def apt_install(packages: list[str]) -> None:
    """Install Debian packages when we may, else print the line that does."""
    line = f"apt-get install -y --no-install-recommends {' '.join(packages)}"
    if not shutil.which("apt-get"):
        fail(f"install the packages that hold {', '.join(packages)}, then run this again")
    if os.geteuid() != 0:
        fail(f"system libraries are missing; run: sudo {line}")
    say(f"installing system libraries: {' '.join(packages)}")
    quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
    subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
    if subprocess.run(line.split(), **quiet).returncode != 0:
        fail(f"this did not work, look at its output: {line}")


def make_venv() -> None:
    """Create .venv with pip in it."""
    say(f"creating {VENV.relative_to(ROOT)} with Python {sys.version.split()[0]}")
    try:
        venv.EnvBuilder(with_pip=True, clear=True, symlinks=os.name != "nt").create(VENV)
    except (subprocess.CalledProcessError, OSError):
        shutil.rmtree(VENV, ignore_errors=True)
        package = f"python3.{sys.version_info.minor}-venv"
        if sys.platform.startswith("linux") and shutil.which("apt-get") and os.geteuid() == 0:
            apt_install([package])
            venv.EnvBuilder(with_pip=True, clear=True, symlinks=True).create(VENV)
        else:
            fail(f"Python cannot make a virtual environment; install {package} (Debian) and run this again")


def digest(files: list[Path]) -> str:
    """One hash over what decides the set-up, so that a second run does nothing."""
    total = hashlib.sha256(sys.version.encode())
    for file in files:
        total.update(file.read_bytes())
    return total.hexdigest()


def set_up(*, dev: bool) -> None:
    """Bring .venv up to date; quick when nothing changed."""
    here = ROOT / "install"
    wanted = [here / "requirements.txt"] + ([here / "requirements-dev.txt"] if dev else [])
    state = digest([ROOT / "pyproject.toml", *wanted])
    packages = missing_libraries()
    if packages:
        apt_install(packages)
    done = STAMP.read_text().split() if STAMP.exists() else []
    if state in done and venv_python().exists():
        return
    if not venv_python().exists():
        make_venv()
    say("installing Python packages (about 1 GB on disk; a minute or more)")
    pip = [str(venv_python()), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    hashed = [part for file in wanted for part in ("-r", str(file))]
    steps = [
        [*pip, "--require-hashes", *hashed],
        [*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)],
    ]
    for step in steps:
        if subprocess.run(step).returncode != 0:
            fail("pip could not install the packages; look at its lines above (network? disk space?)")
    STAMP.write_text("\n".join([*done, state]))


def run_tests(python: str, options: list[str]) -> int:
    """All tests, or those that ``options`` name; returns the exit code.

    Tests share nothing and go side by side. What starts browsers and OBS leaves every other core to those.
    Whole machines, emulated, take all cores; and whom a click means while everybody walks follows the
    computer's clock: those go alone.
    """
    pytest = [python, "-m", "pytest", *options]
    if any(not option.startswith("-") for option in options):
        return subprocess.run(pytest, cwd=ROOT).returncode
    cores = os.cpu_count() or 2
    beside, with_programs = (["-n", str(max(1, count))] for count in (cores - 1, cores // 2))
    by_file = ["--dist", "loadfile"]
    clicks = "tests/real/test_click_moving.py"
    parts = (
        ["tests/unit", *beside],
        ["tests/integration", *beside, *by_file],
        ["tests/real", *with_programs, *by_file, f"--ignore={clicks}"],
        [clicks, "tests/guest"],
    )
    return max(subprocess.run([*pytest, *part], cwd=ROOT).returncode for part in parts)


def main(arguments: list[str]) -> int:
    """Set up and run one of the verbs; returns the exit code."""
    if sys.version_info < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        fail(f"Python {oldest} or newer is needed; this is {sys.version.split()[0]}")
    if not arguments or arguments[0] not in ("demo", "test", "run", "shell"):
        print(__doc__, file=sys.stderr)
        return 2
    verb, rest = arguments[0], arguments[1:]
    set_up(dev=verb == "test")
    python = str(venv_python())
    if verb == "test":
        return run_tests(python, rest)
    jikcam = [python, "-m", "engine.cli", *(rest if verb == "shell" else [verb, *rest])]
    # The demo may be started from anywhere; its results belong where the user stands.
    return subprocess.run(jikcam).returncode


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
