"""What the terminal says of the ways in: links with tokens, a QR code for phones; `jikcam lan`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Annotated, TextIO

import segno
import typer

from engine.control.access.addresses import host_port, own_addresses
from engine.control.access.grants import Access
from engine.control.access.key_file import kept_key
from engine.control.access.links import Link, links
from engine.control.access.tls import own_certificate
from engine.errors import JikcamError
from engine.presets import load_preset

#: What each kind of link opens, in words.
_WORDS = {
    "control": "control room",
    "dock": "dock in OBS",
    "view": "watch {name}",
    "overlay": "label of {name}",
    "camera": "camera {name}",
}
#: Links that are opened on a phone.
_SCANNED = ("control", "camera")


def lan(
    preset: Annotated[str, typer.Option(help="preset file, or the name of one: for its Views and port")] = (
        "webcam"
    ),
    port: Annotated[int | None, typer.Option(help="port of the control page, as given to jikcam run")] = None,
    https: Annotated[
        bool | None, typer.Option("--https/--no-https", help="links for jikcam run --https")
    ] = None,
    new_token: Annotated[
        bool, typer.Option("--new-token", help="renew the key: links given out so far end at the next start")
    ] = False,
) -> None:
    """Print the links for other machines that `jikcam run --lan` serves."""
    wanted = load_preset(preset)
    port = wanted.control.port if port is None else port
    https = wanted.control.https if https is None else https
    if not 0 < port <= 65534:
        raise JikcamError(
            f"links for port {port} can't be told",
            "give a port of 1 to 65534; for any free one see jikcam run",
        )
    access = Access.tokens(kept_key(renew=new_token)).at(port)
    found = [address for address in own_addresses() if ":" not in address]
    scheme, outer = ("https", port + 1) if https else ("http", port)
    origins = [f"{scheme}://{host_port(host, outer, https)}" for host in found]
    if not origins:
        raise JikcamError("this machine is in no network", "connect it, then ask again")
    uri = wanted.source.uri.strip()
    cameras = [uri.removeprefix("webrtc:")] if uri.startswith("webrtc:") else []
    tell(
        links(access, origins[0], [view.name for view in wanted.view], cameras),
        origins[1:],
        own_certificate().fingerprint if https else "",
    )
    if new_token:
        print("the key is new: start jikcam run --lan again, then links given out earlier end")


def tell(
    given: Iterable[Link], others: Sequence[str] = (), fingerprint: str = "", out: TextIO | None = None
) -> None:
    """Print the links with the QR codes of those for phones.

    Args:
        given: as ControlServer.links() has them.
        others: more origins of this machine.
        fingerprint: of the certificate that browsers will ask about; "" = none.
        out: None = standard output.
    """
    out = out or sys.stdout
    given = tuple(given)
    words = [_WORDS[link.kind].format(name=link.name or "every View") for link in given]
    width = max(map(len, words), default=0)
    for word, link in zip(words, given, strict=True):
        print(f"{word:<{width}}  {link.url}", file=out)
    if others:
        print(f"also at {', '.join(others)}", file=out)
    if fingerprint:
        print(f"the browser will warn; go on if its certificate is SHA-256 {fingerprint}", file=out)
    if out.isatty() and _draws(out):
        for word, link in zip(words, given, strict=True):
            if link.kind in _SCANNED:
                print(f"\n{word}:", file=out)
                segno.make(link.url, error="l", micro=False).terminal(out=out, border=2, compact=True)
    print("whoever has such a link may do what it opens; renew them with: jikcam lan --new-token", file=out)
    out.flush()


def _draws(out: TextIO) -> bool:
    """Whether the terminal takes the characters that a QR code is drawn with."""
    try:
        "█▀▄".encode(out.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
