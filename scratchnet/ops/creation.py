"""Making tensors: constants, casts, zeros and ones — and letting go of gradients.

Raises, all of them: ValueError for what is no tensor; TypeError for an unknown dtype.
"""

from __future__ import annotations

import logging
import math
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array, float32
from scratchnet.engine.errors import InvalidArgumentError, invalid, say
from scratchnet.engine.indexed_slices import pass_slices, slices_of
from scratchnet.engine.op import NoGradient, Op, Record, register
from scratchnet.engine.tensor import Operators, Tensor, TensorLike, apply, convert
from scratchnet.ops.arguments import countable, dtype_named, ints, sizes, tensor
from scratchnet.ops.shape import broadcast_to

log = logging.getLogger("scratchnet")

# -- constant, cast, identity, linked, stop_gradient ----------------------------------------------


def constant(value: TensorLike, dtype: object = None, shape: TensorLike = None) -> Tensor:
    """A tensor of `value`.

    Args:
        value: a number, nested lists, an array (copied).  int -> int32 (int64 from 2**31 on),
            float -> float32, bool -> bool, complex -> complex128; NumPy values keep their dtype.
        dtype: of the result, if not that.
        shape: the values are laid out in it; a single value fills it.  If that is another shape
            than `value` has, no gradient passes, as in TensorFlow: `reshape` lets it.

    Raises:
        TypeError: a value that `dtype` cannot hold, strings, a tensor of another `dtype`, more or
            fewer values than `shape` needs.
        ValueError: ragged lists, mixed types, None, integers that `dtype` cannot hold (TensorFlow
            wraps those around; `cast` does).

    Reference: ``tf.constant``.

    >>> constant([[1, 2], [3, 4]])
    <tf.Tensor: shape=(2, 2), dtype=int32, numpy=
    array([[1, 2],
           [3, 4]], dtype=int32)>
    """
    kind = None if dtype is None else dtype_named("constant", dtype)
    x = _converted("constant", value, None if isinstance(value, Operators) else kind)
    if kind is not None and x._data.dtype != kind:
        raise TypeError(
            f"constant: `dtype`: Expected tensor {x} with dtype {kind.name}, but got dtype "
            f"{x.dtype.name}: `cast` it"
        )
    if shape is None:
        return x
    wanted = ints("constant", "shape", shape)
    if wanted == x._data.shape:
        return x
    x._detached("`constant`, given another shape")
    return _laid_out(x._data, wanted)


def _converted(where: str, value: TensorLike, kind: object) -> Tensor:
    """`value` as `convert` makes it; errors carry the name of the function."""
    try:
        return convert(value, kind)
    except InvalidArgumentError:
        raise  # by `stack`, of a list that holds tensors
    except TypeError as error:
        raise TypeError(f"{where}: `value`: {error}") from None
    except ValueError as error:
        raise ValueError(f"{where}: `value`: {error}") from None


def _laid_out(values: Array, shape: tuple[int, ...]) -> Tensor:
    """As many `values` as `shape` needs, or a single one, in `shape`."""
    if any(n < 0 for n in shape):
        raise ValueError(say("constant", "shape", "must hold sizes: Dimension must be >= 0", shape))
    if values.size == 1:
        countable("constant", "shape", shape)
        return Tensor(np.full(shape, values.reshape(())))
    if values.size != math.prod(shape):
        raise TypeError(
            "constant: Eager execution of tf.constant with unsupported shape. Tensor has "
            f"{values.size} elements, but got `shape` {shape} with {math.prod(shape)} elements"
        )
    return Tensor(values.reshape(shape))


def convert_to_tensor(value: TensorLike, dtype: object = None, dtype_hint: object = None) -> Tensor:
    """`value` as a tensor; a tensor is handed back as it is.

    Args:
        value: as for `constant`, or nested lists with tensors in them, which are stacked.
        dtype: which it must have.
        dtype_hint: which it takes if that is possible and `dtype` is not given.

    Raises:
        ValueError: a tensor of another `dtype`.  Else as `constant`.
        TypeError: a `dtype_hint` that is none.

    Reference: ``tf.convert_to_tensor``.

    >>> convert_to_tensor([convert_to_tensor(1.0), 2.0]).numpy()
    array([1., 2.], dtype=float32)
    """
    hint = None if dtype_hint is None else dtype_named("convert_to_tensor", dtype_hint)
    if dtype is None and hint is not None and not isinstance(value, Operators):
        try:
            return convert(value, hint)
        except (TypeError, ValueError):
            pass  # a hint that does not fit is not followed
    kind = None if dtype is None else dtype_named("convert_to_tensor", dtype)
    made = _converted("convert_to_tensor", value, kind)
    return made if slices_of(made) is None else apply(IDENTITY, made)  # without its slices


