"""The virtual camera on Linux: facts in, plan out. Nothing here looks at or changes the machine."""

from __future__ import annotations

import re

from install import linux_packages
from install.linux_facts import Facts, blocked, describe
from install.linux_files import (
    FILES,
    UDEV_FILE,
    is_ours,
    labels_in,
    missing_files,
    options_for,
    our_labels,
    parse_file,
    strangers,
)
from install.loopback import MODULE, MOST_DEVICES, Options, make
from install.steps import Command, Plan, RemoveFile, Step

RELOAD_RULES = Command(("udevadm", "control", "--reload"), "tell udev of the changed rules")
APPLY_RULES = Command(
    ("udevadm", "trigger", "--subsystem-match=video4linux", "--action=change"),
    "give the cameras their fixed names",
)
UNLOAD = Command(("modprobe", "-r", MODULE), "unload the driver")


def plan_setup(facts: Facts, labels: tuple[str, ...], persist: bool = True) -> Plan:
    """What makes cameras of these names, now and (``persist``) after every start."""
    found = describe(facts)
    if why := blocked(facts):
        return Plan(found, blocked=why)
    there = {device.label: device for device in facts.devices}
    missing = [label for label in labels if label not in there]
    dull = [label for label in labels if label in there and there[label].exclusive is False]
    foreign = [*facts.foreign, *strangers(facts)]
    if foreign and (missing or dull):
        return Plan(found, by_hand=_foreign_advice(facts, labels, foreign), notes=_notes(facts))
    driver: tuple[Step, ...] = ()
    if not facts.loaded and not facts.module_available:
        driver = _packages(facts)
        if not driver:
            return Plan(found, by_hand=(_unknown_packages(facts),), notes=_notes(facts))
    options = options_for(facts, labels)
    files: list[Step] = [*missing_files(facts, options)] if persist and not foreign else []
    if any(step.path == UDEV_FILE for step in files if not isinstance(step, Command)):
        files.append(RELOAD_RULES)
    loading = _load(facts, options, missing, dull)
    if loading == [] and RELOAD_RULES in files:
        loading = [APPLY_RULES]
    by_hand = (_reload_advice(facts, missing or dull),) if loading is None else ()
    steps = (*driver, *files, *(loading or ()))
    return Plan(found, steps, by_hand, _notes(facts) if steps or by_hand else ())


def plan_undo(facts: Facts, labels: tuple[str, ...]) -> Plan:
    """What takes away all that ``plan_setup`` made, and nothing else."""
    foreign = {label for _, line in facts.foreign for label in labels_in(line)}
    made = {*labels, *our_labels(facts)} - foreign
    mine = [device for device in facts.devices if device.label in made]
    if mine and facts.users:  # all or nothing: the files say which cameras are jikcam's
        wait = "close the programs that show or feed the camera, then run this again"
        return Plan(describe(facts), by_hand=(wait,))
    ours = [path for path in FILES if is_ours(facts.files.get(path, ""))]
    steps: list[Step] = [RemoveFile(path, "remove what jikcam wrote") for path in ours]
    if UDEV_FILE in ours and facts.udev:
        steps.append(RELOAD_RULES)
    notes = [f"{path} is not jikcam's and stays" for path, _ in strangers(facts)]
    by_hand: list[str] = []
    if mine and len(mine) == len(facts.devices):
        steps.append(UNLOAD)
    elif mine and facts.can_add:
        steps += [
            Command(("v4l2loopback-ctl", "delete", f"/dev/video{d.number}"), f"remove the camera {d.label}")
            for d in mine
        ]
    elif mine:
        by_hand.append("restart the computer: the same driver holds other virtual cameras, which stay")
    if steps and (removal := linux_packages.removal(facts.family)):
        notes.append(f"the driver's package stays, others may use it; to remove it: sudo {removal}")
    return Plan(describe(facts), tuple(steps), tuple(by_hand), tuple(notes))


