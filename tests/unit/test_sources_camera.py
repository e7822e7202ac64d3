from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from engine.errors import JikcamError
from engine.geometry import Size
from engine.sources import devices
from engine.sources.capture import CaptureRequest, backends
from engine.sources.devices import Device, list_devices, not_opened, resolve
from engine.sources.frame import Frame
from tests.unit.sources_kit import QUICK, FakeDevice, wait_until

KNOWN = [Device("/dev/video0", "Integrated Camera"), Device("/dev/video2", "Logitech BRIO")]


def next_frame(source, timeout_s: float = 5.0) -> Frame:
    end_s = time.monotonic() + timeout_s
    while time.monotonic() < end_s:
        frame = source.read(0.1)
        if frame is not None:
            return frame
    raise AssertionError(f"no picture came: {source.status}")


def test_a_slow_reader_gets_the_latest_and_sees_the_gap() -> None:
    source = FakeDevice().source()
    first = next_frame(source)
    time.sleep(0.2)
    before_s = time.monotonic()
    late = next_frame(source)
    assert late.index > first.index + 5
    assert before_s - late.time_s < 0.15
    source.close()


def test_unplugged_and_plugged_in_again() -> None:
    device = FakeDevice()
    source = device.source()
    before = next_frame(source)
    device.plugged = False
    assert wait_until(lambda: source.status != "")
    assert "fake" in source.status and "\n" not in source.status
    while source.read(0.0):
        pass
    start_s = time.monotonic()
    assert source.read(0.1) is None
    assert time.monotonic() - start_s < 3
    assert not source.ended
    device.plugged = True
    after = next_frame(source)
    assert source.status == ""
    assert after.index > before.index and after.time_s > before.time_s
    assert device.opened[0].released
    source.close()


def test_another_size_after_a_replug_does_not_change_the_source() -> None:
    device = FakeDevice(64, 48)
    source = device.source()
    device.plugged = False
    assert wait_until(lambda: source.status != "")
    device.width, device.height, device.plugged = 160, 90, True
    assert wait_until(lambda: source.status == "")
    for _ in range(3):
        assert next_frame(source).image.shape == (48, 64, 3)
    assert source.size == Size(64, 48)
    source.close()


def test_a_frozen_driver_blocks_nobody_and_is_replaced() -> None:
    device = FakeDevice()
    source = device.source()
    next_frame(source)
    device.flowing.clear()
    assert wait_until(lambda: source.status != "")
    while source.read(0.0):
        pass
    start_s = time.monotonic()
    assert source.read(0.1) is None
    assert time.monotonic() - start_s < 3
    frozen = device.opened[0]
    assert not frozen.released  # its own thread still sits in it; releasing it from elsewhere may crash
    device.flowing.set()
    assert next_frame(source)
    assert wait_until(lambda: frozen.released)
    source.close()


def test_hanging_threads_do_not_pile_up() -> None:
    device = FakeDevice()
    timing = type(QUICK)(first_s=0.05, stall_s=0.05, damaged_s=0.05, retry_first_s=0.01, retry_most_s=0.02)
    source = device.source(timing=timing)
    device.flowing.clear()
    assert wait_until(lambda: "driver hangs" in source.status)
    time.sleep(0.2)
    assert len(device.opened) <= 4
    device.flowing.set()
    assert next_frame(source)
    source.close()


def test_one_damaged_picture_is_no_reason_to_reopen() -> None:
    device = FakeDevice()
    source = device.source(timing=type(QUICK)(first_s=2.0, stall_s=5.0, damaged_s=5.0))
    device.damaged = 2
    time.sleep(0.1)
    assert next_frame(source)
    assert len(device.opened) == 1
    source.close()


def test_a_device_that_opens_but_sends_nothing_is_an_error() -> None:
    device = FakeDevice()
    device.damaged = 10**9
    with pytest.raises(JikcamError) as error:
        device.source()
    assert "\n" not in str(error.value)
    assert wait_until(lambda: device.opened[0].released)


def test_a_device_that_hangs_at_once_is_an_error_and_the_constructor_returns() -> None:
    device = FakeDevice()
    device.flowing.clear()
    with pytest.raises(JikcamError):
        device.source(timing=type(QUICK)(first_s=0.1))
    device.flowing.set()
    assert wait_until(lambda: device.opened[0].released)


def test_a_missing_device_is_an_error() -> None:
    device = FakeDevice()
    device.plugged = False
    with pytest.raises(JikcamError, match="does not exist"):
        device.source()


