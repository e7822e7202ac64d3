"""What `jikcam models` shows and does: list, fetch, verify."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.assets.catalog import load_catalog
from engine.assets.download import Progress
from engine.assets.manifest import Asset, Bundle, LocalFile, Url, WheelMember, name_key
from engine.assets.packs import AUTO, Pack, assemble, choose, model_file
from engine.assets.store import Store
from engine.errors import JikcamError


@dataclass(frozen=True, slots=True)
class AssetStatus:
    """One known file.

    Attributes:
        packs: the packs that take it, or would once fetched; not those that prefer another that is here.
        size: bytes; 0 when unknown.
        origin: where it comes from, in words.
        state: ``bad`` is there but not what it should be, and will not be loaded.
        path: where it is or will be.
        problem: one line for the user when bad.
    """

    name: str
    task: str
    packs: tuple[str, ...]
    licence: str
    size: int
    origin: str
    state: Literal["present", "absent", "bad"]
    path: Path
    problem: str = ""


def list_assets() -> list[AssetStatus]:
    """Every known model and demo picture; files that were verified before are not read again.

    Raises:
        JikcamError: a manifest is wrong.
    """
    return _statuses(rehash=False)


def verify_all() -> list[AssetStatus]:
    """As `list_assets`, for the files that are here, each read and hashed again.

    Raises:
        JikcamError: a manifest is wrong.
    """
    return [status for status in _statuses(rehash=True) if status.state != "absent"]


def fetch_pack(name: str, *, progress: Progress | None = None) -> Pack:
    """Fetch what a pack lacks and replace what is damaged.

    The name of a single model or picture is good too: the answer is a pack of that file, by its task.

    Raises:
        JikcamError: no such pack or model; a file can't be had; a damaged file is not ours to replace.
    """
    store = Store(load_catalog(), progress)
    asset = store.catalog.find(name)
    if name == AUTO or name in store.catalog.packs or asset is None:
        return assemble(store, name, fetch=True, repair=True)
    return Pack(asset.name, {asset.task: model_file(store, asset, fetch=True, repair=True)})


def _statuses(*, rehash: bool) -> list[AssetStatus]:
    store = Store(load_catalog())
    taken: dict[str, list[str]] = {}
    for pack, roles in store.catalog.packs.items():
        for candidates in roles.values():
            asset = choose(store, candidates, fetch=True)
            if asset is not None and pack not in taken.setdefault(name_key(asset.name), []):
                taken[name_key(asset.name)].append(pack)
    return [
        _status(store, asset, tuple(taken.get(key, ())), rehash)
        for key, asset in store.catalog.assets.items()
    ]


def _status(store: Store, asset: Asset, packs: tuple[str, ...], rehash: bool) -> AssetStatus:
    state: Literal["present", "absent", "bad"] = "absent"
    problem = ""
    size = asset.size
    if store.is_here(asset):
        try:
            state, size = "present", store.check(asset, rehash=rehash).path.stat().st_size
        except JikcamError as error:
            state, problem = "bad", str(error)
    return AssetStatus(
        name=asset.name,
        task=asset.task,
        packs=packs,
        licence=asset.licence,
        size=size,
        origin=_origin(asset),
        state=state,
        path=store.path(asset),
        problem=problem,
    )


def _origin(asset: Asset) -> str:
    match asset.origin:
        case Url(url):
            return url
        case WheelMember(wheel, path):
            return f"{path} in the wheel {wheel.requirement}"
        case Bundle(parts):
            return f"made of {' and '.join(part.asset.name for part in parts)}"
        case LocalFile():
            return "the JIKCAM_MODELS folder" if asset.listed_in == "folder" else "added by you"
