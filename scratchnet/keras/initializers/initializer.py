"""Initializer: what all initializers share."""

from __future__ import annotations

import operator
from typing import Any

from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor


class Initializer:
    """Base class: ``f(shape, dtype=None) -> Tensor`` (``keras.initializers.Initializer``)."""

    def __call__(self, shape: Any, dtype: object = None) -> Tensor:
        """The values of a weight.

        Args:
            shape: its shape.
            dtype: its dtype; `config.floatx` if not given.
        """
        raise NotImplementedError("Initializer subclasses must implement the `__call__()` method.")

    def checked(self, shape: Any) -> tuple[int, ...]:
        """`shape` as a tuple of ints.

        Raises:
            TypeError: it is no list or tuple of integers.
        """
        try:
            return tuple([operator.index(n) for n in shape])
        except TypeError:
            rule = "must be a list or tuple of integers"
            raise TypeError(say(type(self).__name__, "shape", rule, shape)) from None

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this initializer again."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """An initializer with the arguments that `get_config` returned."""
        return cls(**config)

    def clone(self) -> Any:
        """A new initializer with the same arguments."""
        return type(self).from_config(self.get_config())
