"""What a model takes: data put into the structure, dtype and rank of its inputs."""

from __future__ import annotations

import warnings
from typing import Any

from scratchnet import ops
from scratchnet.engine import nest
from scratchnet.engine.tensor import Tensor, convert
from scratchnet.keras.config import Shape
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.input_conversion import is_array


class Intake:
    """The inputs of a model.

    Args:
        structure: a KerasTensor, or a list, tuple or dict of them.
    """

    def __init__(self, structure: Any) -> None:
        self.structure = structure
        self.inputs: list[KerasTensor] = nest.flatten(structure)

    @property
    def names(self) -> list[str]:
        """The names of the inputs."""
        return [x.name for x in self.inputs]

    # -- structure ---------------------------------------------------------------------------------

    def arranged(self, x: Any, whole: bool = False) -> Any:
        """`x` in the structure of the inputs; that it was in another is worth a warning.

        Args:
            x: arrays; a dict may name them, and hold more.
            whole: `x` will be cut into batches, so that its first axis is no batch axis.

        Raises:
            ValueError: too many arrays, or too few; a name that is missing.
        """
        if isinstance(x, KerasTensor) or not nest.is_nested(x):
            parts = [x]
        elif isinstance(x, dict):
            parts = self._named(x)
        else:
            parts = nest.flatten(x)
        if len(parts) != len(self.inputs):
            raise ValueError(
                f"the model takes {len(self.inputs)} inputs, {self.names}, received "
                f"{len(parts)}; give a list of arrays, or a dict by these names"
            )
        if not self._is_of_structure(x):
            self._warn(x, whole)
        return nest.pack(self.structure, parts)

    def _named(self, x: dict[str, Any]) -> list[Any]:
        keys = self.names
        if isinstance(self.structure, dict):
            keys = sorted(self.structure)
        missing = [key for key in keys if key not in x]
        if missing:
            raise ValueError(
                f'Missing data for input "{missing[0]}". The model takes {keys}, received a dict '
                f"with the keys {list(x)}"
            )
        return [x[key] for key in keys]

    def _is_of_structure(self, x: Any) -> bool:
        if isinstance(x, dict) and isinstance(self.structure, list | tuple):
            return True
        return bool(_outline(x) == _outline(self.structure))

    def _warn(self, x: Any, whole: bool) -> None:
        def shown(part: Any) -> str:
            shape = tuple(part.shape) if is_array(part) or isinstance(part, KerasTensor) else "?"
            return f"Tensor(shape={(None, *shape[1:]) if whole else shape})"

        if isinstance(x, dict) and isinstance(self.structure, KerasTensor):
            x = list(x.values())
        received = nest.pack(x, [shown(part) for part in nest.flatten(x)])
        expected = nest.pack(self.structure, self.names)
        warnings.warn(
            "The structure of `inputs` doesn't match the expected structure.\n"
            f"Expected: {expected}\nReceived: inputs={received}",
            stacklevel=4,
        )

    # -- dtype, rank and sizes ---------------------------------------------------------------------

    def fitted(self, x: Any) -> list[Any]:
        """The arrays in `x`, which is `arranged`, in the dtypes and ranks of the inputs.

        Raises:
            ValueError: None; a rank that does not fit.
        """
        pairs = zip(nest.flatten(x), self.inputs, strict=True)
        return [_fitted(part, expected) for part, expected in pairs]


def _outline(structure: Any) -> Any:
    """`structure` without its leaves, lists and tuples alike."""
    if isinstance(structure, dict):
        return {key: _outline(part) for key, part in structure.items()}
    if isinstance(structure, list | tuple):
        return [_outline(part) for part in structure]
    return None


def _fitted(x: Any, expected: KerasTensor) -> Any:
    if isinstance(x, KerasTensor):
        return x
    if x is None:
        raise ValueError(f"The input {expected.name!r} is not optional, received None for it")
    x = x if isinstance(x, Tensor) else convert(x)
    if x._data.dtype.name != expected.dtype:
        x = ops.cast(x, expected.dtype)
    shape, wanted = x._data.shape, expected.shape
    if len(shape) == len(wanted):
        return x
    if len(shape) == len(wanted) + 1 and shape[-1] == 1:
        return ops.squeeze(x, -1)
    if len(shape) == len(wanted) - 1 and wanted[-1] == 1 and not _is_one_sample(shape, wanted):
        return ops.expand_dims(x, -1)
    hint = ""
    if _is_one_sample(shape, wanted):
        hint = ": this is one sample; add a batch axis: x[None]"
    raise ValueError(
        f"Invalid input shape for input with name '{expected.name}'. Expected shape "
        f"{wanted}, but input has incompatible shape {shape}{hint}"
    )


def _is_one_sample(shape: Shape, wanted: Shape) -> bool:
    """Whether `shape` is that of one sample, and not of samples without a last axis of 1."""
    lacks_the_last = wanted[-1] == 1 and agree(shape, wanted[:-1])
    return agree(shape, wanted[1:]) and not lacks_the_last


def agree(shape: Shape, wanted: Shape) -> bool:
    """Whether the sizes that are known are equal."""
    return len(shape) == len(wanted) and all(
        m is None or n is None or m == n for m, n in zip(shape, wanted, strict=True)
    )
