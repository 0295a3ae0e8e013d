"""tf.TensorArray: tensors by their places, for loops that write one after the other."""

from __future__ import annotations

from typing import Any

from scratchnet.engine.dtypes import DType, as_dtype
from scratchnet.engine.errors import InvalidArgumentError, OutOfRangeError, say
from scratchnet.engine.graph import RUNNING, renewed
from scratchnet.engine.op import call
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.engine.tensor_shape import TensorShape
from scratchnet.ops.arguments import one_int


class TensorArray:
    """Tensors of one dtype by their places (``tf.TensorArray``).

    A Python list does the same here, and `tf.stack` makes one tensor of it: no graph is made, in
    which a list would not do.  Gradients flow through all that is read.

    Args:
        dtype: of the tensors.
        size: how many places there are; 0 if not given.
        dynamic_size: whether writing behind the last place makes more.
        clear_after_read: whether a place may be read only once; True if not given.  `stack` and
            its like have zeros for a place that was read.  In a `tf.function`, and in functions of
            a `tf.data.Dataset`, nothing is cleared, as in TensorFlow's graphs.
        tensor_array_name, handle, flow, colocate_with_first_write_call: of TensorFlow's graphs.
        infer_shape: whether all tensors must have the shape of the first.
        element_shape: the shape that all must fit.

    `write` and its like return the array: ``ta = ta.write(i, x)``.

    >>> import scratchnet as tf
    >>> ta = TensorArray(tf.float32, size=0, dynamic_size=True)
    >>> for i in range(3):
    ...     ta = ta.write(i, float(i) ** 2)
    >>> ta.stack().numpy()
    array([0., 1., 4.], dtype=float32)
    """

    def __init__(
        self,
        dtype: object,
        size: TensorLike = None,
        dynamic_size: bool | None = None,
        clear_after_read: bool | None = None,
        tensor_array_name: str | None = None,
        handle: Any = None,
        flow: Any = None,
        infer_shape: bool = True,
        element_shape: Any = None,
        colocate_with_first_write_call: bool = True,
        name: str | None = None,
    ) -> None:
        for argument, value in (("handle", handle), ("flow", flow)):
            if value is not None:
                raise NotImplementedError(
                    say("TensorArray", argument, "must be None: there are no graphs here", value)
                )
        self._dtype = as_dtype(dtype)
        self._dynamic = bool(dynamic_size)
        self._clears = clear_after_read is None or bool(clear_after_read)
        self._infers = bool(infer_shape)
        self._shape = TensorShape(element_shape)
        count = 0 if size is None else one_int("TensorArray", "size", size)
        if count < 0:
            raise InvalidArgumentError(say("TensorArray", "size", "must be >= 0", count))
        self._tensors: list[Tensor | None] = [None] * count
        self._cleared: set[int] = set()

    @property
    def dtype(self) -> DType:
        return self._dtype

    @property
    def dynamic_size(self) -> bool:
        return self._dynamic

    @property
    def element_shape(self) -> TensorShape:
        return self._shape

    def size(self, name: str | None = None) -> Tensor:
        """How many places there are, int32.

        >>> int(TensorArray("int32", size=3).size())
        3
        """
        return call("constant", len(self._tensors), "int32")

    def write(self, index: TensorLike, value: TensorLike, name: str | None = None) -> TensorArray:
        """Put `value` into the place `index`; returns the array.

        Raises:
            OutOfRangeError: no such place, and the size is not dynamic.
            InvalidArgumentError: another dtype.
            ValueError: another shape.
        """
        at = one_int("TensorArray.write", "index", index)
        if at < 0:
            raise OutOfRangeError(f"Writing to negative indices (index {at}) is not allowed.")
        if at >= len(self._tensors):
            if not self._dynamic:
                raise OutOfRangeError(
                    f"Tried to write to index {at} but array is not resizeable and size is: "
                    f"{len(self._tensors)}"
                )
            self._tensors += [None] * (at + 1 - len(self._tensors))
        x = convert(value, self._dtype) if not isinstance(value, Tensor) else value
        if x.dtype != self._dtype:
            raise InvalidArgumentError(
                f"TensorArray dtype is {self._dtype.name} but Op is trying to write dtype "
                f"{x.dtype.name} "
            )
        if not self._shape.is_compatible_with(x.shape):
            raise ValueError(f"Incompatible shape for value ({x.shape}), expected ({self._shape})")
        if self._infers:
            self._shape = self._shape.merge_with(x.shape)
        self._tensors[at] = x
        self._cleared.discard(at)
        return self

    def read(self, index: TensorLike, name: str | None = None) -> Tensor:
        """The tensor in the place `index`.

        Raises:
            OutOfRangeError: no such place.
            InvalidArgumentError: it was read before, and reading clears.
        """
        at = one_int("TensorArray.read", "index", index)
        if at < 0:
            raise OutOfRangeError(f"Reading from negative indices (index {at}) is not allowed.")
        if at >= len(self._tensors):
            raise OutOfRangeError(
                f"Tried to read from index {at} but array size is: {len(self._tensors)} "
            )
        if self._tensors[at] is None and at in self._cleared:
            raise InvalidArgumentError(
                f"Could not read index {at} twice because it was cleared after a previous read "
                "(perhaps try setting clear_after_read = false?)"
            )
        x = self._at(at)
        if RUNNING.graph is not None:
            return renewed(x)  # type: ignore[no-any-return]
        if self._clears:
            self._tensors[at] = None
            self._cleared.add(at)
        return x

    def _at(self, at: int) -> Tensor:
        """What is in the place `at`; zeros, from now on, where nothing was written or it was read.

        So all at once can be read after one was, as in TensorFlow's eager mode.
        """
        x = self._tensors[at]
        if x is None:
            if self._shape.rank is None or not self._shape.is_fully_defined():
                why = "it was read and so cleared" if at in self._cleared else "nothing was written"
                raise ValueError(
                    f"TensorArray: nothing is at index {at}, since {why}, and the shape of an "
                    "element is not known, to put zeros there: give `element_shape`, or "
                    "`clear_after_read=False`"
                )
            x = self._tensors[at] = call("zeros", list(self._shape), self._dtype)
        return x

    def stack(self, name: str | None = None) -> Tensor:
        """All tensors, stacked along a new first axis."""
        if not self._tensors:
            known = () if self._shape.rank is None else tuple(self._shape)
            return call("zeros", [0, *known], self._dtype)
        return call("stack", [self._at(i) for i in range(len(self._tensors))])

    def gather(self, indices: TensorLike, name: str | None = None) -> Tensor:
        """The tensors in the places `indices`, stacked."""
        places = convert(indices)._data.ravel().tolist()
        return call("stack", [self._at(int(i)) for i in places])

    def concat(self, name: str | None = None) -> Tensor:
        """All tensors, one behind the other along their first axis."""
        return call("concat", [self._at(i) for i in range(len(self._tensors))], 0)

    def unstack(self, value: TensorLike, name: str | None = None) -> TensorArray:
        """Put the rows of `value` into the places; returns the array."""
        return self._all(call("unstack", convert(value, self._dtype)))

    def split(self, value: TensorLike, lengths: TensorLike, name: str | None = None) -> TensorArray:
        """Put parts of `value` of the given lengths into the places; returns the array."""
        sizes = convert(lengths)._data.ravel().tolist()
        parts = call("split", convert(value, self._dtype), [int(n) for n in sizes])
        return self._all(parts)

    def scatter(
        self, indices: TensorLike, value: TensorLike, name: str | None = None
    ) -> TensorArray:
        """Put the rows of `value` into the places `indices`; returns the array."""
        rows = call("unstack", convert(value, self._dtype))
        for i, row in zip(convert(indices)._data.ravel().tolist(), rows, strict=True):
            self.write(int(i), row)
        return self

    def _all(self, parts: Any) -> TensorArray:
        if len(parts) > len(self._tensors) and not self._dynamic:
            raise ValueError(
                f"Cannot unstack {len(parts)} tensors into a TensorArray of static size "
                f"{len(self._tensors)} "
            )
        self._tensors = list(parts)  # tells nothing of the shape of an element, as in TensorFlow
        return self

    def grad(self, source: Any, flow: Any = None, name: str | None = None) -> Any:
        """Refused: use a tape.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError("TensorArray.grad: use `tf.GradientTape`")

    def identity(self) -> TensorArray:
        """The array itself."""
        return self

    def mark_used(self) -> None:
        """Nothing: there is no graph, in which a write that nobody uses would be lost."""

    def close(self, name: str | None = None) -> None:
        """Forget the tensors."""
        self._tensors = []

    def __len__(self) -> int:
        return len(self._tensors)
