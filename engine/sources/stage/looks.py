"""What an embedder would make of the scene's people: faces and bodies from the truth, with stated noise."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Box
from engine.people import F32, Appearance, Skeleton
from engine.sources.frame import Image
from engine.sources.stage.barcode import read_index
from engine.sources.stage.puppet import Puppet
from engine.sources.stage.scene import Performer, PerformerTruth, Scene

F64 = NDArray[np.float64]

#: Overlap of a finding with somebody's true box to show them.
LEAST_IOU = 0.3
#: A crop of which less is the person is not taken.
LEAST_BODY = 0.4
#: Who stands behind still shows beside the person, and spoils this much of what the boxes have in common.
BEHIND = 0.35
#: A face less to be seen than this is not found.
LEAST_FACE_SHARE = 0.7
#: A face turned farther than this is not found, radians.
MOST_YAW = math.radians(60)
#: A face this large is of full quality, pixels.
GOOD_FACE_PX = 64.0


@dataclass(frozen=True, slots=True)
class LookNoise:
    """How good the embeddings are. All embeddings of one kind share a direction, as real ones do.

    The cosine of two clean crops of one person is 1 / (1 + noise²) in the mean, that of two people
    common / (1 + noise²).

    Attributes:
        size: numbers of an embedding.
        body_common, face_common: cosine of two different people without noise.
        body_noise, face_noise: length of the noise beside the person's own direction of length 1.
        lasting: share of the noise that comes from pose and light and changes within ``lasting_s`` only.
        face_miss_p: chance that a face in plain sight is not found.
        least_face_px: smaller faces are not found.
    """

    size: int = 48
    body_common: float = 0.6
    face_common: float = 0.1
    body_noise: float = 0.6
    face_noise: float = 0.85
    lasting: float = 0.5
    lasting_s: float = 1.0
    face_miss_p: float = 0.1
    least_face_px: float = 16.0


class GroundTruthLooks:
    """Reads faces and bodies, like perception's AppearanceReader, from the scene's truth.

    Who wears the same costume has the same body; who cannot be told apart at all (``twins:plain``) has the
    same face too. The body of somebody half hidden is mixed with that of those in front. Which moment a
    picture shows is read from the number in its corner; the answer to the same picture is always the same.
    """

    def __init__(self, scene: Scene, noise: LookNoise | None = None, seed: int = 0) -> None:
        self._scene = scene
        self._noise = noise or LookNoise()
        self._seed = seed
        self._dress = _kinds([_dress(p) for p in scene.performers], scene)
        self._face = _kinds([p.costume for p in scene.performers], scene)

    @property
    def face_model(self) -> str:
        """Stands in for the sha256 of the weights."""
        return f"stage faces {self._seed}"

    @property
    def body_model(self) -> str:
        """Stands in for the sha256 of the weights."""
        return f"stage bodies {self._seed}"

    def read(
        self,
        image: Image,
        boxes: Sequence[Box],
        skeletons: Sequence[Skeleton | None] | None = None,
        *,
        faces: Collection[int] | None = None,
        bodies: Collection[int] | None = None,
    ) -> list[Appearance]:
        """What the people in ``boxes`` look like, one Appearance each, in their order.

        Args:
            image: with the number in its corner; without one nobody looks like anything.
            skeletons: not needed here.
            faces, bodies: indices of the people who are looked at; None: all.
        """
        index = read_index(image)
        found = []
        for k, box in enumerate(boxes):
            look = Appearance()
            person = None if index is None else self.shown_in(index, box)
            if index is not None and person is not None:
                if bodies is None or k in bodies:
                    look = self._with_body(look, index, person)
                if faces is None or k in faces:
                    look = self._with_face(look, index, person)
            found.append(look)
        return found

    def shown_in(self, index: int, box: Box) -> PerformerTruth | None:
        """Who fills most of ``box`` in that picture; None when nobody does."""
        fits = [(p.box.iou(box), p) for p in self._people(index)]
        fits = [(iou * p.visible_share, p) for iou, p in fits if iou >= LEAST_IOU]
        return max(fits, key=lambda fit: fit[0])[1] if fits else None

    def portraits(self, person: int, count: int) -> list[F32]:
        """Face embeddings of a performer from pictures taken before the show, frontal and clear."""
        kind, noise = self._face[person], self._noise
        rngs = [np.random.default_rng((self._seed, 19, person, k)) for k in range(count)]
        clean = self._of(kind, 1, noise.face_common)
        return [_unit(clean + noise.face_noise * _unit(rng.normal(size=noise.size))) for rng in rngs]

    def _with_body(self, look: Appearance, index: int, person: PerformerTruth) -> Appearance:
        noise = self._noise
        quality = person.visible_share * self._alone(index, person)
        if quality < LEAST_BODY:
            return look
        vector = self._of(self._dress[person.id], 0, noise.body_common)
        for other, share in person.hidden_by:
            vector = vector + share * (self._of(self._dress[other], 0, noise.body_common) - vector)
        vector = vector + self._blur(index, person.id, 0, noise.body_noise)
        return replace(look, body=_unit(vector), body_quality=quality)

    def _with_face(self, look: Appearance, index: int, person: PerformerTruth) -> Appearance:
        noise, turned = self._noise, _turned(person)
        if person.face is None or person.face_share < LEAST_FACE_SHARE or turned > MOST_YAW:
            return look
        missed = self._rng(index, person.id, 5).random() < noise.face_miss_p
        if missed or person.face.width < noise.least_face_px:
            return look
        frontal = math.cos(turned)
        vector = self._of(self._face[person.id], 1, noise.face_common)
        vector = vector + self._blur(index, person.id, 1, noise.face_noise * (2 - frontal))
        size = min(person.face.width / GOOD_FACE_PX, 1.0)
        return replace(
            look,
            face=_unit(vector),
            face_score=0.55 + 0.4 * frontal * person.face_share,
            face_quality=math.sqrt(size) * frontal,
            face_box=person.face,
        )

    def _people(self, index: int) -> tuple[PerformerTruth, ...]:
        return self._scene.truth(index / self._scene.fps)

    def _alone(self, index: int, person: PerformerTruth) -> float:
        """1 less what those behind take of the person's box."""
        behind = [p.box for p in self._people(index) if p.visible_share > 0 and p.depth < person.depth]
        area = max(person.box.area, 1.0)
        return 1.0 - BEHIND * max((person.box.intersection(b).area / area for b in behind), default=0.0)

    def _of(self, kind: int, what: int, common: float) -> F64:
        """The direction, of length 1, of everybody of that kind."""
        # Numbers from 1 on: a trailing 0 would not change the seed.
        shared, own = (
            _unit(np.random.default_rng((self._seed, 11, what, which)).normal(size=self._noise.size))
            for which in (1, kind + 2)
        )
        return np.asarray(math.sqrt(common) * shared + math.sqrt(1 - common) * own, np.float64)

    def _blur(self, index: int, person: int, what: int, length: float) -> F64:
        noise = self._noise
        at, share = divmod(index / self._scene.fps / noise.lasting_s, 1.0)
        before, after = (
            np.random.default_rng((self._seed, 17, what, person, int(at) + k + 1)).normal(size=noise.size)
            for k in (0, 1)
        )
        slow = _unit((1 - share) * before + share * after)
        quick = _unit(self._rng(index, person, 3 + what).normal(size=noise.size))
        mixed = math.sqrt(noise.lasting) * slow + math.sqrt(1 - noise.lasting) * quick
        return np.asarray(length * mixed, np.float64)

    def _rng(self, index: int, person: int, what: int) -> np.random.Generator:
        return np.random.default_rng((self._seed, 23, index, person, what))


def _dress(performer: Performer) -> object:
    """What the body looks like: two people with equal ones can't be told apart by it."""
    costume = performer.costume
    return replace(costume, face_mark=None) if isinstance(costume, Puppet) else costume


def _kinds(looks: Sequence[object], scene: Scene) -> dict[int, int]:
    """By person id, the number of the first who looks the same."""
    return {p.id: looks.index(look) for p, look in zip(scene.performers, looks, strict=True)}


def _turned(person: PerformerTruth) -> float:
    """How far the person has turned away from the camera, 0 to pi."""
    return abs(math.remainder(person.yaw, math.tau))


def _unit(vector: NDArray[np.floating]) -> F32:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), dtype=np.float32)
