"""What a Linux machine says of virtual cameras, as one value, and what that means in words."""

from __future__ import annotations

from dataclasses import dataclass, field

from install.loopback import MODULE
from install.steps import MARKER

_STREAM = "OBS can show jikcam without a driver: docs/install-linux.md"


@dataclass(frozen=True, slots=True)
class Device:
    """One v4l2loopback device; ``exclusive`` is None where the module doesn't tell."""

    number: int
    label: str
    exclusive: bool | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the machine says.

    Attributes:
        release: of the running kernel.
        family: of the distribution, see ``linux_packages.family_of``.
        ubuntu: Ubuntu or made from it.
        takes_modules: this kernel can load modules.
        has_module_files: the modules of this kernel are on this machine.
        boxed: container or WSL, by name; "" on a machine of its own.
        image_based: the system's files are an image (rpm-ostree and the like).
        videodev: the kernel has video at all, built in or as a module.
        module_available: v4l2loopback lies ready for this kernel.
        dkms_source: its DKMS package is installed, whether built or not.
        headers: the headers of this kernel are here.
        secure_boot: the firmware checks signatures.
        certificate: of the key that signs what is built here, or "".
        loaded: v4l2loopback is loaded.
        users: how many programs hold its devices.
        devices: its devices.
        numbers: of every video device there is.
        can_add: devices can be added while it is loaded (v4l2loopback-ctl and /dev/v4l2loopback).
        files: text of each of linux_files.FILES that exists.
        foreign: (path, line) of each "options v4l2loopback" that is not ours.
        udev: udevadm is here, so that rules have an effect.
        user: who will run jikcam.
        may_open: that user is in the group video, or root.
    """

    release: str = "6.1.0-18-amd64"
    family: str = "apt"
    ubuntu: bool = False
    takes_modules: bool = True
    has_module_files: bool = True
    boxed: str = ""
    image_based: bool = False
    videodev: bool = True
    module_available: bool = False
    dkms_source: bool = False
    headers: bool = False
    secure_boot: bool = False
    certificate: str = ""
    loaded: bool = False
    users: int = 0
    devices: tuple[Device, ...] = ()
    numbers: tuple[int, ...] = ()
    can_add: bool = False
    files: dict[str, str] = field(default_factory=dict)
    foreign: tuple[tuple[str, str], ...] = ()
    udev: bool = True
    user: str = ""
    may_open: bool = True


def describe(facts: Facts) -> tuple[str, ...]:
    """What is there, a line each."""
    driver = "loaded" if facts.loaded else "ready to load" if facts.module_available else "not installed"
    if not facts.module_available and not facts.loaded and facts.dkms_source:
        driver = "installed, but not built for this kernel"
    lines = [f"kernel {facts.release}{f' ({facts.boxed})' if facts.boxed else ''}", f"{MODULE}: {driver}"]
    for device in facts.devices:
        hidden = " (exclusive_caps=0: browsers don't see it)" if device.exclusive is False else ""
        lines.append(f"/dev/video{device.number}: {device.label}{hidden}")
    lines += [f"{path}: {line}" for path, line in facts.foreign]
    lines += [f"{path}: {'jikcam' if text.startswith(MARKER) else 'not jikcam'}'s"
              for path, text in facts.files.items()]  # fmt: skip
    return tuple(lines)


def blocked(facts: Facts) -> str:
    """Why no virtual camera can be had on this kernel; empty when one can."""
    where = (
        f" Load it on the host of this {facts.boxed}, and hand its /dev/video10 in." if facts.boxed else ""
    )
    if facts.loaded:
        return ""
    if facts.boxed.startswith("WSL"):
        return f"this kernel (WSL) has no {MODULE}; run jikcam on Windows itself. {_STREAM}"
    if not facts.takes_modules:
        return f"this kernel loads no modules, so it has no {MODULE}.{where} {_STREAM}"
    if not facts.has_module_files:
        return (
            f"/lib/modules/{facts.release} is not here, so this kernel has no {MODULE}: a container, a small"
            f" virtual machine, or a kernel update before a restart.{where} {_STREAM}"
        )
    if not facts.videodev:
        return (
            f"kernel {facts.release} is built without video, as cloud images are; install an ordinary kernel"
            " (Debian: linux-image-amd64; Ubuntu: linux-modules-extra-"
            f"{facts.release}) and restart. {_STREAM}"
        )
    return ""
