"""The arguments of `compile` as a config, and back."""

from __future__ import annotations

from typing import Any

from scratchnet.engine.tracebacks import warn
from scratchnet.keras.configs.serialization import deserialize_keras_object, serialize_keras_object


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


def compile_from_config(model: Any, config: dict[str, Any], has_own_compile: bool) -> None:
    """Compile `model` by what `serialize_compile` returned.

    Args:
        model: the model; if it is built, the optimizer is, too.
        config: what `serialize_compile` returned.
        has_own_compile: the class overrides `compile`, so its arguments are not known.
    """
    if has_own_compile:
        warn(
            "`compile()` was not called as part of model loading because the model's `compile()` "
            "method is custom. Override `get_compile_config()` and `compile_from_config(config)`, "
            "too, or call `compile()` after loading"
        )
        return
    model.compile(**deserialize_keras_object(config))
    if model.built and model.optimizer is not None:
        model.optimizer.build(model.trainable_variables)
