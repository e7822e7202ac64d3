from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import JikcamError
from engine.geometry import Box, Point, Size
from engine.people import Joint, Skeleton
from engine.sources.stage import (
    CHOREOGRAPHIES,
    GroundTruthDetector,
    Painter,
    Sprite,
    StageSource,
    parse_stage,
    read_index,
    scene,
)
from engine.sources.stage.barcode import write_index

SMALL = Size(640, 360)
ALL = sorted(CHOREOGRAPHIES)
moments = st.floats(0, 120)


def person(made, who: int, time_s: float):
    return next(p for p in made.truth(time_s) if p.id == who)


def hidden_runs_s(made, who: int, until_s: float, below: float = 0.35) -> list[float]:
    """How long each hiding of somebody lasts."""
    dt_s, runs, length = 1 / 50, [], 0
    for k in range(int(until_s / dt_s)):
        if person(made, who, k * dt_s).visible_share < below:
            length += 1
        elif length:
            runs.append(length * dt_s)
            length = 0
    return runs


@pytest.mark.parametrize("name", ALL)
@given(time_s=moments, people=st.integers(1, 9), pan=st.sampled_from([0.0, 200.0]))
@settings(max_examples=8, deadline=None)
def test_truth_is_sound_at_any_time(name: str, time_s: float, people: int, pan: float) -> None:
    truth = scene(name, people, SMALL, camera_pan_px_s=pan).truth(time_s)
    assert [p.id for p in truth] == list(range(1, people + 1))
    for p in truth:
        assert p.box.is_finite() and p.box.area > 0
        assert np.isfinite(p.skeleton.xy).all() and p.skeleton.xy.shape == (17, 2)
        assert all(p.box.contains(Point(float(x), float(y))) for x, y in p.skeleton.xy)
        assert 0 <= p.visible_share <= 1
        assert 0 <= p.depth <= 1
        assert p.skeleton.score[5:].min() == 1
        assert p.box.height < SMALL.height


@pytest.mark.parametrize("name", ALL)
def test_motion_does_not_depend_on_the_frame_rate(name: str) -> None:
    slow, quick = scene(name, 4, SMALL, fps=15), scene(name, 4, SMALL, fps=60)
    for index in (0, 20, 77):
        for a, b in zip(slow.truth(index / 15), quick.truth(4 * index / 60), strict=True):
            assert a.box == b.box
            assert np.array_equal(a.skeleton.xy, b.skeleton.xy)


@pytest.mark.parametrize("name", ALL)
def test_nobody_jumps(name: str) -> None:
    made = scene(name, 5, Size(1920, 1080))
    dt_s = 1 / 60
    pelvis = np.array(
        [[b.skeleton.xy[[11, 12]].mean(axis=0) for _, b in made.placed(k * dt_s)] for k in range(60 * 14)]
    )
    speed = np.linalg.norm(np.diff(pelvis, axis=0), axis=2) / dt_s
    assert speed.max() < 1600  # a dash; a jump would be many times that
    assert np.abs(np.diff(pelvis, 2, axis=0)).max() < 9


def test_still_is_still() -> None:
    made = scene("still", 3, SMALL)
    assert all(
        np.array_equal(a.skeleton.xy, b.skeleton.xy)
        for a, b in zip(made.truth(0.0), made.truth(33.3), strict=True)
    )


def test_sway_is_60_px_at_1_2_hz() -> None:
    made = scene("sway", 1)
    x = np.array([person(made, 1, k / 240).skeleton.pelvis.x for k in range(240 * 10)])
    assert np.ptp(x) == pytest.approx(120, abs=18)  # hips move a little on top of the steps
    spectrum = np.abs(np.fft.rfft(x - x.mean()))
    assert np.argmax(spectrum) / 10 == pytest.approx(1.2, abs=0.06)


def test_cross_swaps_places_and_hides_for_a_second_at_most() -> None:
    made = scene("cross", 4)
    at = {t: [person(made, k, t).box.center.x for k in (1, 2, 3, 4)] for t in (0.0, 5.2, 9.7)}
    assert at[0.0] == sorted(at[0.0])
    assert at[5.2][0] == pytest.approx(at[0.0][1], abs=60) and at[5.2][2] == pytest.approx(at[0.0][3], abs=60)
    assert at[9.7] == pytest.approx(at[0.0], abs=60)
    runs = [run for who in (1, 4) for run in hidden_runs_s(made, who, 11)]
    assert len(runs) == 2
    assert 0.3 < max(runs) <= 1.0


