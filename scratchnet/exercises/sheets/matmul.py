"""matmul: the product of two matrices.

    y = a b          y[n, k] = Σ_m a[n, m] b[m, k]          (n, m) (m, k) -> (n, k)

A VJP answers: if the loss moves by g[n, k] for each unit of y[n, k], by how much does it move for
each unit of a[n, m], and of b[m, k]?

To derive.  Write out the loss as L = Σ_nk g[n, k] Σ_m a[n, m] b[m, k].  What stands beside one
single a[n, m] in this sum is ga[n, m]; what stands beside one b[m, k] is gb[m, k].  Then look for
the matrix product that says the same: the shapes leave hardly any choice.
"""

import numpy as np

Array = np.ndarray


def forward(a: Array, b: Array) -> Array:
    """y, of shape (n, k)."""
    return a @ b


def vjp(g: Array, a: Array, b: Array) -> tuple[Array, Array]:
    """ga of shape (n, m) and gb of shape (m, k); g has shape (n, k)."""
    raise NotImplementedError("write ga and gb")
