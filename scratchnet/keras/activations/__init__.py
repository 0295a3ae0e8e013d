"""The activation functions, by Keras's names; `get` finds them by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from scratchnet.keras.activations.activations import (
    celu,
    elu,
    exponential,
    gelu,
    glu,
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    leaky_relu,
    linear,
    log_sigmoid,
    log_softmax,
    mish,
    relu,
    relu6,
    selu,
    sigmoid,
    silu,
    soft_shrink,
    softmax,
    softplus,
    softsign,
    sparse_plus,
    sparse_sigmoid,
    squareplus,
    tanh,
    tanh_shrink,
    threshold,
)
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

_TABLE: dict[str, Activation] = {
    name: globals()[name] for name in __all__ if name not in ("get", "serialize", "deserialize")
}


def get(identifier: str | dict[str, Any] | Activation | None) -> Activation:
    """The activation function called `identifier`; a function is handed back; None is `linear`.

    Args:
        identifier: a name, a function, a layer, or what `serialize` made of one of them.

    Raises:
        ValueError: an unknown name, or none of these.
        TypeError: the config of an unknown function or class.

    >>> get("relu") is relu, get("swish") is silu
    (True, True)
    """
    if identifier is None:
        return linear
    found: Any = identifier
    if isinstance(identifier, dict):
        found = deserialize_keras_object(identifier)
    elif isinstance(identifier, str):
        found = _TABLE.get(identifier)
    if not callable(found):
        raise unknown("activation function", identifier, _TABLE)
    return found  # type: ignore[no-any-return]


def serialize(activation: Activation | None) -> Any:
    """`activation` as plain data, by which `get` finds it again.

    None, which ``layer.activation = None`` leaves behind, is `linear`.

    A function that has the name of one of these (``tf.nn.relu``, too) becomes that name; a function
    of your own, and a layer, become a config.

    Raises:
        ValueError: a lambda.
        TypeError: another thing that has neither a name nor a ``get_config``.

    >>> serialize(silu)
    'silu'
    """
    if activation is None:
        return "linear"
    found = serialize_keras_object(activation)
    return (
        found["config"] if isinstance(found["config"], str) and found["config"] in _TABLE else found
    )


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The activation that `serialize` was given.

    Args:
        config: a name or a config; None is handed back.
        custom_objects: functions and classes of your own, by name.

    Raises:
        ValueError: an unknown name.
        TypeError: the config of an unknown function or class.

    >>> deserialize("mish") is mish
    True
    """
    found = deserialize_keras_object(config, custom_objects)
    return get(found) if isinstance(found, str) else found


if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.activations")
    __dir__ = listed(__name__)
