from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "security.md").read_text("utf-8")
NAMED = re.findall(r"`([\w/]+\.py)::(test_\w+)`", TEXT)
ROWS = TEXT.partition("| promise | test |")[2].splitlines()[2:]


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_every_test_that_is_named_is_there(file: str, test: str) -> None:
    path = ROOT / (file if "/" in file else f"tests/integration/{file}")
    tests = [
        node.name for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)
    ]
    assert test in tests


def test_every_promise_names_a_test() -> None:
    promises = [row for row in ROWS if row.startswith("|")]
    assert len(promises) >= 25 and all("::test_" in row for row in promises)