def test_everybody_in_a_pair_is_hidden_in_turn() -> None:
    made = scene("cross", 2)
    assert hidden_runs_s(made, 1, 14) and hidden_runs_s(made, 2, 14)


@pytest.mark.parametrize("seconds", [0.4, 1.5, 6.0])
@pytest.mark.parametrize("people", [1, 3])
def test_dropout_hides_the_first_for_as_long_as_asked(seconds: float, people: int) -> None:
    made = scene(f"dropout:{seconds}", people)
    runs = hidden_runs_s(made, 1, 3 + seconds + 5)
    assert runs == [pytest.approx(seconds, abs=0.06)]
    assert person(made, 1, 3 + seconds / 2).visible_share < 0.02
    for other in range(2, people + 1):
        assert hidden_runs_s(made, other, 12) == []


def test_leave_goes_out_of_the_picture_and_comes_back() -> None:
    made = scene("leave", 3)
    away = person(made, 1, 7.0)
    assert away.visible_share == 0 and away.box.x1 < 0
    assert person(made, 1, 12.5).box.center.x == pytest.approx(person(made, 1, 0.0).box.center.x, abs=5)
    assert person(made, 2, 7.0).visible_share > 0.9


def test_dash_is_700_px_in_0_9_s() -> None:
    made = scene("dash", 3)
    x = [person(made, 1, t).skeleton.pelvis.x for t in (1.05, 2.02)]
    assert x[1] - x[0] == pytest.approx(700, abs=15)


def test_turn_hides_the_face_and_shows_the_back() -> None:
    made = scene("turn", 2)
    front, back = person(made, 1, 0.5).skeleton, person(made, 1, 3.0).skeleton
    assert front.score[:5].min() == 1
    assert back.score[[Joint.NOSE, Joint.LEFT_EYE, Joint.RIGHT_EYE]].max() == 0
    left = Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER
    assert front.xy[left[0], 0] > front.xy[left[1], 0]
    assert back.xy[left[0], 0] < back.xy[left[1], 0]


def test_armswide_widens_the_box_while_the_trunk_stays() -> None:
    made = scene("armswide", 1)
    truth = [person(made, 1, k / 20) for k in range(120)]
    widths = [p.box.width for p in truth]
    assert max(widths) > 1.8 * min(widths)
    assert np.ptp([p.skeleton.neck.x for p in truth]) < 1


def test_huddle_brings_all_together() -> None:
    made = scene("huddle", 5)
    boxes = [p.box for p in made.truth(4.5)]
    assert sum(a.iou(b) > 0.2 for k, a in enumerate(boxes) for b in boxes[k + 1 :]) >= 4
    apart = [p.box for p in made.truth(0.0)]
    assert all(a.iou(b) < 0.1 for a, b in pairwise(apart))


def test_fidget_never_rests_and_never_leaves() -> None:
    made = scene("fidget", 3)
    x = np.array([person(made, 2, k / 30).skeleton.pelvis.x for k in range(600)])
    assert 10 < np.ptp(x) < 80
    assert (np.abs(np.diff(x)) < 0.02).mean() < 0.05


def test_twins_wear_the_same_and_differ_in_the_face_unless_plain() -> None:
    looks = [p.costume for p in scene("twins", 4).performers]
    assert len({(c.top, c.bottom, c.hair, c.skin, c.height_m) for c in looks}) == 1
    assert len({c.face_mark for c in looks}) == 4
    assert len({p.costume for p in scene("twins:plain", 4).performers}) == 1
    assert len({p.costume.top for p in scene("still", 9).performers}) == 9


def test_pan_moves_everybody_at_up_to_its_speed() -> None:
    fixed, panned = scene("still", 2), scene("still", 2, camera_pan_px_s=200)
    dt_s = 1 / 100
    x = [person(panned, 1, k * dt_s).box.x0 - person(fixed, 1, k * dt_s).box.x0 for k in range(500)]
    assert np.abs(np.diff(x)).max() / dt_s == pytest.approx(200, rel=0.01)
    # The background goes along: what the pan moved by whole pixels is the same picture.
    painter = Painter(scene("still", 1, SMALL, camera_pan_px_s=200))
    a, b = painter.paint(0.0)[:40], painter.paint(1.0)[:40]
    shift, _ = cv2.phaseCorrelate(a[:, :, 1].astype(np.float32), b[:, :, 1].astype(np.float32))
    assert shift[0] == pytest.approx(-200 * 4 / (2 * np.pi), abs=1.5)


