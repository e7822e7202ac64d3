"""A model of the user's own, known by name from then on."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from engine.assets.atomic import replacing, write_atomically
from engine.assets.catalog import Catalog, added_assets, load_catalog
from engine.assets.download import Progress
from engine.assets.folder import MANIFEST, infer_adapter
from engine.assets.manifest import Asset, Digest, LocalFile, Url, name_key
from engine.assets.packs import ModelFile, model_file
from engine.assets.store import Store
from engine.assets.verify import hash_file, require
from engine.errors import JikcamError
from engine.geometry import Size

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
SHA256 = re.compile(r"[0-9a-f]{64}")


def add_model(
    path_or_url: Path | str,
    *,
    name: str,
    task: str,
    adapter: str = "",
    sha256: str | None = None,
    licence: str = "unknown",
    input_size: Size | None = None,
    progress: Progress | None = None,
) -> ModelFile:
    """Copy or download a model into the cache and list it there; `load_model` finds it by ``name``.

    Adding a name again replaces the model; names that jikcam itself uses are taken.

    Args:
        path_or_url: a file on this computer, or an https address.
        name: letters, digits, dot, dash, underscore.
        task: for instance detect.person, pose.topdown, detect.face, embed.face, embed.body.
        adapter: which code runs it; empty: told by the name when it begins like a known family.
        sha256: 64 hex digits; may be left out for a file, whose own is recorded.
        licence: the licence it comes under.
        input_size: the input to use; None when it takes any size.
        progress: told of the download.

    Raises:
        JikcamError: a wrong or taken name, no such file, an address without sha256, a wrong hash.
    """
    wanted = (sha256 or "").lower()
    if not NAME.fullmatch(name):
        raise JikcamError(f"{name!r} is no name for a model", "use letters, digits, dot, dash, underscore")
    if wanted and not SHA256.fullmatch(wanted):
        raise JikcamError(f"{sha256!r} is not a sha256", "give all 64 hex digits")
    if not task:
        raise JikcamError("a model needs a task", "name one, for example detect.person")
    catalog = load_catalog()
    taken = catalog.find(name)
    if taken is not None and taken.listed_in != "added":
        raise JikcamError(f"the name {name} is taken ({taken.listed_in})", "choose another name")
    address = str(path_or_url) if re.match(r"[a-z]+://", str(path_or_url)) else ""
    if address and not wanted:
        raise JikcamError(f"a model from {urlsplit(address).hostname} needs its sha256", "give its sha256")

    def described(digest: str, origin: Url | LocalFile) -> Asset:
        return Asset(
            name=name,
            kind="model",
            task=task,
            adapter=adapter or infer_adapter(name),
            licence=licence,
            digest=Digest(digest),
            size=0,
            input_size=input_size,
            origin=origin,
            listed_in="added",
        )

    if address:
        asset = described(wanted, Url(address))
    else:
        source = Path(path_or_url).expanduser()
        if not source.is_file():
            raise JikcamError(f"there is no file {source}", "check the path")
        asset = described(wanted or hash_file(source).sha256, LocalFile(source))
        require(asset, hash_file(source), source)
        asset = _copied(catalog, asset, source)
    model = model_file(Store(catalog, progress), asset, fetch=True)
    _list(catalog.cache, asset)
    return model


def _copied(catalog: Catalog, asset: Asset, source: Path) -> Asset:
    """The asset with its file in the cache, where nobody tidies it away."""
    target = catalog.cache / asset.file_name
    try:
        catalog.cache.mkdir(parents=True, exist_ok=True)
        with replacing(target) as new:
            shutil.copyfile(source, new)
    except OSError as error:
        raise JikcamError(
            f"cannot copy {source} to {catalog.cache} ({error.strerror})", "make room"
        ) from error
    return Asset(
        name=asset.name,
        kind=asset.kind,
        task=asset.task,
        adapter=asset.adapter,
        licence=asset.licence,
        digest=asset.digest,
        size=target.stat().st_size,
        input_size=asset.input_size,
        origin=LocalFile(target),
        listed_in=asset.listed_in,
    )


def _list(cache: Path, asset: Asset) -> None:
    others = [old for old in added_assets(cache) if name_key(old.name) != name_key(asset.name)]
    text = json.dumps({"models": [_entry(one, cache) for one in (*others, asset)]}, indent=1)
    write_atomically(cache / MANIFEST, text.encode())


def _entry(asset: Asset, cache: Path) -> dict[str, Any]:
    size = asset.input_size
    origin = (
        {"url": asset.origin.url}
        if isinstance(asset.origin, Url)
        else {"file": str(asset.origin.path.relative_to(cache))}
        if isinstance(asset.origin, LocalFile)
        else {}
    )
    return {
        "name": asset.name,
        "task": asset.task,
        "adapter": asset.adapter,
        **origin,
        "sha256": asset.digest.sha256,
        "licence": asset.licence,
        "size": asset.size,
        "input": {"recommended": [size.height, size.width]} if size else {},
    }
