"""Arithmetic, element by element: of two tensors, broadcast as NumPy does, of one, of a list.

In every op of two, `x` and `y` are tensors of one dtype (a Python number or a NumPy array takes the
dtype of the tensor it meets) whose shapes broadcast; the result has that dtype and the broadcast
shape.  A NumPy value with fractions is refused where it meets integers: TensorFlow cuts them off
without a word, so that ``tf.constant(3) * np.float64(2.5)`` is 6 there.  The VJPs are written for
the broadcast shape: the backward loop sums each cotangent back to the shape of its argument; of
complex numbers they take the conjugate of what they multiply by (`scratchnet.ops.complex_numbers`).

Raises, all of them: InvalidArgumentError for two dtypes (then also a TypeError), for bools, for
shapes that do not broadcast, and of `negative`, `abs` and `sign` for unsigned integers; ValueError
for what is no tensor.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import (
    DtypeError,
    InvalidArgumentError,
    UnimplementedError,
    invalid,
    say,
)
from scratchnet.engine.indexed_slices import pass_slices
from scratchnet.engine.op import NoGradient, Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.kernels import elementwise as kernels
from scratchnet.kernels.buffer_pool import empty_like
from scratchnet.kernels.elementwise import are_large
from scratchnet.ops.arguments import brackets, broadcastable, matching, numeric, one_of, signed
from scratchnet.ops.comparison import not_equal, where
from scratchnet.ops.complex_numbers import conj
from scratchnet.ops.creation import cast
from scratchnet.ops.exponential import log
from scratchnet.ops.reduce import REDUCE_SUM


def pair(where: str, x: TensorLike, y: TensorLike) -> tuple[Tensor, Tensor]:
    """The two arguments of an op called `where`, fit to be computed with."""
    if type(x) is Tensor and type(y) is Tensor:
        left, right = x._data, y._data
        if left.shape == right.shape and left.dtype == right.dtype and left.dtype.kind in "iufc":
            return x, y
    a, b = matching(where, x=x, y=y)
    numeric(where, "x", a)
    broadcastable(where, a, b)
    return a, b


def ordered_pair(where: str, x: TensorLike, y: TensorLike) -> tuple[Tensor, Tensor]:
    """As `pair`; complex numbers are refused."""
    a, b = pair(where, x, y)
    if a._data.dtype.kind == "c":
        raise DtypeError(f"{where}: `x` must be real, received dtype {a.dtype.name}")
    return a, b


# -- add, subtract, multiply ----------------------------------------------------------------------


def add(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = x + y``.  VJP: ``gx = g``, ``gy = g``.

    Reference: ``tf.math.add``.

    >>> add([[1, 2], [3, 4]], 1).numpy()
    array([[2, 3],
           [4, 5]], dtype=int32)
    """
    return apply(ADD, *pair("add", x, y))


def _add(x: Array, y: Array) -> tuple[Array, None]:
    if not are_large(x, y):
        return x + y, None
    z = empty_like(x)
    kernels.add(x.ravel(), y.ravel(), z.ravel())
    return z, None


def _same(g: Tensor, record: Record) -> Tensor:
    return g


ADD = register(Op("add", add, _add, vjps=(_same, _same), broadcasts=True, complex_vjps=True))


