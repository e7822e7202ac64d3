"""What a look of the whole perception costs, with appearance and without."""

from __future__ import annotations

import time

import numpy as np

from engine.geometry import Box
from engine.people import Track, Tracks
from engine.perception.appearance import AppearanceReader
from engine.perception.scheduler import Perception
from engine.sources.frame import Frame, Image
from tests.benchmarks.crops import DATA, Readers, pictures, webcam_people

#: A laptop gives so many looks a second; the budget counts in seconds of film.
LOOKS_HZ = 20
LOOKS = 90
WARM_UP = 12


def stage(people: int) -> tuple[Image, list[Box]]:
    """1920 x 1080 with people of the webcam films side by side, and where they are."""
    image = np.full((1080, 1920, 3), 60, np.uint8)
    films = list(webcam_people())
    columns = 5 if people > 4 else 4
    boxes = []
    for i in range(people):
        path = DATA / "clips" / "webcam_asl" / f"{films[i % len(films)]}.mkv"
        _, _, picture = next(pictures(path, 15))
        cut = picture[:, 130:510]
        x, y = 10 + (i % columns) * 382, 20 + (i // columns) * 530
        image[y : y + 480, x : x + 380] = cut
        boxes.append(Box(x + 60, y + 40, x + 330, y + 480))
    return image, boxes


def looks_ms(readers: Readers, reader: AppearanceReader | None, people: int) -> np.ndarray:
    """(2, LOOKS) milliseconds per look: by the clock, and of processor time in all threads."""
    image, boxes = stage(people)
    perception = Perception(readers.detector, readers.pose, None, None, reader)
    tracks = Tracks(0.0, 0, tuple(Track(i + 1, b, 0, 0, 0.9, 0, 0) for i, b in enumerate(boxes)))
    took = []
    for n in range(WARM_UP + LOOKS):
        frame = Frame(image, n / LOOKS_HZ, n)
        begin_s = np.array([time.perf_counter(), time.process_time()])
        perception.look(frame, tracks, frozenset({1}), False)
        took.append(np.array([time.perf_counter(), time.process_time()]) - begin_s)
    return 1e3 * np.array(took[WARM_UP:]).T


def cost_rows() -> list[str]:
    """A Markdown table: milliseconds per look at 1, 4 and 9 people."""
    readers = Readers(threads=2)
    lines = [
        "| people | without it, ms a look | with it: mean | p95 | processor ms without | with it | added |",
        "|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for people in (1, 4, 9):
        (bare, bare_cpu), (full, full_cpu) = (
            looks_ms(readers, reader, people) for reader in (None, readers.reader)
        )
        lines.append(
            f"| {people} | {bare.mean():.1f} | {full.mean():.1f} | {np.percentile(full, 95):.1f} "
            f"| {bare_cpu.mean():.1f} | {full_cpu.mean():.1f} | {full_cpu.mean() - bare_cpu.mean():.1f} |"
        )
    return lines
