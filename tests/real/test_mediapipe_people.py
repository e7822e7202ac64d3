"""The embedded default on real films, with the real network."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.errors import JikcamError
from engine.geometry import Box
from engine.people import Joint
from engine.perception.mediapipe_matte import cut_out
from engine.perception.mediapipe_people import MediaPipePeople

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def task_file(models_dir: Path) -> Path:
    path = models_dir / "pose_full.task"
    if not path.is_file():
        pytest.skip(f"{path.name} is not in {models_dir}")
    return path


@pytest.fixture(scope="module")
def quick(task_file: Path):
    finder = MediaPipePeople(task_file, threads=2)
    yield finder
    finder.close()


def frames(path: Path, step: int) -> dict[int, np.ndarray]:
    """Every ``step``-th picture by its MOTChallenge number (the first is 1)."""
    if not path.is_file():
        pytest.skip(f"{path.name} is not in {path.parent}")
    film = cv2.VideoCapture(str(path))
    found: dict[int, np.ndarray] = {}
    number = 0
    while True:
        ok, image = film.read()
        if not ok:
            return found
        number += 1
        if number % step == 1:
            found[number] = image


def truth(path: Path) -> dict[int, dict[int, Box]]:
    """Visible boxes: frame number, then person, then box."""
    found: dict[int, dict[int, Box]] = {}
    for line in path.read_text().splitlines():
        number, person, x, y, w, h, shown = (float(v) for v in line.split(",")[:7])
        if shown > 0:
            found.setdefault(int(number), {})[int(person)] = Box(x, y, x + w, y + h)
    return found


@pytest.mark.parametrize("search", ["quick", "thorough"])
def test_the_turning_dancer_is_found_in_nine_of_ten_pictures(task_file, data_dir, search):
    pictures = frames(data_dir / "clips" / "solo_pirouette.mp4", 4 if search == "quick" else 9)
    finder = MediaPipePeople(task_file, search=search)
    found = 0
    for image in pictures.values():
        h, w = image.shape[:2]
        for one in finder.detect(image):
            # she turns on the spot, left of the middle, and is about half as high as the picture
            on_her_spot = 0.35 * w < one.box.center.x < 0.6 * w
            if on_her_spot and 0.3 * h < one.box.height < 0.75 * h:
                found += 1
                break
    finder.close()
    assert found >= 0.9 * len(pictures)


def test_the_juggler_has_his_box_and_a_skeleton_with_metres(quick, data_dir):
    boxes = truth(data_dir / "gt" / "ball_juggle" / "gt.txt")
    pictures = frames(data_dir / "clips" / "ball_juggle.mp4", 40)
    for number, image in pictures.items():
        (one,) = quick.detect(image)
        assert one.box.iou(boxes[number][1]) > 0.6
        skeleton = one.skeleton
        assert skeleton is not None and skeleton.world_m is not None and skeleton.world_m.shape == (33, 3)
        left, right = skeleton.world_m[11], skeleton.world_m[12]
        assert 0.15 < np.linalg.norm(left - right) < 0.6
        nose, ankle = skeleton.joint(Joint.NOSE), skeleton.joint(Joint.LEFT_ANKLE)
        assert nose is not None and ankle is not None and nose.y < ankle.y


def test_dancers_are_found_seldom_wrong_and_best_first(quick, data_dir):
    boxes = truth(data_dir / "gt" / "sam3_dance4" / "gt.txt")
    right = wrong = people = 0
    for number, image in frames(data_dir / "clips" / "sam3_dance4.mp4", 30).items():
        found = quick.detect(image)
        assert [f.score for f in found] == sorted((f.score for f in found), reverse=True)
        people += len(boxes[number])
        hits = {person for person, box in boxes[number].items() if any(f.box.iou(box) > 0.4 for f in found)}
        right += len(hits)
        wrong += len(found) - len(hits)
    assert right >= 0.5 * people
    assert wrong <= 0.25 * (right + wrong)


def test_a_pose_is_given_for_the_asked_box_and_never_the_neighbours(quick, data_dir):
    boxes = truth(data_dir / "gt" / "sam3_dance4" / "gt.txt")
    asked = given = strayed = 0
    for number, image in frames(data_dir / "clips" / "sam3_dance4.mp4", 30).items():
        ours = list(boxes[number].values())
        skeletons = quick.estimate(image, ours)
        assert len(skeletons) == len(ours)
        for box, skeleton in zip(ours, skeletons, strict=True):
            asked += 1
            if skeleton.visible.any():
                given += 1
                reach = Box.around(skeleton.xy[skeleton.visible])
                strayed += max(ours, key=reach.iou) is not box
    assert given >= 0.6 * asked
    assert strayed <= 0.1 * given


def test_nobody_gives_zeros_and_boxes_outside_do_no_harm(quick):
    empty = np.full((360, 640, 3), 90, np.uint8)
    assert quick.detect(empty) == []
    first, second = quick.estimate(empty, [Box(100, 50, 200, 300), Box(900, 900, 950, 990)])
    assert not first.score.any() and not second.score.any()
    assert quick.estimate(empty, []) == []


def test_the_cut_out_is_the_person(task_file, data_dir):
    image = frames(data_dir / "clips" / "webcam_cuts5.mp4", 1000)[1]
    box = truth(data_dir / "gt" / "webcam_cuts5" / "gt.txt")[1][1]
    bgra, skeleton = cut_out(image, task_file)
    h, w = bgra.shape[:2]
    assert (
        bgra.shape[2] == 4 and abs(w - box.width) < 0.2 * box.width and abs(h - box.height) < 0.2 * box.height
    )
    alpha = bgra[..., 3]
    assert 0.4 < (alpha > 128).mean() < 0.95
    assert alpha[:5, :5].max() == 0
    nose = skeleton.joint(Joint.NOSE)
    assert nose is not None and alpha[int(nose.y), int(nose.x)] == 255


def test_nobody_can_not_be_cut_out(task_file):
    with pytest.raises(JikcamError, match="nobody"):
        cut_out(np.full((240, 320, 3), 60, np.uint8), task_file)
