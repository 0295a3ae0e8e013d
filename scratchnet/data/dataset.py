"""Dataset: an input pipeline, written as a chain of steps (``tf.data.Dataset``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import numpy as np

from scratchnet.data.arguments import integer, nodes_of, signature
from scratchnet.data.element_spec import Spec, filled, map_leaves, to_element, to_tensors
from scratchnet.data.node import INFINITE, UNKNOWN, Generated, OneTensor, Range, TensorSlice
from scratchnet.data.steps import Steps
from scratchnet.data.transform import Zip
from scratchnet.data.unsupported import OF_DATASET, refuse
from scratchnet.engine.dtypes import Array, as_dtype, int64
from scratchnet.engine.errors import InvalidArgumentError, OutOfRangeError
from scratchnet.engine.tensor import Tensor, TensorLike


class _WithGuidance(type):
    """Tells what is there instead of a static method that `Dataset` does not have."""

    def __getattr__(cls, name: str) -> NoReturn:
        refuse(f"type object {cls.__name__!r}", name, OF_DATASET)


class Dataset(Steps, metaclass=_WithGuidance):
    """Elements in an order, made when they are asked for (``tf.data.Dataset``).

    An element is a tensor, or a tuple or dict of elements.  Every step returns a new dataset, and
    every ``for`` loop reads it from the beginning.  Functions given to `map`, `filter` and `reduce`
    are called with tensors, once per element, unseen by any tape.

    Begin with `from_tensor_slices`, `from_tensors`, `from_generator`, `range` or `zip`.

    >>> dataset = Dataset.from_tensor_slices(([1.0, 2.0, 3.0], [0, 1, 0])).batch(2)
    >>> for x, y in dataset:
    ...     print(x.numpy(), y.numpy())
    [1. 2.] [0 1]
    [3.] [0]
    """

    @staticmethod
    def from_tensor_slices(tensors: TensorLike) -> Dataset:
        """One element per row: ``tensors[0]``, ``tensors[1]``, ...

        Args:
            tensors: an array of shape (n, ...), or a tuple or dict of them with the same n; copied.

        Raises:
            ValueError: a scalar, nothing at all, or different numbers of rows.

        >>> list(Dataset.from_tensor_slices({"x": [1, 2]}).as_numpy_iterator())
        [{'x': np.int32(1)}, {'x': np.int32(2)}]
        """
        return Dataset(TensorSlice(to_element(() if tensors is None else tensors)))

    @staticmethod
    def from_tensors(tensors: TensorLike) -> Dataset:
        """One element: `tensors`.

        >>> len(Dataset.from_tensors([[1, 2], [3, 4]]))
        1
        """
        return Dataset(OneTensor(filled("from_tensors", "`tensors`", to_element(tensors))))

    @staticmethod
    def from_generator(
        generator: Callable[..., Any],
        output_types: Any = None,
        output_shapes: Any = None,
        args: tuple[Any, ...] | None = None,
        output_signature: Any = None,
    ) -> Dataset:
        """What a Python generator yields.  Its own exceptions come through as they are.

        Args:
            generator: called without arguments, or with `args`, whenever the dataset is read.
            output_types: the dtypes in the structure of an element: the older way to describe one.
            output_shapes: the shapes, likewise; unknown if not given.
            args: tensors, which `generator` gets as NumPy values.
            output_signature: ``tf.TensorSpec`` in the structure of an element.

        Raises:
            TypeError: `generator` is not callable; neither or both descriptions are given.
            InvalidArgumentError: while reading, an element of another structure, dtype or shape.

        >>> from scratchnet.data.element_spec import TensorSpec
        >>> squares = lambda: (i * i for i in range(4))
        >>> ds = Dataset.from_generator(squares, output_signature=TensorSpec((), "int32"))
        >>> [int(x) for x in ds]
        [0, 1, 4, 9]
        """
        if not callable(generator):
            raise TypeError(
                "from_generator: `generator` must be a Python callable, received "
                f"generator={generator!r}"
            )
        spec = signature(output_types, output_shapes, output_signature)
        return Dataset(Generated(generator, spec, [to_element(arg)[()] for arg in args or ()]))

    @staticmethod
    def range(*args: int, output_type: object = int64) -> Dataset:
        """The integers of Python's ``range``, as scalars of dtype `output_type`.

        >>> [int(x) for x in Dataset.range(5, 0, -2)]
        [5, 3, 1]
        """
        if not 1 <= len(args) <= 3:
            raise ValueError(
                "range: Invalid `args`. The length of `args` should be between 1 and 3 but was "
                f"{len(args)}."
            )
        bounds = [integer("range", "args", arg) for arg in args]
        start, stop = (0, bounds[0]) if len(bounds) == 1 else bounds[:2]
        step = bounds[2] if len(bounds) == 3 else 1
        if step == 0:
            raise InvalidArgumentError("range: step must be a non-zero integer, received step=0")
        return Dataset(Range(start, stop, step, as_dtype(output_type)))

    @staticmethod
    def zip(*args: Any, datasets: Any = None) -> Dataset:
        """The elements of several datasets side by side, to the end of the shortest.

        Args:
            *args: datasets, or one tuple or dict of datasets.
            datasets: that tuple or dict, by its older name.

        Raises:
            TypeError: something else than datasets, nothing, or both ways at once.

        >>> pairs = Dataset.zip(Dataset.range(3), Dataset.range(10, 20))
        >>> [(int(a), int(b)) for a, b in pairs]
        [(0, 10), (1, 11), (2, 12)]
        """
        if args and datasets is not None:
            raise TypeError("zip: Both `*args` and `datasets` cannot be set.")
        if not args and datasets is None:
            raise TypeError("zip: Must pass at least one dataset to `zip`.")
        given = datasets if not args else args[0] if len(args) == 1 else args
        return Dataset(Zip(nodes_of("zip", given, Dataset)))

    # -- reading ----------------------------------------------------------------------------------

    @property
    def element_spec(self) -> Spec:
        """The structure, shapes and dtypes of an element, as ``tf.TensorSpec`` objects.

        After `map` they are found by calling the function on tensors of ones.
        """
        return self._node.spec

    def __iter__(self) -> DatasetIterator:
        return DatasetIterator(self)

    def as_numpy_iterator(self) -> Iterator[Any]:
        """Reads the elements as NumPy values: read-only arrays, and scalars for rank 0."""
        return (map_leaves(_as_numpy, element) for element in self._node.elements())

    def cardinality(self) -> Tensor:
        """How many elements: an int64 scalar, `INFINITE_CARDINALITY` or `UNKNOWN_CARDINALITY`."""
        return Tensor(np.asarray(self._node.cardinality(), np.int64))

    def __len__(self) -> int:
        size = self._node.cardinality()
        if size == INFINITE:
            raise TypeError("The dataset is infinite.")
        if size == UNKNOWN:
            raise TypeError("The dataset length is unknown.")
        return size

    def __bool__(self) -> bool:
        return True

    def __getattr__(self, name: str) -> NoReturn:
        refuse(f"{type(self).__name__!r} object", name, OF_DATASET)

    def __repr__(self) -> str:
        return f"<{self._node.name} element_spec={self.element_spec}>"


def _as_numpy(array: Array) -> Any:
    if not array.ndim:
        return array[()]
    view = array.view()
    view.flags.writeable = False
    return view


class DatasetIterator:
    """One reading of a dataset: what ``iter(dataset)`` returns."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._elements = dataset._node.elements()

    @property
    def element_spec(self) -> Spec:
        return self._dataset.element_spec

    def __iter__(self) -> DatasetIterator:
        return self

    def __next__(self) -> Any:
        return to_tensors(next(self._elements))

    def get_next(self) -> Any:
        """The next element.

        Raises:
            OutOfRangeError: there is none.
        """
        try:
            return next(self)
        except StopIteration:
            raise OutOfRangeError("End of sequence") from None
