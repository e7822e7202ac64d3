"""The label in OBS: its words, its looks and its place.

Settings as in OBS's plugins text-freetype2 and obs-text (GDI+).
"""

from __future__ import annotations

import re
from typing import Any

from engine.presets.obs import ObsLabelPreset
from obs_plugin.facts import Facts

#: Bits of OBS's alignment; none of a pair = centre.
LEFT, RIGHT, TOP, BOTTOM = 1, 2, 4, 8
ALIGNMENT = {
    "top-left": TOP | LEFT,
    "top": TOP,
    "top-right": TOP | RIGHT,
    "bottom-left": BOTTOM | LEFT,
    "bottom": BOTTOM,
    "bottom-right": BOTTOM | RIGHT,
}
#: OBS_FONT_BOLD.
BOLD = 1
#: On every system, or what fontconfig takes for it. Without a face FreeType's kind draws nothing on macOS.
DEFAULT_FACE = "Arial"
#: Room for one line, in text heights: with accents above, descenders below and space to the next line.
LINE_HEIGHT = 1.5
#: Outline in text heights; FreeType's is 2 px whatever the size.
OUTLINE_SHARE = 1 / 20
#: What OBS lets the user set for obs-text.
MAX_OUTLINE_PX = 20
OPAQUE = 0xFF000000


def label_text(label: ObsLabelPreset, facts: Facts, first_view: str) -> str:
    """The words of the label now; empty while the engine is away.

    Args:
        first_view: the View that is named when the preset names none.
    """
    view = facts.view(label.view or first_view)
    if view is None:
        return ""
    templates = {
        "held": label.held,
        "occluded": label.occluded,
        "unsure": label.unsure,
        "lost": label.lost,
        "nobody": label.nobody,
    }
    state = "unsure" if view.unsure else view.lock
    words = {"{name}": view.label, "{state}": state}
    # In one pass, so that braces in a name stay what they are.
    return re.sub(r"\{name\}|\{state\}", lambda found: words[found[0]], templates.get(state, ""))


def text_settings(kind: str, label: ObsLabelPreset, text: str, canvas_height_px: int) -> dict[str, Any]:
    """Settings of a text source that looks as the preset says.

    Args:
        kind: as of ``text_kind``.
        canvas_height_px: OBS's base (canvas) height.
    """
    height_px = _height_px(label, canvas_height_px)
    shared = {
        **text_only(kind, text),
        "font": {"face": label.font or DEFAULT_FACE, "style": "Bold", "size": height_px, "flags": BOLD},
        "outline": label.outline,
        "antialiasing": True,
    }
    color = _bgr(label.color)
    if not kind.startswith("text_gdiplus"):
        # color1 and color2 are the top and the bottom of a gradient.
        colors = {"color1": OPAQUE | color, "color2": OPAQUE | color}
        return {**shared, **colors, "drop_shadow": False, "from_file": False, "custom_width": 0}
    align = {LEFT: "left", RIGHT: "right"}.get(ALIGNMENT[label.place] & (LEFT | RIGHT), "center")
    return {
        **shared,
        "color": color,
        "opacity": 100,
        "outline_color": 0,
        "outline_opacity": 100,
        "outline_size": min(max(2, round(OUTLINE_SHARE * height_px)), MAX_OUTLINE_PX),
        "align": align,
        "valign": "bottom" if ALIGNMENT[label.place] & BOTTOM else "top",
        "gradient": False,
        "bk_opacity": 0,
        "vertical": False,
        "extents": False,
        "read_from_file": False,
        "chatlog": False,
    }


def text_only(kind: str, text: str) -> dict[str, Any]:
    """Settings that change nothing but the words."""
    return {"text": text}


def place(label: ObsLabelPreset, canvas: tuple[int, int]) -> dict[str, Any]:
    """The label's SceneItemTransform (obs-websocket 5), good for a text of any length.

    The text lies in a band as wide as the picture, pressed against its corner of it, and shrinks only when
    it is too long or has too many lines.

    Args:
        canvas: OBS's base (canvas) width and height in pixels.
    """
    width_px, height_px = canvas
    margin_px = round(label.margin_norm * height_px)
    # In an upright picture the margin, a share of its height, could leave no room at all.
    side_px = min(margin_px, round(0.4 * width_px))
    texts = (label.held, label.occluded, label.unsure, label.lost, label.nobody)
    lines = 1 + max(text.count("\n") for text in texts)
    band_px = min(lines * LINE_HEIGHT * _height_px(label, height_px), height_px - 2 * margin_px)
    alignment = ALIGNMENT[label.place]
    return {
        "positionX": _along(alignment, LEFT, RIGHT, side_px, width_px),
        "positionY": _along(alignment, TOP, BOTTOM, margin_px, height_px),
        "alignment": alignment,
        "rotation": 0.0,
        "scaleX": 1.0,
        "scaleY": 1.0,
        "boundsType": "OBS_BOUNDS_MAX_ONLY",
        "boundsAlignment": alignment,
        "boundsWidth": float(max(1, width_px - 2 * side_px)),
        "boundsHeight": float(max(1, band_px)),
    }


def _along(alignment: int, near: int, far: int, margin_px: int, length_px: int) -> float:
    if alignment & near:
        return float(margin_px)
    return float(length_px - margin_px) if alignment & far else length_px / 2


def _height_px(label: ObsLabelPreset, canvas_height_px: int) -> int:
    return max(1, round(label.height_norm * canvas_height_px))


def _bgr(color: str) -> int:
    """#RRGGBB as OBS wants it: red in the lowest byte."""
    return int.from_bytes(bytes.fromhex(color[1:]), "little")
