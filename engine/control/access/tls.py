"""A certificate of this machine's own: phones give their camera to encrypted pages only.

Nobody has signed it, so that a browser warns once; who compares the fingerprint is safe.
"""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from engine.control.access.addresses import own_addresses, own_names, plain_address
from engine.control.access.private_file import read_private, write_private

#: Apple's systems take no longer ones.
LIFE = datetime.timedelta(days=820)
#: Made anew this long before its end.
RENEW = datetime.timedelta(days=30)
#: A clock may be behind.
_EARLIER = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate with its key, in one file.

    Attributes:
        path: PEM file.
        fingerprint: SHA-256, in pairs of hexadecimal digits as browsers show it.
    """

    path: Path
    fingerprint: str

    def context(self) -> ssl.SSLContext:
        """For a server: TLS 1.2 or newer (RFC 9325)."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.path)
        return context


def certificate_path() -> Path:
    """Where this machine's own lies."""
    return platformdirs.user_config_path("jikcam", appauthor=False) / "https.pem"


def own_certificate(path: Path | None = None, names: Iterable[str] | None = None) -> Certificate:
    """This machine's certificate; made at first use, and again when its addresses change or it ends.

    Args:
        path: of another file than ``certificate_path()``.
        names: addresses and host names it is for; None = all of this machine.

    Raises:
        JikcamError: the file can't be read or written.
    """
    path = path or certificate_path()
    wanted = list(
        dict.fromkeys(["localhost", "127.0.0.1", "::1", *(_all_names() if names is None else names)])
    )
    data = read_private(path)
    kept = _parse(data) if data else None
    if kept is None or not _serves(kept[1], wanted):
        key = kept[0] if kept else ec.generate_private_key(ec.SECP256R1())
        kept = key, _sign(key, wanted)
        write_private(path, _pem(*kept))
    return Certificate(path, kept[1].fingerprint(hashes.SHA256()).hex(":").upper())


def _all_names() -> list[str]:
    return [*own_addresses(), *own_names()]


def _parse(data: bytes) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate] | None:
    """Key and certificate; None when they are not what we write."""
    with contextlib.suppress(ValueError, TypeError):
        key = serialization.load_pem_private_key(data, None)
        certificate = x509.load_pem_x509_certificate(data)
        if isinstance(key, ec.EllipticCurvePrivateKey) and key.public_key() == certificate.public_key():
            return key, certificate
    return None


def _serves(certificate: x509.Certificate, names: list[str]) -> bool:
    if certificate.not_valid_after_utc - datetime.datetime.now(datetime.UTC) < RENEW:
        return False
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    have = {str(a) for a in found.get_values_for_type(x509.IPAddress)}
    return have.union(found.get_values_for_type(x509.DNSName)) >= set(names)


def _sign(key: ec.EllipticCurvePrivateKey, names: list[str]) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "jikcam on this computer")])
    alternatives: list[x509.GeneralName] = []
    for name in names:
        try:
            alternatives.append(x509.IPAddress(ipaddress.ip_address(plain_address(name))))
        except ValueError:
            # A host may have a name that no certificate can carry.
            with contextlib.suppress(ValueError):
                alternatives.append(x509.DNSName(name))
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now - _EARLIER + LIFE)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )


def _pem(key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + certificate.public_bytes(serialization.Encoding.PEM)
