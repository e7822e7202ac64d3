"""What somebody with a link for viewers or a camera is told of the state."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest

from engine.control.endpoint import Role
from engine.geometry import Shot
from tests.integration.control_rig import PATIENCE_S
from tests.integration.lan_rig import Lan, lan

#: Person 1 of the FakeEngine stands at 400, 2 at 800 and 3 at 1200 px.
AROUND_1, AROUND_3 = Shot(400.0, 540.0, 300.0, 0.8), Shot(1200.0, 540.0, 300.0, 0.8)


@pytest.fixture
def there() -> Iterator[Lan]:
    with lan() as running:
        running.engine.change_view(0, shot=AROUND_1, person=1)
        running.engine.change_view(1, shot=AROUND_3)
        running.engine.members = ("Mina",)
        yield running


def state(there: Lan, role: Role, scope: str = "") -> Any:
    """By both ways, which tell the same."""
    token = there.token(role, scope)
    answered = there.ask("GET", "/api/state", token=token).json
    assert asyncio.run(first_event(there, token)) == answered
    return answered


async def first_event(there: Lan, token: str) -> Any:
    headers = {"Host": there.host, "Authorization": f"Bearer {token}"}
    async with (
        asyncio.timeout(PATIENCE_S),
        aiohttp.ClientSession(headers=headers) as session,
        session.ws_connect(f"http://127.0.0.1:{there.port}/api/events") as events,
    ):
        return (await events.receive_json())["state"]


def views_and_people(told: Any) -> tuple[list[str], list[int]]:
    return [view["name"] for view in told["views"]], [person["id"] for person in told["people"]]


def test_a_link_for_one_view_tells_of_that_view_and_who_is_in_its_shot(there: Lan) -> None:
    assert views_and_people(state(there, Role.VIEW, "main")) == (["main"], [1])
    assert views_and_people(state(there, Role.VIEW, "side")) == (["side"], [3])


def test_who_is_shown_is_told_even_where_the_shot_has_not_arrived(there: Lan) -> None:
    there.engine.change_view(1, person=2)
    assert views_and_people(state(there, Role.VIEW, "side")) == (["side"], [2, 3])


def test_a_link_for_every_view_tells_of_all_of_them(there: Lan) -> None:
    assert views_and_people(state(there, Role.VIEW)) == (["main", "side"], [1, 3])


def test_a_camera_is_told_of_nobody(there: Lan) -> None:
    assert views_and_people(state(there, Role.PUSH, "phone")) == ([], [])


@pytest.mark.parametrize(("role", "scope"), [(Role.VIEW, "main"), (Role.VIEW, ""), (Role.PUSH, "phone")])
def test_only_directors_hear_of_source_members_and_obs(there: Lan, role: Role, scope: str) -> None:
    private = ("source", "source_status", "perception_status", "members", "obs")
    told, all_told = state(there, role, scope), state(there, Role.CONTROL)
    assert not any(told[key] for key in private)
    assert not any(view["sinks"] for view in told["views"])
    assert all_told["source"] and all_told["members"] and all_told["views"][0]["sinks"]
    assert len(all_told["people"]) == 3
