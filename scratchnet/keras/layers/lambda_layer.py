"""Lambda: a function as a layer."""

from __future__ import annotations

import codecs
import inspect
import marshal
from collections.abc import Callable
from typing import Any

from scratchnet.engine import nest
from scratchnet.keras.configs.serialization import (
    deserialize_keras_object,
    serialize_keras_object,
)
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.layers.symbolic import infer_by_calling, map_shapes

_NOT_RUN = (
    "a Lambda layer of a Python lambda is code, and no code from a file is run, with "
    "`safe_mode=False` neither; write a function or a Layer class and register it by "
    "@keras.saving.register_keras_serializable(). To load such a file, give load_model a Layer "
    "class as custom_objects={'Lambda': …}, whose `from_config` gets what the file says of the "
    "layer"
)


class Lambda(Layer):
    """``y = function(x)`` (``keras.layers.Lambda``).

    Weights that the function uses are not the layer's: it has none, and nothing of them is saved.
    A file of a model with a Python ``lambda`` holds its code, as Keras writes it; it is never run
    here. A function that is registered (`keras.saving.register_keras_serializable`) is saved by its
    name.

    Args:
        function: a function of a tensor (or list of tensors); its arguments `mask` and `training`
            are filled in if it has them.
        output_shape: that of one sample, or a function of the input's shape; found by calling
            `function` if it is not given.
        mask: what `compute_mask` returns, or a function ``f(inputs, mask)`` that does.
        arguments: further arguments of `function`, by their names.
        **kwargs: of `Layer`.

    >>> import scratchnet as tf
    >>> Lambda(lambda x: x**2)(tf.constant([1.0, 3.0])).numpy()
    array([1., 9.], dtype=float32)
    """

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: Any = None,
        mask: Any = None,
        arguments: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.function, self.arguments = function, arguments or {}
        self.mask, self._output_shape = mask, output_shape
        self.supports_masking = mask is not None
        wanted = inspect.getfullargspec(function).args
        self._wants_mask, self._wants_training = "mask" in wanted, "training" in wanted

    def call(self, inputs: Any, mask: Any = None, training: bool | None = None) -> Any:
        """``function(inputs)``, with `arguments`."""
        given = dict(self.arguments)
        if self._wants_mask:
            given["mask"] = mask
        if self._wants_training:
            given["training"] = training
        return self.function(inputs, **given)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """`mask` of the constructor, or what it returns."""
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    def compute_output_shape(self, input_shape: Any) -> Any:
        """That of `output_shape`, or found by calling `function`."""
        if self._output_shape is None:
            return super().compute_output_shape(input_shape)
        if callable(self._output_shape):
            return self._output_shape(input_shape)
        batch = nest.flatten(input_shape)[0]
        return map_shapes(lambda shape: (batch, *shape), self._output_shape)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """KerasTensors like what this layer returns when it is called on `args` and `kwargs`."""
        if self._output_shape is None:
            return infer_by_calling(KerasTensor, self, args, kwargs)
        return super().compute_output_spec(*args, **kwargs)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again; of a Python lambda, its code."""
        config = {"function": _as_config(self.function)}
        if self._output_shape is not None:
            config["output_shape"] = _as_config(self._output_shape)
        if self.mask is not None:
            config["mask"] = _as_config(self.mask)
        config["arguments"] = serialize_keras_object(self.arguments)
        return {**super().get_config(), **config}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer with the arguments that `get_config` returned.

        Raises:
            ValueError: the function is a Python lambda: no code from a config is run.
        """
        config = dict(config)
        for name in ("function", "output_shape", "mask"):
            given = config.get(name)
            if isinstance(given, dict) and given.get("class_name") == "__lambda__":
                raise ValueError(f"Lambda: {_NOT_RUN}")
            if name in config:
                config[name] = deserialize_keras_object(given)
        shape = config.get("output_shape")
        if isinstance(shape, list) and all(isinstance(size, int | None) for size in shape):
            config["output_shape"] = tuple(shape)
        if not callable(config.get("function")):
            raise ValueError(f"Lambda: `function` must be a registered function: {_NOT_RUN}")
        if "arguments" in config:
            config["arguments"] = deserialize_keras_object(config["arguments"])
        return super().from_config(config)


def _as_config(value: Any) -> Any:
    """`value` as Keras writes it: a function by its name, a lambda by its marshalled code."""
    if getattr(value, "__name__", "") != "<lambda>":
        return value if isinstance(value, tuple) else serialize_keras_object(value)
    cells = value.__closure__
    return {
        "class_name": "__lambda__",
        "config": {
            "code": codecs.encode(marshal.dumps(value.__code__), "base64").decode("ascii"),
            "defaults": value.__defaults__,
            "closure": tuple(cell.cell_contents for cell in cells) if cells else None,
        },
    }
