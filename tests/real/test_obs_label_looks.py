"""The label as a real OBS draws it: where its letters are, how large, in which colours."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from engine.presets.obs import ObsLabelPreset
from obs_plugin.kinds import text_kind
from obs_plugin.labels import ALIGNMENT, LEFT, RIGHT, TOP, place, text_only, text_settings
from tests.real.obs_rig import ObsRig

pytestmark = pytest.mark.real

SHORT, LONG = "Ana", "Maximiliane von Hohenstaufen-Wittelsbach, bass guitar and second voice"
SIZE = (1280, 720)
#: Of the preset's defaults on that canvas.
MARGIN_PX, HEIGHT_PX = 29, 50
#: A letter begins a little beside its origin, and the outline is 2 to 3 px outside of it.
BESIDE_PX = 6
DRAWN_S = 5.0


class Screen:
    """One label in the first scene of an OBS."""

    def __init__(self, obs: ObsRig, label: ObsLabelPreset, text: str, size: tuple[int, int] = SIZE) -> None:
        self._obs = obs
        self._scene = obs.scenes[0]
        self._empty = obs.screenshot(self._scene)[0, 0].astype(int)
        with obs.client() as client:
            kinds = client.send("GetInputKindList", raw=True)["inputKinds"]
            self._kind = text_kind(kinds)
            home = {"sceneName": self._scene, "inputName": label.source, "inputKind": self._kind}
            settings = text_settings(self._kind, label, text, size[1])
            item = client.send("CreateInput", {**home, "inputSettings": settings}, raw=True)["sceneItemId"]
            home = {"sceneName": self._scene, "sceneItemId": item}
            client.send("SetSceneItemTransform", {**home, "sceneItemTransform": place(label, size)})
        self._source = label.source

    def write(self, text: str) -> None:
        settings = {"inputName": self._source, "inputSettings": text_only(self._kind, text), "overlay": True}
        with self._obs.client() as client:
            client.send("SetInputSettings", settings)

    def picture(self) -> npt.NDArray[np.uint8]:
        return self._obs.screenshot(self._scene)

    def ink(self) -> tuple[int, int, int, int] | None:
        """Left, top, right, bottom of all that is drawn, in pixels; right and bottom are outside."""
        ys, xs = np.nonzero(np.abs(self.picture().astype(int) - self._empty).max(axis=2) > 40)
        return (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1) if len(xs) else None

    def until(self, fits: Callable[[tuple[int, int, int, int] | None], bool]) -> None:
        """OBS draws a change with one of the next frames."""
        until_s = time.monotonic() + DRAWN_S
        while not fits(ink := self.ink()):
            assert time.monotonic() < until_s, f"the ink is at {ink}"
            time.sleep(0.03)


def in_place(
    where: str, size: tuple[int, int], ink: tuple[int, int, int, int] | None, margin_px: int = MARGIN_PX
) -> bool:
    """Whether the text touches its margins, and lies wholly within them."""
    if ink is None:
        return False
    alignment, (left, top, right, bottom) = ALIGNMENT[where], ink
    far_x, far_y = size[0] - margin_px, size[1] - margin_px
    inside = left >= margin_px - BESIDE_PX and right <= far_x + BESIDE_PX and bottom <= far_y + BESIDE_PX
    fits = {
        LEFT: abs(left - margin_px) <= BESIDE_PX,
        RIGHT: abs(right - far_x) <= BESIDE_PX,
        0: abs(left + right - size[0]) <= 2 * BESIDE_PX,
    }[alignment & (LEFT | RIGHT)]
    # Above the letters there is room for accents.
    is_at_top = margin_px - BESIDE_PX <= top <= margin_px + HEIGHT_PX / 2
    return inside and fits and (is_at_top if alignment & TOP else abs(bottom - far_y) <= BESIDE_PX)


@pytest.mark.parametrize("where", sorted(ALIGNMENT))
def test_any_text_stays_in_its_corner(obs_clean: ObsRig, where: str) -> None:
    screen = Screen(obs_clean, ObsLabelPreset.model_validate({"place": where}), SHORT)
    screen.until(lambda ink: in_place(where, SIZE, ink) and ink is not None and ink[2] - ink[0] < 150)
    room_px = SIZE[0] - 2 * MARGIN_PX
    screen.write(LONG)
    screen.until(lambda ink: ink is not None and abs(ink[2] - ink[0] - room_px) <= 2 * BESIDE_PX)
    # A long text is scaled down, so its descenders and accents are smaller than the tolerance.
    screen.until(lambda ink: in_place(where, SIZE, ink))
    screen.write("")
    screen.until(lambda ink: ink is None)
    screen.write(SHORT)
    screen.until(lambda ink: in_place(where, SIZE, ink) and ink is not None and ink[2] - ink[0] < 150)


def test_letters_have_the_size_and_colour_of_the_preset(obs_clean: ObsRig) -> None:
    label = ObsLabelPreset(color="#ffcc00", height_norm=0.12)
    screen = Screen(obs_clean, label, "Ag")
    # From the top of the A to the bottom of the g it is about one font size.
    screen.until(lambda ink: ink is not None and abs(ink[3] - ink[1] - 0.12 * SIZE[1]) <= 12)
    picture = screen.picture().astype(int)
    letters = np.abs(picture - (0, 204, 255)).max(axis=2) <= 2
    edges = picture.max(axis=2) <= 8
    assert letters.sum() > 1000 and edges.sum() > 300


def test_without_an_outline_there_is_none(obs_clean: ObsRig) -> None:
    screen = Screen(obs_clean, ObsLabelPreset(outline=False), "Person 3")
    screen.until(lambda ink: ink is not None)
    assert screen.picture().max(axis=2).min() > 8


def test_two_lines_stand_above_the_margin(obs_clean: ObsRig) -> None:
    screen = Screen(obs_clean, ObsLabelPreset(held="{name}\n{state}"), "Ana\nheld")
    screen.until(
        lambda ink: (
            in_place("bottom-left", SIZE, ink) and ink is not None and ink[3] - ink[1] > 1.5 * HEIGHT_PX
        )
    )


def test_an_upright_picture_holds_the_label_too(make_obs: Callable[..., ObsRig]) -> None:
    size = (360, 640)
    obs = make_obs(size=size).start()
    screen = Screen(obs, ObsLabelPreset(place="bottom"), LONG, size)
    screen.until(lambda ink: in_place("bottom", size, ink, round(0.04 * 640)))
