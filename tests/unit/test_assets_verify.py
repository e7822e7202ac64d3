"""A file is its hash, or it is refused."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from engine.assets import verify
from engine.assets.manifest import Asset, Digest, LocalFile
from engine.assets.verify import Verifier, WrongHashError, hash_file
from engine.errors import JikcamError

DATA = b"weights" * 1000


def an_asset(path: Path, digest: Digest | None = None) -> Asset:
    digest = digest or Digest(hashlib.sha256(DATA).hexdigest())
    return Asset("net", "model", "detect.person", "rtmdet", "MIT", digest, 0, None, LocalFile(path), "folder")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "net.onnx"
    path.write_bytes(DATA)
    return path


def test_git_blob_hash_is_what_git_says(tmp_path: Path) -> None:
    path = tmp_path / "hello"
    path.write_bytes(b"hello\n")
    # echo hello | git hash-object --stdin
    assert hash_file(path).git_blob_sha1 == "ce013625030ba8dba906f756967f9e9ca394464a"
    assert hash_file(path).sha256 == "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"


def test_right_by_either_hash(file: Path, tmp_path: Path) -> None:
    both = hash_file(file)
    for digest in (Digest(both.sha256), Digest("", both.git_blob_sha1), both):
        assert Verifier(tmp_path / "cache").check(an_asset(file, digest), file) == both.sha256


@pytest.mark.parametrize("wrong", [Digest("ab" * 32), Digest("", "ab" * 20)])
def test_refused_with_both_hashes_and_the_fix(file: Path, tmp_path: Path, wrong: Digest) -> None:
    with pytest.raises(WrongHashError) as caught:
        Verifier(tmp_path / "cache").check(an_asset(file, wrong), file)
    text = str(caught.value)
    found = hash_file(file)
    assert "net" in text
    assert "abababababab" in text
    assert (found.sha256 if wrong.sha256 else found.git_blob_sha1)[:12] in text
    assert "JIKCAM_MODELS" in text
    assert "\n" not in text


def test_checked_once_then_remembered_across_runs(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset, cache = an_asset(file), tmp_path / "cache"
    Verifier(cache).check(asset, file)
    reads: list[Path] = []

    def counted(path: Path) -> Digest:
        reads.append(path)
        return hash_file(path)

    monkeypatch.setattr(verify, "hash_file", counted)
    Verifier(cache).check(asset, file)
    assert reads == []
    Verifier(cache).check(asset, file, rehash=True)
    assert reads == [file]


def test_a_changed_file_is_read_again(file: Path, tmp_path: Path) -> None:
    asset, cache = an_asset(file), tmp_path / "cache"
    Verifier(cache).check(asset, file)
    file.write_bytes(DATA[:-1] + b"!")
    os.utime(file, ns=(1, 1))
    with pytest.raises(WrongHashError):
        Verifier(cache).check(asset, file)


def test_a_swapped_file_of_the_same_size_and_date_is_read_again(file: Path, tmp_path: Path) -> None:
    asset, cache = an_asset(file), tmp_path / "cache"
    Verifier(cache).check(asset, file)
    stat = file.stat()
    other = tmp_path / "other"
    other.write_bytes(DATA[::-1])
    os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    other.replace(file)
    with pytest.raises(WrongHashError):
        Verifier(cache).check(asset, file)


def test_rehash_sees_what_the_memory_cannot(file: Path, tmp_path: Path) -> None:
    asset, cache = an_asset(file), tmp_path / "cache"
    Verifier(cache).check(asset, file)
    stat = file.stat()
    with file.open("r+b") as stream:
        stream.write(b"WEIGHTS")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    with pytest.raises(WrongHashError):
        Verifier(cache).check(asset, file, rehash=True)


def test_a_newly_pinned_hash_does_not_pass_by_memory(file: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    Verifier(cache).check(an_asset(file), file)
    with pytest.raises(WrongHashError):
        Verifier(cache).check(an_asset(file, Digest("cd" * 32)), file)


@pytest.mark.parametrize("rubbish", [b"", b"{", b"[1, 2]", b"\xff\xfe", b'{"x": [1], "y": 3}'])
def test_a_broken_memory_only_costs_time(file: Path, tmp_path: Path, rubbish: bytes) -> None:
    (tmp_path / "verified.json").write_bytes(rubbish)
    assert Verifier(tmp_path).check(an_asset(file), file)
    assert Verifier(tmp_path).check(an_asset(file), file)


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(JikcamError, match="cannot read net"):
        Verifier(tmp_path).check(an_asset(tmp_path / "gone"), tmp_path / "gone")
