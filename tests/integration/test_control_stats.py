"""Viewers' reports, the statistics and the metrics made of them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from engine.control import ControlServer, statistics, viewers
from engine.control.answers import Stats
from tests.integration.control_rig import FakeEngine, ask, serving
from virtualcam.webrtc.messages import Measure, Measures, RefusedError

FIRST, SECOND, THIRD = (f"{n}{'x' * 30}" for n in "123")


def sent(view: str, **more: Any) -> dict[str, Any]:
    known = {"view": view, "codec": "h264", "width": 1280, "height": 720, "state": "connected"}
    return {
        **known,
        "since_s": 4.5,
        "packets_lost": 7,
        "rtt_ms": 3.5,
        "nack": 2,
        "kbps": 2900.0,
        "moved": 1,
    } | more


MEASURES = Measures(
    {FIRST: sent("main"), SECOND: sent("main", height=360), THIRD: sent("tall")},
    [
        {
            **{"view": "main", "codec": "h264", "width": 1280, "height": 720, "viewers": 1, "fps": 30.0},
            **{"kbps": 2900, "key_frames": 3, "key_frame_interval_s": 2.5},
            **{"encode_ms_p50": 6.5, "encode_ms_p95": 9.25},
        }
    ],
    [{"view": "main", "url": "https://sfu.example/whip", "state": "live", "text": "", "restarts": 0}],
    [],
    cpu_s=10.0,
    memory_mb=120.5,
)
TOLD = {
    **{"id": FIRST, "packets_lost": 9, "packets_unrecovered": 1, "nack": 4, "key_frame_interval_s": 2.0},
    **{"rtt_ms": 4.5, "delay_ms": 61.5, "kbps": 2800, "jitter_buffer_ms": 21.0, "fps": 29.9, "freezes": 0},
    **{"codec": "h264", "size": [1280, 720]},
}


class FakeStreaming:
    """Stands for StreamHost."""

    status = ""

    def __init__(self) -> None:
        self.measures = MEASURES
        self.refusal: RefusedError | None = None
        self.asked = 0
        self.takes_s = 0.0

    async def call(self, request: Any) -> Any:
        assert isinstance(request, Measure)
        self.asked += 1
        await asyncio.sleep(self.takes_s)
        if self.refusal:
            raise self.refusal
        return self.measures


@pytest.fixture
def streaming() -> FakeStreaming:
    return FakeStreaming()


@pytest.fixture
def server(streaming: FakeStreaming) -> Iterator[ControlServer]:
    with serving(FakeEngine("main", "tall"), streams=streaming) as running:
        yield running


def stats(server: ControlServer) -> dict[str, Any]:
    answer = ask(server, "/api/stats").json
    Stats.model_validate(answer)
    return answer  # type: ignore[no-any-return]


def test_what_a_page_tells_stands_beside_what_was_sent(server: ControlServer) -> None:
    assert ask(server, "/api/viewer", TOLD).json == {"ok": True}
    told = stats(server)
    main, tall = told["views"]
    first, second = main["viewers"]
    assert first == {
        **{"id": FIRST[:8], "view": "main", "codec": "h264", "width": 1280, "height": 720, "since_s": 4.5},
        **{"state": "connected", "packets_lost": 9, "packets_unrecovered": 1, "nack": 4, "moved": 1},
        **{"key_frame_interval_s": 2.0, "rtt_ms": 4.5, "delay_ms": 61.5, "kbps": 2800.0, "fps": 29.9},
        **{"jitter_buffer_ms": 21.0, "freezes": 0},
    }
    # Of this one only the sender knows anything.
    assert (second["packets_lost"], second["delay_ms"], second["fps"]) == (7, None, None)
    assert [viewer["id"] for viewer in tall["viewers"]] == [THIRD[:8]]
    assert told["renditions"] == MEASURES.renditions and told["publishers"] == MEASURES.publishers
    assert told["stages"][0]["p95_ms"] == 2.5 and told["streaming"]["memory_mb"] == 120.5
    assert FIRST not in str(told), "the whole id lets anybody write this viewer's report"


def test_null_is_not_known_and_leaves_what_the_sender_knows(server: ControlServer) -> None:
    assert ask(server, "/api/viewer", {"id": FIRST, "packets_lost": None, "fps": 12}).status == 200
    first = stats(server)["views"][0]["viewers"][0]
    assert (first["packets_lost"], first["key_frame_interval_s"], first["fps"]) == (7, 2.5, 12.0)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"id": "stranger"}, 404),
        ({"id": FIRST[:8]}, 404),
        ({"id": ""}, 400),
        ({"id": "x" * 201}, 400),
        ({"id": 3}, 400),
        ({"fps": -1}, 400),
        ({"fps": 1e10}, 400),
        ({"fps": "30"}, 400),
        ({"delay_ms": 1e7}, 400),
        ({"nack": 1.5}, 400),
        ({"nack": True}, 400),
        ({"packets_lost": 2**53}, 400),
        ({"codec": "H264 <script>"}, 400),
        ({"codec": "x" * 21}, 400),
        ({"size": [1, 2, 3]}, 400),
        ({"size": [1, 99999]}, 400),
        ({"view": "tall"}, 400),
    ],
)
def test_what_is_no_report(server: ControlServer, change: dict[str, Any], status: int) -> None:
    answer = ask(server, "/api/viewer", {**TOLD, **change})
    assert answer.status == status and answer.error
    assert stats(server)["views"][0]["viewers"][0]["delay_ms"] is None


def test_numbers_are_finite(server: ControlServer) -> None:
    for number in (b"NaN", b"Infinity", b"1e999"):
        body = b'{"id": "' + FIRST.encode() + b'", "delay_ms": ' + number + b"}"
        assert ask(server, "/api/viewer", body).status == 400


def test_a_session_that_ended_and_a_page_that_is_silent_are_forgotten(
    server: ControlServer, streaming: FakeStreaming, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics, "FRESH_S", 0.0)
    monkeypatch.setattr(viewers, "SILENCE_S", 0.3)
    ask(server, "/api/viewer", TOLD)
    ask(server, "/api/viewer", {"id": THIRD, "fps": 30})
    assert stats(server)["views"][1]["viewers"][0]["fps"] == 30
    streaming.measures = replace(MEASURES, viewers={FIRST: sent("main"), SECOND: sent("main")})
    assert stats(server)["views"][1]["viewers"] == []
    assert ask(server, "/api/viewer", {"id": THIRD, "fps": 30}).status == 404
    # The session comes back under the same id, which it never does: the old report is gone all the same.
    streaming.measures = MEASURES
    assert stats(server)["views"][1]["viewers"][0]["fps"] is None
    assert stats(server)["views"][0]["viewers"][0]["fps"] == 29.9
    time.sleep(0.35)
    assert stats(server)["views"][0]["viewers"][0]["fps"] is None


def test_many_pages_ask_the_streaming_process_once(server: ControlServer, streaming: FakeStreaming) -> None:
    streaming.takes_s = 0.2
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: stats(server), range(12)))
        pool.map(lambda _: ask(server, "/api/viewer", TOLD), range(12))
        pool.map(lambda _: ask(server, "/metrics"), range(12))
    assert streaming.asked == 1
    assert all(len(answer["views"][0]["viewers"]) == 2 for answer in answers)


def test_without_the_streaming_process_the_rest_goes_on(
    server: ControlServer, streaming: FakeStreaming
) -> None:
    streaming.refusal = RefusedError(503, "the streaming process starts; try again in a moment")
    told = stats(server)
    assert told["views"] == [{"name": "main", "viewers": []}, {"name": "tall", "viewers": []}]
    assert told["streaming"]["status"] == "the streaming process starts; try again in a moment"
    assert ask(server, "/api/viewer", TOLD).status == 404
    assert ask(server, "/metrics").status == 200


def test_without_webrtc_there_are_no_viewers() -> None:
    with serving(FakeEngine()) as server:
        assert stats(server)["views"] == [{"name": "main", "viewers": []}]
        assert ask(server, "/api/viewer", TOLD).status == 404


def test_processor_time_is_a_share_of_the_time_between(
    server: ControlServer, streaming: FakeStreaming, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics, "FRESH_S", 0.0)
    assert stats(server)["streaming"]["cpu_percent"] is None
    begin_s = time.monotonic()
    time.sleep(0.3)
    streaming.measures = replace(MEASURES, cpu_s=10.15)
    told = stats(server)
    used = told["streaming"]["cpu_percent"]
    assert 100 * 0.15 / (time.monotonic() - begin_s + 0.2) <= used <= 50.5
    assert told["process"]["cpu_percent"] >= 0
    streaming.measures = replace(MEASURES, cpu_s=0.1)  # it was started anew
    assert stats(server)["streaming"]["cpu_percent"] is None


def test_metrics_tell_of_every_view(server: ControlServer) -> None:
    ask(server, "/api/viewer", TOLD)
    ask(server, "/api/viewer", {"id": SECOND, "delay_ms": 161.5})
    lines = ask(server, "/metrics").body.decode().splitlines()
    for line in (
        'jikcam_viewers{view="main"} 2.0',
        'jikcam_viewers{view="tall"} 1.0',
        'jikcam_viewer_delay_milliseconds{view="main",quantile="0.5"} 111.5',
        'jikcam_viewer_delay_milliseconds{view="main",quantile="0.95"} 156.5',
        'jikcam_viewer_packets_lost{view="main"} 16.0',
        'jikcam_viewer_packets_unrecovered{view="main"} 1.0',
        'jikcam_viewer_kilobits_per_second{view="tall",quantile="0.5"} 2900.0',
        'jikcam_encode_milliseconds{view="main",codec="h264",height="720",quantile="0.95"} 9.25',
        "jikcam_streaming_memory_megabytes 120.5",
        "jikcam_wide_clients 0.0",
    ):
        assert line in lines, line
    assert not [line for line in lines if 'delay_milliseconds{view="tall"' in line]
    kinds = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(kinds) == len(set(kinds))
    assert threading.active_count() < 100
