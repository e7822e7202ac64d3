"""The file ``member.json``: the numbers of one member, and which pictures they were made from."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from engine.errors import JikcamError
from engine.gallery.names import MAX_CHARACTERS, printable, quoted
from engine.gallery.private import read_file, unreadable, write_file

RECORD = "member.json"
SCHEMA = 1
#: Of one member, of all models together.
MAX_SAMPLES = 256
MAX_PICTURES = 512
MAX_BYTES = 8_000_000

#: Clothes are known again for so long: a rehearsal and the show of one day.
BODIES_FOR = timedelta(hours=12)

Kind = Literal["face", "body"]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
#: Only names that jikcam gives itself, so that a record can't point to any other file.
PictureName = Annotated[str, Field(pattern=r"^(face|body)-[0-9a-f]{12}\.jpg$")]
# Rounded in the file, so not exactly one.
_UNIT_TOLERANCE = 1e-3


class _Part(BaseModel):
    """Lists fail fast: a file full of faults must not cost more than one of them."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class PictureRecord(_Part):
    """A picture beside the record."""

    file: PictureName
    kind: Kind
    taken: AwareDatetime


class SampleRecord(_Part):
    """One embedding.

    Attributes:
        model: sha256 of the weights that made it; those of other models mean nothing beside it.
        picture: what it was made from; empty when no picture was kept.
    """

    kind: Kind
    model: Sha256
    quality: float = Field(ge=0, le=1)
    taken: AwareDatetime
    picture: PictureName | Literal[""] = ""
    vector: tuple[Annotated[float, Field(ge=-1.001, le=1.001)], ...] = Field(
        min_length=16, max_length=4096, strict=False, fail_fast=True
    )


class MemberRecord(_Part):
    """The whole file."""

    version: Literal[1] = Field(default=1, alias="schema")
    group: str = Field(default="", max_length=MAX_CHARACTERS)
    pictures: tuple[PictureRecord, ...] = Field(
        default=(), max_length=MAX_PICTURES, strict=False, fail_fast=True
    )
    samples: tuple[SampleRecord, ...] = Field(
        default=(), max_length=MAX_SAMPLES, strict=False, fail_fast=True
    )

    model_config = ConfigDict(populate_by_name=True)

    def without(self, gone: Collection[str]) -> MemberRecord:
        """The record without those pictures and what was made from them."""
        return MemberRecord(
            group=self.group,
            pictures=tuple(p for p in self.pictures if p.file not in gone),
            samples=tuple(s for s in self.samples if not s.picture or s.picture not in gone),
        )

    def worn(self, now: datetime) -> MemberRecord:
        """The record without the clothes of other days; a clock that is off a little does not matter."""
        return MemberRecord(
            group=self.group,
            pictures=tuple(p for p in self.pictures if p.kind == "face" or abs(now - p.taken) <= BODIES_FOR),
            samples=tuple(s for s in self.samples if s.kind == "face" or abs(now - s.taken) <= BODIES_FOR),
        )


def read_record(member: Path) -> MemberRecord:
    """The record in a member's folder, without pictures that somebody has deleted and what they taught.

    Raises:
        JikcamError: absent, unreadable, or not what jikcam writes; one line that names the file.
    """
    path = member / RECORD
    fix = f"enrol {member.name} again after: jikcam gallery remove {quoted(member.name)}"
    try:
        data = read_file(path, MAX_BYTES)
    except JikcamError as error:
        raise JikcamError(error.problem, fix) from error
    try:
        record = MemberRecord.model_validate_json(data)
        _check_lengths(record)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        value = first["input"]
        if first["loc"] == ("schema",) and isinstance(value, int) and value > SCHEMA:
            raise JikcamError(f"{path} is of a newer jikcam (schema {value})", "update jikcam") from None
        where = printable(".".join(str(part) for part in first["loc"]))
        reason = f"{where}: {first['msg']}" if where else first["msg"]
        raise JikcamError(f"{path} is not what jikcam wrote ({printable(reason, 160)})", fix) from None
    except ValueError as error:
        raise JikcamError(f"{path} is not what jikcam wrote ({error})", fix) from None
    files = {p.file for p in record.pictures} | {s.picture for s in record.samples} - {""}
    try:
        return record.without({file for file in files if not (member / file).exists()})
    except OSError as error:
        raise unreadable(member, error) from error


def stored_record(member: Path) -> MemberRecord:
    """The record to be added to: as `read_record`, and an empty one where nothing is stored yet.

    Raises:
        JikcamError: a record is there and can't be used, or the folder is a link.
    """
    if member.is_symlink():
        raise JikcamError(f"{member} is a link", "put the folder itself there")
    try:
        there = (member / RECORD).exists() or (member / RECORD).is_symlink()
    except OSError as error:
        raise unreadable(member, error) from error
    return read_record(member) if there else MemberRecord()


def write_record(member: Path, record: MemberRecord) -> None:
    """Put the record into the member's folder, whole or not at all.

    Raises:
        JikcamError: it can't be written.
    """
    write_file(member / RECORD, record.model_dump_json(by_alias=True, indent=1).encode())


def now_utc() -> datetime:
    """The time by the computer's clock, in whole seconds, as records have it."""
    return datetime.now(UTC).replace(microsecond=0)


def _check_lengths(record: MemberRecord) -> None:
    lengths: dict[tuple[str, str], int] = {}
    for number, sample in enumerate(record.samples):
        norm = sum(v * v for v in sample.vector) ** 0.5
        if abs(norm - 1) > _UNIT_TOLERANCE:
            raise ValueError(f"samples.{number} has length {norm:.3f} in place of 1")
        usual = lengths.setdefault((sample.kind, sample.model), len(sample.vector))
        if len(sample.vector) != usual:
            raise ValueError(f"samples.{number} has {len(sample.vector)} numbers, those before it {usual}")
