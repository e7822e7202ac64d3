"""Files out of a wheel: this Python's real pip against a folder that serves as the index."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.assets import wheel as wheel_module
from engine.assets.download import UnreachableError
from engine.assets.manifest import Asset, Digest, Wheel, WheelMember
from engine.assets.verify import WrongHashError
from engine.assets.wheel import extract
from engine.errors import JikcamError

MODEL = b"a model" * 500
PATH = "jikcam_test_wheel/net.tflite"
FILE = "jikcam_test_wheel-1.0-cp311-cp311-manylinux_2_28_x86_64.whl"


def silent(name: str, done: int, total: int) -> None: ...


@pytest.fixture
def pinned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Wheel:
    """A wheel for one system only, on an index that has nothing else; its hash."""
    index = tmp_path / "index"
    index.mkdir()
    info = "jikcam_test_wheel-1.0.dist-info"
    with zipfile.ZipFile(index / FILE, "w") as archive:
        archive.writestr(PATH, MODEL)
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: jikcam-test-wheel\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: cp311-cp311-manylinux_2_28_x86_64\n")
        archive.writestr(f"{info}/RECORD", "")
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    data = (index / FILE).read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    return Wheel("test", "jikcam-test-wheel==1.0", "3.11", "manylinux_2_28_x86_64", "cp", sha256, len(data))


def member(wheel: Wheel, data: bytes = MODEL) -> Asset:
    digest = Digest(hashlib.sha256(data).hexdigest())
    return Asset("net", "model", "t", "a", "MIT", digest, len(data), None, WheelMember(wheel, PATH))


def test_the_file_comes_out_and_the_wheel_goes(pinned: Wheel, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    calls: list[tuple[str, int, int]] = []
    extract(pinned, {PATH: (member(pinned), cache / "net.tflite")}, cache, lambda *call: calls.append(call))
    assert (cache / "net.tflite").read_bytes() == MODEL
    assert [path.name for path in cache.iterdir()] == ["net.tflite"]
    assert calls[-1] == ("test", pinned.size, pinned.size)
    assert all(done <= total for _, done, total in calls)


def test_another_wheel_under_the_same_name_is_refused(pinned: Wheel, tmp_path: Path) -> None:
    other = replace(pinned, sha256="ab" * 32)
    with pytest.raises(WrongHashError) as caught:
        extract(other, {PATH: (member(other), tmp_path / "net.tflite")}, tmp_path, silent)
    assert f"expected abababababab, found {pinned.sha256[:12]}" in str(caught.value)
    assert not (tmp_path / "net.tflite").exists()


def test_another_file_inside_is_refused(pinned: Wheel, tmp_path: Path) -> None:
    with pytest.raises(WrongHashError, match="net "):
        extract(pinned, {PATH: (member(pinned, b"other"), tmp_path / "net.tflite")}, tmp_path, silent)
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


def test_an_index_without_it_is_one_line_with_pips_reason(pinned: Wheel, tmp_path: Path) -> None:
    gone = replace(pinned, requirement="jikcam-test-wheel==2.0")
    with pytest.raises(UnreachableError) as caught:
        extract(gone, {PATH: (member(gone), tmp_path / "net.tflite")}, tmp_path, silent)
    assert "jikcam-test-wheel==2.0 (No matching distribution found" in str(caught.value)
    assert "JIKCAM_MODELS" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_python_without_pip_is_told_how_to_get_it(
    pinned: Wheel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wheel_module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(JikcamError) as caught:
        extract(pinned, {PATH: (member(pinned), tmp_path / "net.tflite")}, tmp_path, silent)
    assert f"{sys.executable} -m ensurepip" in str(caught.value)


def test_pip_is_not_left_behind_when_we_stop(
    pinned: Wheel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []

    class Watched(wheel_module.subprocess.Popen):
        def wait(self, timeout: float | None = None) -> int:
            if not started:
                started.append(self)
                raise KeyboardInterrupt
            return super().wait(timeout)

    monkeypatch.setattr(wheel_module.subprocess, "Popen", Watched)
    with pytest.raises(KeyboardInterrupt):
        extract(pinned, {PATH: (member(pinned), tmp_path / "net.tflite")}, tmp_path, silent)
    assert started[0].returncode is not None
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


def test_what_pip_deletes_while_it_is_counted_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("gone", "stays"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_bytes(MODEL)
    scan = os.scandir

    def late(path: str | Path) -> Any:
        if Path(path).name == "gone":
            monkeypatch.setattr(os, "scandir", scan)
            shutil.rmtree(path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", late)
    assert wheel_module._bytes_under(tmp_path) == len(MODEL)
