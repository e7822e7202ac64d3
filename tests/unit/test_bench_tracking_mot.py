"""MOTChallenge text in and out, and what is said of broken files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bench.tracking.mot import every_nth, read_detections, read_sequence, write_tracks
from engine.bench.tracking.sequence import Hypotheses
from engine.errors import JikcamError
from engine.geometry import Size
from tests.unit.bench_tracking_scenes import steady, truth

INFORMATION = "[Sequence]\nname=s\nframeRate=20\nseqLength=3\nimWidth=640\nimHeight=480\nimExt=.jpg\n"
DETECTIONS = "1,-1,10,20,30,40,0.9,-1,-1,-1\n3,-1,11,20,30,40,0.8,-1,-1,-1\n3,-1,200,20,30,40,0.5,-1,-1,-1\n"
TRUTH = "1,5,10,20,30,40,1,1,1\n2,5,10,20,30,40,0,1,0\n3,5,10,20,30,40,1,1,1\n3,6,200,20,30,40,1,8,1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "det").mkdir()
    (tmp_path / "gt").mkdir()
    (tmp_path / "seqinfo.ini").write_text(INFORMATION)
    (tmp_path / "det" / "det.txt").write_text(DETECTIONS)
    (tmp_path / "gt" / "gt.txt").write_text(TRUTH)
    return tmp_path


def test_a_sequence(folder: Path) -> None:
    sequence = read_sequence(folder)
    assert (sequence.fps, sequence.size, sequence.length) == (20.0, Size(640, 480), 3)
    assert sorted(sequence.detections) == [1, 3]
    np.testing.assert_allclose(sequence.detections[3], [[11, 20, 41, 60, 0.8], [200, 20, 230, 60, 0.5]])
    assert sorted(sequence.truth) == [1, 3]
    assert sequence.truth[3].ids.tolist() == [5]
    np.testing.assert_allclose(sequence.ignored[3], [[200, 20, 230, 60]])


def test_without_truth(folder: Path) -> None:
    (folder / "gt" / "gt.txt").unlink()
    assert read_sequence(folder).truth == {}


def test_mot15_truth_has_places_where_later_ones_have_a_class(folder: Path) -> None:
    (folder / "gt" / "gt.txt").write_text(
        "1,5,10,20,30,40,1,-3.2,16.3,0.4\n2,5,10,20,30,40,0,-3.2,16.3,0.4\n"
    )
    assert sorted(read_sequence(folder).truth) == [1]


def test_the_whole_film_is_moved_to_the_end(folder: Path) -> None:
    (folder / "det" / "det.txt").unlink()
    lines = [f"{f},1,{f},20,30,40,0.9,-1,-1,-1" for f in range(1, 8)]
    (folder / "det" / "det_fullseq.txt").write_text("\n".join(lines))
    found = read_sequence(folder).detections
    assert {f: d[0, 0] for f, d in found.items()} == {1: 5, 2: 6, 3: 7}


def test_boxes_without_area_are_no_findings(tmp_path: Path) -> None:
    file = tmp_path / "det.txt"
    file.write_text("1,-1,10,20,0,40,0.9\n2,-1,10,20,30,40,0.9\n")
    assert {f: len(d) for f, d in read_detections(file).items()} == {1: 0, 2: 1}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["no line"]),
        ("\n \n", ["no line"]),
        ("1,-1,10,20,30\n", ["det.txt:1", "5 of 7 columns"]),
        ("1,-1,10,20,30,40,0.9\n1,-1,10,20,30,40,0.9,-1\n", ["det.txt:2", "8 columns"]),
        ("1,-1,10,20,30,40,0.9\n\n2,-1,ten,20,30,40,0.9\n", ["det.txt:3", "not a line of numbers"]),
        ("frame,id,x,y,w,h,score\n", ["det.txt:1", "not a line of numbers"]),
        ("0,-1,10,20,30,40,0.9\n", ["det.txt:1", "no picture number"]),
        ("1.5,-1,10,20,30,40,0.9\n", ["det.txt:1", "no picture number"]),
        ("1e12,-1,10,20,30,40,0.9\n", ["det.txt:1", "no picture number"]),
        ("nan,-1,10,20,30,40,0.9\n", ["det.txt:1", "no picture number"]),
        ("1,-1,10,20,1e300,40,0.9\n", ["det.txt:1", "larger"]),
        ("1,-1,inf,20,30,40,0.9\n", ["det.txt:1", "not finite"]),
        ("1,-1,10,20,30,40,95\n", ["det.txt:1", "score 95"]),
        ("1,-1,10,20,30,40,-0.1\n", ["det.txt:1", "score -0.1"]),
    ],
)
def test_broken_detections(tmp_path: Path, text: str, words: list[str]) -> None:
    file = tmp_path / "det.txt"
    file.write_text(text)
    with pytest.raises(JikcamError) as error:
        read_detections(file)
    for word in words:
        assert word in str(error.value)
    assert "\n" not in str(error.value)


def test_a_picture_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "det.txt").write_bytes(b"\x89PNG\xff\xfe\x00" * 9)
    with pytest.raises(JikcamError, match="no text"):
        read_detections(tmp_path / "det.txt")


def test_missing_and_folder(tmp_path: Path) -> None:
    with pytest.raises(JikcamError, match="does not exist"):
        read_detections(tmp_path / "none.txt")
    with pytest.raises(JikcamError, match="cannot read"):
        read_detections(tmp_path)


def test_somebody_twice_in_one_picture(folder: Path) -> None:
    (folder / "gt" / "gt.txt").write_text("1,5,1,1,9,9,1,1,1\n2,5,1,1,9,9,1,1,1\n2,5,50,1,9,9,1,1,1\n")
    with pytest.raises(JikcamError, match=r"gt\.txt:3: id 5 stands twice in picture 2"):
        read_sequence(folder)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing here",
        "[Sequence]\nframeRate=20\n",
        INFORMATION.replace("20", "twenty"),
        INFORMATION.replace("frameRate=20", "frameRate=0"),
        INFORMATION.replace("frameRate=20", "frameRate=nan"),
        INFORMATION.replace("seqLength=3", "seqLength=-1"),
        INFORMATION.replace("seqLength=3", "seqLength=1e30"),
        INFORMATION.replace("640", "inf"),
    ],
)
def test_broken_information(folder: Path, text: str) -> None:
    (folder / "seqinfo.ini").write_text(text)
    with pytest.raises(JikcamError, match=r"seqinfo\.ini"):
        read_sequence(folder)


def test_tracks_come_back_as_written(tmp_path: Path) -> None:
    file = tmp_path / "tracks.txt"
    rows = np.array([[10.25, 20, 40, 60], [200, 20, 230, 60.5]])
    write_tracks(file, {3: Hypotheses(np.array([4, 7]), rows), 1: Hypotheses(np.array([4]), rows[:1])})
    lines = file.read_text().splitlines()
    assert lines[0] == "1,4,10.25,20.00,29.75,40.00,1,-1,-1,-1"
    assert [line.split(",")[:2] for line in lines] == [["1", "4"], ["3", "4"], ["3", "7"]]
    np.testing.assert_allclose(read_detections(file)[3][:, :4], rows)


def test_tracks_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(JikcamError, match="cannot write"):
        write_tracks(tmp_path / "none" / "tracks.txt", {})


@given(st.integers(1, 60), st.integers(1, 12))
def test_every_nth_is_the_same_stage_at_a_lower_rate(length: int, n: int) -> None:
    sequence = truth({f: [(f, 0)] for f in range(1, length + 1)}, length)
    thin = every_nth(sequence, n)
    assert thin.fps == sequence.fps / n
    kept = list(range(1, length + 1, n))
    assert thin.length == len(kept)
    assert [int(thin.truth[f].ids[0]) for f in range(1, thin.length + 1)] == kept
    assert sorted(thin.detections) == list(range(1, thin.length + 1))


def test_every_nth_of_nothing() -> None:
    with pytest.raises(JikcamError, match="1 or more"):
        every_nth(truth(steady(range(1, 3), (1, 0)), 2), 0)
