"""The plan for Linux: pure, so every kind of machine is a line here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from install.linux import explain, plan_setup, plan_undo
from install.linux_facts import Device, Facts
from install.linux_files import FILES, MODPROBE_FILE
from install.linux_packages import family_of, install
from install.linux_reader import read_facts
from install.loopback import Options, names, parse
from install.steps import MARKER, Command, Plan, RemoveFile, WriteFile

BARE = Facts()
OURS = ("jikcam",)
OBS = Device(0, "OBS Virtual Camera", True)
OBS_LINE = ("/etc/modprobe.d/obs.conf", 'options v4l2loopback video_nr=0 card_label="OBS Virtual Camera"')


def commands(plan: Plan) -> list[str]:
    return [" ".join(step.argv) for step in plan.steps if isinstance(step, Command)]


def after(facts: Facts, plan: Plan) -> Facts:
    """The facts once the plan's steps are done."""
    files = dict(facts.files)
    for step in plan.steps:
        if isinstance(step, WriteFile):
            files[step.path] = step.text
        elif isinstance(step, RemoveFile):
            del files[step.path]
    options = parse(files.get(MODPROBE_FILE, "").partition("\n")[2]) or Options((), (), ())
    devices = tuple(Device(n, label, True) for n, label in zip(options.numbers, options.labels, strict=True))
    return replace(facts, loaded=bool(devices), devices=devices, files=files,
                   numbers=tuple(d.number for d in devices))  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (
            replace(BARE, takes_modules=False, boxed="container"),
            ["loads no modules", "host of this container"],
        ),
        (replace(BARE, has_module_files=False), ["/lib/modules/6.1.0-18-amd64 is not here", "restart"]),
        (replace(BARE, boxed="WSL", takes_modules=True), ["WSL", "Windows itself"]),
        (replace(BARE, videodev=False), ["built without video", "linux-image-amd64"]),
    ],
)
def test_machines_that_cannot(facts: Facts, words: list[str]) -> None:
    plan = plan_setup(facts, OURS)
    assert not plan.steps
    assert all(word in plan.blocked for word in [*words, "without a driver"])


@pytest.mark.parametrize(
    ("family", "first"),
    [
        ("apt", "apt-get update"),
        ("dnf", "dnf install -y akmod-v4l2loopback kernel-devel-6.1.0-18-amd64"),
        ("pacman", "pacman -S --needed --noconfirm v4l2loopback-dkms linux-headers"),
        ("zypper", "zypper --non-interactive install v4l2loopback-kmp-default"),
    ],
)
def test_packages_of_each_family(family: str, first: str) -> None:
    plan = plan_setup(replace(BARE, family=family), OURS)
    assert commands(plan)[0] == first
    assert commands(plan)[-1].startswith("modprobe v4l2loopback devices=1 video_nr=10 card_label=jikcam")


def test_unknown_and_image_based_systems_get_words() -> None:
    for facts in (replace(BARE, family=""), replace(BARE, family="dnf", image_based=True)):
        plan = plan_setup(facts, OURS)
        assert not plan.steps and "run this again" in plan.by_hand[0]


def test_headers_only_where_they_lack() -> None:
    assert "linux-headers" not in " ".join(install("apt", "6.1", headers=True)[1].argv)
    assert install("pacman", "6.6.1-1-lts", headers=False)[0].argv[-1] == "linux-lts-headers"
    built = commands(plan_setup(replace(BARE, dkms_source=True, headers=True), OURS))
    assert built[0] == "dkms autoinstall -k 6.1.0-18-amd64"


@pytest.mark.parametrize("labels", [OURS, ("jikcam", "jikcam 2"), ("a", "b", "c")])
def test_the_second_time_finds_everything(labels: tuple[str, ...]) -> None:
    ready = replace(BARE, module_available=True)
    once = after(ready, plan_setup(ready, labels))
    assert plan_setup(once, labels).complete
    undone = plan_undo(once, labels)
    assert sorted(s.path for s in undone.steps if isinstance(s, RemoveFile)) == sorted(FILES)
    assert plan_undo(after(once, undone), labels).complete


