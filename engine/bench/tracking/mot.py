"""MOTChallenge text in and out: folders of detections and truth <-> `Sequence`.

Lines are ``frame,id,left,top,width,height,score,...``; pictures count from 1, lengths are source pixels
(motchallenge.net/instructions). Every failure is a `JikcamError` that names the file and the line.
"""

from __future__ import annotations

import configparser
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.bench.tracking.sequence import F64, Hypotheses, Sequence, Truth
from engine.errors import JikcamError
from engine.geometry import Size

#: frame, id, left, top, width, height, score (detections) or conf (truth).
LEAST_COLUMNS = 7
#: MOT16 and later truth has exactly these: ... conf, class, visibility. MOT15 has ten and no class.
COLUMNS_WITH_CLASS = 9
PEDESTRIAN = 1
#: Classes that TrackEval calls distractors: on a vehicle, sitting, distractor, reflection.
DISTRACTORS = (2, 7, 8, 12)
#: Nine hours at 30 pictures a second; a larger number is a broken file, not a sequence.
MOST_PICTURES = 1_000_000
#: No picture is this wide; a larger coordinate is a broken file.
LARGEST_PX = 1e6

FORMAT = "MOTChallenge lines read frame,id,left,top,width,height,score"

_Value = TypeVar("_Value")


def read_sequence(folder: Path) -> Sequence:
    """The sequence in ``folder``: ``seqinfo.ini``, ``det/det.txt`` and, where there is one, ``gt/gt.txt``.

    ``det/det_fullseq.txt`` counts the pictures of the whole film of which the sequence is the end (MOT17's
    validation halves): its numbers are moved so that the last picture is the last of the sequence. Of the
    truth those count whose conf is not 0 and, where there is a class, who are pedestrians; distractors
    become ``ignored``, as TrackEval has it.

    Raises:
        JikcamError: the folder, a file or a line is missing or cannot be understood.
    """
    fps, size, length = _information(folder / "seqinfo.ini")
    whole = folder / "det" / "det_fullseq.txt"
    if whole.is_file():
        found = read_detections(whole)
        offset = max(max(found) - length, 0)
        detections = {f - offset: d for f, d in found.items() if f > offset}
    else:
        detections = read_detections(folder / "det" / "det.txt")
    truth: dict[int, Truth] = {}
    ignored: dict[int, F64] = {}
    if (folder / "gt" / "gt.txt").is_file():
        truth, ignored = read_truth(folder / "gt" / "gt.txt")
    length = max(length, *detections, *truth)
    return Sequence(folder.resolve().name, fps, size, length, detections, truth, ignored=ignored)


def read_detections(path: Path) -> dict[int, F64]:
    """Picture -> (M, 5) x0, y0, x1, y1, score of a MOTChallenge detection file.

    Boxes without area are no findings and are left out; a picture may lose all of its own.

    Raises:
        JikcamError: no such file, no text, no line in it, a line that is none, a score outside 0 to 1.
    """
    rows, lines = _rows(path)
    bad = np.flatnonzero((rows[:, 6] < 0) | (rows[:, 6] > 1))
    if len(bad):
        raise JikcamError(
            f"{path}:{lines[bad[0]]}: score {rows[bad[0], 6]:g} is not between 0 and 1",
            "scale the detector's scores to 0-1",
        )
    area = (rows[:, 4] > 0) & (rows[:, 5] > 0)
    frames = rows[area, 0].astype(np.int64)
    values = np.column_stack([_corners(rows[area]), rows[area, 6]])
    return {**{int(f): np.zeros((0, 5)) for f in np.unique(rows[:, 0])}, **_by_picture(frames, values)}


def write_tracks(path: Path, tracks: Mapping[int, Hypotheses]) -> None:
    """Write picture -> hypotheses as MOTChallenge results, ordered by picture; conf is 1.

    Raises:
        JikcamError: the file cannot be written.
    """
    lines = [
        f"{frame},{track},{x0:.2f},{y0:.2f},{x1 - x0:.2f},{y1 - y0:.2f},1,-1,-1,-1\n"
        for frame in sorted(tracks)
        for track, (x0, y0, x1, y1) in zip(
            tracks[frame].ids.tolist(), tracks[frame].boxes.tolist(), strict=True
        )
    ]
    try:
        path.write_text("".join(lines))
    except OSError as error:
        raise JikcamError(
            f"cannot write {path}: {error.strerror}", "choose a file that can be written"
        ) from None


def every_nth(sequence: Sequence, n: int) -> Sequence:
    """Pictures 1, 1 + n, 1 + 2n, ..., numbered from 1 again: the same stage at fps / n."""
    if n < 1:
        raise JikcamError(f"every {n}-th picture makes no sense", "give 1 or more")
    if n == 1:
        return sequence
    return replace(
        sequence,
        fps=sequence.fps / n,
        length=(sequence.length - 1) // n + 1,
        detections=_thinned(sequence.detections, n),
        truth=_thinned(sequence.truth, n),
        skeletons=_thinned(sequence.skeletons, n),
        looks=_thinned(sequence.looks, n),
        ignored=_thinned(sequence.ignored, n),
    )


