#!/usr/bin/env python3
"""Makes the virtual-camera guest: a stock Debian kernel, v4l2loopback and a first process, in one folder.

    python3 tests/guest/build.py CACHE      # CACHE/vmlinux, CACHE/initrd, CACHE/v4l2loopback.ko, CACHE/stamp

Everything comes from the Debian packages of this machine's own apt sources, unpacked without installing
them, so no root is needed. A cache made by the same recipe is left as it is. Standard library only.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import lzma
import os
import re
import shutil
import stat
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
#: What the first process loads before the root is there; v4l2loopback follows with the caller's options.
DRIVERS = ("virtio_pci", "virtio_console", "virtio_rng", "9pnet_virtio", "9p", "overlay")
LOOPBACK = "v4l2loopback"
TOOLS = {"make": "make", "gcc-12": "gcc-12", "apt-get": "apt", "dpkg": "dpkg"}
#: struct setup_header of Documentation/x86/boot.rst
_SETUP_SECTORS_AT, _PAYLOAD_AT = 0x1F1, 0x248
_XZ = b"\xfd7zXZ\0"


class BuildError(Exception):
    """The guest can't be made; one line that says why."""


class Apt:
    """Downloads packages; with package lists of its own where the system's are missing or out of date."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        # Else apt tries to download as user _apt, who may not write here.
        self._options = ["-o", f"APT::Sandbox::User={'root' if os.getuid() == 0 else ''}"]
        self._own_lists = False

    def depends(self, package: str) -> list[str]:
        """Names of the packages it depends on."""
        try:
            text = self._run("apt-cache", "depends", "--no-recommends", package)
        except BuildError:  # so it says that there are no lists at all, or none with this package
            if self._own_lists:
                raise
            self._refresh()
            return self.depends(package)
        return re.findall(r"^ +\|?Depends: (\S+)", text, re.MULTILINE)

    def unpack(self, packages: Iterable[str], into: Path) -> None:
        """Download these packages and unpack them below ``into``."""
        folder = Path(tempfile.mkdtemp(dir=self._scratch))
        wanted = list(packages)
        try:
            self._run("apt-get", "-qq", "download", *wanted, cwd=folder)
        except BuildError:
            if self._own_lists:
                raise
            self._refresh()
            self._run("apt-get", "-qq", "download", *wanted, cwd=folder)
        for package in sorted(folder.glob("*.deb")):
            _run("dpkg", "-x", str(package), str(into))
        shutil.rmtree(folder)

    def _refresh(self) -> None:
        lists, cache = self._scratch / "lists", self._scratch / "archives"
        for folder in (lists / "partial", cache / "archives" / "partial"):
            folder.mkdir(parents=True, exist_ok=True)
        self._options += ["-o", f"Dir::State::lists={lists}", "-o", f"Dir::Cache={cache}"]
        self._own_lists = True
        self._run("apt-get", "-qq", "update")

    def _run(self, tool: str, *arguments: str, cwd: Path | None = None) -> str:
        return _run(tool, *self._options, *arguments, cwd=cwd)


def build(cache: Path) -> None:
    """Make the guest in ``cache``, unless it's there already; safe to call at the same time.

    Raises:
        BuildError: a tool or a package is missing, or the module doesn't compile.
    """
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _stamp_of(cache) == _recipe():
            return
        missing = [package for tool, package in TOOLS.items() if not shutil.which(tool)]
        if missing:
            raise BuildError(f"install these packages first: {' '.join(missing)}")
        print(f"guest: making it in {cache}", file=sys.stderr, flush=True)
        (cache / "stamp").unlink(missing_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix="build-") as scratch:
            _make(Path(scratch), cache)
        (cache / "stamp").write_text(_recipe())


def _make(scratch: Path, cache: Path) -> None:
    apt, root = Apt(scratch), scratch / "root"
    release = _only(apt.depends("linux-image-amd64"), r"linux-image-(\d.*)")
    headers = f"linux-headers-{release}"
    parts = [p for p in apt.depends(headers) if re.match(r"linux-(headers|kbuild)-", p)]
    apt.unpack([f"linux-image-{release}", headers, *parts, f"{LOOPBACK}-dkms", "busybox-static"], root)
    source = next((root / "usr/src").glob(f"{LOOPBACK}-*"))
    tree = root / "usr/src" / headers
    makefile = tree / "Makefile"
    makefile.write_text(makefile.read_text().replace("/usr/src/", f"{root}/usr/src/"))
    _run("make", "-s", "-C", str(tree), f"M={source}", "modules")

    files = {"init": (HERE / "init").read_bytes(), "bin/busybox": _busybox(root).read_bytes()}
    order = list(_with_dependencies(root, [*DRIVERS, LOOPBACK]))
    for name, content in order:
        files[f"modules/{name}.ko"] = content
    files["modules/order"] = "".join(f"{name}\n" for name, _ in order if name != LOOPBACK).encode()
    with gzip.open(cache / "initrd", "wb", compresslevel=1) as initrd:
        initrd.writelines(_cpio(files, folders=("dev", "proc", "sys", "host", "job", "upper", "root")))
    (cache / f"{LOOPBACK}.ko").write_bytes(dict(order)[LOOPBACK])
    (cache / "vmlinux").write_bytes(_unpacked_kernel((root / f"boot/vmlinuz-{release}").read_bytes()))
    (cache / "version").write_text(f"Linux {release}, {source.name}\n")


def _unpacked_kernel(image: bytes) -> bytes:
    """The ELF kernel inside a bzImage: QEMU starts it directly, which saves seconds of emulated unpacking."""
    sectors = image[_SETUP_SECTORS_AT] or 4
    offset, length = struct.unpack_from("<II", image, _PAYLOAD_AT)
    begin = (sectors + 1) * 512 + offset
    payload = image[begin : begin + length]
    if not payload.startswith(_XZ):
        return image  # packed otherwise; slower to start, but it starts
    return lzma.LZMADecompressor().decompress(payload)


def _with_dependencies(root: Path, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """(name, content) of each kernel module after those it needs; what is built in isn't listed."""
    files = {_plain(path): path for path in root.glob("**/*.ko*") if path.is_file()}
    seen: set[str] = set()

    def visit(name: str) -> Iterator[tuple[str, bytes]]:
        if name in seen or name not in files:
            return
        seen.add(name)
        content = files[name].read_bytes()
        if content.startswith(_XZ):
            content = lzma.decompress(content)
        needs = re.search(rb"\0depends=([^\0]+)\0", content)
        for needed in needs[1].decode().split(",") if needs else ():
            yield from visit(needed.replace("-", "_"))
        yield name, content

    for name in names:
        yield from visit(name)
    if LOOPBACK not in seen:
        raise BuildError(f"{LOOPBACK}.ko was not made")


