"""Names of members: readable as folders on every system, and no way out of the gallery."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.errors import JikcamError
from engine.gallery import delete_member, load_gallery, rename_member, save_member
from engine.gallery.folders import member_folder
from engine.gallery.names import checked_name, printable
from tests.unit.gallery_kit import BODY, FACE, MODELS, member

GOOD = [
    "Mina",
    "하나",
    "카리나 (aespa)",
    "Zoë",
    "O'Neil",
    "נועה",
    "さくら",
    "👩‍🎤",
    "A.B",
    "-x",
    "x" * 60,
    "1",
    "%2F",
]
BAD = [
    "", " ", ".", "..",
    ".hidden", "dot.", "a/b", "a\\b", "/etc", "C:", "a:b", "a*", "a?", 'a"b', "a<b", "a|b",
    "../up", "con", "CON", "nul.txt", "Com1", "lpt9.x", "COM¹", "conin$", "a\x00b", "a\x1b[2Jb", "a\u202eb",
    "a\ufeffb", "x" * 61, "\ud800", "aux .b",
]  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_a_good_name_is_its_folder(tmp_path: Path, name: str) -> None:
    save_member(tmp_path, member(name, 1), [], MODELS)
    assert [p.name for p in tmp_path.iterdir()] == [name]
    assert [m.name for m in load_gallery(tmp_path, FACE, BODY).members] == [name]
    delete_member(tmp_path, name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", BAD)
def test_a_bad_name_is_refused_in_one_printable_line(tmp_path: Path, name: str) -> None:
    for refuse in (
        lambda: save_member(tmp_path / "g", member(name, 1), [], MODELS),
        lambda: delete_member(tmp_path / "g", name),
    ):
        with pytest.raises(JikcamError) as caught:
            refuse()
        assert str(caught.value).isprintable() and caught.value.fix
    assert not (tmp_path / "g").exists()


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=70))
@example("a\u0301" * 20)
@example(" \u00a0 a \t b\n")
def test_whatever_is_typed_becomes_one_plain_part_of_a_path_or_is_refused(text: str) -> None:
    try:
        name = checked_name(text)
    except JikcamError:
        return
    assert checked_name(name) == name == unicodedata.normalize("NFC", name)
    assert PurePosixPath(name).parts == (name,) and PureWindowsPath(name).parts == (name,)
    assert not PureWindowsPath(name).is_reserved()
    assert 0 < len(name) <= 60 and len(os.fsencode(f".{name}.12345678")) <= 255
    assert name == name.strip() and not name.startswith(".") and not name.endswith(".")


@pytest.mark.parametrize(
    ("first", "second"),
    [("Karina", "karina"), ("Straße", "STRASSE"), ("Mina", "Mi\u200dna"), ("ﬁne", "fine"), ("Å", "å")],
)
def test_two_names_that_some_system_takes_for_one_never_lie_side_by_side(
    tmp_path: Path, first: str, second: str
) -> None:
    save_member(tmp_path, member(first, 1), [], MODELS)
    with pytest.raises(JikcamError, match="there is a member"):
        save_member(tmp_path, member(second, 2), [], MODELS)
    save_member(tmp_path, member("Other", 2), [], MODELS)
    with pytest.raises(JikcamError, match="already"):
        rename_member(tmp_path, "Other", second)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_decomposed_name_is_the_same_member(tmp_path: Path) -> None:
    """As macOS writes Korean: the folder's name in jamo."""
    save_member(tmp_path, member("하나", 1), [], MODELS)
    (tmp_path / "하나").rename(tmp_path / unicodedata.normalize("NFD", "하나"))
    assert [m.name for m in load_gallery(tmp_path, FACE, BODY).members] == ["하나"]
    save_member(tmp_path, member(unicodedata.normalize("NFD", "하나"), 1, 2), [], MODELS)
    assert len(list(tmp_path.iterdir())) == 1
    assert len(load_gallery(tmp_path, FACE, BODY).members[0].faces) == 2
    delete_member(tmp_path, "하나")
    assert not list(tmp_path.iterdir())


def test_a_name_may_change_its_case(tmp_path: Path) -> None:
    save_member(tmp_path, member("mina", 1), [], MODELS)
    with pytest.raises(JikcamError, match="write mina"):
        member_folder(tmp_path, "Mina")
    rename_member(tmp_path, "mina", "Mina")
    assert [m.name for m in load_gallery(tmp_path, FACE, BODY).members] == ["Mina"]


def test_text_from_elsewhere_is_made_harmless() -> None:
    assert printable("a\x1b[31m\nb\u202e") == "a?[31m?b?"
    assert len(printable("x" * 500)) == 60
