"""What the tests call layers on; the images are neither square nor of an even size."""

from __future__ import annotations

import numpy as np

_DRAW = np.random.default_rng(5)
IMAGES = _DRAW.normal(size=(3, 9, 8, 4)).astype("f")
ROWS = _DRAW.normal(size=(5, 6)).astype("f")
SEQUENCES = _DRAW.normal(size=(2, 5, 6)).astype("f")
_DRAW = np.random.default_rng(6)
SMALL_IMAGES = _DRAW.normal(size=(3, 5, 4, 3))
ONE_PIXEL = _DRAW.normal(size=(1, 1, 1, 2))