def moved_pixels_box(made, who: int, time_s: float) -> tuple[Box, float]:
    """The box of the pixels that somebody's absence changes, and how many are inside the silhouette."""
    from dataclasses import replace

    alone = replace(made, performers=tuple(p for p in made.performers if p.id == who))
    nobody = replace(made, performers=())
    changed = cv2.absdiff(Painter(alone).paint(time_s), Painter(nobody).paint(time_s)).max(axis=2) > 24
    ys, xs = changed.nonzero()
    return Box(float(xs.min()), float(ys.min()), float(xs.max()) + 1, float(ys.max()) + 1), float(
        changed.sum()
    )


@pytest.mark.parametrize("name", ["still", "armswide", "turn", "dash"])
def test_the_true_box_is_where_the_pixels_are(name: str) -> None:
    made = scene(name, 1, Size(1280, 720), background="plain")
    for time_s in (0.3, 1.6, 3.1):
        drawn, _ = moved_pixels_box(made, 1, time_s)
        assert person(made, 1, time_s).box.clipped(made.size).iou(drawn) > 0.8


def test_a_performer_moves_by_fractions_of_a_pixel() -> None:
    made = scene("sway", 1, Size(1280, 720))
    painter = Painter(made)
    a, b = painter.paint(0.2), painter.paint(0.2 + 1e-4)  # about 0.03 px
    assert np.abs(a.astype(int) - b).sum() > 0
    assert np.abs(a.astype(int) - b).max() < 60


def test_the_nearer_is_drawn_in_front() -> None:
    made = scene("dash", 3)
    near, far = person(made, 1, 1.55), person(made, 2, 1.55)
    assert near.depth > far.depth and near.visible_share == 1 and far.visible_share < 0.9
    assert near.box.y1 > far.box.y1  # the rule of the lower edge


@given(index=st.integers(0, 2**24 - 1))
@settings(max_examples=50, deadline=None)
def test_the_number_in_the_corner_reads_back(index: int) -> None:
    image = np.random.default_rng(index).integers(0, 255, (90, 160, 3), dtype=np.uint8)
    write_index(image, index)
    assert read_index(image) == index


def test_the_number_survives_jpeg_and_scaling() -> None:
    image = Painter(scene("crowd", 5, Size(1920, 1080))).frame_image(54321)
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 70])
    assert read_index(cv2.imdecode(data, cv2.IMREAD_COLOR)) == 54321
    small = cv2.resize(image, (1280, 720), interpolation=cv2.INTER_AREA)
    assert read_index(small, 4 * 2 / 3) == 54321


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_picture_without_a_number_has_none(value: int) -> None:
    assert read_index(np.full((90, 160, 3), value, np.uint8)) is None
    assert read_index(np.full((2, 160, 3), value, np.uint8)) is None
    assert read_index(np.full((90, 20, 3), value, np.uint8)) is None


def test_random_corners_are_rarely_taken_for_numbers() -> None:
    rng = np.random.default_rng(1)
    images = ((rng.random((500, 8, 128, 1)) > 0.5) * 255).astype(np.uint8).repeat(3, axis=3)
    assert sum(read_index(image) is not None for image in images) <= 5


def oracle_picture(made, time_s: float) -> np.ndarray:
    image = np.zeros((made.size.height, made.size.width, 3), np.uint8)
    write_index(image, round(time_s * made.fps))
    return image


def test_the_oracle_without_noise_tells_the_truth() -> None:
    made = scene("still", 4, SMALL)
    oracle = GroundTruthDetector(made)
    image = oracle_picture(made, 1.0)
    found = oracle.detect(image)
    assert {d.box.xyxy for d in found} == {p.box.clipped(SMALL).xyxy for p in made.truth(1.0)}
    assert [d.score for d in found] == sorted((d.score for d in found), reverse=True)
    for skeleton, d in zip(oracle.estimate(image, [d.box for d in found]), found, strict=True):
        assert any(np.array_equal(skeleton.xy, p.skeleton.xy) and p.box == d.box for p in made.truth(1.0))


def test_the_oracle_does_not_see_who_is_hidden_or_away() -> None:
    curtain = scene("dropout:6", 3, SMALL)
    assert len(GroundTruthDetector(curtain).detect(oracle_picture(curtain, 6.0))) == 2
    gone = scene("leave", 3, SMALL)
    assert len(GroundTruthDetector(gone).detect(oracle_picture(gone, 7.0))) == 2


