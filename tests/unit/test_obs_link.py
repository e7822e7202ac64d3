"""The guards of the link to OBS, each against a server that misbehaves in just that way."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

if not os.environ.get("CI"):
    pytest.importorskip("obsws_python", reason="jikcam[obs] is not installed")

from obs_plugin.errors import ObsAwayError, ObsRequestError, ObsTimeoutError
from obs_plugin.link import Event, Link, LinkConfig, LinkState, LinkStatus
from obs_plugin.secret import Secret
from tests.unit.obs_scripted import QUICK, WAIT_S, LinkRig, ScriptedObs, answer_to, silent
from tests.waiting import until

PASSWORD = "s3cr3t-Pässwörd"


@pytest.fixture
def rig() -> Iterator[LinkRig]:
    with ScriptedObs() as obs:
        rig = LinkRig(obs)
        yield rig
        rig.link.stop()


def test_up_tells_versions_and_ends_well(rig: LinkRig) -> None:
    link = rig.up()
    assert (link.status.obs_version, link.status.websocket_version, link.connection) == ("30.1", "5.5", 1)
    assert link.request("Say", {"sceneName": "A", "n": 1.5})["said"] == {"sceneName": "A", "n": 1.5}
    assert rig.obs.greeted == [0, 0x7FF]
    link.stop()
    link.stop()
    assert link.status.state is LinkState.STOPPED
    assert [(s.state, thread) for s, thread in rig.statuses] == [
        (LinkState.UP, "jikcam-obs-link"),
        (LinkState.STOPPED, "jikcam-obs-link"),
    ]
    with pytest.raises(ObsAwayError):
        link.request("GetVersion")


def test_the_libraries_own_log_lines_stay_with_them(rig: LinkRig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.up()
    written: list[logging.LogRecord] = []
    handler = logging.Handler()
    monkeypatch.setattr(handler, "emit", written.append)
    logging.getLogger().addHandler(handler)
    try:
        for name in ("obsws_python.baseclient.ObsClient", "websocket"):
            logging.getLogger(name).error("its own words")
    finally:
        logging.getLogger().removeHandler(handler)
    assert not written


def test_many_threads_get_their_own_answers(rig: LinkRig) -> None:
    link = rig.up()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda n: link.request("Say", {"n": n})["said"]["n"], range(400)))
    assert found == list(range(400))


def test_what_obs_refuses_leaves_the_link_up(rig: LinkRig) -> None:
    rig.obs.turn = lambda session, request: (
        session.send(answer_to(request, code=600, comment="no such scene"))
        if request["requestType"] == "Nope"
        else rig.obs.polite(session, request)
    )
    with pytest.raises(ObsRequestError, match="no such scene") as caught:
        rig.up().request("Nope")
    assert (caught.value.request, caught.value.code) == ("Nope", 600)
    assert rig.link.request("GetVersion") and rig.link.connection == 1


def test_what_is_no_json_is_the_callers_fault(rig: LinkRig) -> None:
    link = rig.up()
    for bad in (float("nan"), object()):
        with pytest.raises((ValueError, TypeError)):
            link.request("Say", {"n": bad})
    assert link.connection == 1


def test_a_late_answer_is_never_taken_for_the_next(rig: LinkRig) -> None:
    link = rig.up()
    thawed = silent(rig.obs, "Slow")
    with pytest.raises(ObsTimeoutError):
        link.request("Slow")
    thawed.set()
    until(lambda: link.status.state is LinkState.UP and link.connection == 2)
    assert link.request("Say", {"n": 7})["said"] == {"n": 7}


def test_who_waits_when_the_link_drops_knows_at_once(rig: LinkRig) -> None:
    link = rig.up()
    thawed = silent(rig.obs, "Slow")
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(link.request, "Slow")
        until(lambda: rig.obs.asked[-1]["requestType"] == "Slow")
        behind = [pool.submit(link.request, "Say") for _ in range(2)]
        assert isinstance(first.exception(WAIT_S), ObsTimeoutError)
        assert all(isinstance(waiting.exception(WAIT_S), ObsAwayError) for waiting in behind)
    thawed.set()


def test_no_more_than_so_many_wait(rig: LinkRig) -> None:
    rig.link = rig.make(LinkConfig(timeout_s=3.0, most_waiting=2))
    link = rig.up()
    thawed = silent(rig.obs, "Slow")
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(link.request, "Slow")]
        until(lambda: rig.obs.asked[-1]["requestType"] == "Slow")
        waiting += [pool.submit(link.request, "Say") for _ in range(2)]
        until(lambda: len(link._jobs) == 2)
        with pytest.raises(ObsTimeoutError, match="too slow"):
            link.request("Say")
        thawed.set()
        assert all(w.exception(WAIT_S) is None for w in waiting)


def test_a_frozen_obs_is_noticed_without_asking_and_stop_does_not_wait_for_it(rig: LinkRig) -> None:
    rig.up()
    thawed = silent(rig.obs, "GetVersion")
    assert "does not answer" in rig.until_state(LinkState.AWAY).text.replace("did not", "does not")
    rig.link.stop()
    rig.link._thread.join(WAIT_S)
    assert not rig.link._thread.is_alive()
    thawed.set()


def test_wrong_answers_throw_the_connection_away(rig: LinkRig) -> None:
    link = rig.up()
    for count, wrong in enumerate(
        (
            lambda r: answer_to(r | {"requestId": "0"}),
            lambda r: answer_to(r | {"requestType": "Other"}),
            lambda r: "not json",
            lambda r: "[]",
            lambda r: json.dumps({"op": 7, "d": None}),
            lambda r: answer_to(r).replace('"result"', '"resul"'),
            lambda r: "[" * 100_000,
            lambda r: b"\xff\xfe",
        )
    ):
        rig.obs.turn = lambda session, request, wrong=wrong: (
            session.send(wrong(request))
            if request["requestType"] == "Bad"
            else rig.obs.polite(session, request)
        )
        with pytest.raises(ObsAwayError):
            link.request("Bad")
        until(lambda n=count: link.connection == n + 2 and link.status.state is LinkState.UP)
    assert link._thread.is_alive()


@pytest.mark.parametrize(
    "hello",
    [
        "no json",
        "[]",
        '{"op": 5, "d": {}}',
        '{"op": 0}',
        '{"op": 0, "d": {"authentication": 1}}',
        '{"op": 0, "d": {"authentication": {"salt": 1, "challenge": "x"}}}',
        '{"op": 0, "d": {"authentication": {"salt": "\\ud800", "challenge": "x"}}}',
    ],
)
def test_what_does_not_speak_like_obs_is_away_not_fatal(
    rig: LinkRig, hello: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    rig.secret, rig.obs.hello = Secret(PASSWORD), hello
    rig.link.start()
    assert "does not speak like OBS" in rig.until_state(LinkState.AWAY).text
    rig.obs.hello = None
    assert rig.link.wait_up(WAIT_S)
    assert PASSWORD not in caplog.text


def test_events_come_in_order_and_a_bad_callback_stops_none(rig: LinkRig, caplog: Any) -> None:
    link = rig.link = Link(
        "localhost",
        rig.obs.port,
        lambda: None,
        on_event=lambda e: (rig.events.append(e), 1 / 0),
    )
    rig.up()
    for n in range(50):
        rig.obs.event("CurrentProgramSceneChanged", {"sceneName": str(n)})
    until(lambda: len(rig.events) == 50)
    assert [event.data["sceneName"] for event in rig.events] == [str(n) for n in range(50)]
    assert link.connection == 1 and "ZeroDivisionError" in caplog.text and "Traceback" not in caplog.text


def test_no_event_comes_after_the_link_has_left(rig: LinkRig) -> None:
    rig.up()
    connection = rig.link._current
    connection.trigger("VendorEvent", {})
    rig.link.stop()
    connection.trigger("ExitStarted", {})
    assert [event.kind for event in rig.events] == ["VendorEvent"]


@pytest.mark.parametrize("garbage", ["no json", "[]", '{"op": 5}', '{"op": 5, "d": null}'])
def test_a_dead_event_thread_brings_a_new_connection(rig: LinkRig, garbage: str) -> None:
    """At once: the heartbeat is too slow to be what notices."""
    rig.link = link = rig.make(replace(QUICK, heartbeat_s=60.0))
    rig.up()
    rig.obs.say(garbage)
    until(lambda: link.connection == 2)
    rig.obs.event("VendorEvent")
    until(lambda: rig.events == [Event("VendorEvent", {})])


@pytest.mark.parametrize("events", [True, False])
def test_a_kicked_session_comes_back(rig: LinkRig, events: bool) -> None:
    link = rig.up()
    rig.obs.kick(events)
    until(lambda: link.connection == 2)
    assert "was ended in OBS" in rig.statuses[1][0].text


def test_obs_started_later_and_restarted(rig: LinkRig) -> None:
    rig.obs.stop()
    rig.link.start()
    assert "start OBS" in rig.until_state(LinkState.AWAY).text
    assert not rig.link.wait_up(0.1)
    for count in (1, 2, 3):
        rig.obs.start()
        until(lambda n=count: rig.link.connection == n and rig.link.status.state is LinkState.UP)
        rig.obs.stop()
        rig.until_state(LinkState.AWAY)
    rig.obs.start()


def test_up_only_when_obs_has_loaded(rig: LinkRig) -> None:
    rig.obs.turn = lambda session, request: (
        session.send(answer_to(request, code=207))
        if request["requestType"] == "GetSceneList"
        else rig.obs.polite(session, request)
    )
    rig.link.start()
    until(lambda: rig.link.status.text == "OBS is still loading")
    assert rig.link.status.state is LinkState.CONNECTING
    rig.obs.turn = None
    assert rig.link.wait_up(WAIT_S)
    assert len(rig.obs.greeted) == 2, "on one connection"


def test_a_closing_obs_is_left_at_once_with_a_goodbye(rig: LinkRig) -> None:
    rig.up()
    sessions = [session for session, _ in rig.obs.sessions]
    rig.obs.event("ExitStarted")
    until(lambda: rig.statuses[1:])
    assert rig.statuses[1][0] == LinkStatus(LinkState.AWAY, "OBS was closed")
    until(lambda: [session.close_code for session in sessions] == [1000, 1000])


def test_asking_from_on_status_is_an_error_and_no_deadlock(rig: LinkRig, caplog: Any) -> None:
    link = rig.link = Link(
        "127.0.0.1", rig.obs.port, lambda: None, on_status=lambda _: link.request("Say"), config=QUICK
    )
    rig.up()
    assert link.request("Say", {"n": 1})["said"] == {"n": 1}
    assert "link's own thread" in caplog.text
