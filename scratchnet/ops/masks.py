"""What is picked by a mask, masks of lengths, grids of coordinates, and values moved round.

Raises, all of them: ValueError for what is no tensor; what should be integers and is not is both an
InvalidArgumentError and a TypeError.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array, bool_
from scratchnet.engine.errors import invalid, say
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.ops import arguments
from scratchnet.ops.arguments import dtype_named, ints, matching, numeric, one_axis, one_int
from scratchnet.ops.gather import gather
from scratchnet.ops.shape import broadcast_to, reshape


def boolean_mask(tensor: TensorLike, mask: TensorLike, axis: Any = None) -> Tensor:
    """The slices of `tensor` for which `mask` is True.

    VJP: each cotangent goes back to where its slice was.

    Args:
        tensor: rank r.
        mask: bool (or numbers, which are True but for 0), of rank m >= 1; its shape is that of
            `tensor` from `axis` on.
        axis: where that is, in 0..r-m; None for 0.

    Returns:
        Tensor of rank r - m + 1: (…, count, …).

    Raises:
        ValueError: a scalar `mask`; shapes that do not fit; `axis` out of range or negative.

    Reference: ``tf.boolean_mask``.

    >>> boolean_mask([[1, 2], [3, 4], [5, 6]], [True, False, True]).numpy()
    array([[1, 2],
           [5, 6]], dtype=int32)
    """
    x = arguments.tensor("boolean_mask", "tensor", tensor)
    picks = arguments.tensor("boolean_mask", "mask", mask)._data
    if not picks.ndim:
        raise ValueError(say("boolean_mask", "mask", "cannot be scalar", mask))
    k = 0 if axis is None else one_int("boolean_mask", "axis", axis)
    sizes = x._data.shape
    after = k + picks.ndim
    if k < 0 or sizes[k:after] != picks.shape:
        raise ValueError(
            "boolean_mask: `mask` must have the shape of `tensor` from `axis` on: Shapes "
            f"{sizes[k:after] if k >= 0 else ()} and {picks.shape} are incompatible"
        )
    flat = reshape(x, [*sizes[:k], math.prod(picks.shape), *sizes[after:]])
    return gather(flat, np.flatnonzero(picks), axis=k)


def sequence_mask(lengths: TensorLike, maxlen: Any = None, dtype: object = bool_) -> Tensor:
    """``y[…, j] = [j < lengths[…]]``.  No gradient.

    Args:
        lengths: numbers of any shape.
        maxlen: the size of the new last axis; None for the largest length.
        dtype: of the result, in which True is 1; None for bool.

    Raises:
        ValueError: `maxlen` is no scalar.
        InvalidArgumentError: `maxlen` negative; `lengths` of bools.

    Reference: ``tf.sequence_mask``.

    >>> sequence_mask([1, 3], maxlen=3, dtype="int32").numpy()
    array([[1, 0, 0],
           [1, 1, 1]], dtype=int32)
    """
    ends = numeric("sequence_mask", "lengths", lengths)._data
    kind = dtype_named("sequence_mask", bool_ if dtype is None else dtype)
    if np.ndim(maxlen):
        raise ValueError(say("sequence_mask", "maxlen", "must be scalar", maxlen))
    if maxlen is None:
        n = math.ceil(ends.max(initial=0))
    else:
        n = one_int("sequence_mask", "maxlen", maxlen)
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
    if indexing not in ("xy", "ij"):
        raise ValueError(say("meshgrid", "indexing", "must be either 'xy' or 'ij'", indexing))
    if not args:
        return []
    given = [arguments.tensor("meshgrid", f"args[{i}]", value) for i, value in enumerate(args)]
    parts = matching("meshgrid", **{f"args[{i}]": part for i, part in enumerate(given)})
    own = list(range(len(parts)))  # the axis along which each one varies
    if indexing == "xy" and len(own) > 1:
        own[:2] = 1, 0
    full = [parts[i]._data.size for i in own]
    lines = [[-1 if k == own[i] else 1 for k in range(len(own))] for i in range(len(own))]
    return [
        broadcast_to(reshape(p, [p._data.size if n < 0 else n for n in line]), full)
        for p, line in zip(parts, lines, strict=True)
    ]


def roll(input: TensorLike, shift: TensorLike, axis: TensorLike) -> Tensor:
    """The values moved on by `shift` along `axis`; those that leave at one end enter at the other.

    VJP: the same, backwards.

    Args:
        input: rank r >= 1.
        shift: by how much: an integer, or one for each of several axes.
        axis: as many, in [-r, r); one named twice is rolled twice.

    Raises:
        InvalidArgumentError: rank 0; `axis` out of range; not as many shifts as axes.

    Reference: ``tf.roll``.

    >>> roll([1, 2, 3, 4], shift=1, axis=0).numpy()
    array([4, 1, 2, 3], dtype=int32)
    """
    x = arguments.tensor("roll", "input", input)
    if not x._data.ndim:
        raise invalid("roll", "input", "must be 1-D or higher", x)
    by, along = ints("roll", "shift", shift), ints("roll", "axis", axis)
    if len(by) != len(along):
        raise invalid("roll", "shift", f"shift and axis must have the same size {len(along)}", by)
    where = tuple([one_axis("roll", "axis", k, x._data.ndim) for k in along])
    return apply(ROLL, x, shift=by, axis=where)


def _roll(x: Array, shift: tuple[int, ...], axis: tuple[int, ...]) -> tuple[Array, None]:
    return np.roll(x, shift, axis), None


def _roll_gx(g: Tensor, record: Record) -> Tensor:
    return roll(g, [-n for n in record.attrs["shift"]], list(record.attrs["axis"]))


ROLL = register(Op("roll", roll, _roll, vjps=(_roll_gx,)))

for _function in (boolean_mask, sequence_mask, meshgrid):
    register(Op(_function.__name__, _function))
