"""What a layer says of itself: its ends in a model, its dtype, its configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scratchnet.keras.configs.auto_config import Arguments, automatic_config
from scratchnet.keras.configs.limits import as_shape
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.node import Node
from scratchnet.keras.layers.state import State


class BuildShapes(dict[str, Any]):
    """The shapes that a `build` of several arguments was called with, by their names."""


class Description(State):
    """What `Layer` inherits: answers about what it is."""

    _dtype: str
    _path: str | None
    _nodes: list[Node]
    _arguments: Arguments
    build_shape: Any

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Keeps the arguments, for `get_config`."""
        self = super().__new__(cls)
        self._arguments = Arguments(cls, args, kwargs)
        return self

    if not TYPE_CHECKING:  # or no missing attribute would be noticed

        def __getattr__(self, name: str) -> Any:
            """Asked for what is missing: of a layer that was never initialized, say that."""
            if "_nodes" not in vars(self) and not name.startswith("__"):
                raise RuntimeError(
                    f"In layer {type(self).__name__!r}, you forgot to call `super().__init__()` as "
                    "the first statement in the `__init__()` method. Go add it!"
                )
            return super().__getattribute__(name)

    @property
    def input(self) -> Any:
        """What this layer receives in its model: a KerasTensor, or a list of them.

        Raises:
            AttributeError: it was never called on a KerasTensor.
        """
        return one_or_all(self._first_node("input").inputs)

    @property
    def output(self) -> Any:
        """What this layer returns in its model: a KerasTensor, or a list of them.

        Raises:
            AttributeError: it was never called on a KerasTensor.
        """
        return one_or_all(self._first_node("output").outputs)

    def _first_node(self, what: str) -> Node:
        if not self._nodes:
            raise AttributeError(
                f"the layer {self.name!r} has no `{what}`: it is in no model whose input shape is "
                "known"
            )
        return self._nodes[0]

    @property
    def path(self) -> str | None:
        """The path of the layer, once it is built."""
        return self._path

    @property
    def dtype(self) -> str:
        """The dtype of the weights."""
        return self._dtype

    @property
    def compute_dtype(self) -> str:
        """The dtype that `call` computes in."""
        return self._dtype

    variable_dtype = dtype

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again.

        Override it where they are more than plain values; without that they were kept when the
        layer was made.

        Raises:
            NotImplementedError: it is not overridden, and they are more than plain values.
        """
        policy = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": self._dtype}}
        own = {"trainable": self.trainable, "dtype": {**policy, "registered_name": None}}
        if type(self).get_config is Description.get_config:
            return {**automatic_config(self), **own}
        return {"name": self.name, **own}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The layer that `get_config` described, with new weights.

        Raises:
            TypeError: the constructor does not take these arguments.
        """
        try:
            return cls(**config)
        except Exception as error:
            raise TypeError(
                f"Error when deserializing class '{cls.__name__}' using config={config}: {error}"
            ) from error

    def get_build_config(self) -> dict[str, Any] | None:
        """What `build` was called with; None if it was not."""
        if isinstance(self.build_shape, BuildShapes):
            return {"shapes_dict": dict(self.build_shape)}
        return None if self.build_shape is None else {"input_shape": self.build_shape}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """`build`, as `get_build_config` described it."""
        if "input_shape" in config:
            self.build(as_shape(config["input_shape"]))
        elif "shapes_dict" in config:
            self.build(**as_shape(config["shapes_dict"]))

    def build(self, *args: Any, **kwargs: Any) -> None:
        """Make the weights; see `Layer`."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def one_or_all(tensors: list[KerasTensor]) -> Any:
    """The one tensor, or the list of several."""
    return tensors[0] if len(tensors) == 1 else tensors
