"""OBS's password: where it comes from, and a box that does not show it."""

from __future__ import annotations

import functools
import hmac
import importlib
import ipaddress
import logging
import os
import socket
import sys
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any, NoReturn

from engine.errors import JikcamError

log = logging.getLogger(__name__)

PASSWORD_VARIABLE = "JIKCAM_OBS_PASSWORD"
KEYRING_SERVICE = "jikcam-obs"
#: A keyring may ask its user to unlock it; the link does not wait for that.
_KEYRING_S = 2.0
#: OBS takes less; whatever is longer is some other file.
_MOST_BYTES = 4096


class Secret:
    """A password that shows itself in no log, repr, error or pickle; only to whom asks by `reveal`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        # An encoder's error would quote the whole text.
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise JikcamError("the password of OBS is not UTF-8", "save it as UTF-8, or choose a plainer one")
        self._text = text

    def reveal(self) -> str:
        """The password itself."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written down")


def find_secret(password_file: str, host: str, port: int) -> Secret | None:
    """OBS's password: from the file, the environment, the keyring, or OBS's own settings on this computer.

    Args:
        password_file: as in the preset; "" = none is named.
        host, port: of OBS's WebSocket server.

    Raises:
        JikcamError: the file that is named can't be used. Its contents are never part of it.
    """
    if password_file:
        return _from_file(Path(password_file).expanduser())
    if text := os.environ.get(PASSWORD_VARIABLE):
        return Secret(text)
    if text := _from_keyring(f"{host}:{port}"):
        return Secret(text)
    return _from_obs(port) if _is_here(host) else None


def keep_secret(host: str, port: int, text: str) -> None:
    """Put OBS's password into the system's keyring, where `find_secret` finds it.

    Raises:
        JikcamError: there is no keyring that takes it.
    """
    if not text:
        raise JikcamError("the password is empty", "type the one that OBS shows")
    secret = Secret(text)
    failed = ""
    try:
        keyring = importlib.import_module("keyring")
        keyring.set_password(KEYRING_SERVICE, f"{host}:{port}", secret.reveal())
    except Exception as error:
        # Whatever a keyring's backend raises; its text may quote what it was given.
        failed = type(error).__name__
    if failed:
        raise JikcamError(
            f"this system's keyring does not take the password ({failed})",
            f"put it into a file and name that as password_file under [obs], or set {PASSWORD_VARIABLE}",
        )


def _from_file(path: Path) -> Secret:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
            mode = os.fstat(file.fileno()).st_mode
    except OSError as error:
        raise JikcamError(
            f"password file {path}: {error.strerror or type(error).__name__}",
            "put OBS's password into it, or correct password_file under [obs]",
        ) from None
    if os.name == "posix" and mode & 0o044:
        _warn_once(path)
    if len(data) > _MOST_BYTES:
        raise JikcamError(f"password file {path} is too long", "leave nothing but the password in it")
    data = data.removeprefix(b"\xef\xbb\xbf").removesuffix(b"\n").removesuffix(b"\r")
    if not data:
        raise JikcamError(f"password file {path} is empty", "put OBS's password into it")
    # Not raised inside a handler: the decoder's error would hang on to it, with the password inside.
    return Secret(data.decode(errors="surrogateescape"))


@functools.cache
def _warn_once(path: Path) -> None:
    """The link looks for the password before each attempt; one line is enough."""
    log.warning("password file %s can be read by other users; run: chmod 600 %s", path, path)


_lookups: dict[str, Future[str | None]] = {}


def _from_keyring(user: str) -> str | None:
    """What the keyring has; None without one, and while it waits for its user to unlock it."""
    if sys.platform.startswith("linux") and not _has_session_bus():
        return None
    lookup, patience_s = _lookups.get(user), 0.0
    if lookup is None:
        lookup, patience_s = _lookups.setdefault(user, Future()), _KEYRING_S
        threading.Thread(target=_look_up, args=(user, lookup), name="jikcam-keyring", daemon=True).start()
    try:
        text = lookup.result(patience_s)
    except TimeoutError:
        log.debug("the keyring does not answer")
        return None
    # The next attempt asks anew: the password may have been changed.
    _lookups.pop(user, None)
    return text


def _look_up(user: str, lookup: Future[str | None]) -> None:
    try:
        keyring: Any = importlib.import_module("keyring")
        found = keyring.get_password(KEYRING_SERVICE, user)
        lookup.set_result(found if isinstance(found, str) else None)
    except Exception as error:
        # Not installed, no backend, locked, or one of a dozen backends' own errors: then there is none.
        log.debug("no keyring: %s", type(error).__name__)
        lookup.set_result(None)


def _has_session_bus() -> bool:
    """Without one a Linux keyring has nobody to ask, and some of its backends start what is missing."""
    if os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return True
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return bool(runtime) and Path(runtime or "", "bus").exists()


def _is_here(host: str) -> bool:
    name = host.strip("[]").lower()
    if name in ("localhost", socket.gethostname().lower()):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _from_obs(port: int) -> Secret | None:
    # It makes Secrets, so it stands on this module.
    from obs_plugin.obs_settings import saved_obs_settings

    for settings in saved_obs_settings():
        if settings.port == port and settings.auth_required and settings.password:
            return settings.password
    return None
