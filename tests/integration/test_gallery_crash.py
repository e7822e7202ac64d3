"""Killed, out of disk, from several threads: what is stored is always whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from engine.errors import JikcamError
from engine.gallery import LiveGallery, add_to_member, delete_member, load_gallery, save_member
from engine.gallery import private as private_files
from tests.unit.gallery_kit import BLUE, BODY, FACE, MODELS, RED, member, picture

ROOT = Path(__file__).resolve().parents[2]


def test_a_full_disk_leaves_the_member_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gallery = tmp_path / "gallery"
    save_member(gallery, member("Bad", 1), [picture(RED)], MODELS)

    def full(_number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(private_files.os, "fsync", full)
    before = {p: p.read_bytes() for p in gallery.rglob("*.*")}
    with pytest.raises(JikcamError, match="No space left"):
        add_to_member(gallery, member("Bad", 5), [picture(BLUE)], MODELS)
    assert {p: p.read_bytes() for p in gallery.rglob("*.*")} == before


KILLED = """
import itertools, os, shutil, sys
from pathlib import Path
from engine.gallery import add_to_member, save_member
from tests.unit.gallery_kit import BLUE, MODELS, RED, member, picture
folder = Path(sys.argv[1])
for moment in itertools.count(1):
    here = folder / str(moment)
    save_member(here, member("A", 1, 2), [picture(RED, 0), picture(RED, 1)], MODELS)
    child = os.fork()
    if child == 0:
        steps = itertools.count(1)
        def killing(step):
            def wrapped(*values, **more):
                if next(steps) == moment:
                    os._exit(9)
                return step(*values, **more)
            return wrapped
        for place, names in ((os, ("open", "fsync", "mkdir", "chmod")), (Path, ("replace", "unlink"))):
            for name in names:
                setattr(place, name, killing(getattr(place, name)))
        save_member(here, member("A", 2, 3, 4), [picture(BLUE, 1), picture(RED, 2)], MODELS)
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
        break
"""


def test_killed_at_any_moment_the_member_is_the_old_or_the_new(tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    kills = sorted(tmp_path.iterdir(), key=lambda p: int(p.name))
    assert len(kills) > 8
    counts = []
    for folder in kills:
        found = load_gallery(folder, FACE, BODY)
        assert not found.problems
        counts.append(len(found.members[0].faces))
        record = json.loads((folder / "A" / "member.json").read_text())
        assert all((folder / "A" / s["picture"]).exists() for s in record["samples"] if s["picture"])
        assert not delete_member(folder, "A") and not list(folder.iterdir())
    assert counts == sorted(counts) and set(counts) == {2, 3}


def test_show_and_enrolment_at_the_same_time(tmp_path: Path) -> None:
    live = LiveGallery(tmp_path / "g", MODELS)
    faults: list[BaseException] = []

    def enrol(worker: int) -> None:
        try:
            for n in range(8):
                live.add(f"P{n % 3}", member("", 100 * worker + n), [picture()])
        except BaseException as error:
            faults.append(error)

    workers = [threading.Thread(target=enrol, args=(n,)) for n in range(4)]
    for worker in workers:
        worker.start()
    while any(w.is_alive() for w in workers):
        assert all(m.faces for m in live.members())
        assert {m.name for m in LiveGallery(tmp_path / "g", MODELS).members()} <= {"P0", "P1", "P2"}
    assert not faults
    stored = load_gallery(tmp_path / "g", FACE, BODY).members
    assert [(m.name, len(m.faces)) for m in stored] == [(m.name, len(m.faces)) for m in live.members()]
    assert sum(len(m.faces) for m in stored) == 32
