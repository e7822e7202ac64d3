"""DeviceSink into ffmpeg and OpenCV: rate, order, colours, latency; and what the guest itself can do.

python -m tests.guest.inside.rates [PICTURES]     # device: label jikcam
"""

from __future__ import annotations

import multiprocessing
import sys
import time
from multiprocessing.synchronize import Event

import pyvirtualcam

from engine.geometry import Size
from tests.guest.inside.chart import BARS, chart, stamp
from tests.guest.inside.reader import OpenCvReader, ffmpeg_reads
from tests.guest.inside.report import record
from tests.guest.inside.writer import Writer
from virtualcam import v4l2
from virtualcam.sink import Picture

SIZES = (Size(640, 360), Size(1280, 720))
FPS = 30.0
_FORK = multiprocessing.get_context("fork")


def plain_writer(path: str, size: Size, stop: Event) -> None:
    """The least a writer can do: finished bytes again and again, stamped, on time, through pyvirtualcam."""
    ready = Picture(chart(size.width, size.height), 0.0, 0).i420
    layout = pyvirtualcam.PixelFormat.I420
    with pyvirtualcam.Camera(size.width, size.height, FPS, fmt=layout, device=path) as camera:
        begin_s, count = time.monotonic(), 0
        while not stop.is_set():
            stamp(ready[: size.height], count)
            camera.send(ready)
            count += 1
            time.sleep(max(0.0, begin_s + count / FPS - time.monotonic()))


def guest_limit(path: str, size: Size, pictures: int) -> float:
    """Pictures a second that ffmpeg gets from the plain writer: what no program can beat here."""
    v4l2.keep_picture(path, False)  # else it may stay at the size of before
    stop = _FORK.Event()
    writer = _FORK.Process(target=plain_writer, args=(path, size, stop), daemon=True)
    writer.start()
    while not v4l2.capabilities(path) & v4l2.CAP_VIDEO_CAPTURE:
        time.sleep(0.05)
    fps = float(ffmpeg_reads(path, size, pictures).result()["fps"])
    stop.set()
    writer.join()
    v4l2.unstick(path)
    return fps


def main(pictures: int) -> None:
    """Measure each size."""
    path = v4l2.find("jikcam").path
    for size in SIZES:
        limit = guest_limit(path, size, pictures)
        writer = Writer("jikcam", size, FPS)
        ffmpeg = ffmpeg_reads(path, size, pictures)
        colours = ffmpeg_reads(path, size, 5, BARS)
        reader = OpenCvReader(path)
        until_s = time.monotonic() + 60
        while reader.count < pictures // 2 and time.monotonic() < until_s:
            time.sleep(0.05)
        opencv = reader.finish()
        record(
            f"{size.width}x{size.height}",
            {
                "limit_fps": limit,
                "ffmpeg": ffmpeg.result(),
                "colours": colours.result(),
                "opencv": opencv.result(),
                "writer": writer.stop(),
            },
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 150)
