"""The mask of a loss: which elements count.

Predictions have one that come from a layer which hands masks on, and losses where `ignore_class`
leaves some out.  It is applied as weights where the losses are reduced.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array, as_dtype
from scratchnet.engine.tensor import Tensor, convert
from scratchnet.keras.keras_mask import get_mask


def attach(values: Tensor, mask: Array) -> Tensor:
    """`values`, with `mask` as an attribute."""
    values._keras_mask = Tensor(mask)  # type: ignore[attr-defined]
    return values


def find(values: Any) -> Array | None:
    """The mask of `values`, or None."""
    mask = get_mask(values)
    return None if mask is None else convert(mask)._data.astype(bool, copy=False)


def both(predictions: Any, losses: Any) -> Array | None:
    """What the masks of predictions and of their losses leave; None if there are none."""
    first, second = find(predictions), find(losses)
    return second if first is None else first if second is None else first & second


def as_weights(mask: Array, dtype: str, reduction: str | None) -> Tensor:
    """1 where `mask` is True, 0 where it is not.

    For a mean over all elements, ``elements / elements that count`` instead of 1: so the sum
    divided by the number of all of them is the mean of those that count.
    """
    factor, kind = 1.0, as_dtype(dtype).numpy.type
    if reduction in ("mean", "sum_over_batch_size"):
        factor = mask.size / max(int(mask.sum()), 1)
    return Tensor(np.where(mask, kind(factor), kind(0)))
