"""Members as folders: save, add, delete, rename. Nothing here needs a model."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from engine.errors import JikcamError
from engine.gallery.choice import best_few, same
from engine.gallery.folders import is_ours, member_folder
from engine.gallery.names import checked_name
from engine.gallery.pictures import jpeg
from engine.gallery.private import make_folder, write_file
from engine.gallery.record import (
    MAX_SAMPLES,
    RECORD,
    Kind,
    MemberRecord,
    PictureRecord,
    SampleRecord,
    now_utc,
    stored_record,
    write_record,
)
from engine.identity.member import Member, Sample
from engine.sources.frame import Image

#: A file that no record names may be one that another process is about to name.
_LEFTOVER_AFTER_S = 3600.0
#: Pictures that no sample was made from: the newest so many of each kind stay.
_LOOSE_PICTURES = 8


@dataclass(frozen=True, slots=True)
class Models:
    """sha256 of the weights that make the embeddings; "" where there are none."""

    face: str = ""
    body: str = ""

    def of(self, kind: Kind) -> str:
        return self.face if kind == "face" else self.body


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture of a member.

    Attributes:
        kind: a face with some room around it, or a whole body.
        image: (H, W, 3) uint8 BGR.
        sample: index among the member's faces (or bodies) of the sample made from it; None when none was.
    """

    kind: Kind
    image: Image
    sample: int | None = None


def save_member(
    gallery: Path,
    member: Member,
    pictures: Sequence[Picture],
    models: Models,
    *,
    now: datetime | None = None,
) -> Path:
    """Store the member; what was stored of these models before and is not in it is deleted, pictures too.

    A sample that is stored already keeps its picture and its date. Samples of other models stay. A process
    that dies on the way leaves the member as it was, or as it is to be.

    Args:
        member: its samples are of ``models``; an empty group keeps the group that is stored.
        pictures: new ones.
        now: when they were taken; None = now.

    Returns:
        The member's folder.

    Raises:
        JikcamError: a name that can't be one, numbers that can't be embeddings, a stored record that is
            damaged, or a folder that can't be written.
    """
    folder = member_folder(gallery, member.name)
    taken = now or now_utc()
    before = stored_record(folder)
    old = before.worn(taken)
    group = checked_name(member.group) if member.group else old.group
    if not (member.faces or member.bodies):
        raise JikcamError(
            f"nothing is known of {member.name} to recognise them by",
            "let the camera see their face for a moment, and try again",
        )
    new_pictures = {_new_name(p.kind): p for p in pictures}
    made_from = {(p.kind, p.sample): file for file, p in new_pictures.items() if p.sample is not None}
    samples = [s for s in old.samples if s.model != models.of(s.kind)]
    for kind, given in samples_by_kind(member):
        stored = [s for s in old.samples if s.kind == kind and s.model == models.of(kind)]
        for number, sample in enumerate(given):
            known = next((s for s in stored if same(as_sample(s), sample)), None)
            picture = made_from.get((kind, number), "")
            samples.append(known or _sample_record(kind, sample, models, taken, picture, member.name))
    if len(samples) > MAX_SAMPLES:  # those of models long gone go first: they stand first
        samples = samples[-MAX_SAMPLES:]

    make_folder(gallery)
    make_folder(folder, close=True)
    for file, picture_ in new_pictures.items():
        write_file(folder / file, jpeg(picture_.image))
    listed = [
        *old.pictures,
        *(PictureRecord(file=f, kind=p.kind, taken=taken) for f, p in new_pictures.items()),
    ]
    kept = _kept_pictures(listed, samples, old)
    write_record(folder, MemberRecord(group=group, pictures=tuple(kept), samples=tuple(samples)))
    _sweep(
        folder, keep={RECORD, *(p.file for p in kept)}, known={p.file for p in (*before.pictures, *listed)}
    )
    return folder


