"""Simulated appearance on any sequence with truth: what a reader of bodies and faces would say."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from engine.bench.dancers.appearance import BODY_LENGTH, FACE_LENGTH, Person, Wardrobe
from engine.bench.dancers.overlap import iou
from engine.bench.dancers.quality import LookQuality
from engine.bench.dancers.reading import body_quality, face_seen, hiding
from engine.bench.tracking.sequence import Looks, Sequence, Truth
from engine.errors import JikcamError
from engine.geometry import Size

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

#: A detection is of whoever's truth box it overlaps by more (IoU).
OWN_IOU = 0.4
#: A false box with more than this share inside somebody's box shows a part of them.
PART = 0.6
#: Hidden by more than this, the face in one's box is the one in front's so often.
HALF_HIDDEN, FACE_STOLEN = 0.4, 0.1


def with_looks(sequence: Sequence, quality: LookQuality, seed: int = 0) -> Sequence:
    """The sequence with simulated embeddings on its detections; everything else is as it was.

    Who is in a box, and who hides them, comes from the truth; the qualities told come from the detections
    alone, as a reader's would. Every detection gets a body vector, also those whose quality says that a
    reader would have left them out. Which way people face is made up: real boxes do not tell.

    Raises:
        JikcamError: the sequence has no truth.
    """
    if not any(len(truth.ids) for truth in sequence.truth.values()):
        raise JikcamError(f"{sequence.name} has no truth to dress people by", "take a sequence with gt.txt")
    wardrobe = Wardrobe(quality, seed)
    time_s = np.arange(sequence.length) / sequence.fps
    known = np.unique(np.concatenate([truth.ids for truth in sequence.truth.values()]))
    people = [wardrobe.person(k, time_s) for k in range(len(known))]
    nobody = Truth(np.zeros(0, np.int64), np.zeros((0, 4)))
    looks = {}
    for picture, found in sequence.detections.items():
        truth = sequence.truth.get(picture, nobody)
        who = np.searchsorted(known, truth.ids)
        moment = _Moment(picture - 1, people, who, truth.boxes, wardrobe, sequence.size)
        looks[picture] = _looks(moment, found, quality, np.random.default_rng([seed, 33, picture]))
    return replace(sequence, looks=looks)


@dataclass(frozen=True, slots=True, eq=False)
class _Moment:
    """Everybody in one picture: index of the picture from 0, people (K,) by number, true boxes (K, 4)."""

    index: int
    people: list[Person]
    who: I64
    boxes: F64
    wardrobe: Wardrobe
    size: Size

    def person(self, k: int) -> Person:
        return self.people[int(self.who[k])]


def _looks(moment: _Moment, found: F64, quality: LookQuality, rng: np.random.Generator) -> Looks:
    count = len(found)
    body, face = np.zeros((count, BODY_LENGTH)), np.zeros((count, FACE_LENGTH))
    face_score, face_quality = np.zeros(count), np.zeros(count)
    owner = owners(moment.boxes, found[:, :4])
    hidden, by = hiding(moment.boxes)
    for row in range(count):
        k = int(owner[row])
        if k < 0:
            body[row] = _false_look(moment, found[row, :4], rng)
            continue
        mixed = quality.contamination * hidden[k]
        body[row] = moment.person(k).body[moment.index]
        if by[k] >= 0:
            body[row] = (1.0 - mixed) * body[row] + mixed * moment.person(int(by[k])).body[moment.index]
            if hidden[k] > HALF_HIDDEN and rng.random() < FACE_STOLEN:
                k = int(by[k])
        face[row], face_score[row], face_quality[row] = _face(moment, k)
    return Looks(
        _unit(body),
        body_quality(found, moment.size).astype(np.float32),
        _unit(face),
        face_score.astype(np.float32),
        face_quality.astype(np.float32),
    )


def owners(true_boxes: F64, boxes: F64) -> I64:
    """(M,) which true box (K, 4) each box (M, 4) shows; -1 for nobody's. One box for each person."""
    shares = iou(true_boxes, boxes)
    person, box = linear_sum_assignment(-shares)
    good = shares[person, box] > OWN_IOU
    owner = np.full(len(boxes), -1)
    owner[box[good]] = person[good]
    return owner


def _face(moment: _Moment, k: int) -> tuple[F64, float, float]:
    """Embedding, score and quality of the face of the k-th person; zeros when it is not to be seen."""
    person, t = moment.person(k), moment.index
    score, quality = face_seen(k, moment.boxes, float(person.yaw[t]), person.luck[t])
    if score <= 0.0:
        return np.zeros(FACE_LENGTH), 0.0, 0.0
    return person.face + (1.4 - 0.4 * quality) * person.face_noise[t], score, quality


def _false_look(moment: _Moment, box: F64, rng: np.random.Generator) -> F64:
    """A box that is nobody's: a part of somebody, or the background."""
    stranger = moment.wardrobe.stranger(rng)
    if not len(moment.boxes):
        return stranger
    low = np.maximum(moment.boxes[:, :2], box[:2])
    high = np.minimum(moment.boxes[:, 2:], box[2:])
    inside = np.prod(np.clip(high - low, 0.0, None), axis=1) / max(np.prod(box[2:] - box[:2]), 1e-9)
    k = int(inside.argmax())
    if inside[k] < PART:
        return stranger
    return np.asarray(0.6 * moment.person(k).body[moment.index] + 0.4 * stranger, dtype=np.float64)


def _unit(rows: F64) -> NDArray[np.float32]:
    """Rows of unit length; zeros stay zeros."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(length > 0.0, length, 1.0)).astype(np.float32)
