"""[view.camera]: one word for the feel, every number behind it, and what the engine makes of both."""

from __future__ import annotations

import itertools
import subprocess
import sys
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from engine.direction.auto import AutoConfig
from engine.direction.camera import OperatorKind
from engine.direction.framing import FramingConfig, Hands, ShotSize
from engine.direction.lost import LostConfig
from engine.direction.operators.feel import FOLLOWERS, Feel
from engine.direction.operators.follower import FollowerConfig
from engine.direction.operators.path import PathConfig
from engine.direction.operators.path_feel import PATHS
from engine.direction.view import ViewConfig
from engine.errors import JikcamError
from engine.geometry import Size
from engine.presets import (
    AutoPreset,
    CameraPreset,
    LostPreset,
    PathPreset,
    ViewPreset,
    changes,
    dump_preset,
    parse_preset,
)
from engine.presets.convert import change_view, follower_of, path_of, view_config
from engine.presets.feels import with_feels

ROOT = Path(__file__).parents[2]
OF_THE_VIEW = {"operator", "feel", "delay_s", "path"}


def camera(lines: str) -> CameraPreset:
    return parse_preset(f"[[view]]\n[view.camera]\n{lines}", "my.toml").view[0].camera


def names(config: type) -> set[str]:
    return {field.name for field in fields(config)}


def numbers_of(model: type[BaseModel], config: type) -> st.SearchStrategy[dict[str, float]]:
    """All numbers of a table, each within its bounds."""
    schema = model.model_json_schema()["properties"]
    plain = {key: next(f for f in schema[key]["anyOf"] if f["type"] == "number") for key in names(config)}
    return st.fixed_dictionaries({key: st.floats(f["minimum"], f["maximum"]) for key, f in plain.items()})


def test_every_number_of_every_room_can_be_written() -> None:
    assert set(CameraPreset.model_fields) == names(FollowerConfig) | OF_THE_VIEW
    assert set(PathPreset.model_fields) == names(PathConfig)
    assert set(LostPreset.model_fields) == names(LostConfig) | {"occluded_after_s", "lost_after_s"}
    assert set(AutoPreset.model_fields) == names(AutoConfig) | {"enabled"}
    framing = names(FramingConfig) - {"object_label"} | {"object"}
    assert framing <= set(ViewPreset.model_fields)


def test_every_choice_of_every_room_can_be_written() -> None:
    assert get_args(CameraPreset.model_fields["feel"].annotation) == tuple(Feel)
    for model, key, choices in (
        (CameraPreset, "operator", OperatorKind),
        (ViewPreset, "shot", ShotSize),
        (ViewPreset, "hands", Hands),
    ):
        assert set(get_args(model.model_fields[key].annotation)) == set(get_args(choices))


def test_a_preset_that_says_nothing_is_the_normal_feel() -> None:
    framing = FramingConfig(aspect=16 / 9)
    config = view_config(ViewPreset())
    assert config == ViewConfig(
        "main", Size(1280, 720), framing, follower=FOLLOWERS[Feel.NORMAL], path=PATHS[Feel.NORMAL]
    )


@pytest.mark.parametrize("feel", list(Feel))
def test_a_feel_fills_what_is_not_written(feel: Feel) -> None:
    assert follower_of(camera(f"feel = '{feel}'")) == FOLLOWERS[feel]
    assert path_of(camera(f"feel = '{feel}'")) == PATHS[feel]
    made = camera(f"feel = '{feel}'\nsettle_s = 1.25\n[view.camera.path]\nsmooth_s = 1.5")
    assert follower_of(made) == replace(FOLLOWERS[feel], settle_s=1.25)
    assert path_of(made) == replace(PATHS[feel], smooth_s=1.5)


@pytest.mark.parametrize("feel", list(Feel))
def test_the_numbers_of_every_feel_could_be_written_by_hand(feel: Feel) -> None:
    written = CameraPreset.model_validate(
        {**asdict(FOLLOWERS[feel]), "path": {**asdict(PATHS[feel])}, "operator": "lookahead"}
    )
    assert follower_of(written) == FOLLOWERS[feel] and path_of(written) == PATHS[feel]


@pytest.mark.parametrize(("word", "feel"), [("tight", "sport"), ("balanced", "normal")])
def test_other_names_of_feels_are_read(word: str, feel: str) -> None:
    assert camera(f"feel = '{word}'").feel == feel


