"""One file over HTTPS: resumed where it broke off, checked before anybody sees it."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from engine.assets.manifest import Asset
from engine.assets.verify import WrongHashError, hash_file, require
from engine.errors import JikcamError

TIMEOUT_S = 20.0
CHUNK_BYTES = 1 << 18
# How often a connection may break off in one download; each attempt continues where the last one ended.
ATTEMPTS = 4
LIMIT_BYTES = 2 << 30
LOOPBACK = ("127.0.0.1", "::1", "localhost")

Progress = Callable[[str, int, int], None]


class UnreachableError(JikcamError):
    """The other side can't be reached or breaks off; trying again later may help."""


class _BrokenOffError(Exception):
    """The connection ended before the file did."""


def download(asset: Asset, url: str, target: Path, progress: Progress) -> None:
    """Fetch ``url`` to ``target``, which appears only when it hashes to what ``asset`` says.

    What has arrived when a connection breaks stays in ``<target>.part`` and is continued (RFC 9110,
    range requests) in this call or a later one; a server without ranges starts again.

    Raises:
        UnreachableError: no network, no such host, refused, timed out, broken off too often.
        WrongHashError: the server has another file; nothing of it is kept.
        JikcamError: not https, an HTTP error, a full disk.
    """
    if urlsplit(url).scheme != "https" and urlsplit(url).hostname not in LOOPBACK:
        raise JikcamError(f"{asset.name}: {url} is not an https address", "use an https:// address")
    part = target.with_name(target.name + ".part")
    resumed = part.exists()
    _fetch(asset, url, part, progress)
    if resumed and not _is_right(asset, part):
        # What lay there may have been the start of something else: once more, all of it.
        part.unlink()
        _fetch(asset, url, part, progress)
    if not _is_right(asset, part):
        part.unlink()
        raise _not_the_file(asset, url, "sent another file than the one expected")
    part.replace(target)


def _is_right(asset: Asset, part: Path) -> bool:
    try:
        require(asset, hash_file(part), part)
    except WrongHashError:
        return False
    return True


def _fetch(asset: Asset, url: str, part: Path, progress: Progress) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        had = _length(part)
        try:
            _request(asset, url, part, progress)
            return
        except _BrokenOffError as error:
            if attempt == ATTEMPTS or _length(part) <= had:
                raise UnreachableError(
                    f"{asset.name}: the connection to {urlsplit(url).hostname} broke off ({error})",
                    "run the same again, it continues where it stopped",
                ) from error


def _request(asset: Asset, url: str, part: Path, progress: Progress) -> None:
    """One request, from the end of what is there to the end of the file."""
    have, host = _length(part), urlsplit(url).hostname
    headers = {"User-Agent": "jikcam", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    request = urllib.request.Request(url, headers=headers)  # `download` looked at the scheme
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            if answer.status != HTTPStatus.PARTIAL_CONTENT:
                have = 0  # a server without ranges sends the whole file
            elif not answer.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
                part.unlink()
                raise _BrokenOffError("the server continued at the wrong place")
            _receive(asset, url, answer, part, have, progress)
    except urllib.error.HTTPError as error:
        if have and error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # nothing comes after what is there: its hash decides
        fix = "the file may have moved: update jikcam, or put it in a JIKCAM_MODELS folder"
        if error.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            fix = "try again later"
        raise JikcamError(f"{asset.name}: {host} answers {error.code} {error.reason}", fix) from error
    except urllib.error.URLError as error:
        raise UnreachableError(
            f"{asset.name}: cannot reach {host} ({error.reason})",
            "check the network, or set JIKCAM_MODELS to a folder that has the models",
        ) from error
    except (http.client.HTTPException, OSError) as error:
        raise _BrokenOffError(str(error) or type(error).__name__) from error


def _receive(
    asset: Asset, url: str, answer: http.client.HTTPResponse, part: Path, have: int, progress: Progress
) -> None:
    """Append the body of ``answer`` to the first ``have`` bytes of ``part``."""
    length = answer.headers.get("Content-Length", "")
    total = have + int(length) if length.isdecimal() else asset.size
    limit, done = asset.size or LIMIT_BYTES, have
    with _writable(asset, part, "ab" if have else "wb") as file:
        progress(asset.name, done, total)
        while max(done, total) <= limit and (chunk := answer.read(CHUNK_BYTES)):
            done += len(chunk)
            _write(asset, file, chunk)
            progress(asset.name, done, total)
    if max(done, total) > limit:
        part.unlink()
        raise _not_the_file(asset, url, f"offers more than the {limit} bytes expected")
    if done < total:
        raise _BrokenOffError(f"{done} of {total} bytes came")


def _writable(asset: Asset, part: Path, mode: str) -> IO[bytes]:
    try:
        return part.open(mode)
    except OSError as error:
        raise _unwritable(asset, error) from error


def _write(asset: Asset, file: IO[bytes], chunk: bytes) -> None:
    try:
        file.write(chunk)
    except OSError as error:
        raise _unwritable(asset, error) from error


def _unwritable(asset: Asset, error: OSError) -> JikcamError:
    return JikcamError(
        f"{asset.name}: cannot write to the cache ({error.strerror})",
        "make room, or set JIKCAM_CACHE to another folder",
    )


def _not_the_file(asset: Asset, url: str, what: str) -> WrongHashError:
    return WrongHashError(
        f"{asset.name}: {urlsplit(url).hostname} {what}; it was thrown away",
        "a proxy may have answered instead: try another network, or put the file in a JIKCAM_MODELS folder",
    )


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
