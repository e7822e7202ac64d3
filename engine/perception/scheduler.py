"""Spends a stated budget on one picture: detector now and then, the chosen people's pose always.

Appearance comes last and is the first to be left out: who somebody is changes slower than where they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from engine.errors import JikcamError
from engine.geometry import Box, Size
from engine.people import Detection, Observation, Skeleton, Track, Tracks
from engine.perception.appearance import AppearanceReader
from engine.perception.body_box import BodyBoxes
from engine.perception.evidence import Evidence, Reading
from engine.perception.pairing import pair_boxes
from engine.perception.protocols import Detector, ObjectFinder, PoseEstimator
from engine.perception.things import ThingSearch
from engine.perception.turns import Turns
from engine.perception.twins import strangers
from engine.sources.frame import Frame, Image

#: Mean score of the 17 joints from which a skeleton is somebody: people score .37 and more (5th
#: percentile), empty background .26 and less (95th), measured with PP-TinyPose on five clips.
SOMEBODY = 0.35
#: A detection that is no track yet gets a pose only from this score on.
NEWCOMER_SCORE = 0.35


#: People, and which of them is which track, by index.
Findings = tuple[list[Detection], dict[int, Track]]


@dataclass(frozen=True, slots=True)
class Budget:
    """What one look may cost.

    Attributes:
        detect_every: the detector runs in every so many looks while all is well.
        targets_per_look: chosen people whose pose is estimated in one look; more take turns.
        others_per_look: other people whose pose is estimated in one look, in turns.
        reading: faces and bodies.
    """

    detect_every: int = 3
    targets_per_look: int = 4
    others_per_look: int = 2
    reading: Reading = field(default_factory=Reading)

    def __post_init__(self) -> None:
        if self.detect_every < 1 or self.targets_per_look < 1 or self.others_per_look < 0:
            raise JikcamError(
                f"a perception budget of {self} can't be kept",
                "use detect_every >= 1, targets_per_look >= 1 and others_per_look >= 0",
            )


class Perception:
    """Detector, pose and appearance under one budget. Used by one thread.

    Args:
        detector: may give skeletons itself; then those people need no pose.
        pose: the good one, for chosen people.
        pose_fast: for the others; None means ``pose``.
        reader: for faces and bodies; None: nobody's appearance is looked at.
        objects: for things that are no people; None: none is looked for.
    """

    def __init__(
        self,
        detector: Detector,
        pose: PoseEstimator,
        pose_fast: PoseEstimator | None = None,
        budget: Budget | None = None,
        reader: AppearanceReader | None = None,
        objects: ObjectFinder | None = None,
    ) -> None:
        self._detector = detector
        self._pose = pose
        self._pose_fast = pose_fast or pose
        self._budget = budget or Budget()
        self._evidence = Evidence(reader, self._budget.reading) if reader else None
        self._things = ThingSearch(objects) if objects else None
        self._bodies = BodyBoxes()
        self._turns = Turns()
        self._looks_since_search: int | None = None
        self._doubtful: frozenset[int] = frozenset()

    def look(self, frame: Frame, tracks: Tracks, targets: frozenset[int], search: bool) -> Observation:
        """What is seen in ``frame``.

        Args:
            tracks: as believed at about this picture; where to look without the detector.
            targets: ids of the chosen people.
            search: somebody is being looked for: use the detector now.

        Returns:
            Complete when the detector ran. Else only people whose pose was estimated, each with
            ``track_hint``; somebody whose joints were not clear is left out. Some have an appearance.
            Things are looked for when the detector runs.
        """
        ids = {t.id for t in tracks.items}
        self._turns.keep_only(ids)
        self._bodies.keep_only(ids)
        complete = search or self._search_is_due(ids, targets)
        see = self._search if complete else self._revisit
        people, track_of = see(frame.image, tracks, targets)
        if self._evidence:
            self._evidence.keep_only(ids)
            # Whom the detector ran for and did not find stands behind somebody, or is gone.
            seen = {track.id for track in track_of.values()}
            unseen = [] if complete else [t for t in tracks.items if t.id not in seen]
            people = self._evidence.add(frame, people, track_of, targets, unseen)
        things = self._things.look(frame.image, tracks, targets) if self._things and complete else ()
        return Observation(frame.time_s, frame.index, tuple(people), complete, things)

    def _search_is_due(self, ids: set[int], targets: frozenset[int]) -> bool:
        if not ids or targets - ids or targets & self._doubtful or self._looks_since_search is None:
            return True
        return self._looks_since_search + 1 >= self._budget.detect_every

    def _search(self, image: Image, tracks: Tracks, targets: frozenset[int]) -> Findings:
        """Everybody the detector finds, with the skeletons that the budget allows."""
        self._looks_since_search = 0
        found = self._detector.detect(image)
        pairs = pair_boxes([d.box for d in found], [t.box for t in tracks.items])
        track_of = {i: tracks.items[j] for i, j in pairs}
        index_of = {track.id: i for i, track in track_of.items()}
        self._doubtful = frozenset(t.id for t in tracks.items if t.id not in index_of)

        chosen, others = self._pick((i for i in index_of if not found[index_of[i]].skeleton), targets)
        spare = max(0, self._budget.others_per_look - len(others))
        newcomers = [
            i
            for i, one in enumerate(found)
            if i not in track_of and not one.skeleton and one.score >= NEWCOMER_SCORE
        ]
        good = {index_of[i]: found[index_of[i]].box for i in chosen}
        fast = {i: found[i].box for i in [*(index_of[i] for i in others), *newcomers[:spare]]}
        skeletons = {i: one.skeleton for i, one in enumerate(found) if one.skeleton}
        skeletons |= self._estimate(image, good, fast)
        boxes = {i: one.box for i, one in enumerate(found)}
        witnesses = [t for i, t in track_of.items() if i not in skeletons]
        skeletons = _their_own(boxes, skeletons, witnesses)
        for i, track in track_of.items():
            if i in skeletons:
                self._bodies.learn(track.id, boxes[i], skeletons[i])
        return [replace(one, skeleton=skeletons.get(i)) for i, one in enumerate(found)], track_of

    def _revisit(self, image: Image, tracks: Tracks, targets: frozenset[int]) -> Findings:
        """People whose pose is found where their tracks are believed to be."""
        self._looks_since_search = (self._looks_since_search or 0) + 1
        present = {t.id: t for t in tracks.items if t.id not in self._doubtful}
        chosen, others = self._pick(present, targets)
        good = {i: present[i].box for i in chosen}
        fast = {i: present[i].box for i in others}
        seen = self._estimate(image, good, fast)
        skeletons = {i: s for i, s in seen.items() if float(s.score.mean()) >= SOMEBODY}
        witnesses = [t for i, t in present.items() if i not in seen]
        skeletons = _their_own(good | fast, skeletons, witnesses)

        people = []
        size = Size(image.shape[1], image.shape[0])
        for i, skeleton in skeletons.items():
            box = self._bodies.place(i, present[i].box, skeleton)
            if box is not None and (box := box.clipped(size)).area > 0:
                score = float(skeleton.score[skeleton.visible].mean())
                people.append(Detection(box, score, skeleton, track_hint=i))
        # Somebody chosen who was not clearly seen is looked for with the detector at once.
        self._doubtful |= frozenset(chosen) - {one.track_hint for one in people}
        people.sort(key=lambda one: -one.score)
        return people, {
            n: present[one.track_hint] for n, one in enumerate(people) if one.track_hint is not None
        }

    def _pick(self, ids: Iterable[int], targets: frozenset[int]) -> tuple[list[int], list[int]]:
        """Whose pose is due in this look: of the chosen people, and of the others."""
        ids = list(ids)
        chosen = self._turns.take((i for i in ids if i in targets), self._budget.targets_per_look)
        others = self._turns.take((i for i in ids if i not in targets), self._budget.others_per_look)
        return chosen, others

    def _estimate(self, image: Image, good: dict[int, Box], fast: dict[int, Box]) -> dict[int, Skeleton]:
        """Skeletons by the keys of the boxes, one batch per model."""
        if self._pose is self._pose_fast:
            good, fast = good | fast, {}
        skeletons: dict[int, Skeleton] = {}
        for model, boxes in ((self._pose, good), (self._pose_fast, fast)):
            if boxes:
                skeletons.update(zip(boxes, model.estimate(image, list(boxes.values())), strict=True))
        return skeletons


def _their_own(
    boxes: Mapping[int, Box], skeletons: Mapping[int, Skeleton], witnesses: Iterable[Track]
) -> dict[int, Skeleton]:
    """The skeletons without those that are somebody else's body.

    Args:
        boxes: where they were looked for, by the same keys.
        witnesses: tracks not looked at now, whose last skeletons may claim a body.
    """
    keys = list(skeletons)
    known = [(t.box, t.skeleton) for t in witnesses if t.skeleton]
    lost = strangers(
        [*(boxes[i] for i in keys), *(box for box, _ in known)],
        [*skeletons.values(), *(skeleton for _, skeleton in known)],
    )
    return {i: skeletons[i] for n, i in enumerate(keys) if n not in lost}
