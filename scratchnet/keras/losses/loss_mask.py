"""The mask of a loss: which elements count, where `ignore_class` leaves some out.

It is an attribute of the losses, as cached logits are of probabilities, and is applied as weights
where they are reduced.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array, as_dtype
from scratchnet.engine.tensor import Tensor


def attach(values: Tensor, mask: Array) -> Tensor:
    """`values`, with `mask` as an attribute."""
    values._keras_mask = Tensor(mask)  # type: ignore[attr-defined]
    return values


def find(values: Any) -> Array | None:
    """The mask of `values`, or None."""
    mask = getattr(values, "_keras_mask", None)
    return None if mask is None else mask._data


def as_weights(mask: Array, dtype: str, reduction: str | None) -> Tensor:
    """1 where `mask` is True, 0 where it is not.

    For a mean over all elements, ``elements / elements that count`` instead of 1: so the sum
    divided by the number of all of them is the mean of those that count.
    """
    factor, kind = 1.0, as_dtype(dtype).numpy.type
    if reduction in ("mean", "sum_over_batch_size"):
        factor = mask.size / max(int(mask.sum()), 1)
    return Tensor(np.where(mask, kind(factor), kind(0)))
