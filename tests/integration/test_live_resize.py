"""Another size or aspect of a View while the show runs: in the next picture, and nobody else notices."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from engine.direction.target import CameraMode, LockState
from engine.errors import JikcamError
from engine.geometry import Size
from engine.layout import Place
from engine.live import LiveEngine
from engine.presets import parse_preset
from engine.sources.stage import scene
from engine.tile import GROUND_BGR
from tests.integration.show_kit import FPS, SIZE, Film, on_stage, preset_of, until
from virtualcam.mjpeg import Jpeg, Viewer

STAGE = scene("sway", 3, SIZE, FPS)
LEFT = {"name": "a", "width": 320, "height": 180, "target": "leftmost"}
RIGHT = {"name": "b", "width": 180, "height": 320, "target": "rightmost"}
GRID = {"name": "all", "width": 640, "height": 360, "grid": ["a", "b"]}
SPLIT = {"name": "two", "width": 320, "height": 180, "split": ["a", "b"]}
NEXT = {"name": "next", "width": 320, "height": 180, "preview_of": "a"}


def held(engine: LiveEngine, *names: str) -> bool:
    return all(v.lock is LockState.HELD for v in engine.state().views if v.name in names)


def upright(place: Place) -> bool:
    return place.width < place.height


def picture(jpeg: Jpeg) -> Any:
    return cv2.imdecode(np.frombuffer(jpeg.data, np.uint8), cv2.IMREAD_COLOR)


def size_of(viewer: Viewer) -> tuple[int, int]:
    jpeg = viewer.wait(10.0)
    assert jpeg is not None
    height, width, _ = picture(jpeg).shape
    return width, height


@contextmanager
def watched(engine: LiveEngine, *names: str) -> Iterator[dict[str, Viewer]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(engine.mjpeg(name).subscribe()) for name in names}  # type: ignore[union-attr]


def shown(viewer: Viewer, width: int, height: int) -> None:
    for _ in range(20):
        if size_of(viewer) == (width, height):
            return
    raise AssertionError(f"never {width}x{height}")


def test_one_view_changes_at_the_next_picture_and_keeps_its_person() -> None:
    film = Film()
    with on_stage(preset_of(LEFT, RIGHT), STAGE, [Film(), film]) as engine, watched(engine, "a") as viewers:
        until(lambda: held(engine, "a", "b"), "held")
        before = engine.state().views[0]
        for changes, size in (
            ({"aspect": "9:16"}, (180, 320)),
            ({"width": 640, "height": 360}, (640, 360)),
            ({"aspect": "1:1"}, (360, 360)),
        ):
            engine.set_view("a", changes)
            asked = engine.state().frame_index
            shown(viewers["a"], *size)
            until(lambda i=asked: engine.state().frame_index > i + 3, "goes on")
            view = engine.state().views[0]
            assert (view.size, view.shot.aspect) == (Size(*size), size[0] / size[1])
            assert view.person == before.person
        saved = parse_preset(engine.preset_text(), "it").view[0]
        assert (saved.width, saved.height, saved.aspect) == (360, 360, "1:1")
        assert not engine.state().perception_status
    assert len(film.indices) == engine.metrics().pictures, "the other View had every picture"


def test_views_made_of_it_go_on_whole() -> None:
    tables = (LEFT, RIGHT, GRID, SPLIT, NEXT)
    with on_stage(preset_of(*tables), STAGE) as engine, watched(engine, "all", "two", "next") as viewers:
        until(lambda: held(engine, "a", "b"), "held")
        engine.set_view("a", {"aspect": "9:16"})
        for name in ("all", "two", "next"):
            table = next(t for t in tables if t["name"] == name)
            assert size_of(viewers[name]) == (table["width"], table["height"])
        until(lambda: upright(engine._show.view("all").tiles[0].place), "the grid is laid out anew")
        for name, size in (("all", (360, 640)), ("two", (180, 320)), ("next", (180, 320))):
            engine.set_view(name, {"aspect": "9:16"})
            shown(viewers[name], *size)
        tiles = engine._show.view("two").tiles
        assert len(tiles) == 2 and all(tile.place.width <= 180 for tile in tiles)
        until(lambda: held(engine, "a", "b"), "still held")
        assert not engine.state().perception_status


@pytest.mark.parametrize("mode", [CameraMode.HOLD, CameraMode.WIDE])
def test_a_camera_held_or_wide_stays_so(mode: CameraMode) -> None:
    with on_stage(preset_of(LEFT), STAGE) as engine, watched(engine, "a") as viewers:
        until(lambda: held(engine, "a"), "held")
        engine.set_mode("a", mode)
        engine.set_view("a", {"aspect": "9:16"})
        shown(viewers["a"], 180, 320)
        assert engine.state().views[0].mode is mode


def test_a_delayed_view_changes_at_once_too() -> None:
    late = {**LEFT, "camera": {"operator": "lookahead", "delay_s": 0.5}}
    with on_stage(preset_of(late), STAGE) as engine, watched(engine, "a") as viewers:
        until(lambda: held(engine, "a"), "held")
        engine.set_view("a", {"aspect": "9:16"})
        asked = engine.state().frame_index
        shown(viewers["a"], 180, 320)
        assert engine.state().frame_index - asked < 0.4 * FPS, "before the delay is over"
        for _ in range(20):
            jpeg = viewers["a"].wait(10.0)
            assert jpeg is not None
            edges = picture(jpeg)[:, [0, -1]].astype(int)
            assert np.abs(edges - GROUND_BGR).max() > 20, "no bars at the sides"


def test_a_recording_keeps_its_size_and_goes_on(tmp_path: Path) -> None:
    film = {**LEFT, "sink": [{"kind": "movie", "path": str(tmp_path / "a.mp4")}]}
    with on_stage(preset_of(film, RIGHT), STAGE) as engine:
        until(lambda: held(engine, "a"), "held")
        text = engine.preset_text()
        with pytest.raises(JikcamError, match=r"a recording, which keeps its size while the show runs; "):
            engine.set_view("a", {"aspect": "9:16"})
        assert engine.preset_text() == text
        engine.set_view("b", {"aspect": "16:9"})
        wanted = text.replace("width = 320", "width = 160").replace('name = "a"', 'name = "a"\nlabel = true')
        assert engine.apply_preset(wanted) == ["view.a.width"]
        until(lambda: engine._show.view("a").overlay.label, "the rest of it is taken up")
        assert engine.state().views[0].size == Size(320, 180)
        until(lambda: engine.state().views[0].sinks["a.mp4"] == "ok", "records")


def test_a_preset_with_other_sizes_needs_no_restart() -> None:
    with on_stage(preset_of(LEFT, RIGHT), STAGE) as engine, watched(engine, "a") as viewers:
        until(lambda: held(engine, "a"), "held")
        person = engine.state().views[0].person
        assert engine.apply_preset(engine.preset_text().replace("width = 320", "width = 240")) == []
        shown(viewers["a"], 240, 180)
        assert engine.state().views[0].person == person


def test_a_locked_view_keeps_its_size() -> None:
    with on_stage(preset_of(LEFT), STAGE) as engine:
        until(lambda: held(engine, "a"), "held")
        engine.set_guard("a", True)
        with pytest.raises(JikcamError, match="locked"):
            engine.set_view("a", {"aspect": "9:16"})
        assert engine.state().views[0].size == Size(320, 180)
