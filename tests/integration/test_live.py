"""The real-time loop on the scripted stage, with the truth for a detector and faults put in."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.assemble import assemble
from engine.direction.target import LockState, TargetKind, TargetRequest
from engine.errors import JikcamError
from engine.geometry import Point, Size
from engine.live import LiveEngine
from engine.people import Observation, Tracks
from engine.perception.scheduler import Perception
from engine.presets import check_preset
from engine.shotlog import ShotLog
from engine.show import Show
from engine.sources.frame import Frame
from engine.sources.stage import GroundTruthDetector, Scene, StageSource, scene
from engine.take import Perceives
from virtualcam.sink import Picture, SinkError

SIZE = Size(640, 360)
FPS = 30.0


class Recorder:
    """Keeps the numbers of the pictures it got; breaks when told to."""

    name = "recorder"
    status = ""
    watched = resizable = True

    def __init__(self) -> None:
        self.indices: list[int] = []
        self.broken = False

    def send(self, picture: Picture) -> None:
        if self.broken:
            raise SinkError("the recorder broke")
        self.indices.append(picture.index)

    def rest(self) -> None: ...

    def close(self) -> None: ...


def oracle(stage: Scene) -> Perception:
    truth = GroundTruthDetector(stage)
    return Perception(truth, truth)


@contextmanager
def running(
    stage: Scene,
    build: Callable[[], Perceives],
    target: str = "leftmost",
    seconds: float | None = None,
    views: int = 1,
    on_picture: Callable[[Frame, Show], None] | None = None,
    log: ShotLog | None = None,
) -> Iterator[tuple[LiveEngine, Recorder]]:
    tables = [
        {"name": f"view{k}", "width": 270, "height": 480, "target": target if k == 0 else "rightmost"}
        for k in range(views)
    ]
    preset = check_preset({"schema": 1, "name": "test", "view": tables}, "the test")
    source = StageSource(stage, "live", seconds)
    recorder = Recorder()
    parts = assemble(preset, source, wait_for_sinks=False, extra_sinks=[recorder])
    engine = LiveEngine(
        preset, source, build, parts.show, parts.streams, parts.times, log=log, on_picture=on_picture
    )
    engine.start()
    try:
        yield engine, recorder
    finally:
        engine.stop()


def until(condition: Callable[[], bool], what: str) -> None:
    for _ in range(1500):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError(f"never: {what}")


def test_the_chosen_person_is_followed() -> None:
    stage = scene("sway", 3, SIZE, FPS)
    on_target: list[bool] = []

    def score(frame: Frame, show: Show) -> None:
        direction = show.views[0].direction
        box = next(p.box for p in stage.truth(frame.index / FPS) if p.id == 1)
        on_target.append(box.contains(direction.shot.center))

    with running(stage, lambda: oracle(stage), seconds=4.0, on_picture=score) as (engine, recorder):
        assert engine.wait(30)
        metrics = engine.metrics()
    assert len(recorder.indices) == metrics.pictures == len(on_target)
    assert recorder.indices == sorted(set(recorder.indices))
    assert sum(on_target[len(on_target) // 2 :]) >= 0.95 * (len(on_target) // 2)


class Stuck:
    """A model that hangs until it is let go."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.looked = threading.Event()

    def look(self, frame: Frame, tracks: Tracks, targets: frozenset[int], search: bool) -> Observation:
        self.looked.set()
        self.go.wait()
        return Observation(frame.time_s, frame.index, (), False)


def test_a_hanging_model_holds_up_no_picture() -> None:
    stuck = Stuck()
    with running(scene("sway", 2, SIZE, FPS), lambda: stuck) as (engine, recorder):
        stuck.looked.wait(5)
        before = len(recorder.indices)
        until(lambda: len(recorder.indices) >= before + 45, "45 pictures while the model hangs")
        until(lambda: "slow" in engine.state().perception_status, "the hang is reported")
        assert engine.metrics().observations == 0
        stuck.go.set()
        until(lambda: engine.metrics().observations > 0, "it goes on when the model does")


def test_a_failing_model_is_reported_and_the_show_is_wide() -> None:
    class Broken:
        def look(self, *_: object) -> Observation:
            raise RuntimeError("out of memory")

    with running(scene("sway", 2, SIZE, FPS), Broken) as (engine, recorder):
        until(lambda: "out of memory" in engine.state().perception_status, "the fault is reported")
        until(lambda: len(recorder.indices) > 20, "pictures go on")
        (view,) = engine.state().views
        assert view.lock is LockState.NOBODY
        assert view.shot.height == pytest.approx(SIZE.height)


