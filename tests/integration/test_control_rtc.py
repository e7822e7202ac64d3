"""WebRTC's signalling by the letter of RFC 9725 and draft-ietf-wish-whep, on streams made of nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from engine.control import ControlServer
from engine.control.endpoint import Role
from engine.control.rtc import KEPT_IDS
from tests.integration.control_rig import FakeEngine, ask, serving
from tests.integration.lan_rig import Lan, lan
from virtualcam.webrtc.messages import (
    Answer,
    AskClock,
    End,
    Measure,
    Measures,
    Push,
    RefusedError,
    RtpClock,
    Watch,
)

OFFER = b"v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
SDP = {"Content-Type": "application/sdp"}


class FakeStreams:
    """Stands in for StreamHost."""

    def __init__(self) -> None:
        self.calls: list[Any] = []
        self.sessions: dict[str, str] = {}
        self.refusal: RefusedError | None = None
        self._numbers = itertools.count(1)

    async def call(self, request: Any) -> Any:
        self.calls.append(request)
        if self.refusal:
            raise self.refusal
        match request:
            case Watch(view=name) | Push(camera=name):
                session = f"session {next(self._numbers)}/ü"
                self.sessions[session] = name
                return Answer(session, "v=0\r\nanswer\r\n")
            case End(id=session):
                return self.sessions.pop(session, None) is not None
            case AskClock(id=session):
                if session not in self.sessions:
                    raise RefusedError(404, "that viewer is gone")
                return RtpClock(90_000, 12.5)
            case Measure():
                return Measures({s: {} for s in self.sessions}, [], [], [], 0.0, 0.0)
        raise AssertionError(request)


@pytest.fixture
def streams() -> FakeStreams:
    return FakeStreams()


@pytest.fixture
def server(streams: FakeStreams) -> Iterator[ControlServer]:
    engine = FakeEngine("main", "a b", "side")
    engine.frame = 3000
    with serving(engine, streams=streams) as running:
        yield running


def offer(server: ControlServer, path: str) -> Any:
    return ask(server, path, OFFER, headers=SDP)


@pytest.mark.parametrize("path", ["/whep/main", "/whep/a%20b", "/whip/phone"])
def test_an_offer_is_answered_with_a_session_that_can_be_ended(
    server: ControlServer, streams: FakeStreams, path: str
) -> None:
    answer = offer(server, path)
    assert answer.status == 201 and answer.body == b"v=0\r\nanswer\r\n"
    assert answer.headers["Content-Type"].partition(";")[0] == "application/sdp"
    assert answer.headers["Location"] == f"{path}/session%201%2F%C3%BC"
    tag = answer.headers["ETag"]
    assert tag[0] == tag[-1] == '"' and len(tag) == 18
    assert "Accept-Patch" not in answer.headers and "session" not in tag
    session = answer.headers["Location"]
    assert ask(server, session, method="DELETE").status == 200 and streams.sessions == {}
    again = ask(server, session, method="DELETE")
    assert again.status == 404 and "no such" in again.error


def test_offers_carry_what_the_viewer_wants(server: ControlServer, streams: FakeStreams) -> None:
    offer(server, "/whep/main?codec=vp8&height=360")
    offer(server, "/whep/side")
    offer(server, "/whip/phone")
    assert streams.calls == [
        Watch("main", OFFER.decode(), "vp8", 360),
        Watch("side", OFFER.decode()),
        Push("phone", OFFER.decode()),
    ]


@pytest.mark.parametrize(
    "query", ["codec=av1", "codec=", "height=0", "height=x", "height=1e9", "height=5000", "other=1"]
)
def test_wishes_that_cannot_be_are_400(server: ControlServer, streams: FakeStreams, query: str) -> None:
    answer = offer(server, f"/whep/main?{query}")
    assert answer.status == 400 and "codec" in answer.error and streams.calls == []


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff\xfe", b"o=-", b" v=0"])
@pytest.mark.parametrize("path", ["/whep/main", "/whip/phone"])
def test_what_is_no_sdp_is_400(server: ControlServer, streams: FakeStreams, path: str, body: bytes) -> None:
    answer = ask(server, path, body, headers=SDP)
    assert answer.status == 400 and "SDP" in answer.error and streams.calls == []


def test_views_that_are_not_there_are_404(server: ControlServer, streams: FakeStreams) -> None:
    assert offer(server, "/whep/other").status == 404 and streams.calls == []


@pytest.mark.parametrize(
    ("status", "retry"), [(400, None), (404, None), (406, None), (409, None), (503, "5")]
)
@pytest.mark.parametrize("path", ["/whep/main", "/whip/phone"])
def test_refusals_keep_their_status(
    server: ControlServer, streams: FakeStreams, path: str, status: int, retry: str | None
) -> None:
    streams.refusal = RefusedError(status, "in its\nown words")
    answer = offer(server, path)
    assert (answer.status, answer.error) == (status, "in its own words")
    assert answer.headers.get("Retry-After") == retry and "Location" not in answer.headers


def test_without_streams_viewers_are_told_where_to_switch_them_on() -> None:
    with serving(FakeEngine()) as server:
        answer = offer(server, "/whep/main")
        assert answer.status == 503 and "[webrtc]" in answer.error


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/whep/main", "/whip/phone"])
def test_only_posts_go_to_an_endpoint(server: ControlServer, path: str, method: str) -> None:
    answer = ask(server, path, method=method)
    assert answer.status == 405 and set(answer.headers["Allow"].split(",")) == {"POST", "OPTIONS"}


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH"])
@pytest.mark.parametrize("path", ["/whep/main", "/whip/phone"])
def test_sessions_can_only_be_ended(server: ControlServer, path: str, method: str) -> None:
    """PATCH too: neither trickling nor ICE restarts are offered (RFC 9725, section 4.3)."""
    session = offer(server, path).headers["Location"]
    answer = ask(server, session, method=method, headers={"Content-Type": "application/trickle-ice-sdpfrag"})
    assert answer.status == 405 and answer.headers["Allow"] == "DELETE"


@pytest.mark.parametrize("path", ["/whep/main", "/whip/phone"])
def test_options_tell_what_may_be_posted_and_allow_no_other_origin(server: ControlServer, path: str) -> None:
    answer = ask(server, path, method="OPTIONS")
    assert answer.status == 200 and answer.headers["Accept-Post"] == "application/sdp"
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    preflight = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    assert ask(server, path, method="OPTIONS", headers=preflight).status == 403


def test_the_clock_of_a_viewer(server: ControlServer, streams: FakeStreams) -> None:
    session = offer(server, "/whep/main").headers["Location"]
    answer = ask(server, f"{session}/clock")
    assert answer.status == 200 and set(answer.json) == {"rtp", "time_s", "now_s"}
    assert (answer.json["rtp"], answer.json["time_s"]) == (90_000, 12.5)
    assert answer.json["now_s"] == pytest.approx(ask(server, "/api/time").json["now_s"], abs=10)
    streams.sessions.clear()
    assert ask(server, f"{session}/clock").status == 404
    assert ask(server, "/whep/main/other/clock").status == 404


def test_a_session_is_found_under_its_own_view_only(server: ControlServer, streams: FakeStreams) -> None:
    session = offer(server, "/whep/main").headers["Location"].rpartition("/")[2]
    for path in (f"/whep/side/{session}", f"/whip/main/{session}", f"/whip/phone/{session}"):
        assert ask(server, path, method="DELETE").status == 404
    assert ask(server, f"/whep/side/{session}/clock").status == 404
    assert len(streams.sessions) == 1


def test_a_camera_that_comes_again_has_one_session(server: ControlServer) -> None:
    first, second = (offer(server, "/whip/phone").headers["Location"] for _ in range(2))
    assert ask(server, first, method="DELETE").status == 404
    assert ask(server, second, method="DELETE").status == 200


def test_viewers_who_leave_without_a_word_are_forgotten(server: ControlServer, streams: FakeStreams) -> None:
    stays = offer(server, "/whep/main").headers["Location"]
    known = next(iter(streams.sessions))
    for _ in range(KEPT_IDS + 5):
        offer(server, "/whep/main")
        streams.sessions = {known: "main"}
    assert sum(isinstance(call, Measure) for call in streams.calls) == 1
    assert ask(server, f"{stays}/clock").status == 200
    assert ask(server, stays, method="DELETE").status == 200


@pytest.fixture
def there(streams: FakeStreams) -> Iterator[Lan]:
    with lan(streams=streams) as running:
        yield running


def test_programs_on_other_machines_send_a_bearer_token(there: Lan) -> None:
    """As OBS and FFmpeg do: no Origin, no cookie, the token as it is."""
    for path, token in (
        ("/whip/phone", there.token(Role.PUSH, "phone")),
        ("/whep/main", there.token(Role.VIEW, "main")),
        ("/whep/main", there.token(Role.VIEW)),
        ("/whip/phone", there.token(Role.CONTROL)),
    ):
        made = there.ask("POST", path, OFFER, token=token, headers=SDP)
        assert made.status == 201
        assert there.ask("DELETE", made.headers["Location"]).status == 401
        assert there.ask("DELETE", made.headers["Location"], token=token).status == 200


def test_a_viewer_of_one_view_ends_nobody_elses_session(there: Lan, streams: FakeStreams) -> None:
    side, main = there.token(Role.VIEW, "side"), there.token(Role.VIEW, "main")
    made = there.ask("POST", "/whep/main", OFFER, token=main, headers=SDP).headers["Location"]
    session = made.rpartition("/")[2]
    for path, status in ((made, 403), (f"/whep/side/{session}", 404)):
        assert there.ask("DELETE", path, token=side).status == status
        assert there.ask("GET", f"{path}/clock", token=side).status == status
    for token in (there.token(Role.PUSH, "main"), there.token(Role.PUSH, "phone")):
        assert there.ask("DELETE", made, token=token).status == 403
    assert len(streams.sessions) == 1
