"""StackedRNNCells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scratchnet import ops
from scratchnet.engine import nest
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.configs.serialization import deserialize_keras_object, serialize_keras_object
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.layers.recurrent.cell import check_states


class StackedRNNCells(Layer):
    """Several cells as one: each reads what the one before returns.

    (``keras.layers.StackedRNNCells``.)

    Args:
        cells: the cells, the lowest first.
        **kwargs: of `Layer`.

    Called on x (N, n) and the list of the states of all cells; returns the output of the last cell,
    and the list of their new states.

    Raises:
        ValueError: a cell without `call` or `state_size`.

    >>> from scratchnet.keras import layers
    >>> stack = StackedRNNCells([layers.LSTMCell(2), layers.GRUCell(3)])
    >>> stack.state_size, stack.output_size
    ([[2, 2], 3], 3)
    """

    def __init__(self, cells: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(cells, list | tuple):
            raise TypeError(say("StackedRNNCells", "cells", "must be a list of cells", cells))
        if not cells:
            raise ValueError(say("StackedRNNCells", "cells", "must hold at least one cell", cells))
        for cell in cells:
            for name, what in (("call", "method"), ("state_size", "attribute")):
                if not hasattr(cell, name):
                    raise ValueError(
                        f"All cells must have a `{name}` {what}. Received cell without a `{name}`: "
                        f"{cell}"
                    )
        self.cells = list(cells)

    @property
    def state_size(self) -> list[Any]:
        """Those of the cells."""
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self) -> int:
        """That of the last cell."""
        return output_size(self.cells[-1])

    def get_initial_state(self, batch_size: int | None = None) -> list[Any]:
        """The states before the first step, of each cell."""
        return [initial_state(cell, batch_size, self.compute_dtype) for cell in self.cells]

    def build(self, input_shape: Any) -> None:
        """Build each cell for what the one before returns."""
        for cell in self.cells:
            if isinstance(cell, Layer) and not cell.built:
                cell.build(input_shape)
            input_shape = (input_shape[0], output_size(cell))

    def call(self, inputs: Tensor, states: Any = None, training: bool | None = False) -> Any:
        """One step of all cells."""
        check_states("StackedRNNCells", states)
        found: list[Any] = []
        for cell, state in zip(self.cells, states, strict=True):
            nested = nest.is_nested(state)
            kwargs: dict[str, Any] = {}
            if isinstance(cell, Layer) and "training" in cell._call_parameters:
                kwargs["training"] = training
            run = cell if callable(cell) else cell.call
            inputs, new = run(inputs, list(state) if nested else [state], **kwargs)
            one = nest.is_nested(new) and len(new) == 1 and not nested
            found.append(new[0] if one else new)
        return inputs, found if len(found) > 1 else found[0]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this cell again."""
        cells = [serialize_keras_object(cell) for cell in self.cells]
        return {**super().get_config(), "cells": cells}

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None
    ) -> Any:
        """Cells like those whose `get_config` returned `config`, with new weights."""
        config = dict(config)
        cells = [deserialize_keras_object(cell, custom_objects) for cell in config.pop("cells")]
        return cls(cells, **config)


def output_size(cell: Any) -> int:
    """How many values `cell` returns for a sample: its `output_size`, or its first state's size.

    Raises:
        ValueError: it is no integer.
    """
    size = getattr(cell, "output_size", None)
    if size is None:
        size = cell.state_size
        size = size[0] if isinstance(size, list | tuple) else size
    if not isinstance(size, int):
        raise ValueError(f"output_size must be an integer, received {size!r} of cell={cell}")
    return size


def initial_state(cell: Any, batch_size: int | None, dtype: str) -> Any:
    """What `cell` says that its states are before the first step; zeros if it does not."""
    if getattr(cell, "get_initial_state", None) is not None:
        return cell.get_initial_state(batch_size=batch_size)
    size = cell.state_size
    if isinstance(size, int):
        return ops.zeros((batch_size, size), dtype)
    return [ops.zeros((batch_size, n), dtype) for n in size]
