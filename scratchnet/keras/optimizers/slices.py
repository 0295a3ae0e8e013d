"""Gradients that are sums of slices: of tables from which rows were looked up, such as Embedding's.

Keras's optimizers do what is not linear to each slice, and add up afterwards: Adam's v takes in the
sum of the squares of the slices, and not the square of their sum; Adamax's u that of the absolute
values.  What comes after a sum with something dense sees the sum, such as Lion's sign.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.indexed_slices import IndexedSlices, keep_slices, rows_of, slices_of
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.ops.gather import add_at


class Slices:
    """``values[i]`` at the row ``at[i]`` of a gradient of shape `shape`."""

    def __init__(self, values: Array, at: Array, shape: tuple[int, ...]) -> None:
        self.values, self.at, self.shape = values, at, shape

    def dense(self) -> Array:
        """The slices added up."""
        return add_at(Tensor(self.values), Tensor(self.at), 0, self.shape)._data

    def map(self, function: Any) -> Slices:
        """`function` of the values, at the same rows."""
        return Slices(np.asarray(function(self.values)), self.at, self.shape)


def slices_in(gradient: TensorLike, variable: Any) -> Slices | None:
    """The slices of the `gradient` of `variable`; None if it is no sum of slices."""
    found = slices_of(gradient)
    if found is None or variable._data.dtype.kind != "f":
        return None
    values = convert(found.values)._data.astype(variable._data.dtype, copy=False)
    at, values = rows_of(found, values, variable._data, "apply_gradients")
    values = np.broadcast_to(values, at.shape + variable._data.shape[1:])
    return Slices(values, at, variable._data.shape)


def gradient_of(array: Array, slices: Slices | None) -> Tensor:
    """`array` as the gradient that `update_step` gets, with its slices."""
    gradient = Tensor(array)
    if slices is not None:
        keep_slices(gradient, IndexedSlices(Tensor(slices.values), Tensor(slices.at)))
    return gradient


def of_each(function: Callable[..., Any], gradient: Tensor, dtype: Any, *arrays: Array) -> Array:
    """``function(gradient, *arrays)``; of a sum of slices, `function` of each slice, added up.

    Args:
        function: of arrays of one shape, element by element; 0 for a gradient of 0.
        gradient: what `update_step` gets.
        dtype: in which it is computed.
        *arrays: of the shape of `gradient`; `function` gets those of their rows that it needs.

    >>> from scratchnet.engine.tensor import Tensor
    >>> slices = Slices(np.array([[1.0], [3.0]]), np.array([1, 1]), (2, 1))
    >>> of_each(np.square, gradient_of(slices.dense(), slices), np.float64).ravel()
    array([ 0., 10.])
    >>> of_each(np.square, Tensor(slices.dense()), np.float64).ravel()
    array([ 0., 16.])
    """
    found = slices_of(gradient)
    if found is None:
        return np.asarray(function(np.asarray(gradient._data, dtype), *arrays))
    values, at = convert(found.values)._data.astype(dtype, copy=False), convert(found.indices)
    results = function(values, *[array[at._data] for array in arrays])
    return add_at(Tensor(results), at, 0, gradient._data.shape)._data
