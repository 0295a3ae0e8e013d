"""The arguments of `compile` as a config; `scratchnet.keras.models.compile_saved` reads it."""

from __future__ import annotations

from typing import Any

from scratchnet.keras.configs.serialization import serialize_keras_object


class CompileArguments:
    """The arguments that `compile` was called with.

    No dict: the metrics and losses in it are not among what the model owns.

    Args:
        **arguments: those that a file keeps.
    """

    def __init__(self, **arguments: Any) -> None:
        self.arguments = arguments


def serialize_compile(model: Any) -> dict[str, Any]:
    """The arguments of `compile`, with the optimizer as it is now; {} if it was not called."""
    if not model.compiled or model._compile_arguments is None:
        return {}
    found: dict[str, Any] = serialize_keras_object(model._compile_arguments.arguments)
    # Keras writes what "auto" became; here it changes nothing.
    return {**found, "jit_compile": found["jit_compile"] is True}
