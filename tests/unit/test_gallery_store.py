"""Members on disk: what is saved is read back, stays private, and is gone when it is deleted."""

from __future__ import annotations

import json
import os
import stat
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import JikcamError
from engine.gallery import (
    LiveGallery,
    Models,
    Picture,
    add_to_member,
    default_folder,
    delete_member,
    gallery_folder,
    load_gallery,
    rename_member,
    save_member,
)
from engine.gallery.choice import MOST_SAMPLES
from engine.identity.likelihood import Calibration
from engine.identity.member import Member, Sample
from tests.unit.gallery_kit import (
    BLUE,
    BODY,
    FACE,
    MODELS,
    OTHER,
    RED,
    member,
    picture,
    portrait,
    sample,
    vector,
)


def load(folder: Path, **more: object) -> dict[str, Member]:
    found = load_gallery(folder, FACE, BODY, **more)  # type: ignore[arg-type]
    assert not found.problems
    return {m.name: m for m in found.members}


def files(folder: Path, pattern: str = "*") -> set[str]:
    return {p.name for p in folder.glob(pattern)}


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 10**6), st.floats(0, 1)), min_size=1, max_size=6, unique_by=lambda t: t[0]
    ),
    st.integers(16, 600),
)
def test_what_is_saved_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, given_: list, length: int
) -> None:
    folder = tmp_path_factory.mktemp("g")
    faces = tuple(Sample(vector(seed, length) * 3, quality) for seed, quality in given_)
    save_member(folder, Member("Mina", faces, (), "aespa"), [], MODELS)
    back = load(folder)["Mina"]
    assert back.group == "aespa" and not back.bodies and len(back.faces) == len(faces)
    for old, new in zip(faces, back.faces, strict=True):
        assert new.vector.dtype == np.float32 and np.linalg.norm(new.vector) == pytest.approx(1, abs=1e-6)
        assert float(old.vector @ new.vector) / 3 > 0.99999
        assert new.quality == pytest.approx(old.quality, abs=1e-4)


def test_saving_what_was_read_changes_nothing(tmp_path: Path) -> None:
    save_member(tmp_path, member("A", 1, 2, bodies=[3]), [picture(RED, 0), picture(BLUE, 1)], MODELS)
    record = tmp_path / "A" / "member.json"
    before, pictures = json.loads(record.read_text()), files(tmp_path / "A")
    save_member(tmp_path, load(tmp_path)["A"], [], MODELS, now=datetime.now(UTC) + timedelta(hours=3))
    assert json.loads(record.read_text()) == before and files(tmp_path / "A") == pictures


def test_only_its_owner_can_look_in(tmp_path: Path) -> None:
    os.umask(old := os.umask(0))
    try:
        os.umask(0)
        folder = tmp_path / "new" / "gallery"
        save_member(folder, member("A", 1), [picture()], MODELS)
        (folder / "A").chmod(0o755)
        add_to_member(folder, member("A", 2), [picture(BLUE)], MODELS)
    finally:
        os.umask(old)
    modes = {p: stat.S_IMODE(p.stat().st_mode) for p in (folder.parent, folder, *folder.rglob("*"))}
    assert len(modes) == 6
    assert all(mode == (0o700 if p.is_dir() else 0o600) for p, mode in modes.items()), modes


def test_a_gallery_that_others_can_read_is_told(tmp_path: Path) -> None:
    save_member(tmp_path / "g", member("A", 1), [], MODELS)
    (tmp_path / "g").chmod(0o750)
    found = load_gallery(tmp_path / "g", FACE, BODY)
    assert len(found.members) == 1 and "chmod 700" in found.problems[0]


def test_pictures_go_with_their_samples(tmp_path: Path) -> None:
    save_member(tmp_path, member("A", 1, 2), [picture(RED, 0), picture(BLUE, 1)], MODELS)
    assert len(files(tmp_path / "A", "*.jpg")) == 2
    save_member(tmp_path, member("A", 2, 3), [], MODELS)
    left = files(tmp_path / "A", "*.jpg")
    record = json.loads((tmp_path / "A" / "member.json").read_text())
    assert len(left) == 1 and {s["picture"] for s in record["samples"]} == {*left, ""}


