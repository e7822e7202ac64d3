"""What DeviceSink makes of v4l2loopback's habits; the real thing is in tests/guest/test_faults.py."""

from __future__ import annotations

import errno
import struct
import sys

import pytest

pyvirtualcam = pytest.importorskip("pyvirtualcam")
from pyvirtualcam.camera import BACKENDS  # noqa: E402

from tests.unit.virtualcam_kit import SIZE, FakeBackend, only_fake  # noqa: E402
from virtualcam import v4l2  # noqa: E402
from virtualcam.device import DeviceSink  # noqa: E402
from virtualcam.sink import SinkError  # noqa: E402


@pytest.fixture(autouse=True)
def fake(tmp_path, monkeypatch):
    return only_fake(tmp_path, monkeypatch)


class Driver:
    """A made-up v4l2loopback: what jikcam asks it, and whether it was unstuck."""

    def __init__(self) -> None:
        self.caps = v4l2.CAP_VIDEO_OUTPUT
        self.format = v4l2.DeviceFormat(64, 48, "YU12")
        self.unstuck: list[str] = []
        self.kept: list[tuple[str, bool]] = []
        self.repeated: list[tuple[str, bool]] = []

    def unstick(self, path: str) -> None:
        self.unstuck.append(path)

    def keep_picture(self, path: str, keep: bool) -> None:
        self.kept.append((path, keep))

    def repeat_picture(self, path: str, repeat: bool) -> None:
        self.repeated.append((path, repeat))


@pytest.fixture
def driver(tmp_path, monkeypatch):
    for number, label, folder in ((0, "Webcam", "pci"), (10, "Stage", "virtual"), (11, "Close", "virtual")):
        real = tmp_path / folder / f"video{number}"
        real.mkdir(parents=True)
        (real / "name").write_text(f"{label}\n")
        (tmp_path / "class").mkdir(exist_ok=True)
        (tmp_path / "class" / f"video{number}").symlink_to(real)
    made_up = Driver()
    monkeypatch.setattr(v4l2, "SYSFS", tmp_path / "class")
    monkeypatch.setattr(v4l2, "capabilities", lambda path: made_up.caps)
    monkeypatch.setattr(v4l2, "device_format", lambda path: made_up.format)
    monkeypatch.setattr(v4l2, "unstick", made_up.unstick)
    monkeypatch.setattr(v4l2, "keep_picture", made_up.keep_picture)
    monkeypatch.setattr(v4l2, "repeat_picture", made_up.repeat_picture)
    monkeypatch.delitem(BACKENDS, "fake")
    monkeypatch.setitem(BACKENDS, "v4l2loopback", FakeBackend)
    return made_up


def test_a_label_finds_its_device_and_never_another(driver):
    sink = DeviceSink(SIZE, 30.0, device="Close")
    assert sink.name == "/dev/video11"
    sink.close()
    with pytest.raises(
        SinkError, match=r"no virtual camera 'Closed'; .*video10 \(Stage\), .*video11 \(Close\)"
    ):
        DeviceSink(SIZE, 30.0, device="Closed")


def test_a_real_camera_is_never_written_to(driver):
    with pytest.raises(SinkError, match="no virtual camera '/dev/video0'"):
        DeviceSink(SIZE, 30.0, device="/dev/video0")


def test_unnamed_takes_the_first_that_is_free(driver):
    first, second = DeviceSink(SIZE, 30.0), DeviceSink(SIZE, 30.0)
    assert (first.name, second.name) == ("/dev/video10", "/dev/video11")
    with pytest.raises(SinkError, match="another jikcam"):
        DeviceSink(SIZE, 30.0)
    first.close()
    second.close()


def test_two_devices_of_one_label_must_be_told_apart(driver, tmp_path):
    (tmp_path / "virtual" / "video11" / "name").write_text("Stage\n")
    with pytest.raises(SinkError, match=r"/dev/video10, /dev/video11"):
        DeviceSink(SIZE, 30.0, device="Stage")


def test_a_stuck_device_is_unstuck_before_opening_and_after_closing(driver):
    driver.caps = 0
    sink = DeviceSink(SIZE, 30.0, device="Stage")
    assert driver.unstuck == ["/dev/video10"]
    sink.close()
    sink.close()
    assert driver.unstuck == ["/dev/video10"] * 2


def test_a_foreign_writer_is_left_alone(driver):
    driver.caps = v4l2.CAP_VIDEO_CAPTURE
    with pytest.raises(SinkError, match="another program writes to /dev/video10"):
        DeviceSink(SIZE, 30.0, device="Stage")
    assert not driver.unstuck
    assert not FakeBackend.open_devices


def test_only_a_camera_made_for_jikcam_is_left_with_its_picture(driver, tmp_path):
    DeviceSink(SIZE, 30.0, device="Stage").close()
    assert driver.kept == [("/dev/video10", False)]
    (tmp_path / "virtual" / "video11" / "name").write_text("jikcam wide\n")
    DeviceSink(SIZE, 30.0, device="jikcam wide").close()
    assert driver.kept[1:] == [("/dev/video11", False), ("/dev/video11", True)]


