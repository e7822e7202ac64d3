"""What jikcam asks v4l2loopback itself, because pyvirtualcam doesn't (Linux only).

Sources: linux/videodev2.h for numbers and layouts; v4l2loopback 0.12.7 for the behaviour noted below.
"""

from __future__ import annotations

import errno
import logging
import os
import struct
from dataclasses import dataclass
from pathlib import Path

from virtualcam.sink import SinkError

log = logging.getLogger(__name__)

SYSFS = Path("/sys/class/video4linux")
DEV = Path("/dev")

INSTALL = (
    "run: sudo modprobe v4l2loopback video_nr=10 card_label=jikcam exclusive_caps=1"
    " (package v4l2loopback-dkms, or v4l2loopback on some distributions)"
)
JOIN_VIDEO = "run: sudo usermod -aG video $USER, then log in again"
#: A device whose label begins so was made for jikcam, which may leave it prepared for itself.
OWN_LABEL = "jikcam"

CAP_VIDEO_CAPTURE = 0x1
CAP_VIDEO_OUTPUT = 0x2
_BUF_TYPE_VIDEO_OUTPUT = 2
_CAPABILITY_BYTES = 104  # struct v4l2_capability
_CAPABILITIES_AT = 84
_POINTER_BYTES = struct.calcsize("P")
_FORMAT_BYTES = 200 + _POINTER_BYTES  # struct v4l2_format: the union is aligned like a pointer
_VIDIOC_QUERYCAP = 0x80005600 | _CAPABILITY_BYTES << 16
_VIDIOC_G_FMT = 0xC0005604 | _FORMAT_BYTES << 16
_VIDIOC_STREAMON = 0x40045612
_VIDIOC_G_CTRL = 0xC008561B
_VIDIOC_S_CTRL = 0xC008561C
#: "keep_format" of v4l2loopback: keep format and last picture when nobody has the device open.
_CID_KEEP_FORMAT = 0x0098F900
#: "sustain_framerate": give readers the last picture again when no new one comes.
_CID_SUSTAIN_FRAMERATE = 0x0098F901


@dataclass(frozen=True, slots=True)
class Loopback:
    """One virtual video device: its path and the label that programs show for it."""

    path: str
    label: str


@dataclass(frozen=True, slots=True)
class DeviceFormat:
    """The picture format a device is set to; ``fourcc`` as in videodev2.h, such as YU12."""

    width: int
    height: int
    fourcc: str


def loopbacks() -> list[Loopback]:
    """Every virtual video device, by number. Real cameras live on a bus and so elsewhere in sysfs."""
    found = [
        (int(entry.name[5:]), entry)
        for entry in (SYSFS.iterdir() if SYSFS.is_dir() else ())
        if entry.name[5:].isdigit() and entry.name.startswith("video") and "virtual" in entry.resolve().parts
    ]
    return [Loopback(str(DEV / e.name), (e / "name").read_text("utf-8").strip()) for _, e in sorted(found)]


def find(device: str) -> Loopback:
    """The device of that path or label.

    Raises:
        SinkError: there is none, or several bear the label.
    """
    known = loopbacks()
    if device.startswith("/"):
        real = os.path.realpath(device)
        match = [d for d in known if d.path == real]
    else:
        match = [d for d in known if d.label == device]
    if len(match) == 1:
        return match[0]
    if match:
        paths = ", ".join(d.path for d in match)
        raise SinkError(f"several virtual cameras are labelled {device!r}; give one of the paths {paths}")
    if known:
        have = ", ".join(f"{d.path} ({d.label})" for d in known)
        raise SinkError(f"there is no virtual camera {device!r}; choose one of {have}")
    raise SinkError(f"there is no virtual camera {device!r}; {INSTALL}")


def capabilities(path: str) -> int:
    """Capability bits of the device, at this moment. With exclusive_caps=1 they change as writers come.

    Raises:
        OSError: it can't be opened or is no video device.
    """
    buffer = bytearray(_CAPABILITY_BYTES)
    _ioctl(path, _VIDIOC_QUERYCAP, buffer)
    (bits,) = struct.unpack_from("I", buffer, _CAPABILITIES_AT)
    return int(bits)


def device_format(path: str) -> DeviceFormat:
    """What the device is set to, which is not what a writer asked for while a reader holds it.

    Raises:
        OSError: it can't be opened or won't tell.
    """
    buffer = bytearray(_FORMAT_BYTES)
    struct.pack_into("I", buffer, 0, _BUF_TYPE_VIDEO_OUTPUT)
    _ioctl(path, _VIDIOC_G_FMT, buffer)
    width, height, fourcc = struct.unpack_from("II4s", buffer, _POINTER_BYTES)
    return DeviceFormat(width, height, fourcc.decode("ascii", errors="replace"))