def test_a_picture_deleted_by_hand_is_forgotten(tmp_path: Path) -> None:
    save_member(tmp_path, member("A", 1, 2), [picture(RED, 0), picture(BLUE, 1)], MODELS)
    record = json.loads((tmp_path / "A" / "member.json").read_text())
    (tmp_path / "A" / record["samples"][0]["picture"]).unlink()
    assert [float(s.vector @ vector(2)) > 0.999 for s in load(tmp_path)["A"].faces] == [True]
    add_to_member(tmp_path, member("A", 5), [], MODELS)
    assert not any(float(s.vector @ vector(1)) > 0.9 for s in load(tmp_path)["A"].faces)


def test_adding_keeps_what_was_chosen_and_drops_copies(tmp_path: Path) -> None:
    save_member(tmp_path, member("A", 1, 2), [picture(RED, 0), picture(BLUE, 1)], MODELS)
    learned = Member("A", tuple(sample(seed, 1.0) for seed in (1, 2, *range(50, 100))))
    whole = add_to_member(tmp_path, learned, [], MODELS)
    assert len(whole.faces) == MOST_SAMPLES == len(load(tmp_path)["A"].faces)
    for seed in (1, 2):
        assert sum(float(s.vector @ vector(seed)) > 0.999 for s in whole.faces) == 1
    assert len(files(tmp_path / "A", "*.jpg")) == 2


def test_a_new_picture_finds_its_sample_among_the_kept(tmp_path: Path) -> None:
    save_member(tmp_path, member("A", 1), [], MODELS)
    add_to_member(tmp_path, member("A", 1, 7), [picture(BLUE, 1), picture(RED, 0)], MODELS)
    record = json.loads((tmp_path / "A" / "member.json").read_text())
    shown = [np.array(s["vector"]) @ vector(7) > 0.99 for s in record["samples"] if s["picture"]]
    assert shown == [True]


def test_numbers_of_other_models_stay_beside(tmp_path: Path) -> None:
    save_member(tmp_path, member("A", 1), [], Models(OTHER, ""))
    save_member(tmp_path, member("A", 2, 3), [], MODELS)
    assert len(load(tmp_path)["A"].faces) == 2
    assert len(load_gallery(tmp_path, OTHER, "").members[0].faces) == 1


def test_clothes_are_of_one_day(tmp_path: Path) -> None:
    now = datetime(2026, 1, 1, 20, tzinfo=UTC)
    figure = Picture("body", portrait((50, RED)), 0)
    save_member(tmp_path, member("A", 1, bodies=[2]), [figure], MODELS, now=now)
    assert len(load(tmp_path, now=now + timedelta(hours=6))["A"].bodies) == 1
    assert len(load(tmp_path, now=now + timedelta(hours=13))["A"].bodies) == 0
    add_to_member(tmp_path, member("A", 4), [], MODELS, now=now + timedelta(hours=13))
    assert not files(tmp_path / "A", "body*") and len(load(tmp_path, now=now)["A"].faces) == 2


def test_delete_really_deletes_and_touches_nothing_else(tmp_path: Path) -> None:
    for name in ("A", "B"):
        save_member(tmp_path, member(name, 1), [picture()], MODELS)
    (tmp_path / "A" / ".member.json.0123abcd").write_text("half written")
    assert delete_member(tmp_path, "A") == []
    assert files(tmp_path) == {"B"} and set(load(tmp_path)) == {"B"}
    (tmp_path / "B" / "diary.txt").write_text("mine")
    assert [p.name for p in delete_member(tmp_path, "B")] == ["diary.txt"]
    assert [p.name for p in tmp_path.rglob("*.*")] == ["diary.txt"]


