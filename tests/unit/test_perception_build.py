from __future__ import annotations

from pathlib import Path

import pytest

from engine.assets import ModelFile, Pack
from engine.errors import JikcamError
from engine.geometry import Size
from engine.perception import build
from engine.perception.build import build_perception, build_reader
from engine.perception.embed import SFACE
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


def test_faces_and_bodies_are_read_where_the_pack_can(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[tuple] = []

    class Made:
        model = "0" * 64

        def __init__(self, *args) -> None:
            made.append(args)

    for name in ("YuNet", "FaceEmbedding", "BodyEmbedding"):
        monkeypatch.setattr(build, name, Made)
    roles = {
        "face": model("yunet", "y"),
        "face_embedder": model("sface", "s"),
        "body_embedder": model("embed", "b"),
    }
    reader = build_reader(pack(**roles), 3)
    assert reader is not None and reader.face_model == reader.body_model == "0" * 64
    assert made == [(Path("y"),), (Path("s"), 3, SFACE), (Path("b"), 3)]
    made.clear()
    build_reader(pack(**roles | {"face_embedder": model("embed", "f")}), 2)
    assert made[1] == (Path("f"), 2)

    bodies = build_reader(pack(body_embedder=model("embed", "b")), 3)
    assert bodies is not None and bodies.face_model == ""
    faces = build_reader(pack(face=model("yunet"), face_embedder=model("embed")), 3)
    assert faces is not None and faces.body_model == ""


@pytest.mark.parametrize("half", ["face", "face_embedder"])
def test_half_of_a_pair_reads_nothing(half: str) -> None:
    assert build_reader(pack(**{half: model("yunet")}), 1) is None
    assert build_reader(pack(), 1) is None


@pytest.mark.parametrize("role", ["face", "face_embedder", "body_embedder"])
def test_an_adapter_that_does_not_fit_appearance_is_refused(
    role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("YuNet", "FaceEmbedding", "BodyEmbedding"):
        monkeypatch.setattr(build, name, lambda *args: None)
    roles = {"face": model("yunet"), "face_embedder": model("embed"), "body_embedder": model("embed")}
    with pytest.raises(JikcamError, match="rtmdet"):
        build_reader(pack(**roles | {role: model("rtmdet")}), 1)
