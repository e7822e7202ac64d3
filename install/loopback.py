"""The options of the kernel module v4l2loopback: made, read and merged (v4l2loopback README, "OPTIONS")."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection
from dataclasses import dataclass

MODULE = "v4l2loopback"
#: Real cameras are numbered from 0; from here on they are hardly met.
FIRST_NUMBER = 10
#: v4l2_capability.card has 32 bytes, one of them the end.
LABEL_BYTES = 31
#: v4l2loopback makes no more devices at load time.
MOST_DEVICES = 8
#: A comma parts labels, quotes and backslashes end them, the others are wild cards of udev.
_BAD_IN_LABEL = re.compile(r"""[,"'\\*?\[\]|$%\x00-\x1f\x7f]""")


@dataclass(frozen=True, slots=True)
class Options:
    """What the module is loaded with; one entry per device in each tuple.

    Attributes:
        numbers: of /dev/videoN.
        labels: as programs show them.
        exclusive: whether the device is only a camera while somebody writes to it; Chromium wants that.
        others: further options, as they stand.
    """

    numbers: tuple[int, ...]
    labels: tuple[str, ...]
    exclusive: tuple[bool, ...]
    others: tuple[str, ...] = ()

    def arguments(self) -> tuple[str, ...]:
        """For modprobe, one argument each."""
        return (
            f"devices={len(self.numbers)}",
            "video_nr=" + ",".join(map(str, self.numbers)),
            "card_label=" + ",".join(self.labels),
            "exclusive_caps=" + ",".join("1" if e else "0" for e in self.exclusive),
            *self.others,
        )

    def line(self) -> str:
        """For a file in /etc/modprobe.d; the kernel itself takes the double quotes away."""
        parts = []
        for argument in self.arguments():
            name, _, value = argument.partition("=")
            parts.append(f'{name}="{value}"' if " " in value else argument)
        return f"options {MODULE} {' '.join(parts)}"

    def merged(self, other: Options) -> Options:
        """These devices, and behind them the other's that are not among them.

        A device without a name gets the driver's own kind of name: an empty one would be taken as such.
        """
        labels = tuple(label or "Dummy video device" for label in self.labels)
        new = [i for i, label in enumerate(other.labels) if label not in self.labels]
        return Options(
            self.numbers + tuple(other.numbers[i] for i in new),
            labels + tuple(other.labels[i] for i in new),
            self.exclusive + tuple(other.exclusive[i] for i in new),
            self.others,
        )


def make(labels: Collection[str], taken: Collection[int]) -> Options:
    """Options for devices with these labels, on numbers that are free."""
    free = (n for n in range(FIRST_NUMBER, FIRST_NUMBER + 64 + len(taken)) if n not in taken)
    names = tuple(labels)
    return Options(tuple(next(free) for _ in names), names, tuple(True for _ in names), ("max_buffers=4",))


def parse(line: str) -> Options | None:
    """What an "options v4l2loopback ..." line says; None for any other line."""
    try:
        words = shlex.split(line, comments=True)
    except ValueError:  # a quote that doesn't end
        return None
    if words[:2] != ["options", MODULE]:
        return None
    values: dict[str, str] = {}
    others = []
    for word in words[2:]:
        name, _, value = word.partition("=")
        if name in ("devices", "video_nr", "card_label", "exclusive_caps"):
            values[name] = value
        else:
            others.append(word)
    numbers = [int(n) for n in values.get("video_nr", "").split(",") if re.fullmatch(r"-?\d+", n)]
    labels = [label for label in values.get("card_label", "").split(",") if label]
    exclusive = [e in ("1", "Y", "y") for e in values.get("exclusive_caps", "").split(",") if e]
    asked = values.get("devices", "")
    count = int(asked) if asked.isdigit() else max(len(numbers), 1)
    return Options(
        tuple((numbers + [-1] * count)[:count]),
        tuple((labels + [""] * count)[:count]),
        tuple((exclusive + [False] * count)[:count]),
        tuple(others),
    )


def bad_label(label: str) -> str:
    """Why this can't be a camera's name; empty when it can."""
    if not label.strip() or label != label.strip():
        return "a name may not be empty, nor begin or end with a space"
    if bad := _BAD_IN_LABEL.search(label):
        return f"{label!r} has {bad.group()!r} in it, which the driver or udev would misread"
    if len(label.encode()) > LABEL_BYTES:
        return f"{label!r} is longer than {LABEL_BYTES} bytes"
    return ""


def names(labels: Collection[str], number: int) -> tuple[str, ...]:
    """As many camera names as wanted: the given ones, then jikcam, jikcam 2, and so on."""
    result = list(dict.fromkeys(labels))
    count = max(number, len(result), 1)
    further = ["jikcam", *(f"jikcam {n}" for n in range(2, count + len(result) + 2))]
    for name in further:
        if len(result) >= count:
            break
        if name not in result:
            result.append(name)
    return tuple(result)
