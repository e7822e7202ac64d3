"""On which line of a TOML text a key stands; tomllib forgets it. Only for error messages."""

from __future__ import annotations

import re
from collections.abc import Sequence

Path = tuple[str | int, ...]

_BARE_OR_QUOTED = re.compile(r"""\s*(?:([A-Za-z0-9_-]+)|"((?:[^"\\]|\\.)*)"|'([^']*)')\s*(\.)?""")
# Long strings first: their quotes look like an empty short string.
_TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|#[^\n]*|[\[\]{}]|\n|[^"\'#\[\]{}\n]+',
    re.DOTALL,
)


class KeyLines:
    """Where the tables and keys of one TOML text stand. The text has been read by tomllib: it is valid.

    Keys inside inline tables and arrays have the line of the key that holds them.
    """

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {(): 1}
        self._counts: dict[Path, int] = {}
        self._table: Path = ()
        for line, statement in _statements(text):
            self._read(line, statement)

    def find(self, path: Sequence[str | int]) -> int:
        """The line of that key, or of the nearest table around it."""
        known = tuple(path)
        while known not in self._lines:
            known = known[:-1]
        return self._lines[known]

    def _read(self, line: int, statement: str) -> None:
        if statement.startswith("[["):
            path = self._resolved(_key(statement[2:]))
            number = self._counts.get(path, 0)
            self._counts[path] = number + 1
            self._table = (*path, number)
            self._lines.setdefault(path, line)
            self._lines[self._table] = line
        elif statement.startswith("["):
            self._table = self._resolved(_key(statement[1:]))
            self._lines[self._table] = line
        else:
            path = self._table
            for part in _key(statement):
                path = (*path, part)
                self._lines.setdefault(path, line)

    def _resolved(self, keys: list[str]) -> Path:
        """The header's path with the number of the newest element where a table is an array."""
        path: Path = ()
        for position, key in enumerate(keys):
            path = (*path, key)
            if position < len(keys) - 1 and path in self._counts:
                path = (*path, self._counts[path] - 1)
        return path


def _key(text: str) -> list[str]:
    """The parts of the (dotted, quoted) key at the start of ``text``."""
    parts = []
    position = 0
    while match := _BARE_OR_QUOTED.match(text, position):
        parts.append(next(group for group in match.groups()[:3] if group is not None))
        position = match.end()
        if not match[4]:
            break
    return parts


def _statements(text: str) -> list[tuple[int, str]]:
    """(line, text) of every header and key/value pair; a value that goes over lines is one statement."""
    found = []
    line, start, depth = 1, 1, 0
    parts: list[str] = []
    for token in _TOKEN.findall(text + "\n"):
        if token == "\n" and depth <= 0:
            statement = "".join(parts).strip()
            if statement:
                found.append((start, statement))
            parts, depth, start = [], 0, line + 1
        elif not token.startswith("#"):
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token, 0)
            parts.append(token)
        line += token.count("\n")
    return found
