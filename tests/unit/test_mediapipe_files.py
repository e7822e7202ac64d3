from pathlib import Path

import pytest

from engine.errors import JikcamError
from engine.perception.mediapipe_people import MediaPipePeople


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(JikcamError, match=r"nowhere\.task is missing"):
        MediaPipePeople(tmp_path / "nowhere.task")


def test_a_file_that_is_no_model_is_named(tmp_path: Path):
    bad = tmp_path / "bad.task"
    bad.write_bytes(b"not a zip" * 50)
    with pytest.raises(JikcamError, match=r"bad\.task can't be used"):
        MediaPipePeople(bad)


def test_at_least_one_thread(tmp_path: Path):
    with pytest.raises(JikcamError, match="0 threads"):
        MediaPipePeople(tmp_path / "x.task", threads=0)
