"""Presets kept as files: the shipped ones, which stay as they are, and the user's own in one folder."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.assets.atomic import write_for_owner
from engine.errors import JikcamError
from engine.gallery.names import checked_name, name_key, printable
from engine.presets import Preset, builtin_presets, parse_preset

_NAME = re.compile(r"\w[\w -]{0,59}")
_FIX = "use letters, digits, spaces, - and _, 60 at most, a letter or digit first"
#: The longest preset that can be sent has 64 KiB; a file that is much longer is none.
MAX_BYTES = 256 * 1024


class UnknownPresetError(JikcamError):
    """There is no preset of that name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One preset of the library."""

    name: str
    shipped: bool


class PresetLibrary:
    """Lists, reads, saves and deletes presets by name; nothing outside its folder is read or written.

    A file counts only where it is a plain one and its name is a preset's: no link leads out of the folder.
    Names that some file system takes for one are one, here as well. Its methods read and write files: call
    them in a worker thread.

    Args:
        folder: of the user's own presets, made when the first is saved; None = they have none.
        shipped: name -> file; None = those of this jikcam.
        running: name of the preset that the engine was started with; empty = it has none.
    """

    def __init__(
        self, folder: Path | None, shipped: Mapping[str, Path] | None = None, running: str = ""
    ) -> None:
        self._folder = folder
        self._shipped = dict(builtin_presets() if shipped is None else shipped)
        self.running = running

    def entries(self) -> tuple[Entry, ...]:
        """All presets by name, the user's own first."""
        own = sorted((checked(path.stem) for path in self._files().values()), key=str.casefold)
        return (*(Entry(name, False) for name in own), *(Entry(name, True) for name in self._shipped))

    def text(self, name: str) -> str:
        """The preset as TOML.

        Raises:
            UnknownPresetError: there is none of that name.
            JikcamError: the name can't be one, or the file can't be read.
        """
        path = self._path(checked(name))
        try:
            with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
                data = file.read(MAX_BYTES + 1)
            if len(data) > MAX_BYTES:
                raise JikcamError(f"the preset {name!r} is longer than {MAX_BYTES} bytes", "delete it")
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise JikcamError(f"the preset {name!r} is not UTF-8 text", "save it anew") from None
        except OSError as error:
            raise JikcamError(f"can't read the preset {name!r}: {error.strerror}") from None

    def preset(self, name: str) -> Preset:
        """The preset, checked.

        Raises:
            JikcamError: as ``text``, or there is something wrong in it.
        """
        return parse_preset(self.text(name), f"the preset {name}")

    def save(self, name: str, text: str) -> None:
        """Keep ``text`` as the user's preset of that name, in the place of an older one.

        Raises:
            JikcamError: a shipped preset's name, a bad name or preset, a link of that name, or a folder that
                can't be written.
        """
        name = checked(name)
        if name_key(name) in map(name_key, self._shipped):
            raise JikcamError(f"{name!r} is the name of a shipped preset", "choose another name")
        parse_preset(text, f"the preset {name}")
        if self._folder is None:
            raise JikcamError("there is no folder for presets", "start jikcam with: jikcam run")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            named = [path for key, path in self._candidates() if key == name_key(name)]
            own = next(filter(_is_plain, named), None)
            if named and own is None:
                raise JikcamError(
                    f"{named[0].name} in the folder of presets is a link, or no file", "choose another name"
                )
            write_for_owner(own or self._folder / f"{name}.toml", text.encode())
        except OSError as error:
            raise JikcamError(
                f"can't write the preset {name!r}: {error.strerror}", f"look at the folder {self._folder}"
            ) from None

    def delete(self, name: str) -> None:
        """Delete the user's preset of that name.

        Raises:
            UnknownPresetError: there is none.
            JikcamError: a shipped preset's name, a bad name, or the file can't be deleted.
        """
        path = self._own(checked(name))
        if path is None and name in self._shipped:
            raise JikcamError(f"{name!r} is a shipped preset", "it can't be deleted")
        if path is None:
            raise _unknown(name)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise JikcamError(f"can't delete the preset {name!r}: {error.strerror}") from None

    def _path(self, name: str) -> Path:
        path = self._shipped.get(name) or self._own(name)
        if path is None:
            raise _unknown(name)
        return path

    def _own(self, name: str) -> Path | None:
        """The user's file of that name, also where it is written with other capitals."""
        return self._files().get(name_key(name))

    def _files(self) -> dict[str, Path]:
        """The user's presets by what is equal for names that are one."""
        shipped = set(map(name_key, self._shipped))
        files: dict[str, Path] = {}
        for key, path in self._candidates():
            if key not in shipped and _is_plain(path):
                files.setdefault(key, path)
        return files

    def _candidates(self) -> Iterator[tuple[str, Path]]:
        """What is called as a preset is, files or not."""
        try:
            found = sorted(self._folder.glob("*.toml")) if self._folder is not None else []
        except OSError:  # a folder that can't be read has nothing in it
            found = []
        for path in found:
            with contextlib.suppress(JikcamError):  # a file of another kind
                yield name_key(checked(path.stem)), path


def checked(name: str) -> str:
    """The name as it is stored.

    Raises:
        JikcamError: it can't be a preset's.
    """
    with contextlib.suppress(JikcamError):  # every reason has the same remedy
        if _NAME.fullmatch(clean := checked_name(name)):
            return clean
    raise JikcamError(f"{printable(name)!r} can't be the name of a preset", _FIX)


def _unknown(name: str) -> UnknownPresetError:
    return UnknownPresetError(f"there is no preset {name!r}", "choose one of the list")


def _is_plain(path: Path) -> bool:
    """A file that is no link; what can't be looked at is none."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False
