from __future__ import annotations

import pytest

from engine.errors import JikcamError
from engine.geometry import Size
from engine.sources.stage import (
    parse_stage,
)

SMALL = Size(640, 360)


def test_parse_stage_reads_every_key() -> None:
    text = "stage:cross,people=3,size=1280x720,fps=25,seconds=20,seed=1,pan=50,background=plain"
    made, seconds = parse_stage(text)
    assert (made.size, made.fps, made.seed, len(made.performers)) == (Size(1280, 720), 25, 1, 3)
    assert (made.camera_pan_px_s, made.background, seconds, made.name) == (50, "plain", 20, "stage:cross")
    made, seconds = parse_stage("stage:dropout:0.4", size=SMALL, fps=50)
    assert (made.size, made.fps, seconds, made.name) == (SMALL, 50, None, "stage:dropout:0.4")
    assert parse_stage("stage:")[0].name == "stage:crowd"


@pytest.mark.parametrize(
    "text",
    [
        "stage:waltz",
        "stage:sway:2",
        "stage:dropout:x",
        "stage:dropout:0",
        "stage:dropout:nan",
        "stage:cross,people=0",
        "stage:cross,people=2.5",
        "stage:cross,people=many",
        "stage:cross,people=99",
        "stage:cross,size=big",
        "stage:cross,size=10x10",
        "stage:cross,fps=0",
        "stage:cross,fps=nan",
        "stage:cross,seconds=0",
        "stage:cross,seconds=inf",
        "stage:cross,colour=red",
        "stage:cross,people",
        "stage:cross,people=2,people=3",
    ],
)
def test_a_stage_that_makes_no_sense_says_so_in_one_line(text: str) -> None:
    with pytest.raises(JikcamError) as error:
        parse_stage(text)
    assert "\n" not in str(error.value) and error.value.fix
