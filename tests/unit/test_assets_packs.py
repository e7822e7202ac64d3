"""Packs and models by name, from a folder, the cache and pretended origins."""

from __future__ import annotations

import hashlib
import json
import logging
from pathlib import Path

import pytest

from engine.assets import fetch_pack, list_assets, load_model, load_pack, load_picture, store, verify_all
from engine.assets.download import Progress, UnreachableError
from engine.assets.manifest import Asset, WheelMember, built_in
from engine.assets.verify import WrongHashError
from engine.errors import JikcamError
from engine.geometry import Size

STANDARD = {
    "detector": "rtmdet_nano_person",
    "pose": "tinypose_256x192",
    "pose_fast": "tinypose_128x96",
    "face": "yunet_2023mar",
    "face_embedder": "face_reid_0095",
    "body_embedder": "osnet_x0_25_msmt17",
    "objects": "yolox_nano_416",
}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("JIKCAM_MODELS", raising=False)
    monkeypatch.setenv("JIKCAM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []

    def refuse(asset: Asset, url: str, target: Path, progress: Progress) -> None:
        asked.append(asset.name)
        raise UnreachableError(f"{asset.name}: no network", "")

    def refuse_wheel(wheel: object, wanted: object, cache: Path, progress: Progress) -> None:
        asked.append("wheel")
        raise UnreachableError("no network", "")

    monkeypatch.setattr(store, "download", refuse)
    monkeypatch.setattr(store, "extract", refuse_wheel)
    return asked


@pytest.fixture
def folder(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all of the standard pack."""
    folder = tmp_path / "folder"
    folder.mkdir()
    make(folder, *STANDARD.values())
    monkeypatch.setenv("JIKCAM_MODELS", str(folder))
    return folder


def make(folder: Path, *names: str) -> None:
    entries = []
    for name in names:
        data = f"weights of {name}".encode()
        (folder / f"{name}.onnx").write_bytes(data)
        sha256 = hashlib.sha256(data).hexdigest()
        shape = {"shape": ["N", 3, 256, 192], "layout": "NCHW"} if name.startswith("tinypose") else {}
        entries.append({"name": name, "task": "t", "file": f"{name}.onnx", "sha256": sha256, "input": shape})
    (folder / "manifest.json").write_text(json.dumps({"models": entries}), "utf-8")


def test_the_folder_gives_the_standard_pack_by_its_own_names(folder: Path, no_network: list[str]) -> None:
    for name in ("standard", "auto"):
        pack = load_pack(name)
        assert pack.name == "standard"
        assert {role: model.name for role, model in pack.roles.items()} == STANDARD
        assert pack.roles["pose"].input_size == Size(192, 256)
        assert pack.roles["pose"].adapter == "heatmap"
        assert pack.roles["detector"].path == folder / "rtmdet_nano_person.onnx"
    assert no_network == []


def test_roles_cannot_be_changed_by_accident(folder: Path) -> None:
    with pytest.raises(TypeError):
        load_pack("standard").roles["pose"] = None  # type: ignore[index]


def test_optional_roles_are_left_out_and_the_next_best_is_taken(folder: Path, no_network: list[str]) -> None:
    make(folder, "rtmdet_nano_person", "tinypose_256x192")
    pack = load_pack("standard", fetch=False)
    assert set(pack.roles) == {"detector", "pose", "pose_fast"}
    assert pack.roles["pose_fast"].name == "tinypose_256x192"
    assert no_network == []


def test_without_network_optional_roles_are_tried_once_and_missed_aloud(
    folder: Path, no_network: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    make(folder, "rtmdet_nano_person", "tinypose_256x192")
    with caplog.at_level(logging.WARNING):
        pack = load_pack("standard")
    assert set(pack.roles) == {"detector", "pose", "pose_fast"}
    assert no_network == ["yunet-2023mar"]
    assert "without a face model" in caplog.text


def test_required_roles_are_required(folder: Path, no_network: list[str]) -> None:
    make(folder, "tinypose_256x192")
    with pytest.raises(JikcamError, match=r"no detector model .* jikcam models fetch standard"):
        load_pack("standard", fetch=False)
    with pytest.raises(UnreachableError):
        load_pack("standard")
    assert no_network == ["rtmdet-nano-person"]


def test_a_listed_file_that_is_gone_is_no_file(folder: Path, no_network: list[str]) -> None:
    (folder / "yunet_2023mar.onnx").unlink()
    assert "face" not in load_pack("standard", fetch=False).roles
    with pytest.raises(JikcamError, match="yunet_2023mar is listed, but"):
        load_model("yunet-2023mar")


def test_accurate_prefers_the_folder(folder: Path, no_network: list[str]) -> None:
    with pytest.raises(UnreachableError):
        load_pack("accurate")
    assert no_network == ["yolox-s"]
    make(folder, *STANDARD.values(), "nanodet_plus_m15x_416_person")
    assert load_pack("accurate").roles["detector"].adapter == "nanodet-gfl"


def test_a_damaged_file_is_refused_even_when_optional(folder: Path, no_network: list[str]) -> None:
    path = folder / "osnet_x0_25_msmt17.onnx"
    path.write_bytes(b"something else")
    for load in (lambda: load_pack("auto"), lambda: load_pack("standard"), lambda: fetch_pack("standard")):
        with pytest.raises(
            WrongHashError, match=r"osnet_x0_25_msmt17 .*expected .*found .*put the right file back"
        ):
            load()
    assert path.read_bytes() == b"something else", "files of the user are not ours to replace"


def test_auto_never_downloads_the_standard_pack(cache: Path, no_network: list[str]) -> None:
    with pytest.raises(UnreachableError):
        load_pack("auto")
    assert no_network == ["wheel"]
    no_network.clear()
    with pytest.raises(JikcamError, match="jikcam models fetch embedded"):
        load_pack("auto", fetch=False)
    assert no_network == []


def test_unknown_names_offer_the_nearest(folder: Path) -> None:
    with pytest.raises(
        JikcamError, match=r"no pack called 'standart'; did you mean standard\? known: .*auto.*embed"
    ):
        load_pack("standart")
    with pytest.raises(JikcamError, match=r"no model called 'yolox-nan'; did you mean yolox-nano\? known: "):
        load_model("yolox-nan")
    with pytest.raises(JikcamError, match=r"no picture called 'astronot'; did you mean astronaut\?"):
        load_picture("astronot")
    with pytest.raises(JikcamError, match="no model called 'astronaut'"):
        load_model("astronaut")
    with pytest.raises(JikcamError, match="no pack called 'nonsense'"):
        fetch_pack("nonsense")


def pretend_origins(monkeypatch: pytest.MonkeyPatch, asked: list[str]) -> None:
    """Every download gives the file, whatever it was; the hashes are those of the pretended files."""

    def give(asset: Asset, url: str, target: Path, progress: Progress) -> None:
        asked.append(asset.name)
        target.write_bytes(asset.name.encode())

    def right(asset: Asset, found: object, path: Path) -> None:
        if path.read_bytes() != asset.name.encode():
            raise WrongHashError(f"{asset.name} is wrong")

    monkeypatch.setattr(store, "download", give)
    monkeypatch.setattr("engine.assets.verify.require", right)


def test_fetching_fills_the_cache_then_auto_uses_it(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    pretend_origins(monkeypatch, asked)
    fetch_pack("standard")
    assert sorted(asked) == sorted(
        [
            *("rtmdet-nano-person", "tinypose-256x192", "yunet-2023mar", "sface-2021dec"),
            *("osnet-x0.25-msmt17", "yolox-nano"),
        ]
    )
    asked.clear()
    assert load_pack("auto").name == "standard"
    assert asked == []


def test_loading_refuses_what_fetching_repairs(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    pretend_origins(monkeypatch, asked)
    path = load_model("yolox-nano").path
    path.write_bytes(b"damaged")
    with pytest.raises(WrongHashError):
        load_model("yolox-nano")
    assert asked == ["yolox-nano"]
    assert list(fetch_pack("yolox-nano").roles) == ["detect.coco80"]
    assert asked == ["yolox-nano", "yolox-nano"]
    assert path.read_bytes() == b"yolox-nano"


def test_not_fetching_says_how_to(cache: Path, no_network: list[str]) -> None:
    with pytest.raises(
        JikcamError, match="yolox-nano is not on this computer yet; run: jikcam models fetch yolox"
    ):
        load_model("yolox_nano", fetch=False)
    assert no_network == []
    assert not cache.exists()


def test_the_list_shows_origin_licence_state_and_packs(
    folder: Path, cache: Path, no_network: list[str]
) -> None:
    (folder / "yunet_2023mar.onnx").write_bytes(b"swapped")
    (folder / "tinypose_128x96.onnx").unlink()
    rows = {row.name: row for row in list_assets()}
    assert rows["rtmdet_nano_person"].state == "present"
    assert rows["rtmdet_nano_person"].packs == ("standard",)
    assert rows["tinypose_256x192"].packs == ("standard", "accurate")
    assert rows["tinypose_128x96"].state == "absent"
    assert rows["yunet_2023mar"].state == "bad"
    assert "found" in rows["yunet_2023mar"].problem
    assert rows["sface-2021dec"].packs == (), "the folder has a face embedder already"
    assert rows["yolox-s"].packs == ("accurate",)
    assert rows["yolox-s"].origin.startswith("https://")
    assert rows["pose-full-task"].packs == ("embedded",)
    assert all(row.licence and row.origin for row in rows.values())
    assert "rtmdet-nano-person" not in rows, "the folder's file goes first"
    assert no_network == []


def test_verify_reads_only_what_is_here(folder: Path, no_network: list[str]) -> None:
    (folder / "yunet_2023mar.onnx").write_bytes(b"swapped")
    states = {row.name: row.state for row in verify_all()}
    assert states == dict.fromkeys(STANDARD.values(), "present") | {"yunet_2023mar": "bad"}


def test_a_bundle_that_came_out_otherwise_is_not_kept(
    cache: Path, no_network: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.assets.verify.require", lambda asset, found, path: None)
    cache.mkdir()
    for asset in built_in().assets:
        if isinstance(asset.origin, WheelMember):
            (cache / asset.file_name).write_bytes(b"a part")
    monkeypatch.setattr(store, "task_bundle", lambda members: b"otherwise")
    with pytest.raises(JikcamError, match=r"pose-full-task .*made on this computer"):
        load_model("pose-full-task")
    assert list(cache.glob("*pose-full*")) == []
    assert no_network == []
