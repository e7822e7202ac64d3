from __future__ import annotations

import string

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.control.access.grants import KEY_BYTES, MAX_TOKEN, SIGNATURE_BYTES, Access, Grant
from engine.control.access.links import first_page, links
from engine.control.endpoint import Endpoint, Role

ACCESS = Access.tokens(b"k" * KEY_BYTES).at(8787)
ROLES = st.sampled_from([Role.VIEW, Role.PUSH, Role.CONTROL])
SCOPES = st.text(max_size=60).filter(lambda text: text.isprintable())
GRANTS = st.builds(Grant, ROLES, SCOPES)


def endpoint(role: Role, scope: str = "") -> Endpoint:
    async def nothing(_request: web.Request) -> web.Response:
        return web.Response()

    return Endpoint("GET", f"/{{{scope}}}" if scope else "/", nothing, role, "", scope=scope)


@settings(deadline=None)
@given(GRANTS)
def test_a_token_says_what_it_allows(grant: Grant) -> None:
    token = ACCESS.token(grant)
    assert ACCESS.grant(token) == grant
    assert set(token) <= set(string.ascii_letters + string.digits + "-_.")


def test_a_signature_has_192_bits() -> None:
    signature = ACCESS.token(Grant(Role.CONTROL)).rpartition(".")[2]
    assert SIGNATURE_BYTES * 8 == 192 and len(signature) == SIGNATURE_BYTES * 4 // 3


@settings(deadline=None)
@given(GRANTS, st.data())
def test_no_changed_token_is_ours(grant: Grant, data: st.DataObject) -> None:
    token = ACCESS.token(grant)
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from(string.ascii_letters + string.digits + "-_.") | st.characters())
    changed = token[:place] + letter + token[place + 1 :]
    assert (ACCESS.grant(changed) is None) == (changed != token)
    for other in (token[:place], token + letter, letter + token, token[place:] + token[:place]):
        assert other == token or ACCESS.grant(other) is None


@settings(deadline=None)
@given(st.text(max_size=MAX_TOKEN + 10))
def test_whatever_is_presented_is_no_token(text: str) -> None:
    assert ACCESS.grant(text) is None
    assert Access.loopback().grant(text) is None


def test_the_claim_of_one_token_and_the_signature_of_another_are_nothing() -> None:
    view, control = ACCESS.token(Grant(Role.VIEW, "main")), ACCESS.token(Grant(Role.CONTROL))
    assert ACCESS.grant(f"c.{view.rpartition('.')[2]}") is None
    assert ACCESS.grant(f"v.{control.rpartition('.')[2]}") is None
    assert ACCESS.grant(f"v.bWFpbg.{control.rpartition('.')[2]}") is None


@settings(deadline=None)
@given(GRANTS)
def test_engines_at_other_ports_and_with_other_keys_take_none_of_our_tokens(grant: Grant) -> None:
    token = ACCESS.token(grant)
    for other in (ACCESS.at(8788), Access.tokens(b"K" * KEY_BYTES).at(8787)):
        assert other.grant(token) is None
        assert other.cookie != ACCESS.cookie and other.id != ACCESS.id


def test_the_cookie_names_port_and_engine_and_tells_no_key() -> None:
    assert ACCESS.cookie == f"jikcam_8787_{ACCESS.id}" and len(ACCESS.id) == 8
    assert "kkkk" not in repr(ACCESS)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        Access.tokens(b"x" * 16)
    assert not Access.loopback().lan and ACCESS.lan


@pytest.mark.parametrize(
    ("grant", "may"),
    [
        #                         open, view, view of main, push, push as phone, control
        (Grant(Role.VIEW), (True, True, True, False, False, False)),
        (Grant(Role.VIEW, "main"), (True, True, True, False, False, False)),
        (Grant(Role.VIEW, "phone"), (True, True, False, False, False, False)),
        (Grant(Role.PUSH, "phone"), (True, True, False, True, True, False)),
        (Grant(Role.PUSH, "main"), (True, True, False, True, False, False)),
        (Grant(Role.CONTROL), (True, True, True, True, True, True)),
    ],
)
def test_who_may_do_what(grant: Grant, may: tuple[bool, ...]) -> None:
    endpoints = (
        endpoint(Role.OPEN),
        endpoint(Role.VIEW),
        endpoint(Role.VIEW, "view"),
        endpoint(Role.PUSH),
        endpoint(Role.PUSH, "camera"),
        endpoint(Role.CONTROL),
    )
    parts = {"view": "main", "camera": "phone"}
    assert tuple(grant.may(one, parts) for one in endpoints) == may


@pytest.mark.parametrize(
    ("grant", "page"),
    [
        (Grant(Role.CONTROL), "/"),
        (Grant(Role.VIEW), "/watch/main"),
        (Grant(Role.VIEW, "a b/c"), "/watch/a%20b%2Fc"),
        (Grant(Role.PUSH, "phone"), "/camera/phone"),
    ],
)
def test_each_token_has_a_first_page(grant: Grant, page: str) -> None:
    assert first_page(grant, ["main", "side"]) == page


def test_links_carry_the_token_of_what_they_open() -> None:
    given_out = links(ACCESS, "http://10.0.0.5:8787", iter(["main", "side"]), ["phone"])
    kinds = [(link.kind, link.name) for link in given_out]
    assert kinds == [
        ("control", ""),
        ("dock", ""),
        ("view", ""),
        *[(kind, view) for view in ("main", "side") for kind in ("view", "overlay")],
        ("camera", "phone"),
    ]
    for link in given_out:
        token = link.url.partition("?t=")[2].partition("&")[0]
        role = {"view": Role.VIEW, "overlay": Role.VIEW, "camera": Role.PUSH}.get(link.kind, Role.CONTROL)
        assert ACCESS.grant(token) == Grant(role, link.name)
    assert given_out[1].url.endswith("&to=%2Fdock")
    assert given_out[4].url.endswith("&to=%2Foverlay%3Fview%3Dmain")


def test_links_need_no_token_on_this_machine() -> None:
    given_out = links(Access.loopback(), "http://127.0.0.1:8787", ["main"], [])
    assert [link.url.removeprefix("http://127.0.0.1:8787") for link in given_out] == [
        "/",
        "/dock",
        "/watch/main",
        "/overlay?view=main",
    ]
