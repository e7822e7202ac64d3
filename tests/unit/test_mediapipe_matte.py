import numpy as np
import pytest

from engine.errors import JikcamError
from engine.perception.mediapipe_matte import own_colours, refine


def _disc_scene() -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[:200, :200]
    inside = (x - 100) ** 2 + (y - 100) ** 2 < 60**2
    picture = np.where(inside[..., None], (30, 60, 220), (220, 200, 180)).astype(np.uint8)
    coarse = ((x - 103) ** 2 + (y - 100) ** 2 < 60**2).astype(np.float32)
    return picture, coarse


def test_the_matte_follows_the_real_outline_and_not_the_coarse_mask():
    picture, coarse = _disc_scene()
    alpha = refine(picture, coarse)
    assert alpha.min() >= 0 and alpha.max() <= 1
    real = picture[..., 2] > 200
    assert np.abs((alpha > 0.5).astype(int) - real.astype(int)).sum() < 0.3 * np.abs(coarse - real).sum()


def test_no_old_background_shines_at_the_edge():
    picture, coarse = _disc_scene()
    alpha = refine(picture, coarse)
    own = own_colours(picture, alpha)
    assert (np.abs(own[alpha > 0.05].astype(int) - (30, 60, 220)).max(axis=1) < 60).all()


def test_an_empty_mask_is_nobody():
    with pytest.raises(JikcamError, match="nobody"):
        refine(np.zeros((50, 60, 3), np.uint8), np.zeros((50, 60), np.float32))
