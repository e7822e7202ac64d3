"""The built-in manifest keeps its promises: everything pinned, licensed and reachable safely."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from engine.assets.manifest import Asset, Bundle, Digest, LocalFile, Url, WheelMember, built_in, name_key

ASSETS = built_in().assets


@pytest.mark.parametrize("asset", ASSETS, ids=lambda asset: asset.name)
def test_every_asset_is_pinned_and_licensed(asset: Asset) -> None:
    sha256, blob = asset.digest.sha256, asset.digest.git_blob_sha1
    assert sha256 or blob
    assert re.fullmatch(r"([0-9a-f]{64})?", sha256)
    assert re.fullmatch(r"([0-9a-f]{40})?", blob)
    assert asset.licence
    assert asset.task
    assert asset.kind == "picture" or asset.adapter
    assert re.fullmatch(r"[A-Za-z0-9._-]+", asset.file_name)


@pytest.mark.parametrize("asset", ASSETS, ids=lambda asset: asset.name)
def test_every_origin_stays_the_same(asset: Asset) -> None:
    match asset.origin:
        case Url(url):
            assert urlsplit(url).scheme == "https"
            # A commit or an object generation: a branch would change under us.
            assert re.search(r"/[0-9a-f]{40}/|[?&]generation=\d+", url)
        case WheelMember(wheel, path):
            assert re.fullmatch(r"[a-z-]+==[0-9.]+", wheel.requirement)
            assert re.fullmatch(r"[0-9a-f]{64}", wheel.sha256)
            assert wheel.size > 0
            assert ".." not in path
        case Bundle(parts):
            assert all(part.asset in ASSETS for part in parts)
        case LocalFile():
            pytest.fail("the built-in manifest knows no computer")


def test_names_and_files_are_unique() -> None:
    assert len({name_key(asset.name) for asset in ASSETS}) == len(ASSETS)
    assert len({asset.file_name for asset in ASSETS}) == len(ASSETS)


def test_packs_have_their_required_roles_from_known_assets() -> None:
    names = {asset.name for asset in ASSETS}
    packs = built_in().packs
    assert set(packs) == {"embedded", "standard", "accurate"}
    for roles in packs.values():
        assert {"detector", "pose"} <= set(roles)
        assert set(roles) <= {
            *("detector", "pose", "pose_fast", "face", "face_embedder", "body_embedder", "objects")
        }
        for candidates in roles.values():
            assert names & set(candidates), "something in every role can be fetched"


def test_licences_allow_use() -> None:
    for asset in ASSETS:
        assert asset.licence.startswith(("Apache-2.0", "MIT", "public domain")), asset.name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("osnet-x0.25-msmt17", "osnet_x0_25_msmt17"),
        ("rtmdet-nano-person", "RTMDet_nano_person"),
        ("pose-full-task", "pose_full.task"),
    ],
)
def test_spellings_of_one_name(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


def test_file_names_carry_the_hash_and_the_suffix() -> None:
    def asset(origin: Url | LocalFile) -> Asset:
        return Asset("net", "model", "t", "a", "MIT", Digest("ab" * 32), 0, None, origin)

    assert asset(Url("https://example.org/x/net.onnx?generation=12")).file_name == "net-abababab.onnx"
    assert asset(LocalFile(Path("some/where.tflite"))).file_name == "net-abababab.tflite"
