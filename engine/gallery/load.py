"""From a gallery folder to members. Whatever is wrong with one of them costs one line, never the show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from engine.errors import JikcamError
from engine.gallery.anew import Reads, made_anew
from engine.gallery.folders import member_folders, name_of
from engine.gallery.gallery import Gallery
from engine.gallery.names import name_key, quoted
from engine.gallery.private import open_to_others, unreadable
from engine.gallery.record import RECORD, Kind, now_utc, read_record
from engine.gallery.store import Models, as_sample, samples_by_kind
from engine.gallery.where import default_folder
from engine.identity.member import Member, Sample

#: More folders than this are no gallery.
MAX_MEMBERS = 200


def load_gallery(
    folder: Path,
    face_model: str,
    body_model: str,
    *,
    reader: Reads | None = None,
    now: datetime | None = None,
) -> Gallery:
    """Everybody in the folder who can be recognised with these models. Never raises for what lies in it.

    Args:
        folder: one that is not there holds nobody, which is a problem only if somebody chose it.
        face_model, body_model: sha256 of the weights; "" leaves that kind out.
        reader: of these models; makes numbers anew, in memory, from the pictures of members who were
            enrolled with other models.
        now: for telling whose clothes are still worn; None = now.
    """
    models = Models(face_model, body_model)
    problems: list[str] = []
    members: list[Member] = []
    names: dict[str, str] = {}
    try:
        folders = member_folders(folder)
        if not folder.is_dir() and folder != default_folder():
            raise JikcamError(f"there is no gallery {folder}", "check the folder, or enrol somebody into it")
        if len(folders) > MAX_MEMBERS:
            raise JikcamError(
                f"{folder} holds {len(folders)} folders, more than a gallery of {MAX_MEMBERS}",
                "choose the gallery's own folder",
            )
    except JikcamError as error:
        return Gallery((), (str(error),))
    except OSError as error:
        return Gallery((), (str(unreadable(folder, error)),))
    for path in folders:
        try:
            name = name_of(path)
            if name_key(name) in names:
                raise JikcamError(f"{path} has the name of {names[name_key(name)]}", "rename one of the two")
            member, told = _member(path, name, models, reader, now or now_utc())
            names[name_key(name)] = path.name
            members.append(member)
            problems += told
        except JikcamError as error:
            problems.append(str(error))
        except OSError as error:
            problems.append(str(unreadable(path, error)))
    if members and open_to_others(folder):
        problems.insert(
            0, f"other users of this computer can look into {folder}; run: chmod 700 {quoted(str(folder))}"
        )
    fitting, told = _of_usual_length(members, folder)
    return Gallery(tuple(fitting), (*problems, *told))


def _member(
    path: Path, name: str, models: Models, reader: Reads | None, now: datetime
) -> tuple[Member, list[str]]:
    """The member and what is left out.

    Raises:
        JikcamError: nothing of the record can be used.
    """
    record = read_record(path).worn(now)
    told: list[str] = []
    kept: dict[Kind, list[Sample]] = {"face": [], "body": []}
    for kind, found in kept.items():
        model = models.of(kind)
        found += [as_sample(s) for s in record.samples if s.kind == kind and s.model == model]
        if model and not found and reader:
            found_now, told_now = made_anew(path, record, kind, reader)
            found += found_now
            told += told_now
    if not kept["face"] and not kept["body"]:
        others = any(s.model != models.of(s.kind) for s in record.samples)
        why = "were made with other models" if others else "are none, or of clothes of another day"
        more = f" ({told[0]})" if told else ""
        raise JikcamError(
            f"{name} can't be recognised: the numbers in {path / RECORD} {why}{more}",
            f"enrol {name} again with: jikcam enroll {quoted(name)} PICTURES",
        )
    return Member(name, tuple(kept["face"]), tuple(kept["body"]), record.group), told


def _of_usual_length(members: Sequence[Member], folder: Path) -> tuple[list[Member], list[str]]:
    """Members whose samples can be compared with each other, and a line for each who is left out."""
    lengths = [
        {(kind, len(s.vector)) for kind, given in samples_by_kind(member) for s in given}
        for member in members
    ]
    count = Counter(one for of_member in lengths for one in of_member)
    usual = {kind: max((n for n in count if n[0] == kind), key=count.__getitem__) for kind, _ in count}
    fitting: list[Member] = []
    told: list[str] = []
    for member, of_member in zip(members, lengths, strict=True):
        odd = sorted(of_member - set(usual.values()))
        if odd:
            error = JikcamError(
                f"{folder / member.name / RECORD}: each {odd[0][0]} has {odd[0][1]} numbers, "
                f"those of others {usual[odd[0][0]][1]}",
                f"enrol {member.name} again after: jikcam gallery remove {quoted(member.name)}",
            )
            told.append(str(error))
        else:
            fitting.append(member)
    return fitting, told