def test_a_broken_sink_is_left_out_and_named() -> None:
    with running(scene("sway", 1, SIZE, FPS), Stuck) as (engine, recorder):
        until(lambda: bool(recorder.indices), "pictures")
        recorder.broken = True
        until(lambda: engine.state().views[0].sinks["recorder"] != "ok", "the sink is reported")
        index = engine.state().frame_index
        until(lambda: engine.state().frame_index > index + 10, "the show goes on")
        assert engine.state().views[0].sinks["recorder"] == "the recorder broke"
        assert engine.state().views[0].sinks["view0"] == "ok"


def test_a_fault_in_following_keeps_the_pictures_coming(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = scene("sway", 1, SIZE, FPS)
    with running(stage, lambda: oracle(stage)) as (engine, recorder):
        until(lambda: engine.state().views[0].lock is LockState.HELD, "held")

        def broken(*_: object) -> None:
            raise FloatingPointError("a bad number")

        with monkeypatch.context() as patched:
            patched.setattr(Show, "follow", broken)
            until(lambda: "a bad number" in engine.state().perception_status, "the fault is reported")
            before = len(recorder.indices)
            until(lambda: len(recorder.indices) > before + 15, "pictures of the last shot")
        until(lambda: not engine.state().perception_status, "it goes on by itself")
        assert not engine.wait(0.0)


def test_a_full_disk_ends_the_log_and_not_the_show(tmp_path: Path) -> None:
    stage = scene("sway", 1, SIZE, FPS)

    class FullDisk(ShotLog):
        def write(self, *_: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    with running(stage, lambda: oracle(stage), log=FullDisk(tmp_path / "l.jsonl")) as (engine, recorder):
        until(lambda: "No space left" in engine.state().perception_status, "the full disk is reported")
        before = len(recorder.indices)
        until(lambda: len(recorder.indices) > before + 10, "pictures go on")


def test_choosing_by_point_next_and_none() -> None:
    stage = scene("still", 3, SIZE, FPS)
    with running(stage, lambda: oracle(stage)) as (engine, _):
        until(lambda: len(engine.state().people) == 3, "three people")
        people = sorted(engine.state().people, key=lambda p: p.box.x0)

        def held(person: int | None) -> Callable[[], bool]:
            return lambda: engine.state().views[0].person == person

        center = people[2].box.center
        request = TargetRequest(TargetKind.POINT, point=center, frame_index=engine.state().frame_index)
        engine.set_target("view0", request)
        until(held(people[2].id), "the person at the point")
        engine.set_target("view0", TargetRequest(TargetKind.NEXT))
        until(held(people[0].id), "next wraps round to the left")
        engine.set_target("view0", TargetRequest(TargetKind.NONE))
        until(held(None), "nobody")
        with pytest.raises(JikcamError):
            engine.set_target("view0", TargetRequest(TargetKind.POINT, point=Point(-50, -50)))
        with pytest.raises(JikcamError, match="view0"):
            engine.set_target("nope", TargetRequest(TargetKind.NEXT))
        with pytest.raises(JikcamError, match="no longer remembered"):
            engine.set_target("view0", TargetRequest(TargetKind.NEXT, frame_index=-5))


def test_two_views_follow_two_people_on_one_perception_pass() -> None:
    stage = scene("still", 3, SIZE, FPS)
    looks: list[int] = []

    class Counting:
        def __init__(self) -> None:
            self.inner = oracle(stage)

        def look(self, frame: Frame, tracks: Tracks, targets: frozenset[int], search: bool) -> Observation:
            looks.append(frame.index)
            return self.inner.look(frame, tracks, targets, search)

    with running(stage, Counting, views=2) as (engine, _):
        until(lambda: all(v.lock is LockState.HELD for v in engine.state().views), "both held")
        left, right = engine.state().views
        assert left.person != right.person
        until(lambda: engine.state().views[0].shot.cx < engine.state().views[1].shot.cx, "two shots")
    assert len(looks) == len(set(looks))


def test_values_of_a_running_view_change_without_a_restart() -> None:
    stage = scene("still", 1, SIZE, FPS)
    with running(stage, lambda: oracle(stage)) as (engine, _):
        until(lambda: engine.state().views[0].lock is LockState.HELD, "held")
        engine.set_view("view0", {"shot": "wide"})
        assert 'shot = "wide"' in engine.preset_text()
        until(lambda: engine.state().views[0].shot.height > 0.99 * SIZE.height, "wide")
        with pytest.raises(JikcamError):
            engine.set_view("view0", {"shot": "huge"})
        restart = engine.apply_preset(engine.preset_text() + '\n[source]\nuri = "1"\n')
        assert any("uri" in key for key in restart)
