"""The pages per system: every command they print exists, with every option."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from engine.cli import app
from install.virtual_camera import parse
from obs_plugin.kinds import STREAM_FFMPEG_OPTIONS

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs").glob("install-*.md"))


def commands(page: Path, start: str) -> Iterator[list[str]]:
    """Arguments of each command on the page that begins so; what is no command is left out."""
    for code in re.findall(r"`([^`\n]+)`", page.read_text("utf-8")):
        words = shlex.split(code.replace("\\", "/"))
        if " ".join(words).startswith(start) and "NAME" not in words:
            yield words[len(start.split()) :]


def test_there_is_a_page_for_each_system() -> None:
    assert [page.stem for page in PAGES] == ["install-linux", "install-macos", "install-windows"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_script_has_these_options(page: Path) -> None:
    python = "py" if page.stem == "install-windows" else "python3"
    found = [*commands(page, f"{python} install/virtual_camera.py")]
    for arguments in found:
        parse(arguments)
    assert ["--undo"] in found and [] in found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_jikcam_has_these_commands(page: Path) -> None:
    group = typer.main.get_command(app)
    context = group.make_context("jikcam", [], resilient_parsing=True)
    found = [*commands(page, "jikcam")]
    python = "py" if page.stem == "install-windows" else "python3"
    found += commands(page, f"{python} install/bootstrap.py shell")
    named = [words for words in found if words]
    assert len(named) > 4
    for words in named:
        command = group.get_command(context, words[0])  # type: ignore[attr-defined]
        assert command is not None, words
        if words[0] != "obs":  # that one hands its words to the OBS side
            command.make_context(words[0], words[1:]).close()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_media_source_is_set_as_setup_sets_it(page: Path) -> None:
    assert f"`{STREAM_FFMPEG_OPTIONS}`" in page.read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target
