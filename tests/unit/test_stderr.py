import logging
import os
import subprocess
import sys

import pytest

from engine.stderr import for_other_programs, quiet


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


def test_a_program_that_is_started_meanwhile_keeps_the_terminal(capfd):
    says = [sys.executable, "-c", "import os; os.write(2, b'INFO: of the other program\\n'); os.read(0, 1)"]
    with quiet():
        with for_other_programs():
            other = subprocess.Popen(says, stdin=subprocess.PIPE)
        os.write(2, b"INFO: ours\n")
    other.communicate(b"x")
    assert capfd.readouterr().err == "INFO: of the other program\n"
    with for_other_programs():
        subprocess.run(says, input=b"x", check=True)
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "INFO: of the other program\nafter\n"
