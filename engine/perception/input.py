"""Which input a detector uses for a picture: the model's own when it is fixed, else one that fits."""

from __future__ import annotations

from engine.geometry import Size
from engine.perception.letterbox import input_size
from engine.perception.runtime import Network
from engine.sources.frame import Image


class InputShape:
    """Chooses the input size of a network for each picture.

    Args:
        network: its input may have fixed or free sides.
        budget: with free sides, as many pixels are spent as this size has.
        multiple: with free sides, each is a multiple of it.
    """

    def __init__(self, network: Network, budget: Size, multiple: int) -> None:
        height, width = network.input_shape[2:]
        self._fixed = Size(width, height) if width and height else None
        self._budget_px = budget.width * budget.height
        self._multiple = multiple
        self._last: tuple[tuple[int, ...], Size] | None = None

    def for_picture(self, image: Image) -> Size:
        """The input size for ``image``."""
        if self._fixed:
            return self._fixed
        if self._last is None or self._last[0] != image.shape:
            picture = Size(image.shape[1], image.shape[0])
            self._last = image.shape, input_size(picture, self._budget_px, self._multiple)
        return self._last[1]
