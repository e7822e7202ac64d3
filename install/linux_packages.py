"""Which packages hold v4l2loopback, and what secure boot asks for, per family of distributions."""

from __future__ import annotations

import re

from install.steps import Command

#: The family of an ID or ID_LIKE of /etc/os-release.
FAMILIES = {
    "debian": "apt",
    "ubuntu": "apt",
    "raspbian": "apt",
    "fedora": "dnf",
    "rhel": "dnf",
    "centos": "dnf",
    "arch": "pacman",
    "manjaro": "pacman",
    "suse": "zypper",
    "opensuse": "zypper",
    "opensuse-leap": "zypper",
    "opensuse-tumbleweed": "zypper",
}
#: The certificate whose key signs what is built on this machine.
CERTIFICATES = (
    "/var/lib/shim-signed/mok/MOK.der",
    "/var/lib/dkms/mok.pub",
    "/etc/pki/akmods/certs/public_key.der",
)
_WHY = "install the driver v4l2loopback"


def family_of(os_release: str) -> str:
    """apt, dnf, pacman, zypper, or "" when the distribution is another."""
    values = dict(re.findall(r'^(ID|ID_LIKE)="?([^"\n]*)"?$', os_release, re.MULTILINE))
    for word in f"{values.get('ID', '')} {values.get('ID_LIKE', '')}".split():
        if word in FAMILIES:
            return FAMILIES[word]
    return ""


def arch_headers(release: str) -> str:
    """The package with the headers of an Arch kernel."""
    flavour = re.search(r"-(lts|zen|hardened|rt|rt-lts)$", release)
    return f"linux-{flavour.group(1)}-headers" if flavour else "linux-headers"


def install(family: str, release: str, headers: bool) -> tuple[Command, ...]:
    """The commands that install the driver; empty for an unknown family.

    Args:
        family: as of ``family_of``.
        release: of the running kernel, as ``uname -r`` says.
        headers: its headers are here, so that the driver can be built.
    """
    if family == "apt":
        packages = ("v4l2loopback-dkms", *(() if headers else (f"linux-headers-{release}",)))
        get = ("apt-get", "install", "-y", "--no-install-recommends", *packages)
        return (Command(("apt-get", "update"), "read the list of packages"), Command(get, _WHY))
    if family == "dnf":
        return (
            Command(("dnf", "install", "-y", "akmod-v4l2loopback", f"kernel-devel-{release}"), _WHY),
            Command(("akmods", "--force", "--kernels", release), "build it for this kernel"),
        )
    if family == "pacman":
        packages = ("v4l2loopback-dkms", *(() if headers else (arch_headers(release),)))
        return (Command(("pacman", "-S", "--needed", "--noconfirm", *packages), _WHY),)
    if family == "zypper":
        return (Command(("zypper", "--non-interactive", "install", "v4l2loopback-kmp-default"), _WHY),)
    return ()


def rebuild(family: str, release: str, headers: bool) -> tuple[Command, ...]:
    """The commands that build an installed DKMS driver for the running kernel."""
    steps = () if headers else install(family, release, headers)
    build = Command(("dkms", "autoinstall", "-k", release), "build the driver for this kernel")
    return (*steps, build)


def removal(family: str) -> str:
    """The command that removes the driver's package; jikcam leaves that to the user."""
    return {
        "apt": "apt-get remove v4l2loopback-dkms",
        "dnf": "dnf remove akmod-v4l2loopback",
        "pacman": "pacman -R v4l2loopback-dkms",
        "zypper": "zypper remove v4l2loopback-kmp-default",
    }.get(family, "")


def secure_boot_note(family: str, ubuntu: bool, certificate: str) -> str:
    """What to do when the kernel refuses the driver because nobody signed it.

    Args:
        family: as of ``family_of``.
        ubuntu: Ubuntu or made from it.
        certificate: the one found on this machine, or "".
    """
    usual = {"dnf": CERTIFICATES[2], "apt": CERTIFICATES[0] if ubuntu else CERTIFICATES[1]}
    path = certificate or usual.get(family, CERTIFICATES[1])
    make_key = "sudo kmodgenca -a, then " if family == "dnf" and not certificate else ""
    return (
        'secure boot is on. If loading fails with "Key was rejected by service": '
        f"{make_key}sudo mokutil --import {path} (choose a password), restart, and in the blue screen"
        " choose Enroll MOK > Continue > Yes, the password, Reboot; then run this again"
    )