def cast(x: TensorLike, dtype: object) -> Tensor:
    """`x` in another dtype: to integers by cutting off the fraction, then modulo their range.

    Of complex numbers the real part is cast, with a warning that the imaginary part is gone.

    Floats outside of the range of an integer are undefined in C; TensorFlow's answer depends on
    where in the tensor they stand: in whole blocks of it -1.0 is 0 in uint8, in the rest 255.

    VJP: ``gx = cast(g, x.dtype)``; none through integers and bools.

    Raises:
        TypeError: an unknown `dtype`, strings (TensorFlow: UnimplementedError).
        ValueError: what is no tensor.

    Reference: ``tf.cast``.

    >>> cast([1.9, -1.9], "int32").numpy()
    array([ 1, -1], dtype=int32)
    """
    kind, t = dtype_named("cast", dtype), tensor("cast", "x", x)
    if t._data.dtype.kind == "c" and kind.kind not in "cb":
        log.warning(
            "You are casting an input of type %s to an incompatible dtype %s.  This will discard "
            "the imaginary part and may not be what you intended.",
            t.dtype.name,
            kind.name,
        )
    return _cast_tensor(t, kind)


def _cast_tensor(x: Tensor, dtype: np.dtype[Any]) -> Tensor:
    if x._data.dtype == dtype:
        return x
    return pass_slices(apply(CAST, x, dtype=dtype), x, lambda values: values.astype(dtype))


def _cast(x: Array, dtype: np.dtype[Any]) -> tuple[Array, None]:
    if x.dtype.kind == "c" and dtype.kind != "c":
        x = x.real  # also as a bool: 1j is False, as in TensorFlow
    if x.dtype.kind == "f" and dtype.kind in "iu" and dtype.itemsize < 4:
        return x.astype(np.int32).astype(dtype), None  # 300.0 -> uint8 is 44, on every machine
    return x.astype(dtype), None


def _cast_gx(g: Tensor, record: Record) -> Tensor:
    return _cast_tensor(g, record.inputs[0]._data.dtype)  # of a real x the real part, as is right


CAST = register(Op("cast", cast, _cast, vjps=(_cast_gx,), complex_vjps=True))


def identity(input: TensorLike) -> Tensor:
    """A new tensor of the same value.  VJP: ``gx = g``.  Reference: ``tf.identity``.

    >>> identity([1.0]).numpy()
    array([1.], dtype=float32)
    """
    x = tensor("identity", "input", input)
    return pass_slices(apply(IDENTITY, x), x, np.asarray)


def _identity(x: Array) -> tuple[Array, None]:
    return x, None


def _identity_gx(g: Tensor, record: Record) -> Tensor:
    return g


IDENTITY = register(Op("identity", identity, _identity, vjps=(_identity_gx,), complex_vjps=True))


def linked(input: TensorLike, to: TensorLike) -> Tensor:
    """The value of `input`, with a zero-gradient dependency on `to`: zeros, not None.

    The gradient of a piecewise linear function depends on its argument only through a mask, which
    no tape follows.  TensorFlow's own kernels for such gradients have zeros for that derivative;
    with this dependency ours have them, too.  Without a tape it costs nothing.

    VJP: ``gx = g``, ``g_to = 0``.

    Reference: ``tf.identity`` under ``tf.custom_gradient``.

    >>> linked([1.0], to=[5.0, 6.0]).numpy()
    array([1.], dtype=float32)
    """
    return apply(LINKED, tensor("linked", "input", input), tensor("linked", "to", to))


def _linked(x: Array, to: Array) -> tuple[Array, None]:
    return x, None


def _linked_gto(g: Tensor, record: Record) -> Tensor:
    return Tensor(np.zeros_like(record.inputs[1]._data))


