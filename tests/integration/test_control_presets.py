"""The preset library and the areas over the control API."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from engine.control import ControlServer
from engine.control.library import PresetLibrary
from engine.presets import AreaPreset, parse_preset
from tests.integration.control_rig import FakeEngine, ask, serving

MINE = (
    'schema = 1\n\n[[view]]\nname = "main"\nwidth = 1280\nheight = 720\ntarget = "largest"\nshot = "full"\n'
)


@pytest.fixture
def engine() -> FakeEngine:
    engine = FakeEngine("main")
    engine.preset = MINE
    engine.values = parse_preset(MINE, "test").model_dump(mode="json")
    return engine


@pytest.fixture
def library(tmp_path: Path) -> PresetLibrary:
    shipped = tmp_path / "shipped.toml"
    shipped.write_text(MINE.replace("full", "face"))
    return PresetLibrary(tmp_path / "own", {"close up": shipped}, running="close up")


@pytest.fixture
def server(engine: FakeEngine, library: PresetLibrary) -> Iterator[ControlServer]:
    with serving(engine, library=library) as running:
        yield running


def put(server: ControlServer, name: str, toml: str | None) -> Any:
    return ask(server, f"/api/presets/{quote(name, safe='')}", {"toml": toml}, method="PUT")


def test_the_running_preset_is_kept_and_loaded_again(
    server: ControlServer, engine: FakeEngine, tmp_path: Path
) -> None:
    shipped = {"name": "close up", "shipped": True}
    assert ask(server, "/api/presets").json == {"presets": [shipped], "running": "close up"}
    assert put(server, "무대 1", None).json == {"ok": True}
    assert (tmp_path / "own" / "무대 1.toml").read_text() == MINE
    mine = {"name": "무대 1", "shipped": False}
    assert ask(server, "/api/presets").json == {"presets": [mine, shipped], "running": "무대 1"}
    read = ask(server, f"/api/presets/{quote('무대 1')}").json
    assert read == {"toml": MINE, "values": engine.values}
    assert ask(server, "/api/presets/close%20up/load", {}).json == {"restart": ["source.camera"]}
    assert engine.preset == MINE.replace("full", "face")
    assert ask(server, "/api/presets").json["running"] == "close up"
    assert ask(server, f"/api/presets/{quote('무대 1')}", method="DELETE").json == {"ok": True}
    assert ask(server, "/api/presets").json["presets"] == [shipped]


def test_a_text_is_kept_without_running_it(server: ControlServer, engine: FakeEngine) -> None:
    assert put(server, "other", MINE.replace("full", "upper")).status == 200
    assert engine.preset == MINE and ask(server, "/api/presets").json["running"] == "close up"
    compared = ask(server, "/api/presets/other/compare").json
    assert compared == {"differences": [{"key": "view.main.shot", "running": "full", "saved": "upper"}]}
    assert put(server, "same", MINE + "mirror = false\n").status == 200
    assert ask(server, "/api/presets/same/compare").json == {"differences": []}


def test_members_have_their_views_in_both(server: ControlServer, engine: FakeEngine) -> None:
    text = '[identity]\npeople = 2\n[[view]]\nname = "one"\neach = "member"\n'
    assert put(server, "all", text).status == 200
    differences = ask(server, "/api/presets/all/compare").json["differences"]
    assert {"view.main", "view.one-1", "view.one-2"} < {d["key"] for d in differences}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "says"),
    [
        ("GET", "/api/presets/nobody", None, 404, "there is no preset 'nobody'; choose one of the list"),
        ("GET", "/api/presets/nobody/compare", None, 404, "there is no preset"),
        ("POST", "/api/presets/nobody/load", {}, 404, "there is no preset"),
        ("DELETE", "/api/presets/nobody", None, 404, "there is no preset"),
        ("DELETE", "/api/presets/close%20up", None, 400, "is a shipped preset"),
        ("PUT", "/api/presets/close%20up", {"toml": MINE}, 400, "is the name of a shipped preset"),
        ("PUT", "/api/presets/..%2Fmine", {"toml": MINE}, 400, "can't be the name of a preset"),
        ("GET", "/api/presets/..%2F..%2Fetc%2Fpasswd", None, 400, "can't be the name of a preset"),
        ("DELETE", "/api/presets/..%5Cmine", None, 400, "can't be the name of a preset"),
        ("PUT", "/api/presets/mine", {"toml": "[[view]]\nshot = 3"}, 400, "the preset mine:2: view[1].shot"),
        ("PUT", "/api/presets/mine", {}, 400, "toml: Field required"),
        ("PUT", "/api/presets/mine", {"toml": 1}, 400, "toml"),
        ("PUT", "/api/presets/mine", {"toml": MINE, "path": "/tmp"}, 400, "path: Extra"),
    ],
)
def test_what_is_refused(
    server: ControlServer, tmp_path: Path, method: str, path: str, body: Any, status: int, says: str
) -> None:
    before = sorted(tmp_path.rglob("*"))
    answer = ask(server, path, body, method=method)
    assert answer.status == status and says in answer.error
    assert sorted(tmp_path.rglob("*")) == before


def test_a_put_that_is_not_json_is_refused(server: ControlServer) -> None:
    headers = {"Content-Type": "text/plain"}
    assert ask(server, "/api/presets/mine", b'{"toml":null}', method="PUT", headers=headers).status == 415


def test_a_preset_that_the_engine_refuses_is_not_the_running_one(
    server: ControlServer, engine: FakeEngine
) -> None:
    assert put(server, "mine", None).status == 200
    ask(server, "/api/presets/close%20up/load", {})

    def refuse(text: str) -> list[str]:
        raise ValueError(text)

    engine.apply_preset = refuse  # type: ignore[method-assign]
    assert ask(server, "/api/presets/mine/load", {}).status == 500
    assert ask(server, "/api/presets").json["running"] == "close up"


def test_saving_waits_its_turn_behind_commands(server: ControlServer, engine: FakeEngine) -> None:
    """Else the text of before a command could be kept after it was carried out."""
    begun, release = threading.Event(), threading.Event()
    use = engine.apply_preset

    def slow(text: str) -> list[str]:
        begun.set()
        release.wait(5)
        return use(text)

    engine.apply_preset = slow  # type: ignore[method-assign]
    newer = MINE.replace("full", "upper")
    posts = [threading.Thread(target=ask, args=(server, "/api/preset", {"toml": newer}))]
    posts.append(threading.Thread(target=put, args=(server, "mine", None)))
    posts[0].start()
    assert begun.wait(5)
    posts[1].start()
    release.set()
    for post in posts:
        post.join()
    assert ask(server, "/api/presets/mine").json["toml"] == newer


# -- areas

TRIANGLE = [[0, 0], [1, 0], [1, 1]]


def test_areas_reach_the_engine_and_the_preset(server: ControlServer, engine: FakeEngine) -> None:
    assert ask(server, "/api/area", {"exclude": [TRIANGLE], "inside": TRIANGLE}).json == {"ok": True}
    corners = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
    assert engine.calls == [("area", AreaPreset(exclude=(corners,), inside=corners))]
    assert ask(server, "/api/preset").json["values"]["area"] == {"exclude": [TRIANGLE], "inside": TRIANGLE}
    assert ask(server, "/api/area", {"exclude": [], "inside": None}).status == 200
    assert engine.calls[-1] == ("area", AreaPreset())


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"exclude": []}, "inside: Field required"),
        ({"inside": None}, "exclude: Field required"),
        ({"exclude": [TRIANGLE[:2]], "inside": None}, "encloses nothing; give at least 3 corners"),
        ({"exclude": [], "inside": [[0, 0], [1, 1], [1, 0], [0, 1]]}, "crosses"),
        ({"exclude": [], "inside": [[0, 0], [2, 0], [1, 1]]}, "outside the picture"),
        (b'{"exclude": [], "inside": [[0, 0], [NaN, 0], [1, 1]]}', "inside"),
        ({"exclude": TRIANGLE, "inside": None}, "exclude"),
        ({"exclude": [], "inside": [[0, 0]] * 65}, "a polygon of 65 corners is too fine"),
        ({"exclude": [[[0, 0]] * 65], "inside": None}, "a polygon of 65 corners is too fine"),
        ({"exclude": [[[0, 0]] * 63] * 8, "inside": None}, "too many corners"),
        ({"exclude": [TRIANGLE] * 51, "inside": None}, "exclude"),
        ({"exclude": [], "inside": None, "view": "main"}, "view: Extra"),
    ],
)
def test_areas_that_are_none(server: ControlServer, engine: FakeEngine, body: Any, says: str) -> None:
    answer = ask(server, "/api/area", body)
    assert answer.status == 400 and says in answer.error
    assert engine.calls == []


def test_the_clock_of_the_pictures(server: ControlServer, engine: FakeEngine) -> None:
    engine.frame = 45
    assert ask(server, "/api/time").json == {"now_s": 1.5}
