"""`jikcam enroll` and `jikcam gallery` as a user meets them: one line, exit code 2, nothing stored."""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine import cli
from engine.gallery import Models, load_gallery, save_member
from tests.integration.test_cli import film, jikcam, refused
from tests.unit.gallery_kit import BODY, FACE, MODELS, member, picture
from tests.unit.test_gallery_pictures import huge_png


class Cli:
    """The command in this process: exit code, what was printed, and the one line on stderr."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], gallery: Path
    ) -> None:
        self._monkeypatch, self._capsys, self.gallery = monkeypatch, capsys, gallery

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        self._monkeypatch.setattr(sys, "argv", ["jikcam", *arguments, "--gallery", str(self.gallery)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = self._capsys.readouterr()
        return int(ended.value.code or 0), out, err

    def refuses(self, *arguments: str) -> str:
        code, out, err = self(*arguments)
        lines = err.strip().splitlines()
        assert (code, out, len(lines)) == (2, "", 1), (out, err)
        assert lines[0].startswith("jikcam: ") and "; " in lines[0]
        return lines[0]


@pytest.fixture
def run(
    tmp_path: Path, models_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Cli:
    monkeypatch.setenv("JIKCAM_MODELS", str(models_dir))
    monkeypatch.setenv("JIKCAM_CACHE", str(tmp_path / "cache"))
    return Cli(monkeypatch, capsys, tmp_path / "gallery")


@pytest.fixture
def grey(tmp_path: Path) -> str:
    """A picture without a face."""
    path = tmp_path / "grey.jpg"
    cv2.imwrite(str(path), np.full((200, 300, 3), 127, np.uint8))
    return str(path)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("Mina",), "nothing to enrol from"),
        (("Mina", "a.jpg", "--from-video", "b.mp4"), "pictures and a film at once"),
        (("Mina", "a.jpg", "--person", "1"), "speak of a film"),
        (("Mina", "--from-video", "b.mp4", "--box", "1,2,3,4"), "--at"),
        (("Mina", "--from-video", "b.mp4", "--at", "1", "--box", "1,2,3"), "X,Y,WIDTH,HEIGHT"),
        (("Mina", "--from-video", "b.mp4", "--at", "1", "--box", "1,2,nan,4"), "X,Y,WIDTH,HEIGHT"),
        (("Mina", "--from-video", "b.mp4", "--at", "1", "--box", "1,2,-3,4"), "X,Y,WIDTH,HEIGHT"),
        (("../Mina", "a.jpg"), "no folder can bear"),
        (("nul", "a.jpg"), "Windows"),
        (("Mina", "a.jpg", "--pack", "embedded"), "run: jikcam models fetch standard"),
        (("Mina", "no.jpg"), "no.jpg is not there"),
        (("Mina", "--from-video", "no.mp4"), "no.mp4 does not exist"),
    ],
)
def test_what_makes_no_sense_is_refused(run: Cli, arguments: tuple[str, ...], words: str) -> None:
    assert words in run.refuses("enroll", *arguments)
    assert not run.gallery.exists()


def test_pictures_that_cannot_be_used(run: Cli, tmp_path: Path, grey: str) -> None:
    assert "shows no face" in run.refuses("enroll", "Mina", grey)
    (tmp_path / "huge.png").write_bytes(huge_png(12_000, 9_000))
    (tmp_path / "text.jpg").write_text("I am no picture")
    assert "12000x9000" in run.refuses("enroll", "Mina", str(tmp_path / "huge.png"))
    assert "(and 2 more)" in run.refuses(
        "enroll", "Mina", str(tmp_path / "text.jpg"), grey, str(tmp_path / "huge.png")
    )
    assert "text.jpg" in run.refuses("enroll", "Mina", "--from-video", str(tmp_path / "text.jpg"))
    assert not run.gallery.exists()


def test_a_film_in_which_no_face_can_be_read(run: Cli, tmp_path: Path) -> None:
    path = film(tmp_path / "stage.mp4")
    run.refuses("enroll", "Mina", "--from-video", str(path))
    assert not run.gallery.exists()


def test_without_the_models_there_is_one_line(
    run: Cli, tmp_path: Path, grey: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JIKCAM_MODELS")
    for arguments in (("enroll", "Mina", grey), ("gallery", "check")):
        assert run.refuses(*arguments).endswith("run: jikcam models fetch standard")


def test_the_gallery_commands(run: Cli) -> None:
    assert "nobody is enrolled" in run("gallery", "list")[1]
    assert run("gallery", "where") == (0, f"{run.gallery}\n", "")
    save_member(run.gallery, member("하나", 1, 2, group="별"), [picture()], MODELS)
    save_member(run.gallery, member("Mina", 3, bodies=[4]), [], MODELS)
    code, listed, _ = run("gallery", "list")
    assert code == 0 and all(word in listed for word in ("하나", "별", "Mina"))
    assert "choose one of: Mina, 하나" in run.refuses("gallery", "remove", "Nobody")
    assert "already" in run.refuses("gallery", "rename", "하나", "mina")
    assert run("gallery", "rename", "Mina", "미나")[0] == 0
    assert run("gallery", "remove", "하나") == (0, "removed 하나\n", "")
    assert [m.name for m in load_gallery(run.gallery, FACE, BODY).members] == ["미나"]


def test_check_says_what_is_wrong_and_ends_with_two(run: Cli, models_dir: Path) -> None:
    from engine.commands.enroll import face_models

    roles = face_models("standard").roles
    here = Models(roles["face_embedder"].sha256, roles["body_embedder"].sha256)
    save_member(run.gallery, member("Fine", 1), [], here)
    assert run("gallery", "check") == (0, "fine     Fine  1 faces, 0 bodies\n", "")
    save_member(run.gallery, member("Old", 1), [], MODELS)
    save_member(run.gallery, member("Broken", 1), [], here)
    (run.gallery / "Broken" / "member.json").write_text("{")
    code, out, err = run("gallery", "check")
    lines = out.splitlines()
    assert code == 2 and err == "" and len(lines) == 3
    assert lines[0].startswith("fine     Fine") and lines[1].startswith("problem ") and "Broken" in lines[1]
    assert "other models" in lines[2]
    code, listed, _ = run("gallery", "list")
    assert code == 0 and "Fine" in listed and "is not what jikcam wrote" in listed.splitlines()[-1]


def test_as_a_program_of_its_own(tmp_path: Path, grey: str, models_dir: Path) -> None:
    done = jikcam(
        "enroll", "Mina", grey, cwd=tmp_path, JIKCAM_MODELS=str(models_dir), XDG_DATA_HOME=str(tmp_path)
    )
    refused(done, "shows no face")
    where = jikcam("gallery", "where", cwd=tmp_path, XDG_DATA_HOME=str(tmp_path)).stdout.strip()
    assert where == str(tmp_path / "jikcam" / "galleries" / "default")
