"""Learning what a layer does by trying: calling it on zeros."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine import nest
from scratchnet.engine.dtypes import as_dtype
from scratchnet.engine.op import ACTIVE
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import Shape
from scratchnet.keras.layers.call import CONTEXT
from scratchnet.keras.naming import name_scope


def call_on_zeros(layer: Any, shape: Any, batch: int = 2, side: int = 32) -> Any:
    """What `layer` returns for zeros of `shape`: `batch` of them, with `side` for other Nones.

    Unseen by any tape, and not as in training.
    """
    sizes = tuple(size or (side if i else batch) for i, size in enumerate(shape))
    zeros = Tensor(np.zeros(sizes, as_dtype(layer.compute_dtype).numpy))
    tapes, training = ACTIVE.tapes, CONTEXT.training
    ACTIVE.tapes, CONTEXT.training = [], False
    try:
        with name_scope(layer.name, layer, layer._parent_path):
            return layer.call(zeros)
    finally:
        ACTIVE.tapes, CONTEXT.training = tapes, training


def output_shape(layer: Any, shape: Shape) -> Any:
    """The shape of what `layer` returns for an input of `shape`, found by two calls on zeros.

    A size that differs between the two, which differ where `shape` is None, is None.
    """
    first, second = call_on_zeros(layer, shape, 2, 32), call_on_zeros(layer, shape, 3, 33)
    found = [
        tuple(m if m == n else None for m, n in zip(a._data.shape, b._data.shape, strict=True))
        for a, b in zip(nest.flatten(first), nest.flatten(second), strict=True)
    ]
    return nest.pack(first, found) if nest.is_nested(first) else found[0]
