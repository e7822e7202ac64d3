"""Arrays of the size of a picture are taken from kept memory, not from the system each time."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import resource
import numpy as np
from engine.memory import keep_freed_memory
kept = keep_freed_memory()
def faults():
    begin = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(50):
        np.ones((720, 1280, 4), np.uint8)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - begin
faults()
print(int(kept), faults())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc is asked")
def test_pictures_take_no_new_pages() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60)
    kept, faults = (int(word) for word in done.stdout.split())
    if not kept:
        pytest.skip("this C library has no mallopt")
    assert faults < 500
