"""OutputStructure: which loss, metric, target and sample weight belongs to which output."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from scratchnet.engine import nest
from scratchnet.engine.operators import Operators
from scratchnet.engine.tensor import Tensor, convert

Path = tuple[str | int, ...]


class OutputStructure:
    """The outputs of a model as a flat list; finds what is given for each of them.

    Args:
        y_pred: what the model returned: a tensor, or a list, tuple or dict of tensors, or a
            structure of those.
        names: the names of the layers that return them, if the model knows them.

    Attributes:
        values: the tensors; those of a dict in the order of its sorted keys.
        keys, made_in_order: of a dict of tensors, its keys, sorted and as the model put them in;
            else None.
        names: their names: the keys of a dict of tensors, or `names`; None where there are none.
        paths: of structures within structures, the keys and numbers that lead to each of `values`,
            in the order in which the model put them in; else None.
    """

    def __init__(self, y_pred: Any, names: list[str] | None = None) -> None:
        y_pred = _as_tensor(y_pred)
        self.is_one = isinstance(y_pred, Tensor)
        parts = [y_pred] if self.is_one else y_pred
        self.is_dict = isinstance(parts, dict)
        self.made_in_order = list(parts) if isinstance(parts, dict) else None
        self.keys = sorted(parts) if isinstance(parts, dict) else None
        values = [parts[k] for k in self.keys] if self.keys else [*parts]
        self.paths: list[tuple[Path, int]] | None = None
        if not self.is_one and any(map(nest.is_nested, values)):
            values = nest.flatten(parts)
            self._structure = nest.pack(parts, list(range(len(values))))
            self.paths = [*_paths(self._structure)]
            self.keys = self.made_in_order = None
        self.values: list[Tensor] = [_as_tensor(part) for part in values]
        known: list[str | None] = [*names] if names and len(names) == len(self.values) else []
        self.names: list[str | None] = [*self.keys] if self.keys else known
        self.names = self.names or [None] * len(self.values)

    def per_output(self, name: str, given: Any) -> list[Any]:
        """The part of `given` for each output; None for one that a dict leaves out.

        Args:
            name: what `given` is, for the errors.
            given: a list or tuple in the order of `values`, a dict by their names, or, for a
                model with one output, the part itself.  Where structures are within structures:
                one of the same structure, or a list of all parts, but not of metrics.

        Raises:
            ValueError: another number of parts; names that no output has; another structure.
        """
        if self.paths is not None:
            is_flat = isinstance(given, list | tuple) and not any(map(nest.is_nested, given))
            if is_flat and len(given) == len(self.values) and "metrics" not in name:
                return list(given)
            if isinstance(given, dict) and not self.is_dict and set(given) == set(self.names):
                return [given[name] for name in self.names]
            try:
                return _by_structure(given, self._structure, name == "loss")
            except _AnotherStructureError:
                raise ValueError(
                    f"`{name}` must have the structure of the outputs, {self._structure}, where "
                    f"numbers stand for them, received {name}={given!r}"
                ) from None
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

    def order_of(self, given: Any) -> list[int]:
        """The outputs in the order in which `given`, of their structure or one for all, has them.

        Only where there are `paths`.
        """
        paths = {path: at for path, at in self.paths or ()}
        asked = [path for path, _ in _paths(given)]
        if set(asked) <= set(paths):
            return [paths[path] for path in asked]
        return list(paths.values())

    def loss_name(self, i: int, otherwise: str) -> str:
        """What the loss of output `i` is called: by its name, and the keys that lead to it."""
        name = self.names[i] or otherwise
        for path, at in self.paths or ():
            if at == i:
                path = path if isinstance(path[-1], str) else (*path[:-1], name)
                return "/".join(map(str, path))
        return name


class _AnotherStructureError(ValueError):
    """What was given has not the structure of the outputs."""


def _paths(structure: Any, path: Path = ()) -> Iterator[tuple[Path, int]]:
    """The keys and numbers that lead to each leaf, and the leaf, in the order they were put in."""
    if not nest.is_nested(structure):
        yield path, structure
        return
    items = structure.items() if isinstance(structure, dict) else enumerate(structure)
    for key, part in items:
        yield from _paths(part, (*path, key))


def _by_structure(given: Any, structure: Any, may_lack: bool) -> list[Any]:
    """The part of `given` for each leaf of `structure`; None where it may lack some and does."""
    if not nest.is_nested(structure):
        return [given]
    if given is None and may_lack:
        return [None] * len(nest.flatten(structure))
    if isinstance(structure, dict):
        if not isinstance(given, dict) or not given.keys() <= structure.keys():
            raise _AnotherStructureError
        if not may_lack and given.keys() != structure.keys():
            raise _AnotherStructureError
        pairs = [(given.get(key), structure[key]) for key in sorted(structure)]
    else:
        if not isinstance(given, list | tuple) or len(given) != len(structure):
            raise _AnotherStructureError
        pairs = list(zip(given, structure, strict=True))
    return [leaf for part, inner in pairs for leaf in _by_structure(part, inner, may_lack)]


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
