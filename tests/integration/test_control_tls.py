"""The certificate of one's own, and the server behind it."""

from __future__ import annotations

import datetime
import hashlib
import http.client
import ipaddress
import os
import socket
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509

from engine.control import ControlServer
from engine.control.access import tls as tls_module
from engine.control.access.grants import Access
from engine.control.access.tls import LIFE, RENEW, Certificate, own_certificate
from engine.control.endpoint import Role
from engine.errors import JikcamError
from tests.integration.control_rig import PATIENCE_S, FakeEngine, ask, serving
from tests.integration.lan_rig import KEY, Lan, lan

NAMES = ("192.168.1.5", "fd00::5", "stage-pc", "stage-pc.local")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings" / "https.pem"


def read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_it_is_for_this_machines_addresses_and_names(path: Path) -> None:
    own_certificate(path, NAMES)
    names = read(path).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "stage-pc", "stage-pc.local"]
    assert [str(a) for a in names.get_values_for_type(x509.IPAddress)] == [
        "127.0.0.1",
        "::1",
        "192.168.1.5",
        "fd00::5",
    ]
    usage = read(path).extensions.get_extension_for_class(x509.BasicConstraints)
    assert usage.critical and not usage.value.ca


@pytest.mark.skipif(os.name != "posix", reason="this system has no modes")
def test_only_the_user_may_read_its_key(path: Path) -> None:
    own_certificate(path, NAMES)
    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700
    path.chmod(0o644)
    with pytest.raises(JikcamError, match="others"):
        own_certificate(path, NAMES)


def test_it_stays_while_it_fits(path: Path) -> None:
    first = own_certificate(path, NAMES)
    assert own_certificate(path, reversed(NAMES)) == first
    assert own_certificate(path, NAMES[:2]) == first
    moved = own_certificate(path, ("10.0.0.9",))
    assert moved.fingerprint != first.fingerprint and own_certificate(path, ("10.0.0.9",)) == moved


def test_its_fingerprint_is_what_browsers_show(path: Path) -> None:
    der = ssl.PEM_cert_to_DER_cert("".join(read_pem(own_certificate(path, NAMES))))
    shown = own_certificate(path, NAMES).fingerprint
    assert shown.replace(":", "").lower() == hashlib.sha256(der).hexdigest() and shown.count(":") == 31


def read_pem(certificate: Certificate) -> list[str]:
    lines = certificate.path.read_text().splitlines(keepends=True)
    return lines[lines.index("-----BEGIN CERTIFICATE-----\n") :]


