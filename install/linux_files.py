"""The files that keep the cameras after a restart: what is in them and where they are."""

from __future__ import annotations

from itertools import count

from install.linux_facts import Facts
from install.loopback import FIRST_NUMBER, MODULE, Options, parse
from install.steps import MARKER, WriteFile

MODPROBE_FILE = "/etc/modprobe.d/jikcam.conf"
LOAD_FILE = "/etc/modules-load.d/jikcam.conf"
#: Before 73-seat-late.rules, which gives tagged devices to whoever sits at the screen.
UDEV_FILE = "/etc/udev/rules.d/60-jikcam.rules"
FILES = (MODPROBE_FILE, LOAD_FILE, UDEV_FILE)


def options_for(facts: Facts, labels: tuple[str, ...]) -> Options:
    """Each camera on the number that it has, had before the last restart, or may have."""
    there = {device.label: device.number for device in facts.devices}
    kept = parse_file(facts.files.get(MODPROBE_FILE, ""))
    before = dict(zip(kept.labels, kept.numbers, strict=True)) if kept else {}
    reserved = {before[label] for label in labels if label in before}
    free = (n for n in count(FIRST_NUMBER) if n not in facts.numbers and n not in reserved)
    numbers = []
    for label in labels:
        number = there.get(label, before.get(label, -1))
        if label not in there and (number < 0 or number in facts.numbers):
            number = next(free)
        numbers.append(number)
    return Options(tuple(numbers), labels, tuple(True for _ in labels), ("max_buffers=4",))


def missing_files(facts: Facts, options: Options) -> list[WriteFile]:
    """The files that aren't there yet, or say something else."""
    rules = [
        f'SUBSYSTEM=="video4linux", ATTR{{name}}=="{label}", SYMLINK+="jikcam{index}",'
        ' GROUP="video", MODE="0660", TAG+="uaccess"'
        for index, label in enumerate(options.labels)
    ]
    wanted = (
        WriteFile(MODPROBE_FILE, f"{MARKER}\n{options.line()}\n", "keep the names after a restart"),
        WriteFile(LOAD_FILE, f"{MARKER}\n{MODULE}\n", "load the driver at every start"),
        WriteFile(
            UDEV_FILE,
            "\n".join([MARKER, *rules, ""]),
            "give the cameras to the user at the screen, and the fixed names /dev/jikcam0 and on",
        ),
    )
    return [
        step
        for step in wanted
        if facts.files.get(step.path) != step.text and (facts.udev or step.path != UDEV_FILE)
    ]


def is_ours(text: str) -> bool:
    """Whether jikcam wrote it."""
    return text.startswith(MARKER)


def strangers(facts: Facts) -> list[tuple[str, str]]:
    """(path, text) of files in the places of ours that aren't ours."""
    return [(path, text) for path, text in facts.files.items() if not is_ours(text)]


def our_labels(facts: Facts) -> tuple[str, ...]:
    """Names of the cameras that our file makes at every start."""
    text = facts.files.get(MODPROBE_FILE, "")
    return labels_in(text) if is_ours(text) else ()


def labels_in(text: str) -> tuple[str, ...]:
    """Names of the cameras that a file or line of options makes."""
    options = parse_file(text)
    return options.labels if options else ()


def parse_file(text: str) -> Options | None:
    """The first options line of a file."""
    return next((options for line in text.splitlines() if (options := parse(line))), None)
