"""Presets back to TOML, what changed between two, and what the engine is told."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from engine.direction.framing import FramingConfig
from engine.direction.lost import LostConfig
from engine.direction.target import TargetKind, TargetRequest
from engine.errors import JikcamError
from engine.geometry import Size
from engine.presets import (
    AreaPreset,
    AutoPreset,
    CameraPreset,
    ControlPreset,
    LensPreset,
    LostPreset,
    ObsPreset,
    PathPreset,
    PerceptionPreset,
    Preset,
    SourcePreset,
    ViewPreset,
    builtin_presets,
    changes,
    check_preset,
    dump_preset,
    load_preset,
    parse_preset,
)
from engine.presets.convert import change_view, overlay_of, view_config
from engine.presets.reference import reference

WORDS = st.text(max_size=40)


def bounds(field: FieldInfo) -> tuple[float, float]:
    low, high = 0.0, 1e6
    for rule in field.metadata:
        low = getattr(rule, "ge", getattr(rule, "gt", low))
        high = getattr(rule, "le", high)
    return low, high


def values(model, *left_out: str):
    """A strategy for the numbers, flags and choices of a table, within their bounds."""
    made = {}
    for key, field in model.model_fields.items():
        kind = field.annotation
        low, high = bounds(field)
        if key in left_out:
            continue
        if kind is bool:
            made[key] = st.booleans()
        elif kind is int:
            made[key] = st.integers(int(low), int(min(high, 1e6)))
        elif kind is float:
            made[key] = st.floats(low, high)
        elif get_args(kind) and all(isinstance(v, str) for v in get_args(kind)):
            made[key] = st.sampled_from(get_args(kind))
    return st.fixed_dictionaries({}, optional=made)


SINKS = st.one_of(
    st.fixed_dictionaries({"kind": st.just("device"), "device": WORDS}),
    st.fixed_dictionaries(
        {
            "kind": st.just("movie"),
            "path": WORDS.map(lambda w: f"x{w}.mp4".replace("\n", "")),
            "crf": st.integers(0, 51),
        }
    ),
)
VIEWS = st.builds(
    lambda plain, camera, lost, sinks, size, target: {
        **plain,
        **size,
        "camera": camera,
        "lost": lost,
        "sink": sinks,
        "target": target,
    },
    values(ViewPreset, "width", "height"),
    values(CameraPreset, "path"),
    values(LostPreset, "occluded_after_s", "lost_after_s"),
    st.lists(SINKS, max_size=3),
    st.sampled_from(
        [{}, {"width": 640}, {"aspect": "9:16"}, {"aspect": "1.37:1", "height": 934}, {"aspect": "16:9"}]
    ),
    st.sampled_from(["none", "index:3", "point:1.5,2", "box:1,2,3,4"]),
)
PRESETS = st.builds(
    lambda name, source, perception, control, views: {
        "name": name,
        "source": source,
        "perception": perception,
        "control": control,
        "view": [{**view, "name": f"v{i}"} for i, view in enumerate(views)],
    },
    WORDS,
    values(SourcePreset),
    values(PerceptionPreset),
    values(ControlPreset),
    st.lists(VIEWS, min_size=1, max_size=3),
)


@settings(max_examples=60, deadline=None)
@given(PRESETS)
def test_what_is_written_reads_back_the_same(data):
    preset = check_preset(data, "x")
    text = dump_preset(preset)
    assert parse_preset(text, "x") == preset
    assert dump_preset(parse_preset(text, "x")) == text


def test_only_what_matters_is_written():
    assert dump_preset(Preset()) == (
        'schema = 1\n\n[[view]]\nname = "main"\nwidth = 1280\nheight = 720\n'
        'target = "largest"\nshot = "full"\n'
    )
    assert "settle_s" not in dump_preset(load_preset("webcam"))


def test_changes_tell_live_from_restart():
    old = load_preset("two-hosts")
    text = builtin_presets()["two-hosts"].read_text("utf-8")
    text = text.replace("detect_every", "x").replace(
        "others_per_look = 0", "others_per_look = 1\nthreads = 3"
    )
    text = text.replace('uri = "0"', 'uri = "1"').replace('feel = "calm"', 'feel = "dance"')
    text = text.replace("height = 720", "height = 480", 1).replace('target = "rightmost"', 'target = "none"')
    text += '[[view.sink]]\nkind = "device"\n[control]\nport = 1234\n'
    text += '[area]\nexclude = [[[0, 0], [1, 0], [0.5, 0.2]]]\n[webrtc]\ncodec = "vp8"\n'
    live, restart = changes(old, parse_preset(text, "x"))
    assert live == [
        *("area.exclude", "perception.others_per_look", "view.left.camera.feel", "view.left.height"),
        "view.right.camera.feel",
    ]
    assert restart == [
        "control.port",
        "perception.threads",
        "source.uri",
        "view.right.sink",
        "view.right.target",
        "webrtc.codec",
    ]
    assert changes(old, old) == ([], [])


def test_a_view_that_comes_or_goes_needs_a_restart():
    one = parse_preset("[[view]]\nname = 'a'", "x")
    two = parse_preset("[[view]]\nname = 'b'\n[[view]]\nname = 'a'\nlabel = true", "x")
    assert changes(one, two) == (["view.a.label"], ["view.b"])
    assert changes(two, one) == (["view.a.label"], ["view.b"])


def test_a_view_changes_while_it_runs():
    old = load_preset("webcam")
    new = change_view(old, "main", {"shot": "face", "camera.settle_s": 1, "lost": {"hold_s": 2.0}})
    view = new.view[0]
    assert (view.shot, view.camera.settle_s, view.lost.hold_s) == ("face", 1.0, 2.0)
    assert view.camera.deadzone_norm == old.view[0].camera.deadzone_norm
    assert view.lost.then == old.view[0].lost.then


@pytest.mark.parametrize(
    ("name", "wanted", "message"),
    [
        ("other", {"shot": "face"}, "no view 'other'; choose one of: main"),
        ("main", {"shto": "face"}, "unknown key 'view[1].shto'; did you mean 'shot'?"),
        ("main", {"camera.setle_s": 1}, "did you mean 'settle_s'?"),
        ("main", {"camra.settle_s": 1}, "unknown key"),
        ("main", {"shot.x.y": 1}, "unknown key"),
        ("main", {"camera": 3}, "a table"),
        ("main", {"target": "none"}, "view.main.target can't change while the show runs"),
        ("main", {"width": 641}, "an even number"),
        ("main", {"aspect": "wide"}, "view[1].aspect"),
        ("main", {"aspect": "9:16", "width": 1280, "height": 720}, "do not have aspect 9:16"),
        ("main", {"name": "else"}, "can't change while the show runs"),
        ("main", {"headroom_norm": 2.0}, "at most 0.4"),
        ("main", {"hands": None}, "hands"),
    ],
)
def test_a_bad_change_is_refused(name, wanted, message):
    with pytest.raises(JikcamError) as caught:
        change_view(load_preset("webcam"), name, wanted)
    assert message in str(caught.value)


def test_every_value_reaches_the_engine():
    text = """[[view]]
    name = "v"
    width = 720
    height = 1280
    target = "point:10,20"
    reselect = true
    shot = "face"
    switch = "cut"
    label = true
    mirror = true
    headroom_norm = 0.11
    margin_norm = 0.12
    lead_norm = 0.13
    object = "sports ball"
    hands = "off"
    max_upscale = 3.0
    switch_s = 1.4
    [view.lost]
    occluded_after_s = 0.31
    lost_after_s = 0.92
    coast_s = 0.33
    hold_s = 0.34
    then = "hold"
    ease_s = 0.35
    back = "cut"
    return_s = 0.36
    """
    view = parse_preset(text, "x").view[0]
    config = view_config(view)
    assert config.output == Size(720, 1280)
    assert config.framing == FramingConfig(720 / 1280, "face", 0.11, 0.12, "off", 3.0, 0.13, "sports ball")
    assert (config.lock.occluded_after_s, config.lock.lost_after_s, config.lock.reselect) == (
        0.31,
        0.92,
        True,
    )
    assert config.lost == LostConfig(
        coast_s=0.33, hold_s=0.34, then="hold", ease_s=0.35, back="cut", return_s=0.36
    )
    assert config.target.kind is TargetKind.POINT
    assert isinstance(config.target, TargetRequest)
    assert (config.switch, config.switch_s) == ("cut", 1.4)
    overlay = overlay_of(view)
    assert (overlay.label, overlay.skeleton, overlay.mirror) == (True, False, True)


def test_the_reference_page_is_current():
    page = Path(__file__).parents[2] / "docs" / "presets.md"
    assert page.read_text("utf-8") == reference(), "run: python -m engine.presets.reference docs/presets.md"


def test_the_reference_page_names_every_key():
    text = reference()
    for model in (
        *(SourcePreset, LensPreset, AreaPreset, PerceptionPreset, ControlPreset, ObsPreset, ViewPreset),
        *(CameraPreset, PathPreset, AutoPreset, LostPreset),
    ):
        tables = {"lens", "camera", "path", "auto", "lost", "sink", "label", "scene", "rule"}
        for key in set(model.model_fields) - tables:
            assert f"| `{key}` |" in text
