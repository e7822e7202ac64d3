"""`jikcam bench target` on real pixels, as a user runs it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.cli import app

DATA = Path(os.environ.get("JIKCAM_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
CLIP, TRUTH = DATA / "clips" / "TUD-Campus.mp4", DATA / "gt" / "TUD-Campus" / "gt.txt"


@pytest.fixture
def clip() -> Path:
    if not CLIP.is_file():
        if os.environ.get("CI"):
            pytest.fail(f"{CLIP} is missing")
        pytest.skip(f"{CLIP} is not there")
    return CLIP


def bench(*options: str) -> str:
    result = CliRunner().invoke(app, ["bench", "target", *options])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.real
@pytest.mark.slow
def test_two_walkers_are_held_and_the_sheets_show_it(
    clip: Path, models_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIKCAM_MODELS", str(models_dir))
    told = json.loads(bench(str(clip), str(TRUTH), "--ids", "3,7", "--json", "--sheet", str(tmp_path)))
    assert [one["id"] for one in told["ids"]] == [3, 7]
    for one in told["ids"]:
        assert one["ok"] + one["wrong"] + one["lost"] == pytest.approx(100)
        assert one["ok"] >= 90 and one["wrong"] <= 2
    assert {p.name for p in tmp_path.iterdir()} == {"TUD-Campus-3.jpg", "TUD-Campus-7.jpg"}
