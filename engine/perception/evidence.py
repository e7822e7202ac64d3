"""Whose face and whose body are read in a look, within the budget."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.errors import JikcamError
from engine.geometry import Box, Size
from engine.people import JOINT_VISIBLE, Detection, Skeleton, Track
from engine.perception.appearance import BODY_QUALITY, AppearanceReader
from engine.perception.coverage import alone, body_quality
from engine.perception.face_owner import FACE_JOINTS, head_area
from engine.perception.sampling import BestSamples, Candidate
from engine.sources.frame import Frame

#: A crop of which so much is the person is a clean one.
CLEAN = 0.85
#: A head hidden by more than this is not looked at.
HEAD_FREE = 0.5
#: How long a clean moment is waited for (half a second of pictures, R127).
FALLBACK_S = 0.5
#: Who comes first, from the first to the last.
DOUBT, CHOSEN, NEW, TURNS = range(4)
#: Identity below which a track is in doubt and comes first.
IN_DOUBT = 0.8
#: Whoever is neither in doubt nor chosen is read so many times more seldom: half a second between bodies.
#: Crops of one person tell little new within that time, and a body costs 2 to 10 ms.
CALM = 2.5
#: Findings weaker than this that are no track hide nobody: often a second box around the same person.
SOLID = 0.5


@dataclass(frozen=True, slots=True)
class Reading:
    """How much appearance one look may read.

    Attributes:
        faces_per_look: heads searched for a face in one look.
        bodies_per_look: bodies embedded in one look.
        face_every_s: the face of somebody in doubt, or chosen, is looked for no more often (R131).
        body_every_s: their body is taken no more often. Others are read 2.5 times more seldom.
    """

    faces_per_look: int = 1
    bodies_per_look: int = 2
    face_every_s: float = 0.5
    body_every_s: float = 0.2

    def __post_init__(self) -> None:
        limits = (self.faces_per_look, self.bodies_per_look, self.face_every_s, self.body_every_s)
        if not np.isfinite(limits).all() or min(limits) < 0:
            raise JikcamError(
                f"a budget for faces and bodies of {self} can't be kept", "use no negative number"
            )


class Evidence:
    """Adds appearance to what a look has found. Used by one thread.

    Who is in doubt comes first, then chosen people, then those never read, then everybody in turns; nobody
    who can be seen waits much longer than a second while the budget allows it.
    """

    def __init__(self, reader: AppearanceReader, reading: Reading) -> None:
        self._reader = reader
        self._reading = reading
        self._bodies = BestSamples(reading.body_every_s, CLEAN, BODY_QUALITY, FALLBACK_S)
        self._faces = BestSamples(reading.face_every_s, CLEAN, HEAD_FREE, FALLBACK_S)

    def keep_only(self, tracks: Collection[int]) -> None:
        """Forget everybody else."""
        self._bodies.keep_only(tracks)
        self._faces.keep_only(tracks)

    def add(
        self,
        frame: Frame,
        people: Sequence[Detection],
        track_of: Mapping[int, Track],
        targets: Collection[int],
        unseen: Sequence[Track] = (),
    ) -> list[Detection]:
        """The findings, those that were read with their appearance.

        Args:
            track_of: which finding is which track, as far as it is known; only these are read.
            targets: ids of the chosen people.
            unseen: tracks that this look did not look at; they may stand in front.
        """
        solid = [i for i, one in enumerate(people) if i in track_of or one.score >= SOLID]
        boxes = [people[i].box for i in solid] + [track.box for track in unseen]
        skeletons = [people[i].skeleton for i in solid] + [track.skeleton for track in unseen]
        place = {track_of[i].id: n for n, i in enumerate(solid) if i in track_of}
        if not place:
            return list(people)
        known = {track.id: track for track in track_of.values()}
        size = Size(frame.image.shape[1], frame.image.shape[0])

        def due(samples: BestSamples, quality: np.ndarray, number: int) -> list[int]:
            """Places of the people to read."""
            candidates = []
            for i, n in place.items():
                urgency = _urgency(known[i], targets, samples)
                candidates.append(Candidate(i, float(quality[n]), urgency, CALM if urgency == TURNS else 1.0))
            return [place[i] for i in samples.take(frame.time_s, candidates, number)]

        bodies: list[int] = []
        faces: list[int] = []
        if self._reader.body_model and self._reading.bodies_per_look:
            bodies = due(self._bodies, body_quality(boxes, size), self._reading.bodies_per_look)
        if self._reader.face_model and self._reading.faces_per_look:
            faces = due(self._faces, _facing(boxes, skeletons), self._reading.faces_per_look)
        if not bodies and not faces:
            return list(people)
        seen = self._reader.read(frame.image, boxes, skeletons, faces=faces, bodies=bodies)
        result = list(people)
        for n in {*bodies, *faces}:
            result[solid[n]] = replace(people[solid[n]], appearance=seen[n])
        return result


def _urgency(track: Track, targets: Collection[int], samples: BestSamples) -> int:
    if track.sure < IN_DOUBT:
        return DOUBT
    if track.id in targets:
        return CHOSEN
    return TURNS if samples.was_read(track.id) else NEW


def _facing(boxes: Sequence[Box], skeletons: Sequence[Skeleton | None]) -> np.ndarray:
    """(N,) how good a moment it is for each face: nobody before the head, and not known to be turned away."""
    heads = [head_area(box, skeleton) for box, skeleton in zip(boxes, skeletons, strict=True)]
    away = [s is not None and int((s.score[FACE_JOINTS] >= JOINT_VISIBLE).sum()) < 2 for s in skeletons]
    return np.where(away, 0.0, alone(boxes, heads))
