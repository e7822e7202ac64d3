"""Nothing is loaded that does not hash to what its manifest says."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from engine.assets.atomic import write_atomically
from engine.assets.manifest import Asset, Digest
from engine.errors import JikcamError

MEMORY_FILE = "verified.json"
CHUNK_BYTES = 1 << 20
SHOWN_DIGITS = 12

FIXES = {
    "built-in": "run: jikcam models fetch {name}",
    "folder": "put the right file back at {path}, or unset JIKCAM_MODELS",
    "added": "add the model again with: jikcam models add",
}


class WrongHashError(JikcamError):
    """A file is not what its manifest says: damaged, cut short or swapped."""


def hash_file(path: Path) -> Digest:
    """sha256 and git blob hash of a file, read once.

    Raises:
        OSError: it can't be read.
    """
    sha256 = hashlib.sha256()
    with path.open("rb") as file:
        blob = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
        while chunk := file.read(CHUNK_BYTES):
            sha256.update(chunk)
            blob.update(chunk)
    return Digest(sha256.hexdigest(), blob.hexdigest())


def require(asset: Asset, found: Digest, path: Path) -> None:
    """Raise WrongHashError, naming the asset and both hashes, unless ``found`` is what the manifest says."""
    for wanted, got in (
        (asset.digest.sha256, found.sha256),
        (asset.digest.git_blob_sha1, found.git_blob_sha1),
    ):
        if wanted and wanted != got:
            problem = (
                f"{asset.name} ({path}) is not the file it should be: "
                f"expected {wanted[:SHOWN_DIGITS]}, found {got[:SHOWN_DIGITS]}"
            )
            raise WrongHashError(problem, FIXES[asset.listed_in].format(name=asset.name, path=path))


class Verifier:
    """Checks files, and remembers which were checked so that a start does not read 50 MB again.

    A file counts as checked while its size, modification time and inode stay the same: good against
    damage and updates. Somebody who can forge those can change this program too; ``rehash`` trusts
    nothing. Used by one thread.

    Args:
        folder: where the memory (``verified.json``) lies.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / MEMORY_FILE
        self._memory: dict[str, list[object]] | None = None

    def check(self, asset: Asset, path: Path, *, rehash: bool = False) -> str:
        """The sha256 of the file at ``path``, which is what ``asset`` says.

        Raises:
            JikcamError: it can't be read, or it is something else (WrongHashError).
        """
        try:
            stat = path.stat()
            mark: list[object] = [stat.st_size, stat.st_mtime_ns, stat.st_ino]
            remembered = self._load().get(str(path))
            if not rehash and remembered is not None and remembered[:3] == mark:
                found = Digest(str(remembered[3]), str(remembered[4]))
            else:
                found = hash_file(path)
        except OSError as error:
            raise JikcamError(f"cannot read {asset.name} at {path} ({error.strerror})", "") from error
        require(asset, found, path)
        entry = [*mark, found.sha256, found.git_blob_sha1]
        if remembered != entry:
            self._load()[str(path)] = entry
            self._save()
        return found.sha256

    def _load(self) -> dict[str, list[object]]:
        if self._memory is None:
            try:
                stored = json.loads(self._path.read_text(encoding="utf-8"))
            except (OSError, ValueError):  # only a memory: without it the files are read again
                stored = {}
            self._memory = {}
            if isinstance(stored, dict):
                rows = {key: row for key, row in stored.items() if isinstance(row, list) and len(row) == 5}
                self._memory.update(rows)
        return self._memory

    def _save(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._path, json.dumps(self._memory, indent=0).encode())
        except OSError:  # a read-only cache still works, it only reads every file at every start
            return
