"""Publishing to a WHIP server that behaves (RFC 9725)."""

from __future__ import annotations

import asyncio
import logging
import re
from pathlib import Path

import aioice.ice
import aioice.stun
import pytest

from tests.integration.whip_rig import QUICK, Rig, play, publishing_process
from tests.integration.whip_server import TOKEN, answers, soon
from virtualcam.webrtc.addresses import in_networks, offer_addresses
from virtualcam.webrtc.messages import WhipTarget
from virtualcam.webrtc.publish.peer import WhipPeer


def test_a_view_is_published_until_the_end(tmp_path: Path) -> None:
    async def script(rig: Rig) -> None:
        rig.publish()
        session = await rig.server.live()
        await soon(lambda: rig.report["kbps"] > 0)
        assert session.size == (320, 180)
        assert rig.report["state"] == "live" and rig.report["text"] == ""
        assert rig.report["restarts"] == 0 and rig.report["codec"] == "h264"
        assert "a=sendonly" in session.offer and "H264" in session.offer and "VP8" not in session.offer
        assert "a=candidate" in session.offer, "nothing is added later"

    server = play(script, tmp_path)
    assert server.methods() == ["POST", "DELETE"]
    assert all(one.authorization == f"Bearer {TOKEN}" for one in server.asked)
    assert next(one for one in server.asked if one.method == "POST").content_type == "application/sdp"
    assert server.asked[-1].path == "/whip/resource/0", "a relative Location, resolved"
    assert not list(tmp_path.iterdir()), "nothing is left on the disk"


def test_without_a_token_none_is_sent(tmp_path: Path) -> None:
    async def script(rig: Rig) -> None:
        rig.publish(token="")
        await rig.server.live()

    assert {one.authorization for one in play(script, tmp_path).asked} == {None}


def test_vp8_is_offered_alone(tmp_path: Path) -> None:
    async def script(rig: Rig) -> None:
        rig.server.script.append(answers(406))
        rig.publish(codec="vp8")
        await rig.says('codec = "h264"', state="refused")
        await soon(lambda: rig.server.sessions)
        assert "VP8" in rig.server.sessions[0].offer and "H264" not in rig.server.sessions[0].offer

    play(script, tmp_path)


def test_the_servers_wish_for_a_key_frame_reaches_the_encoder(tmp_path: Path) -> None:
    async def script(rig: Rig) -> None:
        rig.publish()
        session = await rig.server.live()
        before = rig.studio.tracks[0].key_frames_asked
        await session.ask_for_key_frame()
        await soon(lambda: rig.studio.tracks[0].key_frames_asked > before)

    play(script, tmp_path)


def test_nothing_is_encoded_before_the_server_takes_it(tmp_path: Path) -> None:
    async def script(rig: Rig) -> None:
        rig.server.script.extend([answers(503)] * 3)
        rig.publish()
        await soon(lambda: rig.server.methods() == ["POST"] * 3)
        assert not rig.studio.tracks
        await rig.server.live()
        assert len(rig.studio.tracks) == 1

    play(script, tmp_path)


@pytest.mark.parametrize("location", ["{server}/whip/resource/{{}}", "../resource/{{}}?of=the main stage"])
def test_wherever_the_session_is_it_is_ended(tmp_path: Path, location: str) -> None:
    async def script(rig: Rig) -> None:
        rig.server.location = location.format(server=rig.server.url.partition("/whip/")[0])
        rig.publish()
        await rig.server.live()

    assert play(script, tmp_path).methods() == ["POST", "DELETE"]


@pytest.mark.parametrize("status", [307, 308])
def test_an_offer_is_sent_on(tmp_path: Path, status: int) -> None:
    async def script(rig: Rig) -> None:
        rig.server.script.append(answers(status, Location="/whip/endpoint/node7"))
        rig.publish()
        await rig.server.live()

    server = play(script, tmp_path)
    assert [one.path for one in server.asked if one.method == "POST"] == [
        "/whip/endpoint/stage",
        "/whip/endpoint/node7",
    ]
    assert server.sessions[0].offer.startswith("v=0")
    assert {one.authorization for one in server.asked} == {f"Bearer {TOKEN}"}


