"""The whole idea of scratchnet in one file, to be read from top to bottom and then run.

A program calls ops, and a tape writes down each call.  Read backwards, the tape turns "how does the
loss depend on the output of this call?" into "how does it depend on the inputs?", call by call,
until it arrives at the weights.  That is all there is to ``tape.gradient``.

    python -m scratchnet.tour      trains a small convolutional network on handwritten digits

The engine uses the same names; each headline says where in ``scratchnet/`` the real one is.  That
one checks its arguments, its loops are compiled (``kernels/``), and its VJPs are written in ops, so
they are recorded too and can be differentiated again: it has gradients of any order.  Here a VJP
works on arrays, which is enough for the first.

Notation: N images of H x W pixels and C channels; filters k of kh x kw pixels, O of them; outputs
of oh x ow pixels.  g is the cotangent of an output y, the derivative of the loss by each number of
y; gx, gk, gb are those of the inputs x, k, b.  A VJP (vector-Jacobian product) makes gx of g.

>>> x = np.array([[1.0, 2.0]])
>>> with GradientTape() as tape:
...     tape.watch(x)
...     y = relu(matmul(x, np.array([[3.0], [4.0]])))
>>> y, tape.gradient(y, [x])
(array([[11.]]), [array([[3., 4.]])])
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

Array = np.ndarray[Any, Any]
Pair = tuple[int, int]

# -- Op and Record: a definition, and one call of it -----------------------------------------------
# engine/op.py: Op, Record


@dataclass(frozen=True)
class Op:
    """What can be called: how the output is computed, and one VJP for each input."""

    name: str
    forward: Callable[..., tuple[Any, Any]]  # forward(*inputs, **attrs) -> (output, saved)
    vjps: tuple[Callable[[Array, Record], Any], ...]  # vjps[i](g, record) -> cotangent of input i


@dataclass
class Record:
    """One call of an op.  A tape is a list of these."""

    op: Op
    inputs: tuple[Array, ...]
    output: Array
    saved: Any  # what the forward pass keeps for the VJPs
    attrs: dict[str, Any]  # what has no gradient: strides, labels, masks


# -- apply: run an op, tell the tapes --------------------------------------------------------------
# engine/tensor.py: apply; engine/op.py: ACTIVE

ACTIVE: list[GradientTape] = []  # the tapes that are recording


def apply(op: Op, *inputs: Array, **attrs: Any) -> Array:
    """The output of `op`."""
    out, saved = op.forward(*inputs, **attrs)
    record = Record(op, inputs, np.asarray(out), saved, attrs)
    for tape in ACTIVE:
        tape.record(record)
    return record.output


# -- GradientTape: write down what happens ---------------------------------------------------------
# engine/tape.py: GradientTape


class GradientTape:
    """Writes down what is computed from the arrays that it watches."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.tracked: dict[int, Array] = {}  # by id, which stays theirs as they are kept here

    def __enter__(self) -> Self:
        ACTIVE.append(self)
        return self

    def __exit__(self, *error: object) -> None:
        ACTIVE.remove(self)

    def watch(self, *arrays: Array) -> None:
        """Track `arrays`: a gradient can flow to them."""
        self.tracked.update({id(x): x for x in arrays})

    def record(self, record: Record) -> None:
        """Keep `record` if one of its inputs is tracked; then its output is tracked too."""
        if any(id(x) in self.tracked for x in record.inputs):
            self.records.append(record)
            self.watch(record.output)

    def gradient(self, target: Array, sources: list[Array], g: Any = 1.0) -> list[Any]:
        """The derivative of ``Σ g target`` by each source; None where there is no way to it."""
        grads = {id(target): np.ones_like(target) * g}
        backward(reversed(self.records), grads, self.tracked)
        return [grads.get(id(x)) for x in sources]


# -- backward: read the tape from its end ----------------------------------------------------------
# engine/backward.py: backward


def backward(records: Iterable[Record], grads: dict[int, Array], tracked: dict[int, Array]) -> None:
    """Carry cotangents from outputs to inputs, last record first.  `grads` is filled: id -> g.

    An array is made before it is used.  So when the loop meets the record that made an array, it
    has been through all its uses, and the array's cotangent, the sum over them, is complete.
    """
    for record in records:
        g = grads.get(id(record.output))
        if g is None:
            continue  # the target does not depend on this output
        for x, vjp in zip(record.inputs, record.op.vjps, strict=True):
            if id(x) in tracked:
                gx, known = vjp(g, record), grads.get(id(x))
                grads[id(x)] = gx if known is None else known + gx


