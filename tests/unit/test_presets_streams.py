"""What a preset says of streams: who may come in, how they are made and published, and their sizes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.errors import JikcamError
from engine.presets import (
    Preset,
    WhipSinkPreset,
    changes,
    check_preset,
    dump_preset,
    load_preset,
    parse_preset,
    presets_folder,
    user_presets,
    with_members,
)
from engine.presets.convert import change_view
from engine.streaming import stream_config, streaming, whip_targets
from virtualcam.webrtc.messages import StreamConfig, WhipTarget

WHIP = '[[view.sink]]\nkind = "whip"\nurl = "https://sfu.example/whip/room"\n'
FILM = '[[view.sink]]\nkind = "movie"\npath = "a.mp4"\n'


def preset_of(text: str) -> Preset:
    return parse_preset(text, "my.toml")


def problem_of(text: str) -> str:
    with pytest.raises(JikcamError) as caught:
        preset_of(text)
    assert "\n" not in str(caught.value) and str(caught.value).startswith("my.toml:")
    return str(caught.value)


def test_what_is_not_written_is_as_safe_as_before_and_streams() -> None:
    preset = preset_of("")
    assert (preset.control.lan, preset.control.https, preset.webrtc.enabled) == (False, False, True)
    assert stream_config(preset) == StreamConfig()
    assert not preset.view[0].choice
    assert "webrtc" not in dump_preset(preset) and "lan" not in dump_preset(preset)


def test_every_value_reaches_the_streaming_process_and_the_file() -> None:
    text = (
        '[control]\nlan = true\nhttps = true\n[webrtc]\ncodec = "vp8"\nkbps_720p = 1500\nrenditions = 1\n'
        'most_viewers = 3\n[source]\nuri = "webrtc:phone"\n[[view]]\nchoice = true\n' + WHIP
    )
    preset = preset_of(text)
    assert stream_config(preset) == StreamConfig(
        lan=True, codec="vp8", kbps_720p=1500, renditions=1, most_viewers=3
    )
    assert preset.view[0].choice and preset.control.https
    assert preset_of(dump_preset(preset)) == preset


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[webrtc]\ncodec = "av1"', 'write "auto", "h264" or "vp8"'),
        ("[webrtc]\nrenditions = 4", "at most 3"),
        ('[[view]]\n[[view.sink]]\nkind = "whip"', "'view[1].sink[1].url' is missing; add it"),
        ('[[view]]\n[[view.sink]]\nkind = "whipp"', 'write "device", "movie" or "whip"'),
        ("[[view]]\n" + WHIP.replace("https:", "ftp:"), "begins with https://"),
        ("[[view]]\n" + WHIP.replace("sfu", "me:secret@sfu"), "take the user and password out"),
        ("[[view]]\n" + WHIP + 'token_env = "A"\ntoken_file = "b"', "leave one of them out"),
        ("[[view]]\n" + WHIP + 'token_env = "Bearer xyz"', "token_env"),
        ("[[view]]\n" + WHIP + 'token = "secret"', "unknown key 'view[1].sink[1].token'"),
        ("[webrtc]\nenabled = false\n[[view]]\n" + WHIP, "set enabled = true in [webrtc]"),
        ("[control]\nenabled = false\n[[view]]\n" + WHIP, "set enabled = true in [control]"),
        ('[webrtc]\nenabled = false\n[source]\nuri = "webrtc:phone"', "set enabled = true in [webrtc]"),
        ('[[view]]\neach = "member"\n' + WHIP, "put {name} or {n} into it"),
    ],
)
def test_what_can_not_be_is_one_line(text: str, says: str) -> None:
    assert says in problem_of(text)


def test_each_member_is_published_to_an_address_of_their_own() -> None:
    text = '[[view]]\nname = "fan"\neach = "member"\n' + WHIP.replace("room", "{name}-{n}")
    made = with_members(preset_of(text), ["Mina", "Yu Ri/2"])
    urls = [sink.url for view in made.view for sink in view.sink if isinstance(sink, WhipSinkPreset)]
    assert urls == ["https://sfu.example/whip/Mina-1", "https://sfu.example/whip/Yu%20Ri%2F2-2"]


# -- tokens


def targets(extra: str = "") -> list[WhipTarget]:
    return whip_targets(preset_of("[[view]]\nname = 'a'\n[[view]]\nname = 'b'\n" + WHIP + extra))


def test_tokens_come_from_the_environment_or_a_file_and_never_stand_in_a_preset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SFU_TOKEN", "from-the-environment")
    (tmp_path / "token").write_text("\ufefffrom.the_file==\n", "utf-8")
    assert targets() == [WhipTarget("b", "https://sfu.example/whip/room")]
    assert targets('token_env = "SFU_TOKEN"\ncodec = "vp8"') == [
        WhipTarget("b", "https://sfu.example/whip/room", "from-the-environment", "vp8")
    ]
    (found,) = targets(f'token_file = "{(tmp_path / "token").as_posix()}"')
    assert found.token == "from.the_file==" and found.token not in repr(found)


@pytest.mark.parametrize(
    ("content", "says"),
    [("", "is empty"), ("  \n", "is empty"), ("two words", "no bearer token"), ("zwei\nZeilen", "no bearer"),
     ("schlüssel", "no bearer token"), ("x" * 9000, "no bearer token"), ("a\x00b", "no bearer token")],
)  # fmt: skip
def test_a_token_that_is_none_is_told_at_the_start(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "token"
    path.write_text(content, "utf-8")
    with pytest.raises(JikcamError) as caught:
        targets(f'token_file = "{path.as_posix()}"')
    assert says in str(caught.value) and "\n" not in str(caught.value)
    assert not content.strip() or content.strip() not in str(caught.value)


def test_a_token_that_is_not_there_ends_it_before_anything_is_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SFU_TOKEN", raising=False)
    with pytest.raises(JikcamError, match="environment variable SFU_TOKEN is empty"):
        targets('token_env = "SFU_TOKEN"')
    with pytest.raises(JikcamError, match="can't read the token file"):
        targets('token_file = "/does/not/exist"')
    with (
        pytest.raises(JikcamError, match="SFU_TOKEN"),
        streaming(preset_of("[[view]]\n" + WHIP + 'token_env = "SFU_TOKEN"')),
    ):
        pass


@pytest.mark.parametrize("table", ["control", "webrtc"])
def test_no_process_where_none_is_wanted(table: str) -> None:
    with streaming(preset_of(f"[{table}]\nenabled = false")) as host:
        assert host is None


# -- the size of a picture while it runs


@pytest.mark.parametrize(
    ("before", "changed", "size"),
    [
        ({}, {"aspect": "9:16"}, (720, 1280)),
        ({}, {"aspect": "1:1"}, (720, 720)),
        ({"width": 720, "height": 1280}, {"aspect": "16:9"}, (1280, 720)),
        ({"aspect": "9:16"}, {"aspect": "4:3"}, (538, 404)),
        ({}, {"width": 640}, (640, 720)),
        ({"aspect": "16:9"}, {"width": 640}, (640, 360)),
        ({"aspect": "16:9"}, {"height": 1080}, (1920, 1080)),
        ({"aspect": "16:9"}, {"width": 600, "height": 600}, (600, 600)),
        ({}, {"width": 640, "aspect": "16:9"}, (640, 360)),
        ({}, {"width": 640, "height": 360, "aspect": "16:9"}, (640, 360)),
        ({"aspect": "16:9"}, {"shot": "face"}, (1280, 720)),
        ({"aspect": "16:9"}, {"aspect": None, "width": 400}, (400, 720)),
    ],
)
def test_the_sides_that_are_not_named_follow(
    before: dict[str, Any], changed: dict[str, Any], size: tuple[int, int]
) -> None:
    old = check_preset({"schema": 1, "view": [before]}, "it")
    view = change_view(old, "main", changed).view[0]
    assert (view.width, view.height) == size


def test_back_and_forth_is_where_it_was() -> None:
    first = preset_of("")
    there = change_view(first, "main", {"aspect": "9:16"})
    assert change_view(there, "main", {"aspect": "16:9"}).view[0].height == first.view[0].height


def test_what_feeds_a_device_or_a_film_keeps_its_size() -> None:
    old = preset_of("[[view]]\n" + FILM)
    for changed in ({"width": 640}, {"aspect": "9:16"}):
        with pytest.raises(JikcamError, match="recording, which keeps its size while the show runs; change"):
            change_view(old, "main", changed)
    new = preset_of("[[view]]\nwidth = 640\n" + FILM)
    assert changes(old, new) == ([], ["view.main.width"])
    published = preset_of("[[view]]\n" + WHIP)
    assert change_view(published, "main", {"width": 640}).view[0].width == 640


# -- presets that the user has saved


def test_a_saved_preset_is_found_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIKCAM_PRESETS", str(tmp_path / "mine"))
    assert presets_folder() == tmp_path / "mine"
    assert user_presets() == {}
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "Friday show.toml").write_text("name = 'Friday'\n")
    (tmp_path / "mine" / "webcam.toml").write_text("name = 'mine'\n")
    assert list(user_presets()) == ["Friday show"]
    assert load_preset("Friday show").name == "Friday"
    assert load_preset("webcam").name == "Webcam", "a shipped one can't be hidden"
    with pytest.raises(JikcamError, match="Friday show"):
        load_preset("Saturday")


def test_saved_presets_lie_in_the_users_own_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JIKCAM_PRESETS", raising=False)
    assert presets_folder().is_absolute() and "jikcam" in str(presets_folder())
