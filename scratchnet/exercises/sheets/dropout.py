"""dropout: some numbers become 0, the others grow, so that the sum stays about the same.

    y = x / (1 - rate) where keep, else 0

`keep` is a mask of booleans of the shape of x, drawn before: it is an argument here, so that the
forward and the backward pass have the same one.

To derive.  Given the mask, y is x times a number: 1 / (1 - rate) or 0.  The derivative is that
number.  (A new mask on the way back would be a wrong gradient, though right on average.)
"""

import numpy as np

Array = np.ndarray


def forward(x: Array, keep: Array, rate: float) -> Array:
    """y, of the shape of x."""
    return np.where(keep, x / (1 - rate), 0)


def vjp(g: Array, x: Array, keep: Array, rate: float) -> Array:
    """gx, of the shape of x; so is g."""
    raise NotImplementedError("write gx")