def test_the_oracle_answers_nothing_where_nobody_is_or_no_number() -> None:
    made = scene("still", 2, SMALL)
    oracle = GroundTruthDetector(made)
    blank = np.zeros((360, 640, 3), np.uint8)
    assert oracle.detect(blank) == [] and oracle.truth_of(blank) == ()
    skeletons = oracle.estimate(oracle_picture(made, 0), [Box(0, 0, 20, 20)])
    assert len(skeletons) == 1 and skeletons[0].score.max() == 0
    assert oracle.estimate(blank, [Box(0, 0, 20, 20)])[0].score.max() == 0


def test_noise_has_the_size_asked_for_and_depends_on_the_picture_only() -> None:
    made = scene("still", 4, SMALL)
    oracle, again = (GroundTruthDetector(made, noise_px=3.0, seed=5) for _ in range(2))
    errors = []
    for k in range(60):
        image = oracle_picture(made, k / 30)
        boxes = [d.box for d in oracle.detect(image)]
        truth = [p.box for p in made.truth(0)]
        errors += [np.subtract(b.xyxy, max(truth, key=b.iou).xyxy) for b in boxes]
        if k % 7 == 0:
            again.estimate(image, boxes)
            assert [d.box for d in again.detect(image)] == boxes
    assert np.std(errors) == pytest.approx(3.0, rel=0.12)


def test_misses_and_outliers_come_as_often_as_asked() -> None:
    made = scene("still", 4, SMALL)
    oracle = GroundTruthDetector(made, miss_p=0.3, outlier_p=0.2)
    found, lost, half = 0, 0, 0
    truth = made.truth(0)
    for k in range(150):
        image = oracle_picture(made, k / 30)
        detections = oracle.detect(image)
        found += len(detections)
        half += sum(d.box.height < 0.7 * truth[0].box.height for d in detections)
        skeleton = oracle.estimate(image, [truth[0].box])[0]
        lost += int((np.abs(skeleton.xy - truth[0].skeleton.xy).max(axis=1) > 1e-3).sum())
    assert found / 600 == pytest.approx(0.7, abs=0.06)
    assert half / found == pytest.approx(0.2, abs=0.05)
    assert lost / (150 * 17) == pytest.approx(0.2, abs=0.04)


def cut_out() -> Sprite:
    image = np.zeros((200, 100, 4), np.uint8)
    image[20:180, 30:70] = (40, 80, 160, 255)
    image[20:180, 30:50, 0] = 220  # the left half of the picture is blue
    xy = np.tile(np.array([[50, 100]], np.float32), (17, 1))
    xy[Joint.LEFT_WRIST], xy[Joint.RIGHT_WRIST] = (68, 90), (32, 90)
    return Sprite(image, Skeleton(xy, np.ones(17, np.float32)))


def test_a_sprite_stands_where_the_truth_says() -> None:
    made = scene("sway", 3, SMALL, costumes=[cut_out()], background="plain")
    drawn, area = moved_pixels_box(made, 2, 0.37)
    truth = person(made, 2, 0.37)
    assert truth.box.iou(drawn) > 0.95
    assert area == pytest.approx(truth.box.area, rel=0.05)
    assert truth.skeleton.xy[Joint.LEFT_WRIST, 0] > truth.skeleton.xy[Joint.RIGHT_WRIST, 0]


def test_a_mirrored_sprite_changes_sides_with_its_joints() -> None:
    from dataclasses import replace

    sprite = cut_out()
    for costume, blue_left in ((sprite, True), (replace(sprite, mirrored=True), False)):
        made = scene("still", 1, SMALL, costumes=[costume], background="plain")
        p = person(made, 1, 0)
        image = Painter(made).paint(0)
        c, quarter = p.box.center, p.box.width / 4
        left, right = (image[int(c.y), int(c.x + s * quarter), 0] for s in (-1, 1))
        assert (left > right) == blue_left
        assert p.skeleton.xy[Joint.LEFT_WRIST, 0] > p.skeleton.xy[Joint.RIGHT_WRIST, 0]


