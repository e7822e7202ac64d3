"""The viewer's page when things break: packets are lost, the engine goes and comes back."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import numpy as np
import pytest

from engine.control import ControlServer
from engine.geometry import Size
from tests.integration.control_rig import FakeEngine, serving
from tests.real.browser import wait_until
from tests.real.browsers import Browsers, assert_accessible, browsers, running_browsers
from tests.real.far_viewer import Road, road
from tests.real.test_watch_browser import LIVE, NOTE, is_color_of, reported, viewers, watch
from tests.real.watch_rig import COLORS, FPS, WatchEngine, showing
from virtualcam.webrtc.messages import Measure, StreamConfig

__all__ = ["browsers", "running_browsers"]
pytestmark = pytest.mark.real

DROP = 0.02
#: At this share of losses so many packets tell the share within a half, 999 times of 1000 (binomial).
ENOUGH_PACKETS = 2000
#: Where every tenth packet is later than that, a browser has to wait as well; asked so many times at most.
LATE_MS, QUIET_TRIES = 3.0, 16


def test_lost_packets_are_counted_and_repaired(browsers: Browsers) -> None:
    with showing(config=StreamConfig(drop=DROP, kbps_720p=40000, renditions=1), grain_px=2) as (
        engine,
        server,
    ):
        tab = watch(browsers.tab(), server)
        wait_until(lambda: packets_sent(engine) > ENOUGH_PACKETS, "packets")
        seen = []
        for _ in range(8):  # a loss that is not repaired yet looks like one for good
            seen.append(reported(server, "delay_ms"))
            time.sleep(0.25)
        last = seen[-1]
        sent, sent_kbps = packets_sent(engine), measured(engine, "kbps")
        share = last["packets_lost"] / sent
        for_good = min(viewer["packets_unrecovered"] for viewer in seen)
        print(f"\n{sent} packets, {share:.1%} lost, {for_good} for good: {last}")
        assert DROP / 2 < share < DROP * 1.5
        assert for_good <= 1
        assert last["nack"] > 0
        assert 0.6 < last["kbps"] / sent_kbps < 1.4
        tab.open("about:blank")


def packets_sent(engine: WatchEngine) -> int:
    return int(measured(engine, "packets_sent"))


def measured(engine: WatchEngine, key: str) -> float:
    """Of all viewers together, by the streaming process's own count."""
    with ThreadPoolExecutor(1) as thread:  # Playwright keeps an event loop in this one
        measures = thread.submit(lambda: asyncio.run(engine.host.call(Measure()))).result()
    return sum(float(viewer[key]) for viewer in measures.viewers.values())


def test_it_comes_back_with_the_engine(browsers: Browsers) -> None:
    with showing() as (_, server):
        port = urlsplit(server.url).port or 0
        tab = watch(browsers.tab(), server)
        tab.run("window.since = performance.now()")
    tab.wait(f"{NOTE}.includes('Trying again')")
    assert is_color_of(tab, "main"), "the last picture stays"
    with showing(port=port) as (_, server):
        tab.wait(LIVE)
        assert tab.evaluate("window.since > 0"), "the page was not loaded anew"
        assert is_color_of(tab, "main")
        wait_until(lambda: len(viewers(server)) == 1, "one viewer")
        tab.open("about:blank")


def test_it_outlives_the_streaming_process(browsers: Browsers) -> None:
    with showing() as (engine, server):
        tab = watch(browsers.tab(), server)
        assert engine.host.pid is not None
        os.kill(engine.host.pid, signal.SIGKILL)
        wait_until(lambda: engine.host.starts == 2 and engine.host.ready, "another process")
        wait_until(lambda: len(viewers(server)) == 1, "the viewer is back")
        tab.wait(LIVE)
        assert is_color_of(tab, "main")
        tab.open("about:blank")


def test_where_webrtc_does_not_get_through_the_second_best_picture_comes(browsers: Browsers) -> None:
    engine = FakeEngine(picture=Size(640, 360))
    engine.picture = lambda view: np.full((360, 640, 3), COLORS[view], np.uint8)  # type: ignore[method-assign]
    with serving(engine) as server:
        engine.run(FPS)
        tab = browsers.tab()
        tab.open(f"{server.url}/watch/main")
        tab.wait(f"{NOTE}.includes('Second-best')")
        wait_until(lambda: is_color_of(tab, "main"), "the picture as JPEG")
        assert_accessible(tab)
        tab.open("about:blank")


def test_a_viewer_far_away_is_told_as_such(browsers: Browsers) -> None:
    delay_s, jitter_s = 0.1, 0.06
    with showing() as (_, server), road() as way:
        tab = browsers.chromium(960, 540)
        way.lead(tab.page)
        watch(tab, server)
        near = settled(server, way)
        way.delay_s = delay_s
        wait_until(lambda: viewers(server)[0]["rtt_ms"] > delay_s * 1500, "the round trip is longer")
        far = settled(server, way)
        way.jitter_s = jitter_s
        time.sleep(3.0)
        uneven = settled(server, way)
        print(
            f"\nnear {near}, {delay_s * 1000:.0f} ms away {far}, up to {jitter_s * 1000:.0f} ms more {uneven}"
        )
        assert abs(far["rtt_ms"] - near["rtt_ms"] - 2000 * delay_s) < 25
        on_the_way_ms = [told["delay_ms"] - told["jitter_buffer_ms"] for told in (near, far)]
        assert abs(on_the_way_ms[1] - on_the_way_ms[0] - 1000 * delay_s) < 30
        # A step of the delay is jitter too, so that the buffer is large already.
        assert uneven["jitter_buffer_ms"] - near["jitter_buffer_ms"] > 300 * jitter_s
        assert 200 * jitter_s < uneven["rtt_ms"] - far["rtt_ms"] < 1000 * jitter_s
        assert not tab.complaints
        tab.open("about:blank")


def settled(server: ControlServer, way: Road) -> dict[str, float]:
    """What the only viewer's statistics say of its way, as median of a few seconds.

    Seconds in which this computer was late itself are measured again.
    """
    keys = ("rtt_ms", "delay_ms", "jitter_buffer_ms")
    wait_until(lambda: all(reported(server, key) for key in keys), "statistics")
    for _ in range(QUIET_TRIES):
        told = []
        way.late_ms()
        for _ in range(9):
            time.sleep(0.5)
            told.append([viewers(server)[0][key] for key in keys])
        late_ms = way.late_ms()
        if late_ms < LATE_MS:
            break
        print(f"measured again: every tenth packet {late_ms:.0f} ms late")
    return dict(zip(keys, np.median(told, axis=0).tolist(), strict=True))
