"""Two people enrolled from films, by the command, and known again in other films of them."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine import cli
from engine.commands.enroll import face_models, face_reader
from engine.gallery import Gallery, load_gallery
from engine.gallery.agreement import ALIKE
from engine.gallery.record import read_record, write_record
from engine.geometry import Size
from engine.identity.likelihood import calibration_of, log_likelihood_ratio, template_similarity
from engine.perception.appearance import AppearanceReader
from engine.sources.frame import Image
from engine.sources.video import Video
from virtualcam.movie import MovieSink
from virtualcam.sink import Picture

pytestmark = pytest.mark.real

#: Film and person who is enrolled from it.
ENROLLED = {"first": ("again", 1), "second": ("milk", 2)}
LOOKS_PER_FILM = 4
EMBEDDER = "face-reid-0095"


@pytest.fixture(scope="module")
def films(data_dir: Path) -> dict[str, int]:
    """Person by film."""
    folder = data_dir / "clips" / "webcam_asl"
    with (folder / "persons.csv").open() as file:
        rows = {str(folder / f"{row['file']}.mkv"): int(row["person"]) for row in csv.DictReader(file)}
    return {name: person for name, person in rows.items() if Path(name).exists()}


@pytest.fixture(scope="module")
def reader(models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> AppearanceReader:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JIKCAM_MODELS", str(models_dir))
        patch.setenv("JIKCAM_CACHE", str(tmp_path_factory.mktemp("cache")))
        return face_reader(face_models("standard"))


@pytest.fixture(scope="module")
def run(models_dir: Path, tmp_path_factory: pytest.TempPathFactory):
    cache = tmp_path_factory.mktemp("cache")

    def command(*arguments: str) -> int:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("JIKCAM_MODELS", str(models_dir))
            patch.setenv("JIKCAM_CACHE", str(cache))
            patch.setattr(sys, "argv", ["jikcam", *arguments])
            with pytest.raises(SystemExit) as ended:
                cli.main()
        return int(ended.value.code or 0)

    return command


@pytest.fixture(scope="module")
def gallery(run, films: dict[str, int], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "gallery"
    for name, (film, _) in ENROLLED.items():
        path = find(films, film)
        assert run("enroll", name, "--from-video", path, "--gallery", str(folder), "--group", "signers") == 0
    return folder


def find(films: dict[str, int], name: str) -> str:
    return next(film for film in films if Path(film).stem == name)


def pictures(film: str, count: int = LOOKS_PER_FILM) -> list[Image]:
    """Spread over the film."""
    video = Video(film)
    images = []
    while (item := video.next()) is not None:
        images.append(item[0])
    video.close()
    return [images[i] for i in np.linspace(5, len(images) - 6, count).astype(int)]


def loaded(folder: Path, reader: AppearanceReader) -> Gallery:
    return load_gallery(folder, reader.face_model, reader.body_model, reader=reader)


def said(images: list[Image], gallery: Gallery, reader: AppearanceReader) -> str:
    """Who these looks at one person say it is, on the whole; empty: a stranger."""
    seen = [look for look in map(reader.best_face, images) if look is not None and look.face is not None]
    vectors = np.stack([look.face for look in seen])
    quality = np.array([look.face_quality for look in seen])
    nats = {
        m.name: log_likelihood_ratio(
            template_similarity(vectors, m.faces), quality, calibration_of(EMBEDDER)
        ).mean()
        for m in gallery.members
    }
    best = max(nats, key=lambda name: nats[name])
    return best if nats[best] >= ALIKE else ""


def test_each_is_known_in_other_films_and_strangers_are_not(
    gallery: Path, films: dict[str, int], reader: AppearanceReader
) -> None:
    found = loaded(gallery, reader)
    assert not found.problems and [m.name for m in found.members] == ["first", "second"]
    assert all(3 <= len(m.faces) <= 8 and m.group == "signers" for m in found.members)
    name_of = {person: name for name, (_, person) in ENROLLED.items()}
    others = {f: p for f, p in films.items() if Path(f).stem not in {film for film, _ in ENROLLED.values()}}
    who = {Path(film).stem: said(pictures(film), found, reader) for film in others}
    assert who == {Path(film).stem: name_of.get(person, "") for film, person in others.items()}
    assert len(who) >= 10


def test_numbers_of_another_model_are_made_anew(
    gallery: Path, reader: AppearanceReader, tmp_path: Path
) -> None:
    import shutil

    copy = Path(shutil.copytree(gallery, tmp_path / "copy"))
    for folder in copy.iterdir():
        record = read_record(folder)
        foreign = tuple(s.model_copy(update={"model": "0" * 64}) for s in record.samples)
        write_record(folder, record.model_copy(update={"samples": foreign}))
    bare = load_gallery(copy, reader.face_model, reader.body_model)
    assert not bare.members and len(bare.problems) == 2
    anew = loaded(copy, reader)
    assert not anew.problems
    for new, old in zip(anew.members, loaded(gallery, reader).members, strict=True):
        assert len(new.faces) == len(old.faces)
        assert min(float(a.vector @ b.vector) for a, b in zip(new.faces, old.faces, strict=True)) > 0.9


def test_pictures_of_two_people_and_names_that_are_taken(
    run, films: dict[str, int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files: dict[int, list[str]] = {1: [], 2: []}
    for film, person in films.items():
        if person in files and len(files[person]) < 4 and Path(film).stem != "please":
            path = tmp_path / f"{person}-{Path(film).stem}.jpg"
            cv2.imwrite(str(path), pictures(film, 1)[0])
            files[person].append(str(path))
    folder = str(tmp_path / "gallery")

    def enrol(name: str, *paths: str) -> tuple[int, str]:
        capsys.readouterr()
        code = run("enroll", name, *paths, "--gallery", folder)
        out, err = capsys.readouterr()
        assert len(err.strip().splitlines()) <= 1
        return code, out + err

    code, told = enrol("A", *files[1][:3], files[2][0])
    assert code == 2 and "do not show the same person" in told and Path(files[2][0]).name in told
    assert not (tmp_path / "gallery").exists()
    assert enrol("A", *files[1][:3])[0] == 0
    code, told = enrol("A", files[2][0])
    assert code == 2 and "not the A who is enrolled" in told
    code, told = enrol("B", *files[1][3:4])
    assert code == 0 and "looks like A" in told
    code, told = enrol("C", *files[2])
    assert code == 0 and "looks like" not in told


def test_a_film_of_several_people(
    run, films: dict[str, int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(tmp_path / "gallery")
    two = find(films, "please")  # somebody sits at the edge
    assert run("enroll", "A", "--from-video", two, "--gallery", folder) == 2
    assert "shows 2 people" in capsys.readouterr().err
    assert run("enroll", "A", "--from-video", two, "--person", "1", "--clothes", "--gallery", folder) == 0
    assert run("gallery", "check", "--gallery", folder) == 0
    assert "fine     A" in capsys.readouterr().out


def test_one_after_the_other_in_one_place_is_refused(
    run, films: dict[str, int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "two.mp4"
    sink = MovieSink(path, Size(640, 480), 5.0, blocking=True)
    images = [image for name in ("again", "milk") for image in pictures(find(films, name), 10)]
    for n, image in enumerate(images):
        sink.send(Picture(image, n / 5, n))
    sink.close()
    assert run("enroll", "B", "--from-video", str(path), "--gallery", str(tmp_path / "gallery")) == 2
    assert "not of one person" in capsys.readouterr().err and not (tmp_path / "gallery").exists()
