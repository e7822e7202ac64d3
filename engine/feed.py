"""One director at work: what it has settled of late, and how directions of several are put together."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from engine.direction.target import Claim, LockState, TargetKind, TargetRequest
from engine.direction.view import Direction, Switch, ViewConfig, ViewDirector
from engine.errors import JikcamError
from engine.geometry import Size
from engine.people import Tracks
from engine.roll import Roll

#: Lock states in which a name without a question mark would say too much.
DOUBTFUL = frozenset({LockState.UNSURE, LockState.FOUND})


class Feed:
    """A director, and the Directions that it settled in its last step.

    Attributes:
        due: oldest first.
    """

    def __init__(self, config: ViewConfig, source_size: Size) -> None:
        self.director = ViewDirector(config, source_size)
        self.due: tuple[Direction, ...] = ()
        self._awaited: deque[int] = deque()
        self._roll = Roll(0.0)

    @property
    def oldest_awaited(self) -> int | None:
        """Index of the oldest picture whose Direction is still to come; None: none is."""
        return self._awaited[0] if self._awaited else None

    def step(self, tracks: Tracks, roll: Roll, dt_s: float) -> Claim | None:
        """One picture on; gives what a rule that has just chosen somebody says of them."""
        self._roll = roll
        self._awaited.append(tracks.index)
        decision = self.director.step(tracks, roll, dt_s)
        self._settle(decision.due)
        return decision.claim

    def finish(self) -> None:
        """The source has ended: all that is left is due."""
        self._settle(self.director.finish())
        self._awaited.clear()

    def follow(self, person: int | None, tracks: Tracks, roll: Roll, how: Switch | None = None) -> None:
        """Be on that person, or on nobody, from the next step on; ``how`` as of ``ViewDirector.request``."""
        if person == self.director.person:
            return
        kind = TargetKind.NONE if person is None else TargetKind.PERSON
        try:
            self.director.request(TargetRequest(kind, number=person), tracks, roll, how)
        except JikcamError:
            return  # locked against changes, or nobody knows them any more: asked again at the next picture

    def words(self, direction: Direction) -> str:
        """The name of the person of ``direction``; empty when it is nobody.

        With a question mark while it is not sure that it is they who are shown.
        """
        lock = direction.lock
        if lock.person is None:
            return ""
        standing = self._roll.find(lock.person)
        name = (standing.name if standing else "") or f"Person {lock.person}"
        return f"{name}?" if lock.state in DOUBTFUL else name

    def _settle(self, due: tuple[Direction, ...]) -> None:
        self.due = due
        # A source that begins again counts on, so a lower index is never awaited after a higher one.
        while self._awaited and due and self._awaited[0] <= due[-1].tracks.index:
            self._awaited.popleft()


class Moments:
    """Puts the Directions of several feeds together by picture: one moment, however late each of them is."""

    def __init__(self, feeds: Sequence[Feed]) -> None:
        self._feeds = tuple(feeds)
        self._waiting: tuple[deque[Direction], ...] = tuple(deque() for _ in feeds)

    @property
    def oldest(self) -> int | None:
        """Index of the oldest picture that waits; None: none does."""
        return min((queue[0].tracks.index for queue in self._waiting if queue), default=None)

    def gather(self) -> None:
        """Take in what the feeds have settled in their last step."""
        for feed, queue in zip(self._feeds, self._waiting, strict=True):
            queue.extend(feed.due)

    def next(self, up_to: int | None = None) -> tuple[Direction, ...] | None:
        """The oldest picture of which every feed has a Direction, one of each; None: there is none.

        A picture that one of them never settled (it broke down there) is left out.

        Args:
            up_to: leave later pictures for another time.
        """
        while all(self._waiting):
            index = max(queue[0].tracks.index for queue in self._waiting)
            if up_to is not None and index > up_to:
                return None
            behind = [queue for queue in self._waiting if queue[0].tracks.index < index]
            if not behind:
                return tuple(queue.popleft() for queue in self._waiting)
            for queue in behind:
                queue.popleft()
        return None
