"""Pictures that leave late: the right ones, all of them, live, as fast as possible, and over a whole take."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.assemble import again_of, assemble
from engine.errors import JikcamError
from engine.people import Tracks
from engine.perception.scheduler import Perception
from engine.shotlog import ShotLog
from engine.show import Show
from engine.sources.frame import Frame
from engine.sources.media import MediaSource
from engine.sources.stage import GroundTruthDetector, StageSource, scene
from engine.take import run_take
from tests.integration.show_kit import (
    DELAY_PICTURES,
    FPS,
    LOOKAHEAD,
    SIZE,
    TALL,
    WIDE,
    Film,
    assembled,
    on_stage,
    oracle,
    preset_of,
    taken,
    until,
)
from virtualcam.movie import MovieSink
from virtualcam.sink import Picture

STAGE = scene("sway", 3, SIZE, FPS)
TAKE = {"camera": {"operator": "take"}}


def test_a_delayed_view_shows_each_picture_once_and_half_a_second_late() -> None:
    preset = preset_of({"name": "main", **WIDE, **LOOKAHEAD})
    source = StageSource(STAGE, "fast", 2.0)
    film = Film()
    parts = assembled(preset, source, [film], live=False)
    behind = []
    kept = []

    def note(frame: Frame, show: Show) -> None:
        if film.indices:
            behind.append(frame.index - film.indices[-1])
            kept.append(len(show._frames))

    assert run_take(source, parts.show, oracle(STAGE), on_picture=note) == 60
    assert film.indices == film.seen == list(range(60))
    assert behind == [DELAY_PICTURES] * (60 - DELAY_PICTURES)
    assert set(kept) == {DELAY_PICTURES}


def test_a_delayed_video_shows_the_pictures_as_they_were(tmp_path: Path) -> None:
    """No source may write into an array that it has handed out."""
    movie = MovieSink(tmp_path / "wide.mp4", SIZE, FPS, crf=1, blocking=True)
    stage = StageSource(STAGE, "fast", 1.5)
    while (frame := stage.read(1.0)) is not None:
        movie.send(Picture(frame.image, frame.time_s, frame.index))
    movie.close()
    film = Film()
    source = MediaSource(str(movie.path), "fast")
    parts = assembled(preset_of({"name": "main", **WIDE, **LOOKAHEAD}), source, [film], live=False)
    assert run_take(source, parts.show, oracle(STAGE)) == 45
    parts.show.close()
    source.close()
    assert film.indices == film.seen == list(range(45))


def test_views_of_different_delays_show_one_source_each_at_its_own_time() -> None:
    slow = {"camera": {"operator": "lookahead", "delay_s": 1.0}}
    films = [Film(), Film(), Film()]
    preset = preset_of(
        {"name": "now", **WIDE}, {"name": "late", **WIDE, **LOOKAHEAD}, {"name": "later", **WIDE, **slow}
    )
    assert taken(preset, STAGE, 1.5, films) == 45
    assert all(film.indices == film.seen == list(range(45)) for film in films)


def test_the_lock_that_is_told_is_the_one_of_the_shown_picture_and_perception_goes_by_the_newest() -> None:
    preset = preset_of({"name": "main", **TALL, **LOOKAHEAD, "target": "leftmost"})
    source = StageSource(STAGE, "fast", 2.0)
    parts = assembled(preset, source, [], live=False)
    targets: list[int] = []
    shown: list[tuple[int, int | None]] = []

    class Noted:
        def __init__(self) -> None:
            self.inner = oracle(STAGE)

        def look(self, frame: Frame, tracks: Tracks, wanted: frozenset[int], search: bool):
            if wanted:
                targets.append(frame.index)
            return self.inner.look(frame, tracks, wanted, search)

    def note(frame: Frame, show: Show) -> None:
        state = show.views[0].state()
        assert state.delay_s == 0.5 and state.shot == show.views[0].direction.shot
        shown.append((frame.index, state.person))

    run_take(source, parts.show, Noted(), on_picture=note)
    first_shown = next(index for index, person in shown if person is not None)
    assert targets[0] <= first_shown - DELAY_PICTURES + 3


def test_live_a_delayed_view_is_in_time_and_loses_nothing_at_the_end(tmp_path: Path) -> None:
    preset = preset_of({"name": "main", **WIDE, **LOOKAHEAD})
    for attempt in range(10):
        film, path = Film(), tmp_path / f"{attempt}.jsonl"
        with on_stage(preset, STAGE, [film], seconds=3.0, log=ShotLog(path)) as engine:
            until(lambda film=film: bool(film.indices), "the first picture")
            assert engine.state().views[0].delay_s == 0.5
            assert engine.wait(30)
            metrics = engine.metrics()
        assert film.indices == film.seen
        # A picture that the camera dropped costs one of those that were due when it was missing.
        assert 0 <= metrics.pictures - len(film.indices) <= metrics.dropped_frames
        if metrics.dropped_frames == 0:
            break  # else this computer was busy
    assert film.indices[-1] == 89
    # What the camera dropped is missing, and nothing else.
    assert len(film.indices) == metrics.pictures
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["index"] for line in lines] == film.indices
    latencies_ms = sorted(line["latency_ms"] for line in lines if line["latency_ms"] is not None)
    assert len(latencies_ms) >= len(lines) - DELAY_PICTURES
    assert 480 <= latencies_ms[len(latencies_ms) // 2] <= 600


def test_live_the_delay_changes_while_the_show_runs() -> None:
    film = Film()
    preset = preset_of({"name": "main", **WIDE, **LOOKAHEAD})
    with on_stage(preset, STAGE, [film]) as engine:
        until(lambda: len(film.indices) > 10, "pictures")
        engine.set_view("main", {"camera": {"delay_s": 0.25}})
        until(lambda: film.indices[-1] >= engine.state().frame_index - 8, "caught up")
        engine.set_view("main", {"camera": {"operator": "live"}})
        until(lambda: film.indices[-1] >= engine.state().frame_index - 1, "at the newest")
        count = len(film.indices)
        until(lambda: len(film.indices) > count + 10, "goes on")
    assert film.indices == film.seen
    assert film.indices == sorted(set(film.indices))


def test_a_whole_take_shows_every_picture_of_the_source_once(tmp_path: Path) -> None:
    films = [Film(), Film()]
    preset = preset_of({"name": "take", **WIDE, **TAKE}, {"name": "live", **WIDE})
    log = ShotLog(tmp_path / "log.jsonl")
    opened: list[StageSource] = []

    def again() -> StageSource:
        opened.append(StageSource(STAGE, "fast", 2.0))
        return opened[-1]

    assert taken(preset, STAGE, 2.0, films, again=again, log=log) == 60
    log.close()
    assert all(film.indices == film.seen == list(range(60)) for film in films)
    assert len(opened) == 1 and opened[0]._closed.is_set()
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 120


def test_a_whole_take_holds_no_pictures_while_it_decides() -> None:
    preset = preset_of({"name": "take", **WIDE, **TAKE})
    source = StageSource(STAGE, "fast", 1.0)
    parts = assembled(preset, source, [Film()], live=False)
    kept: list[int] = []
    run_take(
        source,
        parts.show,
        oracle(STAGE),
        again=lambda: StageSource(STAGE, "fast", 1.0),
        on_picture=lambda _, show: kept.append(len(show._frames)),
    )
    assert kept == [0] * 30


def test_a_take_stops_where_it_is_told_to_in_both_passes() -> None:
    film = Film()
    again = lambda: StageSource(STAGE, "fast", 2.0)  # noqa: E731
    assert taken(preset_of({"name": "t", **WIDE, **TAKE}), STAGE, 2.0, [film], again=again, seconds=0.5) == 15
    assert film.indices == list(range(15))


def test_a_source_that_cannot_be_read_twice_is_refused_with_words() -> None:
    with pytest.raises(JikcamError, match="read twice"):
        taken(preset_of({"name": "take", **WIDE, **TAKE}), STAGE, 1.0, [])
    assert again_of(preset_of({"name": "main"}, source={"uri": "0"})) is None
    assert again_of(preset_of({"name": "main"}, source={"uri": "rtsp://10.0.0.1/a"})) is None


def test_a_file_and_the_stage_can_be_read_twice() -> None:
    again = again_of(preset_of({"name": "main"}, source={"uri": "stage:sway,people=2,size=320x180"}))
    assert again is not None
    assert [source.read(1.0).index for source in (again(), again())] == [0, 0]  # type: ignore[union-attr]


def test_a_whole_take_live_is_refused_with_words() -> None:
    preset = preset_of({"name": "take", **WIDE, **TAKE})
    with pytest.raises(JikcamError, match="--fast"):
        assemble(preset, StageSource(STAGE, "fast", 1.0), wait_for_sinks=False)


def test_the_same_take_gives_the_same_pictures_whatever_the_threads() -> None:
    views = [{"name": f"v{k}", **TALL, **LOOKAHEAD, "target": f"index:{k}"} for k in (1, 2, 3)]
    sums = []
    for threads in (1, 3):
        films = [Film() for _ in views]
        source = StageSource(STAGE, "fast", 1.5)
        parts = assembled(preset_of(*views), source, films, live=False)
        show = Show(SIZE, parts.show.views, parts.times, threads=threads)
        truth = GroundTruthDetector(STAGE)
        run_take(source, show, Perception(truth, truth))
        show.close()
        sums.append([film.sums for film in films])
    assert sums[0] == sums[1]
