"""Log-sum-exp, variance, norms, counts: composed of reductions, differentiated through them.

`axis` and `keepdims` are as in `scratchnet.ops.reduce`.

Raises, all of them: InvalidArgumentError for an axis out of range or named twice, and (also a
TypeError) for a dtype that is not floating; ValueError for what is no tensor.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine.dtypes import int64
from scratchnet.engine.errors import say
from scratchnet.engine.op import Op, register
from scratchnet.engine.tensor import Tensor, TensorLike
from scratchnet.ops import arguments
from scratchnet.ops.arguments import axes, dtype_named, flag, floating, inexact, matching, one_of
from scratchnet.ops.arithmetic import abs, square
from scratchnet.ops.complex_numbers import conj, real
from scratchnet.ops.creation import cast
from scratchnet.ops.decompositions import svd
from scratchnet.ops.exponential import exp, log, rsqrt, sqrt
from scratchnet.ops.extrema import maximum
from scratchnet.ops.reduce import reduce_max, reduce_mean, reduce_sum
from scratchnet.ops.shape import expand_dims, squeeze, transpose


def reduce_logsumexp(input_tensor: TensorLike, axis: Any = None, keepdims: bool = False) -> Tensor:
    """``y = m + log Σ e^(x - m)``, ``m = max x`` (0 where that is infinite).

    VJP: ``gx = g↑ softmax(x)``.

    Reference: ``tf.math.reduce_logsumexp``.

    >>> reduce_logsumexp([1000.0, 1000.0]).numpy().round(2)
    np.float32(1000.69)
    """
    x = floating("reduce_logsumexp", "input_tensor", input_tensor)
    keepdims = flag("reduce_logsumexp", "keepdims", keepdims)
    reduced = axes("reduce_logsumexp", "axis", axis, x._data.ndim)
    top = reduce_max(x, reduced, keepdims=True)._data
    m = Tensor(np.where(np.isfinite(top), top, 0).astype(top.dtype))  # a constant: it cancels out
    y = log(reduce_sum(exp(x - m), reduced, keepdims=True)) + m
    return y if keepdims or not reduced else squeeze(y, reduced)


def reduce_variance(input_tensor: TensorLike, axis: Any = None, keepdims: bool = False) -> Tensor:
    """``y = mean((x - mean x)²)``: the biased variance; of complex numbers ``|x - mean x|²``, real.

    Reference: ``tf.math.reduce_variance``.

    >>> reduce_variance([1.0, 2.0, 3.0, 4.0]).numpy()
    np.float32(1.25)
    """
    return _variance("reduce_variance", input_tensor, axis, keepdims)


def _variance(where: str, input_tensor: TensorLike, axis: Any, keepdims: bool) -> Tensor:
    x, keepdims = inexact(where, "input_tensor", input_tensor), flag(where, "keepdims", keepdims)
    reduced = axes(where, "axis", axis, x._data.ndim)
    d = x - reduce_mean(x, reduced, keepdims=True)
    return reduce_mean(real(conj(d) * d) if _is_complex(d) else square(d), reduced, keepdims)


def _is_complex(x: Tensor) -> bool:
    return x._data.dtype.kind == "c"


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


def reduce_euclidean_norm(
    input_tensor: TensorLike, axis: Any = None, keepdims: bool = False
) -> Tensor:
    """``y = √Σ x²``; its gradient at 0 is nan, as in TensorFlow (which takes integers, too).

    Of complex numbers ``√Σ |x|²``, in their dtype.  (TensorFlow's gradient is ``x / (y / g)``: nan,
    too, where g is 0 and y is not finite, and so is its derivative where g is 0.)

    Reference: ``tf.math.reduce_euclidean_norm``.

    >>> reduce_euclidean_norm([3.0, 4.0]).numpy()
    np.float32(5.0)
    """
    x = inexact("reduce_euclidean_norm", "input_tensor", input_tensor)
    keepdims = flag("reduce_euclidean_norm", "keepdims", keepdims)
    reduced = axes("reduce_euclidean_norm", "axis", axis, x._data.ndim)
    return sqrt(reduce_sum(x * conj(x), reduced, keepdims))


def count_nonzero(
    input: TensorLike, axis: Any = None, keepdims: bool | None = None, dtype: object = int64
) -> Tensor:
    """How many values along `axis` are not 0, or are True.  No gradient.

    Raises: as all here, but any dtype of `input` is good; TypeError for an unknown `dtype`.

    Reference: ``tf.math.count_nonzero``.

    >>> count_nonzero([[1, 0], [3, 4]], axis=0).numpy()
    array([2, 1])
    """
    x = arguments.tensor("count_nonzero", "input", input)
    kind, kept = dtype_named("count_nonzero", dtype), flag("count_nonzero", "keepdims", keepdims)
    reduced = axes("count_nonzero", "axis", axis, x._data.ndim)
    return cast(reduce_sum(Tensor((x._data != 0).astype(np.int64)), reduced, kept), kind)


def zero_fraction(value: TensorLike) -> Tensor:
    """The share of zeros among all values, float32; nan of no values.  No gradient.

    Raises: as `count_nonzero`.  Reference: ``tf.math.zero_fraction``.

    >>> zero_fraction([0.0, 1.0, 0.0, 5.0]).numpy()
    np.float32(0.5)
    """
    x = arguments.tensor("zero_fraction", "value", value)._data
    zeros, size = np.float32(np.count_nonzero(x == 0)), np.float32(x.size)
    with np.errstate(invalid="ignore"):
        return Tensor(np.asarray(zeros / size))


def norm(
    tensor: TensorLike, ord: Any = "euclidean", axis: Any = None, keepdims: bool = False
) -> Tensor:
    """The vector norm along `axis` (None: of all values in a row): ``(Σ |x|^p)^(1/p)``.

    Its gradient at 0 is nan for the Euclidean norm, as in TensorFlow.

    Args:
        tensor: floating or complex; of complex numbers the Euclidean norm is complex, too.
        ord: "euclidean" or 2, 1, ``np.inf``, or another p > 0.  Of matrices: "euclidean" or "fro"
            for the root of all squares, 1 for the largest sum of sizes in a column, ``np.inf`` for
            that in a row, 2 for the largest singular value.
        axis: None, one axis, or two for matrices: first the rows.
        keepdims: keep the reduced axes, with size 1.

    Raises:
        ValueError: an `ord` or an `axis` other than these.
        InvalidArgumentError: as all here.

    Reference: ``tf.norm``.

    >>> norm([3.0, 4.0]).numpy()
    np.float32(5.0)
    """
    x, keepdims = inexact("norm", "tensor", tensor), flag("norm", "keepdims", keepdims)
    _check_norm("norm", ord, axis)
    reduced = axes("norm", "axis", axis, x._data.ndim)
    if ord == 2 and _is_matrix(axis):
        first, second = (k % x._data.ndim for k in axis)
        batch = [k for k in range(x._data.ndim) if k not in (first, second)]
        y = reduce_max(svd(transpose(x, [*batch, first, second]), compute_uv=False), -1)
        for k in sorted((first, second)) if keepdims else ():
            y = expand_dims(y, k)
        return y
    if ord in ("euclidean", 2, "fro"):
        return sqrt(reduce_sum(x * conj(x), reduced, keepdims))
    if _is_matrix(axis):
        summed, kept = axis if ord == 1 else axis[::-1]
        y = reduce_max(reduce_sum(abs(x), summed, keepdims=True), kept, keepdims=True)
        return y if keepdims else squeeze(y, reduced)
    if ord == np.inf:
        return reduce_max(abs(x), reduced, keepdims)
    if ord == 1:
        return reduce_sum(abs(x), reduced, keepdims)
    return reduce_sum(abs(x) ** ord, reduced, keepdims) ** float(1 / ord)


def normalize(
    tensor: TensorLike, ord: Any = "euclidean", axis: Any = None
) -> tuple[Tensor, Tensor]:
    """``(x / norm, norm)``; the norm keeps its axes, with size 1.  Arguments and errors of `norm`.

    Reference: ``tf.linalg.normalize``.

    >>> unit, length = normalize([3.0, 4.0])
    >>> unit.numpy(), length.numpy()
    (array([0.6, 0.8], dtype=float32), array([5.], dtype=float32))
    """
    x = inexact("normalize", "tensor", tensor)
    _check_norm("normalize", ord, axis)
    axes("normalize", "axis", axis, x._data.ndim)
    length = norm(x, ord, axis, keepdims=True)
    return x / length, length


def _is_matrix(axis: Any) -> bool:
    if not isinstance(axis, list | tuple) or len(axis) != 2:
        return False
    return all(isinstance(one, int | np.integer) for one in axis) and axis[0] != axis[1]


def _check_norm(where: str, ord: Any, axis: Any) -> None:
    matrix = _is_matrix(axis)
    if not matrix and axis is not None and not isinstance(axis, int | np.integer):
        rule = "must be None, an integer, or a tuple of 2 unique integers"
        raise ValueError(say(where, "axis", rule, axis))
    number = isinstance(ord, int | float | np.number) and not isinstance(ord, bool)
    if one_of(ord, ["euclidean", "fro"] if matrix else ["euclidean"]):
        return
    if matrix and number and ord in (1, 2, np.inf):
        return
    if matrix or not number or not ord > 0:
        rule = "must be 'euclidean'; of matrices 'fro', 1, 2 or np.inf, of vectors a number > 0"
        raise ValueError(say(where, "ord", rule, ord))


def l2_normalize(x: TensorLike, axis: Any = None, epsilon: float = 1e-12) -> Tensor:
    """``y = x / √max(Σ x², ε)``, the sum along `axis` (None: of all values).

    Raises:
        InvalidArgumentError: an axis out of range; (also a TypeError) a dtype that is not floating.

    Reference: ``tf.linalg.l2_normalize``.

    >>> l2_normalize([3.0, 4.0]).numpy()
    array([0.6, 0.8], dtype=float32)
    """
    t = floating("l2_normalize", "x", x)
    along = axes("l2_normalize", "axis", axis, t._data.ndim)
    _, least = matching("l2_normalize", x=t, epsilon=epsilon)
    return t * rsqrt(maximum(reduce_sum(square(t), along, keepdims=True), least))


for _function in (
    *(reduce_logsumexp, reduce_variance, reduce_std, reduce_euclidean_norm, l2_loss, norm),
    *(normalize, l2_normalize, count_nonzero, zero_fraction),
):
    register(Op(_function.__name__, _function))
