"""The command as a user runs it: what goes wrong is one line on stderr, exit code 2, and no traceback."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WEBCAM = (ROOT / "presets" / "webcam.toml").read_text()


def jikcam(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    with starting(*arguments, cwd=cwd, **environment) as process:
        out, err = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def starting(*arguments: str, cwd: Path, **environment: str) -> subprocess.Popen[str]:
    env = {**os.environ, "JIKCAM_CACHE": str(cwd / "cache"), "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-m", "engine.cli", *arguments]
    return subprocess.Popen(
        command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    lines = done.stderr.strip().splitlines()
    assert done.returncode == 2, done.stderr
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("jikcam: ")
    for word in words:
        assert word in lines[0]


@pytest.fixture
def models(models_dir: Path) -> dict[str, str]:
    return {"JIKCAM_MODELS": str(models_dir)}


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return film(tmp_path / "stage.mp4")


def film(path: Path) -> Path:
    """One second of a small stage."""
    import numpy as np

    from engine.geometry import Size
    from engine.sources.stage import StageSource, scene
    from virtualcam.movie import MovieSink
    from virtualcam.sink import Picture

    size = Size(320, 180)
    source = StageSource(scene("sway", 1, size, 15), "fast", 1.0)
    sink = MovieSink(path, size, 15.0, blocking=True)
    while not source.ended:
        frame = source.read(1.0)
        if frame is not None:
            sink.send(Picture(np.ascontiguousarray(frame.image), frame.time_s, frame.index))
    sink.close()
    return path


def test_missing_file(tmp_path: Path) -> None:
    refused(jikcam("run", "--source", "no-such.mp4", cwd=tmp_path), "no-such.mp4", "does not exist")


def test_unreadable_video(tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("this is no video " * 100)
    refused(jikcam("run", "--source", "notes.mp4", cwd=tmp_path), "notes.mp4", "video")


def test_no_camera(tmp_path: Path) -> None:
    refused(jikcam("run", "--source", "97", cwd=tmp_path), "camera")


def test_unknown_model_pack(tmp_path: Path, video: Path) -> None:
    refused(jikcam("run", "--source", str(video), "--pack", "standart", cwd=tmp_path), "standart", "standard")


def test_wrong_hash(tmp_path: Path, video: Path, models_dir: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    for file in models_dir.iterdir():
        if file.is_file():
            (folder / file.name).write_bytes(file.read_bytes())
    swapped = folder / "rtmdet_nano_person.onnx"
    swapped.chmod(0o644)
    swapped.write_bytes(b"X" + swapped.read_bytes()[1:])
    done = jikcam(
        "run",
        "--source",
        str(video),
        "--pack",
        "standard",
        "--no-control",
        cwd=tmp_path,
        JIKCAM_MODELS=str(folder),
    )
    refused(done, "rtmdet_nano_person", "9b65c2ceb280")


def test_bad_preset_key(tmp_path: Path) -> None:
    preset = tmp_path / "mine.toml"
    preset.write_text(WEBCAM.replace("[source]", "[source]\nurii = '0'"))
    line = preset.read_text().splitlines().index("urii = '0'") + 1
    refused(jikcam("run", "--preset", "mine.toml", cwd=tmp_path), f"mine.toml:{line}", "urii", "uri")


@pytest.mark.parametrize("aspect", ["banana", "0:9", "16:0", "99:1"])
def test_bad_aspect(tmp_path: Path, aspect: str) -> None:
    refused(jikcam("run", "--aspect", aspect, cwd=tmp_path), aspect)


def test_bad_size_and_target(tmp_path: Path) -> None:
    refused(jikcam("run", "--size", "720p", cwd=tmp_path), "WIDTHxHEIGHT")
    refused(jikcam("run", "--target", "tallest", cwd=tmp_path), "tallest", "largest")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--feel", "wild"), ("wild", "sport")),
        (("--operator", "robot"), ("robot", "lookahead")),
        (("--delay", "3"), ("3", "1.5")),
        (("--style", "fake"), ("fake", "natural")),
        (("--style", "face", "--shot", "full"), ("--style", "--shot")),
    ],
)
def test_bad_camera(tmp_path: Path, options: tuple[str, ...], words: tuple[str, ...]) -> None:
    refused(jikcam("run", *options, cwd=tmp_path), *words)


def test_a_whole_take_is_not_planned_live(tmp_path: Path, video: Path, models: dict[str, str]) -> None:
    live = ("run", "--source", str(video), "--pack", "standard", "--operator", "take")
    refused(jikcam(*live, cwd=tmp_path, **models), "take", "--fast")


def test_nobody_to_make_views_of(tmp_path: Path, video: Path, models: dict[str, str]) -> None:
    preset = tmp_path / "all.toml"
    preset.write_text(f'[identity]\ngallery = "{tmp_path / "none"}"\n[[view]]\neach = "member"\n')
    done = jikcam(
        "run", "--preset", str(preset), "--source", str(video), "--pack", "standard", cwd=tmp_path, **models
    )
    refused(done, "nobody enrolled", "people = 9")


def test_port_taken(tmp_path: Path, video: Path, models: dict[str, str]) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        done = jikcam(
            "run", "--source", str(video), "--pack", "standard", "--port", port, cwd=tmp_path, **models
        )
    refused(done, port, "--port")


def test_output_folder_missing_or_closed(tmp_path: Path, video: Path, models: dict[str, str]) -> None:
    closed = tmp_path / "file"
    closed.write_text("a file is no folder")
    for out in (tmp_path / "no" / "a.mp4", closed / "a.mp4"):
        done = jikcam(
            "run", "--source", str(video), "--pack", "standard", "--out", str(out), cwd=tmp_path, **models
        )
        refused(done, str(out.parent))
    refused(
        jikcam(
            "run",
            "--source",
            str(video),
            "--log",
            str(closed / "l"),
            "--pack",
            "standard",
            cwd=tmp_path,
            **models,
        ),
        "shot log",
    )
    refused(jikcam("demo", "--out", str(closed / "demo"), cwd=tmp_path, **models), "demo")


def test_preset_new_never_overwrites(tmp_path: Path) -> None:
    assert jikcam("preset", "new", "mine.toml", "--like", "lecture", cwd=tmp_path).returncode == 0
    assert jikcam("preset", "check", "mine.toml", cwd=tmp_path).returncode == 0
    refused(jikcam("preset", "new", "mine.toml", cwd=tmp_path), "mine.toml")


def test_preset_list_and_schema(tmp_path: Path) -> None:
    listed = jikcam("preset", "list", cwd=tmp_path).stdout
    assert all(name in listed for name in ("webcam", "lecture", "two-hosts"))
    assert json.loads(jikcam("preset", "schema", cwd=tmp_path).stdout)["type"] == "object"


def test_models_list_and_verify(tmp_path: Path, models: dict[str, str]) -> None:
    listed = jikcam("models", "list", cwd=tmp_path, COLUMNS="200", **models).stdout
    assert "rtmdet" in listed
    done = jikcam("models", "verify", cwd=tmp_path, **models)
    assert done.returncode == 0 and "present" in done.stdout


def test_doctor_names_every_thing_and_its_fix(tmp_path: Path, models: dict[str, str]) -> None:
    done = jikcam("doctor", "--camera", "97", "--port", "0", cwd=tmp_path, **models)
    lines = done.stdout.strip().splitlines()
    assert [line[4:].split(":")[0] for line in lines] == [
        "system", "computer", "camera", "embedded models", "standard models", "virtual camera", "port",
        "OBS Studio", *(["OBS"] if shutil.which("obs") else []),
    ]  # fmt: skip
    assert lines[2].startswith("FIX camera")
    assert "Traceback" not in done.stderr


@pytest.mark.real
def test_fast_runs_are_repeatable_to_the_last_digit(
    tmp_path: Path, models: dict[str, str], data_dir: Path
) -> None:
    clip = data_dir / "clips" / "TUD-Campus.mp4"
    logs = []
    for name in ("a", "b"):
        done = jikcam(
            "run", "--source", str(clip), "--fast", "--preset", "dance-stage", "--target", "index:2",
            "--pack", "standard", "--log", f"{name}.jsonl", "--out", f"{name}.mp4", cwd=tmp_path, **models,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert (tmp_path / f"{name}.mp4").stat().st_size > 10_000
        logs.append((tmp_path / f"{name}.jsonl").read_text())
    assert logs[0] == logs[1]
    records = [json.loads(line) for line in logs[0].splitlines()]
    assert [r["index"] for r in records] == list(range(len(records)))
    assert sum(r["lock"] == "held" for r in records) > len(records) / 2
    for record in records:
        x, y, w, h = record["shot"]
        assert w / h == pytest.approx(16 / 9, rel=1e-4)
        assert x >= -0.01 and y >= -0.01 and x + w <= 640.01 and y + h <= 480.01


def test_run_with_obs_away_makes_pictures_and_leaves_no_process(
    tmp_path: Path, models: dict[str, str]
) -> None:
    preset = tmp_path / "show.toml"
    preset.write_text("[control]\nport = 0\n[obs]\nport = 1\n")
    arguments = (
        "run", "--preset", str(preset), "--source", "stage:sway,size=640x360", "--pack", "embedded",
        "--seconds", "60", "--log", "shots.jsonl",
    )  # fmt: skip
    with starting(*arguments, cwd=tmp_path, **models) as process:
        away, said = "obs: OBS does not answer at 127.0.0.1:1; start OBS", []
        for line in process.stderr:
            said.append(line)
            if away in line:
                break
        time.sleep(4.0)
        process.terminate()
        _, more = process.communicate(timeout=60)  # which is also the end of whoever else could write there
    assert process.returncode == 0, [*said, more]
    assert said and away in said[-1], [*said, more]
    assert len((tmp_path / "shots.jsonl").read_text().splitlines()) > 60


def test_obs_commands_without_jikcam_or_obs(tmp_path: Path) -> None:
    preset = tmp_path / "show.toml"
    preset.write_text("[obs]\nport = 1\n")
    for arguments, words in (
        (("obs", "setup", "--engine", "http://127.0.0.1:1"), "start it with: jikcam run"),
        (("obs", "setup", "--preset", str(preset)), "start OBS and enable its server"),
        (("obs", "release", "--engine", "ftp://x"), "write it as http://127.0.0.1:8787"),
    ):
        done = jikcam(*arguments, cwd=tmp_path)
        assert done.returncode == 2 and len(done.stderr.strip().splitlines()) == 1, done.stderr
        assert done.stderr.startswith("jikcam obs: ") and words in done.stderr
