from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.cli import app
from engine.errors import JikcamError


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["gt.txt", "--newcomers", "stays.csv"],
        ["gt.txt", "--look-hz", "0"],
        ["gt.txt", "--together", "0"],
        ["gt.txt", "--ids", "9"],
        ["gt.txt", "--ids", "one"],
        ["gt.txt", "--min-visible", "50"],
        ["missing.txt"],
        ["--newcomers", "missing.csv"],
    ],
    ids=str,
)
def test_a_request_that_makes_no_sense_is_refused_before_any_model_is_loaded(
    options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gt.txt").write_text("1,1,10,10,20,40,1,1,1\n")
    (tmp_path / "stays.csv").write_text("1,0,2\n")
    result = CliRunner().invoke(app, ["bench", "target", "film.mp4", *options])
    assert isinstance(result.exception, JikcamError) and result.exception.fix
