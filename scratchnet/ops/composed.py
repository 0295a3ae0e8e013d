"""The fused and kernel-backed ops once more, each in a few lines of small ops: definitions to read.

These are slow and complete: differentiable to any order through the small ops they are made of, so
they are also a second oracle for the fused ones.  `TWINS` pairs each with the op that it defines.
They check nothing: the fused ops do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from scratchnet.engine.tensor import Tensor
from scratchnet.ops import activations
from scratchnet.ops.comparison import where
from scratchnet.ops.concat_split import split, stack, unstack
from scratchnet.ops.creation import cast, ones_like
from scratchnet.ops.exponential import exp, log, sqrt
from scratchnet.ops.extrema import maximum
from scratchnet.ops.indexing import getitem
from scratchnet.ops.layout import pad
from scratchnet.ops.matmul import matmul, tensordot
from scratchnet.ops.reduce import reduce_mean, reduce_sum
from scratchnet.ops.sequence import one_hot
from scratchnet.ops.shape import reshape, transpose
from scratchnet.ops.window import Pads, Pair, output_size, two, window_pads


def _windows(
    x: Tensor, window: Pair, strides: Pair, pads: Pads, dilations: Pair, fill: float
) -> Any:
    """For each tap (a, b) of the receptive fields, the pixels there: (N, oh, ow, C)."""
    _, H, W, _ = x._data.shape
    padded = pad(x, [(0, 0), *pads, (0, 0)], constant_values=fill)
    (kh, kw), (sh, sw), (dh, dw) = window, strides, dilations
    oh = output_size(H, kh, sh, dh, *pads[0])
    ow = output_size(W, kw, sw, dw, *pads[1])
    for a in range(kh):
        for b in range(kw):
            rows = slice(a * dh, a * dh + (oh - 1) * sh + 1, sh)
            columns = slice(b * dw, b * dw + (ow - 1) * sw + 1, sw)
            yield getitem(padded, (slice(None), rows, columns))


def conv2d(x: Tensor, k: Tensor, strides: Any, padding: Any, dilations: Any = 1) -> Tensor:
    """``Σ_abc x[n, i sh + a dh - top, j sw + b dw - left, c] k[a, b, c, o]``."""
    kh, kw, *depths = k._data.shape
    steps, gaps = two("conv2d", "strides", strides), two("conv2d", "dilations", dilations)
    pads = _pads(x, (kh, kw), steps, gaps, padding)
    cells = stack(list(_windows(x, (kh, kw), steps, pads, gaps, 0.0)), axis=3)
    return tensordot(cells, reshape(k, [kh * kw, *depths]), [[3, 4], [0, 1]])  # (N, oh, ow, O)


def fused_conv2d(
    x: Tensor,
    k: Tensor,
    b: Tensor,
    strides: Any,
    padding: Any,
    dilations: Any = 1,
    activation: str | None = None,
) -> Tensor:
    """``conv2d(x, k) + b``, then `activation`."""
    y = conv2d(x, k, strides, padding, dilations) + b
    return relu(y) if activation == "relu" else y


def conv2d_transpose(
    x: Tensor,
    k: Tensor,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    dilations: Any = 1,
) -> Tensor:
    """``Σ_abo x[n, i, j, o] k[a, b, c, o]`` where tap (a, b) of (i, j) is (h, w).

    A convolution of x, with zeros between its pixels, with the filters turned round.
    """
    (N, h, w, O), (kh, kw, _, _) = x._data.shape, k._data.shape
    H, W = output_shape[1:3]
    steps = two("conv2d_transpose", "strides", strides)
    gaps = two("conv2d_transpose", "dilations", dilations)
    pads = window_pads("composed", (H, W), (kh, kw), steps, gaps, padding)
    (sh, sw), (eh, ew) = steps, [(n - 1) * d for n, d in zip((kh, kw), gaps, strict=True)]
    between = [(0, 0), (0, 0), (0, sh - 1), (0, 0), (0, sw - 1), (0, 0)]
    spread = pad(reshape(x, [N, h, 1, w, 1, O]), between)
    spread = reshape(spread, [N, h * sh, w * sw, O])
    # So that as much lies before the first pixel, and after the last, as the filters reach.
    top, left = eh - pads[0][0], ew - pads[1][0]
    below, right = H + eh - h * sh - top, W + ew - w * sw - left
    spread = _cut_or_padded(spread, (top, below), (left, right))
    turned = transpose(getitem(k, (slice(None, None, -1), slice(None, None, -1))), [0, 1, 3, 2])
    return conv2d(spread, turned, 1, "VALID", gaps)


def _cut_or_padded(x: Tensor, rows: Pair, columns: Pair) -> Tensor:
    """`x` with so many rows and columns more at its ends; fewer, where that is negative."""
    _, h, w, _ = x._data.shape
    kept = [
        slice(max(-first, 0), n - max(-last, 0)) for n, (first, last) in ((h, rows), (w, columns))
    ]
    x = getitem(x, (slice(None), *kept))
    more = [(max(first, 0), max(last, 0)) for first, last in (rows, columns)]
    return pad(x, [(0, 0), *more, (0, 0)])


def fused_conv2d_transpose(
    x: Tensor,
    k: Tensor,
    b: Tensor,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    dilations: Any = 1,
    activation: str | None = None,
) -> Tensor:
    """``conv2d_transpose(x, k) + b``, then `activation`."""
    y = conv2d_transpose(x, k, output_shape, strides, padding, dilations) + b
    return relu(y) if activation == "relu" else y


def _pads(x: Tensor, window: Pair, strides: Pair, dilations: Pair, padding: Any) -> Pads:
    _, H, W, _ = x._data.shape
    return window_pads("composed", (H, W), window, strides, dilations, padding)


def max_pool2d(x: Tensor, ksize: Any, strides: Any, padding: Any) -> Tensor:
    """``max_ab x[n, i sh + a - top, j sw + b - left, c]``; the first of several takes all."""
    window, steps = two("max_pool2d", "ksize", ksize), two("max_pool2d", "strides", strides)
    pads = _pads(x, window, steps, (1, 1), padding)
    cells = _windows(x, window, steps, pads, (1, 1), float("-inf"))
    best: Tensor = next(cells)
    for cell in cells:
        best = maximum(best, cell)  # on a tie `maximum` keeps its first argument, and its gradient
    return best


def pooled_conv2d(
    x: Tensor,
    k: Tensor,
    b: Tensor,
    strides: Any,
    padding: Any,
    pool_size: Any,
    dilations: Any = 1,
    activation: str | None = None,
) -> Tensor:
    """``max_pool2d(fused_conv2d(x, k, b))``, in windows that do not overlap."""
    y = fused_conv2d(x, k, b, strides, padding, dilations, activation)
    return max_pool2d(y, pool_size, pool_size, "VALID")


def avg_pool2d(x: Tensor, ksize: Any, strides: Any, padding: Any) -> Tensor:
    """``Σ_ab x[n, i sh + a - top, j sw + b - left, c] / count`` of the real cells."""
    window, steps = two("avg_pool2d", "ksize", ksize), two("avg_pool2d", "strides", strides)
    pads = _pads(x, window, steps, (1, 1), padding)
    total = reduce_sum(stack(list(_windows(x, window, steps, pads, (1, 1), 0.0))), 0)
    count = reduce_sum(stack(list(_windows(ones_like(x), window, steps, pads, (1, 1), 0.0))), 0)
    return total / count


def sigmoid(x: Tensor) -> Tensor:
    """``1 / (1 + e⁻ˣ)``."""
    return 1 / (1 + exp(-x))


def tanh(x: Tensor) -> Tensor:
    """``(eˣ - e⁻ˣ) / (eˣ + e⁻ˣ)``."""
    return (exp(x) - exp(-x)) / (exp(x) + exp(-x))


def softplus(features: Tensor) -> Tensor:
    """``ln(1 + eˣ)``."""
    return log(1 + exp(features))


def relu(features: Tensor) -> Tensor:
    """``x`` where ``x > 0``, else 0."""
    return where(features > 0, features, 0)


def leaky_relu(features: Tensor, alpha: float = 0.2) -> Tensor:
    """``x`` where ``x > 0``, else ``alpha x``."""
    return where(features > 0, features, features * float(np.float32(alpha)))


def add_relu(x: Tensor, y: Tensor) -> Tensor:
    """``relu(x + y)``."""
    return relu(x + y)


def softmax(logits: Tensor, axis: int = -1) -> Tensor:
    """``e^x_i / Σ_j e^x_j``."""
    e = exp(logits)
    return e / reduce_sum(e, axis, keepdims=True)


def log_softmax(logits: Tensor, axis: int = -1) -> Tensor:
    """``ln softmax(x)``."""
    return log(softmax(logits, axis))


def softmax_cross_entropy_with_logits(labels: Tensor, logits: Tensor, axis: int = -1) -> Tensor:
    """``-Σ_i labels_i ln softmax(logits)_i``."""
    return -reduce_sum(labels * log(softmax(logits, axis)), axis)


def sparse_softmax_cross_entropy_with_logits(labels: Tensor, logits: Tensor) -> Tensor:
    """``-ln softmax(logits)[label]``: the cross-entropy of one-hot labels."""
    target = one_hot(labels, logits._data.shape[-1], dtype=logits._data.dtype)
    return softmax_cross_entropy_with_logits(target, logits)


def batch_normalization(
    x: Tensor,
    mean: Tensor,
    variance: Tensor,
    offset: Tensor,
    scale: Tensor,
    variance_epsilon: float,
) -> Tensor:
    """``(x - mean) / √(variance + ε) scale + offset``."""
    return (x - mean) / sqrt(variance + variance_epsilon) * scale + offset


def fused_batch_norm(
    x: Tensor,
    scale: Tensor,
    offset: Tensor,
    mean: Tensor | None = None,
    variance: Tensor | None = None,
    epsilon: float = 0.001,
    is_training: bool = True,
    activation: str | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """``activation((x - μ) scale / sqrt(σ² + epsilon) + offset)``, by `moments` in training."""
    center: Any = mean
    spread: Any = variance
    if is_training:
        center, spread = moments(x, list(range(x._data.ndim - 1)))
    y = batch_normalization(x, center, spread, offset, scale, epsilon)
    return relu(y) if activation == "relu" else y, center, spread


def fused_batch_norm_add_relu(
    x: Tensor, side_input: Tensor, scale: Tensor, offset: Tensor, epsilon: float = 0.001
) -> tuple[Tensor, Tensor, Tensor]:
    """``relu(fused_batch_norm(x, …) + side_input)``, and the moments."""
    y, mean, variance = fused_batch_norm(x, scale, offset, epsilon=epsilon)
    return relu(y + side_input), mean, variance


def moments(
    x: Tensor, axes: Any, shift: None = None, keepdims: bool = False
) -> tuple[Tensor, Tensor]:
    """``Σ x / n`` and ``Σ (x - mean)² / n``."""
    deviation = x - reduce_mean(x, axes, keepdims=True)
    return reduce_mean(x, axes, keepdims), reduce_mean(deviation * deviation, axes, keepdims)


def drop(x: Tensor, keep: Tensor, rate: float) -> Tensor:
    """``x keep / (1 - rate)``."""
    return x * cast(keep, x._data.dtype) / (1 - rate)


def reduce_logsumexp(input_tensor: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
    """``ln Σ eˣ``."""
    return log(reduce_sum(exp(input_tensor), axis, keepdims))


def lstm(x: Tensor, h: Tensor, c: Tensor, u: Tensor, mask: Any = None) -> tuple[Tensor, Tensor]:
    """``c' = σ(f) c + σ(i) tanh(g)``, ``h' = σ(o) tanh(c')``, step by step."""
    outputs = []
    for t, x_t in enumerate(unstack(x)):
        i, f, g, o = split(x_t + matmul(h, u), 4, axis=1)
        new_c = activations.sigmoid(f) * c + activations.sigmoid(i) * activations.tanh(g)
        new_h = activations.sigmoid(o) * activations.tanh(new_c)
        h, c = _kept(mask, t, new_h, h), _kept(mask, t, new_c, c)
        outputs.append(h)
    return stack(outputs), c


def gru(x: Tensor, h: Tensor, u: Tensor, d: Tensor, mask: Any = None) -> Tensor:
    """``h' = z h + (1 - z) tanh(x_h + r (h U_h + d_h))``, step by step."""
    outputs = []
    for t, x_t in enumerate(unstack(x)):
        x_z, x_r, x_h = split(x_t, 3, axis=1)
        p_z, p_r, p_h = split(matmul(h, u) + d, 3, axis=1)
        z, r = activations.sigmoid(x_z + p_z), activations.sigmoid(x_r + p_r)
        g = activations.tanh(x_h + r * p_h)
        h = _kept(mask, t, z * h + (1 - z) * g, h)
        outputs.append(h)
    return stack(outputs)


def _kept(mask: Any, t: int, new: Tensor, old: Tensor) -> Tensor:
    """`new` of the samples that step `t` counts for, `old` of the others."""
    return new if mask is None else where(np.asarray(mask)[t][:, None], new, old)


TWINS: dict[str, Callable[..., Any]] = {
    f.__name__: f
    for f in (
        *(conv2d, fused_conv2d, pooled_conv2d, max_pool2d, avg_pool2d),
        *(conv2d_transpose, fused_conv2d_transpose),
        *(sigmoid, tanh, softplus, relu, leaky_relu, add_relu),
        *(softmax, log_softmax),
        *(softmax_cross_entropy_with_logits, sparse_softmax_cross_entropy_with_logits),
        *(moments, batch_normalization, fused_batch_norm, fused_batch_norm_add_relu),
        *(drop, reduce_logsumexp),
        *(lstm, gru),
    )
}
