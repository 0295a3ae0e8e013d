"""The embedded digits as the studies take them."""

from __future__ import annotations

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.keras.datasets import digits as embedded

# Random errors of n steps add up to √n (Higham and Mary 2019, doi:10.1137/18M1226312): of the
# roundings of a thousand steps, to 32.
ROUNDINGS = 32


def digits(size: int = 14, nudge: int = 0) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """1,497 digits to train with and 300 to test: float32 images from 0 to 1, integer labels.

    Args:
        size: of the images, 14 or 28 pixels a side.
        nudge: not 0: images each pixel of which is off by at random up to `ROUNDINGS` roundings of
            float32, drawn with that seed: the same experiment, only rounded otherwise.

    >>> (x, y), (x_test, y_test) = digits()
    >>> x.shape, x_test.shape, y[:5]
    ((1497, 14, 14, 1), (300, 14, 14, 1), array([1, 2, 3, 4, 5]))
    """
    train, test = embedded.load_data()
    step = 28 // size
    rng = np.random.default_rng(nudge)

    def made(images: Array, labels: Array) -> tuple[Array, Array]:
        x: Array = images[:, ::step, ::step, None].astype(np.float32) / np.float32(255)
        if nudge:
            off = ROUNDINGS * np.finfo(np.float32).eps * rng.uniform(-1, 1, x.shape)
            x = (x * (1 + off)).astype(np.float32)
        return x, labels.astype(np.int64)

    return made(*train), made(*test)
