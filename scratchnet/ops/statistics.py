"""Log-sum-exp, variance and norms: composed of reductions, and differentiated through them.

`axis` and `keepdims` are as in `scratchnet.ops.reduce`.

Raises, all of them: InvalidArgumentError for an axis out of range or named twice, and (also a
TypeError) for a dtype that is not floating; ValueError for what is no tensor.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine.errors import say
from scratchnet.engine.op import Op, register
from scratchnet.engine.tensor import Tensor, TensorLike
from scratchnet.ops.check import axes, floating
from scratchnet.ops.elementary import exp, log, sqrt
from scratchnet.ops.reduce import reduce_max, reduce_mean, reduce_sum
from scratchnet.ops.shape import squeeze
from scratchnet.ops.unary import abs, square


def reduce_logsumexp(input_tensor: TensorLike, axis: Any = None, keepdims: bool = False) -> Tensor:
    """``y = m + log Σ e^(x - m)``, ``m = max x`` (0 where that is infinite).

    VJP: ``gx = g↑ softmax(x)``.

    Reference: ``tf.math.reduce_logsumexp``.

    >>> reduce_logsumexp([1000.0, 1000.0]).numpy().round(2)
    np.float32(1000.69)
    """
    x = floating("reduce_logsumexp", "input_tensor", input_tensor)
    reduced = axes("reduce_logsumexp", "axis", axis, x._data.ndim)
    top = reduce_max(x, reduced, keepdims=True)._data
    m = Tensor(np.where(np.isfinite(top), top, 0).astype(top.dtype))  # a constant: it cancels out
    y = log(reduce_sum(exp(x - m), reduced, keepdims=True)) + m
    return y if keepdims or not reduced else squeeze(y, reduced)


def reduce_variance(input_tensor: TensorLike, axis: Any = None, keepdims: bool = False) -> Tensor:
    """``y = mean((x - mean x)²)``: the biased variance.  Reference: ``tf.math.reduce_variance``.

    >>> reduce_variance([1.0, 2.0, 3.0, 4.0]).numpy()
    np.float32(1.25)
    """
    return _variance("reduce_variance", input_tensor, axis, keepdims)


def _variance(where: str, input_tensor: TensorLike, axis: Any, keepdims: bool) -> Tensor:
    x = floating(where, "input_tensor", input_tensor)
    reduced = axes(where, "axis", axis, x._data.ndim)
    return reduce_mean(square(x - reduce_mean(x, reduced, keepdims=True)), reduced, keepdims)


def reduce_std(input_tensor: TensorLike, axis: Any = None, keepdims: bool = False) -> Tensor:
    """``y = √variance``.  Reference: ``tf.math.reduce_std``.

    >>> reduce_std([1.0, 3.0]).numpy()
    np.float32(1.0)
    """
    return sqrt(_variance("reduce_std", input_tensor, axis, keepdims))


def l2_loss(t: TensorLike) -> Tensor:
    """``y = Σ t² / 2``.  Reference: ``tf.nn.l2_loss``.

    >>> l2_loss([3.0, 4.0]).numpy()
    np.float32(12.5)
    """
    return reduce_sum(square(floating("l2_loss", "t", t))) * 0.5


def norm(
    tensor: TensorLike, ord: Any = "euclidean", axis: Any = None, keepdims: bool = False
) -> Tensor:
    """The vector norm along `axis` (None: of all values in a row): ``(Σ |x|^p)^(1/p)``.

    Its gradient at 0 is nan for the Euclidean norm, as in TensorFlow.

    Args:
        tensor: floating.
        ord: "euclidean" or 2, 1, ``np.inf``, or another p > 0; "fro" for matrices.
        axis: None, one axis, or for the Frobenius norm of matrices two.
        keepdims: keep the reduced axes, with size 1.

    Raises:
        ValueError: an `ord` or an `axis` other than these.  (TensorFlow also has the 1, 2 and inf
            norms of matrices.)
        InvalidArgumentError: as all here.

    Reference: ``tf.norm``.

    >>> norm([3.0, 4.0]).numpy()
    np.float32(5.0)
    """
    x = floating("norm", "tensor", tensor)
    _check_norm(ord, axis)
    reduced = axes("norm", "axis", axis, x._data.ndim)
    if ord in ("euclidean", 2, "fro"):
        return sqrt(reduce_sum(x * x, reduced, keepdims))
    if ord == np.inf:
        return reduce_max(abs(x), reduced, keepdims)
    return reduce_sum(abs(x) ** ord, reduced, keepdims) ** float(1 / ord)


def _check_norm(ord: Any, axis: Any) -> None:
    matrix = isinstance(axis, list | tuple) and len(axis) == 2 and axis[0] != axis[1]
    if not matrix and axis is not None and not isinstance(axis, int | np.integer):
        rule = "must be None, an integer, or a tuple of 2 unique integers"
        raise ValueError(say("norm", "axis", rule, axis))
    if ord == "euclidean" or (matrix and ord == "fro"):
        return
    number = isinstance(ord, int | float | np.number) and not isinstance(ord, bool)
    if matrix or not number or not ord > 0:
        rule = "must be 'euclidean' or, of matrices, 'fro', of vectors np.inf or a number > 0"
        raise ValueError(say("norm", "ord", rule, ord))


for _function in (reduce_logsumexp, reduce_variance, reduce_std, l2_loss, norm):
    register(Op(_function.__name__, _function))
