"""`jikcam track` and `jikcam bench tracking`, on a small stage of two people who cross."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.commands.bench_tracking import tracking
from engine.commands.track import track
from engine.errors import JikcamError

ROOT = Path(__file__).resolve().parents[2]
PICTURES, FPS = 80, 20


def jikcam(*arguments: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    # No JIKCAM_PEERS_PYTHON of the one who runs the tests: peers are asked for here, or not at all.
    inherited = {k: v for k, v in os.environ.items() if k != "JIKCAM_PEERS_PYTHON"}
    env = {**inherited, "JIKCAM_CACHE": str(cwd / "cache"), "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-m", "engine.cli", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=180)


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    lines = done.stderr.strip().splitlines()
    assert done.returncode == 2, done.stderr
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("jikcam: ")
    for word in words:
        assert word in lines[0]


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    """A folder with one sequence: one dancer stands, another walks past behind, 40 px higher up the stage."""
    folder = tmp_path / "stage" / "two"
    (folder / "det").mkdir(parents=True)
    (folder / "gt").mkdir()
    (folder / "seqinfo.ini").write_text(
        f"[Sequence]\nname=two\nframeRate={FPS}\nseqLength={PICTURES}\nimWidth=640\nimHeight=480\nimExt=.jpg\n"
    )
    truth, found = [], []
    for f in range(1, PICTURES + 1):
        for person, x, y in ((1, 300.0, 100.0), (2, 40.0 + 6 * f, 40.0)):
            truth.append(f"{f},{person},{x},{y},80,240,1,1,1\n")
            found.append(f"{f},-1,{x + f % 2},{y},80,240,0.9,-1,-1,-1\n")
    (folder / "gt" / "gt.txt").write_text("".join(truth))
    (folder / "det" / "det.txt").write_text("".join(found))
    return tmp_path / "stage"


def test_track_a_folder(stage: Path, tmp_path: Path) -> None:
    done = jikcam("track", stage / "two", "--out", "tracks.txt", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = [
        [float(v) for v in line.split(",")] for line in (tmp_path / "tracks.txt").read_text().splitlines()
    ]
    assert all(len(row) == 10 for row in rows)
    assert {row[0] for row in rows} == set(range(1, PICTURES + 1))
    assert len({row[1] for row in rows}) == 2
    for row in rows:
        assert 30 < row[4] < 130
        assert 200 < row[5] < 280


def test_track_a_file_at_a_rate(stage: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    track(stage / "two" / "det" / "det.txt", tmp_path / "t.txt", 20.0, "general")
    assert "2 tracks in 80 pictures" in capsys.readouterr().out


def test_track_refuses_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "broken.txt").write_text("1,-1,10,20,30,40,0.9\n2,-1,oops,20,30,40,0.9\n")
    refused(jikcam("track", "broken.txt", "--out", "t.txt", cwd=tmp_path), "broken.txt:2", "numbers")
    assert not (tmp_path / "t.txt").exists()


def test_track_refuses(stage: Path, tmp_path: Path) -> None:
    file, out = stage / "two" / "det" / "det.txt", tmp_path / "t.txt"
    (tmp_path / "empty.txt").write_text("")
    for detections, tracks, fps, problem in (
        (tmp_path / "none.txt", out, None, "does not exist"),
        (tmp_path / "empty.txt", out, None, "no line"),
        (file, tmp_path / "none" / "t.txt", None, "folder of"),
        (file, out, 0.0, "0 pictures per second"),
        (file, out, float("nan"), "nan pictures per second"),
    ):
        with pytest.raises(JikcamError, match=problem):
            track(detections, tracks, fps)
    assert not out.exists()


def test_bench_on_a_folder(stage: Path, tmp_path: Path) -> None:
    arguments = ("bench", "tracking", stage, "--no-rates", "--no-peers", "--jobs", "1", "--json")
    done = jikcam(*arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    ours = {row["tracker"]: row for row in result["trackers"]}
    assert set(ours) == {"jikcam", "jikcam + roster"}
    assert ours["jikcam"]["deta"] > 90
    assert ours["jikcam"]["chosen"] == 2
    for row in ours.values():
        assert row["ok"] + row["wrong"] + row["lost"] == pytest.approx(100)
    assert [row["sure"] for row in result["curve"]] == [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99]
    assert {row["sequence"] for row in result["by_sequence"]} == {"two"}


def test_bench_tables_with_looks(stage: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tracking(stage / "two", every=2, looks="easy", curve="0.7,0.9", rates=False, jobs=1)
    printed = capsys.readouterr()
    assert "no peers" in printed.err
    for word in ("HOTA", "WRONG %", "jikcam + roster", "0.70", "0.90"):
        assert word in printed.out


def test_bench_refuses(stage: Path) -> None:
    for folder, options, problem in (
        (stage / "none", {}, "no folder"),
        (stage / "two" / "det", {}, "no sequence"),
        (stage, {"sequences": "three"}, "'three'.*two"),
        (stage, {"curve": "0.7,high"}, "--curve"),
        (stage, {"curve": "0.7,1.5"}, "--curve"),
        (stage, {"peers_python": stage / "no-python"}, "no-python has no peers"),
    ):
        with pytest.raises(JikcamError, match=problem):
            tracking(folder, **options)


def test_bench_without_truth_is_one_line(stage: Path, tmp_path: Path) -> None:
    (stage / "two" / "gt" / "gt.txt").unlink()
    refused(
        jikcam("bench", "tracking", stage, "--no-rates", "--jobs", "1", "--no-peers", cwd=tmp_path),
        "no truth",
    )
