"""Joining tensors and taking them apart: concat and split, stack and unstack.

Each pair are each other's VJPs.

Raises, all of them: ValueError for what is no tensor; sizes and axes that are not integers are both
an InvalidArgumentError and a TypeError.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine.convert import to_array
from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import InvalidArgumentError, invalid, say
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply, apply_all
from scratchnet.engine.variable import BaseVariable
from scratchnet.ops.arguments import brackets, ints, matching, one_axis, one_int, tensor
from scratchnet.ops.indexing import getitem


def _tensors(where: str, values: Any) -> list[Tensor]:
    if isinstance(values, Tensor | BaseVariable | np.ndarray) and values.ndim:
        values = list(values)
    if not isinstance(values, list | tuple):
        raise ValueError(say(where, "values", "must be a list of tensors", values))
    if not values:
        raise invalid(where, "values", "must hold at least one tensor", values)
    return matching(where, **{f"values[{i}]": value for i, value in enumerate(values)})


def _of_one_dtype(values: Any) -> Any:
    """`values`; where all are plain numbers, as `constant` judges them together: [1, 2.5]."""
    plain = int, float, complex, np.number
    if not isinstance(values, list | tuple) or not all(isinstance(x, plain) for x in values):
        return values
    try:
        return to_array(values) if values else values
    except (TypeError, ValueError):
        return values  # one by one, for an error that names the one


def concat(values: Any, axis: TensorLike) -> Tensor:
    """The tensors one after another along `axis`.  VJP: each gets its own part of `g`.

    Args:
        values: tensors of one dtype and rank r >= 1, alike in all sizes but that of `axis`.
        axis: in [-r, r).

    Returns:
        Tensor of rank r; its size along `axis` is the sum of theirs.

    Raises:
        InvalidArgumentError: no tensors; dtypes, ranks or sizes differ; `axis` out of range (which
            TensorFlow does not look at where there is only one tensor).

    Reference: ``tf.concat``.

    >>> concat([[1, 2], [3]], 0).numpy()
    array([1, 2, 3], dtype=int32)
    """
    if isinstance(values, Tensor | BaseVariable | np.ndarray):
        values = [values]  # one tensor, not a list of its rows
    parts = _tensors("concat", values)
    first = parts[0]._data
    if not first.ndim:
        raise invalid("concat", "values", "must have rank >= 1", parts[0])
    k = one_axis("concat", "axis", axis, first.ndim)
    for i, part in enumerate(parts):
        _same_but(k, i, first.shape, part._data.shape)
    return apply(CONCAT, *parts, axis=k)


def _same_but(axis: int, i: int, a: tuple[int, ...], b: tuple[int, ...]) -> None:
    if len(a) != len(b):
        rule = "Ranks of all input tensors should match"
    else:
        unequal = [k for k, (n, m) in enumerate(zip(a, b, strict=True)) if k != axis and n != m]
        if not unequal:
            return
        rule = f"Dimension {unequal[0]} in both shapes must be equal"
    raise InvalidArgumentError(
        f"concat: {rule}: values[0].shape = {brackets(a)} vs. values[{i}].shape = {brackets(b)}"
    )


def _concat(*arrays: Array, axis: int) -> tuple[Array, None]:
    return np.concatenate(arrays, axis), None


def _concat_gi(g: Tensor, record: Record, i: int) -> Tensor:
    axis = record.attrs["axis"]
    start = sum(x._data.shape[axis] for x in record.inputs[:i])
    stop = start + record.inputs[i]._data.shape[axis]
    return getitem(g, (slice(None),) * axis + (slice(start, stop),))


CONCAT = register(
    Op("concat", concat, _concat, vjps=(_concat_gi,), variadic=True, complex_vjps=True)
)


def stack(values: Any, axis: TensorLike = 0) -> Tensor:
    """The tensors side by side along a new axis.  VJP: each gets its own slice of `g`.

    Args:
        values: tensors of one dtype and one shape, of rank r.
        axis: where the new axis goes, in [-r-1, r].

    Returns:
        Tensor of rank r + 1; its size along `axis` is the number of `values`.

    Raises:
        InvalidArgumentError: dtypes or shapes differ; no tensors (TensorFlow: an empty float32
            one).
        ValueError: `axis` out of range.

    Reference: ``tf.stack``.

    >>> stack([[1, 2], [3, 4]], axis=1).numpy()
    array([[1, 3],
           [2, 4]], dtype=int32)
    """
    parts = _tensors("stack", _of_one_dtype(values))
    shape = parts[0]._data.shape
    for i, part in enumerate(parts):
        if part._data.shape != shape:
            raise InvalidArgumentError(
                f"stack: Shapes of all inputs must match: values[0].shape = {brackets(shape)} != "
                f"values[{i}].shape = {brackets(part._data.shape)}"
            )
    k = one_axis("stack", "axis", axis, len(shape) + 1, ValueError)
    return apply(STACK, *parts, axis=k)


def _stack(*arrays: Array, axis: int) -> tuple[Array, None]:
    return np.stack(arrays, axis), None


def _stack_gi(g: Tensor, record: Record, i: int) -> Tensor:
    return getitem(g, (slice(None),) * record.attrs["axis"] + (i,))


STACK = register(Op("stack", stack, _stack, vjps=(_stack_gi,), variadic=True, complex_vjps=True))


def unstack(value: TensorLike, num: int | None = None, axis: TensorLike = 0) -> list[Tensor]:
    """The slices of `value` along `axis`, which goes.  VJP: ``gx = stack(gs, axis)``.

    Args:
        value: rank r >= 1.
        num: the size of `axis`, if it is to be checked.
        axis: in [-r, r).

    Returns:
        As many tensors of rank r - 1 as `axis` has slices.

    Raises:
        InvalidArgumentError: `num` is not the size of `axis`.
        ValueError: rank 0, `axis` out of range.

    Reference: ``tf.unstack``.

    >>> [t.numpy().tolist() for t in unstack([[1, 2], [3, 4]], axis=1)]
    [[1, 3], [2, 4]]
    """
    x = tensor("unstack", "value", value)
    k = one_axis("unstack", "axis", axis, x._data.ndim, ValueError)
    if num is not None and one_int("unstack", "num", num) != x._data.shape[k]:
        raise invalid("unstack", "num", f"must be the size {x._data.shape[k]} of axis {k}", num)
    return list(apply_all(UNSTACK, x, axis=k)) if x._data.shape[k] else []


def _unstack(x: Array, axis: int) -> tuple[tuple[Array, ...], None]:
    return tuple(np.moveaxis(x, axis, 0)), None


def _unstack_gx(gs: Any, record: Record) -> Tensor:
    return stack(gs if isinstance(gs, tuple) else [gs], record.attrs["axis"])


UNSTACK = register(Op("unstack", unstack, _unstack, vjps=(_unstack_gx,), complex_vjps=True))


def split(value: TensorLike, num_or_size_splits: TensorLike, axis: TensorLike = 0) -> list[Tensor]:
    """`value` cut into parts along `axis`.  VJP: ``gx = concat(gs, axis)``.

    Args:
        value: rank r >= 1.
        num_or_size_splits: the number of equal parts, or their sizes (one may be -1: the rest).
        axis: in [-r, r).

    Returns:
        The parts, tensors of rank r.

    Raises:
        InvalidArgumentError: the parts do not add up to the size of `axis`, `axis` out of range; a
            number of parts that is no integer (TensorFlow: ValueError).

    Reference: ``tf.split``.

    >>> [t.numpy().tolist() for t in split([1, 2, 3], [1, 2])]
    [[1], [2, 3]]
    """
    x = tensor("split", "value", value)
    k = one_axis("split", "axis", axis, x._data.ndim)
    sizes = _part_sizes(x._data.shape[k], num_or_size_splits, k)
    return list(apply_all(SPLIT, x, sizes=sizes, axis=k))


def _part_sizes(size: int, parts: TensorLike, axis: int) -> tuple[int, ...]:
    name = "num_or_size_splits"
    given = ints("split", name, parts)
    if np.ndim(parts._data if isinstance(parts, Tensor) else parts) == 0:
        count = given[0]
        if count < 1 or size % count:
            raise InvalidArgumentError(
                f"split: `{name}`: Number of ways to split should evenly divide the split "
                f"dimension, but got split_dim {axis} (size = {size}) and num_split {count}"
            )
        return (size // count,) * count
    rest = size - sum(n for n in given if n != -1)
    sizes = tuple([rest if n == -1 else n for n in given])
    if given.count(-1) > 1 or min(sizes, default=-1) < 0 or sum(sizes) != size:
        rule = f"must be sizes >= 0 that add up to {size}, the size of axis {axis}"
        raise invalid("split", name, rule, given)
    return sizes


def _split(x: Array, sizes: tuple[int, ...], axis: int) -> tuple[tuple[Array, ...], None]:
    return tuple(np.split(x, np.cumsum(sizes)[:-1], axis)), None


def _split_gx(gs: Any, record: Record) -> Tensor:
    return concat(gs if isinstance(gs, tuple) else [gs], record.attrs["axis"])


SPLIT = register(Op("split", split, _split, vjps=(_split_gx,), complex_vjps=True))
