"""What goes wrong with virtual cameras, one after the other, on real ones.

Devices: jikcam and wide with exclusive_caps=1, open with exclusive_caps=0.
"""

from __future__ import annotations

import subprocess
import time

from engine.geometry import Size
from tests.guest.inside import kernel
from tests.guest.inside.chart import BARS, BARS_REVERSED
from tests.guest.inside.reader import OpenCvReader, ffmpeg_reads
from tests.guest.inside.report import record
from tests.guest.inside.writer import Writer
from virtualcam import v4l2
from virtualcam.sink import SinkError

SIZE, OTHER_SIZE = Size(640, 360), Size(800, 450)
#: Numbers of the pictures of each run, far apart.
RUN = 5000
NOBODY = 65534


def opens(device: str | None, size: Size = SIZE, user: int | None = None) -> str:
    """ "" when a jikcam can open it (and it is closed again), else what the user reads."""
    try:
        Writer(device, size, user=user).stop()
    except SinkError as error:
        return str(error)
    return ""


def restarts(path: str) -> None:
    """A reader that stays while its writer is killed, restarted five times, and away for a while."""
    record("reader of an untouched device", ffmpeg_reads(path, SIZE, 1).result())
    writer = Writer("jikcam", SIZE)
    reader = OpenCvReader(path)
    reached = [reader.wait_for(1)]
    writer.kill()
    for run in range(1, 7):
        writer = Writer("jikcam", SIZE, first=run * RUN)
        reached.append(reader.wait_for(run * RUN))
        writer.stop()
    record("reader over restarts", {"reached": reached, **reader.finish().result()})


def reader_first(path: str) -> None:
    """A reader that comes while nobody writes, to a device that was fed before."""
    record("capabilities while nobody writes", v4l2.capabilities(path))
    record("kept", v4l2.keeps_picture(path))
    reader = OpenCvReader(path)
    time.sleep(3.0)  # it is to wait there before a writer comes
    writer = Writer("jikcam", SIZE, first=7 * RUN)
    reached = reader.wait_for(7 * RUN)
    record("reader first", {"reached": reached, **reader.finish().result()})
    writer.kill()
    record("after a kill with nobody there", opens("jikcam"))


def busy(path: str) -> None:
    """A second writer, of ours and of another program."""
    writer = Writer("jikcam", SIZE)
    record("second jikcam", opens("jikcam"))
    record("unload while on air", kernel.unload())
    record("still on air", ffmpeg_reads(path, SIZE, 5, BARS).result())
    writer.stop()
    wide = v4l2.find("wide").path
    stranger = subprocess.Popen(
        ["ffmpeg", "-loglevel", "error", "-re", "-f", "lavfi", "-i", "testsrc=size=640x360:rate=10",
         "-pix_fmt", "yuv420p", "-f", "v4l2", wide],
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    until_s = time.monotonic() + 30
    while v4l2.capabilities(wide) & v4l2.CAP_VIDEO_OUTPUT and time.monotonic() < until_s:
        time.sleep(0.05)
    record("another program writes", opens("wide"))
    stranger.kill()
    stranger.wait()
    record("the other program is gone", opens("wide"))


def sizes(path: str) -> None:
    """A reader pins the size; without one any size goes."""
    writer = Writer("jikcam", SIZE)
    reader = OpenCvReader(path)
    reader.wait_for(1)
    writer.stop()
    record("another size while watched", opens("jikcam", OTHER_SIZE))
    reader.finish()
    record("another size unwatched", opens("jikcam", OTHER_SIZE))


def two_at_once() -> None:
    """Two cameras of one machine with different pictures."""
    cameras = {"jikcam": (BARS, 100), "open": (BARS_REVERSED, 30000)}
    writers = [Writer(label, SIZE, 15.0, bars, first) for label, (bars, first) in cameras.items()]
    readers = {label: OpenCvReader(v4l2.find(label).path, bars) for label, (bars, _) in cameras.items()}
    for label, reader in readers.items():
        reader.wait_for(cameras[label][1] + 60)
    record("two at once", {label: reader.finish().result() for label, reader in readers.items()})
    for writer in writers:
        writer.stop()


def absent() -> None:
    """No rights, no module, and the module back again."""
    record("not allowed", opens("jikcam", user=NOBODY))
    record("unload", kernel.unload())
    record("no module", opens("jikcam"))
    record("no module, no name", opens(None))
    kernel.load("video_nr=20 card_label=jikcam exclusive_caps=1")
    record("module back", opens("jikcam"))


def main() -> None:
    """All of them; the first on a device that nobody has touched."""
    path = v4l2.find("jikcam").path
    restarts(path)
    reader_first(path)
    busy(path)
    sizes(path)
    two_at_once()
    absent()


if __name__ == "__main__":
    main()
