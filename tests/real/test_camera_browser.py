"""A browser's camera as the wide camera: it pushes, tells so in big words, and comes back by itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from engine.control import ControlServer
from engine.control.access.addresses import own_addresses
from engine.control.access.grants import KEY_BYTES, Access, Grant
from engine.control.endpoint import Role
from tests.integration.control_rig import FakeEngine, serving
from tests.real.browser import PATIENCE_S, missing, wait_until
from tests.real.browsers import KINDS, Browsers, Tab, assert_accessible, browsers, running_browsers
from tests.real.watch_rig import WatchEngine, showing
from virtualcam.webrtc.camera.feed import CameraFeed

__all__ = ["browsers", "running_browsers"]
pytestmark = pytest.mark.real

SIZE = (640, 360)
STATE = "document.getElementById('state').textContent"
WORDS = "document.getElementById('words').textContent"

Show = tuple[WatchEngine, ControlServer]


@pytest.fixture(scope="module")
def show() -> Iterator[Show]:
    with showing() as running:
        yield running


@pytest.fixture
def feed(show: Show, request: pytest.FixtureRequest) -> Iterator[CameraFeed]:
    """Of a camera that is named after the test."""
    feed = show[0].host.camera(request.node.originalname, SIZE)
    yield feed
    feed.close()


def started(browsers: Browsers, server: ControlServer, feed: CameraFeed, kind: str = "chromium") -> Tab:
    """The page on a phone's screen, with the camera on."""
    tab = browsers.tab(kind, 390, 780)
    tab.open(f"{server.url}/camera/{feed.camera}")
    if kind == "firefox":  # it does not tell that the camera is granted, so that the user has to start it
        tab.click("#start")
    tab.wait("document.getElementById('start').textContent === 'Stop'")
    return tab


def assert_picture(feed: CameraFeed) -> None:
    picture = feed.read(PATIENCE_S)
    assert picture is not None, "no picture comes"
    assert picture.image.std() > 5, "it is a grey picture"


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_live(show: Show, browsers: Browsers, feed: CameraFeed, kind: str) -> None:
    _, server = show
    tab = started(browsers, server, feed, kind)
    tab.wait(f"{STATE} === 'LIVE'")
    assert_picture(feed)
    assert tab.evaluate("document.getElementById('preview').muted")
    assert tab.evaluate("document.getElementById('preview').srcObject.getAudioTracks().length") == 0
    assert_accessible(tab)
    tab.click("#start")
    tab.wait(f"{STATE} === 'NOT LIVE'")
    wait_until(lambda: not feed.live, "the engine has heard of it")


def test_sound_is_sent_when_it_is_asked_for(show: Show, browsers: Browsers, feed: CameraFeed) -> None:
    _, server = show
    tab = started(browsers, server, feed)
    tab.wait(f"{STATE} === 'LIVE'")
    tab.click("#sound")
    tab.wait("document.getElementById('preview').srcObject?.getAudioTracks().length === 1")
    settings = tab.evaluate("document.getElementById('preview').srcObject.getAudioTracks()[0].getSettings()")
    assert settings["echoCancellation"] and settings["noiseSuppression"] and settings["autoGainControl"]
    tab.wait(f"{STATE} === 'LIVE'")
    assert tab.evaluate("document.getElementById('preview').muted")


def test_one_device_at_a_time(show: Show, browsers: Browsers, feed: CameraFeed) -> None:
    _, server = show
    first = started(browsers, server, feed)
    first.wait(f"{STATE} === 'LIVE'")
    second = started(browsers, server, feed)
    second.wait(f"{WORDS}.includes('another device')")
    assert second.evaluate(STATE) == "NOT LIVE"
    first.open("about:blank")
    second.wait(f"{STATE} === 'LIVE'")


def test_it_comes_back_with_the_engine(browsers: Browsers) -> None:
    with showing() as (engine, server):
        port = urlsplit(server.url).port or 0
        feed = engine.host.camera("wide", SIZE)
        tab = started(browsers, server, feed)
        tab.wait(f"{STATE} === 'LIVE'")
    tab.wait(f"{STATE} === 'NOT LIVE' && {WORDS}.includes('Trying again')")
    with showing(port=port) as (engine, _):
        feed = engine.host.camera("wide", SIZE)
        tab.wait(f"{STATE} === 'LIVE'")
        assert_picture(feed)
        tab.open("about:blank")


def test_a_page_that_is_not_secure_says_what_to_do(browsers: Browsers) -> None:
    networks = [
        address for address in own_addresses() if ":" not in address and not address.startswith("127.")
    ]
    if not networks:
        missing("this computer is in no network")
    access = Access.tokens(os.urandom(KEY_BYTES))
    with serving(FakeEngine(), access=access, host="0.0.0.0") as server:
        port = urlsplit(server.url).port or 0
        token = access.at(port).token(Grant(Role.PUSH, "wide"))
        tab = browsers.tab("chromium", 390, 780)
        tab.open(f"http://{networks[0]}:{port}/login?t={token}")
        tab.wait(f"{WORDS}.includes('--https')")
        assert tab.evaluate("document.getElementById('start').offsetHeight") == 0
        assert_accessible(tab)
