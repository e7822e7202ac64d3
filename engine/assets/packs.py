"""Models by role: what the rest of jikcam asks for."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from engine.assets.catalog import load_catalog
from engine.assets.download import Progress, UnreachableError
from engine.assets.manifest import Asset, LocalFile
from engine.assets.store import Store
from engine.errors import JikcamError
from engine.geometry import Size

AUTO = "auto"
EMBEDDED = "embedded"
STANDARD = "standard"
REQUIRED_ROLES = ("detector", "pose")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A verified file and what is needed to run it.

    Attributes:
        adapter: which code runs it; empty when its manifest does not say.
        sha256: of the file, as found.
        input_size: the recommended input; None when it takes any size.
    """

    name: str
    task: str
    adapter: str
    path: Path
    sha256: str
    licence: str
    input_size: Size | None


@dataclass(frozen=True, slots=True)
class Pack:
    """Models that work together, by role.

    Roles: detector and pose always; pose_fast, face, face_embedder, body_embedder and objects where
    available.
    """

    name: str
    roles: Mapping[str, ModelFile]


def load_pack(name: str, *, fetch: bool = True, progress: Progress | None = None) -> Pack:
    """The models of a pack, all verified.

    ``auto`` is the standard pack when its detector and pose models are on this computer (a
    JIKCAM_MODELS folder or an earlier fetch), else the embedded one; it never downloads the standard pack.

    Args:
        name: embedded, standard, accurate or auto.
        fetch: download what is missing; False never touches the network.
        progress: told of every download: name, bytes done, bytes in all (0 when unknown).

    Raises:
        JikcamError: no such pack; a detector or pose model can't be had; any file is not what it should be.
    """
    return assemble(Store(load_catalog(), progress), name, fetch=fetch)


def load_model(name: str, *, fetch: bool = True, progress: Progress | None = None) -> ModelFile:
    """One model by name, verified; spelling it with dashes, dots or underscores is the same.

    Raises:
        JikcamError: no such model; it can't be had; it is not what it should be.
    """
    store = Store(load_catalog(), progress)
    return model_file(store, store.catalog.asset(name), fetch=fetch)


def load_picture(name: str = "astronaut", *, progress: Progress | None = None) -> Path:
    """A demo picture, verified; fetched when it is not there.

    Raises:
        JikcamError: no such picture; it can't be had; it is not what it should be.
    """
    store = Store(load_catalog(), progress)
    return store.get(store.catalog.asset(name, "picture")).path


def assemble(store: Store, name: str, *, fetch: bool, repair: bool = False) -> Pack:
    """`load_pack` with the files of ``store``; ``repair`` replaces wrong files instead of refusing them."""
    if name == AUTO:
        ready = all(has_role(store, STANDARD, role) for role in REQUIRED_ROLES)
        name, fetch = (STANDARD, False) if ready else (EMBEDDED, fetch)
    roles = {}
    online = fetch
    for role, candidates in store.catalog.pack(name).items():
        asset = choose(store, candidates, fetch=online)
        try:
            if asset is not None:
                roles[role] = model_file(store, asset, fetch=online, repair=repair)
            elif role in REQUIRED_ROLES:
                raise JikcamError(
                    f"the {name} pack has no {role} model on this computer",
                    f"run: jikcam models fetch {name}",
                )
        except UnreachableError as error:
            if role in REQUIRED_ROLES:
                raise
            log.warning("the %s pack goes without a %s model: %s", name, role, error)
            online = False  # one time-out is enough
    return Pack(name, MappingProxyType(roles))


def choose(store: Store, candidates: Sequence[str], *, fetch: bool) -> Asset | None:
    """The first of the candidates that is here, else the first that can be fetched, else None."""
    known = [asset for asset in map(store.catalog.find, candidates) if asset is not None]
    fetchable = [asset for asset in known if fetch and not isinstance(asset.origin, LocalFile)]
    return next((asset for asset in known if store.is_here(asset)), fetchable[0] if fetchable else None)


def has_role(store: Store, pack: str, role: str) -> bool:
    """Whether a file for the role is on this computer."""
    return choose(store, store.catalog.pack(pack)[role], fetch=False) is not None


def model_file(store: Store, asset: Asset, *, fetch: bool, repair: bool = False) -> ModelFile:
    """The verified file of an asset and how to run it."""
    checked = store.get(asset, fetch=fetch, repair=repair)
    return ModelFile(
        asset.name, asset.task, asset.adapter, checked.path, checked.sha256, asset.licence, asset.input_size
    )