def test_a_folder_of_somebody_else_is_never_deleted(tmp_path: Path) -> None:
    (tmp_path / "Documents").mkdir()
    (tmp_path / "Documents" / "face-x.jpg").write_text("not ours")
    target = tmp_path / "elsewhere"
    save_member(target, member("A", 1), [], MODELS)
    (tmp_path / "Link").symlink_to(target / "A")
    for name in ("Documents", "Link", "Nobody"):
        with pytest.raises(JikcamError):
            delete_member(tmp_path, name)
    assert (tmp_path / "Documents" / "face-x.jpg").exists() and (target / "A" / "member.json").exists()
    assert (tmp_path / "Link").is_symlink()


def test_rename_keeps_everything(tmp_path: Path) -> None:
    save_member(tmp_path, member("A", 1, group="g"), [picture()], MODELS)
    save_member(tmp_path, member("B", 2), [], MODELS)
    rename_member(tmp_path, "A", "카리나")
    assert set(load(tmp_path)) == {"B", "카리나"} and load(tmp_path)["카리나"].group == "g"
    for name, new in (("B", "카리나"), ("Nobody", "C"), ("B", "../B")):
        with pytest.raises(JikcamError):
            rename_member(tmp_path, name, new)


@pytest.mark.parametrize(
    "bad",
    [
        Member("A"),
        Member("A", (Sample(np.full(32, np.nan, np.float32), 0.5),)),
        Member("A", (Sample(np.zeros(32, np.float32), 0.5),)),
        Member("A", (Sample(vector(1), float("nan")),)),
        Member("A", (Sample(vector(1), 1.5),)),
        Member("A", (sample(1),), (), "group/of"),
    ],
)
def test_nonsense_is_not_stored(tmp_path: Path, bad: Member) -> None:
    with pytest.raises(JikcamError):
        save_member(tmp_path, bad, [], MODELS)
    assert not load(tmp_path)


def test_old_leftovers_are_swept_and_young_ones_left(tmp_path: Path) -> None:
    save_member(tmp_path, member("A", 1), [], MODELS)
    for name, age_s in (
        ("face-000000000000.jpg", 7200),
        ("face-111111111111.jpg", 60),
        ("holiday.jpg", 7200),
    ):
        (tmp_path / "A" / name).write_bytes(b"x")
        os.utime(tmp_path / "A" / name, (time.time() - age_s,) * 2)
    save_member(tmp_path, member("A", 1), [], MODELS)
    assert files(tmp_path / "A") == {"member.json", "face-111111111111.jpg", "holiday.jpg"}


def test_where_galleries_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert gallery_folder("") == default_folder() and default_folder().parts[-3:] == (
        "jikcam",
        "galleries",
        "default",
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert gallery_folder("~/x") == tmp_path / "x" == gallery_folder("x")
    assert load_gallery(default_folder().parent / "none", FACE, BODY).problems
    assert load_gallery(default_folder(), FACE, BODY).problems == ()


def test_the_live_gallery_adds_forgets_and_limits(tmp_path: Path) -> None:
    folder = tmp_path / "g"
    save_member(folder, member("A", 1, group="stars"), [], MODELS)
    save_member(folder, member("B", 2), [], MODELS)
    live = LiveGallery(folder, MODELS, only=["Stars", "Nobody"])
    assert [m.name for m in live.members()] == ["A"]
    assert len(live.problems) == 1 and "Nobody" in live.problems[0] and "A, B" in live.problems[0]
    live.add("C", member("anonymous", 3, bodies=[4]), [Picture("body", portrait((50, RED)))])
    assert [m.name for m in live.members()] == ["A", "C"] and set(load(folder)) == {"A", "B", "C"}
    live.add("C", member("anonymous", 5))
    assert [len(m.faces) for m in live.members()] == [1, 2] and len(files(folder / "C", "*.jpg")) == 1
    with pytest.raises(JikcamError, match="recognise"):
        live.add("D", Member("anonymous"))
    strict = LiveGallery(folder, MODELS, calibration=Calibration(slope=14.0, offset=0.45))
    with pytest.raises(JikcamError, match="not the A who is enrolled"):
        strict.add("A", member("", 3))
    assert len(load(folder)["A"].faces) == 1
    live.forget("C")
    live.forget("never there")
    assert [m.name for m in live.members()] == ["A"] and set(load(folder)) == {"A", "B"}