def subtract(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = x - y``.  VJP: ``gx = g``, ``gy = -g``.

    Reference: ``tf.math.subtract``.

    >>> subtract([3.0, 4.0], 1.0).numpy()
    array([2., 3.], dtype=float32)
    """
    return apply(SUBTRACT, *pair("subtract", x, y))


def _subtract(x: Array, y: Array) -> tuple[Array, None]:
    return x - y, None


def _subtract_gy(g: Tensor, record: Record) -> Tensor:
    return -g


SUBTRACT = register(
    Op(
        "subtract",
        subtract,
        _subtract,
        vjps=(_same, _subtract_gy),
        broadcasts=True,
        complex_vjps=True,
    )
)


def multiply(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = x y``.  VJP: ``gx = g y``, ``gy = g x``.

    Reference: ``tf.math.multiply``.

    >>> multiply([1.0, 2.0], [3.0, 4.0]).numpy()
    array([3., 8.], dtype=float32)
    """
    return apply(MULTIPLY, *pair("multiply", x, y))


def _multiply(x: Array, y: Array) -> tuple[Array, None]:
    return x * y, None


def _multiply_gx(g: Tensor, record: Record) -> Tensor:
    _, y = record.inputs
    return g * conj(y)


def _multiply_gy(g: Tensor, record: Record) -> Tensor:
    x, _ = record.inputs
    return g * conj(x)


MULTIPLY = register(
    Op(
        "multiply",
        multiply,
        _multiply,
        vjps=(_multiply_gx, _multiply_gy),
        broadcasts=True,
        complex_vjps=True,
    )
)


# -- divide, floordiv, mod ------------------------------------------------------------------------


def divide(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = x / y``.  VJP: ``gx = g / y``, ``gy = -g z / y``.

    Integers are divided as float64 (8 and 16 bit ones as float32).

    Reference: ``tf.math.divide``.

    >>> divide([1.0, 3.0], 2.0).numpy()
    array([0.5, 1.5], dtype=float32)
    """
    return apply(DIVIDE, *as_floats(*pair("divide", x, y)))


def as_floats(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Two tensors of one dtype as they are divided: integers become floats."""
    if x._data.dtype.kind not in "iu":
        return x, y
    wide = np.float32 if x._data.dtype.itemsize < 4 else np.float64
    return Tensor(x._data.astype(wide)), Tensor(y._data.astype(wide))


def _divide(x: Array, y: Array) -> tuple[Array, None]:
    return x / y, None


def _divide_gx(g: Tensor, record: Record) -> Tensor:
    _, y = record.inputs
    return g / conj(y)


def _divide_gy(g: Tensor, record: Record) -> Tensor:
    _, y = record.inputs
    return -g * conj(record.output) / conj(y)


DIVIDE = register(
    Op("divide", divide, _divide, vjps=(_divide_gx, _divide_gy), broadcasts=True, complex_vjps=True)
)


def floordiv(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = floor(x / y)``.  No gradient, as in TensorFlow.

    Raises:
        InvalidArgumentError: as all here; integers, and `y` holds a zero.

    Reference: ``tf.math.floordiv``.

    >>> floordiv([-3, 3], 2).numpy()
    array([-2,  1], dtype=int32)
    """
    a, b = ordered_pair("floordiv", x, y)
    _refuse_zero("floordiv", b)
    return apply(FLOORDIV, a, b)


def _refuse_zero(where: str, y: Tensor) -> None:
    if y._data.dtype.kind in "iu" and not y._data.all():
        raise InvalidArgumentError(
            f"{where}: Integer division by zero: `y` must hold no zero, received one"
        )


def _floordiv(x: Array, y: Array) -> tuple[Array, None]:
    return np.floor(x / y) if x.dtype.kind == "f" else x // y, None


_STEPS = NoGradient("it is constant between its jumps")
FLOORDIV = register(Op("floordiv", floordiv, _floordiv, vjps=(_STEPS, _STEPS), broadcasts=True))


def mod(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = x - floor(x / y) y``: the sign of `y`.  VJP: ``gx = g``, ``gy = -g floor(x / y)``.

    Raises:
        InvalidArgumentError: as all here; integers, and `y` holds a zero.

    Reference: ``tf.math.floormod``.

    >>> mod([-3, 3], 2).numpy()
    array([1, 1], dtype=int32)
    """
    a, b = ordered_pair("mod", x, y)
    _refuse_zero("mod", b)
    return apply(MOD, a, b)


def _mod(x: Array, y: Array) -> tuple[Array, None]:
    return np.mod(x, y), None


def _mod_gy(g: Tensor, record: Record) -> Tensor:
    x, y = record.inputs
    return -g * floordiv(x, y)


MOD = register(Op("mod", mod, _mod, vjps=(_same, _mod_gy), broadcasts=True))


# -- pow ------------------------------------------------------------------------------------------


def pow(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = x**y``.  VJP: ``gx = g y x**(y-1)``, ``gy = g z log x`` (0 where ``x <= 0``; of
    complex numbers where ``x = 0``).

    Raises:
        InvalidArgumentError: as all here; integers, and `y` holds a negative exponent.

    Reference: ``tf.math.pow``; at ``x = 0, y = 0`` gx is nan, as there.

    >>> pow([2.0, 3.0], 2.0).numpy()
    array([4., 9.], dtype=float32)
    """
    a, b = pair("pow", x, y)
    if b._data.dtype.kind == "i" and (b._data < 0).any():
        raise InvalidArgumentError(
            "pow: Integers to negative integer powers are not allowed: `y` must hold no negative "
            f"value, received {b._data.min()}"
        )
    return apply(POW, a, b)


def _pow(x: Array, y: Array) -> tuple[Array, None]:
    return np.power(x, y), None


def _pow_gx(g: Tensor, record: Record) -> Tensor:
    x, y = record.inputs
    return g * conj(y) * conj(pow(x, y - 1))


def _pow_gy(g: Tensor, record: Record) -> Tensor:
    x, _ = record.inputs
    has_log = not_equal(x, 0) if x._data.dtype.kind == "c" else x > 0
    # log is given no other numbers, so that neither it nor its derivative is inf at 0.
    return g * conj(record.output) * conj(where(has_log, log(where(has_log, x, 1)), 0))


POW = register(Op("pow", pow, _pow, vjps=(_pow_gx, _pow_gy), broadcasts=True, complex_vjps=True))


# -- of one tensor: negative, abs, sign, square ----------------------------------------------------


def negative(x: TensorLike) -> Tensor:
    """``y = -x``.  VJP: ``gx = -g``.  Reference: ``tf.math.negative``.

    >>> negative([1, -2]).numpy()
    array([-1,  2], dtype=int32)
    """
    t = signed("negative", "x", x)
    return pass_slices(apply(NEGATIVE, t), t, np.negative)


def _negative(x: Array) -> tuple[Array, None]:
    return -x, None


def _negative_gx(g: Tensor, record: Record) -> Tensor:
    return -g


NEGATIVE = register(Op("negative", negative, _negative, vjps=(_negative_gx,), complex_vjps=True))


def abs(x: TensorLike) -> Tensor:
    """``y = |x|``, real also of complex numbers.  VJP: ``gx = g sign(x)``, 0 at 0.

    Reference: ``tf.math.abs``.

    >>> abs([1, -2]).numpy()
    array([1, 2], dtype=int32)
    """
    return apply(ABS, signed("abs", "x", x))


def _abs(x: Array) -> tuple[Array, None]:
    return np.abs(x), None


def _abs_gx(g: Tensor, record: Record) -> Tensor:
    x = record.inputs[0]
    return cast(g, x._data.dtype) * sign(x)


ABS = register(Op("abs", abs, _abs, vjps=(_abs_gx,), complex_vjps=True))


def sign(x: TensorLike) -> Tensor:
    """``y = -1, 0 or 1``; of complex numbers ``x / |x|``, 0 at 0 and nan at inf.

    VJP: ``gx = 0``; of complex numbers ``gx = (g - y² conj(g)) / 2|x|``, 0 at 0.

    Reference: ``tf.math.sign``.

    >>> sign([-3.0, 0.0, 5.0]).numpy()
    array([-1.,  0.,  1.], dtype=float32)
    """
    return apply(SIGN, signed("sign", "x", x))


def _sign(x: Array) -> tuple[Array, None]:
    if x.dtype.kind != "c":
        return np.sign(x), None
    larger = np.maximum(np.abs(x.real), np.abs(x.imag))  # by which |x| neither over- nor underflows
    y = x / np.where(larger == 0, 1, larger)
    return y / np.where(larger == 0, 1, np.abs(y)), None


def _sign_gx(g: Tensor, record: Record) -> Tensor:
    x, y = record.inputs[0], record.output
    if x._data.dtype.kind != "c":
        return Tensor(np.zeros_like(g._data))
    size = abs(x)
    away = cast(not_equal(size, 0), size.dtype) / where(size == 0, 1, size * 2)  # 1/2|x|, 0 at 0
    return (g - square(y) * conj(g)) * cast(away, x.dtype)


SIGN = register(Op("sign", sign, _sign, vjps=(_sign_gx,), complex_vjps=True))


def square(x: TensorLike) -> Tensor:
    """``y = x²``.  VJP: ``gx = 2 g x``.  Reference: ``tf.math.square``.

    >>> square([3.0, -2.0]).numpy()
    array([9., 4.], dtype=float32)
    """
    return apply(SQUARE, numeric("square", "x", x))


def _square(x: Array) -> tuple[Array, None]:
    return x * x, None


def _square_gx(g: Tensor, record: Record) -> Tensor:
    x = conj(record.inputs[0])
    return apply(MULTIPLY, g, apply(MULTIPLY, x, Tensor(np.asarray(2, x._data.dtype))))


SQUARE = register(Op("square", square, _square, vjps=(_square_gx,), complex_vjps=True))


# -- squared_difference, add_n, bias_add -----------------------------------------------------------


def squared_difference(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = (x - y)²``; of complex numbers ``|x - y|²``, whose dtype they keep.

    Reference: ``tf.math.squared_difference``.

    >>> squared_difference([1, 5], 3).numpy()
    array([4, 4], dtype=int32)
    """
    a, b = pair("squared_difference", x, y)
    d = a - b
    return d * conj(d) if d._data.dtype.kind == "c" else square(d)


def add_n(inputs: Any) -> Tensor:
    """The sum of a list of tensors of one shape and dtype; nothing is broadcast.

    Raises:
        InvalidArgumentError: as all here; shapes differ.
        ValueError: an empty list.
        TypeError: nothing that can be iterated over.

    Reference: ``tf.add_n``.

    >>> add_n([[1, 2], [3, 4], [5, 6]]).numpy()
    array([ 9, 12], dtype=int32)
    """
    try:
        parts = list(inputs)
    except TypeError:
        raise TypeError(say("add_n", "inputs", "must be a list of tensors", inputs)) from None
    if not parts:
        raise ValueError(say("add_n", "inputs", "must hold at least one tensor", inputs))
    terms = matching("add_n", **{f"inputs[{i}]": part for i, part in enumerate(parts)})
    numeric("add_n", "inputs", terms[0])
    shapes = [brackets(term._data.shape) for term in terms]
    if len(set(shapes)) > 1:
        raise InvalidArgumentError(
            f"add_n: `inputs`: Inputs to operation AddN must have the same size and shape, "
            f"received {', '.join(shapes)}"
        )
    return reduce(add, terms)


for _function in (squared_difference, add_n):
    register(Op(_function.__name__, _function))


def bias_add(value: TensorLike, bias: TensorLike, data_format: str | None = None) -> Tensor:
    """``y[…, c] = value[…, c] + bias[c]``.

    VJP: ``gvalue = g``, ``gbias = Σ g`` over all but the last axis.

    Args:
        value: (…, C), rank >= 2.
        bias: (C,).
        data_format: None or "N...C" or "NHWC": the channels are last.

    Returns:
        Tensor of the shape of `value`.

    Raises:
        InvalidArgumentError: ranks or sizes that do not fit.
        UnimplementedError: channels that are not last (TensorFlow has them).
        ValueError: another `data_format`.

    Reference: ``tf.nn.bias_add``.

    >>> bias_add([[1.0, 2.0]], [10.0, 20.0]).numpy()
    array([[11., 22.]], dtype=float32)
    """
    if data_format is not None and not one_of(data_format, ["N...C", "NHWC"]):
        rule = "must be None, 'N...C' or 'NHWC'"
        known = isinstance(data_format, str) and data_format.startswith("NC")
        error = UnimplementedError if known else ValueError
        raise error(say("bias_add", "data_format", rule, data_format))
    x, b = matching("bias_add", value=value, bias=bias)
    if numeric("bias_add", "bias", b)._data.ndim != 1:
        raise invalid("bias_add", "bias", "must be a vector", b)
    if x._data.ndim < 2:
        raise invalid("bias_add", "value", "must have rank >= 2", x)
    if x._data.shape[-1] != b._data.shape[0]:
        raise InvalidArgumentError(
            "bias_add: `bias`: Must provide as many biases as the last dimension of the input "
            f"tensor: {brackets(b._data.shape)} vs. {brackets(x._data.shape)}"
        )
    return apply(BIAS_ADD, x, b)


def _bias_add(x: Array, bias: Array) -> tuple[Array, None]:
    return x + bias, None


def _bias_add_gb(g: Tensor, record: Record) -> Tensor:
    return apply(REDUCE_SUM, g, axis=tuple(range(g._data.ndim - 1)), keepdims=False)


BIAS_ADD = register(
    Op("bias_add", bias_add, _bias_add, vjps=(_same, _bias_add_gb), complex_vjps=True)
)
