"""A plan: what will be asked of OBS, step by step, each told in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from obs_plugin.setup.inventory import Inventory


class CreatedItem:
    """Stands for the sceneItemId that OBS gave to the item made last in the same step."""

    def __repr__(self) -> str:
        return "CREATED"


CREATED = CreatedItem()


@dataclass(frozen=True, slots=True)
class Call:
    """One request with its data; the value of a key may be ``CREATED``."""

    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PointCamera:
    """Have a camera input show a camera; which ones there are, OBS tells only once the input is there."""

    input: str
    kind: str
    address: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is done.

    Attributes:
        text: what, in the imperative: "add the scene 'jikcam'".
        actions: one after the other.
        gone: names that OBS must have let go of before the next step.
    """

    text: str
    actions: tuple[Call | PointCamera, ...]
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps for one scene collection, and what the user should know; no steps = nothing to do."""

    collection: str
    steps: tuple[Step, ...] = ()
    warnings: tuple[str, ...] = ()


def quoted(names: Sequence[str]) -> str:
    """``'a'``, ``'a' and 'b'``, ``'a', 'b' and 'c'``."""
    *most, last = [repr(name) for name in names]
    return f"{', '.join(most)} and {last}" if most else last


def remove_input(inventory: Inventory, name: str, text: str) -> Step:
    """Take one of ours away, from every scene that it is in."""
    holders = inventory.holders(name)
    users = [scene.name for scene in holders if not scene.ours]
    if users:
        text += f" (it is also in your {quoted(users)})"
    calls = [Call("RemoveInput", {"inputName": name}), *(draw(scene.name) for scene in holders)]
    return Step(text, tuple(calls), gone=(name,))


def draw(scene: str) -> Call:
    """Have OBS draw a scene once: it lets go of what was removed from one only when it draws that one."""
    smallest = {"sourceName": scene, "imageFormat": "png", "imageWidth": 8, "imageHeight": 8}
    return Call("GetSourceScreenshot", smallest)
