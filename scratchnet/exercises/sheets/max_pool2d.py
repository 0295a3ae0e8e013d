"""max_pool2d: the largest number of each window.

    y[n, i, j, c] = max_ab x[n, i sh + a, j sw + b, c]

without padding: (N, H, W, C) -> (N, oh, ow, C).  `windows` shows each window of x, as a view.

To derive.  Move one pixel a little.  Where it is the largest of its window, y moves with it, one to
one; else y stays.  So each g[n, i, j, c] goes to one pixel, whole.  Windows may overlap: a pixel
that is the largest of several receives the sum.  Where several pixels of a window are the largest,
there is no derivative; TensorFlow gives all of g to the first, row by row, and so should you.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

Array = np.ndarray
Pair = tuple[int, int]


def windows(x: Array, window: Pair, strides: Pair) -> Array:
    """The windows, (N, oh, ow, C, kh, kw): a view, and what you add to it, x gets."""
    sh, sw = strides
    return sliding_window_view(x, window, axis=(1, 2), writeable=True)[:, ::sh, ::sw]


def forward(x: Array, window: Pair, strides: Pair) -> Array:
    """y, of shape (N, oh, ow, C)."""
    return windows(np.array(x), window, strides).max((-2, -1))


def vjp(g: Array, x: Array, window: Pair, strides: Pair) -> Array:
    """gx, of shape (N, H, W, C); g has shape (N, oh, ow, C).

    Begin with zeros of the shape of x, take their `windows`, and add to one tap at a time.
    """
    raise NotImplementedError("write gx")
