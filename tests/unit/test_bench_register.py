"""A crop video gives its camera away: place to a few hundredths of a pixel, time, mirror, gaps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.errors import JikcamError
from engine.geometry import Shot, Size
from engine.render import Renderer, draw_label
from tests.benchmarks.operator.crop_video import judged
from tests.benchmarks.operator.register import Placement, aligned, trust_of
from tests.benchmarks.operator.register_features import crop_features, placed, wide_features
from tests.benchmarks.operator.register_known import Making, cropped, write_film
from tests.benchmarks.operator.register_video import Registered, register

WIDE, CROP, RATE_HZ = Size(640, 360), Size(180, 320), 30.0
PICTURES = 40


def texture(size: Size, seed: int) -> np.ndarray:
    """Detail of every size, as a stage has it."""
    rng = np.random.default_rng(seed)
    out = np.zeros((size.height, size.width, 3), np.float32)
    for scale in (2, 6, 20, 60):
        small = rng.normal(0, 1, (size.height // scale + 2, size.width // scale + 2, 3)).astype(np.float32)
        out += 22 * cv2.resize(small, (size.width, size.height), interpolation=cv2.INTER_CUBIC)
    return np.clip(out + 120, 0, 255).astype(np.uint8)


STAGE, DANCER = texture(WIDE, 1), texture(Size(90, 230), 2)


def picture(index: int) -> np.ndarray:
    """A stage with one large dancer who swings to and fro."""
    image = STAGE.copy()
    x = round(270 + 70 * np.sin(2 * np.pi * index / 37) + 40 * np.sin(index / 4.1))
    image[110:340, x : x + 90] = DANCER
    return image


def grey(image: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.float32)


def off_px(a: Placement, b: Placement) -> float:
    p, q = a.shot(CROP), b.shot(CROP)
    return max(abs(p.cx - q.cx), abs(p.cy - q.cy), abs(p.height - q.height))


@pytest.mark.parametrize("height", [120.0, 251.7, 340.0])
def test_a_crop_is_found_without_any_hint_and_then_exactly(height: float) -> None:
    """From a crop blown up by more than two to one, to nearly all of the picture."""
    shot = Shot(301.37, 175.81, height, CROP.aspect).inside(WIDE)
    crop = Renderer(CROP).render(STAGE, shot)
    draw_label(crop, "Karina")
    true = Placement.of_shot(shot, CROP)
    vote = placed(
        wide_features(grey(STAGE).astype(np.uint8)), crop_features(grey(crop).astype(np.uint8)), (320, 180)
    )
    assert vote is not None and off_px(vote.placement, true) < 1.5
    wide = grey(STAGE)
    for start in (vote.placement, Placement(true.x0 + 6, true.y0 - 5, true.scale * 1.02)):
        fit = aligned(wide, grey(crop), np.ones_like(wide), start)
        assert fit is not None and fit.alike > 0.8
        assert off_px(fit.placement, true) < 0.02


def test_light_and_contrast_do_not_matter() -> None:
    shot = Shot(333.3, 181.2, 290.0, CROP.aspect)
    crop = np.clip(grey(Renderer(CROP).render(STAGE, shot)) * 0.6 + 60, 0, 255)
    true = Placement.of_shot(shot, CROP)
    fit = aligned(
        grey(STAGE), crop, np.ones((360, 640), np.float32), Placement(true.x0 + 3, true.y0, true.scale)
    )
    assert fit is not None and off_px(fit.placement, true) < 0.02


def test_a_dancer_who_fills_the_crop_and_has_moved_on_does_not_take_it_along() -> None:
    """The wide picture is a moment late; 40 % of the crop moved by many pixels, the stage did not."""
    shot = Shot(315.0, 215.4, 280.0, CROP.aspect)
    crop = Renderer(CROP).render(picture(0), shot)
    late = [grey(picture(i)) for i in (0, 1, 2)]
    true = Placement.of_shot(shot, CROP)
    fit = aligned(late[1], grey(crop), trust_of(late[1], (late[0], late[2])), true)
    assert fit is not None and off_px(fit.placement, true) < 0.05


def test_what_lies_elsewhere_is_not_found() -> None:
    other = crop_features(grey(texture(CROP, 9)).astype(np.uint8))
    assert placed(wide_features(grey(STAGE).astype(np.uint8)), other, (320, 180)) is None


# ---- films ----


SHOTS = [
    Shot(315 + 50 * np.sin(i / 7), 190 + 14 * np.sin(i / 5), 270 * (1 + 0.1 * np.sin(i / 9)), CROP.aspect)
    for i in range(PICTURES)
]


@pytest.fixture(scope="module")
def wide_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("films") / "wide.mp4"
    write_film(path, (picture(i) for i in range(PICTURES)), RATE_HZ, 16)
    return path


def made(path: Path, how: Making, spoil: range = range(0)) -> Path:
    """A crop film of SHOTS; the pictures of ``spoil`` show something else."""

    def pictures() -> Iterator[np.ndarray]:
        crops = cropped((picture(i) for i in range(PICTURES)), SHOTS, CROP, how)
        for number, image in enumerate(crops):
            yield texture(CROP, 20 + number) if number in spoil else image

    write_film(path, pictures(), RATE_HZ / how.every, how.crf)
    return path


def errors_px(found: Registered, how: Making) -> np.ndarray:
    shown = [SHOTS[how.skip + how.every * k] for k in range(len(found.times))]
    at = np.array([(s.cx, s.cy, s.height) for s in shown])
    return np.abs(np.column_stack([found.cx, found.cy, found.height]) - at).max(axis=1)


def test_a_labelled_mirrored_compressed_crop_that_began_later_is_read(
    wide_film: Path, tmp_path: Path
) -> None:
    how = Making(crf=28, label="Karina", mirror=True, skip=7)
    found = register(wide_film, made(tmp_path / "crop.mp4", how), search_s=0.3)
    assert found.step.mirrored and found.step.shift_s == pytest.approx(7 / RATE_HZ)
    assert found.found.all()
    assert (found.master == 7 + np.arange(len(found.times))).all()
    errors = errors_px(found, how)
    assert np.median(errors) < 0.1 and errors.max() < 0.5
    assert judged(found).speed_p99 == pytest.approx(speed_p99(), rel=0.1)


def speed_p99() -> float:
    at = np.array([(s.cx, s.cy) for s in SHOTS])
    width = np.array([s.width for s in SHOTS])
    moved = np.linalg.norm(np.diff(at, axis=0), axis=1) * RATE_HZ * 2 / (width[1:] + width[:-1])
    return float(np.percentile(moved[7:], 99))


def test_another_frame_rate_and_a_disturbance(wide_film: Path, tmp_path: Path) -> None:
    """15 pictures a second of 30; what is no part of the master is a gap, before and after all is well."""
    how = Making(skip=2, every=2)
    found = register(wide_film, made(tmp_path / "crop.mp4", how, range(8, 10)), search_s=0.3)
    assert not found.step.mirrored
    assert set(np.flatnonzero(~found.found)) == {8, 9}
    assert (found.master == 2 + 2 * np.arange(len(found.times)))[found.found].all()
    assert np.nanmax(errors_px(found, how)) < 0.5
    assert [len(path.times) for _, path in found.stretches()] == [8, len(found.times) - 10]


def test_a_film_of_something_else_is_refused(wide_film: Path, tmp_path: Path) -> None:
    path = tmp_path / "other.mp4"
    write_film(path, (texture(CROP, 50) for _ in range(4)), RATE_HZ, 23)
    with pytest.raises(JikcamError, match="no part"):
        register(wide_film, path, search_s=0.2)
    with pytest.raises(JikcamError, match="can't be read"):
        register(wide_film, tmp_path / "nothing.mp4")


def test_the_person_of_a_truth_file_is_what_framing_is_judged_by(tmp_path: Path) -> None:
    count = 30
    at = np.array([(s.cx, s.cy, s.height) for s in SHOTS[:count]]).T
    found = Registered(
        np.arange(count) / RATE_HZ,
        np.arange(count),
        *at,
        np.ones(count),
        None,
        WIDE,
        CROP,
    )  # type: ignore[arg-type]
    truth = tmp_path / "gt.txt"
    rows = [
        f"{k + 1},4,{s.cx - 10},{s.cy - 0.4 * s.height},20,{0.8 * s.height},1,1,1"
        for k, s in enumerate(SHOTS[:count])
    ]
    truth.write_text("\n".join(rows))
    figures = judged(found, truth, 4)
    assert figures.head == figures.body == 100
    assert figures.offset_p95 == pytest.approx(0, abs=1e-6) and figures.headroom_rms == pytest.approx(
        0, abs=1e-6
    )
    with pytest.raises(JikcamError, match="choose one of: 4"):
        judged(found, truth, 5)
