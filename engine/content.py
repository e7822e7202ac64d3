"""What a View shows: one person, many Views in a grid, two people in a split, or who comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from engine.direction.target import TargetKind, TargetRequest
from engine.direction.view import Direction, ViewConfig, ViewDirector
from engine.errors import JikcamError
from engine.feed import Feed
from engine.geometry import Size
from engine.layout import Place, grid, inscribed, split
from engine.people import Tracks
from engine.roll import Roll
from engine.tile import Overlay, Tile


class Content(Protocol):
    """Where a View's picture comes from.

    Attributes:
        own: feeds that this content brings along; stepped once a picture, after those that it follows.
        shown: feeds of whose Directions its pictures are made, its own or those of others.
    """

    @property
    def own(self) -> tuple[Feed, ...]: ...

    @property
    def shown(self) -> tuple[Feed, ...]: ...

    @property
    def director(self) -> ViewDirector:
        """Who takes commands for this View.

        Raises:
            JikcamError: nobody does; it shows what other Views do.
        """
        ...

    def aim(self, tracks: Tracks, roll: Roll) -> None:
        """Before its own feeds step: be where the Views it follows are."""
        ...

    def reconfigure(self, config: ViewConfig) -> None: ...

    def shots(self, moment: Sequence[Direction]) -> tuple[Direction, ...]:
        """Of one Direction of each shown feed those that this View shows by itself; the first stands for all.

        Empty where it only shows what other Views do.
        """
        ...

    def tiles(self, moment: Sequence[Direction], place: Place, overlay: Overlay) -> tuple[Tile, ...]:
        """What that moment looks like within ``place``."""
        ...


class Single:
    """One person, followed by a director of its own."""

    def __init__(self, config: ViewConfig, source_size: Size) -> None:
        self.feed = Feed(config, source_size)
        self.own = self.shown = (self.feed,)

    @property
    def director(self) -> ViewDirector:
        return self.feed.director

    def aim(self, tracks: Tracks, roll: Roll) -> None: ...

    def reconfigure(self, config: ViewConfig) -> None:
        self.feed.director.reconfigure(config)

    def shots(self, moment: Sequence[Direction]) -> tuple[Direction, ...]:
        return (moment[0],)

    def tiles(self, moment: Sequence[Direction], place: Place, overlay: Overlay) -> tuple[Tile, ...]:
        return (_tile(self.feed, moment[0], place, overlay),)


class Preview:
    """Whom another View is to show next, framed for this one; that View's own shot when that is nobody."""

    def __init__(self, config: ViewConfig, source_size: Size, of: Single, of_name: str) -> None:
        self._of, self._of_name = of, of_name
        self._feed = Feed(_led(config), source_size)
        self.own = (self._feed,)
        self.shown = (self._feed, of.feed)

    @property
    def director(self) -> ViewDirector:
        raise JikcamError(
            f"this View shows whom view {self._of_name!r} has in preview", f"speak to view {self._of_name!r}"
        )

    def aim(self, tracks: Tracks, roll: Roll) -> None:
        self._feed.follow(self._of.director.previewed, tracks, roll, "cut")

    def reconfigure(self, config: ViewConfig) -> None:
        self._feed.director.reconfigure(_led(config))

    def shots(self, moment: Sequence[Direction]) -> tuple[Direction, ...]:
        return (moment[0] if moment[0].lock.person is not None else moment[1],)

    def tiles(self, moment: Sequence[Direction], place: Place, overlay: Overlay) -> tuple[Tile, ...]:
        (shown,) = self.shots(moment)
        feed = self._feed if shown is moment[0] else self._of.feed
        return (_tile(feed, shown, place, overlay),)


class Split:
    """The people of two other Views, each framed for half of this picture."""

    def __init__(self, config: ViewConfig, source_size: Size, of: tuple[Single, Single]) -> None:
        self._of = of
        self.own = self.shown = tuple(Feed(half, source_size) for half in _halves(config))

    @property
    def director(self) -> ViewDirector:
        names = [of.director.config.name for of in self._of]
        raise JikcamError(f"this View shows the people of {' and '.join(names)}", "speak to those Views")

    def aim(self, tracks: Tracks, roll: Roll) -> None:
        for feed, of in zip(self.own, self._of, strict=True):
            feed.follow(of.director.person, tracks, roll)

    def reconfigure(self, config: ViewConfig) -> None:
        for feed, half in zip(self.own, _halves(config), strict=True):
            feed.director.reconfigure(half)

    def shots(self, moment: Sequence[Direction]) -> tuple[Direction, ...]:
        return tuple(moment)

    def tiles(self, moment: Sequence[Direction], place: Place, overlay: Overlay) -> tuple[Tile, ...]:
        halves = zip(self.own, moment, split(place), strict=True)
        return tuple(_tile(feed, direction, half, overlay) for feed, direction, half in halves)


class Grid:
    """Other Views side by side, all at the same moment: as late as the latest of them.

    Args:
        of: name, size, content and overlay of each.
    """

    def __init__(self, of: Sequence[Shown]) -> None:
        self._of = tuple(of)
        self.own: tuple[Feed, ...] = ()
        self.shown = tuple(feed for one in self._of for feed in one.content.shown)

    @property
    def director(self) -> ViewDirector:
        names = ", ".join(one.name for one in self._of)
        raise JikcamError("this View shows other Views", f"speak to one of: {names}")

    def aim(self, tracks: Tracks, roll: Roll) -> None: ...

    def reconfigure(self, config: ViewConfig) -> None: ...

    def shots(self, moment: Sequence[Direction]) -> tuple[Direction, ...]:
        return ()

    def tiles(self, moment: Sequence[Direction], place: Place, overlay: Overlay) -> tuple[Tile, ...]:
        places = grid(place, tuple(one.size.aspect for one in self._of))
        tiles: list[Tile] = []
        begin = 0
        for one, at in zip(self._of, places, strict=True):
            end = begin + len(one.content.shown)
            inner = one.content.tiles(moment[begin:end], at, one.overlay | overlay)
            # Nobody's tile says at least which View it is.
            tiles += [t if t.words else replace(t, words=one.name) for t in inner]
            begin = end
        return tuple(tiles)


class Shown(Protocol):
    """What a grid needs of a View that it shows."""

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> Size: ...

    @property
    def content(self) -> Content: ...

    @property
    def overlay(self) -> Overlay: ...


def _tile(feed: Feed, direction: Direction, place: Place, overlay: Overlay) -> Tile:
    return Tile(inscribed(place, direction.shot.aspect), direction, feed.words(direction), overlay)


def _led(config: ViewConfig) -> ViewConfig:
    """For a director who goes where another one is, and chooses nobody."""
    lock = replace(config.lock, reselect=False)
    return replace(config, lock=lock, target=TargetRequest(TargetKind.NONE), auto=None)


def _halves(config: ViewConfig) -> tuple[ViewConfig, ViewConfig]:
    """The same View, for either half."""
    a, b = (
        replace(_led(config), output=place.size, framing=replace(config.framing, aspect=place.size.aspect))
        for place in split(Place.whole(config.output))
    )
    return a, b
