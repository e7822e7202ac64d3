"""Views made of Views, a View for each member, and the polygons of the stage."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.area import AreaConfig, Polygon
from engine.errors import JikcamError
from engine.presets import Preset, changes, dump_preset, parse_preset, with_members
from engine.presets.view import MOST_VIEWS

FAN = """
[identity]
people = {people}
[[view]]
name = "fan"
each = "member"
[[view.sink]]
kind = "movie"
path = "{path}"
[[view.sink]]
kind = "device"
device = "/dev/video1{{n}}"
[[view]]
name = "all"
grid = ["fan", "stage"]
[[view]]
name = "stage"
"""


def views(*tables: str) -> Preset:
    return parse_preset("".join(f"[[view]]\n{table}\n" for table in tables), "my.toml")


def problem_of(text: str) -> str:
    with pytest.raises(JikcamError) as caught:
        parse_preset(text, "my.toml")
    assert "\n" not in str(caught.value) and str(caught.value).startswith("my.toml:")
    return str(caught.value)


def fan(people: int = 0, path: str = "fan-{name}.mp4") -> Preset:
    return parse_preset(FAN.format(people=people, path=path), "x")


def test_views_can_be_made_of_views() -> None:
    preset = views(
        "name = 'a'", "name = 'b'", "name = 'two'\nsplit = ['a', 'b']",
        "name = 'all'\ngrid = ['a', 'b', 'two']", "name = 'next'\npreview_of = 'a'",
    )  # fmt: skip
    assert [view.others for view in preset.view] == [(), (), ("a", "b"), ("a", "b", "two"), ("a",)]
    assert parse_preset(dump_preset(preset), "x") == preset


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        (("name = 'a'\ngrid = ['b']",), "view 'a' shows view 'b'; the views are: a"),
        (("name = 'a'\ngrid = ['a']",), "view 'a' shows itself"),
        (
            ("name = 'a'\ngrid = ['b']", "name = 'b'\ngrid = ['c']", "name = 'c'\ngrid = ['a']"),
            "shows itself",
        ),
        (("name = 'a'\nsplit = ['b']", "name = 'b'"), "give it two"),
        (("name = 'a'\nsplit = ['b', 'b']", "name = 'b'"), "give it two"),
        (("name = 'a'\ngrid = 'b'", "name = 'b'"), 'write it as ["left", "right"]'),
        (("name = 'a'\ngrid = [1]", "name = 'b'"), 'write it as ["left", "right"]'),
        (
            ("name = 'a'\ngrid = ['b']\npreview_of = 'b'", "name = 'b'"),
            "grid and preview_of don't go together",
        ),
        (("name = 'a'\ngrid = ['b']\neach = 'member'", "name = 'b'"), "each and grid don't go together"),
        (("name = 'p'\npreview_of = 'g'", "name = 'g'\ngrid = ['x']", "name = 'x'"), "no one person"),
        (("name = 'p'\nsplit = ['g', 'x']", "name = 'g'\neach = 'member'", "name = 'x'"), "no one person"),
        (("name = 'a'\neach = 'person'",), 'write "member"'),
        (("name = 'a'\nobject = 'bal'",), "sports ball"),
        (("name = 'a'\nlead_norm = 0.9",), "at most 0.4"),
        (("name = 'a'\nswitch_s = 0",), "at least 0.1"),
    ],
)
def test_views_that_make_no_picture_are_refused(tables: tuple[str, ...], says: str) -> None:
    assert says in problem_of("".join(f"[[view]]\n{table}\n" for table in tables))


def test_as_many_views_as_a_stage_has_members() -> None:
    names = [f"name = 'v{i}'" for i in range(MOST_VIEWS + 1)]
    assert len(views(*names[:-1]).view) == MOST_VIEWS
    assert str(MOST_VIEWS) in problem_of("".join(f"[[view]]\n{name}\n" for name in names))


def test_things_are_known_by_the_names_of_coco() -> None:
    assert views("object = ' Sports  ball'").view[0].object == "sports ball"


def test_a_view_for_everybody_enrolled() -> None:
    made = with_members(fan(), ["Mina", "박 민아", "D.O."])
    assert [(v.name, v.target) for v in made.view] == [
        ("fan-Mina", "name:Mina"),
        ("fan-2", "name:박 민아"),
        ("fan-D-O", "name:D.O."),
        ("all", "largest"),
        ("stage", "largest"),
    ]
    assert made.view[3].grid == ("fan-Mina", "fan-2", "fan-D-O", "stage")
    assert not any(view.each for view in made.view)
    movie, camera = made.view[1].sink
    assert movie.kind == "movie" and movie.path == "fan-박 민아.mp4"
    assert camera.kind == "device" and camera.device == "/dev/video12"
    assert parse_preset(dump_preset(made), "x") == made
    assert with_members(made, ["Mina"]) is made


def test_nobody_enrolled_means_the_people_from_the_left() -> None:
    made = with_members(fan(people=2), [])
    assert [(v.name, v.target) for v in made.view][:2] == [("fan-1", "index:1/2"), ("fan-2", "index:2/2")]
    with pytest.raises(JikcamError, match=r"finds nobody enrolled; .*\[identity\] people = 9"):
        with_members(fan(), [])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=60).filter(lambda t: t.strip() and t.isprintable()), unique_by=(
    lambda name: " ".join(name.split())), min_size=1, max_size=22))  # fmt: skip
def test_whatever_people_are_called_every_view_has_a_name_of_its_own(names: list[str]) -> None:
    made = with_members(fan(), names)
    assert len({view.name for view in made.view}) == len(names) + 2
    files = [sink.path for view in made.view for sink in view.sink if sink.kind == "movie"]
    assert not any(letter in path for path in files for letter in '/\\:*?"<>|')


def test_too_many_members_are_too_many() -> None:
    with pytest.raises(JikcamError, match="makes 32 Views, more than 24"):
        with_members(fan(people=30), [])


def test_files_of_members_must_differ() -> None:
    text = FAN.format(people=0, path="fan.mp4")
    assert "all Views would write to 'fan.mp4'; put {name} or {n} into it" in problem_of(text)


def test_obs_may_speak_of_a_members_view_before_there_is_one() -> None:
    scene = '[obs]\n[[obs.scene]]\nname = "jikcam"\nview = "{}"\n'
    preset = parse_preset(FAN.format(people=0, path="{n}.mp4") + scene.format("fan-Mina"), "x")
    assert len(with_members(preset, ["Mina"]).view) == 3
    with pytest.raises(JikcamError, match="speaks of view 'fan-Mina'"):
        with_members(preset, ["Sora"])
    assert "speaks of view 'fun-Mina'" in problem_of(
        FAN.format(people=0, path="{n}.mp4") + scene.format("fun-Mina")
    )


TRIANGLE = "[[0.1, 0.1], [0.9, 0.1], [0.5, 0.5]]"


def test_polygons_of_the_stage() -> None:
    preset = parse_preset(f"[area]\nexclude = [{TRIANGLE}]\ninside = [[0, 0], [1, 0], [1, 1], [0, 1]]", "x")
    assert preset.area.config() == AreaConfig(
        (Polygon(((0.1, 0.1), (0.9, 0.1), (0.5, 0.5))),), Polygon(((0, 0), (1, 0), (1, 1), (0, 1)))
    )
    assert parse_preset(dump_preset(preset), "x") == preset
    assert not parse_preset("", "x").area.config()
    assert changes(parse_preset("", "x"), preset) == (["area.exclude", "area.inside"], [])


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (f"exclude = {TRIANGLE}", "a polygon is a list of corners"),
        ("exclude = 3", "a list of polygons is wanted"),
        ("inside = 'stage'", "a polygon is a list of corners"),
        ("inside = [[0, 0], [1, 0]]", "at least 3 corners"),
        ("inside = [[0, 0], [1, 0], [1, 1, 1]]", "a polygon is a list of corners"),
        ("inside = [[0, 0], [1, 0], [1, nan]]", "a polygon is a list of corners"),
        ("inside = [[0, 0], [1, 0], [640, 480]]", "shares of its width and height, 0 to 1"),
        ("inside = [[0, 0], [1, 1], [1, 0], [0, 1]]", "list the corners in order"),
        ("outside = []", "unknown key"),
    ],
)
def test_polygons_that_are_none(line: str, says: str) -> None:
    problem = problem_of(f"\n[area]\n{line}")
    assert says in problem and problem.startswith("my.toml:3: ")


def test_a_lens() -> None:
    preset = parse_preset("[source.lens]\nk1 = -0.2", "x")
    assert (preset.source.lens.k1, preset.source.lens.k2) == (-0.2, 0.0)
    assert parse_preset(dump_preset(preset), "x") == preset
    assert "at least -2" in problem_of("[source.lens]\nk1 = -20")
    assert changes(parse_preset("", "x"), preset) == ([], ["source.lens.k1"])
