"""Where people count, the lens, and things that are no people, from the preset to the show."""

from __future__ import annotations

from dataclasses import replace

from engine.assemble import source_of
from engine.geometry import Box
from engine.people import DetectedObject, Observation, Tracks
from engine.show import Show
from engine.sources.frame import Frame
from engine.sources.stage import StageSource, scene
from engine.sources.undistort import Undistorted
from engine.take import run_take
from tests.integration.show_kit import FPS, SIZE, TALL, assembled, oracle, preset_of

STAGE = scene("still", 3, SIZE, FPS)


def test_who_stands_outside_the_stage_is_nobody() -> None:
    left_half = {"inside": [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]}
    source = StageSource(STAGE, "fast", 1.0)
    preset = preset_of({"name": "main", **TALL, "target": "rightmost"}, area=left_half)
    parts = assembled(preset, source, [], live=False)
    run_take(source, parts.show, oracle(STAGE))
    there = [t.box.center.x for t in parts.show.tracks.items]
    assert there and all(x < SIZE.width / 2 for x in there)
    assert parts.show.views[0].person is not None
    parts.show.close()


def test_things_are_believed_in_every_picture_though_seen_in_few() -> None:
    ball = DetectedObject("sports ball", Box(300, 150, 330, 180), 0.9)

    class WithBall:
        def __init__(self) -> None:
            self.inner = oracle(STAGE)

        def look(self, frame: Frame, tracks: Tracks, targets: frozenset[int], search: bool) -> Observation:
            seen = self.inner.look(frame, tracks, targets, search)
            return replace(seen, objects=(ball,), complete=True)

    source = StageSource(STAGE, "fast", 1.5)
    preset = preset_of({"name": "main", **TALL, "object": "sports ball"})
    parts = assembled(preset, source, [], live=False)
    carried: list[bool] = []

    def note(frame: Frame, show: Show) -> None:
        carried.append([o.label for o in show.tracks.objects] == ["sports ball"])
        if carried[-1]:
            assert show.views[0].direction.tracks.objects == show.tracks.objects

    run_take(source, parts.show, WithBall(), on_picture=note)
    parts.show.close()
    assert all(carried[-20:])


def test_a_lens_is_straightened_and_none_is_left_alone() -> None:
    uri = "stage:sway,people=2,size=320x180"
    bent = source_of(preset_of({"name": "main"}, source={"uri": uri, "lens": {"k1": -0.2}}), "fast")
    plain = source_of(preset_of({"name": "main"}, source={"uri": uri}), "fast")
    assert isinstance(bent, Undistorted) and isinstance(plain, StageSource)
    a, b = bent.read(1.0), plain.read(1.0)
    assert a is not None and b is not None
    assert a.image.shape == b.image.shape and (a.image != b.image).any()
