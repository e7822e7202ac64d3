"""A shot of several people: the chosen one and whoever fits in beside them (R55)."""

from __future__ import annotations

from collections.abc import Sequence

from engine.direction.body import measure
from engine.direction.framing.config import FramingConfig
from engine.direction.framing.figure import Figure
from engine.direction.framing.membership import Member, Membership
from engine.direction.framing.portrait import covering, full_height, hands_need
from engine.direction.framing.smooth import eased, held
from engine.geometry import Box, Shot, Size
from engine.people import Track, Tracks

#: Half the width of somebody whose arms hang, with air, as a share of body height.
SIDE_NORM = 0.3
#: The shot is at most so many times as high as one of the chosen person alone: they stay the subject.
MOST_GROWTH = 2.5
#: How much larger than the bodies ``preferred`` hands may make the shot.
HANDS_GROWTH = 1.3
#: Where there is air to spare, the people drift to the middle of it so slowly.
DRIFT_S = 2.0
#: The edge of the group gives way and closes in with these time constants.
YIELD_S, CLOSE_S = 0.15, 1.0


class Group:
    """Composes the shot of a figure and its neighbours.

    Attributes:
        region: where the people are whom the last shot shows, source pixels; None before the first.
    """

    def __init__(self) -> None:
        self._members = Membership()
        self._cy: float | None = None
        self.region: Box | None = None

    def step(
        self,
        chosen: Figure,
        track: Track,
        tracks: Tracks,
        size: Size,
        output: Size,
        config: FramingConfig,
        dt_s: float,
    ) -> Shot:
        """The shot ``dt_s`` later, inside the source picture."""
        own = _region(chosen, size, config)
        limit = _limit(full_height(chosen, config), own, size, config)

        def share(members: Sequence[Member]) -> float:
            whole = own
            for member in members:
                whole = whole.union(_region(member.figure, size, config))
            return _height(whole, config) / limit

        self._members.step(chosen, track, tracks, share, dt_s)
        whole, reach = own, _with_hands(chosen, size, config)
        for member in self._members.items:
            weight = member.weight
            whole = whole.union(_between(own, _region(member.figure, size, config), weight))
            reach = reach.union(_between(own, _with_hands(member.figure, size, config), weight))
        whole = self._settled(whole, dt_s)
        tall = _height(whole, config)
        hands = min(_height(reach, config), HANDS_GROWTH * tall) if config.hands == "preferred" else tall
        tall = min(max(tall, hands, output.height / config.max_upscale), limit)
        shot = Shot(whole.center.x, self._middle(whole, config, tall, dt_s), tall, config.aspect)
        return covering(shot.inside(size), own.clipped(size)).inside(size)

    def keep(self, shot: Shot, core: Box) -> Box:
        """Heads and trunks of all who are wholly in the shot."""
        box = shot.box
        for member in self._members.items:
            theirs = member.figure.core
            if member.weight == 1 and box.union(theirs) == box:
                core = core.union(theirs)
        return core

    def _settled(self, whole: Box, dt_s: float) -> Box:
        """Edges that give way at once and close in slowly, so that sway at the edge does not zoom."""
        if self.region is not None:
            before = self.region
            x0, y0 = (
                eased(a, b, dt_s, grow_s=CLOSE_S, shrink_s=YIELD_S)
                for a, b in ((before.x0, whole.x0), (before.y0, whole.y0))
            )
            x1, y1 = (
                eased(a, b, dt_s, grow_s=YIELD_S, shrink_s=CLOSE_S)
                for a, b in ((before.x1, whole.x1), (before.y1, whole.y1))
            )
            whole = Box(x0, y0, x1, y1)
        self.region = whole
        return whole

    def _middle(self, whole: Box, config: FramingConfig, tall: float, dt_s: float) -> float:
        low = whole.y1 + config.margin_norm * tall - tall / 2
        high = whole.y0 - config.headroom_norm * tall + tall / 2
        middle = (low + high) / 2
        before = middle if self._cy is None else held(self._cy, low, high)
        self._cy = eased(before, middle, dt_s, grow_s=DRIFT_S, shrink_s=DRIFT_S)
        return self._cy


def frame_group(tracks: Sequence[Track], size: Size, output: Size, config: FramingConfig) -> Shot:
    """Everybody, head to feet; as many as fit where not all do; all there is when nobody is there.

    It knows nothing of the last picture: ask once and stay there.
    """
    bodies = [body for track in tracks if (body := measure(track)) is not None]
    regions = sorted(
        (_region(Figure(b), size, config).clipped(size) for b in bodies), key=lambda r: r.center.x
    )
    regions = [region for region in regions if region.area > 0]
    widest = Shot.widest(size, config.aspect)
    best: tuple[int, float] = (0, 0.0)
    shown: Box | None = None
    for first in range(len(regions)):
        whole, heights = regions[first], 0.0
        for last in range(first, len(regions)):
            whole = whole.union(regions[last])
            heights += regions[last].height
            fits = last == first or _height(whole, config) <= widest.height
            if fits and (last - first + 1, heights) > best:
                best, shown = (last - first + 1, heights), whole
    if shown is None:
        return widest
    tall = max(_height(shown, config), output.height / config.max_upscale)
    low = shown.y1 + config.margin_norm * tall - tall / 2
    high = shown.y0 - config.headroom_norm * tall + tall / 2
    return Shot(shown.center.x, (low + high) / 2, tall, config.aspect).inside(size)


def _limit(own_tall: float, own: Box, size: Size, config: FramingConfig) -> float:
    """The widest shot that is allowed."""
    widest = Shot.widest(size, config.aspect).height
    return min(widest, max(MOST_GROWTH * own_tall, own.width / config.aspect))


def _region(figure: Figure, size: Size, config: FramingConfig) -> Box:
    """Where somebody stands from head to feet; with ``required`` hands, where they may be."""
    half, side = figure.height / 2, SIDE_NORM * figure.height
    top, bottom = figure.middle - half, figure.middle + half
    if config.hands == "required":
        arms, up = hands_need(figure, config)
        side, top = max(side, arms), min(top, figure.torso.y - up)
    side = max(side, figure.core_side)
    # Below the picture there is nothing to show: people cut off by its edge need no room there.
    bottom = max(min(bottom, float(size.height)), top + 1.0)
    return Box(figure.torso.x - side, top, figure.torso.x + side, bottom)


def _with_hands(figure: Figure, size: Size, config: FramingConfig) -> Box:
    region = _region(figure, size, config)
    side, up = hands_need(figure, config)
    x, y = figure.torso.x, figure.torso.y
    return region.union(Box(x - side, y - max(up, 0.0), x + side, y))


def _height(region: Box, config: FramingConfig) -> float:
    """Height of the smallest shot of it with headroom and margin."""
    return max(region.height / (1 - config.headroom_norm - config.margin_norm), region.width / config.aspect)


def _between(a: Box, b: Box, share: float) -> Box:
    x0, y0, x1, y1 = (p + (q - p) * share for p, q in zip(a.xyxy, b.xyxy, strict=True))
    return Box(x0, y0, x1, y1)
