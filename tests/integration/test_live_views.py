"""Many Views from one pass: grids, splits, previews, who is not watched, and what breaks in one of them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from engine.direction.target import CameraMode, LockState, TargetKind, TargetRequest
from engine.errors import JikcamError
from engine.live import LiveEngine
from engine.presets import Preset
from engine.show import Show
from engine.sources.stage import StageSource, scene
from engine.state import ViewState
from engine.take import run_take
from engine.tile import GROUND_BGR, Tile
from engine.view import View
from tests.integration.show_kit import (
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
from virtualcam.mjpeg import MjpegSink

STAGE = scene("still", 3, SIZE, FPS)
LEFT = {"name": "a", **TALL, "target": "index:1"}
MIDDLE = {"name": "b", **TALL, "target": "index:2"}
RIGHT = {"name": "c", **TALL, "target": "index:3"}
NEXT = TargetRequest(TargetKind.NEXT)


def state(engine: LiveEngine, name: str) -> ViewState:
    return next(view for view in engine.state().views if view.name == name)


def held(engine: LiveEngine, name: str) -> bool:
    return state(engine, name).lock is LockState.HELD


def played(preset: Preset, seconds: float = 1.5) -> tuple[dict[str, View], dict[str, Film]]:
    """The Views at the end of a run, and their films."""
    films = [Film() for _ in preset.view]
    source = StageSource(STAGE, "fast", seconds)
    parts = assembled(preset, source, films, live=False)
    run_take(source, parts.show, oracle(STAGE))
    parts.show.close()
    views = {view.name: view for view in parts.show.views}
    return views, {view.name: film for view, film in zip(preset.view, films, strict=True)}


def test_a_grid_shows_each_view_as_it_is_and_names_it() -> None:
    grid = {"name": "all", "width": 640, "height": 360, "grid": ["a", "b", "c"], "label": True}
    views, films = played(preset_of(LEFT, MIDDLE, RIGHT, grid))
    assert films["all"].indices == list(range(45))
    tiles = views["all"].tiles
    assert [t.direction for t in tiles] == [views[n].direction for n in "abc"]
    assert [t.words for t in tiles] == [views[n].label for n in "abc"] and all(t.words for t in tiles)
    picture = films["all"].last
    assert picture is not None
    for tile, name in zip(tiles, "abc", strict=True):
        at, own = tile.place, films[name].last
        assert own is not None
        shown = picture[at.y : at.y + at.height, at.x : at.x + at.width]
        same = cv2.resize(own, (at.width, at.height), interpolation=cv2.INTER_AREA)
        upper = slice(0, at.height * 3 // 4)  # below it stands the label
        assert np.abs(shown[upper].astype(int) - same[upper]).mean() < 6


def test_a_grid_shows_one_moment_in_all_its_tiles() -> None:
    grid = {"name": "all", "width": 1282, "height": 360, "grid": ["a", "b"]}
    preset = preset_of({"name": "a", **WIDE}, {"name": "b", **WIDE, **LOOKAHEAD}, grid)
    _, films = played(preset)
    assert films["all"].indices == films["b"].seen == list(range(45))
    assert films["all"].seen == list(range(45))  # the left tile has its number in the same corner


def test_a_split_frames_two_people_for_its_halves() -> None:
    split = {"name": "duo", "width": 640, "height": 360, "split": ["a", "c"], "shot": "upper"}
    views, films = played(preset_of(LEFT, RIGHT, split))
    duo = views["duo"]
    assert [t.direction.lock.person for t in duo.tiles] == [views["a"].person, views["c"].person]
    for tile, name in zip(duo.tiles, "ac", strict=True):
        shot = tile.direction.shot
        assert shot.aspect == tile.place.size.aspect
        assert abs(shot.cx - views[name].direction.shot.cx) < 40
    assert films["duo"].indices == list(range(45))
    tall = {**split, "width": 360, "height": 640}
    a, b = played(preset_of(LEFT, RIGHT, tall))[0]["duo"].tiles
    assert a.place.x == b.place.x and a.place.y < b.place.y


def test_a_split_goes_where_its_views_go() -> None:
    split = {"name": "duo", "width": 640, "height": 360, "split": ["a", "b"]}
    with on_stage(preset_of(LEFT, MIDDLE, split), STAGE) as engine:
        until(lambda: held(engine, "a") and held(engine, "b"), "held")
        until(lambda: state(engine, "duo").person == state(engine, "a").person, "the same person")
        engine.set_target("a", TargetRequest(TargetKind.RIGHTMOST))
        until(lambda: state(engine, "duo").person == state(engine, "a").person, "the new person")
        with pytest.raises(JikcamError, match="a and b"):
            engine.set_target("duo", NEXT)
        with pytest.raises(JikcamError, match="a and b"):
            engine.set_mode("duo", CameraMode.WIDE)


def test_a_preview_shows_who_comes_next_and_take_goes_there() -> None:
    preview = {"name": "next", "width": 320, "height": 180, "preview_of": "a"}
    film = Film()
    with on_stage(preset_of(LEFT, preview), STAGE, [Film(), film]) as engine:
        until(lambda: held(engine, "a"), "held")
        first = state(engine, "a").person
        assert state(engine, "next").person == first
        engine.preview("a", NEXT)
        until(lambda: state(engine, "next").person not in (None, first), "somebody else in preview")
        following = state(engine, "next").person
        assert state(engine, "a").person == first and state(engine, "a").previewed == following
        engine.set_guard("a", True)
        until(lambda: state(engine, "a").guarded, "guarded")
        for refused in (
            lambda: engine.take("a", None),
            lambda: engine.set_target("a", NEXT),
            lambda: engine.set_view("a", {"shot": "face"}),
        ):
            with pytest.raises(JikcamError, match="locked"):
                refused()
        engine.set_mode("a", CameraMode.WIDE)
        engine.set_guard("a", False)
        engine.take("a", "cut")
        until(lambda: state(engine, "a").person == following, "taken")
        until(lambda: state(engine, "next").person == following, "and seen in the preview")
        assert state(engine, "a").previewed is None
        with pytest.raises(JikcamError, match="preview"):
            engine.take("a", None)
        with pytest.raises(JikcamError, match="cut"):
            engine.take("a", "jump")


def test_changes_are_all_or_nothing_when_a_view_is_guarded() -> None:
    with on_stage(preset_of(LEFT, MIDDLE), STAGE) as engine:
        until(lambda: held(engine, "b"), "held")
        engine.set_guard("b", True)
        changed = engine.preset_text().replace('shot = "full"', 'shot = "face"')
        before = engine.preset_text()
        text = changed if changed != before else before.replace("[[view]]", '[[view]]\nshot = "face"')
        with pytest.raises(JikcamError, match="'b' is locked"):
            engine.apply_preset(text)
        assert engine.preset_text() == before


def test_nobody_watches_so_no_picture_is_made_and_whoever_comes_sees_one_at_once() -> None:
    with on_stage(preset_of(LEFT, MIDDLE), STAGE) as engine:
        until(lambda: engine.metrics().pictures > 10, "pictures")
        assert not [s for s in engine.metrics().stages if s.name == "render"]
        stream = engine.mjpeg("a")
        assert stream is not None
        with stream.subscribe() as viewer:
            first = viewer.wait(5.0)
            assert first is not None and engine.state().frame_index - first.index <= 5
        renders = next(s for s in engine.metrics().stages if s.name == "render").count
        index = engine.state().frame_index
        until(lambda: engine.state().frame_index > index + 20, "goes on")
        again = next(s for s in engine.metrics().stages if s.name == "render").count
        assert again - renders <= 3
        # Much later nobody gets the picture of then.
        with stream.subscribe() as viewer:
            late = viewer.wait(5.0)
            assert late is not None and late.index > index + 15


def test_a_watched_grid_needs_no_watched_views() -> None:
    grid = {"name": "all", "width": 640, "height": 360, "grid": ["a", "b"]}
    with on_stage(preset_of(LEFT, MIDDLE, grid), STAGE) as engine:
        stream = engine.mjpeg("all")
        assert stream is not None
        with stream.subscribe() as viewer:
            assert viewer.wait(5.0) is not None
            until(lambda: held(engine, "a"), "held")
        streams = [engine.mjpeg(n) for n in "ab"]
        assert all(isinstance(s, MjpegSink) and s._picture is None for s in streams)


def test_a_broken_tile_breaks_neither_the_grid_nor_the_show(monkeypatch: pytest.MonkeyPatch) -> None:
    grid = {"name": "all", "width": 640, "height": 360, "grid": ["a", "b"]}
    films = [Film(), Film(), Film()]
    good = Tile.paint

    def broken(tile: Tile, *rest: object) -> object:
        if tile.direction.lock.person == wrong:
            raise FloatingPointError("a bad number")
        return good(tile, *rest)  # type: ignore[arg-type]

    with on_stage(preset_of(LEFT, MIDDLE, grid), STAGE, films) as engine:
        until(lambda: held(engine, "a") and held(engine, "b"), "held")
        wrong = state(engine, "a").person
        with monkeypatch.context() as patched:
            patched.setattr(Tile, "paint", broken)
            until(lambda: "a bad number" in engine.state().perception_status, "named")
            counts = [len(film.indices) for film in films]
            until(lambda: len(films[2].indices) > counts[2] + 15, "pictures of the grid")
            assert len(films[1].indices) > counts[1] + 10
            assert len(films[0].indices) <= counts[0] + 2
            assert films[2].last is not None
            tiles = engine._show.view("all").tiles
            dark, bright = (
                films[2].last[t.place.y : t.place.y + t.place.height, t.place.x : t.place.x + t.place.width]
                for t in tiles
            )
            assert (dark == GROUND_BGR).all() and bright.std() > 5
        until(lambda: not engine.state().perception_status, "well again")
        count = len(films[0].indices)
        until(lambda: len(films[0].indices) > count + 5, "the View too")


def test_a_fault_in_following_keeps_delayed_pictures_coming(monkeypatch: pytest.MonkeyPatch) -> None:
    film = Film()
    with on_stage(preset_of({"name": "main", **WIDE, **LOOKAHEAD}), STAGE, [film]) as engine:
        until(lambda: len(film.indices) > 5, "pictures")

        def fails(*_: object, **__: object) -> None:
            raise FloatingPointError("a bad number")

        with monkeypatch.context() as patched:
            patched.setattr(Show, "follow", fails)
            count = len(film.indices)
            until(lambda: len(film.indices) > count + 30, "pictures of the last shot")
        until(lambda: not engine.state().perception_status, "well again")
        until(lambda: engine.state().frame_index - film.indices[-1] in (14, 15, 16), "the delay again")
        assert len(engine._show._frames) < 60
    assert film.indices == film.seen


def test_as_many_views_as_a_preset_may_have() -> None:
    views = [{"name": f"v{k}", **TALL, "target": f"index:{k % 3 + 1}"} for k in range(23)]
    grid = {"name": "all", "width": 640, "height": 360, "grid": [v["name"] for v in views]}
    films = [Film() for _ in range(24)]
    assert taken(preset_of(*views, grid), STAGE, 0.3, films) == 9
    assert all(film.indices == list(range(9)) for film in films)


def test_nine_views_of_nine_people_from_one_pass() -> None:
    stage = scene("still", 9, SIZE, FPS)
    views = [{"name": f"v{k}", **TALL, "target": f"index:{k}"} for k in range(1, 10)]
    grid = {"name": "all", "width": 640, "height": 360, "grid": [v["name"] for v in views]}
    films = [Film() for _ in range(10)]
    assert taken(preset_of(*views, grid), stage, 1.0, films) == 30
    assert all(film.indices == list(range(30)) for film in films)


@pytest.mark.parametrize(
    ("views", "words"),
    [
        ([{"name": "g", "grid": ["g2"]}, {"name": "g2", "grid": ["g"]}], "itself"),
        ([LEFT, {"name": "g", "grid": ["a"]}, {"name": "p", "preview_of": "g"}], "no one person"),
        ([LEFT, {"name": "s", "split": ["a", "x"]}], "x"),
    ],
)
def test_views_that_make_no_sense_together_are_refused_with_words(views: list[dict], words: str) -> None:
    with pytest.raises(JikcamError, match=words):
        played(preset_of(*views), 0.1)
