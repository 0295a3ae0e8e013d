"""bias_add: one number for each channel, added to all that is in the channel.

    y[n, h, w, c] = x[n, h, w, c] + b[c]          (N, H, W, C) + (C,) -> (N, H, W, C)

To derive.  x[n, h, w, c] is in one number of y only.  b[c] is in N H W of them, and a loss that
depends on one thing in several places moves by the sum of what each place contributes.  This is so
wherever a forward pass broadcasts: what was repeated on the way forward is summed on the way back.
"""

import numpy as np

Array = np.ndarray


def forward(x: Array, b: Array) -> Array:
    """y, of the shape of x."""
    return x + b


def vjp(g: Array, x: Array, b: Array) -> tuple[Array, Array]:
    """gx of shape (N, H, W, C) and gb of shape (C,); g has the shape of x."""
    raise NotImplementedError("write gx and gb")
