from __future__ import annotations

import pytest

from engine.commands.options import parse_size
from engine.errors import JikcamError
from engine.geometry import Size


def test_a_size() -> None:
    assert parse_size("1280x720") == Size(1280, 720)
    assert parse_size(" 608X1080") == Size(608, 1080)


@pytest.mark.parametrize("text", ["", "720p", "1280*720", "0x720", "99999x720", "1280x-720"])
def test_a_bad_size_says_how_to_write_it(text: str) -> None:
    with pytest.raises(JikcamError, match="WIDTHxHEIGHT"):
        parse_size(text)
