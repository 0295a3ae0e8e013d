"""Activation functions by Keras's names, over the ops; `get` finds them by name.

softmax.py     those whose values sum to 1, and sigmoid: they carry their logits along
smooth.py      those with a derivative everywhere, or nearly
piecewise.py   those put together of straight lines
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from scratchnet.keras.activations.piecewise import (
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    leaky_relu,
    linear,
    relu,
    relu6,
    soft_shrink,
    sparse_plus,
    sparse_sigmoid,
    threshold,
)
from scratchnet.keras.activations.smooth import (
    celu,
    elu,
    exponential,
    gelu,
    glu,
    log_sigmoid,
    mish,
    selu,
    silu,
    softplus,
    softsign,
    squareplus,
    tanh,
    tanh_shrink,
)
from scratchnet.keras.activations.softmax import log_softmax, sigmoid, softmax
from scratchnet.keras.configs.serialization import (
    deserialize_keras_object,
    serialize_keras_object,
)
from scratchnet.unsupported import listed, missing, unknown

swish, hard_swish = silu, hard_silu

__all__ = [
    "celu",
    "deserialize",
    "elu",
    "exponential",
    "gelu",
    "get",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "serialize",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
    "threshold",
]

Activation = Callable[..., Any]

_BY_NAME: dict[str, Activation] = {
    name: globals()[name] for name in __all__ if name not in ("get", "serialize", "deserialize")
}


def get(identifier: str | dict[str, Any] | Activation | None) -> Activation:
    """The activation function called `identifier`; a function is handed back; None is `linear`.

    Args:
        identifier: a name, a function, a layer, or what `serialize` made of one of them.

    Raises:
        ValueError: an unknown name, or none of these.
        TypeError: the description of an unknown function or class.

    >>> get("relu") is relu, get("swish") is silu
    (True, True)
    """
    if identifier is None:
        return linear
    found: Any = identifier
    if isinstance(identifier, dict):
        found = deserialize_keras_object(identifier)
    elif isinstance(identifier, str):
        found = _BY_NAME.get(identifier)
    if not callable(found):
        raise unknown("activation function", identifier, _BY_NAME)
    return found  # type: ignore[no-any-return]


def serialize(activation: Activation) -> Any:
    """`activation` as plain data, by which `get` finds it again.

    A function that has the name of one of these (``tf.nn.relu``, too) becomes that name; a function
    of your own, and a layer, become a description.

    Raises:
        ValueError: a lambda.
        TypeError: another thing that has neither a name nor a ``get_config``.

    >>> serialize(silu)
    'silu'
    """
    found = serialize_keras_object(activation)
    return (
        found["config"]
        if isinstance(found["config"], str) and found["config"] in _BY_NAME
        else found
    )


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The activation that `serialize` described.

    Args:
        config: a name or a description; None is handed back.
        custom_objects: functions and classes of your own, by name.

    Raises:
        ValueError: an unknown name.
        TypeError: the description of an unknown function or class.

    >>> deserialize("mish") is mish
    True
    """
    found = deserialize_keras_object(config, custom_objects)
    return get(found) if isinstance(found, str) else found


if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.activations")
    __dir__ = listed(__name__)