LINKED = register(
    Op("linked", linked, _linked, vjps=(_identity_gx, _linked_gto), complex_vjps=True)
)


def stop_gradient(input: TensorLike) -> Tensor:
    """The same value, as a constant to every tape.  Reference: ``tf.stop_gradient``.

    >>> stop_gradient([1.0]).numpy()
    array([1.], dtype=float32)
    """
    return apply(STOP_GRADIENT, tensor("stop_gradient", "input", input))


STOP_GRADIENT = register(
    Op(
        "stop_gradient",
        stop_gradient,
        _identity,
        vjps=(NoGradient("`stop_gradient` was asked for"),),
        complex_vjps=True,
    )
)


# -- zeros, ones, fill, eye -----------------------------------------------------------------------


def zeros(shape: TensorLike, dtype: object = float32) -> Tensor:
    """Zeros of `shape`, a list of sizes or one size.  Reference: ``tf.zeros``.

    Raises:
        InvalidArgumentError: a negative size, more than 2**59 elements (TensorFlow: 2**63).
        TypeError: sizes that are not integers; an unknown `dtype`.

    >>> zeros([2]).numpy()
    array([0., 0.], dtype=float32)
    """
    return Tensor(np.zeros(sizes("zeros", "shape", shape), dtype_named("zeros", dtype)))


def ones(shape: TensorLike, dtype: object = float32) -> Tensor:
    """Ones of `shape`.  Errors as of `zeros`.  Reference: ``tf.ones``.

    >>> ones([2], "int32").numpy()
    array([1, 1], dtype=int32)
    """
    return Tensor(np.ones(sizes("ones", "shape", shape), dtype_named("ones", dtype)))


def zeros_like(input: TensorLike, dtype: object = None) -> Tensor:
    """Zeros of the shape of `input`, and its dtype if none is given.  Reference: ``tf.zeros_like``.

    >>> zeros_like([[1, 2]]).numpy()
    array([[0, 0]], dtype=int32)
    """
    x = tensor("zeros_like", "input", input)._data
    return Tensor(np.zeros(x.shape, x.dtype if dtype is None else dtype_named("zeros_like", dtype)))


def ones_like(input: TensorLike, dtype: object = None) -> Tensor:
    """Ones of the shape of `input`, and its dtype if none is given.  Reference: ``tf.ones_like``.

    >>> ones_like([[1, 2]]).numpy()
    array([[1, 1]], dtype=int32)
    """
    x = tensor("ones_like", "input", input)._data
    return Tensor(np.ones(x.shape, x.dtype if dtype is None else dtype_named("ones_like", dtype)))


def fill(dims: TensorLike, value: TensorLike) -> Tensor:
    """`value`, a scalar, everywhere in shape `dims`.  VJP: the sum of the cotangent.

    Raises: as `zeros`, and InvalidArgumentError where `value` is no scalar.  Reference:
        ``tf.fill``.

    >>> fill([2], 7).numpy()
    array([7, 7], dtype=int32)
    """
    x = tensor("fill", "value", value)
    if x._data.ndim:
        raise invalid("fill", "value", "must be a scalar", x)
    return broadcast_to(x, sizes("fill", "dims", dims))


def eye(
    num_rows: int,
    num_columns: int | None = None,
    batch_shape: TensorLike = None,
    dtype: object = float32,
) -> Tensor:
    """Ones on the diagonal, of shape ``batch_shape + (num_rows, num_columns or num_rows)``.

    Raises: as `zeros`.  Reference: ``tf.eye``.

    >>> eye(2).numpy()
    array([[1., 0.],
           [0., 1.]], dtype=float32)
    """
    (rows,) = sizes("eye", "num_rows", [num_rows])
    (columns,) = (rows,) if num_columns is None else sizes("eye", "num_columns", [num_columns])
    batch = () if batch_shape is None else sizes("eye", "batch_shape", batch_shape, scalar=False)
    countable("eye", "batch_shape", (*batch, rows, columns))
    one = np.eye(rows, columns, dtype=dtype_named("eye", dtype))
    return Tensor(np.array(np.broadcast_to(one, batch + one.shape)))


for _function in (constant, convert_to_tensor, zeros, ones, zeros_like, ones_like, fill, eye):
    register(Op(_function.__name__, _function))