def explain(output: str, facts: Facts) -> str:
    """What a failed step means and what to do, in one line; "" when its own words must do."""
    release = re.escape(facts.release)
    if "rejected by service" in output or "Required key not available" in output:
        return linux_packages.secure_boot_note(facts.family, facts.ubuntu, facts.certificate)
    if f"Module {MODULE} not found" in output:
        return (
            "the driver was not built for this kernel; look at the output of: dkms status."
            " If a newer kernel is installed, restart the computer first"
        )
    if "emporary failure resolving" in output or "Could not resolve host" in output:
        return "the packages come over the network, and there is none; connect, then run this again"
    headers = f"(locate package linux-headers-{release}|No match.*kernel-devel-{release})"
    if re.search(headers, output):
        return (
            f"there are no headers for the running kernel {facts.release} any more; update the system,"
            " restart, and run this again"
        )
    if "akmod-v4l2loopback" in output:
        return "the driver is in RPM Fusion (free); enable that repository first, then run this again"
    if "in use" in output:
        return "close the programs that show or feed the camera, then run this again"
    return ""


def _packages(facts: Facts) -> tuple[Command, ...]:
    if facts.image_based:
        return ()
    if facts.dkms_source:
        return linux_packages.rebuild(facts.family, facts.release, facts.headers)
    return linux_packages.install(facts.family, facts.release, facts.headers)


def _unknown_packages(facts: Facts) -> str:
    if facts.image_based:
        return (
            "this system is an image: layer the driver with its own tool (such as rpm-ostree install"
            " akmod-v4l2loopback, from RPM Fusion), restart, and run this again"
        )
    return f"install your distribution's package with the kernel module {MODULE}, then run this again"


def _load(facts: Facts, options: Options, missing: list[str], dull: list[str]) -> list[Step] | None:
    """The steps that bring the cameras up now; None when only the user can."""
    load = Command(("modprobe", MODULE, *options.arguments()), "load the driver with the cameras")
    if not facts.loaded:
        return [load]
    if not missing and not dull:
        return []
    if facts.can_add and not dull:
        return [
            Command(
                ("v4l2loopback-ctl", "add", "-x", "1", "-n", label, f"/dev/video{number}"),
                f"add the camera {label}",
            )
            for label, number in zip(options.labels, options.numbers, strict=True)
            if label in missing
        ]
    if not facts.users and all(d.label in (*options.labels, *our_labels(facts)) for d in facts.devices):
        return [UNLOAD, load]
    return None


def _reload_advice(facts: Facts, labels: list[str]) -> str:
    have = ", ".join(f"/dev/video{d.number} ({d.label})" for d in facts.devices) or "no device"
    return (
        f"{MODULE} is loaded with {have}. For {', '.join(labels)}: close the programs that use it, run"
        f" `sudo modprobe -r {MODULE} && sudo modprobe {MODULE}`, or restart. Or use what is there:"
        " jikcam run --device NAME"
    )


def _foreign_advice(facts: Facts, labels: tuple[str, ...], foreign: list[tuple[str, str]]) -> tuple[str, ...]:
    path, text = foreign[0]
    own = parse_file(text)
    if own is None:
        return (f"{path} is not jikcam's and is left alone; move it away, then run this again",)
    merged = own.merged(make(labels, {*facts.numbers, *own.numbers}))
    leave = f"your own settings in {path} are left alone"
    if facts.devices:
        leave += f"; to use them as they are: jikcam run --device '{facts.devices[0].label}'"
    if len(merged.numbers) > MOST_DEVICES:
        return (leave,)
    return (
        leave,
        f"or put this line there instead of yours:\n     {merged.line()}",
        "then close the programs that use the cameras, and run:"
        f"\n     sudo modprobe -r {MODULE}; sudo modprobe {MODULE}",
    )


def _notes(facts: Facts) -> tuple[str, ...]:
    notes = []
    if facts.secure_boot and not facts.loaded:
        notes.append(linux_packages.secure_boot_note(facts.family, facts.ubuntu, facts.certificate))
    if facts.family == "dnf" and not facts.module_available and not facts.loaded:
        notes.append("Fedora has the driver in RPM Fusion (free): enable that repository first")
    if facts.user and not facts.may_open:
        notes.append(
            "who works over the network and not at the screen needs the group video:"
            f" sudo usermod -aG video {facts.user}, then log in again"
        )
    notes.append(
        "OBS's own Start Virtual Camera takes the first free device: start jikcam before it, or give OBS"
        ' one of its own: --label jikcam "OBS Virtual Camera"'
    )
    return tuple(notes)
