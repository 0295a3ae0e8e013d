"""A tensor with some of its values replaced, or with something added to them, or held to it.

`scatter_nd`, which begins with zeros, is in `scratchnet.ops.gather` beside `gather_nd`: each is the
other's VJP.

Raises, all of them: InvalidArgumentError for a position out of range, updates of another shape, and
(also a TypeError) for two dtypes and indices that are not integers; ValueError for what is no
tensor.
"""

from __future__ import annotations

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.op import NoGradient, Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.ops.arguments import integer, matching, numeric, real
from scratchnet.ops.comparison import equal
from scratchnet.ops.creation import cast, zeros_like
from scratchnet.ops.gather import check_updates, gather_nd, scatter_nd


def _arguments(
    where: str, tensor: TensorLike, indices: TensorLike, updates: TensorLike
) -> tuple[Tensor, Tensor, Tensor]:
    x, values = matching(where, tensor=tensor, updates=updates)
    at = integer(where, "indices", indices)
    check_updates(where, at._data, values._data, x._data.shape)
    return x, at, values


def tensor_scatter_nd_update(
    tensor: TensorLike, indices: TensorLike, updates: TensorLike
) -> Tensor:
    """`tensor` with each of `updates` put at its position; of several at one position, the last.

    VJP: ``gt = g`` with zeros at the positions, ``gu = gather_nd(g, indices)``.

    Args:
        tensor: rank r.
        indices: integers of shape (…, k), 1 <= k <= r: each row a position in the first k axes.
        updates: shape ``indices.shape[:-1] + tensor.shape[k:]``.

    Returns:
        Tensor of the shape of `tensor`.

    Reference: ``tf.tensor_scatter_nd_update``.

    >>> tensor_scatter_nd_update([1, 2, 3], [[0], [2]], [7, 8]).numpy()
    array([7, 2, 8], dtype=int32)
    """
    return apply(UPDATE, *_arguments("tensor_scatter_nd_update", tensor, indices, updates))


def _update(x: Array, indices: Array, updates: Array) -> tuple[Array, None]:
    out = x.copy()
    out[tuple(np.moveaxis(indices, -1, 0))] = updates
    return out, None


def _update_gx(g: Tensor, record: Record) -> Tensor:
    _, indices, updates = record.inputs
    return tensor_scatter_nd_update(g, indices, zeros_like(updates))


def _update_gu(g: Tensor, record: Record) -> Tensor:
    return gather_nd(g, record.inputs[1])


_INDICES = NoGradient("indices are integers")
UPDATE = register(
    Op(
        "tensor_scatter_nd_update",
        tensor_scatter_nd_update,
        _update,
        vjps=(_update_gx, _INDICES, _update_gu),
        complex_vjps=True,
    )
)


def tensor_scatter_nd_add(tensor: TensorLike, indices: TensorLike, updates: TensorLike) -> Tensor:
    """`tensor` with each of `updates` added at its position.

    Arguments as of `tensor_scatter_nd_update`.  Reference: ``tf.tensor_scatter_nd_add``.

    >>> tensor_scatter_nd_add([1, 2, 3], [[0], [0]], [7, 8]).numpy()
    array([16,  2,  3], dtype=int32)
    """
    x, at, values = _arguments("tensor_scatter_nd_add", tensor, indices, updates)
    numeric("tensor_scatter_nd_add", "tensor", x)
    return x + scatter_nd(at, values, x._data.shape)


def tensor_scatter_nd_sub(tensor: TensorLike, indices: TensorLike, updates: TensorLike) -> Tensor:
    """`tensor` with each of `updates` subtracted at its position.

    Arguments as of `tensor_scatter_nd_update`.  Reference: ``tf.tensor_scatter_nd_sub``.

    >>> tensor_scatter_nd_sub([1, 2, 3], [[0], [2]], [7, 8]).numpy()
    array([-6,  2, -5], dtype=int32)
    """
    x, at, values = _arguments("tensor_scatter_nd_sub", tensor, indices, updates)
    numeric("tensor_scatter_nd_sub", "tensor", x)
    return x - scatter_nd(at, values, x._data.shape)


# -- the larger and the smaller -------------------------------------------------------------------


def tensor_scatter_nd_max(tensor: TensorLike, indices: TensorLike, updates: TensorLike) -> Tensor:
    """`tensor`, or the update at a position where that is larger.

    VJP: `g` goes to whichever values are the result, in equal shares.

    Arguments as of `tensor_scatter_nd_update`.  Reference: ``tf.tensor_scatter_nd_max``.

    >>> tensor_scatter_nd_max([1, 2, 3], [[0], [2]], [7, 0]).numpy()
    array([7, 2, 3], dtype=int32)
    """
    return _extremum(MAX, tensor, indices, updates)


def tensor_scatter_nd_min(tensor: TensorLike, indices: TensorLike, updates: TensorLike) -> Tensor:
    """`tensor`, or the update at a position where that is smaller.

    VJP: as of `tensor_scatter_nd_max`.

    Arguments as of `tensor_scatter_nd_update`.  Reference: ``tf.tensor_scatter_nd_min``.

    >>> tensor_scatter_nd_min([1, 2, 3], [[0], [2]], [7, 0]).numpy()
    array([1, 2, 0], dtype=int32)
    """
    return _extremum(MIN, tensor, indices, updates)


def _extremum(op: Op, tensor: TensorLike, indices: TensorLike, updates: TensorLike) -> Tensor:
    x, at, values = _arguments(op.name, tensor, indices, updates)
    real(op.name, "tensor", x)
    return apply(op, x, at, values)


def _max(x: Array, indices: Array, updates: Array) -> tuple[Array, None]:
    out = x.copy()
    np.maximum.at(out, tuple(np.moveaxis(indices, -1, 0)), updates)
    return out, None


def _min(x: Array, indices: Array, updates: Array) -> tuple[Array, None]:
    out = x.copy()
    np.minimum.at(out, tuple(np.moveaxis(indices, -1, 0)), updates)
    return out, None


def _shares(g: Tensor, record: Record) -> tuple[Tensor, Tensor, Tensor]:
    """Which values of the tensor and of the updates are the result, and `g` for one of them."""
    x, indices, updates = record.inputs
    y = record.output
    own = cast(equal(x, y), g._data.dtype)
    others = cast(equal(updates, gather_nd(y, indices)), g._data.dtype)
    return own, others, g / (own + scatter_nd(indices, others, y._data.shape))


def _extremum_gx(g: Tensor, record: Record) -> Tensor:
    own, _, each = _shares(g, record)
    return own * each


def _extremum_gu(g: Tensor, record: Record) -> Tensor:
    _, others, each = _shares(g, record)
    return others * gather_nd(each, record.inputs[1])


_VJPS = (_extremum_gx, _INDICES, _extremum_gu)
MAX = register(Op("tensor_scatter_nd_max", tensor_scatter_nd_max, _max, vjps=_VJPS))
MIN = register(Op("tensor_scatter_nd_min", tensor_scatter_nd_min, _min, vjps=_VJPS))

for _function in (tensor_scatter_nd_add, tensor_scatter_nd_sub):
    register(Op(_function.__name__, _function))
