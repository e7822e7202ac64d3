import logging
import os
from pathlib import Path

import pytest

from engine.errors import JikcamError
from engine.perception.mediapipe_landmarker import quiet
from engine.perception.mediapipe_people import MediaPipePeople


def test_chatter_goes_to_the_log_and_everything_else_to_the_terminal(capfd, caplog):
    with caplog.at_level(logging.DEBUG), quiet():
        os.write(2, b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\n")
        os.write(2, b"W0000 00:00:1.2 3 landmark_projection_calculator.cc:81] Using NORM_RECT\n")
        os.write(2, b"Traceback: something real\n")
    assert capfd.readouterr().err == "Traceback: something real\n"
    assert [r.getMessage()[:5] for r in caplog.records] == ["INFO:", "W0000"]
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_the_terminal_comes_back_after_an_error_and_nesting_is_harmless(capfd):
    with pytest.raises(ValueError, match="inside"), quiet(), quiet():
        raise ValueError("inside")
    os.write(2, b"back\n")
    assert capfd.readouterr().err == "back\n"


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
