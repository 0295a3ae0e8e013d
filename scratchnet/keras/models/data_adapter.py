"""The data that `fit`, `evaluate` and `predict` take, as batches: arrays cut up, or a Dataset.

A batch is ``x``, ``(x,)``, ``(x, y)`` or ``(x, y, sample_weight)``.
"""

from __future__ import annotations

import itertools
import math
import random
import sys
import types
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from scratchnet.engine import nest
from scratchnet.engine.dtypes import Array
from scratchnet.engine.tensor import Operators, Tensor
from scratchnet.engine.tracebacks import warn
from scratchnet.keras.config import floatx
from scratchnet.keras.utils.batch_parts import (
    pack_x_y_sample_weight as pack_x_y_sample_weight,
)
from scratchnet.keras.utils.batch_parts import (
    unpack_x_y_sample_weight as unpack_x_y_sample_weight,
)
from scratchnet.keras.utils.py_dataset import PyDataset
from scratchnet.nest import assert_same_structure
from scratchnet.ops.random_order import fit_permutation
from scratchnet.ops.random_seeds import global_seed


class ArrayBatches:
    """Arrays, cut into batches of tensors ``x``, ``(x, y)`` or ``(x, y, sample_weight)``.

    Args:
        x, y, sample_weight: arrays with equal first axes, or structures of them; None for none.
        batch_size: how many samples a batch has, 32 if not given; the last may have fewer.
        shuffle: whether each reading takes the samples in a random order (with a global seed,
            always the same), or ``"batch"``: whether each batch does among its own.

    Raises:
        ValueError: arrays of different lengths, or not of numbers; sample weights that do not fit
            the structure of `y`.
    """

    def __init__(
        self, x: Any, y: Any, sample_weight: Any, batch_size: int | None, shuffle: bool | str
    ) -> None:
        data = (x, y, sample_weight)
        if sample_weight is not None and nest.is_nested(y):
            _check_sample_weight(y, sample_weight)
        _check_lengths(data)
        self._data = _map(_to_array, pack_x_y_sample_weight(*data))
        self._n = next(len(a) for a in nest.flatten(self._data) if a is not None)
        self._size = batch_size or 32
        self._shuffle = shuffle

    def __len__(self) -> int:
        return math.ceil(self._n / self._size)

    def __iter__(self) -> Iterator[Any]:
        order = self._order()
        for start in range(0, self._n, self._size):
            rows = slice(start, start + self._size)
            yield _map(partial(_rows_of, rows=rows, order=order), self._data)

    def _order(self) -> Array | None:
        if not self._shuffle:
            return None
        size = self._size if self._shuffle == "batch" else None
        return fit_permutation(global_seed(), self._n, size)


def _rows_of(array: Array, rows: slice, order: Array | None) -> Tensor:
    """The rows of one batch: without an order a view, so that nothing is copied."""
    return Tensor(array[rows] if order is None else array.take(order[rows], axis=0))


def _map(function: Any, structure: Any) -> Any:
    leaves = [None if leaf is None else function(leaf) for leaf in nest.flatten(structure)]
    return nest.pack(structure, leaves)


def _to_array(value: Any) -> Array:
    """The array in `value`, not copied unless its floating dtype is another than `floatx`.

    That in a pandas Series, which has one axis, is a column (n, 1), as in Keras.
    """
    array: Array = value._data if isinstance(value, Operators) else np.asarray(value)
    if _is_series(value):
        array = array[:, np.newaxis]
    if array.dtype.kind not in "biuf":
        raise ValueError(f"arrays must hold numbers, received one of dtype {array.dtype}")
    return array.astype(floatx(), copy=False) if array.dtype.kind == "f" else array


def _is_series(value: Any) -> bool:
    pandas = sys.modules.get("pandas")  # who has not imported it has no Series
    return pandas is not None and isinstance(value, pandas.Series)


def _check_lengths(data: tuple[Any, Any, Any]) -> None:
    for name, part in zip(("x", "y", "sample_weight"), data, strict=True):
        if any(a is not None and not len(a.shape) for a in nest.flatten(part)):
            # An IndexError, as in Keras, which looks for the first size.
            raise IndexError(
                f"`{name}` must have an axis of samples, received {name} of rank 0: {part!r}"
            )
    sizes = [[int(a.shape[0]) for a in nest.flatten(part) if a is not None] for part in data]
    if len({size for part in sizes for size in part}) > 1:
        said = "".join(
            f"'{name}' sizes: {', '.join(map(str, part))}\n"
            for name, part in zip(("x", "y", "sample_weight"), sizes, strict=True)
            if part
        )
        raise ValueError(
            "Data cardinality is ambiguous. Make sure all arrays contain the same number of "
            "samples." + said
        )


