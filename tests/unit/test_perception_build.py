from __future__ import annotations

from pathlib import Path

import pytest

from engine.assets import ModelFile, Pack
from engine.errors import JikcamError
from engine.geometry import Size
from engine.perception import build
from engine.perception.build import build_perception
from engine.perception.scheduler import Perception


def model(adapter: str, path: str = "x.onnx") -> ModelFile:
    return ModelFile("a-model", "any", adapter, Path(path), "0" * 64, "MIT", Size(512, 288))


def pack(**roles: ModelFile) -> Pack:
    return Pack("mine", roles)


def test_adapters_are_chosen_by_name_and_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[str, tuple]] = []

    def fake(name: str):
        return lambda *args: made.append((name, args)) or name

    monkeypatch.setattr(build, "DETECTORS", {"rtmdet": fake("rtmdet")})
    monkeypatch.setattr(build, "HeatmapPose", fake("heatmap"))
    built = build_perception(
        pack(detector=model("rtmdet"), pose=model("heatmap", "p"), pose_fast=model("heatmap", "p")), 3
    )
    assert isinstance(built, Perception)
    assert made == [("rtmdet", (Path("x.onnx"), 3, Size(512, 288))), ("heatmap", (Path("p"), 3))]


def test_mediapipe_plays_both_parts_with_one_instance(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[Path, int]] = []
    people = pytest.importorskip("engine.perception.mediapipe_people")
    monkeypatch.setattr(people, "MediaPipePeople", lambda path, threads: made.append((path, threads)))
    task = model("mediapipe-pose", "pose.task")
    build_perception(pack(detector=task, pose=task), 2)
    assert made == [(Path("pose.task"), 2)]


def test_a_role_that_is_missing_is_named() -> None:
    with pytest.raises(JikcamError, match="mine has no detector"):
        build_perception(pack(pose=model("heatmap")), 1)


@pytest.mark.parametrize("adapter", ["", "heatmap", "rtmpose-simcc"])
def test_an_adapter_that_does_not_fit_the_role_is_refused(adapter: str) -> None:
    with pytest.raises(JikcamError, match="a-model has the adapter") as caught:
        build_perception(pack(detector=model(adapter), pose=model("heatmap")), 1)
    assert "rtmdet" in caught.value.fix


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    gone = model("rtmdet", str(tmp_path / "gone.onnx"))
    with pytest.raises(JikcamError, match=r"gone\.onnx"):
        build_perception(pack(detector=gone, pose=model("heatmap")), 1)