def test_a_tinted_sprite_and_its_occlusion() -> None:
    from dataclasses import replace

    dark = replace(cut_out(), tint=(0.1, 0.1, 0.1))
    made = scene("still", 1, SMALL, costumes=[dark], background="plain")
    c = person(made, 1, 0).box.center
    assert Painter(made).paint(0)[int(c.y), int(c.x)].max() < 40
    crossing = scene("cross", 2, SMALL, costumes=[dark])
    assert max(hidden_runs_s(crossing, 1, 12)) > 0.3


def test_an_empty_cut_out_is_refused() -> None:
    empty = np.zeros((10, 10, 4), np.uint8)
    with pytest.raises(JikcamError, match="nobody"):
        Sprite(empty, Skeleton(np.zeros((17, 2), np.float32), np.ones(17, np.float32)))


@pytest.mark.parametrize("size", [Size(160, 90), Size(641, 361), Size(1080, 1920), Size(800, 800)])
@pytest.mark.parametrize("name", ["crowd", "dropout:1", "leave"])
def test_any_size_is_drawn(size: Size, name: str) -> None:
    painter = Painter(scene(name, 9, size))
    for k in (0, 100, 200):
        image = painter.frame_image(k)
        assert image.shape == (size.height, size.width, 3) and read_index(image) == k


def test_the_same_stage_is_drawn_twice_and_pictures_are_independent() -> None:
    a, b = (Painter(scene("crowd", 4, SMALL, seed=3)) for _ in range(2))
    first = a.frame_image(7)
    copy = first.copy()
    a.frame_image(8)
    assert np.array_equal(first, copy)
    assert np.array_equal(first, b.frame_image(7))
    assert not np.array_equal(first, Painter(scene("crowd", 4, SMALL, seed=4)).frame_image(7))


def test_fast_stage_numbers_and_ends() -> None:
    source = StageSource(scene("still", 1, SMALL, fps=25), "fast", 0.4)
    frames = [source.read(1.0) for _ in range(10)]
    assert [read_index(f.image) for f in frames] == [f.index for f in frames] == list(range(10))
    assert [f.time_s for f in frames] == pytest.approx([k / 25 for k in range(10)])
    assert source.ended and source.read(1.0) is None and source.frame_count == 10


def test_live_stage_shows_the_moment_it_is_due() -> None:
    source = StageSource(scene("sway", 1, Size(160, 90), fps=60), "live", 0.5)
    frames = []
    while not source.ended:
        frame = source.read(1.0)
        if frame:
            frames.append(frame)
    source.close()
    assert len(frames) >= 3
    for frame in frames:
        assert read_index(frame.image) == frame.index
        lag_s = frame.time_s - frames[0].time_s - frame.index / 60
        assert -1e-6 < lag_s < 0.3


def test_parse_stage_reads_every_key() -> None:
    text = "stage:cross,people=3,size=1280x720,fps=25,seconds=20,seed=1,pan=50,background=plain"
    made, seconds = parse_stage(text)
    assert (made.size, made.fps, made.seed, len(made.performers)) == (Size(1280, 720), 25, 1, 3)
    assert (made.camera_pan_px_s, made.background, seconds, made.name) == (50, "plain", 20, "stage:cross")
    made, seconds = parse_stage("stage:dropout:0.4", size=SMALL, fps=50)
    assert (made.size, made.fps, seconds, made.name) == (SMALL, 50, None, "stage:dropout:0.4")
    assert parse_stage("stage:")[0].name == "stage:crowd"


@pytest.mark.parametrize(
    "text",
    [
        "stage:waltz",
        "stage:sway:2",
        "stage:dropout:x",
        "stage:dropout:0",
        "stage:dropout:nan",
        "stage:cross,people=0",
        "stage:cross,people=2.5",
        "stage:cross,people=many",
        "stage:cross,people=99",
        "stage:cross,size=big",
        "stage:cross,size=10x10",
        "stage:cross,fps=0",
        "stage:cross,fps=nan",
        "stage:cross,seconds=0",
        "stage:cross,seconds=inf",
        "stage:cross,colour=red",
        "stage:cross,people",
        "stage:cross,people=2,people=3",
    ],
)
def test_a_stage_that_makes_no_sense_says_so_in_one_line(text: str) -> None:
    with pytest.raises(JikcamError) as error:
        parse_stage(text)
    assert "\n" not in str(error.value) and error.value.fix


def test_an_unknown_background_is_an_error() -> None:
    with pytest.raises(JikcamError, match="stage, plain"):
        StageSource(parse_stage("stage:still,background=moon")[0])
