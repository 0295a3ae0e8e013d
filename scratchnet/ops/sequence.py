"""Ranges, evenly spaced values, grids of coordinates; one-hot vectors and masks of lengths."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array, bool_
from scratchnet.engine.errors import DtypeError, InvalidArgumentError, invalid, say
from scratchnet.engine.op import Op, register
from scratchnet.engine.tensor import Tensor, TensorLike
from scratchnet.ops.arguments import (
    broadcastable,
    countable,
    dtype_named,
    integer,
    matching,
    numeric,
    one_axis,
    one_int,
    one_of,
    real,
    sizes,
    tensor,
)
from scratchnet.ops.arithmetic import add, divide, multiply, subtract
from scratchnet.ops.concat_split import concat
from scratchnet.ops.creation import cast
from scratchnet.ops.describing import size_by_value
from scratchnet.ops.indexing import getitem
from scratchnet.ops.shape import broadcast_to, expand_dims, reshape


def range(
    start: TensorLike, limit: TensorLike = None, delta: TensorLike = 1, dtype: object = None
) -> Tensor:
    """``start, start + delta, …`` as long as it is before `limit`; with one argument from 0 to it.

    Args:
        start, limit, delta: scalars, int32, int64 or floating.
        dtype: of the result, which the arguments are cast to first; that of the widest argument if
            not given.

    Raises:
        InvalidArgumentError: `delta` is 0, or leads away from `limit`; too many values; an argument
            is no scalar, or (also a TypeError; TensorFlow: an AssertionError) of another dtype.

    Reference: ``tf.range``.

    >>> range(3).numpy(), range(1.0, 2.0, 0.5).numpy()
    (array([0, 1, 2], dtype=int32), array([1. , 1.5], dtype=float32))
    """
    if limit is None:
        start, limit = 0, start
    given = {"start": start, "limit": limit, "delta": delta}
    wanted = None if dtype is None else dtype_named("range", dtype)
    parts = [_scalar(name, value, wanted) for name, value in given.items()]
    kind = max([part.dtype for part in parts], key=_width) if wanted is None else wanted
    with np.errstate(over="ignore"):
        first, last, delta = [part.astype(kind)[()] for part in parts]
    a, b, step = first.item(), last.item(), delta.item()
    if step == 0:
        raise invalid("range", "delta", "must not be 0: Requires delta != 0", step)
    if not (b - a) * step >= 0:  # nor if nan
        way = "start <= limit when delta > 0" if step > 0 else "start >= limit when delta < 0"
        ends = "/".join(f"{n:g}" if kind.kind == "f" else str(n) for n in (a, b))  # 0, not 0.0
        raise InvalidArgumentError(f"range: `limit`: Requires {way}: {ends}, received delta={step}")
    if not abs((b - a) / step) < 2**59:
        raise InvalidArgumentError(
            "range: `limit`: Requires ((limit - start) / delta) < 2**59, received "
            f"start={a}, limit={b}, delta={step}"
        )
    if kind.kind == "f":  # counted in that dtype: as a float32, 0.3 is less than 3 times 0.1
        return Tensor(first + np.arange(math.ceil((last - first) / delta)).astype(kind) * delta)
    return Tensor(a + np.arange(-((a - b) // step), dtype=kind) * kind.type(step))


_NUMBERS = ["int32", "int64", "float16", "float32", "float64"]


def _scalar(name: str, value: TensorLike, wanted: np.dtype[Any] | None) -> Array:
    # A Python number is made of the wanted dtype at once, so that 0.1 keeps all digits of float64.
    x = tensor("range", name, value, wanted)
    if x._data.dtype.name not in _NUMBERS:
        raise DtypeError(f"range: `{name}` must be of one of {_NUMBERS}, received {x.dtype.name}")
    if x._data.ndim:
        raise invalid("range", name, "must be a scalar", value)
    return x._data


def _width(kind: np.dtype[Any]) -> int:
    return _NUMBERS.index(kind.name)


def linspace(start: TensorLike, stop: TensorLike, num: TensorLike, *, axis: int = 0) -> Tensor:
    """`num` values from `start` to `stop`, both included, equally far apart, along a new axis.

    ``y_i = start + i delta``, ``delta = (stop - start) / (num - 1)``, and `stop` itself at the end;
    its VJP is that of the ops that it is made of.

    Args:
        start, stop: of one dtype, broadcast against each other; integers become float64, those of
            8 and 16 bits float32.  (TensorFlow subtracts the latter before they are floats: from 5
            to 4 in uint8 it goes by way of 132.5.)
        num: >= 0.
        axis: where the new axis goes, which is the first if not given.

    Returns:
        Tensor of the shape of the ends with an axis of size `num` put in.

    Raises:
        InvalidArgumentError: `num` negative; `start` and `stop` of different dtypes (TensorFlow:
            ValueError), or of shapes that do not broadcast; `axis` out of range.

    Reference: ``tf.linspace``.

    >>> linspace(0.0, 1.0, 5).numpy()
    array([0.  , 0.25, 0.5 , 0.75, 1.  ], dtype=float32)
    >>> linspace([0.0, 1.0], [2.0, 5.0], 3, axis=-1).numpy()
    array([[0., 1., 2.],
           [1., 3., 5.]], dtype=float32)
    """
    ends = matching("linspace", start=start, stop=stop)
    for name, end in zip(("start", "stop"), ends, strict=True):
        numeric("linspace", name, end)
    (n,) = sizes("linspace", "num", [num])
    if ends[0].dtype.is_integer:
        ends = [cast(end, "float32" if end.dtype.size < 4 else "float64") for end in ends]
    a, b = ends
    broadcastable("linspace", a, b)
    shape = np.broadcast_shapes(a._data.shape, b._data.shape)
    at = one_axis("linspace", "axis", axis, len(shape) + 1)
    a, b = [expand_dims(broadcast_to(end, shape), at) for end in (a, b)]
    steps = np.arange(1, max(n - 1, 1)).astype(a._data.dtype)
    steps = steps.reshape([-1 if i == at else 1 for i in range(len(shape) + 1)])
    delta = divide(subtract(b, a), a._data.dtype.type(max(n - 1, 1)))
    y = concat([a, add(a, multiply(delta, steps)), b], at)
    return getitem(y, (*[slice(None)] * at, slice(n)))


def one_hot(
    indices: TensorLike,
    depth: int,
    on_value: TensorLike = None,
    off_value: TensorLike = None,
    axis: int | None = None,
    dtype: object = None,
) -> Tensor:
    """`on_value` at each index along a new axis of size `depth`, `off_value` elsewhere.

    Args:
        indices: integers; one outside [0, depth) gives no `on_value` at all.
        depth: >= 0.
        on_value, off_value: scalars, 1 and 0 if not given.
        axis: where the new axis goes; None and -1 are last.
        dtype: of the result: that of the values, or float32.

    Returns:
        Tensor of the shape of `indices` with an axis of size `depth` put in.

    Raises:
        InvalidArgumentError: `indices` not integers, `depth` negative, `axis` out of range, a value
            that is no scalar.
        TypeError: `dtype` is not the dtype of the values.

    Reference: ``tf.one_hot``.

    >>> one_hot([0, 2, 5], 3).numpy()
    array([[1., 0., 0.],
           [0., 0., 1.],
           [0., 0., 0.]], dtype=float32)
    """
    at = integer("one_hot", "indices", indices)._data
    n = one_int("one_hot", "depth", depth)
    if n < 0:
        raise invalid("one_hot", "depth", "depth must be non-negative", n)
    countable("one_hot", "depth", (*at.shape, n))
    k = -1 if axis is None else one_int("one_hot", "axis", axis)
    if not -1 <= k <= at.ndim:
        raise invalid("one_hot", "axis", f"must be in [-1, {at.ndim}]", axis)
    on, off = _on_off(on_value, off_value, dtype)
    hits = at[..., None] == np.arange(n)  # (…, depth)
    return Tensor(np.moveaxis(np.where(hits, on, off), -1, k))


def _on_off(on_value: TensorLike, off_value: TensorLike, dtype: object) -> tuple[Array, Array]:
    """The two values as arrays of one dtype: `dtype`, or that of the first value, or float32."""
    given = {"on_value": on_value, "off_value": off_value}
    said = [name for name, value in given.items() if value is not None]
    if dtype is not None:
        kind = dtype_named("one_hot", dtype)
    else:
        kind = (
            tensor("one_hot", said[0], given[said[0]])._data.dtype if said else np.dtype(np.float32)
        )
    values = []
    for default, (name, value) in zip((1, 0), given.items(), strict=True):
        x = tensor("one_hot", name, np.asarray(default, kind) if value is None else value, kind)
        if x._data.dtype != kind:
            raise TypeError(
                f"one_hot: dtype {x.dtype.name} of `{name}` does not match dtype {kind.name} of "
                "the result"
            )
        if x._data.ndim:
            raise invalid("one_hot", name, f"{name} must be a scalar", value)
        values.append(x._data)
    return values[0], values[1]


def sequence_mask(lengths: TensorLike, maxlen: Any = None, dtype: object = bool_) -> Tensor:
    """``y[…, j] = [j < lengths[…]]``.  No gradient.

    Args:
        lengths: numbers of any shape, which lose their fractions where `maxlen` is given.
        maxlen: the size of the new last axis; None for the largest length.
        dtype: of the result, in which True is 1; None for bool.

    Raises:
        ValueError: `maxlen` is no scalar.
        InvalidArgumentError: `maxlen` negative; `lengths` of bools or complex; or not finite, where
            they decide the size.

    Reference: ``tf.sequence_mask``.

    >>> sequence_mask([1, 3], maxlen=3, dtype="int32").numpy()
    array([[1, 0, 0],
           [1, 1, 1]], dtype=int32)
    """
    given = real("sequence_mask", "lengths", lengths)
    ends = given._data
    kind = dtype_named("sequence_mask", bool_ if dtype is None else dtype)
    if isinstance(maxlen, list | tuple) or np.ndim(maxlen):
        raise ValueError(say("sequence_mask", "maxlen", "must be scalar", maxlen))
    if maxlen is None:
        if ends.dtype.kind == "f" and not np.all(np.isfinite(ends)):
            raise invalid("sequence_mask", "lengths", "must be finite", lengths)
        longest = size_by_value()
        n = math.ceil(ends.max(initial=0)) if longest is None else longest
    else:
        n = one_int("sequence_mask", "maxlen", maxlen)
        wide = tensor("sequence_mask", "maxlen", maxlen)._data.dtype.itemsize > 4
        ends = cast(given, "int64" if wide else "int32")._data
    if n < 0:
        raise invalid("sequence_mask", "maxlen", "must be >= 0", maxlen)
    return Tensor((np.arange(n) < ends[..., None]).astype(kind))


def meshgrid(*args: TensorLike, indexing: str = "xy") -> list[Tensor]:
    """Each of the coordinates `args` laid out over the grid of all of them.

    Args:
        *args: tensors of one dtype, laid out flat: of sizes n0, n1, n2, ….
        indexing: "xy" for grids of shape (n1, n0, n2, …), "ij" for (n0, n1, n2, …).

    Returns:
        As many tensors of that shape.

    Raises:
        ValueError: another `indexing`.
        InvalidArgumentError: two dtypes.

    Reference: ``tf.meshgrid``.

    >>> xs, ys = meshgrid([1, 2, 3], [10, 20])
    >>> xs.numpy(), ys.numpy()
    (array([[1, 2, 3],
           [1, 2, 3]], dtype=int32), array([[10, 10, 10],
           [20, 20, 20]], dtype=int32))
    """
    if not one_of(indexing, ("xy", "ij")):
        raise ValueError(say("meshgrid", "indexing", "must be either 'xy' or 'ij'", indexing))
    if not args:
        return []
    given = [tensor("meshgrid", f"args[{i}]", value) for i, value in enumerate(args)]
    parts = matching("meshgrid", **{f"args[{i}]": part for i, part in enumerate(given)})
    own = [i for i, _ in enumerate(parts)]  # the axis along which each one varies
    if indexing == "xy" and len(own) > 1:
        own[:2] = 1, 0
    full = [parts[i]._data.size for i in own]
    return [
        broadcast_to(reshape(p, [n if k == axis else 1 for k, n in enumerate(full)]), full)
        for p, axis in zip(parts, own, strict=True)
    ]


for _function in (range, linspace, one_hot, sequence_mask, meshgrid):
    register(Op(_function.__name__, _function))