def test_numbers_of_other_cameras_are_left_free() -> None:
    plan = plan_setup(replace(BARE, module_available=True, numbers=(0, 1, 10, 12)), ("a", "b"))
    assert "video_nr=11,13" in commands(plan)[-1]


def test_numbers_stay_when_a_camera_is_added() -> None:
    ready = replace(BARE, module_available=True)
    once = after(ready, plan_setup(ready, ("b",)))
    plan = plan_setup(once, ("a", "b"))
    assert commands(plan)[-2:] == [
        "modprobe -r v4l2loopback",
        "modprobe v4l2loopback devices=2 video_nr=11,10 card_label=a,b exclusive_caps=1,1 max_buffers=4",
    ]
    in_use = commands(plan_setup(replace(once, users=1), ("a", "b")))
    assert in_use == ["udevadm control --reload"]  # never pulled from under a user


def test_without_udev_there_is_no_rule() -> None:
    plan = plan_setup(replace(BARE, module_available=True, udev=False), OURS)
    assert not any("udev" in line for line in commands(plan))
    assert [s.path for s in plan.steps if isinstance(s, WriteFile)] == list(FILES[:2])


def test_a_loaded_driver_of_somebody_else_is_not_unloaded() -> None:
    loaded = replace(BARE, module_available=True, loaded=True, devices=(OBS,), numbers=(0,))
    plan = plan_setup(loaded, OURS)
    assert not any("modprobe" in line for line in commands(plan))
    assert "OBS Virtual Camera" in plan.by_hand[0]
    added = commands(plan_setup(replace(loaded, can_add=True), OURS))
    assert added[-1] == "v4l2loopback-ctl add -x 1 -n jikcam /dev/video10"
    both = replace(loaded, can_add=True, devices=(OBS, Device(10, "jikcam")))
    assert commands(plan_undo(both, OURS)) == ["v4l2loopback-ctl delete /dev/video10"]
    assert "other virtual cameras" in plan_undo(replace(both, can_add=False), OURS).by_hand[0]


def test_foreign_settings_get_advice_only() -> None:
    plan = plan_setup(replace(BARE, module_available=True, foreign=(OBS_LINE,)), OURS)
    assert not plan.steps
    assert 'video_nr=0,10 card_label="OBS Virtual Camera,jikcam" exclusive_caps=0,1' in plan.by_hand[1]
    merged = replace(BARE, loaded=True, devices=(OBS, Device(10, "jikcam", True)),
                     foreign=((OBS_LINE[0], plan.by_hand[1].split("     ")[1]),))  # fmt: skip
    assert plan_setup(merged, OURS).complete  # once the user has taken the advice
    assert plan_undo(merged, OURS).complete  # and it stays the user's


def test_a_camera_that_browsers_cannot_see_is_loaded_anew() -> None:
    dull = replace(
        BARE, loaded=True, module_available=True, devices=(Device(10, "jikcam", False),), numbers=(10,)
    )
    assert commands(plan_setup(dull, OURS, persist=False))[0] == "modprobe -r v4l2loopback"
    assert plan_setup(replace(dull, users=2), OURS, persist=False).by_hand


def test_undo_waits_for_programs_that_use_the_camera() -> None:
    ready = replace(BARE, module_available=True)
    busy = replace(after(ready, plan_setup(ready, OURS)), users=1)
    plan = plan_undo(busy, OURS)
    assert not plan.steps and "close the programs" in plan.by_hand[0]


@pytest.mark.parametrize(
    ("facts", "path"),
    [
        (Facts(secure_boot=True), "/var/lib/dkms/mok.pub"),
        (Facts(secure_boot=True, ubuntu=True), "/var/lib/shim-signed/mok/MOK.der"),
        (Facts(secure_boot=True, family="dnf"), "/etc/pki/akmods/certs/public_key.der"),
        (Facts(secure_boot=True, certificate="/var/lib/dkms/mok.pub", ubuntu=True), "/var/lib/dkms/mok.pub"),
    ],
)
def test_secure_boot_names_the_certificate(facts: Facts, path: str) -> None:
    assert any(f"mokutil --import {path}" in note for note in plan_setup(facts, OURS).notes)
    assert path in explain("Key was rejected by service", facts)