def _plain(path: Path) -> str:
    return path.name.split(".ko")[0].replace("-", "_")


def _cpio(files: dict[str, bytes], folders: Iterable[str]) -> Iterator[bytes]:
    """An archive in the format "newc" of cpio(5), as the kernel wants its first file system."""
    named = {parent for name in files for parent in map(str, Path(name).parents) if parent != "."}
    entries = [(name, stat.S_IFDIR | 0o755, b"") for name in sorted({*folders, *named})]
    entries += [(name, stat.S_IFREG | 0o755, content) for name, content in files.items()]
    entries.append(("TRAILER!!!", 0, b""))
    for inode, (name, mode, content) in enumerate(entries, 1):
        path = name.encode() + b"\0"
        fields = (inode, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(path), 0)
        head = b"070701" + b"".join(b"%08x" % field for field in fields) + path
        yield head + bytes(-len(head) % 4) + content + bytes(-len(content) % 4)


def _busybox(root: Path) -> Path:
    return next(path for path in root.glob("**/bin/busybox") if path.is_file())


def _recipe() -> str:
    parts = (HERE / "init", HERE / "build.py")
    return hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()


def _stamp_of(cache: Path) -> str:
    stamp = cache / "stamp"
    return stamp.read_text() if stamp.exists() else ""


def _only(names: list[str], pattern: str) -> str:
    for name in names:
        if match := re.fullmatch(pattern, name):
            return match[1]
    raise BuildError(f"no kernel among {', '.join(names) or 'no packages'}; the guest needs Debian on amd64")


def _run(*command: str, cwd: Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        tail = " ".join((done.stderr or done.stdout).split()[-60:])
        raise BuildError(f"{' '.join(command[:3])}... failed: {tail}")
    return done.stdout


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: build.py CACHE")
    try:
        build(Path(sys.argv[1]).resolve())
    except BuildError as error:
        raise SystemExit(f"guest: {error}") from None
