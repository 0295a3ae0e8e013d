"""OutputStructure: which loss, metric, target and sample weight belongs to which output."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine.errors import say
from scratchnet.engine.operators import Operators
from scratchnet.engine.tensor import Tensor, convert


class OutputStructure:
    """The outputs of a model as a flat list; finds what is given for each of them.

    Args:
        y_pred: what the model returned: a tensor, or a list, tuple or dict of tensors.
        names: the names of the layers that return them, if the model knows them.

    Attributes:
        values: the tensors; those of a dict in the order of its sorted keys.
        keys, made_in_order: of a dict, its keys, sorted and as the model put them in; else None.
        names: their names: the keys of a dict, or `names`; None where there are none.

    Raises:
        NotImplementedError: structures within structures.
    """

    def __init__(self, y_pred: Any, names: list[str] | None = None) -> None:
        y_pred = _as_tensor(y_pred)
        self.is_one = isinstance(y_pred, Tensor)
        parts = [y_pred] if self.is_one else y_pred
        self.made_in_order = list(parts) if isinstance(parts, dict) else None
        self.keys = sorted(parts) if isinstance(parts, dict) else None
        values = [parts[k] for k in self.keys] if self.keys else [*parts]
        self.values: list[Tensor] = [_as_tensor(part) for part in values]
        if not all(isinstance(part, Tensor) for part in self.values):
            raise NotImplementedError(
                say("compile", "loss", "needs a model whose outputs are not nested further", y_pred)
            )
        known: list[str | None] = [*names] if names and len(names) == len(self.values) else []
        self.names: list[str | None] = [*self.keys] if self.keys else known
        self.names = self.names or [None] * len(self.values)

    def per_output(self, name: str, given: Any) -> list[Any]:
        """The part of `given` for each output; None for one that a dict leaves out.

        Args:
            name: what `given` is, for the errors.
            given: a list or tuple in the order of `values`, a dict by their names, or, for a
                model with one output, the part itself.

        Raises:
            ValueError: another number of parts; names that no output has.
        """
        if isinstance(given, dict):
            unknown = [key for key in given if key not in self.names]
            if unknown:
                raise ValueError(
                    f"`{name}` must have names of outputs as keys, {self.names}, "
                    f"received a dict with the keys {list(given)}"
                )
            return [given.get(key) for key in self.names]
        parts = list(given) if isinstance(given, list | tuple) else [given]
        if len(parts) != len(self.values):
            raise ValueError(
                f"`{name}` must have one part for each of the {len(self.values)} outputs "
                f"{self.names}, received {len(parts)}"
            )
        return parts


def _as_tensor(x: Any) -> Any:
    """An array, or a variable, as a tensor; anything else as it is."""
    return convert(x) if isinstance(x, np.ndarray | Operators) else x


def label_encoding(y_true: Any, y_pred: Any) -> str:
    """How the shapes of arrays or tensors say that classes are encoded.

    Returns:
        "binary" (one column), "sparse" (class indices) or "categorical" (one-hot rows).
    """
    target, prediction = (np.shape(getattr(y, "_data", y)) for y in (y_true, y_pred))
    if prediction[-1] == 1:
        return "binary"
    if len(target) < len(prediction) or target[-1] == 1:
        return "sparse"
    return "categorical"
