"""The faults of the fake OBS: each does to a client what its name says, and nothing else.

That it otherwise is like the real OBS is tested in tests/real/test_obs_contract*.py.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed

from tests.obs_fake import FakeObs, Fault, Subscription
from tests.obs_fake_fields import RequestRefusedError
from tests.obs_wire import Wire

PASSWORD = "correct horse"


@pytest.fixture
def fake() -> Iterator[FakeObs]:
    with FakeObs(PASSWORD) as fake:
        yield fake


@pytest.fixture
def wire(fake: FakeObs) -> Iterator[Wire]:
    with Wire(fake.port, PASSWORD) as wire:
        yield wire


def _ask(wire: Wire, kind: str, number: str) -> None:
    wire.send(6, {"requestType": kind, "requestId": number})


def _is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1.0).close()
    except OSError:
        return False
    return True


def test_without_a_password_none_is_asked() -> None:
    with FakeObs() as fake, Wire(fake.port) as wire:
        assert wire.done("GetVersion")["rpcVersion"] == 1
        assert fake.sessions == 1


def test_the_log_holds_what_was_asked(fake: FakeObs, wire: Wire) -> None:
    wire.done("CreateScene", sceneName="A")
    wire.ask("Nope")
    fake.act("CreateScene", sceneName="B")
    assert [(request.kind, request.data) for request in fake.requests] == [
        ("CreateScene", {"sceneName": "A"}),
        ("Nope", None),
    ]
    assert fake.wait_for("Nope").session == 1
    with pytest.raises(TimeoutError, match="2 x Nope"):
        fake.wait_for("Nope", 2, timeout_s=0.05)


def test_the_operator_acts(fake: FakeObs, wire: Wire) -> None:
    fake.act("SetCurrentProgramScene", sceneName="Other")
    wire.until("CurrentProgramSceneChanged", sceneName="Other")
    with pytest.raises(RequestRefusedError, match="600"):
        fake.act("SetCurrentProgramScene", sceneName="No")


def test_hotkeys_of_a_script() -> None:
    with FakeObs(hotkeys=["jikcam_next"]) as fake, Wire(fake.port) as wire:
        assert "jikcam_next" in wire.done("GetHotkeyList")["hotkeys"]
        wire.done("TriggerHotkeyByName", hotkeyName="jikcam_next")
        assert fake.requests_of("TriggerHotkeyByName")[0].data == {"hotkeyName": "jikcam_next"}


def test_an_obs_of_another_system() -> None:
    with FakeObs(kinds={"text_gdiplus_v3": {"text": ""}}) as fake, Wire(fake.port) as wire:
        assert wire.done("GetInputKindList") == {"inputKinds": ["text_gdiplus_v3"]}


def test_frozen_accepts_and_says_nothing_until_thawed(fake: FakeObs, wire: Wire) -> None:
    fake.freeze()
    _ask(wire, "GetVersion", "1")
    fake.act("CreateScene", sceneName="A")
    with pytest.raises(TimeoutError):
        wire.receive(0.2)
    with socket.create_connection(("127.0.0.1", fake.port), 1.0) as late:
        late.settimeout(0.2)
        late.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n")
        with pytest.raises(TimeoutError):
            late.recv(1)
    fake.thaw()
    op, first = wire.receive()
    assert (op, first["eventType"]) == (5, "SceneListChanged")
    fake.wait_for("GetVersion")


def test_a_frozen_one_can_be_ended(fake: FakeObs, wire: Wire) -> None:
    fake.freeze()
    with socket.create_connection(("127.0.0.1", fake.port), 1.0):
        _ask(wire, "GetVersion", "1")
        fake.die()
    assert wire.close_code() == 1006
    assert not _is_open(fake.port)


def test_slow_delays_one_type_only(fake: FakeObs, wire: Wire) -> None:
    fake.slow(0.3, "GetStats")
    _ask(wire, "GetVersion", "1")
    assert wire.receive(0.2)[1]["requestId"] == "1"
    _ask(wire, "GetStats", "2")
    with pytest.raises(TimeoutError):
        wire.receive(0.1)
    assert wire.receive()[1]["requestId"] == "2"


def test_silent_leaves_one_request_out(fake: FakeObs, wire: Wire) -> None:
    fake.inject(Fault.SILENT, "GetStats")
    for number, kind in (("1", "GetStats"), ("2", "GetVersion"), ("3", "GetStats")):
        _ask(wire, kind, number)
    assert [wire.receive()[1]["requestId"] for _ in range(2)] == ["2", "3"]


def test_late_answers_come_after_the_next_one(fake: FakeObs, wire: Wire) -> None:
    fake.inject(Fault.LATE)
    _ask(wire, "GetStats", "1")
    _ask(wire, "GetVersion", "2")
    assert [wire.receive()[1]["requestId"] for _ in range(2)] == ["2", "1"]


def test_an_answer_under_another_id(fake: FakeObs, wire: Wire) -> None:
    fake.inject(Fault.WRONG_ID)
    _ask(wire, "GetStats", "1")
    assert wire.receive()[1]["requestId"] != "1"


def test_not_ready(fake: FakeObs, wire: Wire) -> None:
    fake.inject(Fault.NOT_READY, times=2)
    assert [wire.ask("CreateScene", sceneName="A").code for _ in range(3)] == [207, 207, 100]


@pytest.mark.parametrize("fault", [Fault.TEXT, Fault.BINARY, Fault.WRONG_OP, Fault.HUGE])
def test_garbage_comes_instead_of_an_answer_or_before_it(fake: FakeObs, wire: Wire, fault: Fault) -> None:
    fake.inject(fault)
    _ask(wire, "GetVersion", "1")
    message = wire.socket.recv(timeout=5.0)
    if fault is Fault.TEXT:
        with pytest.raises(ValueError, match="Unterminated"):
            _loads(message)
    elif fault is Fault.BINARY:
        assert isinstance(message, bytes)
    else:
        assert _loads(message)["op"] == 42
        assert (len(message) > 4_000_000) == (fault is Fault.HUGE)
    if fault is Fault.HUGE:
        assert wire.receive()[1]["requestId"] == "1"
    assert wire.ask("GetVersion").code == 100


def _loads(message: str | bytes) -> dict[str, int]:
    loaded: dict[str, int] = json.loads(message)
    return loaded


def test_kicked_by_hand_and_by_fault(fake: FakeObs, wire: Wire) -> None:
    fake.kick()
    assert wire.close_code() == 4011
    fake.inject(Fault.KICK)
    with Wire(fake.port, PASSWORD) as other:
        _ask(other, "GetVersion", "1")
        assert other.close_code() == 4011


def test_a_changed_password_ends_sessions_and_refuses_the_old_one(fake: FakeObs, wire: Wire) -> None:
    fake.change_password("battery staple")
    assert wire.close_code() == 1001
    with pytest.raises(ConnectionClosed) as closed, Wire(fake.port, PASSWORD):
        pass
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4009
    with Wire(fake.port, "battery staple") as again:
        assert again.ask("GetVersion").code == 100


def test_a_reset_has_no_goodbye(fake: FakeObs, wire: Wire) -> None:
    fake.inject(Fault.RESET)
    _ask(wire, "GetVersion", "1")
    assert wire.close_code() == 1006
    with Wire(fake.port, PASSWORD) as other:
        fake.reset()
        assert other.close_code() == 1006
    assert _is_open(fake.port)


def test_a_reset_reaches_the_socket_as_one(fake: FakeObs) -> None:
    with socket.create_connection(("127.0.0.1", fake.port), 1.0) as raw:
        raw.sendall(
            b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        raw.settimeout(5.0)
        assert raw.recv(4096).startswith(b"HTTP/1.1 101")
        fake.reset()
        with pytest.raises(ConnectionResetError):
            while raw.recv(4096):
                pass


def test_dead_refuses_and_comes_back_with_what_it_had(fake: FakeObs, wire: Wire) -> None:
    wire.done("CreateScene", sceneName="Kept")
    fake.die()
    assert wire.close_code() == 1006
    assert not _is_open(fake.port)
    fake.start()
    with Wire(fake.port, PASSWORD) as again:
        names = [scene["sceneName"] for scene in again.done("GetSceneList")["scenes"]]
        assert names == ["Kept", "Other", "Main"]


def test_a_restart_in_the_middle_of_a_request(fake: FakeObs, wire: Wire) -> None:
    fake.inject(Fault.RESTART, "CreateScene")
    wire.send(6, {"requestType": "CreateScene", "requestId": "1", "requestData": {"sceneName": "A"}})
    assert wire.close_code() == 1006
    until_s = time.monotonic() + 5.0
    while not _is_open(fake.port) and time.monotonic() < until_s:
        time.sleep(0.01)
    with Wire(fake.port, PASSWORD) as again:
        assert len(again.done("GetSceneList")["scenes"]) == 2


def test_a_quit_says_so(fake: FakeObs, wire: Wire) -> None:
    fake.quit()
    assert wire.close_code() == 1001
    assert wire.events[-1] == ("ExitStarted", Subscription.GENERAL, {})


def test_a_flood_reaches_all_who_want_it(fake: FakeObs, wire: Wire) -> None:
    with Wire(fake.port, PASSWORD, 0) as deaf:
        fake.flood(5000)
        wire.until("CustomEvent", number=4999)
        deaf.settle()
        assert deaf.events == []


def test_a_client_that_does_not_read_holds_nobody_up(fake: FakeObs) -> None:
    with Wire(fake.port, PASSWORD, 0) as awake, Wire(fake.port, PASSWORD) as asleep:
        for _ in range(40):
            fake.emit("CustomEvent", Subscription.GENERAL, {"padding": "x" * 1_000_000})
        assert awake.ask("GetVersion").code == 100
        fake.die()
        assert awake.close_code() == 1006
        assert asleep.close_code() == 1006


def test_heal_ends_every_fault(fake: FakeObs, wire: Wire) -> None:
    fake.inject(Fault.SILENT, times=9)
    fake.slow(60.0)
    fake.freeze()
    fake.heal()
    assert wire.ask("GetVersion").code == 100


def test_sessions_are_counted(fake: FakeObs) -> None:
    with Wire(fake.port, PASSWORD), Wire(fake.port, PASSWORD):
        fake.wait_sessions(2)
    fake.wait_sessions(0)
    with pytest.raises(TimeoutError, match="0 clients"):
        fake.wait_sessions(1, timeout_s=0.05)


def test_nothing_is_left_when_it_stops() -> None:
    before = set(threading.enumerate())
    with FakeObs() as fake, Wire(fake.port) as wire:
        wire.done("SetCurrentProgramScene", sceneName="Other")
        fake.slow(60.0, "GetStats")
        _ask(wire, "GetStats", "1")
        fake.wait_for("GetStats")
    until_s = time.monotonic() + 5.0
    while set(threading.enumerate()) - before and time.monotonic() < until_s:
        time.sleep(0.01)
    assert not set(threading.enumerate()) - before
