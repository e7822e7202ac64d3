"""A scene for trying jikcam without a camera: people cut out of one photograph, with known truth."""

from __future__ import annotations
