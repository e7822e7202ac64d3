"""From many looks at one person to what is worth keeping, once they are known to be one person."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import JikcamError
from engine.gallery.agreement import TWO_PEOPLE, likeness, lookalikes, middle, odd_ones
from engine.gallery.choice import best_few
from engine.gallery.looks import Look
from engine.identity.likelihood import Calibration
from engine.identity.member import Member, Sample

#: Kept of one film.
FILM_FACES, FILM_BODIES = 8, 6
#: So many faces of one track may be somebody else's (a neighbour for a moment) and are left out; more, and
#: the track has gone over to another person.
STRAY_SHARE = 0.2


def agreeing_pictures(looks: Sequence[Look], calibration: Calibration) -> None:
    """Check that the pictures of one call are of one person.

    Raises:
        JikcamError: naming the two that are not.
    """
    faces = [look for look in looks if look.face]
    samples = [look.face for look in faces if look.face]
    if len(samples) < 2:
        return
    centre = middle(samples)
    odd = odd_ones(samples, samples[centre], calibration)
    if odd:
        names = ", ".join(faces[i].where for i in odd)
        raise JikcamError(
            f"{names} and {faces[centre].where} do not show the same person",
            "leave the wrong ones out, or add --force if they are right",
        )


def best_of_film(looks: Sequence[Look], film: str, calibration: Calibration) -> list[Look]:
    """The best few faces and bodies that differ, without those of others that strayed in.

    Raises:
        JikcamError: no face can be used, or the faces are of several people.
    """
    seen = [look for look in looks if look.face]
    faces = [look.face for look in seen if look.face]
    stray: set[int] = set()
    if faces:
        odd = odd_ones(faces, faces[middle(faces)], calibration)
        if len(odd) > 1 and len(odd) > STRAY_SHARE * len(faces):
            times = f"{seen[middle(faces)].where} and {seen[odd[0]].where}"
            raise JikcamError(
                f"the faces in {film} at {times} are not of one person",
                "name a moment and a person with --at and --box, or cut the film",
            )
        stray = {id(seen[i]) for i in odd}
    rest = [look for look in looks if id(look) not in stray]
    by_face = _best(rest, [look.face for look in rest], FILM_FACES)
    by_body = _best(rest, [look.body for look in rest], FILM_BODIES)
    if not by_face and not by_body:
        raise JikcamError(
            f"no face in {film} is large, sharp and frontal enough", "take a nearer film, or pictures"
        )
    return [
        *(Look(look.where, face=look.face, head=look.head) for look in by_face),
        *(Look(look.where, body=look.body, figure=look.figure) for look in by_body),
    ]


def check_against_gallery(
    name: str, faces: Sequence[Sample], stored: Sequence[Member], calibration: Calibration
) -> list[str]:
    """Compare new faces with who is enrolled.

    Returns:
        One line for each other member who looks like them.

    Raises:
        JikcamError: a member of that name looks different.
    """
    mine = next((m for m in stored if m.name == name), None)
    if mine is not None and likeness(faces, mine.faces, calibration) < TWO_PEOPLE:
        raise JikcamError(
            f"this is not the {name} who is enrolled",
            "choose another name, or add --force if it is the same person",
        )
    others = [m for m in stored if m.name != name]
    return [
        f"{name} looks like {other.name}, who is enrolled too: they may be taken for each other"
        for other in lookalikes(faces, others, calibration)
    ]


def _best(looks: Sequence[Look], samples: Sequence[Sample | None], most: int) -> list[Look]:
    there = [(look, sample) for look, sample in zip(looks, samples, strict=True) if sample]
    return [there[i][0] for i in best_few([sample for _, sample in there], most)]
