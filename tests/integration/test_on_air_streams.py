"""A show with its streaming process: what is joined to what, and that the show needs nothing of it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from aiortc import RTCSessionDescription

from engine.assemble import source_of
from engine.on_air import OnAir, on_air
from engine.presets import Preset
from engine.sources.stage import StageSource, scene
from engine.streaming import streaming
from tests.integration.control_rig import ask
from tests.integration.show_kit import FPS, SIZE, oracle, preset_of, until
from tests.integration.studio_kit import Viewer
from tests.integration.studio_kit import until as reached
from virtualcam.sink import SinkError
from virtualcam.webrtc.host import StreamHost
from virtualcam.webrtc.messages import End, Watch

STAGE = scene("sway", 3, SIZE, FPS)
VIEW = {"name": "main", "width": 320, "height": 180, "target": "leftmost"}
OFFER = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "JIKCAM_PRESETS"):
        monkeypatch.setenv(name, str(tmp_path / name))


@contextmanager
def show(preset: Preset) -> Iterator[tuple[OnAir, StreamHost]]:
    source = StageSource(STAGE, "live")
    with streaming(preset) as host:
        assert host is not None
        with on_air(preset, source, lambda: oracle(STAGE), streams=host) as air:
            yield air, host


def wanted(*sinks: dict[str, Any], **tables: Any) -> Preset:
    return preset_of(
        {**VIEW, "sink": list(sinks)}, control={"port": 0, **tables.pop("control", {})}, **tables
    )


def status(air: OnAir, sink: str = "webrtc") -> str:
    return air.engine.state().views[0].sinks[sink]


def test_a_view_is_streamed_published_and_kept_when_the_process_dies() -> None:
    sink = {"kind": "whip", "url": "http://127.0.0.1:9/whip"}
    with show(wanted(sink)) as (air, host):
        assert air.server is not None
        until(lambda: "127.0.0.1:9" in status(air), "the server that is not there is named")
        assert "\n" not in status(air)
        first = host.pid
        assert first is not None
        # It answers through the control server: this offer has no video in it.
        answer = ask(air.server, "/whep/main", OFFER.encode(), headers={"Content-Type": "application/sdp"})
        assert 400 <= answer.status < 500 and answer.error
        before = air.engine.metrics().pictures
        os.kill(first, signal.SIGKILL)
        until(lambda: host.pid not in (None, first), "started again")
        assert air.engine.metrics().pictures > before
        until(lambda: "127.0.0.1:9" in status(air), "published again")
        assert not air.engine.state().perception_status
    assert not psutil.pid_exists(first)


def test_a_viewer_sees_the_show_and_its_new_shape_and_nothing_is_made_for_nobody() -> None:
    with show(wanted()) as (air, host):
        until(lambda: host.ready, "ready")
        assert not [stage for stage in air.engine.metrics().stages if stage.name == "render"]
        asyncio.run(_watch(air, host))
        view = air.engine._show.views[0]
        until(lambda: not view.watched, "nobody watches any more")


async def _watch(air: OnAir, host: StreamHost) -> None:
    viewer = Viewer()
    try:
        answer = await host.call(Watch("main", await viewer.offer()))
        await viewer.connection.setRemoteDescription(RTCSessionDescription(answer.sdp, "answer"))
        await viewer.see(5)
        await asyncio.to_thread(air.engine.set_view, "main", {"aspect": "9:16"})
        await reached(lambda: viewer.heights == [180, 320])
        await viewer.see(5)
        assert await host.call(End(answer.id))
    finally:
        await viewer.close()


def test_without_its_libraries_the_show_runs_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "aiortc").mkdir()
    (tmp_path / "aiortc" / "__init__.py").write_text("raise ImportError('libopus is missing')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with show(wanted()) as (air, _):
        assert air.server is not None
        until(lambda: "libopus is missing" in status(air), "said")
        before = air.engine.metrics().pictures
        until(lambda: air.engine.metrics().pictures > before + 10, "pictures come")
        assert status(air, "main") == "ok"
        answer = ask(air.server, "/whep/main", OFFER.encode(), headers={"Content-Type": "application/sdp"})
        assert answer.status == 503


def test_a_phone_as_the_camera_is_waited_for() -> None:
    preset = wanted(source={"uri": "webrtc:phone", "width": 640, "height": 360})
    with streaming(preset) as host:
        assert host is not None
        source = source_of(preset, "live", host)
        assert (source.name, source.size) == ("webrtc:phone", SIZE)
        with on_air(preset, source, lambda: oracle(STAGE), streams=host) as air:
            until(lambda: "/camera/phone" in air.engine.state().source_status, "it says where to look")
            with pytest.raises(SinkError, match="in use already"):
                source_of(preset, "live", host)


@pytest.mark.parametrize("lan", [False, True])
def test_other_machines_are_let_in_only_when_asked_for(lan: bool) -> None:
    preset = wanted(control={"lan": lan, "https": lan}, webrtc={"enabled": False})
    with on_air(preset, StageSource(STAGE, "live"), lambda: oracle(STAGE)) as air:
        assert air.server is not None and air.server.access.lan is lan
        assert air.fingerprint.count(":") == (31 if lan else 0)
        assert ask(air.server, "/api/state").status == 200, "this machine needs no token"
        assert "webrtc" not in air.engine.state().views[0].sinks
