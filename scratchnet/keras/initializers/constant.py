"""The initializers without random numbers: Zeros, Ones, Constant, Identity."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.tensor import Operators, Tensor, TensorLike, convert
from scratchnet.keras.config import standardize_dtype
from scratchnet.keras.initializers.initializer import Initializer


class Zeros(Initializer):
    """All 0 (``keras.initializers.Zeros``).

    >>> Zeros()((2,)).numpy()
    array([0., 0.], dtype=float32)
    """

    def __call__(self, shape: Any, dtype: object = None) -> Tensor:
        return ops.zeros(shape, standardize_dtype(dtype))


class Ones(Initializer):
    """All 1 (``keras.initializers.Ones``)."""

    def __call__(self, shape: Any, dtype: object = None) -> Tensor:
        return ops.ones(shape, standardize_dtype(dtype))


class Constant(Initializer):
    """`value` everywhere (``keras.initializers.Constant``).

    Args:
        value: a number, or what broadcasts to the shape.

    >>> Constant(2)((2,)).numpy()
    array([2., 2.], dtype=float32)
    """

    def __init__(self, value: TensorLike = 0.0) -> None:
        self.value = value

    def __call__(self, shape: Any, dtype: object = None) -> Tensor:
        kind = standardize_dtype(dtype)
        return ops.ones(shape, kind) * ops.cast(self.value, kind)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this initializer again."""
        if not isinstance(self.value, Operators | np.ndarray | np.generic):
            return {"value": self.value}
        x = convert(self.value)._data
        config = {"value": x.tolist(), "dtype": x.dtype.name}
        return {"value": {"class_name": "__numpy__", "config": config}}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Constant:
        """An initializer with the arguments that `get_config` returned."""
        value = config.get("value", 0.0)
        if isinstance(value, dict):
            value = np.array(value["config"]["value"], value["config"]["dtype"])
        return cls(value)


class Identity(Initializer):
    """`gain` on the diagonal of a matrix, 0 elsewhere (``keras.initializers.Identity``).

    Keras leaves `gain` out of the configuration, so loses it with a saved model; it is kept here.

    Raises:
        ValueError: when called with a shape that is not a matrix's.
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def __call__(self, shape: Any, dtype: object = None) -> Tensor:
        shape = self.checked(shape)
        if len(shape) != 2:
            raise ValueError(
                "Identity matrix initializer can only be used for 2D matrices. "
                f"Received: shape={shape} of rank {len(shape)}."
            )
        return self.gain * ops.eye(shape[0], shape[1], dtype=standardize_dtype(dtype))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this initializer again."""
        return {"gain": self.gain}
