"""The demo with the real embedded models: the promise it prints, and what it leaves behind."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from engine.assemble import assemble, perception_of
from engine.assets import load_pack
from engine.cast import photographic_cast
from engine.demo import DemoScore, demo_scene, demo_view
from engine.presets import check_preset
from engine.sources.stage import StageSource
from engine.take import run_take

pytestmark = [pytest.mark.real, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]
SECONDS = 16.0


def test_the_embedded_models_hold_the_star(models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIKCAM_MODELS", str(models_dir))
    scene = demo_scene(photographic_cast(3, height_m=1.5))
    preset = check_preset({"schema": 1, "name": "demo", "view": [demo_view()]}, "the test")
    source = StageSource(scene, "fast", SECONDS)
    parts = assemble(preset, source, wait_for_sinks=True)
    score = DemoScore(scene, round(SECONDS * scene.fps))
    perception = perception_of(preset, load_pack("embedded"))()
    run_take(source, parts.show, perception, look_hz=8.0, on_picture=score.add)
    parts.show.close()
    assert score.held_share >= 0.97
    assert score.wrong == 0


def test_the_demo_command(tmp_path: Path, models_dir: Path) -> None:
    env = {**os.environ, "JIKCAM_MODELS": str(models_dir), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "engine.cli", "demo", "--seconds", "5", "--out", str(tmp_path / "out")]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "demo.mp4").stat().st_size > 20_000
    assert (tmp_path / "out" / "demo.png").stat().st_size > 20_000
    held = re.search(r"held +([\d.]+)% of (\d+) pictures", done.stdout)
    assert held and int(held[2]) > 20, done.stdout
    assert re.search(r"watch at http://127\.0\.0\.1:\d+", done.stdout)
