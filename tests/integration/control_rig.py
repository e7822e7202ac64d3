"""An engine made of nothing, and a control server on it."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from engine.control import ControlServer
from engine.direction.target import CameraMode, LockState, TargetKind, TargetRequest
from engine.errors import JikcamError
from engine.geometry import Box, Shot, Size
from engine.presets import AreaPreset
from engine.state import EngineMetrics, EngineState, Moment, PersonState, StageTiming, ViewState
from virtualcam.mjpeg import MjpegSink
from virtualcam.sink import Picture

SOURCE = Size(1920, 1080)
PICTURE = Size(320, 180)
#: The wide picture as it is streamed.
WIDE_WIDTH, WIDE_HEIGHT = 640, 360
#: So many pictures are remembered.
MOMENTS = 90
#: How long a test waits for what must happen before it fails.
PATIENCE_S = 10.0


class FakeEngine:
    """Implements EngineControl: remembers what it was told, and ``tick`` makes pictures."""

    def __init__(self, *views: str, picture: Size = PICTURE) -> None:
        names = views or ("main",)
        self.people = tuple(
            PersonState(i, Box.from_center(400.0 * i, 540, 200.123, 500), 0.9876, 0.0123, 10 + i)
            for i in (1, 2, 3)
        )
        self.views = tuple(
            ViewState(
                n, picture, LockState.NOBODY, 0.0, None, "", 0.0, Shot.widest(SOURCE, 16 / 9), {"mjpeg": "ok"}
            )
            for n in names
        )
        self.streams = {name: MjpegSink(name) for name in names}
        self._wide = MjpegSink("wide", quality=70, max_width=WIDE_WIDTH)
        self._moments: dict[int, Moment] = {}
        self.members: tuple[str, ...] = ()
        self.thumbnails: dict[int, bytes] = {}
        self.calls: list[tuple[Any, ...]] = []
        self.preset = "[source]\n"
        self.frame = 0
        self.revision = 0
        self.values: dict[str, Any] = {"view": [{"name": name, "shot": "full"} for name in names]}
        self.source_status = "ok"
        self.failure: Exception | None = None
        self._image = np.random.default_rng(7).integers(0, 255, (picture.height, picture.width, 3), np.uint8)
        self._wide_image = np.random.default_rng(8).integers(0, 255, (WIDE_HEIGHT, WIDE_WIDTH, 3), np.uint8)
        self._running = threading.Event()
        self._thread: threading.Thread | None = None

    def tick(self) -> None:
        self.frame += 1
        for name, sink in self.streams.items():
            sink.send(Picture(self.picture(name), self.frame / 30, self.frame))
        self._moments[self.frame] = Moment(self.people, self.views)
        self._moments.pop(self.frame - MOMENTS, None)
        shown = np.roll(self._wide_image, self.frame * 4, axis=1)
        self._wide.send(Picture(shown, self.frame / 30, self.frame))

    def picture(self, view: str) -> Any:
        return np.roll(self._image, self.frame * 4, axis=1)

    def run(self, fps: float = 60.0) -> None:
        def loop() -> None:
            while not self._running.wait(1 / fps):
                self.tick()

        self._thread = threading.Thread(target=loop, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._running.set()
        if self._thread:
            self._thread.join()
        for sink in (*self.streams.values(), self._wide):
            sink.close()

    def change_view(self, index: int = 0, **values: Any) -> None:
        views = list(self.views)
        views[index] = replace(views[index], **values)
        self.views = tuple(views)

    # -- EngineControl

    def state(self) -> EngineState:
        if self.failure:
            raise self.failure
        return EngineState(
            self.frame / 30,
            self.frame,
            "fake",
            SOURCE,
            self.source_status,
            "ok",
            self.people,
            self.views,
            self.revision,
            self.members,
        )

    def metrics(self) -> EngineMetrics:
        stages = (StageTiming("render", 90, 1.5, 2.5, 3.5, 4.5), StageTiming('odd"na\\me', 1, 0, 0, 0, 0))
        return EngineMetrics(12.5, 375, 3, 380, 5, 2, 150, 12.0, 256.5, stages)

    def set_target(self, view: str, request: TargetRequest) -> None:
        if self.failure:
            raise self.failure
        if request.kind is TargetKind.PERSON and request.number not in {p.id for p in self.people}:
            raise JikcamError(f"there is no person {request.number}", "choose 1, 2 or 3")
        self.calls.append(("target", view, request))
        index = [v.name for v in self.views].index(view)
        self._refuse_when_guarded(index)
        if request.kind is TargetKind.PERSON:
            self.change_view(
                index, person=request.number, lock=LockState.HELD, label=f"Person {request.number}", sure=0.97
            )
        elif request.kind is TargetKind.NONE:
            self.change_view(index, person=None, lock=LockState.NOBODY, label="")

    def preview(self, view: str, request: TargetRequest) -> None:
        index = [v.name for v in self.views].index(view)
        if request.kind is TargetKind.PERSON and request.number not in {p.id for p in self.people}:
            raise JikcamError(f"there is no person {request.number}", "choose 1, 2 or 3")
        self.calls.append(("preview", view, request))
        self.change_view(index, previewed=request.number)

    def take(self, view: str, how: str | None) -> None:
        index = [v.name for v in self.views].index(view)
        self._refuse_when_guarded(index)
        if (person := self.views[index].previewed) is None:
            raise JikcamError("nobody is previewed", "preview somebody first")
        self.calls.append(("take", view, how))
        self.change_view(index, person=person, previewed=None, lock=LockState.HELD, label=f"Person {person}")

    def set_guard(self, view: str, on: bool) -> None:
        self.calls.append(("guard", view, on))
        self.change_view([v.name for v in self.views].index(view), guarded=on)

    def _refuse_when_guarded(self, index: int) -> None:
        if self.views[index].guarded:
            raise JikcamError("this View is locked", "unlock it first")

    def claim(self, view: str, request: TargetRequest) -> None:
        index = [v.name for v in self.views].index(view)
        if self.views[index].person is None:
            raise JikcamError("this View follows nobody yet", "choose a person first")
        self.calls.append(("claim", view, request))
        self.change_view(index, lock=LockState.HELD, sure=0.95, reason="you said so")

    def enrol(self, person: int, name: str) -> None:
        if person not in {p.id for p in self.people}:
            raise JikcamError(f"there is no person {person}", "choose 1, 2 or 3")
        self.calls.append(("enrol", person, name))
        self.people = tuple(replace(p, name=name) if p.id == person else p for p in self.people)
        self.members = (*(m for m in self.members if m != name), name)

    def forget(self, name: str) -> None:
        if name not in self.members:
            raise JikcamError(f"nobody is named {name!r}", "choose a name from the list")
        self.calls.append(("forget", name))
        self.people = tuple(replace(p, name="") if p.name == name else p for p in self.people)
        self.members = tuple(m for m in self.members if m != name)

    def thumbnail(self, person: int) -> bytes | None:
        return self.thumbnails.get(person)

    def set_mode(self, view: str, mode: CameraMode) -> None:
        self.calls.append(("mode", view, mode))
        self.change_view([v.name for v in self.views].index(view), mode=mode)

    def set_view(self, view: str, changes: Mapping[str, Any]) -> None:
        if "zoom" in changes and not isinstance(changes["zoom"], float):
            raise JikcamError("zoom must be a number")
        self.calls.append(("view", view, dict(changes)))
        for values in self.values["view"]:
            for key, value in changes.items() if values["name"] == view else ():
                table, _, inner = key.rpartition(".")
                (values.setdefault(table, {}) if table else values)[inner] = value
        self.revision += 1

    def preset_text(self) -> str:
        return self.preset

    def preset_values(self) -> dict[str, Any]:
        return self.values

    def apply_preset(self, text: str) -> list[str]:
        if "=" in text and '"' not in text:
            raise JikcamError("the preset is not TOML", "quote the text")
        self.preset = text
        self.revision += 1
        return ["source.camera"]

    def mjpeg(self, view: str) -> MjpegSink | None:
        return self.streams.get(view)

    def wide(self) -> MjpegSink:
        return self._wide

    def moment(self, frame_index: int) -> Moment | None:
        return self._moments.get(frame_index)

    def set_area(self, area: AreaPreset) -> None:
        self.calls.append(("area", area))
        self.values["area"] = area.model_dump(mode="json")
        self.revision += 1

    def now_s(self) -> float:
        return self.frame / 30


@contextmanager
def serving(engine: FakeEngine, **options: Any) -> Iterator[ControlServer]:
    server = ControlServer(engine, port=0, **options)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        engine.close()


class Answer:
    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str:
        """The one line of an error answer, which is all there is in it."""
        answer = self.json
        assert list(answer) == ["error"] and "\n" not in answer["error"], answer
        assert "Traceback" not in answer["error"]
        return answer["error"]


def ask(
    server: ControlServer,
    path: str,
    body: Any = None,
    *,
    method: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """GET, or POST of ``body`` (as JSON, unless it is bytes already)."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"Content-Type": "application/json"} if data is not None else {}
    request = urllib.request.Request(
        server.url + path, data=data, method=method, headers={**sent, **(headers or {})}
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.headers, error.read())