def test_it_is_renewed_in_time_with_the_key_it_had(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = own_certificate(path, NAMES)
    key = read(path).public_key()
    monkeypatch.setattr(tls_module, "RENEW", LIFE - datetime.timedelta(days=2))
    assert own_certificate(path, NAMES) == first
    monkeypatch.setattr(tls_module, "RENEW", LIFE + RENEW)
    assert own_certificate(path, NAMES) != first
    assert read(path).public_key() == key
    assert datetime.timedelta(days=825) > LIFE


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\n"])
def test_a_damaged_file_is_made_anew(path: Path, damage: bytes) -> None:
    first = own_certificate(path, NAMES)
    path.write_bytes(damage)
    again = own_certificate(path, NAMES)
    assert again.fingerprint != first.fingerprint and again.context()


@pytest.fixture
def there(path: Path) -> Iterator[Lan]:
    with lan(certificate=own_certificate(path, ["stage-pc"])) as running:
        yield running


def context(path: Path) -> ssl.SSLContext:
    trusting = ssl.create_default_context(cafile=str(path))
    assert trusting.check_hostname
    return trusting


def test_other_machines_are_served_encrypted_only(there: Lan, path: Path) -> None:
    outer = urlsplit(there.server.origins()[0])
    assert outer.scheme == "https" and outer.port != there.port
    token = there.token(Role.CONTROL)
    with socket.create_connection(("127.0.0.1", outer.port), PATIENCE_S) as plain:
        wrapped = context(path).wrap_socket(plain, server_hostname="stage-pc")
        host = f"stage-pc:{outer.port}"
        for origin, status in ((f"https://{host}", 200), (f"http://{host}", 403)):
            head = f"Host: {host}\r\nOrigin: {origin}\r\nAuthorization: Bearer {token}\r\n"
            wrapped.sendall(f"GET /login HTTP/1.1\r\n{head}\r\n".encode())
            answer = http.client.HTTPResponse(wrapped)
            answer.begin()
            body = answer.read()
            assert answer.status == status, body
            if status == 200:
                assert f"connect-src 'self' wss://{host};" in answer.headers["Content-Security-Policy"]
        wrapped.sendall(f"GET /login?t={token} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        answer = http.client.HTTPResponse(wrapped)
        answer.begin()
        assert answer.status == 303 and "Secure" in answer.headers["Set-Cookie"]
        assert there.server.access.cookie in answer.headers["Set-Cookie"]
        wrapped.close()


def test_programs_of_this_machine_need_no_certificate(there: Lan) -> None:
    assert there.server.url == f"http://127.0.0.1:{there.port}"
    assert ask(there.server, "/api/state").status == 200


def test_plain_http_at_the_encrypted_port_is_no_way_in(there: Lan) -> None:
    outer = urlsplit(there.server.origins()[0])
    with socket.create_connection(("127.0.0.1", outer.port), PATIENCE_S) as plain:
        plain.sendall(f"GET /api/state HTTP/1.1\r\nHost: 127.0.0.1:{outer.port}\r\n\r\n".encode())
        assert b"200" not in plain.recv(1000)


def test_the_plain_port_is_for_loopback_only(there: Lan) -> None:
    own = [host for origin in there.server.origins() if (host := urlsplit(origin).hostname)]
    for host in own:
        if not ipaddress.ip_address(host).is_loopback:
            with pytest.raises(OSError), socket.create_connection((host, there.port), 2):
                pass


def test_this_machine_alone_may_have_https_too(path: Path) -> None:
    with serving(FakeEngine(), certificate=own_certificate(path, [])) as server:
        outer = urlsplit(server.origins()[0])
        assert outer.scheme == "https"
        connection = http.client.HTTPSConnection("localhost", outer.port, context=context(path))
        connection.request("GET", "/api/access")
        assert b'"control"' in connection.getresponse().read()
        connection.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost"])
def test_all_addresses_are_served_with_tokens(host: str) -> None:
    with serving(FakeEngine(), host=host, access=Access.tokens(KEY)) as server:
        for origin in server.origins():
            at = urlsplit(origin)
            assert at.hostname and at.port == urlsplit(server.url).port
            connection = http.client.HTTPConnection(at.hostname, at.port, timeout=PATIENCE_S)
            connection.request("GET", "/api/state")
            assert connection.getresponse().status == (200 if at.hostname == "127.0.0.1" else 401)
            connection.close()


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has but one loopback address")
def test_one_address_is_served_beside_loopback() -> None:
    with serving(FakeEngine(), host="127.0.0.5", access=Access.tokens(KEY)) as server:
        assert ask(server, "/api/state").status == 200
        (origin,) = server.origins()
        connection = http.client.HTTPConnection("127.0.0.5", urlsplit(origin).port, timeout=PATIENCE_S)
        connection.request("GET", "/api/state")
        assert connection.getresponse().status == 401
        connection.close()


def test_an_address_of_another_machine_is_refused() -> None:
    server = ControlServer(FakeEngine(), "198.51.100.7", 0, access=Access.tokens(KEY))
    with pytest.raises(JikcamError, match=r"no address of this machine.*0\.0\.0\.0"):
        server.start()


def test_without_a_network_the_server_is_where_this_machine_is(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.control.server.own_addresses", lambda: ("fd00::5",))
    with lan(certificate=own_certificate(path, [])) as there:
        (origin,) = there.server.origins()
        assert origin.startswith("https://127.0.0.1:") and there.server.links()[0].url.startswith(origin)
    with lan() as there:
        assert there.server.origins() == (there.server.url,)


def test_there_is_no_port_after_the_last(path: Path) -> None:
    with pytest.raises(JikcamError, match="65535"):
        ControlServer(FakeEngine(), port=65535, certificate=own_certificate(path, []))