def test_a_camera_made_for_jikcam_repeats_its_picture_while_nobody_writes(driver, tmp_path):
    (tmp_path / "virtual" / "video11" / "name").write_text("jikcam wide\n")
    sink = DeviceSink(SIZE, 30.0, device="jikcam wide")
    assert driver.repeated == [("/dev/video11", False)]
    sink.close()
    assert driver.repeated[1:] == [("/dev/video11", True)]
    DeviceSink(SIZE, 30.0, device="Stage").close()
    assert driver.repeated[2:] == [("/dev/video10", False)]


def test_too_many_openers_is_no_missing_module(driver, monkeypatch):
    def busy(path: str) -> int:
        raise OSError(errno.EBUSY, "Device or resource busy")

    monkeypatch.setattr(v4l2, "capabilities", busy)
    with pytest.raises(SinkError, match=r"/dev/video10 is busy; close some of the programs"):
        DeviceSink(SIZE, 30.0, device="Stage")


def test_after_a_killed_jikcam_a_waiting_reader_is_no_obstacle(driver, tmp_path):
    driver.caps = v4l2.CAP_VIDEO_CAPTURE
    (tmp_path / "jikcam-dev-video10.lock").write_text("4242")
    DeviceSink(SIZE, 30.0, device="Stage").close()
    assert driver.unstuck[0] == "/dev/video10"


@pytest.mark.parametrize(
    ("kept", "message"),
    [
        (
            v4l2.DeviceFormat(640, 360, "YU12"),
            "stays at 640x360 while another program uses it, jikcam wants 64x48",
        ),
        (v4l2.DeviceFormat(64, 48, "YUYV"), "stays at pixel format YUYV"),
    ],
)
def test_a_silently_kept_format_is_an_error(driver, kept, message):
    driver.format = kept
    with pytest.raises(SinkError, match=message):
        DeviceSink(SIZE, 30.0, device="Stage")
    assert FakeBackend.open_devices[0].closed == 1
    driver.format = v4l2.DeviceFormat(64, 48, "YU12")
    DeviceSink(SIZE, 30.0, device="Stage").close()


def test_no_module_loaded_says_modprobe(driver, monkeypatch, tmp_path):
    monkeypatch.setattr(v4l2, "SYSFS", tmp_path / "absent")
    with pytest.raises(SinkError, match="modprobe v4l2loopback"):
        DeviceSink(SIZE, 30.0, device="Stage")
    with pytest.raises(SinkError, match="there is no virtual camera"):
        DeviceSink(SIZE, 30.0)


@pytest.mark.skipif(sys.platform != "linux", reason="ioctl numbers of Linux")
def test_ioctls_have_the_numbers_and_layouts_of_videodev2(monkeypatch, tmp_path):
    import fcntl

    node = tmp_path / "video10"
    node.touch()
    asked = []

    def ioctl(fd, request, buffer, mutate):
        asked.append(request)
        if request == 0x80685600:  # _IOR('V', 0, struct v4l2_capability)
            struct.pack_into("I", buffer, 84, v4l2.CAP_VIDEO_OUTPUT)
        elif request == 0xC008561C:  # VIDIOC_S_CTRL
            # V4L2_CID_USER_BASE | 0xf000, and | 0xf001
            assert struct.unpack("Ii", buffer) in ((0x98F900, 1), (0x98F901, 1))
        elif request == 0xC008561B:  # VIDIOC_G_CTRL
            struct.pack_into("i", buffer, 4, 1)
        elif request & 0xFFFF == 0x5604:  # VIDIOC_G_FMT
            assert len(buffer) == request >> 16 & 0x3FFF
            assert struct.unpack_from("I", buffer)[0] == 2
            struct.pack_into("II4s", buffer, struct.calcsize("P"), 640, 360, b"YU12")
        else:
            raise OSError(22, "Invalid argument")
        return 0

    monkeypatch.setattr(fcntl, "ioctl", ioctl)
    assert v4l2.capabilities(str(node)) == v4l2.CAP_VIDEO_OUTPUT
    assert v4l2.device_format(str(node)) == v4l2.DeviceFormat(640, 360, "YU12")
    v4l2.keep_picture(str(node), True)
    v4l2.repeat_picture(str(node), True)
    assert asked[-2:] == [0xC008561C] * 2
    assert v4l2.keeps_picture(str(node)) and asked[-1] == 0xC008561B
    v4l2.unstick(str(node))  # EINVAL is what v4l2loopback answers
    assert asked[-1] == 0x40045612
    with pytest.raises(SinkError, match="modprobe"):
        v4l2.make_ready(str(tmp_path / "absent"), left_by_crash=False)
