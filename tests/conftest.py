"""Where tests find real weights and clips; elsewhere than in CI they may be absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def _folder(variable: str, default: Path) -> Path:
    path = Path(os.environ.get(variable) or default)
    if path.is_dir():
        return path
    if os.environ.get("CI"):
        pytest.fail(f"{variable}: {path} is missing, and in CI nothing may be skipped")
    pytest.skip(f"{variable} is not set and {path} is not there")


@pytest.fixture(scope="session")
def models_dir() -> Path:
    return _folder("JIKCAM_MODELS", SHARED / "models")


@pytest.fixture(scope="session")
def data_dir() -> Path:
    return _folder("JIKCAM_DATA", SHARED / "data")
