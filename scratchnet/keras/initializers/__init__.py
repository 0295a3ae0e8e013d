"""Initializers: what a weight is before training, a function of its shape.

Random ones are stateless: called again, one gives the same values.  Without a `seed` it draws one
when it is made, from Python's `random` module.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.tensor import Operators, Tensor, convert
from scratchnet.keras.config import standardize_dtype, standardize_shape
from scratchnet.keras.configs.by_name import ByName
from scratchnet.keras.configs.serialization import serialize_keras_object
from scratchnet.keras.initializers.constant import Constant, Identity, Ones, Zeros
from scratchnet.keras.initializers.initializer import Initializer
from scratchnet.keras.initializers.random import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    Orthogonal,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    VarianceScaling,
)
from scratchnet.keras.naming import to_snake_case
from scratchnet.unsupported import listed, missing

__all__ = [
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "constant",
    "deserialize",
    "get",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "identity",
    "lecun_normal",
    "lecun_uniform",
    "ones",
    "orthogonal",
    "random_normal",
    "random_uniform",
    "serialize",
    "truncated_normal",
    "variance_scaling",
    "zeros",
]

# Keras has every class under a second name, in snake case.
zeros = Zeros
ones = Ones
constant = Constant
identity = Identity
random_normal = RandomNormal
random_uniform = RandomUniform
truncated_normal = TruncatedNormal
variance_scaling = VarianceScaling
glorot_normal = GlorotNormal
glorot_uniform = GlorotUniform
he_normal = HeNormal
he_uniform = HeUniform
lecun_normal = LecunNormal
lecun_uniform = LecunUniform
orthogonal = Orthogonal

_CLASSES: tuple[type[Initializer], ...] = (
    Initializer,
    Zeros,
    Ones,
    Constant,
    Identity,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    VarianceScaling,
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    Orthogonal,
)
INITIALIZERS = ByName(
    "initializer",
    {cls.__name__: cls for cls in _CLASSES}
    | {to_snake_case(cls.__name__): cls for cls in _CLASSES}
    | {"IdentityInitializer": Identity, "OrthogonalInitializer": Orthogonal}
    | {"normal": RandomNormal, "uniform": RandomUniform, "one": Ones, "zero": Zeros},
)
deserialize = INITIALIZERS.deserialize


def get(identifier: Any) -> Callable[..., Any] | None:
    """The initializer that `identifier` names.

    Args:
        identifier: a name (``"glorot_uniform"`` or ``"GlorotUniform"``), what `serialize` made, a
            class, an array with the values themselves, or a function ``f(shape, dtype=None)``,
            which is handed back; None stays None.

    Raises:
        ValueError: it names none.

    >>> get("zeros")((2,)).numpy()
    array([0., 0.], dtype=float32)
    """
    if isinstance(identifier, Operators | np.ndarray | np.generic):
        return _values(convert(identifier))
    found: Callable[..., Any] | None = INITIALIZERS.get(identifier)
    return found


def _values(values: Tensor) -> Callable[..., Tensor]:
    """The initializer that hands back `values`."""

    def initializer(shape: Any, dtype: object = None) -> Tensor:
        if standardize_shape(shape) != values._data.shape:
            raise ValueError(
                f"Expected `shape` to be {values._data.shape} for direct tensor as initializer. "
                f"Received shape={shape}"
            )
        return ops.cast(values, standardize_dtype(dtype))

    return initializer


def serialize(initializer: Initializer) -> Any:
    """`initializer` as plain data.

    >>> serialize(HeNormal(seed=1))["config"]
    {'seed': 1, 'input_axes': None, 'output_axes': None}
    """
    return serialize_keras_object(initializer)


if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.initializers")
    __dir__ = listed(__name__)
