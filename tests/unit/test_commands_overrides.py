"""Options of `jikcam run` over a preset: they mean the first View, and are checked as the preset is."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.commands.overrides import WHIP_TOKEN_VARIABLE, Overrides, overridden
from engine.errors import JikcamError
from engine.presets import WhipSinkPreset, load_preset, parse_preset
from engine.presets.view import ViewPreset

PRESET = "[[view]]\nshot = '{shot}'\n[view.camera]\nfeel = 'calm'\nsettle_s = 1.5\n[[view]]\nname = 'other'"


def first(options: Overrides, shot: str = "upper") -> ViewPreset:
    return overridden(parse_preset(PRESET.format(shot=shot), "x"), options).view[0]


def test_options_of_the_camera() -> None:
    view = first(Overrides(feel="dance", operator="lookahead", delay_s=1.0, shot="chest"))
    assert (view.shot, view.camera.feel, view.camera.operator, view.camera.delay_s) == (
        *("chest", "dance", "lookahead", 1.0),
    )
    assert view.camera.settle_s == 1.5
    untouched = overridden(parse_preset(PRESET.format(shot="upper"), "x"), Overrides(feel="tight"))
    assert (untouched.view[0].camera.feel, untouched.view[1].camera.feel) == ("sport", "normal")


def test_a_delay_asks_for_the_look_ahead() -> None:
    assert first(Overrides(delay_s=0.5)).camera.operator == "lookahead"
    assert first(Overrides(delay_s=0.5, operator="live")).camera.operator == "live"


@pytest.mark.parametrize(
    ("style", "of_preset", "shot"),
    [
        ("face", "upper", "face"),
        ("natural", "face", "full"),
        ("natural", "chest", "chest"),
        (None, "face", "face"),
    ],
)
def test_a_style_is_the_face_or_the_body(style: str | None, of_preset: str, shot: str) -> None:
    assert first(Overrides(style=style), of_preset).shot == shot


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (Overrides(style="fake"), "--style fake is unknown; choose one of: face, natural"),
        (Overrides(style="face", shot="full"), "leave one of them out"),
        (Overrides(feel="wild"), 'write "calm", "normal", "dance" or "sport"'),
        (Overrides(operator="ai"), 'write "live", "lookahead" or "take"'),
        (Overrides(delay_s=9), "write at most 1.5"),
        (Overrides(shot="knee"), 'write "full", "upper", "chest", "face", "group" or "wide"'),
    ],
)
def test_a_bad_option_is_one_line(options: Overrides, says: str) -> None:
    with pytest.raises(JikcamError) as caught:
        first(options)
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_a_preset_with_a_view_for_each_member_takes_options() -> None:
    preset = overridden(load_preset("all-members"), Overrides(feel="calm"))
    assert preset.view[0].each == "member" and preset.view[0].camera.feel == "calm"


def test_options_of_the_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(WHIP_TOKEN_VARIABLE, raising=False)
    options = Overrides(lan=True, https=True, codec="vp8", whip="https://sfu.example/whip/a")
    preset = overridden(load_preset("webcam"), options)
    assert (preset.control.lan, preset.control.https, preset.webrtc.codec) == (True, True, "vp8")
    (sink,) = preset.view[0].sink
    assert isinstance(sink, WhipSinkPreset)
    assert (sink.url, sink.codec, sink.token_env) == ("https://sfu.example/whip/a", "vp8", None)
    again = overridden(preset, Overrides(lan=False, codec="auto", out=Path("a.mp4")))
    assert (again.control.lan, again.control.https, again.webrtc.codec) == (False, True, "auto")
    assert [sink.kind for sink in again.view[0].sink] == ["whip", "movie"]


def test_the_token_of_an_address_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WHIP_TOKEN_VARIABLE, "secret")
    preset = overridden(load_preset("webcam"), Overrides(whip="https://sfu.example/a", codec="auto"))
    (sink,) = preset.view[0].sink
    assert isinstance(sink, WhipSinkPreset)
    assert (sink.token_env, sink.codec) == (WHIP_TOKEN_VARIABLE, "h264")
    assert "secret" not in repr(preset)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (Overrides(codec="av1"), 'write "auto", "h264" or "vp8"'),
        (Overrides(whip="sfu.example/a"), "a WHIP address begins with https://"),
        (Overrides(whip="https://sfu.example/a", control=False), "set enabled = true in [control]"),
        (Overrides(source="webrtc:phone", control=False), "set enabled = true in [control]"),
    ],
)
def test_a_stream_that_can_not_be_is_one_line(options: Overrides, says: str) -> None:
    with pytest.raises(JikcamError) as caught:
        overridden(load_preset("webcam"), options)
    assert says in str(caught.value) and "\n" not in str(caught.value)
