"""Who is who: faces, bodies and both, told apart by what the standard pack sees.

    python -m tests.benchmarks.who_is_who [--plot FILE.png] [--no-cost]

Webcams: 15 films of 5 people, who wear the same clothes in all of theirs: "within a film" asks again a
second later, "across films" asks in another film of the same afternoon. Bodies are clothes: across films
they do as well as they do here only because nobody changed, and say nothing about another day. The films
are also made small (0.3), blurred (sigma 2) and moving (9 pixels), as stages are. Then two clips in which
people hide each other, asked within the clip; street faces have 9 pixels between the eyes.

A gallery has the first half second of a person. Rank-1: share of looks whose best gallery is the right one.
Verification (is it them?): TAR = share of the right ones accepted where FAR of the wrong ones are. Tiers: as
the looks fall by the score of the face; "as if" = every look judged by that tier. Cost: what a look of the
whole perception takes with and without appearance, models on two threads.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.identity.likelihood import calibration_of, levelled, log_likelihood_ratio, template_similarity
from engine.identity.member import Sample
from engine.identity.tiers import FACE_AT_ALL, Tier, fused_llr, tier_of
from tests.benchmarks.calibrate import WORSE
from tests.benchmarks.crops import Look, Readers, clip_looks, webcam_looks
from tests.benchmarks.look_cost import cost_rows
from tests.benchmarks.reliability import draw, reliability, rows
from tests.benchmarks.trials import accepted_at, area_under_curve, body_of, equal_error, face_of

F64 = NDArray[np.float64]
LEARN_S, APART_S = 0.5, 1.0
FACE, BODY = calibration_of("face-reid-0095"), calibration_of("osnet-x0.25")
AS_BOTH = "as if tier: face and body"
NAMES = ("face", "body", "fused", AS_BOTH)
STAGES = {"sam3_dance4": 3, "street_hug5": 4}


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """Looks against the galleries of everybody.

    Attributes:
        ratio: name -> (N, P) log-likelihood ratios; NaN where there is no such vector.
        right: (N,) column of the right person.
        tier: (N,) what the look is judged by.
    """

    ratio: dict[str, F64]
    right: NDArray[np.int64]
    tier: list[Tier]


def asked(looks: Sequence[Look], across: bool) -> Asked:
    """Every film once the gallery of its person, a film of each of the others beside it."""
    people = sorted({look.person for look in looks})
    films = {p: sorted({x.film for x in looks if x.person == p}) for p in people}
    found: list[dict[str, list[float]]] = []
    right: list[int] = []
    tiers: list[Tier] = []
    for turn in range(max(len(f) for f in films.values())):
        learned, until_s = {}, {}
        for p, theirs in films.items():
            own = [x for x in looks if x.person == p and x.film == theirs[turn % len(theirs)]]
            until_s[p] = min(x.time_s for x in own) + LEARN_S
            learned[p] = [x for x in own if x.time_s <= until_s[p]]
        galleries = [learned[p] for p in people]
        for look in looks:
            same_film = look.film == learned[look.person][0].film
            if same_film == across or (same_film and look.time_s < until_s[look.person] + APART_S):
                continue
            found.append(_ratios(look, galleries))
            right.append(people.index(look.person))
            seen = look.appearance
            has = seen.face is not None, seen.face_score, seen.body is not None
            tiers.append(tier_of(*has, seen.face_quality))
    return Asked({n: np.array([f[n] for f in found]) for n in NAMES}, np.array(right), tiers)


def _ratios(look: Look, galleries: Sequence[Sequence[Look]]) -> dict[str, list[float]]:
    said = []
    for vector_of, calibration in ((face_of, FACE), (body_of, BODY)):
        vector, quality = vector_of(look)
        cosines = np.full((len(galleries), 1), np.nan)
        for i, gallery in enumerate(galleries):
            samples = [Sample(v, q) for v, q in map(vector_of, gallery) if v is not None]
            if vector is not None and samples:
                cosines[i] = template_similarity(vector, samples)
        ratio = log_likelihood_ratio(levelled(cosines, calibration), np.array([quality]), calibration)
        said.append(np.where(np.isfinite(cosines), ratio, np.nan)[:, 0])
    face, body = (one.tolist() for one in said)
    there = bool(np.isfinite(said).any())
    fused = {
        name: [
            fused_llr(f, score, b, look.appearance.face_quality) if there else np.nan
            for f, b in zip(face, body, strict=True)
        ]
        for name, score in (("fused", look.appearance.face_score), (AS_BOTH, FACE_AT_ALL))
    }
    return {"face": face, "body": body, **fused}


def row(label: str, ratio: F64, right: NDArray[np.int64]) -> str:
    """One Markdown row of figures."""
    there = np.isfinite(ratio).all(axis=1)
    ratio, right = ratio[there], right[there]
    if not len(ratio):
        return f"| {label} | 0 | - | - | - | - | - |"
    first = float((ratio.argmax(axis=1) == right).mean())
    same = np.zeros(ratio.shape, bool)
    same[np.arange(len(right)), right] = True
    scores, flags = ratio.ravel(), same.ravel()
    figures = (first, accepted_at(scores, flags, 0.01), accepted_at(scores, flags, 0.001))
    percent = (*figures, equal_error(scores, flags))
    cells = " | ".join(f"{100 * v:.1f}" if np.isfinite(v) else "-" for v in percent)
    return f"| {label} | {len(right)} | {cells} | {area_under_curve(scores, flags):.4f} |"


def rows_of(name: str, way: str, answers: Asked) -> list[str]:
    """By face, body and both, and by the tiers that looks fell into."""
    lines = [f"| {name} | {way} " + row(by, answers.ratio[by], answers.right) for by in NAMES]
    for tier in (Tier.FACE, Tier.BOTH, Tier.BODY):
        chosen = [i for i, t in enumerate(answers.tier) if t is tier]
        if chosen and len(chosen) < len(answers.tier):
            fused = answers.ratio["fused"][chosen]
            lines.append(f"| {name} | {way} " + row(f"tier: {tier.value}", fused, answers.right[chosen]))
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--plot", type=Path, help="where to draw said sure against was right")
    parser.add_argument("--no-cost", action="store_true", help="leave the cost out")
    options = parser.parse_args()
    cv2.setNumThreads(2)
    readers = Readers()
    films = {"as they are": webcam_looks(readers)}
    films |= {name: webcam_looks(readers, 6, worse) for name, worse in WORSE.items()}
    lines = [
        "| looks at | asked | by | looks | rank-1 % | TAR % at FAR 1 % | at 0.1 % | EER % | AUC |",
        "|---|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    across = {name: asked(looks, across=True) for name, looks in films.items()}
    for name, looks in films.items():
        lines += rows_of(f"webcams, {name}", "within a film", asked(looks, across=False))
        lines += rows_of(f"webcams, {name}", "across films", across[name])
    for clip, step in STAGES.items():
        lines += rows_of(clip, "within the clip", asked(clip_looks(readers, clip, step), across=False))
    print("\n".join(lines), "\n")
    curves = {}
    for by in NAMES[:3]:
        ratio = np.concatenate([a.ratio[by] for a in across.values()])
        right = np.concatenate([a.right for a in across.values()])
        same = np.arange(ratio.shape[1]) == right[:, None]
        there = np.isfinite(ratio)
        flags = same[there]
        weight = np.where(flags, 0.5 / flags.sum(), 0.5 / (~flags).sum())
        curves[by] = reliability(ratio[there], flags, weight)
    print("\n".join(rows(curves)), "\n")
    if options.plot:
        draw(options.plot, "webcams, as they are and made worse", curves)
    if not options.no_cost:
        print("\n".join(cost_rows()))


if __name__ == "__main__":
    main()