def _check_sample_weight(y: Any, sample_weight: Any) -> None:
    """Check the weights for several targets: one array for each, or one number per sample."""
    if nest.is_nested(sample_weight):
        try:
            assert_same_structure(y, sample_weight)
        except (TypeError, ValueError):
            raise ValueError(
                "`sample_weight` must have one array for each target, in the structure of `y`, "
                f"received y={_shown(y)} and sample_weight={_shown(sample_weight)}"
            ) from None
    elif len(sample_weight.shape) != 1 and tuple(sample_weight.shape[1:]) != (1,):
        raise ValueError(
            "one `sample_weight` for several targets must have one number per sample, received one "
            f"of shape {tuple(sample_weight.shape)}; give one array for each target"
        )


def _shown(structure: Any) -> Any:
    """`structure` with the shapes of its arrays."""
    return nest.pack(
        structure, [None if a is None else tuple(a.shape) for a in nest.flatten(structure)]
    )


def are_arrays(structure: Any) -> bool:
    """Whether all leaves are arrays, tensors or None."""
    return all(
        leaf is None or (hasattr(leaf, "shape") and hasattr(leaf, "__array__"))
        for leaf in nest.flatten(structure)
    )


def make_batches(
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    batch_size: int | None = None,
    shuffle: bool | str = False,
    class_weight: dict[int, float] | None = None,
) -> Iterable[Any]:
    """What yields the batches of one epoch each time it is read.

    Args:
        x: arrays; or a Dataset, a PyDataset, a generator, or anything that yields batches.
        y, sample_weight, batch_size, shuffle: for arrays only.
        class_weight: the weight of each class, by its number.

    Raises:
        ValueError: `x` is none of these; an argument that goes with arrays only.
    """
    if x is not None and are_arrays(x):
        _check_arrays(y=y, sample_weight=sample_weight)
        if class_weight is not None:
            sample_weight = class_weight_to_sample_weight(y, class_weight, sample_weight)
        return ArrayBatches(x, y, sample_weight, batch_size, shuffle)
    if isinstance(x, str | list | tuple | dict) or not isinstance(x, Iterable):
        raise _unrecognized("x", x)
    kind = "a generator" if isinstance(x, types.GeneratorType) else "a Dataset"
    kind = "a PyDataset" if isinstance(x, PyDataset) else kind
    for name, value in (("y", y), ("sample_weight", sample_weight)):
        if value is not None:
            raise ValueError(
                f"`{name}` must not be given where `x` is {kind}, which yields it with each batch; "
                f"received {name} of type {type(value).__name__}"
            )
    if isinstance(x, PyDataset):
        return PyDatasetBatches(x, bool(shuffle), class_weight)
    if shuffle:
        warn(
            f"`shuffle={shuffle}` has no effect where `x` is {kind}: its batches come in its own "
            "order"
        )
    batches = GeneratorBatches(x) if isinstance(x, types.GeneratorType) else x
    return batches if class_weight is None else ClassWeightedBatches(batches, class_weight)


def _check_arrays(**parts: Any) -> None:
    for name, part in parts.items():
        if not are_arrays(part):
            raise _unrecognized(name, part)


def _unrecognized(name: str, value: Any) -> ValueError:
    return ValueError(f"Unrecognized data type: {name}={value} (of type {type(value)})")


class GeneratorBatches:
    """The batches of a generator: each reading begins with its first two again, as in Keras.

    Keras reads them to learn their shapes.  So an epoch after the generator's end has two batches.

    Raises:
        ValueError: it yields none.
    """

    def __init__(self, generator: Iterator[Any]) -> None:
        self._first, self._rest = list(itertools.islice(generator, 2)), generator
        if not self._first:
            raise ValueError("the generator `x` must yield at least one batch, received none")

    def __iter__(self) -> Iterator[Any]:
        return itertools.chain(self._first, self._rest)


