"""DeviceSink against a fake pyvirtualcam backend."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pyvirtualcam = pytest.importorskip("pyvirtualcam")
from pyvirtualcam.camera import BACKENDS  # noqa: E402

from tests.unit.virtualcam_kit import SIZE, FakeBackend, only_fake, picture  # noqa: E402
from virtualcam import device  # noqa: E402
from virtualcam.device import DeviceSink  # noqa: E402
from virtualcam.lock import WriterLock  # noqa: E402
from virtualcam.sink import Sink, SinkError  # noqa: E402


@pytest.fixture(autouse=True)
def fake(tmp_path, monkeypatch):
    return only_fake(tmp_path, monkeypatch)


def test_is_a_sink_and_sends_i420_unconverted(fake):
    sink = DeviceSink(SIZE, 30.0)
    assert isinstance(sink, Sink)
    assert sink.name == "Fake Cam"
    shown = picture()
    sink.send(shown)
    np.testing.assert_array_equal(fake.open_devices[0].frames[0], shown.i420.reshape(-1))
    assert struct.pack("<I", fake.open_devices[0].fourcc) == b"I420"
    sink.close()


def test_unity_capture_gets_bgr(monkeypatch):
    monkeypatch.setitem(BACKENDS, "unitycapture", FakeBackend)
    sink = DeviceSink(SIZE, 30.0, backend="unitycapture")
    shown = picture()
    sink.send(shown)
    np.testing.assert_array_equal(FakeBackend.open_devices[0].frames[0], shown.image.reshape(-1))
    sink.close()


def test_a_device_that_breaks_is_told_and_opened_again_by_itself(fake, monkeypatch):
    sink = DeviceSink(SIZE, 30.0)
    sink.send(picture())
    fake.broken = True
    monkeypatch.setattr(device, "RETRY_PERIOD_S", 3600.0)
    sink.send(picture())
    assert sink.status.startswith("Fake Cam broke (the device was unplugged); ")
    sink.send(picture())  # not tried again at once: opening takes its time
    assert len(fake.open_devices) == 1 and fake.open_devices[0].closed == 1
    sink._retry_s = 0.0
    fake.broken = False
    fake.refuse = "Fake Cam"
    sink.send(picture())
    assert "could not be started" in sink.status or "busy" in sink.status
    sink._retry_s = 0.0
    fake.refuse = None
    sink.send(picture())
    assert sink.status == ""
    assert len(fake.open_devices[-1].frames) == 1
    sink.close()


def test_a_broken_device_closes_once_and_stays_closed(fake):
    sink = DeviceSink(SIZE, 30.0)
    fake.broken = True
    sink.send(picture())
    sink.close()
    sink.close()
    fake.broken = False
    sink.send(picture())  # after close: nothing, least of all a new device
    assert [camera.closed for camera in fake.open_devices] == [1]


def test_bt709_codes_colours_as_obs_decodes_them(fake):
    sink = DeviceSink(SIZE, 30.0, matrix="bt709")
    shown = picture()
    sink.send(shown)
    luma, cb, cr = np.split(fake.open_devices[0].frames[0].astype(int), [64 * 48, 64 * 48 * 5 // 4])
    blue, green, red = (40, 90, 200)
    y = (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255
    assert abs(luma.reshape(48, 64)[20, 60] - (16 + 219 * y)) <= 1.5
    assert abs(cb.reshape(24, 32)[10, 30] - (128 + 224 * (blue / 255 - y) / 1.8556)) <= 1.5
    assert abs(cr.reshape(24, 32)[10, 30] - (128 + 224 * (red / 255 - y) / 1.5748)) <= 1.5
    sink.close()


def test_another_size_is_refused():
    sink = DeviceSink(SIZE, 30.0)
    with pytest.raises(SinkError, match="takes 64x48 and got 32x32"):
        sink.send(picture(32, 32))
    sink.close()


def test_unknown_backend_names_the_known_ones():
    with pytest.raises(SinkError, match="unknown virtual camera backend 'unity'; known here: fake"):
        DeviceSink(SIZE, 30.0, backend="unity")


@pytest.mark.parametrize(
    ("platform", "word"), [("linux", "modprobe"), ("win32", "OBS Studio"), ("darwin", "Extensions")]
)
def test_an_unknown_refusal_keeps_its_words_and_says_what_to_install(platform, word, monkeypatch, fake):
    monkeypatch.setattr(sys, "platform", platform)
    fake.refuse, fake.words = "Fake Cam", "odd\nthing"
    with pytest.raises(SinkError) as caught:
        DeviceSink(SIZE, 30.0)
    assert "odd thing" in str(caught.value)
    assert word in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_backend_at_all_is_said(monkeypatch):
    monkeypatch.delitem(BACKENDS, "fake")
    with pytest.raises(SinkError, match="no virtual camera"):
        DeviceSink(SIZE, 30.0)


def test_two_sinks_never_share_a_device():
    first = DeviceSink(SIZE, 30.0, device="Cam A")
    with pytest.raises(SinkError, match=rf"another jikcam \(process {os.getpid()}\) writes to Cam A"):
        DeviceSink(SIZE, 30.0, device="Cam A")
    other = DeviceSink(SIZE, 30.0, device="Cam B")
    first.close()
    again = DeviceSink(SIZE, 30.0, device="Cam A")
    again.close()
    other.close()


def test_a_refused_device_leaves_no_lock_behind(fake):
    fake.refuse = "Cam A"
    with pytest.raises(SinkError):
        DeviceSink(SIZE, 30.0, device="Cam A")
    fake.refuse = None
    DeviceSink(SIZE, 30.0, device="Cam A").close()


def test_the_lock_tells_a_killed_writer_from_a_clean_end(tmp_path):
    code = (
        "import os, tempfile; tempfile.tempdir = {!r}\n"
        "from virtualcam.lock import WriterLock\n"
        "lock = WriterLock('/dev/video10')\n"
        "{}os._exit(0)\n"
    )
    root = Path(__file__).parents[2]
    for clean in (True, False):
        script = code.format(str(tmp_path), "lock.release(); " if clean else "")
        subprocess.run([sys.executable, "-c", script], check=True, cwd=root)
        lock = WriterLock("/dev/video10")
        assert lock.left_by_crash is not clean
        lock.release()
        lock.release()
