"""The addresses and names under which other machines may reach this one."""

from __future__ import annotations

import ipaddress
import socket

import psutil

#: Names that mean this machine; the first is the default.
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")
#: Listening on these means on all addresses.
ANY_HOSTS = ("0.0.0.0", "::")
#: Of containers and virtual machines: nobody out there reaches this one through them.
_INNER = ("docker", "veth", "br-", "virbr", "vmnet", "vboxnet", "cni", "flannel", "podman", "lxc")
#: Set aside for documentation (RFC 5737): asking for the way there sends nothing.
_ELSEWHERE = ("192.0.2.1", 9)


def own_addresses() -> tuple[str, ...]:
    """Of this machine in its networks, the likeliest to be reached first; loopback is not among them."""
    first = _on_the_way_out()
    found: dict[str, tuple[bool, bool, bool, bool]] = {}
    states = psutil.net_if_stats()
    for name, entries in psutil.net_if_addrs().items():
        if name in states and not states[name].isup:
            continue
        for entry in entries:
            if entry.family not in (socket.AF_INET, socket.AF_INET6) or "%" in entry.address:
                continue
            address = ipaddress.ip_address(entry.address)
            if address.is_loopback or address.is_link_local or address.is_unspecified:
                continue
            found[str(address)] = (
                name.startswith(_INNER),
                address.version == 6,
                not address.is_private,
                str(address) != first,
            )
    return tuple(sorted(found, key=lambda address: found[address]))


def own_names() -> tuple[str, ...]:
    """Names of this machine, in small letters, also the one it has by multicast DNS (RFC 6762)."""
    full = socket.gethostname().lower().rstrip(".")
    short = full.partition(".")[0]
    if not short or short in LOOPBACK_HOSTS:
        return ()
    return tuple(dict.fromkeys((full, short, f"{short}.local")))


def plain_address(text: str) -> str:
    """An address as it is written in a URL without brackets; IPv4 inside IPv6 (RFC 4291) becomes IPv4."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return text
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def is_loopback(text: str) -> bool:
    """Whether an address is one that only this machine can have."""
    try:
        return ipaddress.ip_address(plain_address(text)).is_loopback
    except ValueError:
        return False


def host_port(host: str, port: int, secure: bool = False) -> str:
    """As in a URL: IPv6 addresses in brackets (RFC 3986), the scheme's own port left out."""
    name = f"[{host}]" if ":" in host else host
    return name if port == (443 if secure else 80) else f"{name}:{port}"


def _on_the_way_out() -> str:
    """This machine's address towards other networks; "" = it has no way there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE)
        except OSError:
            return ""
        return str(probe.getsockname()[0])
