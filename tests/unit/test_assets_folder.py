"""manifest.json of a folder: what it may say and how it is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.assets.folder import infer_adapter, read_folder
from engine.assets.manifest import LocalFile, Url
from engine.errors import JikcamError
from engine.geometry import Size

HASH = "0f" * 32


def entry(**changes: Any) -> dict[str, Any]:
    return {"name": "rtmdet_nano", "task": "detect.person", "file": "a.onnx", "sha256": HASH} | changes


def write(folder: Path, *entries: dict[str, Any]) -> Path:
    (folder / "manifest.json").write_text(json.dumps({"schema": 1, "models": list(entries)}), "utf-8")
    return folder


def test_a_whole_entry(tmp_path: Path) -> None:
    row = entry(
        licence="MIT",
        size=7,
        input={"shape": ["N", 3, 256, 128], "layout": "NCHW", "mean": [0]},
        note="x",
        ms=9.4,
    )
    (asset,) = read_folder(write(tmp_path, row), "folder")
    assert (asset.name, asset.task, asset.adapter) == ("rtmdet_nano", "detect.person", "rtmdet")
    assert (asset.licence, asset.size, asset.input_size) == ("MIT", 7, Size(128, 256))
    assert asset.origin == LocalFile(tmp_path / "a.onnx")
    assert asset.digest.sha256 == HASH


@pytest.mark.parametrize(
    ("spec", "size"),
    [
        (
            {"recommended": [288, 512], "shape": ["N", 3, "H%32==0", "W%32==0"], "layout": "NCHW"},
            Size(512, 288),
        ),
        ({"shape": [1, 256, 128, 3], "layout": "NHWC"}, Size(128, 256)),
        ({"shape": ["N", 3, "H", "W"], "layout": "NCHW"}, None),
        ({"shape": [1, 3, 640, 640]}, None),
        ({}, None),
    ],
)
def test_input_sizes_are_height_width_in_files(
    tmp_path: Path, spec: dict[str, Any], size: Size | None
) -> None:
    assert read_folder(write(tmp_path, entry(input=spec)), "folder")[0].input_size == size


@pytest.mark.parametrize(
    ("name", "adapter"),
    [
        ("rtmdet_nano_person", "rtmdet"),
        ("nanodet_plus_m15x_416_person", "nanodet-gfl"),
        ("yolox_nano_416", "yolox"),
        ("tinypose_256x192", "heatmap"),
        ("yunet_2023mar", "yunet"),
        ("osnet_x0_25_msmt17", "embed"),
        ("face_reid_0095", "embed"),
        ("person_reid_0287", "embed"),
        ("pose_full.task", "mediapipe-pose"),
        ("my_own", ""),
    ],
)
def test_adapters_by_name(name: str, adapter: str) -> None:
    assert infer_adapter(name) == adapter


def test_an_adapter_that_is_given_wins(tmp_path: Path) -> None:
    assert read_folder(write(tmp_path, entry(adapter="yolox")), "folder")[0].adapter == "yolox"


def test_an_entry_may_have_an_address_instead(tmp_path: Path) -> None:
    row = entry(file="", url="https://example.org/a.onnx")
    assert read_folder(write(tmp_path, row), "folder")[0].origin == Url("https://example.org/a.onnx")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"sha256": "123"}, "models.0.sha256"),
        ({"sha256": None}, "models.0.sha256"),
        ({"name": "../x"}, "models.0.name"),
        ({"task": ""}, "models.0.task"),
        ({"file": "../../secret.onnx"}, "leads out"),
        ({"file": "/secret.onnx"}, "leads out"),
        ({"file": "C:\\secret.onnx"}, "leads out"),
        ({"file": "..\\secret.onnx"}, "leads out"),
        ({"file": ""}, "missing"),
    ],
)
def test_wrong_entries_are_named(tmp_path: Path, changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(JikcamError) as caught:
        read_folder(write(tmp_path, entry(**changes)), "folder")
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_twice_the_same_name_in_two_spellings(tmp_path: Path) -> None:
    with pytest.raises(JikcamError, match="rtmdet-nano twice"):
        read_folder(write(tmp_path, entry(), entry(name="rtmdet-nano")), "folder")


def test_no_folder_no_manifest_no_json(tmp_path: Path) -> None:
    with pytest.raises(JikcamError, match="is not a folder"):
        read_folder(tmp_path / "gone", "folder")
    with pytest.raises(JikcamError, match="cannot read"):
        read_folder(tmp_path, "folder")
    (tmp_path / "manifest.json").write_text("{", "utf-8")
    with pytest.raises(JikcamError, match="is not JSON"):
        read_folder(tmp_path, "folder")
    (tmp_path / "manifest.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(JikcamError, match="is not JSON"):
        read_folder(tmp_path, "folder")
