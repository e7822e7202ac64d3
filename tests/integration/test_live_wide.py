"""What the control room sees of a running show: pictures that fit what is said of them, and areas drawn."""

from __future__ import annotations

import time

import pytest

from engine.direction.target import TargetKind, TargetRequest
from engine.errors import JikcamError
from engine.geometry import Box
from engine.people import Tracks
from engine.presets import AreaPreset, parse_preset
from engine.sources.stage import scene
from tests.integration.show_kit import FPS, SIZE, on_stage, preset_of, until

STAGE = scene("sway", 3, SIZE, FPS)
#: The right half of the picture.
RIGHT = AreaPreset.model_validate({"exclude": [[[0.5, 0.0], [1.0, 0.0], [1.0, 1.0], [0.5, 1.0]]]})
VIEW = {"name": "a", "width": 180, "height": 320, "target": "leftmost"}


def truth(index: int) -> list[Box]:
    return [person.box for person in STAGE.truth(index / FPS)]


def test_people_and_shots_of_a_picture_are_those_of_that_picture() -> None:
    with on_stage(preset_of(VIEW), STAGE) as engine:
        until(lambda: len(engine.state().people) == 3, "everybody found")
        seen = 0
        with engine.wide().subscribe() as viewer:
            while seen < 8:
                jpeg = viewer.wait(10.0)
                assert jpeg is not None
                moment = engine.moment(jpeg.index)
                assert moment is not None, "the picture came before what is known of it"
                assert len(moment.people) == 3
                for person in moment.people:
                    near = min(abs(box.center.x - person.box.center.x) for box in truth(jpeg.index))
                    assert near < 0.02 * SIZE.width
                assert [view.name for view in moment.views] == ["a"]
                assert 0 <= engine.now_s() - jpeg.time_s < 10
                seen += 1
        late = engine.state().frame_index
        until(lambda: engine.state().frame_index > late + 3.3 * FPS, "three seconds later")
        assert engine.moment(late) is None


def test_a_click_refers_to_the_picture_in_which_it_was_made() -> None:
    with on_stage(preset_of(VIEW), STAGE) as engine, engine.wide().subscribe() as viewer:
        until(lambda: len(engine.state().people) == 3, "everybody found")
        for _ in range(3):
            jpeg = viewer.wait(10.0)
            assert jpeg is not None
        moment = engine.moment(jpeg.index)
        assert moment is not None
        time.sleep(0.3)
        for person in moment.people:
            at = person.box.center
            engine.set_target("a", TargetRequest(TargetKind.POINT, point=at, frame_index=jpeg.index))
            until(lambda p=person: engine.state().views[0].person == p.id, "chosen")


def test_an_area_counts_at_once_and_stays_in_the_preset() -> None:
    with on_stage(preset_of(VIEW), STAGE) as engine:
        until(lambda: len(engine.state().people) == 3, "everybody found")
        revision = engine.state().preset_revision
        engine.set_area(RIGHT)
        assert engine.state().preset_revision == revision + 1
        until(
            lambda: all(p.box.center.x < SIZE.width / 2 for p in engine.state().people if not p.seen_s_ago),
            "nobody is seen on the right",
        )
        assert parse_preset(engine.preset_text(), "it").area == RIGHT
        assert engine.preset_values()["area"]["exclude"]
        engine.set_area(AreaPreset())
        until(lambda: len([p for p in engine.state().people if p.seen_s_ago < 0.3]) == 3, "seen again")
        assert "[area]" not in engine.preset_text()


def test_a_fault_stops_neither_the_wide_picture_nor_its_way_back(monkeypatch: pytest.MonkeyPatch) -> None:
    with on_stage(preset_of(VIEW), STAGE) as engine, engine.wide().subscribe() as viewer:
        assert viewer.wait(10.0) is not None
        advance = engine._show._tracker.advance

        def broken(*_: object) -> Tracks:
            raise FloatingPointError("a bad number")

        monkeypatch.setattr(engine._show._tracker, "advance", broken)
        until(lambda: "bad number" in engine.state().perception_status, "the fault is told")
        for _ in range(4):
            jpeg = viewer.wait(10.0)
            assert jpeg is not None
        assert engine.moment(jpeg.index) is None
        monkeypatch.setattr(engine._show._tracker, "advance", advance)
        until(lambda: not engine.state().perception_status, "it goes on")
        jpeg = viewer.wait(10.0)
        jpeg = viewer.wait(10.0)
        assert jpeg is not None and engine.moment(jpeg.index) is not None


def test_the_wide_stream_ends_with_the_show() -> None:
    with on_stage(preset_of(VIEW), STAGE) as engine:
        viewer = engine.wide().subscribe()
    assert viewer.wait(0.0) is None
    with pytest.raises(JikcamError, match="makes no pictures"):
        engine.set_area(RIGHT)