# -- matmul, bias_add, relu, reshape ---------------------------------------------------------------
# ops/matmul.py: matmul; ops/arithmetic.py: bias_add; ops/rectifiers.py: relu; ops/shape.py: reshape


def matmul(a: Array, b: Array) -> Array:
    """``y = a b``: (n, m), (m, k) -> (n, k).  VJP: ``ga = g bᵀ``, ``gb = aᵀ g``."""
    return apply(MATMUL, a, b)


MATMUL = Op(
    "matmul",
    forward=lambda a, b: (a @ b, None),
    vjps=(
        lambda g, record: g @ record.inputs[1].T,  # (n, k) @ (k, m) -> (n, m)
        lambda g, record: record.inputs[0].T @ g,  # (m, n) @ (n, k) -> (m, k)
    ),
)


def bias_add(x: Array, bias: Array) -> Array:
    """``y = x + b``: (…, O), (O,) -> (…, O).  VJP: ``gx = g``, ``gb = Σ g`` over the other axes."""
    return apply(BIAS_ADD, x, bias)


BIAS_ADD = Op(
    "bias_add",
    forward=lambda x, bias: (x + bias, None),
    vjps=(
        lambda g, record: g,
        lambda g, record: g.reshape(-1, g.shape[-1]).sum(0),  # (…, O) -> (n, O) -> (O,)
    ),
)


def relu(x: Array) -> Array:
    """``y = max(x, 0)``.  VJP: ``gx = g [y > 0]``."""
    return apply(RELU, x)


RELU = Op(
    "relu",
    forward=lambda x: (np.maximum(x, 0), None),
    vjps=(lambda g, record: np.where(record.output > 0, g, 0),),
)


def reshape(x: Array, shape: tuple[int, ...]) -> Array:
    """The numbers of x in another shape.  VJP: ``gx``, those of g in the shape of x."""
    return apply(RESHAPE, x, shape=shape)


RESHAPE = Op(
    "reshape",
    forward=lambda x, shape: (x.reshape(shape), None),
    vjps=(lambda g, record: g.reshape(record.inputs[0].shape),),
)

# -- conv2d: weighted sums over a sliding window ---------------------------------------------------
# ops/conv2d.py: conv2d, conv2d_backprop_input, conv2d_backprop_filter;
# kernels/conv2d.py: forward, input_gradient, filter_gradient


def windows(x: Array, window: Pair, strides: Pair) -> Array:
    """``windows[n, i, j, c, a, b] = x[n, i sh + a, j sw + b, c]``: a view, nothing is copied."""
    sh, sw = strides
    return sliding_window_view(x, window, axis=(1, 2), writeable=True)[:, ::sh, ::sw]


def conv2d(x: Array, k: Array, strides: Pair) -> Array:
    """``y[n, i, j, o] = Σ_abc x[n, i sh + a, j sw + b, c] k[a, b, c, o]``, without padding.

    VJP: ``gx[n, h, w, c]`` = Σ ``g[n, i, j, o] k[a, b, c, o]`` where h = i sh + a, w = j sw + b;
    ``gk[a, b, c, o] = Σ_nij x[n, i sh + a, j sw + b, c] g[n, i, j, o]``.
    """
    return apply(CONV2D, x, k, strides=strides)


def _conv2d(x: Array, k: Array, strides: Pair) -> tuple[Array, None]:
    patches = windows(x, k.shape[:2], strides)  # (N, H, W, C) -> (N, oh, ow, C, kh, kw)
    return np.einsum("nijcab,abco->nijo", patches, k, optimize=True), None


def _conv2d_gx(g: Array, record: Record) -> Array:
    x, k = record.inputs
    gx = np.zeros_like(x)
    patches = windows(gx, k.shape[:2], **record.attrs)  # a view: what is added here, is added to gx
    for a, b in np.ndindex(k.shape[:2]):  # windows overlap, but not in one and the same cell
        patches[..., a, b] += g @ k[a, b].T  # (N, oh, ow, O) @ (O, C) -> (N, oh, ow, C)
    return gx


def _conv2d_gk(g: Array, record: Record) -> Any:
    x, k = record.inputs
    patches = windows(x, k.shape[:2], **record.attrs)
    return np.einsum("nijcab,nijo->abco", patches, g, optimize=True)


