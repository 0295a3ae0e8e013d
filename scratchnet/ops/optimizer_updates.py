"""What optimizers do to a variable: array -> array, each in one pass where arrays are large.

No tape ever sees these, so they are plain functions and no ops.  Arrays are of one floating dtype
and shape, scalars of that dtype.  Results are new arrays, for a tensor may still hold the old ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.kernels import optimizer_updates as kernels
from scratchnet.kernels.buffer_pool import empty_like
from scratchnet.kernels.elementwise import LARGE, are_large


def is_small(w: Array) -> bool:
    """Whether the update of `w` takes less time than what is done around it."""
    return 0 < w.size < LARGE


def moments_step(g: Array, m: Array, v: Array, a: Any, b: Any) -> tuple[Array, Array]:
    """``m + (g - m) a`` and ``v + (g² - v) b``: the running means of Adam."""
    return np.asarray((g - m) * a + m), np.asarray((g * g - v) * b + v)


def scaled_step(w: Array, m: Array, v: Array, rate: Any, epsilon: Any) -> Array:
    """``w - m rate / (√v + ε)``."""
    return np.asarray(w - m * rate / (np.sqrt(v) + epsilon))


def adam_step(
    w: Array, g: Array, m: Array, v: Array, a: Any, b: Any, rate: Any, epsilon: Any
) -> tuple[Array, Array, Array]:
    """New w, m and v: `moments_step`, then `scaled_step`.

    Reference: ``tf.raw_ops.ResourceApplyAdam``, in Keras's order of operations.
    """
    if not are_large(w, g, m, v):
        m, v = moments_step(g, m, v, a, b)
        return scaled_step(w, m, v, rate, epsilon), m, v
    new = empty_like(w), empty_like(m), empty_like(v)
    flat = [x.ravel() for x in (w, g, m, v)], [x.ravel() for x in new]
    kernels.adam(*flat[0], (a, b, rate, epsilon), *flat[1])
    return new


def sgd_step(w: Array, g: Array, rate: Any) -> Array:
    """``w - g rate``.  Reference: ``tf.raw_ops.ResourceApplyGradientDescent``."""
    if not are_large(w, g):
        return np.asarray(w - g * rate)
    new = empty_like(w)
    kernels.sgd(w.ravel(), g.ravel(), rate, new.ravel())
    return new
