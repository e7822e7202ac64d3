"""Costumes for puppets: as different as a group's stage outfits, or exactly the same for twins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.sources.stage.brush import Colour
from engine.sources.stage.puppet import Puppet

_SKINS: tuple[Colour, ...] = (
    (170, 195, 232),
    (140, 172, 214),
    (112, 146, 194),
    (84, 116, 168),
    (58, 82, 128),
)
_HAIRS: tuple[Colour, ...] = (
    (30, 26, 28),
    (40, 56, 92),
    (70, 190, 228),
    (60, 52, 140),
    (110, 88, 74),
    (70, 70, 78),
)
#: Top, bottom, accent: told apart by their colour histograms.
_OUTFITS: tuple[tuple[Colour, Colour, Colour], ...] = (
    ((58, 52, 196), (52, 46, 44), (215, 225, 235)),
    ((190, 120, 44), (150, 140, 132), (40, 190, 240)),
    ((82, 164, 70), (66, 54, 88), (235, 235, 235)),
    ((60, 196, 236), (120, 74, 46), (50, 50, 60)),
    ((176, 82, 158), (206, 206, 210), (80, 60, 70)),
    ((222, 222, 226), (60, 62, 150), (70, 60, 190)),
    ((70, 66, 66), (44, 120, 190), (60, 220, 250)),
    ((170, 176, 60), (76, 46, 40), (230, 230, 240)),
    ((110, 120, 236), (116, 132, 84), (255, 250, 240)),
    ((128, 60, 66), (96, 160, 206), (40, 170, 220)),
)
_MARKS: tuple[Colour, ...] = ((120, 120, 235), (220, 120, 60), (70, 190, 90), (60, 200, 240), (200, 90, 190))


def wardrobe(people: int, seed: int) -> list[Puppet]:
    """One costume each, all different for up to ten people."""
    rng = np.random.default_rng((seed, 7))
    order = rng.permutation(len(_OUTFITS))
    puppets = []
    for k in range(people):
        top, bottom, accent = _OUTFITS[order[k % len(_OUTFITS)]]
        puppets.append(
            Puppet(
                skin=_SKINS[int(rng.integers(len(_SKINS)))],
                hair=_HAIRS[int(rng.integers(len(_HAIRS)))],
                top=top,
                bottom=bottom,
                shoes=(36, 34, 40) if k % 2 else (220, 222, 224),
                accent=accent,
                long_hair=bool(rng.random() < 0.5),
                skirt=bool(rng.random() < 0.3),
                bare_arms=bool(rng.random() < 0.5),
                face_mark=_MARKS[k % len(_MARKS)],
                height_m=float(1.75 + rng.uniform(-0.11, 0.1)),
            )
        )
    return puppets


def twins(people: int, seed: int, marked: bool) -> list[Puppet]:
    """The same costume for all; only the cheeks differ, or nothing when not ``marked``."""
    one = wardrobe(1, seed)[0]
    return [replace(one, face_mark=_MARKS[k % len(_MARKS)] if marked else None) for k in range(people)]
