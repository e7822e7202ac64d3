"""Manifests beside the files: a JIKCAM_MODELS folder, and the models a user added.

``manifest.json`` is ``{"models": [entry, ...]}``, an entry
``{name, task, file | url, sha256, adapter?, licence?, size?, input?: {recommended | shape, layout}}``.
Other keys are notes and are left alone.
"""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from engine.assets.manifest import Asset, Digest, LocalFile, Url, name_key
from engine.errors import JikcamError
from engine.geometry import Size

MANIFEST = "manifest.json"

# Which adapter runs a model, by how its name begins, for entries that do not say.
ADAPTERS = (
    ("rtmdet", "rtmdet"),
    ("nanodet", "nanodet-gfl"),
    ("yolox", "yolox"),
    ("tinypose", "heatmap"),
    ("yunet", "yunet"),
    ("osnet", "embed"),
    ("face-reid", "embed"),
    ("person-reid", "embed"),
    ("pose-full", "mediapipe-pose"),
)


class InputEntry(BaseModel):
    """What a model takes: sizes as (height, width), the order in which tensors have them."""

    recommended: tuple[int, int] | None = None
    shape: list[int | str] = Field(default_factory=list)
    layout: str = ""

    def size(self) -> Size | None:
        """The recommended size; None when any will do, or the entry does not say."""
        pair: tuple[Any, ...] = self.recommended or ()
        if not pair and len(self.shape) == 4:
            pair = {"NCHW": tuple(self.shape[2:]), "NHWC": tuple(self.shape[1:3])}.get(self.layout, ())
        if len(pair) != 2 or not all(isinstance(side, int) and side > 0 for side in pair):
            return None
        return Size(width=pair[1], height=pair[0])


class Entry(BaseModel):
    """One model of a folder."""

    model_config = ConfigDict(extra="allow")

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    task: str = Field(min_length=1)
    adapter: str = ""
    file: str = ""
    url: str = ""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    licence: str = "unknown"
    size: int = Field(default=0, ge=0)
    input: InputEntry = Field(default_factory=InputEntry)

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if not self.file and not self.url:
            raise ValueError("file or url is missing")
        for path in (PurePosixPath(self.file), PureWindowsPath(self.file)):
            if path.is_absolute() or path.drive or ".." in path.parts:
                raise ValueError("file leads out of the folder")
        return self


class FolderManifest(BaseModel):
    """The file ``manifest.json``."""

    model_config = ConfigDict(extra="allow")

    models: list[Entry]


def read_folder(folder: Path, listed_in: Literal["folder", "added"]) -> tuple[Asset, ...]:
    """The models that ``folder/manifest.json`` lists, in its order; their files may be missing.

    Raises:
        JikcamError: no folder, no manifest in it, or a manifest that is wrong (naming the entry).
    """
    path = folder / MANIFEST
    fix = f"correct {path}"
    if listed_in == "folder":
        fix = "set JIKCAM_MODELS to a folder with a manifest.json, or unset it"
        if not folder.is_dir():
            raise JikcamError(f"JIKCAM_MODELS={folder} is not a folder", fix)
    try:
        manifest = FolderManifest.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise JikcamError(f"cannot read {path} ({error.strerror})", fix) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise JikcamError(f"{path}: {where}: {first['msg']}", fix) from error
    except ValueError as error:
        raise JikcamError(f"{path} is not JSON ({error})", fix) from error
    assets = tuple(_asset(entry, folder, listed_in) for entry in manifest.models)
    keys = [name_key(asset.name) for asset in assets]
    for index, key in enumerate(keys):
        if key in keys[:index]:
            raise JikcamError(f"{path} lists {assets[index].name} twice", "rename one of the two")
    return assets


def infer_adapter(name: str) -> str:
    """The adapter for models called like this; empty when unknown."""
    key = name_key(name)
    return next((adapter for prefix, adapter in ADAPTERS if key.startswith(prefix)), "")


def _asset(entry: Entry, folder: Path, listed_in: Literal["folder", "added"]) -> Asset:
    return Asset(
        name=entry.name,
        kind="model",
        task=entry.task,
        adapter=entry.adapter or infer_adapter(entry.name),
        licence=entry.licence,
        digest=Digest(entry.sha256),
        size=entry.size,
        input_size=entry.input.size(),
        origin=LocalFile(folder / entry.file) if entry.file else Url(entry.url),
        listed_in=listed_in,
    )
