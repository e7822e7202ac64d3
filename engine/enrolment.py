"""Names and faces of the people of a running show, and what of them is kept for the next one."""

from __future__ import annotations

import logging
from collections import OrderedDict

from engine.errors import JikcamError
from engine.gallery.live import LiveGallery
from engine.gallery.looks import cut
from engine.gallery.pictures import jpeg
from engine.gallery.store import Picture
from engine.geometry import Box
from engine.identity.member import Member
from engine.identity.roster import Roster
from engine.people import Tracks
from engine.roll import Roll
from engine.sources.frame import Image
from engine.state import PersonState

log = logging.getLogger(__name__)

#: So much of the surroundings a portrait shows, as a share of the box.
ROOM = 1.12
#: Portraits kept of people who are out of sight.
MOST_PORTRAITS = 64


class Enrolment:
    """Portraits to choose people by, and the way into the gallery.

    ``store``, ``forget`` and ``portrait`` encode and write: never call them in the thread of the pictures.

    Args:
        gallery: None where nothing can recognise anybody; then names last for this show only.
    """

    def __init__(self, gallery: LiveGallery | None) -> None:
        self._gallery = gallery
        self._stored: set[str] = set()
        self._portraits: OrderedDict[int, bytes] = OrderedDict()

    @property
    def problems(self) -> tuple[str, ...]:
        """What of the gallery can't be used, a line each."""
        return self._gallery.problems if self._gallery else ()

    def store(self, member: Member, image: Image | None, box: Box | None) -> None:
        """Keep what is known of a person for later shows, with a picture of how they look now.

        Raises:
            JikcamError: the gallery can't be written, or the name can't be one of a folder.
        """
        if self._gallery is None or not (member.faces or member.bodies):
            return
        shown = image is not None and box is not None
        pictures = [Picture("body", cut(image, box))] if shown and image is not None and box else []
        self._gallery.add(member.name, member, pictures)
        self._stored.add(member.name)

    def finish(self, roster: Roster) -> None:
        """At the end of the show: add what was learned meanwhile of those who were stored in it."""
        for name in sorted(self._stored):
            try:
                self.store(roster.member(name), None, None)
            except KeyError:  # forgotten or renamed meanwhile
                continue
            except JikcamError as error:
                log.warning("%s", error)

    def forget(self, name: str) -> None:
        """Delete what is stored under that name, if anything is.

        Raises:
            JikcamError: the folder can't be deleted.
        """
        self._stored.discard(name)
        if self._gallery is not None:
            self._gallery.forget(name)

    def portrait(self, person: int, image: Image | None, box: Box | None) -> bytes | None:
        """A JPEG of a person now, or as last asked for; None when there never was one."""
        if image is not None and box is not None:
            self._portraits[person] = jpeg(cut(image, box.scaled(ROOM)))
            self._portraits.move_to_end(person)
            while len(self._portraits) > MOST_PORTRAITS:
                self._portraits.popitem(last=False)
        return self._portraits.get(person)


def people_states(tracks: Tracks, roll: Roll) -> tuple[PersonState, ...]:
    """Everybody visible, by who they most likely are."""
    states = []
    for track in tracks.items:
        who = roll.on_track(track.id)
        if who is not None:
            unseen_s = max(0.0, tracks.time_s - track.seen_s)
            name, reason, joints = who.name, who.reason, track.skeleton
            states.append(
                PersonState(who.person, track.box, who.sure, unseen_s, track.id, name, reason, joints)
            )
    return tuple(states)