def test_close_while_unplugged_stops_trying() -> None:
    device = FakeDevice()
    source = device.source()
    device.plugged = False
    assert wait_until(lambda: source.status != "")
    source.close()
    time.sleep(0.05)
    count = len(device.opened)
    device.plugged = True
    time.sleep(0.2)
    assert len(device.opened) == count


def test_close_from_another_thread_wakes_the_reader_and_frees_the_device() -> None:
    device = FakeDevice(fps=2)
    source = device.source(timing=type(QUICK)())
    next_frame(source)
    threading.Timer(0.05, source.close).start()
    start_s = time.monotonic()
    while not source.ended:
        source.read(30.0)
    assert time.monotonic() - start_s < 10
    assert wait_until(lambda: device.opened[0].released)


def test_the_rate_is_the_drivers_else_the_asked_one_else_usual() -> None:
    for said, asked, expected in ((50.0, 25, 50.0), (0.0, 25, 25), (0.0, None, 30.0)):
        device = FakeDevice()
        real_open = device.open

        def opened(request: CaptureRequest, said=said, real_open=real_open):
            capture = real_open(request)
            capture.fps = said
            return capture

        device.open = opened  # type: ignore[method-assign]
        source = device.source(fps=asked)
        assert source.fps == expected
        source.close()


@pytest.mark.parametrize(
    ("size", "pixel_format", "fourcc"),
    [
        (None, None, None),
        (Size(640, 480), None, None),
        (Size(1280, 720), None, "MJPG"),
        (Size(1920, 1080), None, "MJPG"),
        (Size(1920, 1080), "nv12", "NV12"),
        (None, "YUYV", "YUYV"),
    ],
)
def test_mjpg_from_720_lines_on_unless_asked_otherwise(size, pixel_format, fourcc) -> None:
    assert CaptureRequest(0, size, None, pixel_format).fourcc == fourcc


def test_each_system_has_its_way_to_a_camera() -> None:
    ways = {p: backends(p) for p in ("linux", "darwin", "win32")}
    assert len(ways["win32"]) == 2
    assert len({way for group in ways.values() for way in group}) == 4


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        (0, 0),
        ("1", 1),
        ("/dev/video7", "/dev/video7"),
        ("/dev/v4l/by-id/usb-x", "/dev/v4l/by-id/usb-x"),
        ("brio", "/dev/video2"),
        ("CAMERA", "/dev/video0"),
    ],
)
def test_a_device_is_a_number_a_path_or_a_part_of_its_name(device, expected) -> None:
    assert resolve(device, KNOWN, "linux") == expected


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(JikcamError, match="Logitech BRIO"):
        resolve("sony", KNOWN, "linux")
    with pytest.raises(JikcamError, match="number"):
        resolve("sony", [], "darwin")


def test_devices_are_read_from_sysfs_without_metadata_nodes(tmp_path: Path) -> None:
    for node, index, name in (
        ("video10", "0", "Second"),
        ("video0", "0", "First"),
        ("video1", "1", "First"),
        ("v4l-subdev0", "0", "no camera"),
    ):
        (tmp_path / node).mkdir()
        (tmp_path / node / "index").write_text(f"{index}\n")
        (tmp_path / node / "name").write_text(f"{name}\n")
    assert list_devices(tmp_path) == [Device("/dev/video0", "First"), Device("/dev/video10", "Second")]
    assert list_devices(tmp_path / "nothing") == []


@pytest.mark.parametrize(
    ("platform", "hint"), [("darwin", "Privacy & Security"), ("win32", "desktop apps"), ("linux", "BRIO")]
)
def test_the_fix_fits_the_system(platform: str, hint: str) -> None:
    text = str(not_opened(99, KNOWN, platform))
    assert hint in text and "\n" not in text


def test_a_camera_in_use_names_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = tmp_path / "video0"
    node.touch()
    process = tmp_path / "proc" / "4242"
    (process / "fd").mkdir(parents=True)
    (process / "fd" / "7").symlink_to(node)
    (process / "comm").write_text("zoom\n")
    assert devices.used_by(str(node), tmp_path / "proc") == ["zoom"]
    assert devices.used_by("/dev/other", tmp_path / "proc") == []
    monkeypatch.setattr(devices, "used_by", lambda path: ["zoom"])
    assert "in use by zoom" in str(not_opened(str(node), KNOWN, "linux"))