CONV2D = Op("conv2d", _conv2d, vjps=(_conv2d_gx, _conv2d_gk))

# -- max_pool2d: the largest number of each window -------------------------------------------------
# ops/pool2d.py: max_pool2d; kernels/pool2d.py: max_pool


def max_pool2d(x: Array, window: Pair, strides: Pair) -> Array:
    """``y[n, i, j, c] = max_ab x[n, i sh + a, j sw + b, c]``, without padding.

    VJP: each g goes to the pixel that was the largest; of several, to the first, row by row.
    """
    return apply(MAX_POOL2D, x, window=window, strides=strides)


def _max_pool2d(x: Array, window: Pair, strides: Pair) -> tuple[Array, Array]:
    patches = windows(x, window, strides)  # (N, oh, ow, C, kh, kw)
    cells = patches.reshape(*patches.shape[:4], -1)  # (N, oh, ow, C, kh kw)
    return cells.max(-1), cells.argmax(-1)  # `argmax` is the first of several, as in TensorFlow


def _max_pool2d_gx(g: Array, record: Record) -> Array:
    gx, argmax = np.zeros_like(record.inputs[0]), record.saved
    patches = windows(gx, **record.attrs)
    for cell, (a, b) in enumerate(np.ndindex(record.attrs["window"])):
        patches[..., a, b] += np.where(argmax == cell, g, 0)
    return gx


MAX_POOL2D = Op("max_pool2d", _max_pool2d, vjps=(_max_pool2d_gx,))

# -- drop: dropout, its mask given -----------------------------------------------------------------
# ops/dropout.py: drop, dropout


def drop(x: Array, keep: Array, rate: float) -> Array:
    """``y = x / (1 - rate)`` where `keep`, else 0.  VJP: ``gx = g / (1 - rate)`` there, else 0."""
    return apply(DROP, x, keep=keep, rate=rate)


def _drop(x: Array, keep: Array, rate: float) -> tuple[Array, None]:
    return np.where(keep, x / (1 - rate), 0), None


DROP = Op("drop", _drop, vjps=(lambda g, record: _drop(g, **record.attrs)[0],))

# -- the loss: softmax and cross-entropy in one, and the mean of a batch ---------------------------
# ops/softmax.py: sparse_softmax_cross_entropy_with_logits; ops/reduce.py: reduce_mean


def sparse_softmax_cross_entropy_with_logits(labels: Array, logits: Array) -> Array:
    """``y = -ln p[label]`` with ``p = softmax(x) = e^x / Σ e^x``: (N,), (N, classes) -> (N,).

    VJP: ``gx = g (p - t)``, where the target t is 1 at the label and 0 elsewhere.
    """
    return apply(SPARSE_SOFTMAX_CROSS_ENTROPY, logits, labels=labels)


def _sparse_cross_entropy(x: Array, labels: Array) -> tuple[Array, Array]:
    z = x - x.max(-1, keepdims=True)  # has the same p, and e^z cannot overflow
    log_p = z - np.log(np.exp(z).sum(-1, keepdims=True))
    return -log_p[np.arange(len(x)), labels], np.exp(log_p)


def _sparse_cross_entropy_gx(g: Array, record: Record) -> Any:
    p = record.saved
    target = np.arange(p.shape[1]) == record.attrs["labels"][:, None]  # (N, classes)
    return g[:, None] * (p - target)


SPARSE_SOFTMAX_CROSS_ENTROPY = Op(
    "sparse_softmax_cross_entropy_with_logits",
    _sparse_cross_entropy,
    vjps=(_sparse_cross_entropy_gx,),
)


def reduce_mean(x: Array) -> Array:
    """``y = Σ x / n``, one number.  VJP: ``gx = g / n``, for each of the n."""
    return apply(REDUCE_MEAN, x)


REDUCE_MEAN = Op(
    "reduce_mean",
    forward=lambda x: (x.mean(), None),
    vjps=(lambda g, record: np.full_like(record.inputs[0], g / record.inputs[0].size),),
)

# -- a network, and a step of gradient descent -----------------------------------------------------
# train/network.py: seed_network; train/training.py: fit_by_hand; keras/optimizers/sgd.py: SGD;
# keras/initializers/random.py: GlorotUniform


