"""softmax_cross_entropy: the loss of a classifier, the mean over a batch.

    p[n, k] = e^x[n, k] / Σ_j e^x[n, j]          L = -1/N Σ_n ln p[n, label[n]]

Logits x of shape (N, K) and labels of shape (N,) -> one number.

To derive.  ln p[n, label] = x[n, label] - ln Σ_j e^x[n, j].  The derivative of the first term by
x[n, k] is 1 for k = label, and 0 for the others; that of the second is p[n, k]: find out why.  Then
put in the sign, the mean over the N samples, and g, one number: the cotangent of L.
"""

import numpy as np

Array = np.ndarray


def softmax(x: Array) -> Array:
    """p, of the shape of x: rows that sum to 1."""
    e = np.exp(x - x.max(-1, keepdims=True))  # the same p, and e^x cannot overflow
    return e / e.sum(-1, keepdims=True)


def forward(x: Array, labels: Array) -> Array:
    """L, of shape ()."""
    return -np.log(softmax(x)[np.arange(len(x)), labels]).mean()


def vjp(g: Array, x: Array, labels: Array) -> Array:
    """gx, of shape (N, K); g has shape ()."""
    raise NotImplementedError("write gx")