class PyDatasetBatches:
    """The batches of a PyDataset, in a random order (of Python's `random`) if asked for.

    Raises:
        ValueError: it has none; a batch that is none; weights of samples and of classes.
    """

    def __init__(
        self, data: PyDataset, shuffle: bool, class_weight: dict[int, float] | None
    ) -> None:
        self._data, self._shuffle, self._class_weight = data, shuffle, class_weight
        if data.num_batches == 0:
            raise ValueError("The PyDataset `x` must have at least one batch, received length 0")
        self.on_epoch_begin, self.on_epoch_end = data.on_epoch_begin, data.on_epoch_end

    def __len__(self) -> int:
        count = self._data.num_batches
        if count is None:
            raise TypeError("a PyDataset without an end has no length")
        return count

    def __iter__(self) -> Iterator[Any]:
        count = self._data.num_batches
        order: Iterable[int] = itertools.count() if count is None else range(count)
        if self._shuffle and count is not None:
            random.shuffle(order := list(order))
        return map(self._batch, order)

    def _batch(self, i: int) -> Any:
        batch = self._data[i]
        if isinstance(batch, dict):
            return batch
        batch = (batch,) if isinstance(batch, np.ndarray) else batch
        if not isinstance(batch, list | tuple) or len(batch) not in (1, 2, 3):
            raise ValueError(
                "PyDataset.__getitem__() must return a dict, (x,), (x, y) or (x, y, "
                f"sample_weight), received {str(batch)[:100]} of type {type(batch).__name__}"
            )
        if self._class_weight is None or len(batch) == 1:
            return tuple(batch)
        x, y, weight = unpack_x_y_sample_weight(tuple(batch))
        return x, y, class_weight_to_sample_weight(y, self._class_weight, weight)


class ClassWeightedBatches:
    """Batches ``(x, y)`` with a sample weight added: the weight of each sample's class."""

    def __init__(self, batches: Iterable[Any], class_weight: dict[int, float]) -> None:
        self._batches, self._class_weight = batches, class_weight

    def __len__(self) -> int:
        return len(self._batches)  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[Any]:
        for batch in self._batches:
            x, y, weight = unpack_x_y_sample_weight(batch)
            yield x, y, class_weight_to_sample_weight(y, self._class_weight, weight)


def class_weight_to_sample_weight(
    y: Any, class_weight: dict[int, float], sample_weight: Any = None
) -> Array:
    """The weight of each sample's class; 1 for classes that have none.

    Args:
        y: classes (n,) or (n, 1), or one-hot rows (n, classes).
        class_weight: class -> weight.
        sample_weight: must be None.

    Raises:
        ValueError: no `y`; `sample_weight` is given, too.
    """
    if sample_weight is not None:
        raise ValueError("`class_weight` and `sample_weight` must not be given both")
    if y is None:
        raise ValueError(f"`class_weight` needs the classes `y`, received y=None, {class_weight=}")
    if nest.is_nested(y):
        raise ValueError("`class_weight` is only supported for Models with a single output")
    labels = _to_array(y)
    if labels.ndim > 1:
        labels = labels[..., 0] if labels.shape[-1] == 1 else labels.argmax(-1)
    weights = [class_weight.get(int(label), 1.0) for label in np.round(labels)]
    return np.array(weights, floatx())


def train_validation_split(data: tuple[Any, Any, Any], validation_split: float) -> tuple[Any, Any]:
    """(training data, validation data): the last samples, before any shuffling, validate.

    Args:
        data: (x, y, sample_weight).
        validation_split: the share of the samples to validate on.

    Raises:
        ValueError: not arrays; a `validation_split` that leaves one of the two empty.
    """
    if not are_arrays(data):
        wrong = [type(leaf) for leaf in nest.flatten(data) if not are_arrays(leaf)]
        raise ValueError(
            "Argument `validation_split` is only supported for tensors or NumPy arrays."
            f"Found incompatible type in the input: {wrong}"
        )
    arrays = _map(_to_array, data)
    n = next(len(a) for a in nest.flatten(arrays) if a is not None)
    at = math.floor(n * (1.0 - validation_split))
    if at in (0, n):
        raise ValueError(
            f"fit: `validation_split` must leave samples on both sides of the {n}, "
            f"received {validation_split=}"
        )
    return _map(lambda a: a[:at], arrays), _map(lambda a: a[at:], arrays)


def one_batch(x: Any, y: Any, sample_weight: Any) -> Any:
    """All samples as one batch ``(x, y, sample_weight)`` of tensors."""
    if hasattr(sample_weight, "__float__") and np.ndim(sample_weight) == 0 and are_arrays(x):
        samples = len(nest.flatten(x)[0])  # one weight for all samples
        sample_weight = np.full(samples, sample_weight, floatx())
    second, third = (sample_weight, None) if y is None else (y, sample_weight)
    batch = next(iter(make_batches(x, second, third, batch_size=2**62)), None)
    if batch is None:
        raise ValueError(f"a batch must hold at least one sample, received x={x!r}")
    x, second, third = unpack_x_y_sample_weight(batch)
    return (x, None, second) if y is None else (x, second, third)  # Keras keeps weights here


def concatenated(parts: Sequence[Tensor]) -> Array:
    """One array of all parts, along the first axis: never one that a tensor still holds."""
    return np.concatenate([part._data for part in parts])
