"""batch_normalization: each channel with mean 0 and variance 1 over the batch, as in training.

    z = (x - mean) / √(variance + ε)          y = z γ + β

Mean and variance are those of the batch, for each channel: x has shape (N, C), γ and β (C,).

To derive.  γ and β are easy: each is in N numbers of y.  For x, the mean and the variance are
functions of x too: a pixel that moves takes them along.  With gz = g γ, three terms come together,

    gx = (gz - what came through the mean - what came through the variance) / √(variance + ε)

and both of the latter are means over the batch: one of gz, and one of gz z, which is then times z.
Check: the sum of gx over the batch is 0, since y does not change when all x move alike.

Source: S. Ioffe, C. Szegedy, "Batch Normalization", 2015, section 3.
"""

import numpy as np

Array = np.ndarray


def forward(x: Array, gamma: Array, beta: Array, epsilon: float) -> Array:
    """y, of the shape of x."""
    z = (x - x.mean(0)) / np.sqrt(x.var(0) + epsilon)
    return z * gamma + beta


def vjp(
    g: Array, x: Array, gamma: Array, beta: Array, epsilon: float
) -> tuple[Array, Array, Array]:
    """gx of shape (N, C), ggamma and gbeta of shape (C,); g has the shape of x."""
    raise NotImplementedError("write gx, ggamma and gbeta")
