"""All manifests as one: the JIKCAM_MODELS folder first, then models the user added, then the built-in."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from engine.assets.folder import MANIFEST, read_folder
from engine.assets.manifest import Asset, Candidates, built_in, name_key
from engine.errors import JikcamError

FOLDER_VARIABLE = "JIKCAM_MODELS"
CACHE_VARIABLE = "JIKCAM_CACHE"


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything that can be asked for by name, and the folder that fetched files go to."""

    assets: Mapping[str, Asset]
    packs: Mapping[str, Candidates]
    cache: Path

    def find(self, name: str) -> Asset | None:
        """The asset of that name, dashes, dots and underscores being the same; None when unknown."""
        return self.assets.get(name_key(name))

    def asset(self, name: str, kind: str = "model") -> Asset:
        """The asset of that name and kind.

        Raises:
            JikcamError: unknown; says the nearest name and all of them.
        """
        asset = self.find(name)
        if asset is None or asset.kind != kind:
            raise unknown(kind, name, [a.name for a in self.assets.values() if a.kind == kind])
        return asset

    def pack(self, name: str) -> Candidates:
        """Role -> names of assets, best first.

        Raises:
            JikcamError: unknown; says the nearest name and all of them.
        """
        candidates = self.packs.get(name)
        if candidates is None:
            raise unknown("pack", name, ["auto", *self.packs])
        return candidates


def load_catalog() -> Catalog:
    """What this computer knows now: reads the environment and the manifests each time.

    Raises:
        JikcamError: JIKCAM_MODELS or a manifest is wrong.
    """
    manifest, cache = built_in(), cache_dir()
    assets: dict[str, Asset] = {}
    for asset in (*_folder_assets(), *added_assets(cache), *manifest.assets):
        assets.setdefault(name_key(asset.name), asset)
    return Catalog(assets, manifest.packs, cache)


def cache_dir() -> Path:
    """Where fetched files lie: JIKCAM_CACHE, or ``models`` in the user's cache folder for jikcam."""
    chosen = os.environ.get(CACHE_VARIABLE)
    return (
        Path(chosen).expanduser().absolute() if chosen else platformdirs.user_cache_path("jikcam") / "models"
    )


def added_assets(cache: Path) -> tuple[Asset, ...]:
    """The models the user added."""
    return read_folder(cache, "added") if (cache / MANIFEST).exists() else ()


def unknown(kind: str, name: str, names: Iterable[str]) -> JikcamError:
    """The error for a name nobody knows."""
    known = sorted(set(names))
    keys = {name_key(n): n for n in known}
    near = difflib.get_close_matches(name_key(name), keys, n=1, cutoff=0.5)
    hint = f"did you mean {keys[near[0]]}? " if near else ""
    return JikcamError(f"there is no {kind} called {name!r}", f"{hint}known: {', '.join(known)}")


def _folder_assets() -> tuple[Asset, ...]:
    chosen = os.environ.get(FOLDER_VARIABLE)
    return read_folder(Path(chosen).expanduser().absolute(), "folder") if chosen else ()
