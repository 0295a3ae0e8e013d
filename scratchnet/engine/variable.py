"""Variable: a value that training changes, by the name and arguments of TensorFlow's."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from scratchnet.engine.base_variable import UPDATING as UPDATING
from scratchnet.engine.base_variable import BaseVariable as BaseVariable
from scratchnet.engine.convert import to_bool
from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import InvalidArgumentError, say
from scratchnet.engine.indexed_slices import IndexedSlices, rows_of, slices_of
from scratchnet.engine.name_scope import in_scope
from scratchnet.engine.op import call
from scratchnet.engine.tensor import Reference, Tensor, TensorLike, convert, numpy_text
from scratchnet.engine.tensor_shape import TensorShape


class Variable(BaseVariable):
    """A value that training changes (``tf.Variable``).

    Threads may share it: `assign`, `assign_add`, `assign_sub` and assignments to parts are done one
    after the other, and a read sees one value as a whole.

    Args:
        initial_value: a tensor, number, array or nested list, or a function that returns one.
        trainable: whether tapes watch it by themselves (None means yes).
        name: printed with ``:0``, as TensorFlow does, and after the open `name_scope`.
        dtype: the dtype, if not the value's own.
        shape: the shapes that values may have, such as ``[None, 2]``; if not given, only that of
            `initial_value`.
        validate_shape, caching_device, variable_def, import_scope, constraint, synchronization,
            aggregation, experimental_enable_variable_lifting: only their defaults.

    Raises:
        ValueError: no `initial_value`; a tensor of another `dtype`; a value that `shape` forbids; a
            `name` that is no string.
        NotImplementedError: another value of an argument of which only the default is here.

    >>> Variable([[1.0]])
    <tf.Variable 'Variable:0' shape=(1, 1) dtype=float32, numpy=array([[1.]], dtype=float32)>
    """

    def __init__(
        self,
        initial_value: TensorLike = None,
        trainable: bool | None = None,
        validate_shape: bool = True,
        caching_device: None = None,
        name: str | None = None,
        variable_def: None = None,
        dtype: object = None,
        import_scope: None = None,
        constraint: None = None,
        synchronization: None = None,
        aggregation: None = None,
        shape: Any = None,
        experimental_enable_variable_lifting: bool = True,
    ) -> None:
        _refuse(caching_device=caching_device, variable_def=variable_def, import_scope=import_scope)
        _refuse(constraint=constraint, synchronization=synchronization, aggregation=aggregation)
        if validate_shape is not True or experimental_enable_variable_lifting is not True:
            raise NotImplementedError(
                "Variable: `validate_shape` and `experimental_enable_variable_lifting` must be "
                f"True, received {validate_shape=}, {experimental_enable_variable_lifting=}"
            )
        if callable(initial_value):
            initial_value = initial_value()
        if initial_value is None:
            raise ValueError(
                "Variable: the `initial_value` arg to `tf.Variable` must be specified, received "
                "initial_value=None"
            )
        data = convert(initial_value, dtype)._data
        self._declared = None if shape is None else TensorShape(shape)
        if self._declared is not None and not self._allows(data.shape):
            raise ValueError(
                f"The initial value's shape ({data.shape}) is not compatible with the explicitly "
                f"supplied `shape` argument ({self._declared})."
            )
        if name is not None and not isinstance(name, str):
            raise ValueError(say("Variable", "name", "must be a string", name))
        label = in_scope("Variable" if name is None else name)
        super().__init__(
            data, label, trainable is None or to_bool("Variable", "trainable", trainable)
        )

    def _allows(self, shape: tuple[int, ...]) -> bool:
        return self._declared is not None and self._declared.is_compatible_with(shape)

    @property
    def shape(self) -> TensorShape:
        return super().shape if self._declared is None else self._declared

    @property
    def name(self) -> str:
        return f"{self._name}:0"

    @property
    def device(self) -> str:
        return self.read_value().device

    def value(self) -> Tensor:
        """The same as `read_value`."""
        return self.read_value()

    def assign(
        self,
        value: TensorLike,
        use_locking: bool | None = None,
        name: str | None = None,
        read_value: bool = True,
    ) -> Any:
        """Replace the value; a tape does not record it.

        Args:
            value: of a shape that this variable may have; Python and NumPy values take its dtype.
            use_locking, name: nothing hangs on them: no update of a thread is lost anyway, and
                there is no graph to name things in.
            read_value: whether to return the variable, rather than None.

        Returns:
            The variable; printed, it is called ``UnreadVariable``, as in TensorFlow.

        Raises:
            ValueError: another shape, or a tensor of another dtype.
        """
        super().assign(value)
        return UnreadVariable(self) if read_value else None

    def assign_add(
        self,
        delta: TensorLike,
        use_locking: bool | None = None,
        name: str | None = None,
        read_value: bool = True,
    ) -> Any:
        """``assign(value + delta)``; the arguments are those of `assign`."""
        super().assign_add(delta)
        return UnreadVariable(self) if read_value else None

    def assign_sub(
        self,
        delta: TensorLike,
        use_locking: bool | None = None,
        name: str | None = None,
        read_value: bool = True,
    ) -> Any:
        """``assign(value - delta)``; the arguments are those of `assign`."""
        super().assign_sub(delta)
        return UnreadVariable(self) if read_value else None

    def scatter_nd_update(
        self, indices: TensorLike, updates: TensorLike, name: str | None = None
    ) -> Any:
        """`assign` with each of `updates` at its position; of several at one position, the last.

        Args:
            indices, updates: as of `tf.tensor_scatter_nd_update`; Python and NumPy values of
                `updates` take the dtype of this variable.
            name: of the op in a graph; there is none.

        Returns: as `assign`.  Raises: as `tf.tensor_scatter_nd_update`; ValueError: a tensor of
        another dtype.

        >>> v = Variable([1.0, 2.0, 3.0])
        >>> v.scatter_nd_update([[0], [2]], [5, 6]).numpy()
        array([5., 2., 6.], dtype=float32)
        """
        return self._scattered("update", indices, updates)

    def scatter_nd_add(
        self, indices: TensorLike, updates: TensorLike, name: str | None = None
    ) -> Any:
        """`assign` with each of `updates` added at its position; see `scatter_nd_update`."""
        return self._scattered("add", indices, updates)

    def scatter_nd_sub(
        self, indices: TensorLike, updates: TensorLike, name: str | None = None
    ) -> Any:
        """`assign` with each of `updates` subtracted; see `scatter_nd_update`."""
        return self._scattered("sub", indices, updates)

    def scatter_nd_max(
        self, indices: TensorLike, updates: TensorLike, name: str | None = None
    ) -> Any:
        """`assign` with the larger of each of `updates` and the value; see `scatter_nd_update`."""
        return self._scattered("max", indices, updates)

    def scatter_nd_min(
        self, indices: TensorLike, updates: TensorLike, name: str | None = None
    ) -> Any:
        """`assign` with the smaller of each of `updates` and the value; see `scatter_nd_update`."""
        return self._scattered("min", indices, updates)

    def scatter_update(
        self, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None
    ) -> Any:
        """`assign` with the values of `sparse_delta` for its rows; of several for one, the last.

        Args:
            sparse_delta: the rows; one number for values is that of all of them.
            use_locking, name: as of `assign`.

        Returns: as `assign`.

        Raises:
            TypeError: `sparse_delta` is something else.
            ValueError: values of another dtype.
            InvalidArgumentError: an index out of range; values of another shape.

        >>> import scratchnet as tf
        >>> v = Variable([1.0, 2.0, 3.0])
        >>> v.scatter_update(tf.IndexedSlices([5.0, 6.0], [0, 2])).numpy()
        array([5., 2., 6.], dtype=float32)
        """
        return self._rows_changed("scatter_update", sparse_delta, _put)

    def scatter_add(
        self, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None
    ) -> Any:
        """`assign` with the values of `sparse_delta` added to its rows; see `scatter_update`."""
        return self._rows_changed("scatter_add", sparse_delta, np.add.at)

    def scatter_sub(
        self, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None
    ) -> Any:
        """`assign` with the values of `sparse_delta` subtracted; see `scatter_update`."""
        return self._rows_changed("scatter_sub", sparse_delta, np.subtract.at)

    def scatter_mul(
        self, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None
    ) -> Any:
        """`assign` with its rows multiplied by those of `sparse_delta`; see `scatter_update`."""
        return self._rows_changed("scatter_mul", sparse_delta, np.multiply.at)

    def scatter_div(
        self, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None
    ) -> Any:
        """`assign` with its rows divided by those of `sparse_delta`; see `scatter_update`.

        Integers are divided as integers, toward 0.
        """
        return self._rows_changed("scatter_div", sparse_delta, _divide_at)

    def scatter_max(
        self, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None
    ) -> Any:
        """`assign` with the larger of its rows and the given ones; see `scatter_update`."""
        return self._rows_changed("scatter_max", sparse_delta, np.maximum.at)

    def scatter_min(
        self, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None
    ) -> Any:
        """`assign` with the smaller of its rows and the given ones; see `scatter_update`."""
        return self._rows_changed("scatter_min", sparse_delta, np.minimum.at)

    def _rows_changed(self, where: str, sparse_delta: Any, change: Callable[..., None]) -> Any:
        slices = slices_of(sparse_delta)
        if slices is None:
            raise TypeError(
                f"{where}: Argument `sparse_delta` must be a `tf.IndexedSlices`. Received arg: "
                f"{sparse_delta!r:.200}"
            )
        values = self._converted(slices.values)._data
        with UPDATING.lock, np.errstate(all="ignore"):
            data = self._data.copy()
            change(data, *rows_of(slices, values, data, where))
            self._data = data
        return UnreadVariable(self)

    def sparse_read(self, indices: TensorLike, name: str | None = None) -> Any:
        """The rows at `indices`, as `tf.gather` has them."""
        return call("gather", self, indices)

    def gather_nd(self, indices: TensorLike, name: str | None = None) -> Any:
        """The parts at `indices`, as `tf.gather_nd` has them."""
        return call("gather_nd", self, indices)

    def _scattered(self, how: str, indices: TensorLike, updates: TensorLike) -> Any:
        where, name = f"scatter_nd_{how}", f"tensor_scatter_nd_{how}"
        try:
            values = self._converted(updates)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{where}: `updates`: {error}") from None
        with UPDATING.lock:
            try:
                self._data = call(name, Tensor(self._data), indices, Tensor(values._data))._data
            except (InvalidArgumentError, ValueError) as error:  # named for the op of tensors
                said = str(error).replace(name, where).replace("`tensor`", "the variable")
                raise type(error)(said) from None
        return UnreadVariable(self)

    def __getitem__(self, key: Any) -> Tensor:
        """``variable[key]``: a Tensor whose ``assign(value)`` changes that part of the variable."""
        part = super().__getitem__(key)
        part.assign = partial(self._assign_part, key)
        return part

    def _assign_part(self, key: Any, value: TensorLike) -> Variable:
        new = self._converted(value)._data
        key = tuple(key) if isinstance(key, list) else key  # as `getitem` reads it
        with UPDATING.lock:
            data = self._data.copy()
            try:
                data[key] = new
            except ValueError:
                raise InvalidArgumentError(
                    f"variable '{self.name}': Cannot broadcast input shape {new.shape} into final "
                    f"shape {data[key].shape}"
                ) from None
            self._data = data
        return UnreadVariable(self)

    def __repr__(self) -> str:
        text = numpy_text(self._data)
        return f"<tf.Variable '{self.name}' shape={self.shape} dtype={self.dtype.name}, {text}>"

    __str__ = __repr__


class Alias(Variable):
    """Another name of a variable: what it holds is that variable's, and so is its gradient.

    Args:
        origin: the variable, or another alias of it.
    """

    __slots__ = ("origin",)
    _declared = None  # of an origin that is no `Variable`

    def __init__(self, origin: BaseVariable) -> None:
        self.origin: BaseVariable = origin_of(origin)
        self.__dict__ = self.origin.__dict__

    def read_value(self) -> Tensor:
        return self.origin.read_value()

    def ref(self) -> Reference:
        return self.origin.ref()


class UnreadVariable(Alias):
    """What `Variable.assign` returns: the same variable under another name."""

    __slots__ = ()

    @property
    def name(self) -> str:
        return "UnreadVariable"


def origin_of(x: Any) -> Any:
    """The variable of which `x` is another name; else `x`."""
    return x.origin if isinstance(x, Alias) else x


def _put(data: Array, at: Array, values: Array) -> None:
    data[at] = values


def _divide_at(data: Array, at: Array, values: Array) -> None:
    if data.dtype.kind not in "iu":
        return np.divide.at(data, at, values)
    if not values.all():
        rule = "Integer division by zero: must hold no zero"
        raise InvalidArgumentError(say("scatter_div", "values", rule, values))
    whole = np.broadcast_to(values, at.shape + data.shape[1:])
    for place in np.ndindex(at.shape):  # one after the other: a row may be named twice
        row, by = data[at[place]], whole[place]
        data[at[place]] = (row - np.fmod(row, by)) // by  # exact: fmod has the sign of the row


def _refuse(**given: object) -> None:
    for name, value in given.items():
        if value is not None:
            raise NotImplementedError(say("Variable", name, "must be None here", value))
