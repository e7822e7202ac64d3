"""The label's words, looks and place, and what OBS inputs are set to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.presets.obs import ObsLabelPreset
from obs_plugin.errors import ObsError
from obs_plugin.facts import Facts, ViewFacts, facts_of
from obs_plugin.kinds import (
    camera_device_key,
    camera_kind,
    camera_settings,
    stream_settings,
    text_kind,
)
from obs_plugin.labels import ALIGNMENT, label_text, place, text_only, text_settings

#: As OBS 29 on Debian, OBS 31 on Windows and OBS 30 on macOS list them.
LINUX = ["image_source", "color_source_v3", "v4l2_input", "ffmpeg_source", "text_ft2_source_v2"]
WINDOWS = ["text_ft2_source_v2", "dshow_input", "text_gdiplus_v2", "text_gdiplus_v3", "ffmpeg_source"]
MAC = ["macos-avcapture-fast", "av_capture_input_v2", "macos-avcapture", "text_ft2_source_v2"]
OTHERS = ["text_gdiplus", "text_gdiplus_v10", "text_gdiplus_v9", "av_capture_input_v2"]

words = st.text(max_size=30) | st.sampled_from(
    ["{name}", "{state}", "{", "{}", "{0}", "{name!r}", "{{name}}"]
)


def seen(lock: str = "held", label: str = "Ana") -> Facts:
    main = ViewFacts("main", lock, 3, label, 1.0, "follow")
    return Facts((main, ViewFacts("side", "held", 4, "Bea", 1.0, "follow")), "", 0, 0)


@pytest.mark.parametrize(
    ("lock", "text"),
    [
        ("held", "Ana"),
        ("occluded", "Ana (occluded)"),
        ("unsure", "Ana: unsure"),
        ("found", "Ana: unsure"),
        ("lost", ""),
        ("nobody", "?"),
        ("x", ""),
    ],
)
def test_words_follow_the_lock(lock: str, text: str) -> None:
    label = ObsLabelPreset(occluded="{name} ({state})", unsure="{name}: {state}", nobody="?")
    assert label_text(label, seen(lock), "main") == text


def test_the_label_names_the_person_of_its_view() -> None:
    assert label_text(ObsLabelPreset(view="side"), seen(), "main") == "Bea"
    assert label_text(ObsLabelPreset(view="elsewhere"), seen(), "main") == ""
    assert label_text(ObsLabelPreset(held="on air"), facts_of(None), "main") == ""


def test_only_name_and_state_are_filled_in_and_only_once() -> None:
    label = ObsLabelPreset(held="{name} {nam} {} {0} {name.x} {{state}}")
    assert label_text(label, seen(label="{state}"), "main") == "{state} {nam} {} {0} {name.x} {held}"


def test_a_name_on_air_in_doubt_has_the_question_mark_that_the_engine_gives_it() -> None:
    for lock in ("unsure", "found"):
        assert label_text(ObsLabelPreset(), seen(lock, "Ana?"), "main") == "Ana?"
        assert label_text(ObsLabelPreset(unsure=""), seen(lock, "Ana?"), "main") == ""


@given(words, words, st.sampled_from(["held", "lost", ""]), words)
def test_no_words_are_too_odd(held: str, name: str, lock: str, lost: str) -> None:
    assert isinstance(label_text(ObsLabelPreset(held=held, lost=lost), seen(lock, name), "main"), str)


def test_looks_of_the_freetype_kind() -> None:
    label = ObsLabelPreset(color="#112233", height_norm=0.1, outline=False)
    settings = text_settings("text_ft2_source_v2", label, "Ana", 720)
    assert settings["color1"] == settings["color2"] == 0xFF332211, "ABGR, opaque"
    assert settings["font"] == {"face": "Arial", "style": "Bold", "size": 72, "flags": 1}
    assert (settings["text"], settings["outline"], settings["from_file"]) == ("Ana", False, False)
    assert "outline_size" not in settings and "color" not in settings


@pytest.mark.parametrize(
    ("place_name", "align"), [("top", "center"), ("top-left", "left"), ("bottom-right", "right")]
)
def test_looks_of_the_windows_kind(place_name: str, align: str) -> None:
    label = ObsLabelPreset.model_validate({"color": "#112233", "font": "Malgun Gothic", "place": place_name})
    settings = text_settings("text_gdiplus_v3", label, "Ana", 1080)
    assert (settings["color"], settings["opacity"]) == (0x332211, 100), "BGR, and no alpha in it"
    assert settings["font"]["face"] == "Malgun Gothic" and settings["font"]["size"] == 76
    assert (settings["outline"], settings["outline_color"], settings["outline_size"]) == (True, 0, 4)
    assert settings["align"] == align and settings["valign"] == place_name.split("-")[0]
    assert "color1" not in settings


@pytest.mark.parametrize("kind", ["text_ft2_source_v2", "text_gdiplus_v2"])
def test_new_words_leave_the_looks_alone(kind: str) -> None:
    assert text_only(kind, "") == {"text": ""}


@given(
    st.sampled_from(sorted(ALIGNMENT)),
    st.floats(0, 0.4),
    st.floats(0.01, 0.5),
    st.tuples(st.integers(8, 16384), st.integers(8, 16384)),
)
def test_the_label_lies_in_the_picture(
    where: str, margin_norm: float, height_norm: float, canvas: tuple[int, int]
) -> None:
    label = ObsLabelPreset.model_validate(
        {"place": where, "margin_norm": margin_norm, "height_norm": height_norm}
    )
    put = place(label, canvas)
    assert put["alignment"] == put["boundsAlignment"] == ALIGNMENT[where]
    for axis, size, near, far in (("X", "Width", 1, 2), ("Y", "Height", 4, 8)):
        length = canvas[axis == "Y"]
        band = put[f"bounds{size}"]
        start = put[f"position{axis}"]
        if put["alignment"] & far:
            start -= band
        elif not put["alignment"] & near:
            start -= band / 2
        assert band >= 1, "OBS refuses less"
        assert start >= -0.5 and start + band <= length + 0.5


def test_the_margin_is_the_same_on_both_sides_of_the_corner() -> None:
    put = place(ObsLabelPreset(place="bottom-right", margin_norm=0.05), (1920, 1080))
    assert (put["positionX"], put["positionY"], put["alignment"]) == (1866, 1026, 2 | 8)
    assert put["boundsWidth"] == 1920 - 2 * 54


def test_a_label_of_two_lines_has_room_for_both() -> None:
    one, two = (place(ObsLabelPreset(held=held), (1280, 720)) for held in ("{name}", "{name}\n{state}"))
    assert two["boundsHeight"] == 2 * one["boundsHeight"]


@pytest.mark.parametrize(
    ("kinds", "text", "camera", "key"),
    [
        (LINUX, "text_ft2_source_v2", "v4l2_input", "device_id"),
        (WINDOWS, "text_gdiplus_v3", "dshow_input", "video_device_id"),
        (MAC, "text_ft2_source_v2", "macos-avcapture", "device"),
        (OTHERS, "text_gdiplus_v10", "av_capture_input_v2", "device"),
    ],
)
def test_the_best_kind_of_each_system(kinds: list[str], text: str, camera: str, key: str) -> None:
    assert (text_kind(kinds), camera_kind(kinds)) == (text, camera)
    assert camera_device_key(camera) == key
    settings = camera_settings(camera, "the one")
    assert settings[key] == "the one"
    assert settings["buffering"] in (False, 2)


def test_an_obs_without_the_plugin_says_what_to_do() -> None:
    with pytest.raises(ObsError, match=r"install .* or set enabled = false in \[obs.label\]"):
        text_kind(["image_source", "text_pango_source"])
    with pytest.raises(ObsError, match='set feed = "stream"'):
        camera_kind(["image_source"])


def test_the_stream_is_shown_at_once_and_comes_back() -> None:
    settings = stream_settings("http://127.0.0.1:8787/stream/main.mjpeg")
    assert settings["input"] == "http://127.0.0.1:8787/stream/main.mjpeg"
    options = {"input_format": "mpjpeg", "buffering_mb": 0, "reconnect_delay_sec": 1, "is_local_file": False}
    assert settings.items() >= options.items()
    assert "use_wallclock_as_timestamps=1" in settings["ffmpeg_options"]
    assert not settings["restart_on_activate"] and not settings["close_when_inactive"]