def add_to_member(
    gallery: Path,
    member: Member,
    pictures: Sequence[Picture],
    models: Models,
    *,
    now: datetime | None = None,
) -> Member:
    """Store the member's samples beside those stored already, of all the best few that differ.

    Returns:
        The member as it is now stored for ``models``.

    Raises:
        JikcamError: as `save_member`.
    """
    folder = member_folder(gallery, member.name)
    old = stored_record(folder).worn(now or now_utc())
    shown = {(p.kind, p.sample) for p in pictures}
    kept: dict[Kind, tuple[Sample, ...]] = {}
    place: dict[tuple[Kind, int], int] = {}
    for kind, given in samples_by_kind(member):
        records = [s for s in old.samples if s.kind == kind and s.model == models.of(kind)]
        stored = [as_sample(s) for s in records]
        fresh = [i for i, s in enumerate(given) if not any(same(s, t) for t in stored)]
        together = [*stored, *(given[i] for i in fresh)]
        seen = [i for i, s in enumerate(records) if s.picture]
        seen += [len(stored) + n for n, i in enumerate(fresh) if (kind, i) in shown]
        # What somebody has chosen, and can see, is never pushed out by what a show has picked up.
        chosen = [seen[i] for i in best_few([together[i] for i in seen])]
        chosen = best_few(together, first=chosen)
        kept[kind] = tuple(together[i] for i in chosen)
        for at, i in enumerate(chosen):
            if i >= len(stored):
                place[kind, fresh[i - len(stored)]] = at
    moved = [
        replace(p, sample=place[p.kind, p.sample]) if p.sample is not None else p
        for p in pictures
        if p.sample is None or (p.kind, p.sample) in place
    ]
    name = checked_name(member.name)
    whole = Member(name, kept["face"], kept["body"], member.group or old.group)
    save_member(gallery, whole, moved, models, now=now)
    return whole


def samples_by_kind(member: Member) -> tuple[tuple[Kind, tuple[Sample, ...]], ...]:
    """The member's samples as records know them."""
    return ("face", member.faces), ("body", member.bodies)


def as_sample(record: SampleRecord) -> Sample:
    """The sample of a record, again of exactly unit length."""
    vector = np.array(record.vector, dtype=np.float64)
    return Sample((vector / np.linalg.norm(vector)).astype(np.float32), record.quality)


def _sample_record(
    kind: Kind, sample: Sample, models: Models, taken: datetime, picture: str, name: str
) -> SampleRecord:
    vector = np.asarray(sample.vector, dtype=np.float64)
    norm = float(np.linalg.norm(vector))
    if not (models.of(kind) and np.isfinite(norm) and norm > 0 and 0 <= sample.quality <= 1):
        raise JikcamError(f"a {kind} of {name} has numbers that no model makes", "take another picture")
    rounded = tuple(round(float(v), 6) for v in vector / norm)
    return SampleRecord(
        kind=kind,
        model=models.of(kind),
        quality=round(float(sample.quality), 4),
        taken=taken,
        picture=picture,
        vector=rounded,
    )


def _kept_pictures(
    listed: Sequence[PictureRecord], samples: Sequence[SampleRecord], old: MemberRecord
) -> list[PictureRecord]:
    """Pictures that a sample was made from, and the newest of those that none was made from."""
    used = {s.picture for s in samples}
    once_used = {s.picture for s in old.samples}  # their sample has just been dropped
    loose = [p for p in listed if p.file not in used | once_used]
    newest = {
        p.file for kind in ("face", "body") for p in [q for q in loose if q.kind == kind][-_LOOSE_PICTURES:]
    }
    return [p for p in listed if p.file in used or p.file in newest]


def _new_name(kind: Kind) -> str:
    return f"{kind}-{secrets.token_hex(6)}.jpg"


def _sweep(folder: Path, keep: set[str], known: set[str]) -> None:
    """Delete pictures that are no longer wanted, and what a killed process has left behind."""
    try:
        for path in folder.iterdir():
            if path.name in keep or not is_ours(path):
                continue
            if path.name in known or time.time() - path.lstat().st_mtime > _LEFTOVER_AFTER_S:
                path.unlink(missing_ok=True)
    except OSError as error:
        raise JikcamError(
            f"cannot delete {error.filename or folder} ({error.strerror})", "delete it by hand"
        ) from error
