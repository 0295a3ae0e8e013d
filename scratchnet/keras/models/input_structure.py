"""InputStructure: data put into the structure, dtype and rank of a model's inputs."""

from __future__ import annotations

from typing import Any

from scratchnet import ops
from scratchnet.engine import nest
from scratchnet.engine.dtypes import as_dtype
from scratchnet.engine.tensor import Tensor, convert
from scratchnet.engine.tracebacks import warn
from scratchnet.keras.config import Shape
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.input_conversion import is_array


class InputStructure:
    """How a model takes its inputs.

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

    def match(self, x: Any, any_batch_size: bool = False) -> Any:
        """`x` in the structure of the inputs; a warning if it was in another.

        Args:
            x: arrays; a dict may name them, and hold more.
            any_batch_size: `x` will be cut into batches of a size that is not known yet.

        Raises:
            ValueError: too many arrays, or too few; a name that is missing; no dict, where the
                inputs are a dict whose keys are not in sorted order.
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
        if not self._matches(x):
            self._refuse_unordered(x)
            self._warn_of_mismatch(x, any_batch_size)
        return nest.pack(self.structure, parts)

    def _named(self, x: dict[str, Any]) -> list[Any]:
        keys = self.names
        parts = self.structure.values() if isinstance(self.structure, dict) else self.structure
        if nest.is_nested(self.structure) and any(map(nest.is_nested, parts)):
            if not isinstance(self.structure, dict):
                expected = nest.pack(self.structure, keys)
                raise ValueError(
                    f"the model takes the structure {expected}, received a dict with the keys "
                    f"{list(x)}"
                )
            return nest.flatten(x)
        if isinstance(self.structure, dict):
            keys = sorted(self.structure)
        missing = [key for key in keys if key not in x]
        if missing:
            raise ValueError(
                f'Missing data for input "{missing[0]}". The model takes {keys}, received a dict '
                f"with the keys {list(x)}"
            )
        return [x[key] for key in keys]

    def _matches(self, x: Any) -> bool:
        if isinstance(x, dict) and isinstance(self.structure, list | tuple):
            return True
        return bool(_skeleton(x) == _skeleton(self.structure))

    def _refuse_unordered(self, x: Any) -> None:
        """Refuse arrays without names where it is open to which inputs of a dict they belong."""
        keys = list(self.structure) if isinstance(self.structure, dict) else []
        if not isinstance(x, dict) and keys != sorted(keys):
            raise ValueError(
                f"the model takes a dict with the keys {keys}, which are not in sorted order; a "
                f"{type(x).__name__} of arrays does not say which is which: give a dict with these "
                "keys"
            )

    def _warn_of_mismatch(self, x: Any, any_batch_size: bool) -> None:
        def shown(part: Any) -> str:
            shape = tuple(part.shape) if is_array(part) or isinstance(part, KerasTensor) else "?"
            return f"Tensor(shape={(None, *shape[1:]) if any_batch_size else shape})"

        if isinstance(x, dict) and isinstance(self.structure, KerasTensor):
            x = list(x.values())
        received = nest.pack(x, [shown(part) for part in nest.flatten(x)])
        expected = nest.pack(self.structure, self.names)
        warn(
            "The structure of `inputs` doesn't match the expected structure.\n"
            f"Expected: {expected}\nReceived: inputs={received}"
        )

    # -- dtype, rank and sizes ---------------------------------------------------------------------

    def convert(self, x: Any) -> list[Any]:
        """The arrays in `x`, which `match` returned, as tensors of the inputs' dtypes and ranks.

        Raises:
            ValueError: None; a rank that does not fit.
        """
        pairs = zip(nest.flatten(x), self.inputs, strict=True)
        return [_convert_input(part, expected) for part, expected in pairs]


def _skeleton(structure: Any) -> Any:
    """`structure` without its leaves, lists and tuples alike."""
    if isinstance(structure, dict):
        return {key: _skeleton(part) for key, part in structure.items()}
    if isinstance(structure, list | tuple):
        return [_skeleton(part) for part in structure]
    return None


def _convert_input(x: Any, expected: KerasTensor) -> Any:
    if isinstance(x, KerasTensor):
        return x
    if x is None:
        raise ValueError(f"The input {expected.name!r} is not optional, received None for it")
    x = x if isinstance(x, Tensor) else convert(x)
    if x._data.dtype != as_dtype(expected.dtype).numpy:
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
    lacks_the_last = wanted[-1] == 1 and shapes_agree(shape, wanted[:-1])
    return shapes_agree(shape, wanted[1:]) and not lacks_the_last


def shapes_agree(shape: Shape, wanted: Shape) -> bool:
    """Whether all sizes that both know are equal."""
    return len(shape) == len(wanted) and all(
        m is None or n is None or m == n for m, n in zip(shape, wanted, strict=True)
    )
