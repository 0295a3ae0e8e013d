"""conv2d_input: a convolution, and its gradient by the images.

    y[n, i, j, o] = Σ_abc x[n, i sh + a, j sw + b, c] k[a, b, c, o]

without padding: (N, H, W, C) images, (kh, kw, C, O) filters -> (N, oh, ow, O).  `windows` shows
each receptive field of x, as a view: windows(x)[n, i, j, c, a, b] is x[n, i sh + a, j sw + b, c].

To derive.  Write the loss as L = Σ g[n, i, j, o] y[n, i, j, o].  For one tap (a, b) of the filter,
pixel (i sh + a, j sw + b) of x was multiplied by k[a, b], a matrix of shape (C, O), and became part
of y[n, i, j].  On the way back it receives g[n, i, j] times that matrix, transposed.  A pixel is in
several windows, so what it receives is summed over the taps.  (The filter is not turned round here:
it is the pixels that look back at the outputs.  Written as one convolution over g, it would be.)
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

Array = np.ndarray


def windows(x: Array, kh: int, kw: int, strides: tuple[int, int]) -> Array:
    """The receptive fields, (N, oh, ow, C, kh, kw): a view, and what you add to it, x gets."""
    sh, sw = strides
    return sliding_window_view(x, (kh, kw), axis=(1, 2), writeable=True)[:, ::sh, ::sw]


def forward(x: Array, k: Array, strides: tuple[int, int]) -> Array:
    """y, of shape (N, oh, ow, O)."""
    fields = windows(np.array(x), *k.shape[:2], strides)
    return np.einsum("nijcab,abco->nijo", fields, k)


def vjp(g: Array, x: Array, k: Array, strides: tuple[int, int]) -> Array:
    """gx, of shape (N, H, W, C); g has shape (N, oh, ow, O).

    Begin with zeros of the shape of x, take their `windows`, and add to one tap at a time:
    windows do overlap, but never in the same tap.
    """
    raise NotImplementedError("write gx")
