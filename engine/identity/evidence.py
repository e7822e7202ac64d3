"""What the looks of the people in one picture say about who they are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.identity.config import EvidenceConfig
from engine.identity.likelihood import Calibration, levelled, log_likelihood_ratio
from engine.identity.likeness import Likeness, likeness
from engine.identity.memory import Gallery, independent, usable
from engine.identity.tiers import Tier, fused_llr, tier_of
from engine.people import Appearance

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
#: The model of how everybody looks is fitted anew at most this often.
REFIT_S = 0.5
#: Crops of one person resemble the person's others by at most this once the light or the pose changes, give
#: or take the spread (OSNet, people of four clips: .78 to .92, spread .06 to .09).
MOST_ALIKE, SPREAD = 0.88, 0.06
#: From so many spreads below the usual on, a look speaks against a person, by so many nats for each more.
BEYOND, MISFIT = 2.0, 1.5


@dataclass(frozen=True, slots=True, eq=False)
class Testimony:
    """What M looks say about P people.

    Attributes:
        llr: (P, M) nats for "this track is that person" against "it is a stranger"; 0 where nothing is known.
        fit: (P, M) the same, but for how far a body is from every way that person has looked before.
        face, body: (M,) whether faces and bodies were compared.
    """

    llr: F64
    fit: F64
    face: NDArray[np.bool_]
    body: NDArray[np.bool_]


class Witness:
    """Compares looks with what is remembered; looks that follow each other at once count only in part."""

    def __init__(self, config: EvidenceConfig, bodies: Gallery, faces: Gallery) -> None:
        self._config = config
        self._bodies, self._faces = bodies, faces
        self._body_s: dict[int, float] = {}
        self._face_s: dict[int, float] = {}
        self._model: Likeness | None = None
        self._fitted = -1
        self._fitted_s = -math.inf

    def forget(self, track: int) -> None:
        """That track is gone."""
        self._body_s.pop(track, None)
        self._face_s.pop(track, None)

    def heard(
        self,
        people: Sequence[int],
        tracks: Sequence[int],
        looks: Sequence[Appearance],
        time_s: float,
        itself: Mapping[int, int],
    ) -> Testimony:
        """What the looks of ``tracks`` say about ``people``; each by the tier its face is in (R134).

        ``itself`` is, by track, a person whose face was learned from that track: that it looks like itself
        says nothing.
        """
        face = self._said_by_faces(people, looks)
        body, misfit = self._said_by_bodies(people, looks, time_s)
        by_face = np.array(np.isfinite(face).any(axis=0), np.bool_)
        by_body = np.array(np.isfinite(body).any(axis=0), np.bool_)
        rows = {person: row for row, person in enumerate(people)}
        llr, fit = np.zeros((2, len(people), len(tracks)))
        for column, (track, look) in enumerate(zip(tracks, looks, strict=True)):
            said_face, said_body = face[:, column], body[:, column]
            if by_face[column]:
                if itself.get(track) in rows:
                    said_face[rows[itself[track]]] = 0.0
                said_face *= self._weight(self._face_s, track, time_s, self._config.face_correlation_s)
            unlike = misfit[:, column]
            if by_body[column]:
                weight = self._weight(self._body_s, track, time_s, self._config.body_correlation_s)
                said_body, unlike = said_body * weight, unlike * weight
            fit[:, column] = _fused(said_face, look, said_body)
            said_body = np.where(unlike < 0.0, np.fmin(said_body, unlike), said_body)
            llr[:, column] = _fused(said_face, look, said_body)
        return Testimony(llr, fit, by_face, by_body)

    def fit(self, person: int, look: Appearance, time_s: float) -> float:
        """Nats for its being that person, the tiers apart: the worse of face and body; 0 = nothing known."""
        face = self._said_by_faces([person], [look])
        body, misfit = self._said_by_bodies([person], [look], time_s)
        said = [float(value[0, 0]) for value in (face, body, misfit) if np.isfinite(value[0, 0])]
        told = [value for value in said if value != 0.0]
        return min(told, default=0.0)

    def _said_by_faces(self, people: Sequence[int], looks: Sequence[Appearance]) -> F64:
        result = np.full((len(people), len(looks)), np.nan)
        seen = [
            i
            for i, look in enumerate(looks)
            if tier_of(look.face is not None, look.face_score, False) is Tier.FACE and usable(look.face)
        ]
        for group, vectors in _alike([(i, looks[i].face) for i in seen]):
            quality = np.array([looks[i].face_quality for i in group])
            result[:, group] = _read(self._faces, people, vectors, quality, self._config.face)
        return result

    def _said_by_bodies(
        self, people: Sequence[int], looks: Sequence[Appearance], time_s: float
    ) -> tuple[F64, F64]:
        """(P, M) what bodies say, NaN where nothing is known, and (P, M) the misfit, 0 or less."""
        result = np.full((len(people), len(looks)), np.nan)
        misfit = np.zeros((len(people), len(looks)))
        config = self._config
        seen = [
            i
            for i, look in enumerate(looks)
            if look.body_quality >= config.least_quality and usable(look.body)
        ]
        for group, vectors in _alike([(i, looks[i].body) for i in seen]):
            quality = np.array([min(looks[i].body_quality, 1.0) for i in group])
            model = self._likeness(vectors.shape[1], time_s)
            if model is None:
                result[:, group] = _read(self._bodies, people, vectors, quality, config.body)
            else:
                said = np.clip(model.llr(people, vectors), -config.most, config.most)
                result[:, group] = said * quality
            misfit[:, group] = np.maximum(self._misfit(people, vectors), -config.most) * quality
        return result, misfit

    def _misfit(self, people: Sequence[int], vectors: F32) -> F64:
        """(P, M) nats, 0 or less: how far bodies are from every way a person has looked in this show.

        What tells known people apart says little about a stranger, who differs in other ways.
        """
        cosine = self._bodies.similarity(people, vectors)
        usual = np.minimum([self._bodies.likeness_to_itself(person) for person in people], MOST_ALIKE)
        beyond = (usual[:, None] - cosine) / SPREAD - BEYOND
        result: F64 = -MISFIT * np.maximum(np.nan_to_num(beyond, nan=0.0), 0.0)
        return result

    def _likeness(self, dimensions: int, time_s: float) -> Likeness | None:
        due = self._model is None or time_s - self._fitted_s >= REFIT_S
        if due and self._fitted != self._bodies.version:
            owners, vectors, worth = self._bodies.table(dimensions, self._config.body_correlation_s)
            self._model = likeness(owners, vectors, worth) if len(owners) else None
            self._fitted, self._fitted_s = self._bodies.version, time_s
        if self._model is not None and len(self._model.centre) != dimensions:
            return None
        return self._model

    @staticmethod
    def _weight(last_s: dict[int, float], track: int, time_s: float, correlation_s: float) -> float:
        before_s = last_s.get(track)
        last_s[track] = time_s
        return 1.0 if before_s is None else independent(time_s - before_s, correlation_s)


def _fused(face: F64, look: Appearance, body: F64) -> list[float]:
    """(P,) the tiers, per person: of whom no face is known, the body has to do."""
    return [
        fused_llr(f, look.face_score, b, look.face_quality)
        for f, b in zip(face.tolist(), body.tolist(), strict=True)
    ]


def _alike(vectors: Sequence[tuple[int, F32 | None]]) -> list[tuple[list[int], F32]]:
    """Embeddings of the same length together: their numbers, and (M, D)."""
    groups: dict[int, list[tuple[int, F32]]] = {}
    for i, vector in vectors:
        if vector is not None:
            groups.setdefault(len(vector), []).append((i, vector))
    return [
        ([i for i, _ in group], np.stack([v for _, v in group]).astype(np.float32))
        for group in groups.values()
    ]


def _read(
    gallery: Gallery, people: Sequence[int], vectors: F32, quality: F64, calibration: Calibration
) -> F64:
    """(P, M) calibrated cosines; NaN where nothing is known of the person."""
    cosine = gallery.similarity(people, vectors)
    said = log_likelihood_ratio(levelled(cosine, calibration), quality, calibration)
    result: F64 = np.where(np.isfinite(cosine), said, np.nan)
    return result
