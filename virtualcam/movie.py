"""A recording of one View: H.264 in MP4 that stays playable when the machine dies half way."""

from __future__ import annotations

import contextlib
import itertools
import logging
import queue
import threading
from fractions import Fraction
from pathlib import Path

import av
from av.container import OutputContainer
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from virtualcam.sink import Picture, SinkError
from virtualcam.size import PictureSize

log = logging.getLogger(__name__)

#: Whole ticks per picture at 24, 25, 29.97, 30, 50, 59.94 and 60 fps; MPEG-4 allows no finer than 1/65535.
TIME_BASE = Fraction(1, 60_000)
#: Best first. Not every build of FFmpeg has x264; the others come with the system or with FFmpeg.
ENCODERS = ("libx264", "h264_videotoolbox", "h264_mf", "libopenh264", "mpeg4")
#: BT.601 as Picture.i420 is: primaries, transfer and matrix of SMPTE 170M, limited range (ITU-T H.273).
_SMPTE_170M = 6
_LIMITED_RANGE = 1
#: How many pictures may wait for the encoder; 16 of 1280x720 are 44 MB.
QUEUE_PICTURES = 16
#: Fragments while recording, an ordinary MP4 with one index at the end (FFmpeg 7.1 and newer).
_CONTAINER = {
    "movflags": "+frag_keyframe+empty_moov+default_base_moof+negative_cts_offsets+hybrid_fragmented",
    "flush_packets": "1",
}
_KEYFRAME_EVERY_S = 2
#: The encoder shares a laptop with the models; a take has the machine for itself (0 = all cores).
_LIVE_THREADS = 2


