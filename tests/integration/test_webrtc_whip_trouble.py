"""Publishing to a WHIP server that misbehaves, dies, or isn't there."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from engine.control.access.tls import own_certificate
from tests.integration.whip_rig import QUICK, Rig, play
from tests.integration.whip_server import Deed, WhipServer, answers, soon
from tests.ports import free_port
from virtualcam.webrtc.messages import RefusedError
from virtualcam.webrtc.publish import publishers
from virtualcam.webrtc.publish.refusal import WhipError

_SDP = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"


@pytest.mark.parametrize(
    ("deed", "words", "state"),
    [
        (answers(401), "token_env", "refused"),
        (answers(403, "Unauthorized"), "Unauthorized", "refused"),
        (answers(404, "Invalid endpoint ID"), "check the path", "refused"),
        (answers(409), "already", "refused"),
        (answers(403, "<html>\n403</html>"), "(403)", "refused"),
        (answers(302, Location="/elsewhere"), "give the new one", "refused"),
        (answers(307, Location="http://sfu.example/whip"), "isn't safe", "waiting"),
        (answers(307, Location="file:///etc/passwd"), "isn't safe", "waiting"),
        (answers(500), "log", "waiting"),
        (answers(201, "hello"), "no SDP", "waiting"),
        (answers(201, _SDP * 20_000), "no SDP", "waiting"),
        (answers(201, "v=0\r\nm=nonsense"), "of no use", "refused"),
        (answers(201, _SDP), "of no use", "refused"),
        (answers(201, _SDP + "m=video 0 UDP/TLS/RTP/SAVPF 97\r\na=mid:0\r\n"), "takes no H264", "refused"),
    ],
)
def test_a_server_that_refuses_is_told_of_and_asked_again(
    tmp_path: Path, deed: Deed, words: str, state: str
) -> None:
    async def script(rig: Rig) -> None:
        rig.server.script.append(deed)
        rig.publish()
        report = await rig.says(words, "next try", state=state)
        assert "\n" not in report["text"] and "Error" not in report["text"]
        await rig.server.live()
        assert rig.report["state"] == "live" and rig.report["text"] == ""

    play(script, tmp_path)


def test_a_server_that_asks_for_patience_gets_it(tmp_path: Path) -> None:
    posted_s: list[float] = []

    async def script(rig: Rig) -> None:
        async def busy(request: web.Request) -> web.StreamResponse:
            posted_s.append(time.monotonic())
            return web.Response(status=503, headers={"Retry-After": "1"})

        async def taken(request: web.Request) -> web.StreamResponse:
            posted_s.append(time.monotonic())
            return await rig.server.take(request)

        rig.server.script.extend([busy, taken])
        rig.publish()
        await rig.says("next try in 1 s", state="waiting")
        await rig.server.live()

    play(script, tmp_path)
    assert posted_s[1] - posted_s[0] >= 1.0


def test_a_lost_connection_is_ended_at_the_server_before_the_next(tmp_path: Path) -> None:
    async def script(rig: Rig) -> None:
        rig.publish()
        await (await rig.server.live()).end()
        await rig.server.live(2)
        assert rig.report["restarts"] == 1

    assert play(script, tmp_path).methods() == ["POST", "DELETE", "POST", "DELETE"]


def test_a_server_that_falls_silent_is_noticed(tmp_path: Path) -> None:
    async def script(rig: Rig) -> None:
        rig.publish()
        session = await rig.server.live()
        await soon(lambda: rig.report["rtt_ms"] is not None)
        session.die()
        await rig.says("silent for 3 s", state="waiting")
        await rig.server.live(2)

    play(script, tmp_path, replace(QUICK, silent_s=3.0))


def test_a_session_that_could_not_be_ended_is_ended_later(tmp_path: Path) -> None:
    async def script(rig: Rig) -> None:
        rig.server.undeletable = 2
        rig.publish()
        await (await rig.server.live()).end()
        await rig.server.live(2)

    # The second offer is refused, as the server still has the first one's session.
    assert play(script, tmp_path).methods() == ["POST", *["DELETE"] * 2, "POST", "DELETE", "POST", "DELETE"]


def test_a_server_that_comes_late_is_found(tmp_path: Path) -> None:
    port = free_port()

    async def script(rig: Rig) -> None:
        rig.publish(f"http://127.0.0.1:{port}/whip/endpoint/stage")
        await rig.says("nobody answers", f"127.0.0.1:{port}", state="waiting")
        async with WhipServer().running(port) as late:
            await late.live()

    play(script, tmp_path)


def test_a_server_that_never_answers_holds_up_nothing(tmp_path: Path) -> None:
    async def script(rig: Rig) -> None:
        async def never(request: web.Request) -> web.StreamResponse:
            await asyncio.sleep(30.0)
            return web.Response()

        rig.server.script.append(never)
        rig.publish()
        await rig.says("took too long", state="waiting")
        await rig.server.live()
        rig.server.undeletable = 1_000_000
        async with asyncio.timeout(10.0):
            await rig.publishers.close()
        await rig.publishers.close()

    play(script, tmp_path, replace(QUICK, answer_s=0.5))


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    certificate = own_certificate(tmp_path / "own.pem", ["localhost"])

    async def script(rig: Rig) -> None:
        async with WhipServer().running(tls=certificate.context()) as server:
            rig.publish(server.url.replace("127.0.0.1", "localhost"))
            await rig.says("certificate of localhost", "isn't trusted", state="refused")
            assert not server.asked, "the token wasn't told"

    play(script, tmp_path / "state")


def test_an_address_that_cannot_be_is_refused_at_once(tmp_path: Path) -> None:
    async def script(rig: Rig) -> None:
        rig.publish("rtmp://sfu.example/live")
        assert rig.report["state"] == "refused" and "https://" in rig.report["text"]
        rig.publish("http://nowhere.invalid/whip", codec="vp8")
        await rig.says("nobody knows where nowhere.invalid is", state="waiting")

    play(script, tmp_path)


def test_a_token_in_clear_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishers, "in_clear", lambda url: True)

    async def script(rig: Rig) -> None:
        rig.publish()
        await rig.says("travels in clear", state="live")
        rig.publishers.add(replace(rig.publishers._publishers[0].target, url=rig.server.url + "2", token=""))
        await rig.says("already", state="refused")

    play(script, tmp_path)


def test_no_trouble_in_this_process_ends_publishing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A View that isn't there yet, a fault nobody thought of, pictures that end: it is tried again."""

    async def script(rig: Rig) -> None:
        good = rig.studio.subscribe
        for error, words in (
            (RefusedError(404, "there is no View main"), "there is no View main"),
            (RuntimeError("nobody thought of it"), "publishing failed"),
            (WhipError("a reason"), "a reason"),
        ):

            def bad(view: str, codec: str, error: Exception = error) -> None:
                raise error

            rig.studio.subscribe = bad  # type: ignore[assignment]
            if not rig.publishers.report():
                rig.publish()
            await rig.says(words, state="waiting")
        rig.studio.subscribe = good  # type: ignore[method-assign]
        await soon(lambda: rig.report["state"] == "live")
        rig.studio.tracks[-1].stop()
        await rig.says("no pictures", state="waiting")
        await soon(lambda: rig.report["state"] == "live")

    server = play(script, tmp_path)
    assert server.busy is None, "every session was ended"
    assert "publishing View 'main' failed: RuntimeError" in caplog.text


def test_waits_are_short_again_after_a_stable_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resets: list[float] = []

    class Spy(publishers.BackOff):
        def reset(self) -> None:
            resets.append(time.monotonic())

    monkeypatch.setattr(publishers, "BackOff", Spy)

    async def script(rig: Rig) -> None:
        rig.publish()
        await (await rig.server.live()).end()
        await rig.server.live(2)

    play(script, tmp_path, replace(QUICK, stable_s=60.0))
    assert not resets
    play(script, tmp_path, replace(QUICK, stable_s=0.0))
    assert resets