@settings(max_examples=50, deadline=None)
@given(numbers_of(CameraPreset, FollowerConfig), numbers_of(PathPreset, PathConfig), st.floats(0.25, 1.5))
def test_whatever_is_written_reaches_the_engine_and_the_file(
    numbers: dict[str, float], path: dict[str, float], delay_s: float
) -> None:
    view = ViewPreset.model_validate(
        {"camera": {**numbers, "path": path, "operator": "lookahead", "delay_s": delay_s}}
    )
    config = view_config(view)
    assert (config.operator, config.delay_s) == ("lookahead", delay_s)
    assert config.follower == FollowerConfig(**numbers) and config.path == PathConfig(**path)
    preset = parse_preset("", "x").model_copy(update={"view": (view,)})
    assert parse_preset(dump_preset(preset), "x") == preset


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("feel = 'wild'", 'write "calm", "normal", "dance" or "sport"'),
        ("feel = 3", 'write "calm", "normal", "dance" or "sport"'),
        ("operator = 'ai'", 'write "live", "lookahead" or "take"'),
        ("delay_s = 0.1", "write at least 0.25"),
        ("delay_s = 3", "write at most 1.5"),
        ("settle_s = -1", "write at least"),
        ("settle_s = nan", "write a finite number"),
        ("settles = 1", "did you mean 'settle_s'?"),
        ("path = 3", "write a table"),
        ("[view.camera.path]\nsmooth = 1", "did you mean 'smooth_s'?"),
        ("[view.camera.path]\nsmooth_s = 'x'", "write a number"),
    ],
)
def test_mistakes_are_one_line_with_their_place(lines: str, says: str) -> None:
    with pytest.raises(JikcamError) as caught:
        camera(lines)
    assert says in str(caught.value) and "\n" not in str(caught.value)
    assert caught.value.problem.startswith("my.toml:")


def test_the_feel_changes_while_the_show_runs_and_numbers_stay_as_written() -> None:
    old = parse_preset("[[view]]\n[view.camera]\nfeel = 'calm'\nlead = 0.25", "x")
    new = change_view(old, "main", {"camera.feel": "sport", "camera.path.smooth_s": 1})
    assert changes(old, new) == (["view.main.camera.feel", "view.main.camera.path.smooth_s"], [])
    assert follower_of(new.view[0].camera) == replace(FOLLOWERS[Feel.SPORT], lead=0.25)
    # Taken back, a number follows the feel again.
    back = change_view(new, "main", {"camera.lead": None})
    assert follower_of(back.view[0].camera) == FOLLOWERS[Feel.SPORT]


def test_a_running_show_can_look_ahead_but_not_plan_a_whole_take() -> None:
    old = parse_preset("", "x")
    ahead = change_view(old, "main", {"camera": {"operator": "lookahead", "delay_s": 1.0}})
    assert view_config(ahead.view[0]).delay_s == 1.0
    with pytest.raises(JikcamError, match=r"camera\.operator can't change while the show runs"):
        change_view(ahead, "main", {"camera.operator": "take"})


def test_the_auto_director_is_on_when_there_is_a_table_and_can_rest() -> None:
    assert view_config(ViewPreset()).auto is None
    made = parse_preset('[[view]]\n[view.auto]\nrule = "order"\norder = ["Mina", "2"]', "x")
    assert view_config(made.view[0]).auto == AutoConfig("order", AutoConfig().dwell_s, ("Mina", "2"))
    off = change_view(made, "main", {"auto.enabled": False})
    assert view_config(off.view[0]).auto is None
    assert off.view[0].auto is not None and off.view[0].auto.order == ("Mina", "2")
    assert view_config(change_view(parse_preset("", "x"), "main", {"auto": {}}).view[0]).auto == AutoConfig()
    for text, says in (
        ('order = "Mina"', 'write it as ["Mina", "2"]'),
        ('order = [""]', 'write it as ["Mina", "2"]'),
        ("dwell_s = 0", "at least 1"),
        ('rule = "best"', 'write "moves", "center" or "order"'),
    ):
        with pytest.raises(JikcamError) as caught:
            parse_preset(f"[[view]]\n[view.auto]\n{text}", "x")
        assert says in str(caught.value)


def test_the_page_of_the_operator_has_todays_numbers() -> None:
    page = (ROOT / "docs" / "operator.md").read_text("utf-8")
    assert with_feels(page) == page, "run: python -m engine.presets.feels docs/operator.md"
    for key in names(FollowerConfig) | names(PathConfig):
        assert f"\n| `{key}` | " in page


def test_every_example_of_the_page_of_the_operator_is_a_preset() -> None:
    lines = (ROOT / "docs" / "operator.md").read_text("utf-8").split("\n")
    grouped = itertools.groupby(lines, lambda line: not line or line.startswith("    "))
    blocks = ["\n".join(line[4:] for line in block).strip() for is_code, block in grouped if is_code]
    examples = [block for block in blocks if block]
    assert len(examples) >= 7
    for text in examples:
        begun = "[[view]]\n" if text.startswith("[view.") else ""
        others = [name for name in ("left", "right", "main") if f'"{name}"' in text]
        needed = "".join(f"[[view]]\nname = '{name}'\n" for name in others)
        assert parse_preset(needed + begun + text, "operator.md").view


def test_presets_are_read_without_the_libraries_of_pictures() -> None:
    code = "import sys, engine.presets; print([m for m in ('cv2', 'onnxruntime', 'av') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
