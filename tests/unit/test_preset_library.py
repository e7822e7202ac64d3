"""The library never touches anything but plain files in its folder, and never a shipped preset."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.control.compare import Difference, differences
from engine.control.library import MAX_BYTES, Entry, PresetLibrary, UnknownPresetError, checked
from engine.errors import JikcamError
from engine.presets import parse_preset

TEXT = '[[view]]\nname = "main"\nshot = "full"\n'


@pytest.fixture
def library(tmp_path: Path) -> PresetLibrary:
    shipped = tmp_path / "shipped" / "webcam.toml"
    shipped.parent.mkdir()
    shipped.write_text(TEXT)
    return PresetLibrary(tmp_path / "own", {"webcam": shipped})


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_preset_is_saved_read_listed_and_deleted(library: PresetLibrary, tmp_path: Path) -> None:
    assert library.entries() == (Entry("webcam", True),)
    library.save("Show 1", TEXT)
    library.save("무대", TEXT + "mirror = true\n")
    assert library.entries() == (Entry("Show 1", False), Entry("무대", False), Entry("webcam", True))
    assert library.text("무대").endswith("mirror = true\n") and library.preset("무대").view[0].mirror
    library.save("Show 1", TEXT + "# again\n")
    assert library.text("Show 1").endswith("# again\n")
    assert sorted(path.name for path in (tmp_path / "own").iterdir()) == ["Show 1.toml", "무대.toml"]
    library.delete("Show 1")
    assert library.entries() == (Entry("무대", False), Entry("webcam", True))
    for forget in (library.delete, library.text, library.preset):
        with pytest.raises(UnknownPresetError, match="'Show 1'; choose one of the list"):
            forget("Show 1")


@pytest.mark.parametrize("name", ["webcam", "Webcam", "WEBCAM", "ｗｅｂｃａｍ"])
def test_a_shipped_preset_stays_as_it_is(library: PresetLibrary, tmp_path: Path, name: str) -> None:
    before = everything(tmp_path)
    with pytest.raises(JikcamError):
        library.save(name, TEXT)
    with pytest.raises(JikcamError):
        library.delete(name)
    assert everything(tmp_path) == before
    assert library.text("webcam") == TEXT


BAD = [
    *("", " ", ".", "..", "a/b", "../a", "a\\b", "/etc/passwd", "C:a", "a.toml", ".hidden", "a\0b"),
    *("-a", "a" * 61, "con", "NUL", "com1", "a*b", "~", "$HOME", "%2e%2e", "a\u202eb", "\ud800", "a:b"),
]


@pytest.mark.parametrize("name", BAD)
def test_names_that_are_none(library: PresetLibrary, tmp_path: Path, name: str) -> None:
    before = everything(tmp_path)
    for use in (lambda n: library.save(n, TEXT), library.text, library.preset, library.delete):
        with pytest.raises(JikcamError, match="use letters"):
            use(name)
    assert everything(tmp_path) == before


@given(st.text(max_size=80))
def test_a_name_that_passes_is_a_plain_file_name(name: str) -> None:
    try:
        clean = checked(name)
    except JikcamError:
        return
    assert clean == Path(clean).name == checked(clean)
    assert not set(clean) & set('/\\:*?"<>|.\0\n') and len(clean) <= 60


def test_spaces_are_plain_and_single(library: PresetLibrary, tmp_path: Path) -> None:
    library.save("  Gala\n night ", TEXT)
    assert [path.name for path in (tmp_path / "own").iterdir()] == ["Gala night.toml"]
    (tmp_path / "own" / "By  hand.toml").write_text(TEXT)
    for entry in library.entries():
        assert library.text(entry.name) == TEXT


def test_other_capitals_are_the_same_preset(library: PresetLibrary, tmp_path: Path) -> None:
    library.save("Gala", TEXT)
    library.save("gala", TEXT + "# newer\n")
    assert [path.name for path in (tmp_path / "own").iterdir()] == ["Gala.toml"]
    assert library.text("GALA").endswith("# newer\n")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
@pytest.mark.parametrize(
    "make",
    [lambda path, to: path.symlink_to(to), lambda path, to: path.mkdir(), lambda path, to: os.mkfifo(path)],
)
def test_links_folders_and_pipes_are_no_presets(
    library: PresetLibrary, tmp_path: Path, make: Callable[[Path, Path], None]
) -> None:
    library.save("mine", TEXT)
    secret = tmp_path / "secret.toml"
    secret.write_text(TEXT + "# secret\n")
    trap = tmp_path / "own" / "trap.toml"
    make(trap, secret)
    assert library.entries() == (Entry("mine", False), Entry("webcam", True))
    for use in (library.text, library.delete):
        with pytest.raises(UnknownPresetError):
            use("trap")
    for name in ("trap", "Trap"):
        with pytest.raises(JikcamError, match="is a link, or no file; choose another name"):
            library.save(name, TEXT)
    assert sorted(path.name for path in trap.parent.iterdir()) == ["mine.toml", "trap.toml"]
    assert trap.is_symlink() or not trap.is_file(), "it stays as it is"
    assert secret.read_text().endswith("# secret\n")


def test_a_link_that_comes_between_look_and_read_is_not_followed(
    library: PresetLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not hasattr(os, "O_NOFOLLOW"):
        pytest.skip("this system can't say so")
    library.save("mine", TEXT)
    secret = tmp_path / "secret.toml"
    secret.write_text("secret")
    mine = tmp_path / "own" / "mine.toml"
    mine.unlink()
    mine.symlink_to(secret)
    monkeypatch.setattr("engine.control.library._is_plain", lambda path: True)
    with pytest.raises(JikcamError, match="can't read"):
        library.text("mine")


@pytest.mark.parametrize("text", ["[[view]]\nshot = 3\n", "a = ", "x = 1\n", "[[view]]\nname = 'a'\n" * 2])
def test_only_what_is_a_preset_is_written(library: PresetLibrary, tmp_path: Path, text: str) -> None:
    library.save("mine", TEXT)
    with pytest.raises(JikcamError, match="the preset mine"):
        library.save("mine", text)
    assert library.text("mine") == TEXT
    assert [path.name for path in (tmp_path / "own").iterdir()] == ["mine.toml"]


def test_a_crash_in_the_middle_leaves_the_old_preset(
    library: PresetLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.save("mine", TEXT)

    def full(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(JikcamError, match="No space left"):
        library.save("mine", TEXT + "# newer\n")
    assert library.text("mine") == TEXT
    assert [path.name for path in (tmp_path / "own").iterdir()] == ["mine.toml"]


def test_files_that_can_not_be_presets(library: PresetLibrary, tmp_path: Path) -> None:
    library.save("mine", TEXT)
    own = tmp_path / "own"
    (own / "huge.toml").write_text("#" * (MAX_BYTES + 1))
    (own / "latin.toml").write_bytes(b"name = '\xe9'")
    (own / "no.good.toml").write_text(TEXT)
    (own / "webcam.toml").write_text(TEXT + "# not the shipped one\n")
    (own / "marked.toml").write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    names = [entry.name for entry in library.entries() if not entry.shipped]
    assert names == ["huge", "latin", "marked", "mine"]
    for name, says in (("huge", "longer than"), ("latin", "not UTF-8")):
        with pytest.raises(JikcamError, match=says):
            library.text(name)
    assert library.text("webcam") == TEXT and library.text("marked") == TEXT


def test_without_a_folder_there_are_only_the_shipped_ones() -> None:
    library = PresetLibrary(None)
    assert library.entries() and all(entry.shipped for entry in library.entries())
    assert library.preset("webcam").view
    with pytest.raises(JikcamError, match="no folder"):
        library.save("mine", TEXT)


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "own").write_text("")
    library = PresetLibrary(tmp_path / "own", {})
    assert library.entries() == ()
    with pytest.raises(JikcamError, match="can't write the preset 'mine'"):
        library.save("mine", TEXT)


# -- compare


def values(text: str) -> dict[str, object]:
    return parse_preset(text, "test").model_dump(mode="json")


def test_not_written_is_the_same_as_the_default() -> None:
    written = '[perception]\npack = "auto"\n[[view]]\nname = "main"\nshot = "full"\nmirror = false\n'
    assert differences(values(TEXT), values(written)) == []


def test_every_key_that_differs_with_both_values() -> None:
    running = values(TEXT + '[[view]]\nname = "b"\n')
    saved = values(
        "[area]\ninside = [[0,0],[1,0],[1,1]]\n[obs]\n" + TEXT + "camera.feel = 'calm'\nheadroom_norm = 0.2\n"
    )
    found = {d.key: d for d in differences(running, saved)}
    assert list(found)[:2] == ["area.inside", "obs"]
    assert found["area.inside"] == Difference("area.inside", None, [[0, 0], [1, 0], [1, 1]])
    assert found["view.main.camera.feel"].saved == "calm"
    assert found["view.main.headroom_norm"].saved == 0.2
    assert found["view.b"].saved is None and found["view.b"].running["name"] == "b"
    assert found["obs"].running is None and isinstance(found["obs"].saved, dict)
    assert len(found) == 5
