"""Every law of motion with the settings it is tried at. The first setting of each is its documented default.

The grids span each law's own dials, from too slow to too fast for dancing, with at most 60 settings each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Protocol

import numpy as np

from tests.benchmarks.operator.laws.autoflip import AutoFlipKinematic, AutoFlipQuartic
from tests.benchmarks.operator.laws.autoptz import AutoPtz
from tests.benchmarks.operator.laws.dynamic_ema import DynamicEma
from tests.benchmarks.operator.laws.ema import Ema
from tests.benchmarks.operator.laws.kalman import Kalman
from tests.benchmarks.operator.laws.law import Kind, Law
from tests.benchmarks.operator.laws.obs_detect import ObsDetect
from tests.benchmarks.operator.laws.obs_face_tracker import ObsFaceTracker
from tests.benchmarks.operator.laws.one_euro import OneEuro
from tests.benchmarks.operator.laws.raw import Raw
from tests.benchmarks.operator.laws.skt import Skt
from tests.benchmarks.operator.laws.soft_zone import SoftZone
from tests.benchmarks.operator.laws.torch_kpop import TorchSavGol, TorchTrailing
from tests.benchmarks.operator.paths import CropPath
from tests.benchmarks.operator.task import Task


class Mover(Protocol):
    """Anything that moves a camera over whole tasks."""

    def paths(self, tasks: Sequence[Task]) -> list[CropPath]: ...


@dataclass(frozen=True, slots=True)
class Setting:
    """A law with numbers.

    Attributes:
        label: what differs from the documented numbers; "default" for those.
    """

    label: str
    mover: Mover


@dataclass(frozen=True, slots=True)
class Family:
    """A law and the settings it is tried at.

    Attributes:
        documented: how many of the settings, from the first, are those that its makers name.
        promising: where trying every setting on everybody takes too long: so many of the grid are, after
            all have been tried on a few people; 0 = every one.
    """

    name: str
    kind: Kind
    ours: bool
    settings: tuple[Setting, ...]
    documented: int = 1
    promising: int = 0


def _family(name: str, law: Callable[..., Law], numbers: Sequence[Mapping[str, Any]] = ()) -> Family:
    default = law()
    tried = [(label(n), law(**n)) for n in numbers]
    settings = [Setting(text, mover) for text, mover in tried if mover != default]
    return Family(name, default.kind, False, (Setting("default", default), *settings))


def grid(**values: Sequence[Any]) -> list[dict[str, Any]]:
    """Every combination of the values."""
    return [dict(zip(values, chosen, strict=True)) for chosen in product(*values.values())]


def label(numbers: Mapping[str, Any]) -> str:
    """The numbers on one line."""
    return ", ".join(f"{key} {value:g}" for key, value in numbers.items())


def _steps(first: float, last: float, count: int) -> tuple[float, ...]:
    """``count`` numbers from first to last, each the same share larger; three digits are enough."""
    return tuple(float(f"{v:.3g}") for v in np.geomspace(first, last, count))


#: AutoFlip refuses a window wider than its least motion.
AUTOFLIP_ZONES = ((0.3, 0.0), (0.3, 0.3), (0.6, 0.6), (1.2, 0.0), (1.2, 0.6), (1.2, 0.9), (1.2, 1.2))


def peers() -> tuple[Family, ...]:
    """The laws of other programs and of the textbook."""
    return (
        _family("raw box centre", Raw),
        _family("EMA", Ema, grid(alpha=_steps(0.03, 0.6, 40))),
        _family(
            "one-euro",
            OneEuro,
            grid(
                least_hz=(0.1, 0.2, 0.35, 0.45, 0.6, 0.8, 1.2, 2.0),
                beta=(0.0, 0.1, 0.2, 0.4, 0.8, 1.5, 3.0),
            ),
        ),
        _family("Kalman CV", Kalman, grid(ratio=_steps(0.3, 400, 40))),
        _family(
            "SKT average", Skt, grid(time_constant_s=_steps(0.07, 1.0, 14), dead_px=(0.0, 5.0, 10.0, 20.0))
        ),
        _family(
            "fancam_cpu average",
            DynamicEma,
            grid(base=(0.001, 0.01, 0.03), gain=(0.4, 0.8, 1.6, 3.2, 6.4), most=(0.1, 0.2, 0.3, 0.5)),
        ),
        _family("obs-detect", ObsDetect, grid(speed=_steps(0.02, 0.6, 40))),
        _family(
            "obs-face-tracker PID",
            ObsFaceTracker,
            grid(
                kp=(1.5, 3.0, 4.0, 5.0, 6.5, 8.0, 10.0),
                ki=(0.0, 0.3),
                td_s=(0.0, 0.2),
                low_pass_s=(0.2,),
                dead=(0.0, 0.01),
            ),
        ),
        _family(
            "AutoPTZ framer",
            AutoPtz,
            grid(
                alpha=(0.06, 0.1, 0.14, 0.18, 0.22, 0.26, 0.3, 0.4, 0.5),
                dead=(0.0, 0.02, 0.04, 0.08, 0.12, 0.16),
            ),
        ),
        _family(
            "Auto-Framing soft zone",
            SoftZone,
            grid(
                speed=(0.15, 0.2, 0.26, 0.32, 0.38, 0.45, 0.52, 0.6, 0.8, 1.0),
                dead=(0.0, 0.04, 0.08, 0.12, 0.2, 0.3),
            ),
        ),
        _family(
            "AutoFlip kinematic",
            AutoFlipKinematic,
            [
                {"least_deg": least, "window_deg": window, **rest}
                for least, window in AUTOFLIP_ZONES
                for rest in grid(most_deg_s=(18.0, 40.0), rate_s=(0.2, 0.4, 0.6, 0.8))
            ],
        ),
        _family(
            "Torch K-pop, as coded",
            TorchTrailing,
            grid(
                median_s=(0.05, 0.15, 0.25, 0.35, 0.5, 0.75),
                mean_s=(0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.65, 0.8),
            ),
        ),
        _family(
            "Torch K-pop SavGol",
            TorchSavGol,
            grid(
                pictures=(7, 11, 15, 19, 23, 27, 31, 37, 45, 53, 61, 71, 81, 101, 131, 161, 201),
                degree=(1, 2, 3),
            ),
        ),
        _family(
            "AutoFlip quartic",
            AutoFlipQuartic,
            grid(
                scene_pictures=(20, 30, 40, 60, 80, 100, 150, 200, 300, 400, 600),
                prior_pictures=(0, 10, 30),
            ),
        ),
    )
