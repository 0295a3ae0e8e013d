"""The same numbers in other memory layouts."""

from __future__ import annotations

from typing import Any

import numpy as np

import scratchnet as tf
from scratchnet.kernels import elementwise

# Arrays large enough for the loops on all threads, of which small ones see nothing.
LARGE_SHAPES = [(elementwise.LARGE,), (181, 191), (7, 70, 9, 11)]


def transposed(x: Any) -> Any:
    """`x`, laid out as the transpose of what it is."""
    return tf.transpose(tf.constant(np.ascontiguousarray(x.numpy().T)))


def stepped(x: Any) -> Any:
    """`x` as every other number of a larger tensor, read backwards."""
    wide = np.zeros([2 * n for n in x.shape], x.dtype.as_numpy_dtype)
    wide[::2, ::2, ::2, ::2] = x.numpy()[::-1]
    return tf.constant(wide)[-2::-2, ::2, ::2, ::2]


def read_only(x: Any) -> Any:
    """`x` as an array that must not be written to."""
    return tf.broadcast_to(x, x.shape)


def repeated(x: Any) -> Any:
    """One image for all, by a stride of 0."""
    return tf.broadcast_to(x[:1], x.shape)


LAYOUTS = [transposed, stepped, read_only, repeated]


def in_memory_layouts(x: np.ndarray) -> list[np.ndarray]:
    """The same numbers: row-major, column-major, strided."""
    return [x, np.asfortranarray(x), np.repeat(x, 2, 0)[::2]]


def with_special_values(rng: np.random.Generator, shape: Any, dtype: str) -> np.ndarray:
    """Normal numbers, with zeros of both signs, infinities and nan among them."""
    x = rng.normal(size=shape).astype(dtype)
    flat = x.reshape(-1)
    flat[::97], flat[1::997], flat[2::997], flat[3::997] = 0, -0.0, np.inf, -np.inf
    flat[4::997] = np.nan
    return x
