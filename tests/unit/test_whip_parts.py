"""What publishing is made of: addresses, waits, ICE servers, refusals, the memory of a session."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from virtualcam.webrtc.publish import memory
from virtualcam.webrtc.publish.address import in_clear, is_loopback, may_have_token, place, problem, shown
from virtualcam.webrtc.publish.links import ice_servers
from virtualcam.webrtc.publish.memory import SessionMemory
from virtualcam.webrtc.publish.refusal import refusal

URL = "https://sfu.example/whip/stage"


@pytest.mark.parametrize(
    ("url", "word"),
    [
        (URL, ""),
        ("http://127.0.0.1:7080/whip/endpoint/stage?jwt=abc", ""),
        ("http://[::1]:7080/whip", ""),
        ("rtmp://sfu.example/live", "https://"),
        ("file:///etc/passwd", "https://"),
        ("sfu.example/whip", "https://"),
        ("", "https://"),
        ("https://", "host"),
        ("https:///whip", "host"),
        ("https://user:secret@sfu.example/whip", "token_env"),
        ("https://sfu.example:seventy/whip", "read"),
        ("https://[::1/whip", "read"),
        ("https://sfu.example/whip\nHost: other", "line break"),
    ],
)
def test_only_addresses_that_can_work_are_taken(url: str, word: str) -> None:
    told = problem(url)
    assert (word in told) if word else told == ""
    assert "secret" not in told and "\n" not in told


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        (URL, URL),
        ("https://sfu.example:8443/whip?jwt=s3cret#s3cret", "https://sfu.example:8443/whip"),
        ("https://me:s3cret@sfu.example/whip", "https://sfu.example/whip"),
        ("http://[::1]:7080/whip", "http://[::1]:7080/whip"),
        ("https://sfu.example/a1s3creta1s3creta1s3cret/publish", "https://sfu.example/a1s3…/publish"),
        (
            "https://sfu.example/a-long-name-without-any-number",
            "https://sfu.example/a-long-name-without-any-number",
        ),
        ("https://[::1/s3cret", "(no address)"),
    ],
)
def test_an_address_is_shown_without_its_keys(url: str, seen: str) -> None:
    assert shown(url) == seen
    assert "s3cret" not in shown(url)


@settings(deadline=None)
@given(st.text() | st.text().map("http://".__add__))
def test_any_text_can_be_an_address(text: str) -> None:
    told = problem(text)
    assert "\n" not in told
    shown(text), place(text)
    if not told:
        assert not (is_loopback(text) and in_clear(text))


@pytest.mark.parametrize(
    ("asked", "sent_on", "may"),
    [
        (URL, "https://node7.sfu.example/whip", True),
        (URL, "http://sfu.example/whip/stage", False),
        (URL, "http://node7.sfu.example/whip", False),
        ("http://sfu.example/whip", "http://sfu.example/session/1", True),
        ("http://sfu.example/whip", "http://sfu.example:80/session/1", True),
        ("http://sfu.example/whip", "http://other.example/session/1", False),
        ("http://127.0.0.1:7080/whip", "http://127.0.0.1:7081/session/1", True),
    ],
)
def test_a_token_that_was_safe_never_travels_in_clear(asked: str, sent_on: str, may: bool) -> None:
    assert may_have_token(asked, sent_on) is may


@pytest.mark.parametrize(
    ("url", "clear"),
    [
        ("http://127.0.0.1/", False),
        ("http://127.4.5.6:80/", False),
        ("http://LOCALHOST:7080/", False),
        ("http://[::1]/", False),
        ("https://sfu.example/", False),
        ("http://sfu.example/", True),
        ("http://192.168.1.7:7080/", True),
        ("http://127.0.0.1.example.org/", True),
        ("http://localhost.example.org/", True),
    ],
)
def test_clear_is_what_others_can_read(url: str, clear: bool) -> None:
    assert in_clear(url) is clear


def test_ice_servers_are_read_from_links() -> None:
    found = ice_servers(
        [
            '<stun:stun.example.net>; rel="ice-server", </style.css>; rel=preload',
            '<turn:turn.example.net?transport=udp>; rel="ice-server";username="a, \\"b\\"; c";'
            ' credential="x>y"; credential-type="password"',
            "<turns:turn.example.net:443?transport=tcp>;rel=ice-server; username=u; credential=p",
            '<https://example.net>; rel="ice-server"',
            '<turn:>; rel="ice-server"',
            "no link at all",
        ]
    )
    assert [(one.urls, one.username, one.credential) for one in found] == [
        ("stun:stun.example.net", None, None),
        ("turn:turn.example.net?transport=udp", 'a, "b"; c', "x>y"),
        ("turns:turn.example.net:443?transport=tcp", "u", "p"),
    ]


@settings(deadline=None)
@given(st.lists(st.text(alphabet='<>;,="\\ stun:relic-v', max_size=200), max_size=4))
def test_any_header_can_be_a_link(headers: list[str]) -> None:
    assert isinstance(ice_servers(headers), tuple)


def test_a_pattern_that_goes_back_and_forth_would_never_end_here() -> None:
    for evil in ("<a>" + ";a" * 4000, "<a>" + ';a="' + "\\" * 8000, "<" * 8000, "<a>" + "; " * 4000):
        assert ice_servers([evil]) == ()


@pytest.mark.parametrize(
    ("status", "said", "words", "refused"),
    [
        (401, "", "token_env", True),
        (403, "Unauthorized", "token_env", True),
        (403, "Endpoint ID already in use", "publishes to this WHIP address already", True),
        (409, "", "publishes to this WHIP address already", True),
        (404, "", "check the path", True),
        (406, "", 'codec = "vp8"', True),
        (301, "", "give the new one", True),
        (418, "", "look at its log", True),
        (429, "", "wait", False),
        (500, "", "look at its log", False),
        (503, "", "asked again", False),
    ],
)
def test_a_refusal_says_what_to_do(status: int, said: str, words: str, refused: bool) -> None:
    error = refusal(status, said, "h264")
    assert words in error.text and str(status) in error.text and "\n" not in error.text
    assert error.refused is refused


def test_a_killed_publishers_session_is_remembered(tmp_path: Path) -> None:
    first = SessionMemory(URL, tmp_path)
    assert first.take() and first.location == ""
    first.keep("https://sfu.example/session/1")
    assert not SessionMemory(URL, tmp_path).take(), "somebody publishes there, alive and well"
    assert SessionMemory(URL + "2", tmp_path).take(), "another address is another matter"
    first.release()  # with a session that nobody has ended, as after a kill

    second = SessionMemory(URL, tmp_path)
    assert second.take() and second.location == "https://sfu.example/session/1"
    file = next(path for path in tmp_path.iterdir() if path.stat().st_size)
    assert file.stat().st_mode & 0o777 == 0o600
    second.keep("short")
    assert file.read_text() == "short", "nothing of the longer address is left"


def test_nothing_is_left_when_a_session_was_ended(tmp_path: Path) -> None:
    memory = SessionMemory(URL, tmp_path / "new" / "folder")
    assert memory.take()
    memory.keep("https://sfu.example/session/1")
    memory.keep("")
    memory.release()
    memory.release()
    assert not list((tmp_path / "new" / "folder").iterdir())


def test_an_old_session_is_forgotten(tmp_path: Path) -> None:
    first = SessionMemory(URL, tmp_path)
    first.take()
    first.keep("https://sfu.example/session/1")
    first.release()
    (file,) = tmp_path.iterdir()
    long_ago_s = time.time() - memory.FORGOTTEN_AFTER_S - 1
    os.utime(file, (long_ago_s, long_ago_s))
    again = SessionMemory(URL, tmp_path)
    assert again.take() and again.location == ""


def test_a_session_that_is_in_use_does_not_grow_old(tmp_path: Path) -> None:
    first = SessionMemory(URL, tmp_path)
    first.take()
    first.keep("https://sfu.example/session/1")
    (file,) = tmp_path.iterdir()
    os.utime(file, (1.0, 1.0))
    first.alive()
    first.release()
    again = SessionMemory(URL, tmp_path)
    assert again.take() and again.location


def test_publishing_goes_on_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    memory = SessionMemory(URL, tmp_path / "file" / "folder")
    assert memory.take()
    memory.keep("https://sfu.example/session/1")
    memory.alive()
    assert memory.location
    memory.release()
