"""Names that are safe as folder names on every system, so that a member's folder bears the name itself."""

from __future__ import annotations

import re
import shlex
import unicodedata

from engine.errors import JikcamError

#: 60 characters of 4 bytes each stay below the 255 bytes that file systems allow.
MAX_CHARACTERS = 60

# What Windows refuses in file names, in any folder; the separators of all systems are among them.
_FORBIDDEN = set('<>:"/\\|?*')
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])", re.IGNORECASE)
# Persian, Hindi and family emoji are not written right without these two.
_JOINERS = {"\u200c", "\u200d"}
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def checked_name(text: str) -> str:
    """The name as it is stored: in NFC, single plain spaces inside, none around.

    Raises:
        JikcamError: empty, too long, or not possible as a folder name on every system.
    """
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name:
        raise JikcamError("the name is empty", "give a name")
    if len(name) > MAX_CHARACTERS:
        raise JikcamError(
            f"the name {name[:20]}... has {len(name)} characters", f"use at most {MAX_CHARACTERS}"
        )
    bad = sorted({c for c in name if c in _FORBIDDEN or _is_invisible(c)})
    if bad:
        shown = " ".join(c if c.isprintable() else f"U+{ord(c):04X}" for c in bad)
        raise JikcamError(
            f"the name {printable(name)!r} has characters that no folder can bear: {shown}", "leave them out"
        )
    if name.startswith(".") or name.endswith("."):
        raise JikcamError(f"the name {name!r} begins or ends with a dot", "leave the dot out")
    if _DEVICES.fullmatch(name.split(".")[0].strip()):
        raise JikcamError(f"the name {name!r} belongs to a device on Windows", "choose another name")
    return name


def name_key(name: str) -> str:
    """What is equal for names that some file system takes for one, or that look the same."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return unicodedata.normalize("NFC", "".join(c for c in plain if c not in _JOINERS))


def printable(text: str, most: int = 60) -> str:
    """Text of unknown origin for a message: nothing in it moves a terminal's cursor, and it is short."""
    safe = "".join(c if c.isprintable() else "?" for c in text)
    return safe if len(safe) <= most else f"{safe[: most - 3]}..."


def quoted(text: str) -> str:
    """A name or path as it is typed in a command; plain letters of any script need no quotes."""
    return text if text.replace("-", "").replace("/", "").isalnum() else shlex.quote(text)


def _is_invisible(char: str) -> bool:
    return char not in _JOINERS and unicodedata.category(char) in _INVISIBLE
