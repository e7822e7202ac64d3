"""Who somebody is: tokens that say what they allow, signed with the one key of this engine.

A token is ``claim.signature``. The claim names a role and, where it is for one View or camera, which; the
signature is HMAC-SHA256 (RFC 2104) over it, cut to 192 bits. So nothing has to be stored per link, and a
link for one View lives as long as the key does.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from engine.control.endpoint import Endpoint, Role

KEY_BYTES = 32
SIGNATURE_BYTES = 24
#: A longer one is not ours: names of Views have at most 100 characters.
MAX_TOKEN = 600

_LETTERS = {Role.CONTROL: "c", Role.VIEW: "v", Role.PUSH: "p"}
_ROLES = {letter: role for role, letter in _LETTERS.items()}


@dataclass(frozen=True, slots=True)
class Grant:
    """What somebody may do.

    Attributes:
        scope: the one View (VIEW) or camera (PUSH) that it is for; "" = all.
        here: they sit at this machine, or are a program of it.
    """

    role: Role
    scope: str = ""
    here: bool = False

    def may(self, endpoint: Endpoint, parts: Mapping[str, str]) -> bool:
        """Whether ``endpoint`` is for them, with these ``parts`` of the path."""
        if endpoint.role is Role.OPEN or self.role is Role.CONTROL:
            return True
        if self.role < endpoint.role:
            return False
        if not endpoint.scope:
            return True
        # A camera may open pages; what is about one View is for viewers.
        return self.role is endpoint.role and self.scope in ("", parts[endpoint.scope])


@dataclass(frozen=True, slots=True)
class Access:
    """How people prove who they are.

    Attributes:
        key: signs all tokens; empty = this machine only, and nobody needs a token.
        port: tokens of an engine at one port are worth nothing at another's.
    """

    key: bytes = field(default=b"", repr=False)
    port: int = 0

    @classmethod
    def loopback(cls) -> Access:
        """For this machine only: whoever reaches the port may do everything."""
        return cls()

    @classmethod
    def tokens(cls, key: bytes) -> Access:
        """For other machines too.

        Args:
            key: secret, random, KEY_BYTES long.
        """
        if len(key) < KEY_BYTES:
            raise ValueError(f"the key has {len(key)} bytes instead of {KEY_BYTES}")
        return cls(key)

    @property
    def lan(self) -> bool:
        """Whether other machines are let in, with a token."""
        return bool(self.key)

    def at(self, port: int) -> Access:
        """The same for the engine that is served at ``port``."""
        return replace(self, port=port)

    @property
    def id(self) -> str:
        """Tells engines and keys apart; no secret."""
        return self._mac("id").hex()[:8]

    @property
    def cookie(self) -> str:
        """Name of the cookie: browsers hand the cookies of one port to all ports of a host."""
        return f"jikcam_{self.port}_{self.id}"

    def token(self, grant: Grant) -> str:
        """The token for ``grant``."""
        claim = _LETTERS[grant.role]
        if grant.scope:
            claim += "." + _base64(grant.scope.encode())
        return f"{claim}.{_base64(self._mac(claim))}"

    def grant(self, token: str) -> Grant | None:
        """What ``token`` allows; None = it is not ours. Takes as long for all wrong ones of a length."""
        if not self.key or len(token) > MAX_TOKEN:
            return None
        claim, _, signature = token.rpartition(".")
        ours = _base64(self._mac(claim))
        if not hmac.compare_digest(ours.encode(), signature.encode(errors="replace")):
            return None
        letter, _, scope = claim.partition(".")
        try:
            return Grant(_ROLES[letter], _from_base64(scope).decode())
        except (KeyError, ValueError):
            return None  # signed by another version

    def _mac(self, text: str) -> bytes:
        message = f"jikcam {self.port} {text}".encode(errors="replace")
        return hmac.new(self.key, message, hashlib.sha256).digest()[:SIGNATURE_BYTES]


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _from_base64(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError("no base64") from error