def test_ice_servers_of_the_server_are_asked(tmp_path: Path) -> None:
    """A STUN server named in Link gets the question what our address is from outside."""
    asked = asyncio.Event()

    class Stun(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
            question = aioice.stun.parse_message(data)
            answer = aioice.stun.Message(
                question.message_method, aioice.stun.Class.RESPONSE, question.transaction_id
            )
            answer.attributes["XOR-MAPPED-ADDRESS"] = ("203.0.113.7", 7)
            self.transport.sendto(bytes(answer), address)  # type: ignore[attr-defined]
            asked.set()

    async def script(rig: Rig) -> None:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            Stun, local_addr=("127.0.0.1", 0)
        )
        port = transport.get_extra_info("sockname")[1]
        rig.server.options = [f'<stun:127.0.0.1:{port}>; rel="ice-server"']
        rig.publish()
        session = await rig.server.live()
        assert asked.is_set() and "203.0.113.7" in session.offer
        transport.close()

    play(script, tmp_path)


def test_the_same_target_twice_is_one_session_and_an_address_is_for_one_view(tmp_path: Path) -> None:
    async def script(rig: Rig) -> None:
        rig.publish()
        rig.publish()
        await rig.server.live()
        assert len(rig.publishers.report()) == 1
        rig.publishers.add(WhipTarget("side", rig.server.url, TOKEN))
        assert rig.report["state"] == "refused" and "'main'" in rig.report["text"]

    assert play(script, tmp_path).methods() == ["POST", "DELETE"]


def test_a_show_that_ends_in_the_middle_of_an_offer_leaves_no_session(tmp_path: Path) -> None:
    async def script(rig: Rig) -> None:
        async def slowly(request):
            answer = await rig.server.take(request)
            await asyncio.sleep(0.2)
            return answer

        rig.server.script.append(slowly)
        rig.publish()
        await soon(lambda: rig.server.busy is not None)

    server = play(script, tmp_path)
    assert server.methods() == ["POST", "DELETE"] and server.busy is None


def test_after_a_kill_the_next_one_publishes_at_once(tmp_path: Path) -> None:
    """The server keeps the dead session and refuses a second one, as Janus' does for minutes."""

    async def script(rig: Rig) -> None:
        async with publishing_process(rig.server.url, tmp_path) as process:
            await rig.server.live()
            rig.publish()
            await rig.says("another program on this computer", state="waiting")
            assert rig.server.methods() == ["POST"], "a living publisher is left alone"
            process.kill()
            await process.wait()
        assert rig.server.busy == 0
        await rig.server.live(2)
        assert rig.server.methods() == ["POST", "DELETE", "POST"]

    play(script, tmp_path)


def test_the_token_is_told_to_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    key = "jwt-key-123"

    async def script(rig: Rig) -> None:
        rig.server.script.extend([answers(403, f"wrong token {TOKEN}"), answers(500, f"bad {key}")])
        caplog.handler.addFilter(lambda record: record.name != "aiohttp.access")  # the server's own
        url = f"{rig.server.url}?jwt={key}"
        rig.publish(url)
        for words in ("token_env", "out of order"):
            seen = str(await rig.says(words)) + repr(rig.publishers) + repr(vars(rig.publishers))
            assert TOKEN not in seen and key not in rig.report["text"] + rig.report["url"]
        await rig.server.live()
        rig.publish("http://127.0.0.1:1/whip", codec="vp8")
        assert TOKEN not in str(await rig.says("nobody answers"))

    play(script, tmp_path, QUICK)
    assert TOKEN not in caplog.text and key not in caplog.text


def test_a_server_elsewhere_is_offered_this_machines_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where viewers may come from this machine alone, which changes aioice for the whole process."""
    networks = in_networks(True, True)
    monkeypatch.setattr(aioice.ice, "get_host_addresses", aioice.ice.get_host_addresses)
    as_it_was = aioice.ice.StunProtocol.datagram_received
    monkeypatch.setattr(aioice.ice.StunProtocol, "datagram_received", as_it_was)
    offer_addresses(lan=False)

    async def offered(loopback: bool) -> set[str]:
        peer = WhipPeer("h264", (), loopback=loopback, silent_s=1.0)
        try:
            return set(re.findall(r"^a=candidate:\S+ 1 udp \d+ (\S+)", await peer.offer(), re.MULTILINE))
        finally:
            await peer.close()

    assert asyncio.run(offered(loopback=False)) == set(networks)
    assert asyncio.run(offered(loopback=True)) == {"127.0.0.1", *networks}
