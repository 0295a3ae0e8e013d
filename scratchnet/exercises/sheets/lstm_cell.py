"""lstm_cell: one step of a long short-term memory, with U units.

    a = x w + h u + b                  (N, 4U), cut into four parts i, f, c̃, o of shape (N, U)
    c' = σ(f) c + σ(i) tanh(c̃)         the new cell state
    h' = σ(o) tanh(c')                 the new hidden state, the output

x of shape (N, D); h and c, the states before, of shape (N, U); w (D, 4U), u (U, 4U), b (4U,).  Both
results come as one array, [h', c'] side by side, of shape (N, 2U), and so does their cotangent g.

To derive.  Go backwards, line by line.  h' reaches the loss by itself; c' does so twice: by itself,
and through h'.  So the cotangent of c' is the sum of two.  Then: σ' = σ (1 - σ), tanh' = 1 - tanh².
The four parts of ga, put side by side again, go back through a = x w + h u + b, which is two
matmuls and a bias_add.

Source: S. Hochreiter, J. Schmidhuber, "Long Short-Term Memory", 1997; Keras's order of the gates.
"""

import numpy as np

Array = np.ndarray


def sigmoid(x: Array) -> Array:
    """σ(x) = 1 / (1 + e^-x)."""
    return 1 / (1 + np.exp(-x))


def forward(x: Array, h: Array, c: Array, w: Array, u: Array, b: Array) -> Array:
    """[h', c'], of shape (N, 2U)."""
    i, f, candidate, o = np.split(x @ w + h @ u + b, 4, axis=1)
    new_c = sigmoid(f) * c + sigmoid(i) * np.tanh(candidate)
    new_h = sigmoid(o) * np.tanh(new_c)
    return np.concatenate([new_h, new_c], axis=1)


def vjp(
    g: Array, x: Array, h: Array, c: Array, w: Array, u: Array, b: Array
) -> tuple[Array, Array, Array, Array, Array, Array]:
    """gx, gh, gc, gw, gu, gb, each of the shape of its argument; g has shape (N, 2U)."""
    raise NotImplementedError("write gx, gh, gc, gw, gu and gb")