def test_failures_that_are_known() -> None:
    assert "dkms status" in explain("modprobe: FATAL: Module v4l2loopback not found in ...", BARE)
    assert "no headers" in explain("E: Unable to locate package linux-headers-6.1.0-18-amd64", BARE)
    assert "network" in explain("E: linux-headers-6.1.0-18-amd64: Temporary failure resolving 'x'", BARE)
    assert "RPM Fusion" in explain("No match for argument: akmod-v4l2loopback", BARE)
    assert "close the programs" in explain("modprobe: FATAL: Module v4l2loopback is in use.", BARE)
    assert explain("something new", BARE) == ""


@pytest.mark.parametrize(
    ("os_release", "family"),
    [
        ("ID=ubuntu\nID_LIKE=debian\n", "apt"),
        ('ID="linuxmint"\nID_LIKE="ubuntu debian"\n', "apt"),
        ("ID=fedora\n", "dnf"),
        ("ID=arch\n", "pacman"),
        ('ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n', "zypper"),
        ("ID=nixos\n", ""),
    ],
)
def test_families(os_release: str, family: str) -> None:
    assert family_of(os_release) == family


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("options v4l2loopback", Options((-1,), ("",), (False,))),
        ('options v4l2loopback card_label="A b,C" devices=2',
         Options((-1, -1), ("A b", "C"), (False, False))),
        ("options v4l2loopback video_nr=4,5 exclusive_caps=1 max_openers=9  # mine",
         Options((4, 5), ("", ""), (True, False), ("max_openers=9",))),
        ("options snd index=1", None),
        ('options v4l2loopback card_label="open', None),
    ],
)  # fmt: skip
def test_lines_of_options(line: str, options: Options | None) -> None:
    assert parse(line) == options


def test_names_for_any_number() -> None:
    assert names((), 0) == ("jikcam",)
    assert names((), 3) == ("jikcam", "jikcam 2", "jikcam 3")
    assert names(("jikcam 2", "x", "x"), 4) == ("jikcam 2", "x", "jikcam", "jikcam 3")


def test_reading_a_machine(tmp_path: Path) -> None:
    def write(path: str, content: bytes) -> None:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)

    write(
        "lib/modules/6.8/modules.dep",
        b"kernel/v4l2loopback.ko.zst: kernel/videodev.ko.zst\nkernel/videodev.ko.zst:\n",
    )
    write("lib/modules/6.8/build", b"")
    write("proc/modules", b"v4l2loopback 49152 3 - Live 0x0\n")
    write("etc/os-release", b"ID=ubuntu\nID_LIKE=debian\n")
    write("sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", b"\x06\0\0\0\x01")
    write("etc/modprobe.d/v4l.conf", b"# mine\noptions v4l2loopback video_nr=7\n")
    write("etc/modules-load.d/jikcam.conf", f"{MARKER}\nv4l2loopback\n".encode())
    write("sys/devices/virtual/video4linux/video7/name", b"Cam\n")
    write("sys/devices/pci0/video4linux/video0/name", b"Webcam\n")
    write("sys/module/v4l2loopback/parameters/video_nr", b"7,-1,-1\n")
    write("sys/module/v4l2loopback/parameters/exclusive_caps", b"N,N,N\n")
    (tmp_path / "sys/class/video4linux").mkdir(parents=True)
    for place in ("virtual/video4linux/video7", "pci0/video4linux/video0"):
        (tmp_path / "sys/class/video4linux" / place[-6:]).symlink_to(tmp_path / "sys/devices" / place)

    facts = read_facts(tmp_path, "6.8")
    assert facts.loaded and facts.module_available and facts.headers and facts.secure_boot and facts.ubuntu
    assert (facts.users, facts.numbers, facts.devices) == (3, (0, 7), (Device(7, "Cam", False),))
    assert facts.foreign == (("/etc/modprobe.d/v4l.conf", "options v4l2loopback video_nr=7"),)
    assert list(facts.files) == ["/etc/modules-load.d/jikcam.conf"]
    assert read_facts(tmp_path / "nothing", "6.8").devices == ()
