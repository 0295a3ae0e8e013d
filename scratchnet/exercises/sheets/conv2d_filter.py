"""conv2d_filter: a convolution, and its gradient by the filters.

    y[n, i, j, o] = Σ_abc x[n, i sh + a, j sw + b, c] k[a, b, c, o]

without padding: (N, H, W, C) images, (kh, kw, C, O) filters -> (N, oh, ow, O).  `windows` shows
each receptive field of x, as a view: windows(x)[n, i, j, c, a, b] is x[n, i sh + a, j sw + b, c].

To derive.  Write the loss as L = Σ g[n, i, j, o] y[n, i, j, o].  What stands beside one single
weight k[a, b, c, o] in this sum?  For each place (n, i, j) of the filter: the pixel under its tap
(a, b), times the cotangent there.  One product, summed over all places; nothing is turned round.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

Array = np.ndarray


def windows(x: Array, kh: int, kw: int, strides: tuple[int, int]) -> Array:
    """The receptive fields, of shape (N, oh, ow, C, kh, kw)."""
    sh, sw = strides
    return sliding_window_view(x, (kh, kw), axis=(1, 2))[:, ::sh, ::sw]


def forward(x: Array, k: Array, strides: tuple[int, int]) -> Array:
    """y, of shape (N, oh, ow, O)."""
    return np.einsum("nijcab,abco->nijo", windows(x, *k.shape[:2], strides), k)


def vjp(g: Array, x: Array, k: Array, strides: tuple[int, int]) -> Array:
    """gk, of shape (kh, kw, C, O); g has shape (N, oh, ow, O)."""
    raise NotImplementedError("write gk")
