"""Whom clicks mean, judged by whose body is painted there and who is followed then: two rules side by side.

    python -m tests.benchmarks.clicks [--scene walkers|cross|huddle|...] [--people N] [--seconds S]
        [--look-pictures 2,3,4] [--noise-px PX] [--seed N]

Perception is the stage's truth with noise, and takes as many pictures per look as drawn by lot from the
list: at 30 fps 2 is a quiet computer, 3 to 6 a busy one. Every fourth picture each person who is seen for at
least a third is clicked on, where most of the body is around the place; the engine gets the click 0.33 to
0.6 s later. Who is meant then is followed for a second as the roster believes it. No clock: the answer is
the same on every computer.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.direction.pointing import person_at
from engine.geometry import Box, Point
from engine.people import Tracks
from engine.perception.scheduler import Budget, Perception
from engine.show import Show
from engine.sources.stage import GroundTruthDetector, GroundTruthLooks, Scene, StageSource, scene
from engine.timing import StageTimes
from tests.walkers import FPS, SIZE, aim, painted, walkers

#: The engine knows everybody from here on.
SETTLED = 60
EVERY, LATE, FOLLOWED = 4, (10, 18), 30
#: Of whom less is to be seen nobody would click.
LEAST_SEEN, WELL_SEEN = 0.35, 0.7

Rule = Callable[[Tracks, Point], int | None]


@dataclass(frozen=True, slots=True, eq=False)
class Click:
    """One click: who is painted there, how much of them is seen, and what the engine believed on arrival."""

    index: int
    arrived: int
    wanted: int
    seen: float
    place: Point
    tracks: Tracks


def nearest_middle(tracks: Tracks, place: Point) -> int | None:
    """The outline whose middle is nearest, in its own size: what one does without bodies."""

    def off(box: Box) -> float:
        c = box.center
        return 2 * max(abs(place.x - c.x) / max(box.width, 1.0), abs(place.y - c.y) / max(box.height, 1.0))

    near = [t for t in tracks.items if off(t.box) <= 1.2]
    return min(near, key=lambda t: (round(off(t.box), 2), -t.box.y1)).id if near else None


def bodies(tracks: Tracks, place: Point) -> int | None:
    """The engine's own rule."""
    found = person_at(tracks.items, place, tracks.time_s)
    return found.id if found else None


RULES: dict[str, Rule] = {"nearest middle": nearest_middle, "bodies": bodies}


class Stage:
    """The show of one stage, its clicks, and where the roster believed everybody at every picture."""

    def __init__(self, stage: Scene, looks: Sequence[int], noise_px: float, seed: int) -> None:
        self._stage, self._looks, self._lot = stage, looks, random.Random(seed)
        oracle = GroundTruthDetector(stage, noise_px=noise_px, miss_p=0.02, seed=seed)
        budget = Budget(detect_every=1)
        self._eyes = Perception(oracle, oracle, budget=budget, reader=GroundTruthLooks(stage))
        self.clicks: list[Click] = []
        self.believed: dict[int, dict[int, Box]] = {}
        self.on_track: dict[int, dict[int, int]] = {}

    def play(self, seconds: float) -> None:
        show, source = Show(SIZE, (), StageTimes()), StageSource(self._stage, "fast", seconds)
        ready, seen = 0, None
        waiting: list[tuple[int, int, int, float, Point]] = []
        while (frame := source.read(1.0)) is not None:
            if seen is not None and ready <= frame.index:
                show.observe(seen)
                seen = None
            look = show.follow(frame, keep=False)
            if seen is None:
                ready = frame.index + self._lot.choice(self._looks)
                seen = self._eyes.look(frame, look.tracks, frozenset(), False)
            boxes = {t.id: t.box for t in show.tracks.items}
            standing = [(p.person, p.track) for p in show.roll.people if p.track in boxes]
            self.believed[frame.index] = {who: boxes[track] for who, track in standing if track is not None}
            self.on_track[frame.index] = {track: who for who, track in standing if track is not None}
            for click in [click for click in waiting if click[0] == frame.index]:
                waiting.remove(click)
                arrived, index, wanted, share, place = click
                tracks = show.tracks_at(index)
                if tracks is not None:
                    self.clicks.append(Click(index, arrived, wanted, share, place, tracks))
            if frame.index > SETTLED and frame.index % EVERY == 0:
                waiting += self._pressed(frame.index)

    def _pressed(self, index: int) -> list[tuple[int, int, int, float, Point]]:
        who = painted(self._stage, index / FPS)
        pressed = []
        for person in self._stage.truth(index / FPS):
            place = aim(who, person.id, self._lot)
            if place is not None and person.visible_share >= LEAST_SEEN:
                arrives = index + self._lot.randint(*LATE)
                pressed.append((arrives, index, person.id, person.visible_share, place))
        return pressed

    def followed(self, click: Click, rule: Rule) -> int | None:
        """The performer whom the click brings, by the pictures of the second that follows."""
        track = rule(click.tracks, click.place)
        person = None if track is None else self.on_track[click.arrived].get(track)
        sums: Counter[int] = Counter()
        for index in range(click.arrived, click.arrived + FOLLOWED):
            box = self.believed.get(index, {}).get(person) if person is not None else None
            if box is not None:
                sums.update({p.id: p.box.iou(box) for p in self._stage.truth(index / FPS)})
        return sums.most_common(1)[0][0] if sums else None


def main() -> None:
    """Play, and print one line per rule."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--scene", default="walkers")
    parser.add_argument("--people", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--look-pictures", default="2")
    parser.add_argument("--noise-px", type=float, default=2.0)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    known = chosen.scene == "walkers"
    stage = walkers() if known else scene(chosen.scene, chosen.people, SIZE, FPS, chosen.seed)
    looks = [int(pictures) for pictures in chosen.look_pictures.split(",")]
    played = Stage(stage, looks, chosen.noise_px, chosen.seed)
    played.play(chosen.seconds)
    print(f"{stage.name}, {len(stage.performers)} people, looks of {chosen.look_pictures} pictures")
    for name, rule in RULES.items():
        answers = [(click.seen >= WELL_SEEN, played.followed(click, rule), click) for click in played.clicks]
        for title, some in (("all", answers), ("well seen", [a for a in answers if a[0]])):
            nobody = sum(who is None for _, who, _ in some)
            wrong = sum(who is not None and who != click.wanted for _, who, click in some)
            share = 100 * wrong / max(len(some), 1)
            counts = f"{len(some):5} clicks, {wrong:4} wrong ({share:5.2f} %), {nobody} nobody"
            print(f"{name:>15}, {title:>9}: {counts}")


if __name__ == "__main__":
    main()
