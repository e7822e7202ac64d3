"""Presets from TOML: what is accepted, and that every mistake is told in one line with its place."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import JikcamError
from engine.presets import (
    Preset,
    builtin_presets,
    check_preset,
    json_schema,
    load_preset,
    parse_preset,
    with_members,
)
from engine.presets.lines import KeyLines
from engine.presets.migrate import SCHEMA


def error_of(text: str) -> JikcamError:
    with pytest.raises(JikcamError) as caught:
        parse_preset(text, "my.toml")
    assert "\n" not in str(caught.value)
    return caught.value


def test_an_empty_file_is_a_whole_preset():
    preset = parse_preset("", "my.toml")
    assert preset == Preset()
    view = preset.view[0]
    assert (view.name, view.width, view.height, view.target, view.shot) == (
        *("main", 1280, 720, "largest", "full"),
    )
    assert preset.control.host == "127.0.0.1"


SHIPPED = {
    *("webcam", "lecture", "dance-stage", "dance-practice-vertical", "obs-stage", "two-hosts"),
    *("all-members", "duet", "ball", "phone"),
}


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_shipped_presets_are_fine_and_explained(name):
    preset = load_preset(name)
    assert preset.name and preset.description
    text = builtin_presets()[name].read_text("utf-8")
    assert text.count("#") >= 8
    assert f"schema = {SCHEMA}" in text


def test_shipped_presets_are_what_they_are_called():
    assert set(builtin_presets()) == SHIPPED
    vertical = load_preset("dance-practice-vertical").view[0]
    assert (vertical.width, vertical.height) == (720, 1280)
    assert [v.target for v in load_preset("two-hosts").view] == ["leftmost", "rightmost"]
    stage = load_preset("dance-stage").view[0]
    assert (stage.target, stage.reselect, stage.shot) == ("none", False, "full")
    members = with_members(load_preset("all-members"), [])
    assert [view.target for view in members.view[:-1]] == [f"index:{n}/9" for n in range(1, 10)]
    assert members.view[-1].grid == tuple(view.name for view in members.view[:-1])
    assert load_preset("duet").view[0].split == ("left", "right")
    assert load_preset("ball").view[0].object == "sports ball"


@pytest.mark.parametrize(
    ("text", "line", "problem", "fix"),
    [
        ("[[view]]\n\nsho = 'full'", 3, "unknown key 'view[1].sho'", "did you mean 'shot'?"),
        ("sources = 1", 1, "unknown key 'sources'", "did you mean 'source'?"),
        ("qqq = 1", 1, "unknown key 'qqq'", "allowed here: name, description, source, area, perception"),
        ("[[view]]\n[view.camera]\nsetle_s = 1", 3, "'view[1].camera.setle_s'", "did you mean 'settle_s'?"),
        ("[[view]]\n[[view.sink]]\nkind='movie'\npath='a.mp4'\ncfr=1", 5, "'view[1].sink[1].cfr'", "'crf'?"),
        (
            "[[view]]\nshot = 'ful'",
            2,
            'view[1].shot = "ful"',
            'write "full", "upper", "chest", "face", "group" or "wide"',
        ),
        ("[[view]]\nwidth = 1281", 2, "view[1].width = 1281", "write an even number"),
        ("[[view]]\nwidth = 8", 2, "view[1].width = 8", "write at least 16"),
        ("[[view]]\nwidth = 12.5", 2, "view[1].width = 12.5", "write a whole number"),
        ("[[view]]\nmirror = 1", 2, "view[1].mirror = 1", "write true or false"),
        ("[[view]]\nmargin_norm = nan", 2, "view[1].margin_norm = nan", "write a finite number"),
        ("[[view]]\nmargin_norm = '0.1'", 2, 'view[1].margin_norm = "0.1"', "write a number"),
        ("[[view]]\ntarget = 'left'", 2, "'left' is not a target", "largest, leftmost"),
        ("[[view]]\ntarget = 'person:3'", 2, "'person:3' has no meaning before the start", "index:N"),
        ("[[view]]\naspect = '16/9'", 2, "'16/9' is not a ratio", "16:9"),
        ("\n[[view]]\naspect = '9:16'\nwidth = 1280\nheight = 720", 2, "do not have aspect 9:16", "leave"),
        ("[[view]]\n[view.lost]\nlost_after_s = 0.2", 2, "lost_after_s must be more than", ""),
        ("[[view]]\n[[view]]", 1, "two views are named 'main'", "its own name"),
        ("view = []", 1, "no view", "[[view]]"),
        ("view = 3", 1, "view = 3", "[[...]]"),
        ("[view]\nname = 'a'", 1, "view = {", "[[...]]"),
        ("source = 'cam'", 1, 'source = "cam"', "a table"),
        ("[source]\nwidth = 1280", 1, "both width and height", ""),
        ("[[view]]\n[[view.sink]]\nkind = 'obs'", 2, "view[1].sink[1].kind is unknown", '"movie"'),
        ("[[view]]\n[[view.sink]]\npath = 'a.mp4'", 2, "view[1].sink[1].kind is missing", '"movie"'),
        ("[[view]]\n[[view.sink]]\nkind = 'movie'", 2, "'view[1].sink[1].path' is missing", "add it"),
        ("[[view]]\n[[view.sink]]\nkind = 'movie'\npath = 'a.avi'", 4, '"a.avi" is not', "mp4"),
        ("[control]\nport = 99999", 2, "control.port = 99999", "at most 65535"),
        ("[[view]]\nname = 'a b'", 2, 'view[1].name = "a b"', ""),
        ("a = 1\nb =\n", 2, "not valid TOML", "line"),
        ("a = 1\n\n'''", 3, "not valid TOML", "line"),
        ("\nschema = 2", 2, "schema 2, this jikcam reads up to 1", "update jikcam"),
        ("schema = 'one'", 1, "schema = 'one'", "schema = 1"),
    ],
)
def test_a_mistake_is_told_with_line_key_and_remedy(text, line, problem, fix):
    error = error_of(text)
    assert error.problem.startswith(f"my.toml:{line}: ")
    assert problem in error.problem
    assert fix in error.fix
    assert "more)" not in error.problem


def test_several_mistakes_are_the_first_and_a_number():
    error = error_of("[control]\nport = -1\nhots = 'x'\n[[view]]\nshot = 'x'")
    assert error.problem.startswith("my.toml:2: control.port = -1")
    assert error.problem.endswith("(and 2 more)")


def test_the_second_view_is_named_as_the_second():
    error = error_of("[[view]]\nname = 'a'\n[[view]]\nname = 'b'\n[view.camera]\nx = 1")
    assert error.problem == "my.toml:6: unknown key 'view[2].camera.x'"


def test_a_missing_preset_names_the_shipped_ones(tmp_path):
    with pytest.raises(JikcamError, match=r"no preset 'webcm'; .*dance-stage.*webcam"):
        load_preset("webcm")
    with pytest.raises(JikcamError, match=r"can't read preset .*no\.toml: No such file"):
        load_preset(tmp_path / "no.toml")


def test_files_of_windows_editors_are_read(tmp_path):
    (tmp_path / "a.toml").write_bytes("\ufeffname = 'Bühne'\r\n[[view]]\r\nshot = 'face'\r\n".encode())
    assert load_preset(str(tmp_path / "a.toml")).view[0].shot == "face"
    (tmp_path / "b.toml").write_bytes("name = 'Bühne'".encode("latin-1"))
    with pytest.raises(JikcamError, match="UTF-8"):
        load_preset(tmp_path / "b.toml")


@pytest.mark.parametrize(
    ("view", "size"),
    [
        ("aspect = '9:16'\nheight = 1280", (720, 1280)),
        ("aspect = '9:16'\nwidth = 720", (720, 1280)),
        ("aspect = '1:1'", (720, 720)),
        ("aspect = '9:16'", (404, 720)),  # 405 is odd
        ("aspect = '16:9'\nwidth = 1366\nheight = 768", (1366, 768)),  # within a pixel
        ("width = 640", (640, 720)),
    ],
)
def test_aspect_gives_the_side_that_is_left_out(view, size):
    made = parse_preset(f"[[view]]\n{view}", "my.toml").view[0]
    assert (made.width, made.height) == size


@given(
    st.fractions(min_value=0.1, max_value=10).map(lambda f: f"{f.numerator}:{f.denominator}"),
    st.integers(80, 3000).map(lambda n: 2 * n),
    st.sampled_from(["width", "height"]),
)
def test_the_derived_side_always_agrees(aspect, side, key):
    left, right = map(int, aspect.split(":"))
    derived = side * right / left if key == "width" else side * left / right
    if not 17 < derived < 7600 or side > 7680:
        return
    view = check_preset({"view": [{"aspect": aspect, key: side}]}, "x").view[0]
    other = view.height if key == "width" else view.width
    assert abs(other - derived) <= 1
    assert other % 2 == 0


KEYS = st.sampled_from(
    [
        "view",
        "source",
        "camera",
        "lost",
        "sink",
        "kind",
        "path",
        "width",
        "aspect",
        "target",
        "schema",
        "x.y",
        "",
    ]
)
SCALARS = st.one_of(
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.datetimes(),
    st.sampled_from(["device", "movie", "a.mp4", "9:16", "none"]),
)
TABLES = st.dictionaries(
    KEYS,
    st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=4),
        max_leaves=8,
    ),
    max_size=4,
)


@settings(deadline=None)
@given(TABLES)
def test_whatever_the_tables_hold_the_answer_is_a_preset_or_one_line(data):
    try:
        assert isinstance(check_preset(data, "x"), Preset)
    except JikcamError as error:
        assert "\n" not in str(error)
        assert str(error).startswith("x: ")


def test_schema_0_is_migrated():
    old = "schema = 0\nname = 'x'\n[view]\nname = 'a'\nframing = 'upper'\n[view.camera]\nsettle_s = 1"
    new = "schema = 1\nname = 'x'\n[[view]]\nname = 'a'\nshot = 'upper'\n[view.camera]\nsettle_s = 1"
    assert parse_preset(old, "old.toml") == parse_preset(new, "new.toml")
    error = error_of("schema = 0\n[view]\nframing = 'upper'\n[view.camera]\nsettle = 1")
    assert error.problem.startswith("my.toml:")


def test_the_json_schema_describes_the_shipped_files():
    schema = json_schema()
    assert schema["additionalProperties"] is False
    for path in builtin_presets().values():
        assert tomllib.loads(path.read_text("utf-8")).keys() <= schema["properties"].keys()
    view = schema["$defs"]["ViewPreset"]["properties"]
    assert view["shot"]["enum"] == ["full", "upper", "chest", "face", "group", "wide"]
    for table in schema["$defs"].values():
        for key, field in table["properties"].items():
            assert field.get("description"), key
            assert field.get("title"), key


def test_lines_see_through_comments_strings_and_nesting():
    text = '''# [[view]]
name = """
[[view]]
shot = 1
"""  # comment = 2
list = [ 1, # ]
  2,
]
"quoted.key" = { inner = 1 }
a.b.c = '[x]'

[[view]]   # one
  [view.camera]
  settle_s = 1

  [[view.sink]]
  kind = 'movie'
[[view]]
[[view.sink]]
[[view.sink]]
kind = "a # b"
'''
    lines = KeyLines(text)
    tomllib.loads(text)
    for path, line in {
        ("name",): 2,
        ("list",): 6,
        ("quoted.key",): 9,
        ("quoted.key", "inner"): 9,
        ("a", "b", "c"): 10,
        ("view", 0): 12,
        ("view", 0, "camera"): 13,
        ("view", 0, "camera", "settle_s"): 14,
        ("view", 0, "sink", 0, "kind"): 17,
        ("view", 1): 18,
        ("view", 1, "sink", 0, "kind"): 19,
        ("view", 1, "sink", 1, "kind"): 21,
        ("view", 1, "absent", "deeper"): 18,
        ("nothing",): 1,
    }.items():
        assert lines.find(path) == line, path
