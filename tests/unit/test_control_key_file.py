from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.control.access.grants import KEY_BYTES
from engine.control.access.key_file import kept_key
from engine.control.access.private_file import read_private, write_private
from engine.errors import JikcamError

posix = pytest.mark.skipif(os.name != "posix", reason="this system has no modes")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "access.key"


def test_the_key_survives_a_restart_and_is_renewed_by_hand(path: Path) -> None:
    first = kept_key(path)
    assert len(first) == KEY_BYTES and kept_key(path) == first
    renewed = kept_key(path, renew=True)
    assert renewed != first and kept_key(path) == renewed


@posix
def test_only_the_user_may_read_it(path: Path) -> None:
    old = os.umask(0)
    try:
        kept_key(path)
    finally:
        os.umask(old)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@posix
def test_a_key_that_others_may_have_read_is_refused(path: Path) -> None:
    kept_key(path)
    path.chmod(0o640)
    with pytest.raises(JikcamError, match=r"others.*delete it"):
        kept_key(path)
    assert kept_key(path, renew=True) and path.stat().st_mode & 0o777 == 0o600


@posix
def test_a_link_in_its_place_is_refused(path: Path, tmp_path: Path) -> None:
    write_private(tmp_path / "elsewhere", b"x" * KEY_BYTES)
    path.parent.mkdir()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(JikcamError, match="cannot read"):
        kept_key(path)


@pytest.mark.parametrize("data", [b"", b"short", b"x" * (KEY_BYTES + 1)])
def test_a_damaged_key_is_made_anew(path: Path, data: bytes) -> None:
    write_private(path, data)
    assert len(kept_key(path)) == KEY_BYTES


def test_what_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JikcamError, match=r"cannot (read|write)") as caught:
        kept_key(tmp_path / "file" / "access.key")
    assert "\n" not in str(caught.value)


def test_no_file_is_none(path: Path) -> None:
    assert read_private(path) is None
