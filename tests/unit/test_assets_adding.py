"""A user's own models."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from engine.assets import add_model, adding, list_assets, load_model, store
from engine.assets.download import Progress, UnreachableError
from engine.assets.manifest import Asset
from engine.assets.verify import WrongHashError
from engine.errors import JikcamError
from engine.geometry import Size

DATA = b"my weights"
SHA256 = hashlib.sha256(DATA).hexdigest()
URL = "https://example.org/dir/net.onnx"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("JIKCAM_MODELS", raising=False)
    monkeypatch.setenv("JIKCAM_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "Downloads net.onnx"
    path.write_bytes(DATA)
    return path


def test_a_local_model_is_copied_hashed_and_found_by_name(file: Path) -> None:
    added = add_model(
        file, name="My.Net", task="detect.person", adapter="yolox", licence="MIT", input_size=Size(640, 416)
    )
    file.unlink()
    found = load_model("my_net")
    assert found == added
    assert (found.sha256, found.adapter, found.licence) == (SHA256, "yolox", "MIT")
    assert found.input_size == Size(640, 416)
    assert found.path.read_bytes() == DATA
    (row,) = [row for row in list_assets() if row.name == "My.Net"]
    assert (row.state, row.origin, row.size) == ("present", "added by you", len(DATA))


def test_adding_again_replaces_and_others_stay(file: Path) -> None:
    add_model(file, name="one", task="t", adapter="yolox")
    add_model(str(file), name="rtmdet-mine", task="t", sha256=SHA256.upper())
    file.write_bytes(b"newer")
    add_model(file, name="One", task="t", adapter="rtmdet")
    assert load_model("one").path.read_bytes() == b"newer"
    assert load_model("one").adapter == "rtmdet"
    assert load_model("rtmdet-mine").adapter == "rtmdet", "told by the name"
    assert load_model("rtmdet-mine").input_size is None


def test_a_damaged_copy_is_refused(file: Path) -> None:
    model = add_model(file, name="one", task="t", adapter="yolox")
    model.path.write_bytes(b"damaged!!")
    with pytest.raises(WrongHashError, match="jikcam models add"):
        load_model("one")


def test_an_address_is_fetched_at_once_and_fetched_again_when_gone(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give(asset: Asset, url: str, target: Path, progress: Progress) -> None:
        assert url == URL
        target.write_bytes(DATA)

    monkeypatch.setattr(store, "download", give)
    model = add_model(URL, name="one", task="t", adapter="yolox", sha256=SHA256)
    model.path.unlink()
    assert load_model("one") == model


def test_an_address_that_fails_leaves_no_trace(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(asset: Asset, url: str, target: Path, progress: Progress) -> None:
        raise UnreachableError("no network")

    monkeypatch.setattr(store, "download", refuse)
    with pytest.raises(UnreachableError):
        add_model(URL, name="one", task="t", adapter="yolox", sha256=SHA256)
    with pytest.raises(JikcamError, match="no model called 'one'"):
        load_model("one")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"name": "../one"}, "is no name"),
        ({"name": ""}, "is no name"),
        ({"name": "yolox_nano"}, "is taken"),
        ({"task": ""}, "needs a task"),
        ({"sha256": "12"}, "is not a sha256"),
        ({"sha256": "ab" * 32}, "expected abababababab"),
        ({"path_or_url": URL}, "needs its sha256"),
        ({"path_or_url": Path("gone.onnx")}, "no file"),
    ],
)
def test_refusals_are_one_line_and_add_nothing(
    file: Path, changes: dict[str, object], complaint: str
) -> None:
    arguments = {"path_or_url": file, "name": "one", "task": "t", "adapter": "yolox"} | changes
    before = list_assets()
    with pytest.raises(JikcamError) as caught:
        adding.add_model(**arguments)  # type: ignore[arg-type]
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list_assets() == before