def make_weights(rng: np.random.Generator) -> list[Array]:
    """Of a convolution, a dense layer of 32 and one of 10: matrices at random, biases 0."""
    shapes = (3, 3, 1, 8), (8,), (6 * 6 * 8, 32), (32,), (32, 10), (10,)
    return [glorot_uniform(rng, s) if len(s) > 1 else np.zeros(s, np.float32) for s in shapes]


def glorot_uniform(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Random numbers so small that what passes through keeps its size, forward and back."""
    *field, inputs, outputs = shape
    limit = np.sqrt(6 / ((inputs + outputs) * np.prod(field)))
    return rng.uniform(-limit, limit, shape).astype(np.float32)


def network(weights: list[Array], x: Array, keep: Array | None = None) -> Array:
    """Images (N, 28, 28, 1) -> logits (N, 10).  `keep` is the mask of dropout, None without."""
    k, b, w1, b1, w2, b2 = weights
    h = relu(bias_add(conv2d(x, k, strides=(2, 2)), b))  # (N, 13, 13, 8)
    h = max_pool2d(h, (3, 3), strides=(2, 2))  # (N, 6, 6, 8)
    h = reshape(h, (len(x), -1))  # (N, 288)
    h = relu(bias_add(matmul(h, w1), b1))  # (N, 32)
    h = h if keep is None else drop(h, keep, rate=0.25)
    return bias_add(matmul(h, w2), b2)  # (N, 10)


def loss_and_gradients(
    weights: list[Array], x: Array, labels: Array, keep: Array | None = None
) -> tuple[Array, list[Any]]:
    """The mean cross-entropy of a batch, and its derivatives by the weights."""
    with GradientTape() as tape:
        tape.watch(*weights)
        logits = network(weights, x, keep)
        loss = reduce_mean(sparse_softmax_cross_entropy_with_logits(labels, logits))
    return loss, tape.gradient(loss, weights)


def sgd(weights: list[Array], gradients: list[Array], learning_rate: float) -> None:
    """``w ← w - learning_rate gw``, in place."""
    for w, gw in zip(weights, gradients, strict=True):
        w -= learning_rate * gw


# -- the run ---------------------------------------------------------------------------------------


def slopes(weights: list[Array], x: Array, labels: Array, rng: np.random.Generator) -> Any:
    """How steep the loss is where the weights move in a random direction d, found in two ways.

    By the tape: ``Σ gw d``.  By central differences: ``(loss(w + ε d) - loss(w - ε d)) / 2ε``.
    They agree unless relu has its kink in between, as at black pixels while all biases are 0.
    """
    weights = [w.astype(np.float64) for w in weights]
    direction = [rng.normal(size=w.shape) for w in weights]

    def loss_at(step: float) -> Array:
        moved = [w + step * d for w, d in zip(weights, direction, strict=True)]
        return loss_and_gradients(moved, x, labels)[0]

    _, gradients = loss_and_gradients(weights, x, labels)
    by_tape = sum(np.vdot(gw, d) for gw, d in zip(gradients, direction, strict=True))
    return by_tape, (loss_at(1e-6) - loss_at(-1e-6)) / 2e-6


def main(epochs: int = 5, batch_size: int = 16, learning_rate: float = 0.1) -> None:
    """Train on the embedded digits, and print what is learned."""
    from scratchnet.keras.datasets.digits import load_data

    (x, y), (x_test, y_test) = load_data()
    x, x_test = (images[..., None].astype(np.float32) / 255 for images in (x, x_test))
    rng = np.random.default_rng(0)
    weights = make_weights(rng)
    for epoch in range(1, epochs + 1):
        losses = []
        for batch in np.split(rng.permutation(len(x)), range(batch_size, len(x), batch_size)):
            keep = rng.random((len(batch), 32)) >= 0.25
            loss, gradients = loss_and_gradients(weights, x[batch], y[batch], keep)
            sgd(weights, gradients, learning_rate)
            losses.append(loss)
        accuracy = (network(weights, x_test).argmax(-1) == y_test).mean()
        print(f"Epoch {epoch}/{epochs} - loss: {np.mean(losses):.4f} - accuracy: {accuracy:.4f}")
    by_tape, by_differences = slopes(weights, x[:32], y[:32], rng)
    print(
        "Compared: the slope of the loss in a random direction; "
        f"the tape: {by_tape:.9f}, central differences: {by_differences:.9f}"
    )


if __name__ == "__main__":
    main()
