"""KerasTensor: a tensor that is known by its shape and dtype only."""

from __future__ import annotations

from typing import Any

from scratchnet.keras.config import Shape, standardize_dtype, standardize_shape
from scratchnet.keras.naming import auto_name


class KerasTensor:
    """What a layer will receive or return, before there is data (``keras.KerasTensor``).

    Args:
        shape: its sizes, None where unknown.
        dtype: its dtype, `config.floatx` if not given.
        name: its name, automatic if not given.

    >>> KerasTensor((None, 3), name="digits")
    <KerasTensor shape=(None, 3), dtype=float32, sparse=False, ragged=False, name=digits>
    """

    def __init__(self, shape: Any, dtype: object = None, name: str | None = None) -> None:
        self.shape: Shape = standardize_shape(shape)
        self.dtype = standardize_dtype(dtype)
        self.name = name or auto_name("KerasTensor")
        self.layer: Any = None  # the layer that returns it

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def __repr__(self) -> str:
        known = f"shape={self.shape}, dtype={self.dtype}, sparse=False, ragged=False"
        return f"<KerasTensor {known}, name={self.name}>"
