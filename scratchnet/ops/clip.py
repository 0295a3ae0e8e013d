"""Clipping: by value, by the norm of one tensor, by that of several together.

Of a gradient that is a sum of slices, such as that of `gather`, each slice is clipped, as in
TensorFlow, before those of one row are added up; and the norm is that of the slices.

Raises, all of them: InvalidArgumentError (also a TypeError) for a dtype that is not floating (of
`clip_by_value`: not numeric), or two dtypes; ValueError for what is no tensor.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import invalid, say
from scratchnet.engine.indexed_slices import slices_of
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.ops.arguments import axes as named_axes
from scratchnet.ops.arguments import broadcastable, floating, matching, numeric, real, tensor
from scratchnet.ops.comparison import logical_and, where
from scratchnet.ops.concat_split import stack
from scratchnet.ops.creation import cast, ones_like
from scratchnet.ops.exponential import sqrt
from scratchnet.ops.extrema import maximum, minimum
from scratchnet.ops.reduce import reduce_sum
from scratchnet.ops.slices import values_of, with_values
from scratchnet.ops.statistics import l2_loss


def clip_by_value(t: TensorLike, clip_value_min: TensorLike, clip_value_max: TensorLike) -> Tensor:
    """``z = max(min(t, hi), lo)``.

    VJP: ``gt = g [lo <= t <= hi]`` (1 on both boundaries), ``glo = g [min(t, hi) < lo]``,
    ``ghi = g [t > hi >= lo]``; that of a nan goes to `lo`.

    Args:
        t: numeric, any shape.
        clip_value_min, clip_value_max: of the dtype of `t`; their shapes broadcast to that of `t`.

    Raises:
        InvalidArgumentError: dtypes differ or are bool, or the shapes do not broadcast.
        ValueError: a bound of a larger shape than `t`.

    Reference: ``tf.clip_by_value``.

    >>> clip_by_value([-2.0, 0.5, 2.0], -1.0, 1.0).numpy()
    array([-1. ,  0.5,  1. ], dtype=float32)
    """
    op = "clip_by_value"
    if slices_of(t) is not None:
        values = clip_by_value(values_of(t), clip_value_min, clip_value_max)
        return with_values(t, values)  # type: ignore[no-any-return]
    bounds = {"clip_value_min": clip_value_min, "clip_value_max": clip_value_max}
    x, lo, hi = matching(op, t=t, **bounds)
    real(op, "t", x)
    broadcastable(op, x, lo, hi)
    for name, bound in zip(bounds, (lo, hi), strict=True):
        if np.broadcast_shapes(x._data.shape, bound._data.shape) != x._data.shape:
            raise ValueError(
                f"{op}: `{name}` must broadcast to the shape of `t`: Shapes {x._data.shape} and "
                f"{bound._data.shape} are incompatible"
            )
    return apply(CLIP_BY_VALUE, x, lo, hi)


def _clip_by_value(x: Array, lo: Array, hi: Array) -> tuple[Array, None]:
    return np.maximum(np.minimum(x, hi), lo), None


def _clip_gx(g: Tensor, record: Record) -> Tensor:
    x, lo, hi = record.inputs
    return where(logical_and(lo <= x, x <= hi), g, 0)


def _clip_glo(g: Tensor, record: Record) -> Tensor:
    x, lo, hi = record.inputs
    return where(minimum(x, hi) >= lo, 0, g)


def _clip_ghi(g: Tensor, record: Record) -> Tensor:
    x, lo, hi = record.inputs
    return where(logical_and(x > hi, hi >= lo), g, 0)


CLIP_BY_VALUE = register(
    Op(
        "clip_by_value",
        clip_by_value,
        _clip_by_value,
        (_clip_gx, _clip_glo, _clip_ghi),
        broadcasts=True,
    )
)


def clip_by_norm(t: TensorLike, clip_norm: TensorLike, axes: Any = None) -> Tensor:
    """``y = t · c / max(‖t‖, c)``: `t`, made shorter where its norm is above ``c = clip_norm``.

    Args:
        t: floating.
        clip_norm: a scalar of any dtype; a negative one is taken for 0.
        axes: along which the norm is taken; None for all.

    Raises:
        InvalidArgumentError: as all here; `clip_norm` is no scalar (TensorFlow also takes one that
            broadcasts), an axis out of range.

    Reference: ``tf.clip_by_norm``.

    >>> clip_by_norm([6.0, 8.0], 5.0).numpy()
    array([3., 4.], dtype=float32)
    """
    if slices_of(t) is not None:
        values = clip_by_norm(values_of(t), clip_norm, axes)
        return with_values(t, values)  # type: ignore[no-any-return]
    x = floating("clip_by_norm", "t", t)
    limit = tensor("clip_by_norm", "clip_norm", clip_norm, hint=x._data.dtype)
    numeric("clip_by_norm", "clip_norm", limit)
    if limit._data.ndim:
        raise invalid("clip_by_norm", "clip_norm", "must be a scalar", clip_norm)
    c = cast(maximum(limit, 0), x._data.dtype)
    squares = reduce_sum(x * x, named_axes("clip_by_norm", "axes", axes, x._data.ndim), True)
    some = squares > 0  # a root of 0 would make the gradient nan
    size = where(some, sqrt(where(some, squares, ones_like(squares))), squares)
    return x * c / maximum(size, c)


def _tensors(where: str, t_list: Any) -> list[Tensor]:
    if not isinstance(t_list, Sequence) or isinstance(t_list, str):
        raise TypeError(say(where, "t_list", "should be a sequence of tensors", t_list))
    named = {f"t_list[{i}]": values_of(t) for i, t in enumerate(t_list) if t is not None}
    if not named:
        return []
    found = matching(where, **{name: tensor(where, name, t) for name, t in named.items()})
    floating(where, "t_list", found[0])
    return found


def global_norm(t_list: Any) -> Tensor:
    """``y = √Σ ‖t‖²`` over all tensors of a list; None in it is passed over.

    Raises:
        TypeError: no list.
        InvalidArgumentError: as all here.

    Reference: ``tf.linalg.global_norm``.

    >>> global_norm([[3.0], None, [[4.0]]]).numpy()
    np.float32(5.0)
    """
    parts = _tensors("global_norm", t_list)
    if not parts:
        return Tensor(np.zeros((), np.float32))
    return sqrt(reduce_sum(stack([l2_loss(part) for part in parts])) * 2)


def clip_by_global_norm(
    t_list: Any, clip_norm: TensorLike, use_norm: TensorLike = None
) -> tuple[list[Tensor | None], Tensor]:
    """Each ``t · c / max(n, c)``, with n the norm of all tensors together and ``c = clip_norm``.

    If the norm is inf or nan, all results are nan.

    Args:
        t_list: floating tensors of one dtype; None stays None.
        clip_norm: a scalar > 0.
        use_norm: n, where it is known already.

    Returns:
        The list of results, and n.

    Raises:
        TypeError: no list.
        InvalidArgumentError: as all here; `clip_norm` or `use_norm` is no scalar.

    Reference: ``tf.clip_by_global_norm``.

    >>> clipped, norm = clip_by_global_norm([[3.0], None, [4.0]], 1.0)
    >>> clipped[0].numpy(), clipped[1], norm.numpy()
    (array([0.6], dtype=float32), None, np.float32(5.0))
    """
    parts = iter(_tensors("clip_by_global_norm", t_list))
    size = global_norm(t_list) if use_norm is None else use_norm
    n, c = matching("clip_by_global_norm", use_norm=size, clip_norm=clip_norm)
    floating("clip_by_global_norm", "use_norm", n)
    for name, value in (("use_norm", n), ("clip_norm", c)):
        if value._data.ndim:
            raise invalid("clip_by_global_norm", name, "must be a scalar", value)
    scale = c * minimum(1 / n, 1 / c) + (n - n)  # inf - inf is nan
    return [None if t is None else with_values(t, next(parts) * scale) for t in t_list], n


for _function in (clip_by_norm, global_norm, clip_by_global_norm):
    register(Op(_function.__name__, _function))
