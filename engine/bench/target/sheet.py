"""Contact sheets to look at: pictures of the film with what the View showed drawn into them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from engine.bench.target.record import Entry, Followed
from engine.bench.target.score import Verdict
from engine.direction.target import LockState
from engine.errors import JikcamError
from engine.geometry import Box
from engine.sources.frame import Image
from engine.sources.open import open_source

COLUMNS, ROWS = 5, 6
#: Width of one picture of the sheet.
CELL_PX = 384
_GREEN, _RED, _WHITE, _YELLOW = (80, 220, 60), (60, 60, 240), (255, 255, 255), (40, 210, 250)


def write_sheets(
    clip: Path,
    runs: Iterable[Followed],
    verdicts: Mapping[int, Mapping[int, Verdict]],
    folder: Path,
) -> list[Path]:
    """One JPEG for each identity: pictures at equal distances, and where it went wrong.

    White: the shot. The lock's box is green where it is right, red where it is wrong, yellow without truth
    or while it is not held.

    Args:
        verdicts: by identity and picture index.

    Raises:
        JikcamError: the folder can't be written.
    """
    entries = {run.person: {e.index: e for e in run.entries} for run in runs}
    chosen = {person: _choice(list(of), verdicts.get(person, {})) for person, of in entries.items()}
    wanted = {index for indices in chosen.values() for index in indices}
    cells: dict[int, dict[int, Image]] = {person: {} for person in entries}
    source = open_source(str(clip), pace="fast")
    try:
        while not source.ended:
            frame = source.read(1.0)
            if frame is None or frame.index not in wanted:
                continue
            for person, indices in chosen.items():
                if frame.index in indices:
                    entry = entries[person][frame.index]
                    verdict = verdicts.get(person, {}).get(frame.index)
                    cells[person][frame.index] = _cell(frame.image, entry, verdict, source.fps)
    finally:
        source.close()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise JikcamError(f"cannot make {folder}: {error.strerror}", "choose another folder") from None
    return [_write(folder / f"{clip.stem}-{p}.jpg", of) for p, of in cells.items() if of]


def _choice(indices: Sequence[int], verdicts: Mapping[int, Verdict]) -> frozenset[int]:
    """Pictures worth a look: half of them where something goes wrong, begins to, or is lost."""
    if not indices:
        return frozenset()
    room = COLUMNS * ROWS
    turns = [b for a, b in itertools.pairwise(indices) if verdicts.get(a) != verdicts.get(b)]
    wrong = [i for i in indices if verdicts.get(i) is Verdict.WRONG]
    special = [*_spread(turns, room // 3), *_spread(wrong, room // 4)]
    return frozenset([*special, *_spread(indices, room - len(set(special)))])


def _spread(indices: Sequence[int], count: int) -> list[int]:
    if len(indices) <= count:
        return list(indices)
    return [indices[int(k)] for k in np.linspace(0, len(indices) - 1, count)]


def _cell(image: Image, entry: Entry, verdict: Verdict | None, fps: float) -> Image:
    scale = CELL_PX / image.shape[1]
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    cell: Image = np.asarray(small, np.uint8)
    _rectangle(cell, entry.shot, scale, _WHITE, 1)
    held = entry.state is LockState.HELD
    colour = {Verdict.OK: _GREEN, Verdict.WRONG: _RED}.get(verdict, _YELLOW) if verdict else _YELLOW
    if entry.box:
        _rectangle(cell, entry.box, scale, colour, 2 if held else 1)
    text = f"{entry.index / fps:.2f}s {entry.state} {entry.sure:.2f}"
    for ink, thick in (((0, 0, 0), 3), (colour, 1)):
        cv2.putText(cell, text, (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.45, ink, thick, cv2.LINE_AA)
        at = (4, cell.shape[0] - 6)
        cv2.putText(cell, entry.reason[:52], at, cv2.FONT_HERSHEY_SIMPLEX, 0.38, ink, thick, cv2.LINE_AA)
    return cell


def _rectangle(cell: Image, box: Box, scale: float, colour: tuple[int, int, int], thick: int) -> None:
    x0, y0, x1, y1 = (round(v * scale) for v in box.xyxy)
    cv2.rectangle(cell, (x0, y0), (x1, y1), colour, thick)


def _write(path: Path, cells: Mapping[int, Image]) -> Path:
    pictures = [cells[index] for index in sorted(cells)]
    blank = np.zeros_like(pictures[0])
    pictures += [blank] * (-len(pictures) % COLUMNS)
    rows = [np.hstack(pictures[k : k + COLUMNS]) for k in range(0, len(pictures), COLUMNS)]
    if not cv2.imwrite(str(path), np.vstack(rows), [cv2.IMWRITE_JPEG_QUALITY, 85]):
        raise JikcamError(f"cannot write {path}", "choose a folder you may write to")
    return path
