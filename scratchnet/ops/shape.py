"""Shapes: reshape and its kin, transpose, broadcast_to and sum_to; shape, size and rank as tensors.

Each of those that change a shape is linear, so its VJP is its transpose: another op of this file.

Raises, all of them: ValueError for what is no tensor; sizes and axes that are not integers are both
an InvalidArgumentError and a TypeError.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array, int32
from scratchnet.engine.errors import InvalidArgumentError, invalid
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.ops import arguments
from scratchnet.ops.arguments import (
    axes,
    brackets,
    dtype_named,
    flag,
    index_dtype,
    ints,
    one_axis,
    sizes,
    tensor,
)
from scratchnet.ops.complex_numbers import conj
from scratchnet.ops.sums import sum_over

# -- reshape, expand_dims, squeeze, transpose -----------------------------------------------------


def reshape(tensor: TensorLike, shape: TensorLike) -> Tensor:
    """The same values in row-major order, in `shape`.  VJP: ``gx = reshape(g, x.shape)``.

    Args:
        tensor: any.
        shape: sizes with the same product; one of them may be -1, to be worked out.

    Raises:
        InvalidArgumentError: another number of values, two -1, a size below -1.

    Reference: ``tf.reshape``.

    >>> reshape([1, 2, 3, 4], [2, -1]).numpy()
    array([[1, 2],
           [3, 4]], dtype=int32)
    """
    x = arguments.tensor("reshape", "tensor", tensor)
    return apply(RESHAPE, x, shape=_resolved(x._data.shape, ints("reshape", "shape", shape)))


def _resolved(old: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """`shape` with its -1 replaced by the size that the values of shape `old` need."""
    unknown = [i for i, n in enumerate(shape) if n == -1]
    if len(unknown) > 1:
        raise InvalidArgumentError(
            f"reshape: `shape`: Only one input size may be -1, not both {unknown[0]} and "
            f"{unknown[1]}, received shape={shape}"
        )
    if any(n < -1 for n in shape):
        raise invalid("reshape", "shape", "must hold sizes >= 0, or -1 once", shape)
    size, known = math.prod(old), math.prod(n for n in shape if n != -1)
    if (size and (not known or size % known)) if unknown else size != known:
        rule = f"requires a multiple of {known}" if unknown else f"has {known}"
        raise InvalidArgumentError(
            f"reshape: Input to reshape is a tensor with {size} values, but the requested shape "
            f"{rule}: received shape={shape}"
        )
    if not known:  # axes of size 0 are set aside: of (0, 6) values [0, -1] makes (0, 6)
        size, known = math.prod(n for n in old if n), math.prod(n for n in shape if n > 0)
    return tuple([size // known if n == -1 else n for n in shape])


def _reshape(x: Array, shape: tuple[int, ...]) -> tuple[Array, None]:
    return x.reshape(shape), None


def _reshape_gx(g: Tensor, record: Record) -> Tensor:
    return reshape(g, record.inputs[0]._data.shape)


RESHAPE = register(Op("reshape", reshape, _reshape, vjps=(_reshape_gx,), complex_vjps=True))


def expand_dims(input: TensorLike, axis: int) -> Tensor:
    """A new axis of size 1 at `axis`.  VJP: as of `reshape`.

    Args:
        input: rank r.
        axis: in [-r-1, r].

    Raises:
        InvalidArgumentError: `axis` out of range.

    Reference: ``tf.expand_dims``.

    >>> expand_dims([1, 2], -1).shape
    TensorShape([2, 1])
    """
    x = tensor("expand_dims", "input", input)
    shape = list(x._data.shape)
    shape.insert(one_axis("expand_dims", "axis", axis, len(shape) + 1), 1)
    return reshape(x, shape)


register(Op("expand_dims", expand_dims))


def squeeze(input: TensorLike, axis: Any = None) -> Tensor:
    """Without its axes of size 1, or without those in `axis`.  VJP: as of `reshape`.

    Raises:
        InvalidArgumentError: an axis in `axis` is out of range, not of size 1, or named twice
            (which TensorFlow lets pass).

    Reference: ``tf.squeeze``.

    >>> squeeze([[[1], [2]]]).shape
    TensorShape([2])
    """
    x = tensor("squeeze", "input", input)
    shape = x._data.shape
    if axis is None or not (len(axis) if isinstance(axis, list | tuple) else np.size(axis)):
        gone = tuple([i for i, n in enumerate(shape) if n == 1])
    else:
        gone = axes("squeeze", "axis", axis, len(shape))
    for i in gone:
        if shape[i] != 1:
            raise InvalidArgumentError(
                f"squeeze: `axis`: Can not squeeze dim[{i}], expected a dimension of 1, got "
                f"{shape[i]}: received input.shape={shape}, axis={axis}"
            )
    return reshape(x, [n for i, n in enumerate(shape) if i not in gone])


register(Op("squeeze", squeeze))


def transpose(a: TensorLike, perm: TensorLike = None, conjugate: bool = False) -> Tensor:
    """Axis i of the output is axis ``perm[i]`` of the input.

    VJP: transpose by the inverse permutation.

    Args:
        a: rank r.
        perm: a permutation of 0..r-1, negative ones counting from the end; None reverses the axes.
        conjugate: of complex numbers, take the conjugate too.

    Raises:
        InvalidArgumentError: `perm` is not a permutation of the axes.

    Reference: ``tf.transpose``.

    >>> transpose([[1, 2, 3], [4, 5, 6]]).shape
    TensorShape([3, 2])
    """
    x = tensor("transpose", "a", a)
    flipped = flag("transpose", "conjugate", conjugate)
    x = conj(x) if flipped and x._data.dtype.kind == "c" else x
    rank = x._data.ndim
    if perm is None:
        return apply(TRANSPOSE, x, perm=tuple(range(rank))[::-1])
    order = ints("transpose", "perm", perm, scalar=False)
    positive = tuple([n + rank if -rank <= n < 0 else n for n in order])
    if sorted(positive) != list(range(rank)):
        raise invalid("transpose", "perm", f"must be a permutation of the {rank} axes", order)
    return apply(TRANSPOSE, x, perm=positive)


def _transpose(x: Array, perm: tuple[int, ...]) -> tuple[Array, None]:
    return x.transpose(perm), None


def _transpose_gx(g: Tensor, record: Record) -> Tensor:
    return transpose(g, np.argsort(record.attrs["perm"]).tolist())


TRANSPOSE = register(
    Op("transpose", transpose, _transpose, vjps=(_transpose_gx,), complex_vjps=True)
)


# -- broadcast_to and its transpose sum_to --------------------------------------------------------


def broadcast_to(input: TensorLike, shape: TensorLike) -> Tensor:
    """`input` repeated along new axes and axes of size 1, to `shape`.

    VJP: ``gx = sum_to(g, x.shape)``.

    Raises:
        InvalidArgumentError: the shape of `input` does not broadcast to `shape`, which must be a
            list of sizes >= 0.

    Reference: ``tf.broadcast_to``.

    >>> broadcast_to([1, 2], [2, 2]).numpy()
    array([[1, 2],
           [1, 2]], dtype=int32)
    """
    x = tensor("broadcast_to", "input", input)
    wanted = sizes("broadcast_to", "shape", shape, scalar=False)
    if not reaches(x._data.shape, wanted):
        raise InvalidArgumentError(
            f"broadcast_to: Incompatible shapes: {brackets(x._data.shape)} vs. {brackets(wanted)}"
        )
    return apply(BROADCAST_TO, x, shape=wanted)


def reaches(small: tuple[int, ...], large: tuple[int, ...]) -> bool:
    """Whether `small` broadcasts to `large`."""
    tail = large[len(large) - len(small) :]
    return len(small) <= len(large) and all(n in (1, m) for n, m in zip(small, tail, strict=True))


def _broadcast_to(x: Array, shape: tuple[int, ...]) -> tuple[Array, None]:
    if not x.flags.c_contiguous or not x.size:
        return np.broadcast_to(x, shape), None
    # The same view, without what NumPy's function does for arrays of all kinds.
    missing = len(shape) - x.ndim
    steps = zip(x.shape, shape[missing:], x.strides, strict=True)
    strides = (0,) * missing + tuple([0 if m != n else step for m, n, step in steps])
    view = np.ndarray(shape, x.dtype, x.data if x.ndim else x, 0, strides)
    view.flags.writeable = False
    return view, None


def _broadcast_to_gx(g: Tensor, record: Record) -> Tensor:
    return sum_to(g, record.inputs[0]._data.shape)


BROADCAST_TO = register(
    Op("broadcast_to", broadcast_to, _broadcast_to, vjps=(_broadcast_to_gx,), complex_vjps=True)
)


def sum_to(input: TensorLike, shape: TensorLike) -> Tensor:
    """`input` summed over the axes along which `shape` would be broadcast to it.

    The transpose of `broadcast_to`: what turns the cotangent of a broadcast operand into its own.
    VJP: ``gx = broadcast_to(g, x.shape)``.

    Raises:
        InvalidArgumentError: `shape` does not broadcast to the shape of `input`.

    Reference: what ``tf.raw_ops.BroadcastGradientArgs`` and ``tf.reduce_sum`` do together.

    >>> sum_to([[1, 2], [3, 4]], [2]).numpy()
    array([4, 6], dtype=int32)
    """
    x = tensor("sum_to", "input", input)
    wanted = sizes("sum_to", "shape", shape, scalar=False)
    if not reaches(wanted, x._data.shape):
        raise InvalidArgumentError(
            f"sum_to: Incompatible shapes: {brackets(x._data.shape)} vs. {brackets(wanted)}"
        )
    return apply(SUM_TO, x, shape=wanted)


def _sum_to(x: Array, shape: tuple[int, ...]) -> tuple[Array, None]:
    new = x.ndim - len(shape)
    stretched = [new + i for i, n in enumerate(shape) if n == 1 and x.shape[new + i] != 1]
    return sum_over(x, (*range(new), *stretched)).reshape(shape), None


def _sum_to_gx(g: Tensor, record: Record) -> Tensor:
    return broadcast_to(g, record.inputs[0]._data.shape)


SUM_TO = register(Op("sum_to", sum_to, _sum_to, vjps=(_sum_to_gx,), complex_vjps=True))


# -- shape, size and rank as tensors: none has a gradient ------------------------------------------


def shape(input: TensorLike, out_type: object = None) -> Tensor:
    """The sizes of all axes, (rank,).

    Args:
        input: any.
        out_type: int32 (None) or int64.

    Raises:
        InvalidArgumentError: another `out_type`.

    Reference: ``tf.shape``.

    >>> shape([[1, 2, 3], [4, 5, 6]]).numpy()
    array([2, 3], dtype=int32)
    """
    kind = index_dtype("shape", "out_type", int32 if out_type is None else out_type)
    return _counted(tensor("shape", "input", input)._data.shape, kind)


def size(input: TensorLike, out_type: object = None) -> Tensor:
    """The number of values, a scalar of `out_type` (None: int32).  Reference: ``tf.size``.

    >>> size([[1, 2, 3], [4, 5, 6]]).numpy()
    np.int32(6)
    """
    kind = dtype_named("size", int32 if out_type is None else out_type)
    return _counted(tensor("size", "input", input)._data.size, kind)


def rank(input: TensorLike) -> Tensor:
    """The number of axes, an int32 scalar.  Reference: ``tf.rank``.

    >>> rank([[1, 2, 3], [4, 5, 6]]).numpy()
    np.int32(2)
    """
    return _counted(tensor("rank", "input", input)._data.ndim, int32.numpy)


def _counted(value: Any, kind: np.dtype[Any]) -> Tensor:
    return Tensor(np.asarray(value, kind))


for _function in (shape, size, rank):
    register(Op(_function.__name__, _function))
