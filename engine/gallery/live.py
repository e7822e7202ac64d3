"""The gallery of a running show: read once, added to while people are on stage."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from engine.gallery.anew import Reads
from engine.gallery.folders import delete_member, member_folder
from engine.gallery.gallery import Gallery
from engine.gallery.load import load_gallery
from engine.gallery.names import checked_name, name_key
from engine.gallery.sifting import check_against_gallery
from engine.gallery.store import Models, Picture, add_to_member
from engine.identity.likelihood import Calibration
from engine.identity.member import Member


class LiveGallery:
    """Who can be recognised in this show.

    ``members`` and ``problems`` never wait and may be asked from any thread. ``add`` and ``forget`` write:
    call them in a worker thread, never in the thread of the pictures; two at a time take turns.

    Args:
        folder: the gallery; made when the first member is added.
        models: of the show's AppearanceReader.
        only: names of members and groups that take part; empty = everybody.
        reader: for members who were enrolled with other models; used in the constructor only.
        calibration: of the face model; with it nobody is stored under the name of somebody who looks
            different.
    """

    def __init__(
        self,
        folder: Path,
        models: Models,
        only: Sequence[str] = (),
        reader: Reads | None = None,
        calibration: Calibration | None = None,
    ) -> None:
        self._folder = folder
        self._models = models
        self._calibration = calibration
        self._writing = threading.Lock()
        self._gallery = load_gallery(folder, models.face, models.body, reader=reader).only(only)

    @property
    def folder(self) -> Path:
        return self._folder

    @property
    def problems(self) -> tuple[str, ...]:
        """What of the folder can't be used, one line each with what to do."""
        return self._gallery.problems

    def members(self) -> tuple[Member, ...]:
        """Everybody who takes part, those added meanwhile included, by name."""
        return self._gallery.members

    def add(self, name: str, member: Member, pictures: Sequence[Picture] = ()) -> Member:
        """Store what the show has learned of a person under ``name``, beside what is stored already.

        Args:
            member: its own name does not matter.
            pictures: of the person, to be seen in the folder and to make numbers anew for another model.

        Returns:
            The member as stored; from now on one of ``members``.

        Raises:
            JikcamError: a name that can't be one or is somebody else's, nothing to recognise the person by, a
                folder that can't be written.
        """
        name = checked_name(name)
        with self._writing:
            if self._calibration:
                check_against_gallery(name, member.faces, self._gallery.members, self._calibration)
            stored = add_to_member(
                self._folder, Member(name, member.faces, member.bodies, member.group), pictures, self._models
            )
            members = sorted((*self._others(name), stored), key=lambda m: name_key(m.name))
            self._gallery = Gallery(tuple(members), self._gallery.problems)
        return stored

    def forget(self, name: str) -> None:
        """Delete what is stored under that name, if anything is. Writes files, as ``add`` does.

        Raises:
            JikcamError: a name that can't be one, a file that can't be deleted.
        """
        with self._writing:
            if member_folder(self._folder, name).is_dir():
                delete_member(self._folder, name)
            self._gallery = Gallery(self._others(name), self._gallery.problems)

    def _others(self, name: str) -> tuple[Member, ...]:
        return tuple(m for m in self._gallery.members if name_key(m.name) != name_key(name))
