"""Faces and bodies of real people, read with the real models: whose they are, and whom they tell apart."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.errors import JikcamError
from engine.geometry import Box
from engine.people import Appearance
from engine.perception.appearance import FACE_QUALITY, AppearanceReader
from engine.perception.embed import BodyEmbedding, FaceEmbedding
from engine.perception.faces import YuNet
from engine.perception.heatmap import HeatmapPose
from engine.perception.rtmdet import RtmDet
from engine.sources.frame import Image

pytestmark = pytest.mark.real

THREADS = 2
#: Films of the webcam set with one person each, all five people.
FILMS = {"help": 1, "please": 2, "learn": 3, "night": 4, "want": 5}
LATER = {"yes": 1, "thanks": 2, "walk": 3, "eat": 4, "hungry": 5}
WHOLE = Box(0.0, 0.0, 640.0, 480.0)


@pytest.fixture(scope="module")
def yunet(models_dir: Path) -> YuNet:
    return YuNet(models_dir / "yunet_2023mar.onnx")


@pytest.fixture(scope="module")
def reader(models_dir: Path, yunet: YuNet) -> AppearanceReader:
    return AppearanceReader(
        yunet,
        FaceEmbedding(models_dir / "face_reid_0095.onnx", THREADS),
        BodyEmbedding(models_dir / "osnet_x0_25_msmt17.onnx", THREADS),
    )


@pytest.fixture(scope="module")
def detector(models_dir: Path) -> RtmDet:
    return RtmDet(models_dir / "rtmdet_nano_person.onnx", THREADS)


@pytest.fixture(scope="module")
def pose(models_dir: Path) -> HeatmapPose:
    return HeatmapPose(models_dir / "tinypose_256x192.onnx", THREADS)


@cache
def picture(path: Path, number: int) -> Image:
    film = cv2.VideoCapture(str(path))
    for _ in range(number - 1):
        film.grab()
    ok, image = film.read()
    assert ok, f"{path} has no picture {number}"
    return image


def webcam(data: Path, film: str, number: int = 20) -> Image:
    return picture(data / "clips" / "webcam_asl" / f"{film}.mkv", number)


@pytest.fixture(scope="module")
def gallery(reader: AppearanceReader, data_dir: Path) -> np.ndarray:
    """(5, E) one face per person of the webcam set."""
    faces = [reader.best_face(webcam(data_dir, film)) for film in FILMS]
    assert all(face is not None and face.face is not None for face in faces)
    return np.stack([face.face for face in faces if face and face.face is not None])


def person_in(gallery: np.ndarray, look: Appearance) -> int:
    return int((gallery @ look.face).argmax()) + 1


def test_a_portrait_gives_the_face_of_who_is_in_it(reader, gallery, data_dir) -> None:
    for film, person in LATER.items():
        found = reader.best_face(webcam(data_dir, film, 30))
        assert found is not None and person_in(gallery, found) == person
        assert found.face_score > 0.8 and found.face_quality > 0.5
        assert np.linalg.norm(found.face) == pytest.approx(1.0, abs=1e-5)
        large = reader.best_face(cv2.resize(webcam(data_dir, film, 30), None, fx=5, fy=5))
        assert large is not None and person_in(gallery, large) == person


def test_a_portrait_without_a_face_gives_none(reader, data_dir) -> None:
    assert reader.best_face(np.full((300, 300, 3), 128, np.uint8)) is None
    assert reader.best_face(np.zeros((1, 1, 3), np.uint8)) is None
    assert reader.best_face(webcam(data_dir, "help")[300:]) is None


def test_of_two_people_who_stand_close_each_has_their_face(reader, yunet, gallery, pose, data_dir) -> None:
    """Two webcams cut together so that both heads lie in both boxes: no face goes to the neighbour."""
    given = 0
    for left, right in (("help", "night"), ("learn", "please"), ("want", "help"), ("night", "learn")):
        for shift in (70, 100, 140):
            image, boxes = side_by_side(yunet, webcam(data_dir, left), webcam(data_dir, right), shift)
            for skeletons in (None, pose.estimate(image, boxes)):
                looks = reader.read(image, boxes, skeletons, bodies=())
                for look, film in zip(looks, (left, right), strict=True):
                    if look.face is not None:
                        given += 1
                        assert person_in(gallery, look) == FILMS[film]
                together = [look.face_box for look in looks if look.face_box]
                assert len(together) < 2 or together[0].iou(together[1]) < 0.3
    assert given >= 24


def side_by_side(yunet: YuNet, left: Image, right: Image, shift: int) -> tuple[Image, list[Box]]:
    """The right person moved so that the faces are ``shift`` pixels apart; generous boxes around both."""
    heads = [yunet.detect(image, WHOLE, 640)[0].box for image in (left, right)]
    dx = round(heads[0].center.x + shift - heads[1].center.x)
    dy = round(heads[0].center.y - heads[1].center.y)
    by = np.float64([[1, 0, dx], [0, 1, dy]])
    moved = cv2.warpAffine(right, by, (640, 480), borderMode=cv2.BORDER_REPLICATE)
    seam = round(heads[0].center.x + shift / 2)
    image = left.copy()
    image[:, seam:] = moved[:, seam:]
    top = heads[0].y0 - 25
    centers = (heads[0].center.x, heads[0].center.x + shift)
    return image, [Box(x - 130, top, x + 130, 480.0) for x in centers]


def test_faces_of_dancers_lie_on_their_own_bodies(reader, detector, pose, data_dir) -> None:
    """Never one face for two people, and never outside the true box of the person."""
    truth = np.loadtxt(data_dir / "gt" / "sam3_dance4" / "gt.txt", delimiter=",")
    faces = 0
    for number in range(10, 270, 30):
        image = picture(data_dir / "clips" / "sam3_dance4.mp4", number)
        boxes = [d.box for d in detector.detect(image) if d.score >= 0.4]
        looks = reader.read(image, boxes, pose.estimate(image, boxes), bodies=())
        seen = [look.face_box for look in looks if look.face_box]
        for i, one in enumerate(seen):
            assert all(one.iou(other) < 0.3 for other in seen[:i])
        rows = truth[truth[:, 0] == number]
        people = [Box(r[2], r[3], r[2] + r[4], r[3] + r[5]) for r in rows if r[6]]
        for box, look in zip(boxes, looks, strict=True):
            own = max(people, key=box.iou)
            if look.face is not None and box.iou(own) > 0.6:
                faces += 1
                assert look.face_box is not None and own.scaled(1.1).contains(look.face_box.center)
    assert faces >= 10


def test_who_turns_away_gives_no_face(reader, detector, pose, data_dir) -> None:
    """In the pirouette her back is seen twice; what can be read of the head then tells nothing."""
    film = data_dir / "clips" / "solo_pirouette.mp4"
    read = {}
    for number in (12, 24, 33, 44, 45, 46, 65, 66, 67, 81):
        image = picture(film, number)
        best = detector.detect(image)[0].box
        (look,) = reader.read(image, [best], pose.estimate(image, [best]), bodies=())
        read[number] = look.face is not None
    assert [n for n, found in read.items() if found] == [12, 24, 33, 81]


@pytest.mark.slow
def test_faces_and_bodies_tell_people_apart(reader, detector, data_dir) -> None:
    """Sober bounds: five people, films against films, one look each."""
    faces, bodies, people = [], [], []
    for film, person in (*FILMS.items(), *LATER.items()):
        for number in (8, 24, 40):
            image = webcam(data_dir, film, number)
            (look,) = reader.read(image, [detector.detect(image)[0].box])
            assert look.face is not None and look.body is not None
            assert look.face_quality > FACE_QUALITY and look.body_quality > 0.9
            faces.append(look.face)
            bodies.append(look.body)
            people.append(person)
    same = np.array(people)[:, None] == np.array(people)[None]
    film_of = np.repeat(np.arange(10), 3)
    other_film = film_of[:, None] != film_of[None]
    for name, rows, least, first in (("face", faces, 0.98, 0.95), ("body", bodies, 0.98, 0.95)):
        cosine = np.stack(rows) @ np.stack(rows).T
        right, wrong = cosine[same & other_film], cosine[~same]
        assert (right[:, None] > wrong[None]).mean() >= least, name
        nearest = np.where(other_film, cosine, -2).argmax(axis=1)
        assert (np.array(people)[nearest] == people).mean() >= first, name


@pytest.mark.parametrize(
    "box",
    [
        Box(0, 0, 1, 1),
        Box(639.5, 479.5, 640, 480),
        Box(-5000, -5000, 9000, 9000),
        Box(630, -50, 900, 700),
        Box(300, 200, 300, 400),
        Box(400, 300, 200, 100),
        Box(np.nan, 0, 100, 100),
        Box(-np.inf, 0, np.inf, 100),
        Box(0, 0, 640, 3),
    ],
    ids=["tiny", "corner", "huge", "edge", "no width", "inside out", "nan", "infinite", "flat"],
)
def test_no_box_is_too_odd(box: Box, reader, data_dir) -> None:
    look, sane = reader.read(webcam(data_dir, "help"), [box, Box(190, 30, 470, 480)])
    for one in (look, sane):
        assert np.isfinite([one.body_quality, one.face_score, one.face_quality]).all()
        for vector in (one.body, one.face):
            assert vector is None or np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-4)


def broken(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("kind", [YuNet, lambda p: FaceEmbedding(p, 1), lambda p: BodyEmbedding(p, 1)])
def test_a_wrong_model_file_is_an_error_that_names_it(kind, models_dir, tmp_path, capfd) -> None:
    whole = (models_dir / "yunet_2023mar.onnx").read_bytes()
    files = [
        tmp_path / "absent.onnx",
        broken(tmp_path, "empty.onnx", b""),
        broken(tmp_path, "noise.onnx", bytes(range(256)) * 40),
        broken(tmp_path, "cut.onnx", whole[: len(whole) // 2]),
        models_dir / "rtmdet_nano_person.onnx",
    ]
    for path in files:
        with pytest.raises(JikcamError, match=path.name.replace(".", r"\.")):
            kind(path)
    assert "Traceback" not in capfd.readouterr().err