class MovieSink:
    """Writes ``NAME.part.mp4`` while it runs and renames it to ``NAME.mp4`` at the end.

    An older recording is never overwritten: with one there, this becomes ``NAME-2.mp4`` and so on.

    The time stamps are the pictures' own, so any rate comes out right; a picture that is not newer than
    the one before is left out. What a crash leaves behind is playable up to its last two seconds.

    Args:
        path: the finished file, ``.mp4``; its folder exists.
        size: of every picture.
        fps: the usual rate; for the encoder's rate control and the length of the last picture.
        crf: quality of libx264, 0 (lossless) to 51; 20 is hard to tell from the original.
        blocking: wait for the encoder instead of dropping pictures; for takes, never for live.

    Raises:
        SinkError: the file can't be written or no encoder opens.
    """

    def __init__(
        self, path: str | Path, size: PictureSize, fps: float, crf: int = 20, blocking: bool = False
    ) -> None:
        if Path(path).suffix.lower() != ".mp4":
            raise SinkError(f"{path} is not an .mp4 file; give it that ending")
        self._path, self._part = _free_names(Path(path))
        self._size = (size.width, size.height)
        self._frame_ticks = max(1, round(1 / (fps * TIME_BASE)))
        self._blocking = blocking
        self._queue: queue.Queue[Picture | None] = queue.Queue(QUEUE_PICTURES)
        self._dropped = 0
        self._written = 0
        self._failed = ""
        self._closed = False
        self._guard = threading.Lock()
        self._container = av.open(str(self._part), "w", format="mp4", options=_CONTAINER)
        try:
            self._stream = _open_stream(self._container, size, fps, crf, blocking)
            self._container.start_encoding()  # opens the file
        except (SinkError, OSError, av.FFmpegError) as error:
            self._container.close()
            with contextlib.suppress(OSError):  # it may never have come to be
                self._part.unlink()
            if isinstance(error, SinkError):
                raise
            raise SinkError(f"can't write {self._part}: {_reason(error)}; choose another folder") from error
        self._thread = threading.Thread(target=self._run, name=f"movie {self._path.name}", daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        return self._path.name

    @property
    def path(self) -> Path:
        """Where the finished recording will lie."""
        return self._path

    @property
    def encoder(self) -> str:
        """The FFmpeg encoder in use."""
        return self._stream.codec_context.name

    @property
    def dropped(self) -> int:
        """Pictures left out because the encoder was too slow."""
        return self._dropped

    @property
    def status(self) -> str:
        """Empty when all is well, else one line for the user."""
        if self._failed:
            return self._failed
        if self._dropped:
            return f"{self._dropped} pictures dropped, the encoder is too slow"
        return ""

    @property
    def watched(self) -> bool:
        """Always: it records."""
        return True

    @property
    def resizable(self) -> bool:
        """Never: a film has one size."""
        return False

    def send(self, picture: Picture) -> None:
        """Queue the picture. After ``close`` nothing happens.

        Raises:
            SinkError: the picture has another size, or writing failed (disk full).
        """
        height, width = picture.image.shape[:2]
        if (width, height) != self._size:
            want = f"{self._size[0]}x{self._size[1]}"
            raise SinkError(f"{self.name} records {want} and got {width}x{height}; start a new recording")
        if self._failed:
            raise SinkError(self._failed)
        with self._guard:
            if self._closed:
                return
            try:
                self._queue.put(picture, block=self._blocking)
            except queue.Full:
                self._dropped += 1

    def rest(self) -> None:
        """Nothing: what was sent is recorded."""

    def close(self) -> None:
        """Write what is queued, finish the file and give it its name; may be called twice."""
        with self._guard:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._encode_all()
        except Exception as error:  # a codec may raise anything; a sender must hear of it
            self._fail(error)
        while self._failed and self._queue.get() is not None:
            continue  # a blocked sender must go on and hear of the failure
        self._finish()

    def _encode_all(self) -> None:
        start_s: float | None = None
        last = -1
        while (picture := self._queue.get()) is not None:
            if start_s is None:
                start_s = picture.time_s
            pts = round((picture.time_s - start_s) / TIME_BASE)
            if pts <= last:
                continue
            last = pts
            frame = VideoFrame.from_ndarray(picture.i420, format="yuv420p")
            frame.pts, frame.time_base = pts, TIME_BASE
            frame.colorspace, frame.color_range = _SMPTE_170M, _LIMITED_RANGE
            self._mux(self._stream.encode(frame))
            self._written += 1
        if self._written:
            self._mux(self._stream.encode(None))

    def _mux(self, packets: list[Packet[VideoStream]]) -> None:
        for packet in packets:
            # Only the last one's counts; the others last until the next picture.
            packet.duration = self._frame_ticks
            self._container.mux(packet)

    def _fail(self, error: Exception) -> None:
        self._failed = (
            f"recording {self._path} stopped: {_reason(error)}; {self._part.name} has what came before"
        )
        log.error(self._failed)

    def _finish(self) -> None:
        """Close the file. Without a picture nothing is left; a broken one keeps its .part name."""
        try:
            self._container.close()
            if not self._written:
                self._part.unlink(missing_ok=True)
                log.warning("%s: no picture came, nothing was recorded", self._path)
            elif not self._failed:
                self._part.replace(self._path)
        except (OSError, av.FFmpegError) as error:
            self._fail(error)


def _free_names(path: Path) -> tuple[Path, Path]:
    """Names for the finished and the unfinished file that nothing has yet."""
    for number in itertools.count(1):
        stem = path.stem if number == 1 else f"{path.stem}-{number}"
        final, part = path.with_name(f"{stem}{path.suffix}"), path.with_name(f"{stem}.part{path.suffix}")
        if not final.exists() and not part.exists():
            break
    return final, part


def _open_stream(
    container: OutputContainer, size: PictureSize, fps: float, crf: int, blocking: bool
) -> VideoStream:
    """A video stream of the first encoder that opens.

    Raises:
        SinkError: none does.
    """
    reasons = []
    for name in ENCODERS:
        try:
            # Opened once for trial: a stream can't be taken out of its container again.
            trial = av.CodecContext.create(name, "w")
            assert isinstance(trial, VideoCodecContext)
            _configure(trial, size, fps, crf, blocking)
            trial.open()
        except (ValueError, OSError, av.FFmpegError) as error:
            reasons.append(f"{name} ({_reason(error)})")
            continue
        stream = container.add_stream(name, rate=max(1, round(fps)))
        assert isinstance(stream, VideoStream)
        _configure(stream.codec_context, size, fps, crf, blocking)
        return stream
    raise SinkError(
        f"no video encoder opens at {size.width}x{size.height}: {', '.join(reasons)}; reinstall av"
    )


def _configure(context: VideoCodecContext, size: PictureSize, fps: float, crf: int, blocking: bool) -> None:
    context.width, context.height = size.width, size.height
    context.pix_fmt = "yuv420p"
    context.time_base = TIME_BASE
    context.framerate = Fraction(fps).limit_denominator(1001)
    context.gop_size = max(1, round(_KEYFRAME_EVERY_S * fps))
    context.thread_count = 0 if blocking else _LIVE_THREADS
    context.color_primaries = context.color_trc = context.colorspace = _SMPTE_170M
    context.color_range = _LIMITED_RANGE
    if context.name == "libx264":
        context.options = {"crf": str(crf), "preset": "medium" if blocking else "veryfast"}
    else:
        # 0.1 bit per pixel is 2.8 Mbit/s at 1280x720 and 30 fps; these encoders know no crf.
        context.bit_rate = round(size.width * size.height * fps * 0.1)


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error)
    return " ".join(str(text).split())
