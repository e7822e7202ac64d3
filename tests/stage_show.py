"""A scripted scene played through the real Show: what its Views say of whom, held against the truth.

Perception knows the answer (with noise), looks 15 times a second and answers a look late, as `run_take` has
it; everything behind it is what runs live: motion, tracker, roster, locks, framing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.direction.framing import FramingConfig
from engine.direction.lock import LockConfig
from engine.direction.target import LockState, TargetKind, TargetRequest
from engine.direction.view import ViewConfig
from engine.errors import JikcamError
from engine.geometry import Box, Shot, Size
from engine.identity.config import RosterConfig
from engine.identity.member import Member, Sample
from engine.identity.roster import Roster
from engine.people import Observation, Skeleton, Tracks
from engine.perception.scheduler import Budget, Perception
from engine.roll import Roll
from engine.show import Show
from engine.sources.frame import Frame
from engine.sources.stage import GroundTruthDetector, GroundTruthLooks, LookNoise, PerformerTruth, Scene
from engine.sources.stage.oracle import LEAST_VISIBLE
from engine.sources.stage.source import StageSource
from engine.take import run_take
from engine.timing import StageTimes
from engine.view import Overlay, View

#: Half of full HD: pixels of the requirements are halved where tests use them.
SIZE = Size(960, 540)
OUTPUT = Size(180, 320)
#: A box shows somebody from this overlap on.
LEAST_IOU = 0.3
#: Of whom less than this is to be seen is found by no detector: hidden in full.
HIDDEN = LEAST_VISIBLE


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """One View at one picture.

    Attributes:
        held: id of the performer on whom the lock says HELD; None when it holds nobody, 0 when it holds
            what is nobody.
        sure: as the lock says.
        shot: in source pixels; ``wide`` when it shows all there is.
        skeleton: of the lock's track.
    """

    time_s: float
    state: LockState
    held: int | None
    track: int | None
    sure: float
    reason: str
    shot: Box
    wide: bool
    skeleton: Skeleton | None


class Noted:
    """A perception that remembers what it saw."""

    def __init__(self, inner: Perception) -> None:
        self._inner = inner
        self.seen: list[Observation] = []

    def look(self, frame: Frame, tracks: Tracks, targets: frozenset[int], search: bool) -> Observation:
        self.seen.append(self._inner.look(frame, tracks, targets, search))
        return self.seen[-1]


@dataclass(frozen=True, slots=True)
class Played:
    """What happened, picture by picture.

    Attributes:
        views: by the id of the performer the View was told to follow.
        truth: who really was where.
        tracks: whom the tracker said to be there.
        rolls: who was said to be who.
        seen: what perception saw, look by look.
        refused: last words of a View whose wish was never granted.
    """

    scene: Scene
    views: Mapping[int, Sequence[Moment]]
    truth: Sequence[tuple[PerformerTruth, ...]]
    tracks: Sequence[Tracks]
    rolls: Sequence[Roll]
    seen: Sequence[Observation]
    refused: Mapping[int, str] = field(default_factory=dict)

    def person(self, index: int, who: int) -> PerformerTruth:
        """The truth about one performer in one picture."""
        return next(p for p in self.truth[index] if p.id == who)


def play(
    scene: Scene,
    seconds: float,
    chosen: Sequence[int],
    *,
    choose_at_s: float = 0.4,
    names: Mapping[int, str] | None = None,
    members: Sequence[Member] = (),
    roster: RosterConfig | None = None,
    noise_px: float = 1.5,
    miss_p: float = 0.02,
    look: LookNoise | None = None,
    appearance: bool = True,
    lock: LockConfig | None = None,
    seed: int = 0,
) -> Played:
    """Play a scene; each performer in ``chosen`` has a View, told whom to follow by one drawn box.

    Args:
        choose_at_s: when the box is drawn.
        names: Views told to follow an enrolled member by name from the start, by performer.
        members: who is enrolled.
        noise_px, miss_p: of detector and pose.
        look: quality of the embeddings.
        lock: of every View.
        appearance: False: nobody's face or body is ever looked at.
    """
    names = names or {}
    times = StageTimes()
    views = [_view(who, names.get(who), scene.size, lock or LockConfig(), times) for who in chosen]
    show = Show(scene.size, views, times, Roster(roster or RosterConfig(), members))
    oracle = GroundTruthDetector(scene, noise_px=noise_px, miss_p=miss_p, seed=seed)
    looks = GroundTruthLooks(scene, look, seed) if appearance else None
    budget = Budget(detect_every=2, others_per_look=4)
    perception = Noted(Perception(oracle, oracle, budget=budget, reader=looks))
    moments: dict[int, list[Moment]] = {who: [] for who in chosen}
    refused: dict[int, str] = {}
    waiting = {who for who in chosen if who not in names}
    truth: list[tuple[PerformerTruth, ...]] = []
    tracks: list[Tracks] = []
    rolls: list[Roll] = []

    def note(frame: Frame, show: Show) -> None:
        now = scene.truth(frame.time_s)
        truth.append(now)
        tracks.append(show.tracks)
        rolls.append(show.roll)
        for who in sorted(waiting if frame.time_s >= choose_at_s else ()):
            try:
                show.request(str(who), TargetRequest(TargetKind.BOX, box=_box_of(now, who)))
                waiting.discard(who)
                refused.pop(who, None)
            except JikcamError as error:
                refused[who] = str(error)
        for view in show.views:
            moments[int(view.name)].append(_moment(view, frame, now))

    source = StageSource(scene, "fast", seconds)
    run_take(source, show, perception, on_picture=note)
    return Played(scene, moments, truth, tracks, rolls, perception.seen, refused)


def enrolled(scene: Scene, who: Sequence[int], look: LookNoise | None = None, seed: int = 0) -> list[Member]:
    """Members called P1, P2, ... as their portraits would show them: six faces each, no body."""
    looks = GroundTruthLooks(scene, look, seed)
    members = []
    for person in who:
        faces = tuple(Sample(vector, 0.8) for vector in looks.portraits(person, 6))
        members.append(Member(f"P{person}", faces))
    return members


def on_whom(box: Box, truth: Sequence[PerformerTruth], size: Size) -> int:
    """The id of who is shown in the box; 0 when nobody is.

    A box too small or too large to fit anybody is on whoever has most of it.
    """
    seen = [(p.box.clipped(size), p.id) for p in truth if p.visible_share > 0]
    overlap, who = max(((theirs.iou(box), i) for theirs, i in seen), default=(0.0, 0))
    if overlap >= LEAST_IOU:
        return who
    shares = ((theirs.intersection(box).area / max(box.clipped(size).area, 1.0), i) for theirs, i in seen)
    share, who = max(shares, default=(0.0, 0))
    return who if share >= 0.5 else 0


def _view(who: int, name: str | None, size: Size, lock: LockConfig, times: StageTimes) -> View:
    target = TargetRequest(TargetKind.NAME, name=name) if name else TargetRequest(TargetKind.NONE)
    config = ViewConfig(str(who), OUTPUT, FramingConfig(aspect=OUTPUT.aspect), lock, target=target)
    return View(config, size, [], Overlay(), times)


def _box_of(truth: Sequence[PerformerTruth], who: int) -> Box:
    return next(p.box for p in truth if p.id == who)


def _moment(view: View, frame: Frame, truth: Sequence[PerformerTruth]) -> Moment:
    lock, shot = view.direction.lock, view.direction.shot
    held = None
    if lock.state is LockState.HELD and lock.track is not None:
        held = on_whom(lock.track.box, truth, view.director.source_size)
    widest = Shot.widest(view.director.source_size, shot.aspect)
    return Moment(
        frame.time_s,
        lock.state,
        held,
        lock.track.id if lock.track else None,
        lock.sure,
        lock.reason,
        shot.box,
        shot.height >= 0.97 * widest.height,
        lock.track.skeleton if lock.track else None,
    )
