"""What the layout promises: the card's folders, pure rooms, arrows that run one way."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PURE = [
    "engine/geometry.py",
    "engine/people.py",
    "engine/roll.py",
    "engine/errors.py",
    "engine/area.py",
    "engine/tracking",
    "engine/identity",
    "engine/direction",
]
IMPURE = {"cv2", "threading", "time", "socket", "asyncio", "subprocess", "av", "mediapipe", "onnxruntime"}
#: Pure rooms may import only these of the engine.
CORE = (
    "engine.geometry",
    "engine.people",
    "engine.roll",
    "engine.errors",
    "engine.area",
    "engine.tracking",
    "engine.identity",
    "engine.direction",
)


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def files(*places: str) -> list[Path]:
    found: list[Path] = []
    for place in places:
        path = ROOT / place
        found += [path] if path.suffix == ".py" else sorted(path.rglob("*.py"))
    return found


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_folders_of_the_design_card_are_there() -> None:
    for name in ("pyproject.toml", "obs_plugin", "virtualcam", "engine", "presets", "tests", "install"):
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize("path", files(*PURE), ids=relative)
def test_the_core_is_pure(path: Path) -> None:
    for module in imports(path):
        assert module.split(".")[0] not in IMPURE, module
        assert not module.startswith("engine.") or module.startswith(CORE), module


@pytest.mark.parametrize("path", files("virtualcam"), ids=relative)
def test_sinks_know_nothing_of_the_engine(path: Path) -> None:
    assert not any(module.split(".")[0] in ("engine", "obs_plugin") for module in imports(path))


def test_the_engine_imports_no_client_of_its_api() -> None:
    for path in files("engine"):
        assert not any(module.split(".")[0] == "obs_plugin" for module in imports(path)), path


@pytest.mark.parametrize("path", files("obs_plugin"), ids=relative)
def test_the_obs_side_knows_errors_and_presets_of_the_engine_and_nothing_else(path: Path) -> None:
    allowed = ("engine.errors", "engine.presets")
    for module in imports(path):
        room = module.split(".")[0]
        assert room != "virtualcam" and (room != "engine" or module.startswith(allowed)), module


@pytest.mark.parametrize(
    ("package", "stranger"), [("obs_plugin.cli", "pyvirtualcam"), ("engine.cli", "obsws_python")]
)
def test_the_two_gpl_packages_never_meet_in_one_process(package: str, stranger: str) -> None:
    code = f"import {package}, sys; sys.exit({stranger!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60).returncode == 0


@pytest.mark.parametrize("path", files("engine", "virtualcam", "obs_plugin", "install"), ids=relative)
def test_a_file_fits_on_three_screens(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 320