def unstick(path: str) -> None:
    """Let the device offer OUTPUT again after a writer has left.

    With exclusive_caps=1, v4l2loopback 0.12 takes the offer back at the first write() and restores it
    only when an opener it knows as a writer closes; one that used write() alone is not known as such.
    STREAMON marks an opener as the writer, even where it then fails for want of buffers. Never call
    this while somebody writes: two writers would mix their pictures.
    """
    try:
        _ioctl(path, _VIDIOC_STREAMON, bytearray(struct.pack("i", _BUF_TYPE_VIDEO_OUTPUT)))
    except OSError as error:
        log.debug("%s: STREAMON answered %s, as v4l2loopback does", path, error.strerror)


def keep_picture(path: str, keep: bool) -> None:
    """Have the device stay a camera with its last picture when nobody has it open, or not any more.

    A program that opens an untouched device finds no camera there, and OBS 29 never looks again. False
    takes the format back as soon as no program holds the device, so that another size can be set.
    """
    _set(path, _CID_KEEP_FORMAT, keep)


def repeat_picture(path: str, repeat: bool) -> None:
    """Have the device give its last picture again and again to the programs that have it open.

    For when nobody writes: Chromium ends a camera that has no picture for 10 s (its kContinuousTimeoutLimit).
    """
    _set(path, _CID_SUSTAIN_FRAMERATE, repeat)


def _set(path: str, control: int, value: int) -> None:
    """Set one of v4l2loopback's own controls; other drivers lack it."""
    try:
        _ioctl(path, _VIDIOC_S_CTRL, bytearray(struct.pack("Ii", control, value)))
    except OSError as error:
        log.debug("%s: control %#x answered %s", path, control, error.strerror)


def keeps_picture(path: str) -> bool:
    """Whether the device was left with its picture; then it is CAPTURE and OUTPUT at once while idle.

    Raises:
        OSError: it can't be opened or won't tell.
    """
    setting = bytearray(struct.pack("Ii", _CID_KEEP_FORMAT, 0))
    _ioctl(path, _VIDIOC_G_CTRL, setting)
    return bool(struct.unpack("Ii", setting)[1])


def is_own(path: str) -> bool:
    """Whether the device was made for jikcam, by its label."""
    return any(d.path == path and d.label.lower().startswith(OWN_LABEL) for d in loopbacks())


def problem(path: str, width: int, height: int) -> str:
    """Why pictures of that size (I420) don't get through this device; "" when they do."""
    try:
        kept = device_format(path)
    except OSError:
        return ""  # newer drivers may refuse a further opener; then it can't be asked
    if (kept.width, kept.height) != (width, height):
        return (
            f"{path} stays at {kept.width}x{kept.height} while another program uses it, jikcam wants"
            f" {width}x{height}; close that program first or choose {kept.width}x{kept.height}"
        )
    if kept.fourcc != "YU12":
        return f"{path} stays at pixel format {kept.fourcc}; close the other programs that use it"
    return ""


def make_ready(path: str, left_by_crash: bool) -> None:
    """Make sure that a writer may open the device; call it with the device's lock held.

    Args:
        path: of the device.
        left_by_crash: the last jikcam that wrote to it was killed.

    Raises:
        SinkError: another program writes to it, or it can't be opened.
    """
    keep_picture(path, False)
    repeat_picture(path, False)
    try:
        bits = capabilities(path)
        if not bits & CAP_VIDEO_OUTPUT:
            # Offering CAPTURE alone means a live writer, or a dead one whose reader still waits. Only the
            # second may be unstuck; it was ours if our lock says so. Neither means nobody writes.
            if bits & CAP_VIDEO_CAPTURE and not left_by_crash:
                raise SinkError(
                    f"another program writes to {path}; stop it first (if it crashed: close the programs"
                    " that show this camera)"
                )
            unstick(path)
    except PermissionError as error:
        raise SinkError(f"no permission to open {path}; {JOIN_VIDEO}") from error
    except OSError as error:
        if error.errno == errno.EBUSY:
            raise SinkError(f"{path} is busy; close some of the programs that have it open") from error
        raise SinkError(f"can't open {path}: {error.strerror}; {INSTALL}") from error


def _ioctl(path: str, request: int, buffer: bytearray) -> None:
    import fcntl  # absent on Windows, where this module is imported but not used

    fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    try:
        fcntl.ioctl(fd, request, buffer, True)
    finally:
        os.close(fd)
