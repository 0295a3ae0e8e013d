"""Masks: which steps of a sequence count, as an attribute of the tensor that holds them.

`Masking` and ``Embedding(mask_zero=True)`` make them, layers that support masking hand them on, and
recurrent layers, losses and metrics use them (`scratchnet.keras.layers.mask_passing`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scratchnet.engine import nest


class _Made:
    """Whether any tensor of this program ever had a mask: else no layer needs to look for them."""

    any = False


MADE = _Made()


def get_mask(x: Any) -> Any:
    """The mask of `x`, a tensor or KerasTensor, or None."""
    return getattr(x, "__dict__", {}).get("_keras_mask")


def set_mask(x: Any, mask: Any) -> None:
    """Give `x` the `mask`: a bool of the shape of its first axes, a KerasTensor of a KerasTensor.

    >>> from scratchnet.ops import constant
    >>> x = constant([[1.0, 2.0]])
    >>> set_mask(x, constant([[True, False]]))
    >>> get_mask(x).numpy()
    array([[ True, False]])
    """
    MADE.any = True
    x._keras_mask = mask


def set_masks(tensors: Sequence[Any], masks: Any) -> None:
    """Give each of `tensors` its mask, where there is one in the structure `masks`."""
    for x, mask in zip(tensors, nest.flatten(masks), strict=False):
        if mask is not None:
            set_mask(x, mask)
