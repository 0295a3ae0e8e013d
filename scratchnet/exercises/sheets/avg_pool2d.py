"""avg_pool2d: the mean of each window.

    y[n, i, j, c] = 1/m Σ_ab x[n, i sh + a, j sw + b, c]

(N, H, W, C) -> (N, oh, ow, C).  Windows begin every `strides` pixels, and those at the lower and
right border may stick out: pixels that are not there do not count, so m is smaller there, as with
TensorFlow's padding "SAME".  `counts` is m for each window, of shape (1, oh, ow, 1).

To derive.  Each pixel of a window moves its mean by 1/m of its own move.  So each g[n, i, j, c]
goes to all pixels of its window, divided by the m of that window, and a pixel sums over its
windows.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

Array = np.ndarray
Pair = tuple[int, int]


def padded(x: Array, window: Pair, strides: Pair) -> Array:
    """A copy of x with as many zeros below and to the right as the last windows need."""
    sizes = zip(x.shape[1:3], window, strides, strict=True)
    below, right = (max((-(-size // s) - 1) * s + k - size, 0) for size, k, s in sizes)
    return np.pad(x, ((0, 0), (0, below), (0, right), (0, 0)))


def windows(x: Array, window: Pair, strides: Pair) -> Array:
    """The windows of a padded x, (N, oh, ow, C, kh, kw): a view, and what you add to it, x gets."""
    sh, sw = strides
    return sliding_window_view(x, window, axis=(1, 2), writeable=True)[:, ::sh, ::sw]


def counts(x: Array, window: Pair, strides: Pair) -> Array:
    """How many pixels of x are in each window, of shape (1, oh, ow, 1)."""
    there = np.ones((1, *x.shape[1:3], 1), x.dtype)
    return windows(padded(there, window, strides), window, strides).sum((-2, -1))


def forward(x: Array, window: Pair, strides: Pair) -> Array:
    """y, of shape (N, oh, ow, C)."""
    sums = windows(padded(x, window, strides), window, strides).sum((-2, -1))
    return sums / counts(x, window, strides)


def vjp(g: Array, x: Array, window: Pair, strides: Pair) -> Array:
    """gx, of shape (N, H, W, C); g has shape (N, oh, ow, C).

    Begin with zeros of the shape of a `padded` x, take their `windows`, add to one tap at a time,
    and cut off what was padded.
    """
    raise NotImplementedError("write gx")