def _thinned(pictures: Mapping[int, _Value], n: int) -> dict[int, _Value]:
    return {(f - 1) // n + 1: value for f, value in pictures.items() if (f - 1) % n == 0}


def read_truth(path: Path) -> tuple[dict[int, Truth], dict[int, F64]]:
    """Picture -> who counts, and picture -> (K, 4) boxes of distractors, of a MOTChallenge truth file.

    Raises:
        JikcamError: no such file, no text, no line in it, a line that is none, somebody twice in a picture.
    """
    rows, lines = _rows(path)
    counts = rows[:, 6] != 0
    distractor = np.zeros(len(rows), dtype=np.bool_)
    if rows.shape[1] == COLUMNS_WITH_CLASS:
        counts &= rows[:, 7] == PEDESTRIAN
        distractor = np.isin(rows[:, 7], DISTRACTORS)
    keys = rows[counts, :2].astype(np.int64)
    _, first, times = np.unique(keys, axis=0, return_index=True, return_counts=True)
    if len(times) and times.max() > 1:
        frame, person = keys[first[times.argmax()]]
        at = lines[np.flatnonzero(counts & (rows[:, 0] == frame) & (rows[:, 1] == person))[1]]
        raise JikcamError(f"{path}:{at}: id {person} stands twice in picture {frame}", "repair the truth")
    people = _by_picture(keys[:, 0], np.column_stack([keys[:, 1], _corners(rows[counts])]))
    truth = {f: Truth(p[:, 0].astype(np.int64), p[:, 1:]) for f, p in people.items()}
    return truth, _by_picture(rows[distractor, 0].astype(np.int64), _corners(rows[distractor]))


def _corners(rows: F64) -> F64:
    return np.column_stack([rows[:, 2:4], rows[:, 2:4] + rows[:, 4:6]])


def _by_picture(frames: NDArray[np.int64], values: F64) -> dict[int, F64]:
    order = np.argsort(frames, kind="stable")
    numbers, starts = np.unique(frames[order], return_index=True)
    return (
        dict(zip(numbers.tolist(), np.split(values[order], starts[1:]), strict=True)) if len(numbers) else {}
    )


def _rows(path: Path) -> tuple[F64, list[int]]:
    """(N, C) numbers of a comma-separated file, C of its first line, and the line each row stands in."""
    rows: list[list[float]] = []
    lines: list[int] = []
    for number, line in enumerate(_text(path).splitlines(), start=1):
        if not line.strip():
            continue
        row = _row(line, f"{path}:{number}")
        if rows and len(row) != len(rows[0]):
            raise JikcamError(f"{path}:{number}: {len(row)} columns after lines of {len(rows[0])}", FORMAT)
        rows.append(row)
        lines.append(number)
    if not rows:
        raise JikcamError(f"{path} holds no line", FORMAT)
    return np.array(rows, dtype=np.float64), lines


def _row(line: str, where: str) -> list[float]:
    fields = line.split(",")
    if len(fields) < LEAST_COLUMNS:
        raise JikcamError(f"{where}: {len(fields)} of {LEAST_COLUMNS} columns", FORMAT)
    try:
        row = [float(value) for value in fields]
    except ValueError:
        raise JikcamError(f"{where}: {line.strip()[:60]!r} is not a line of numbers", FORMAT) from None
    if not (1 <= row[0] <= MOST_PICTURES and row[0].is_integer()):
        raise JikcamError(
            f"{where}: {fields[0].strip()} is no picture number", f"pictures count from 1 to {MOST_PICTURES}"
        )
    if not all(math.isfinite(v) for v in row) or max(abs(v) for v in row[1:LEAST_COLUMNS]) > LARGEST_PX:
        raise JikcamError(f"{where}: a number is not finite or larger than any picture", FORMAT)
    return row


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise JikcamError(f"{path} does not exist", "give a MOTChallenge file or sequence folder") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise JikcamError(f"cannot read {path}: {reason}", FORMAT) from None


def _information(path: Path) -> tuple[float, Size, int]:
    """Rate, picture size and length in ``seqinfo.ini``."""
    ini = configparser.ConfigParser(interpolation=None)
    try:
        ini.read_string(_text(path))
        section = ini["Sequence"]
        values = [float(section[key]) for key in ("frameRate", "imWidth", "imHeight", "seqLength")]
    except (configparser.Error, KeyError, ValueError) as error:
        problem = str(error).splitlines()[0]
        raise JikcamError(
            f"{path} is no sequence information: {problem}",
            "it needs [Sequence] with frameRate, imWidth, imHeight and seqLength",
        ) from None
    fps, width, height, length = values
    if not (0 < fps <= 1000 and 1 <= width <= LARGEST_PX and 1 <= height <= LARGEST_PX):
        raise JikcamError(
            f"{path}: {fps:g} fps of {width:g}x{height:g} cannot be", "repair frameRate, imWidth, imHeight"
        )
    if not 1 <= length <= MOST_PICTURES:
        raise JikcamError(f"{path}: seqLength {length:g} cannot be", f"give 1 to {MOST_PICTURES}")
    return fps, Size(int(width), int(height)), int(length)
