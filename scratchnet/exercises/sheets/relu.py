"""relu: what is positive passes.

    y = max(x, 0)

To derive.  The derivative of y by x is 1 where x > 0 and 0 where x < 0.  At x = 0 there is none;
TensorFlow takes 0 there, and so should you.  The cotangent g may be of either sign anywhere: it is
x that says where it passes.
"""

import numpy as np

Array = np.ndarray


def forward(x: Array) -> Array:
    """y, of the shape of x."""
    return np.maximum(x, 0)


def vjp(g: Array, x: Array) -> Array:
    """gx, of the shape of x; so is g."""
    raise NotImplementedError("write gx")
