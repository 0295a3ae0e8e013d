"""Gradients that are sums of slices, such as `gather`'s: functions of each slice by itself.

In TensorFlow such a gradient is IndexedSlices.  What clips gradients clips the slices there, before
those of one row are added up; so it does here.
"""

from __future__ import annotations

from typing import Any

from scratchnet.engine.indexed_slices import IndexedSlices, keep_slices, slices_of
from scratchnet.engine.tensor import Tensor, convert
from scratchnet.ops.gather import add_at
from scratchnet.ops.shape import reshape


def values_of(x: Any) -> Any:
    """The slices that `x` is the sum of, of shape ``(their number, *shape of a row)``; else `x`."""
    found = slices_of(x)
    if found is None:
        return x
    values, at = convert(found.values), convert(found.indices)._data
    return reshape(values, [at.size, *values._data.shape[at.ndim :]]) if at.ndim > 1 else values


def with_values(x: Any, values: Tensor) -> Any:
    """`x` with `values` in the place of those of `values_of`.

    >>> import scratchnet as tf
    >>> x = tf.Variable([1.0, 2.0])
    >>> with tf.GradientTape() as tape:
    ...     y = 3 * tf.reduce_sum(tf.gather(x, [1, 1]))
    >>> g = tape.gradient(y, x)
    >>> with_values(g, values_of(g) / 2).numpy()
    array([0., 3.], dtype=float32)
    """
    found = slices_of(x)
    if found is None:
        return values
    slices = IndexedSlices(values, reshape(found.indices, [-1]), found.dense_shape)
    if isinstance(x, IndexedSlices):
        return slices
    whole = add_at(values, slices.indices, 0, x._data.shape)
    keep_slices(whole, slices)
    return whole
