from __future__ import annotations

import io
from pathlib import Path

import pytest

from engine.commands import lan as command
from engine.commands.lan import lan, tell
from engine.control.access.addresses import host_port, is_loopback, own_addresses, own_names, plain_address
from engine.control.access.grants import Access, Grant
from engine.control.access.key_file import kept_key
from engine.control.access.links import Link
from engine.control.access.tls import own_certificate
from engine.control.endpoint import Role
from engine.errors import JikcamError

LINKS = (
    Link("control", "", "http://10.0.0.5:8787/login?t=c.x"),
    Link("view", "main", "http://10.0.0.5:8787/login?t=v.x"),
    Link("camera", "phone", "http://10.0.0.5:8787/login?t=p.x"),
)


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(command, "own_addresses", lambda: ("10.0.0.5", "fd00::5", "192.168.9.9"))
    monkeypatch.setattr(command, "kept_key", lambda renew=False: kept_key(tmp_path / "key", renew=renew))
    monkeypatch.setattr(command, "own_certificate", lambda: own_certificate(tmp_path / "pem", ["10.0.0.5"]))
    return tmp_path


def printed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_the_links_are_those_that_the_server_takes(capsys: pytest.CaptureFixture[str], place: Path) -> None:
    lan()
    lines = printed(capsys)
    access = Access.tokens(kept_key(place / "key")).at(8787)
    token = access.token(Grant(Role.CONTROL))
    assert lines[0] == f"control room   http://10.0.0.5:8787/login?t={token}"
    assert any(line.startswith("watch main ") for line in lines)
    assert "also at http://192.168.9.9:8787" in lines
    lan()
    assert printed(capsys) == lines


def test_a_new_key_ends_the_old_links(capsys: pytest.CaptureFixture[str]) -> None:
    lan()
    old = printed(capsys)[0]
    lan(new_token=True)
    lines = printed(capsys)
    assert lines[0] != old and "again" in lines[-1]


def test_encrypted_links_are_at_the_next_port_with_the_fingerprint(
    capsys: pytest.CaptureFixture[str], place: Path
) -> None:
    lan(https=True, port=9000)
    lines = printed(capsys)
    assert "https://10.0.0.5:9001/login?t=" in lines[0]
    assert any(own_certificate(place / "pem", ["10.0.0.5"]).fingerprint in line for line in lines)


@pytest.mark.parametrize("port", [0, 65535])
def test_a_port_that_is_not_known_has_no_links(port: int) -> None:
    with pytest.raises(JikcamError, match="links for port"):
        lan(port=port)


def test_without_a_network_there_are_no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "own_addresses", lambda: ())
    with pytest.raises(JikcamError, match="no network"):
        lan()


def test_phones_get_a_code_to_scan_and_pipes_do_not() -> None:
    terminal, pipe = Terminal(), io.StringIO()
    tell(LINKS, out=terminal)
    tell(LINKS, out=pipe)
    assert terminal.getvalue().count("█▀▀▀▀▀█") + terminal.getvalue().count("█ ▄▄▄▄▄ █") >= 4
    assert "control room:" in terminal.getvalue() and "camera phone:" in terminal.getvalue()
    assert "watch main:" not in terminal.getvalue()
    assert "█" not in pipe.getvalue() and all(link.url in pipe.getvalue() for link in LINKS)


def test_a_terminal_of_few_characters_gets_links_alone() -> None:
    class Old(Terminal):
        encoding = "ascii"

    terminal = Old()
    tell(LINKS, out=terminal)
    assert terminal.getvalue().isascii()


def test_own_addresses_lead_somewhere() -> None:
    for address in own_addresses():
        assert not is_loopback(address) and not address.startswith(("169.254.", "fe80"))
    assert "localhost" not in own_names()


@pytest.mark.parametrize(
    ("text", "plain", "loopback"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("127.9.9.9", "127.9.9.9", True),
        ("::ffff:127.0.0.1", "127.0.0.1", True),
        ("::1", "::1", True),
        ("::ffff:10.0.0.5", "10.0.0.5", False),
        ("fe80::1%eth0", "fe80::1", False),
        ("localhost", "localhost", False),
        ("", "", False),
    ],
)
def test_addresses_are_told_apart(text: str, plain: str, loopback: bool) -> None:
    assert plain_address(text) == plain and is_loopback(text) is loopback


@pytest.mark.parametrize(
    ("host", "port", "secure", "written"),
    [
        ("a", 80, False, "a"),
        ("a", 443, True, "a"),
        ("a", 443, False, "a:443"),
        ("::1", 8787, False, "[::1]:8787"),
    ],
)
def test_hosts_are_written_as_browsers_do(host: str, port: int, secure: bool, written: str) -> None:
    assert host_port(host, port, secure) == written
