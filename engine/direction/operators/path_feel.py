"""The numbers behind each feel, for a camera that knows what comes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.direction.operators.feel import Feel
from engine.direction.operators.path import PathConfig

#: calm: a locked-off camera that goes only when it must, softly. normal: rests, then one move. dance: closer
#: to the dancer. sport: quick and tight, follows rather than rests.
PATHS: Mapping[Feel, PathConfig] = MappingProxyType(
    {
        Feel.CALM: PathConfig(
            tolerance_norm=0.25, smooth_s=0.38, stillness_s=4.0, zoom_tolerance_norm=0.18, zoom_smooth_s=0.8
        ),
        Feel.NORMAL: PathConfig(),
        Feel.DANCE: PathConfig(
            tolerance_norm=0.18, smooth_s=0.22, stillness_s=1.5, zoom_tolerance_norm=0.10, zoom_smooth_s=0.4
        ),
        Feel.SPORT: PathConfig(
            tolerance_norm=0.12, smooth_s=0.15, stillness_s=0.5, zoom_tolerance_norm=0.08, zoom_smooth_s=0.3
        ),
    }
)
