"""Preset files of older jikcams, read as if they were written today."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.errors import JikcamError

#: Raised with every change that makes a file mean something else.
SCHEMA = 1


def migrated(data: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The tables of a preset file in today's schema, without the ``schema`` key.

    Args:
        data: as read from TOML; not changed. Without ``schema`` it counts as today's.
        where: file and line of the ``schema`` key, for messages.

    Raises:
        JikcamError: the schema is newer than this program or no number.
    """
    tables = dict(data)
    schema = tables.pop("schema", SCHEMA)
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 0:
        raise JikcamError(f"{where}: schema = {schema!r} is not allowed", f"write schema = {SCHEMA}")
    if schema > SCHEMA:
        raise JikcamError(
            f"{where}: the preset has schema {schema}, this jikcam reads up to {SCHEMA}", "update jikcam"
        )
    for step in _STEPS[schema:]:
        tables = step(tables)
    return tables


def _from_0(tables: dict[str, Any]) -> dict[str, Any]:
    """Schema 0 had one View, a plain [view] table, and called its shot size ``framing``."""
    view = tables.get("view")
    if isinstance(view, dict):
        view = {("shot" if key == "framing" else key): value for key, value in view.items()}
        tables = {**tables, "view": [view]}
    return tables


#: The step at index N reads schema N and gives schema N + 1.
_STEPS: tuple[Callable[[dict[str, Any]], dict[str, Any]], ...] = (_from_0,)
