"""The table [identity]: read, written back, and told in one line what is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import JikcamError
from engine.presets import IdentityPreset, Preset, changes, check_preset, dump_preset, parse_preset
from engine.presets.reference import reference

NAMES = st.lists(st.text(min_size=1, max_size=20).filter(str.strip), max_size=4)


@settings(max_examples=60, deadline=None)
@given(NAMES, st.text(max_size=30), st.integers(0, 50), st.booleans(), st.booleans())
def test_what_is_written_reads_back_the_same(
    members: list[str], gallery: str, people: int, faces: bool, bodies: bool
) -> None:
    table = {"members": members, "gallery": gallery, "people": people, "faces": faces, "bodies": bodies}
    preset = check_preset({"identity": table}, "x")
    assert preset.identity.members == tuple(members)
    assert parse_preset(dump_preset(preset), "x") == preset


def test_nothing_is_written_that_is_as_usual() -> None:
    assert "identity" not in dump_preset(Preset())
    text = dump_preset(parse_preset('[identity]\nmembers = ["하나", "a\\"b"]\npeople = 5', "x"))
    assert '[identity]\nmembers = ["하나", "a\\"b"]\npeople = 5\n' in text


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('members = "Mina"', 'write it as ["Mina", "Sora"]'),
        ("members = [1]", 'write it as ["Mina", "Sora"]'),
        ('members = [" "]', 'write it as ["Mina", "Sora"]'),
        ("people = -1", "at least 0"),
        ("people = 99", "at most 50"),
        ("faces = 1", "true or false"),
        ("galery = 'x'", "did you mean 'gallery'?"),
    ],
)
def test_a_mistake_is_one_line_with_its_place(line: str, words: str) -> None:
    with pytest.raises(JikcamError) as caught:
        parse_preset(f"\n[identity]\n{line}", "my.toml")
    assert words in str(caught.value) and "\n" not in str(caught.value)
    assert caught.value.problem.startswith("my.toml:3: ")


def test_who_takes_part_is_settled_at_the_start() -> None:
    new = parse_preset('[identity]\nmembers = ["A"]', "x")
    assert changes(Preset(), new) == ([], ["identity.members"])


def test_every_key_stands_in_the_reference() -> None:
    assert all(f"| `{key}` |" in reference() for key in IdentityPreset.model_fields)
