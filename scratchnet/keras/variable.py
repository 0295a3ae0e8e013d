"""Variable: a value with a path, like ``sequential/dense/kernel``, of a layer or optimizer."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

import numpy as np

from scratchnet.engine.convert import to_bool
from scratchnet.engine.dtypes import Array, as_dtype
from scratchnet.engine.tensor import Operators, Tensor, TensorLike, convert
from scratchnet.engine.variable import UPDATING, Alias, BaseVariable
from scratchnet.keras.config import standardize_dtype, standardize_shape
from scratchnet.keras.configs import limits
from scratchnet.keras.configs.published import published
from scratchnet.keras.naming import auto_name, check_name, current_path


class Variable(BaseVariable):
    """A value that training changes (``keras.Variable``).

    Args:
        initializer: the value; or a function ``f(shape, dtype=…)`` that makes it, or its name.
        shape: the shape, where `initializer` is a function or a name.
        dtype: the dtype; `config.floatx` if `initializer` is a function, else that of the value.
        trainable: whether tapes watch it by themselves and optimizers change it.  To set it later
            is a matter of the optimizers alone, as in Keras: tapes watch what was made trainable.
        name: the last part of the path; automatic if not given.

    Raises:
        ValueError: a function without a `shape`, a shape with unknown sizes, a name with ``/``.

    >>> Variable([1.0, 2.0], name="w")
    <Variable path=w, shape=(2,), dtype=float32, value=[1. 2.]>
    """

    # Whether any variable of this program ever had one: else no step needs to look for them.
    _some_have_regularizers = False

    __slots__ = ("_alias",)

    def __init__(
        self,
        initializer: Any,
        shape: Any = None,
        dtype: object = None,
        trainable: bool = True,
        name: str | None = None,
    ) -> None:
        self._path = check_name("Variable", name or auto_name(type(self).__name__))
        label = self._path
        if path := current_path():
            self._path = f"{path}/{label}"
        data = _initial(initializer, shape, dtype, self._path)
        super().__init__(data, label, to_bool("Variable", "trainable", trainable))
        self.regularizer = None
        self.constraint: Callable[[Any], Any] | None = None

    @property
    def name(self) -> str:
        return self._name

    @property
    def regularizer(self) -> Callable[[Any], Any] | None:
        """A function of this variable whose value is added to the loss of its layer, or None."""
        return self._regularizer

    @regularizer.setter
    def regularizer(self, value: Callable[[Any], Any] | None) -> None:
        if value is not None:
            Variable._some_have_regularizers = True
        self._regularizer = value

    def __getstate__(self) -> dict[str, Any]:
        return dict(vars(self))

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.regularizer = self._regularizer  # it may come from another process

    @property
    def path(self) -> str:
        return self._path

    @property
    def dtype(self) -> Any:
        return self._data.dtype.name

    @property
    def trainable(self) -> bool:
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)

    @property
    def value(self) -> Value:
        """The `tf.Variable` under this one: the same value, and the same gradient."""
        known: weakref.ref[Value] | None = getattr(self, "_alias", None)
        alias = None if known is None else known()
        if alias is None:
            alias = Value(self)
            self._alias = weakref.ref(alias)  # no cycle: the two go with the last that is used
        return alias

    def assign(self, value: TensorLike) -> Tensor:
        """Replace the value by `value`, cast to this variable's dtype; returns the new value.

        Raises:
            ValueError: another shape.
        """
        data = value._data if isinstance(value, Operators) else convert(value)._data
        if data.shape != self._data.shape:
            raise ValueError(
                f"assign: {self._path} has shape {self._data.shape}, received shape {data.shape}"
            )
        new = np.asarray(data, self._data.dtype)
        with UPDATING.lock:  # not between another thread's read and write
            self._data = new
        return Tensor(new)

    def assign_add(self, delta: TensorLike) -> Tensor:
        """``assign(value + delta)``; not recorded by a tape."""
        operand = self._operand(delta)
        with UPDATING.lock:  # of two threads' updates none is lost
            return self.assign(Tensor(np.asarray(self._data + operand)))

    def assign_sub(self, delta: TensorLike) -> Tensor:
        """``assign(value - delta)``; not recorded by a tape."""
        operand = self._operand(delta)
        with UPDATING.lock:  # of two threads' updates none is lost
            return self.assign(Tensor(np.asarray(self._data - operand)))

    def __getitem__(self, key: Any) -> Tensor:
        """``variable[key]``: a Tensor whose ``assign(value)`` changes that part of the variable."""
        part = super().__getitem__(key)
        part.assign = partial(self._assign_part, key)
        return part

    def _assign_part(self, key: Any, value: TensorLike) -> Any:
        return self.value[key].assign(value)

    def _operand(self, delta: TensorLike) -> Array:
        return convert(delta, hint=self._data.dtype)._data

    def __hash__(self) -> int:
        raise TypeError(f"unhashable type: '{type(self).__name__}'")

    def __repr__(self) -> str:
        return (
            f"<Variable path={self._path}, shape={self._data.shape}, dtype={self.dtype}, "
            f"value={self._data}>"
        )

    __str__ = __repr__


class Value(Alias):
    """What `Variable.value` is: the same variable as a `tf.Variable`."""

    __slots__ = ()
    origin: Variable

    @property
    def name(self) -> str:
        return f"{self.origin.path}:0"

    @property
    def trainable(self) -> bool:
        return self.made_trainable

    def __call__(self) -> NoReturn:
        """Refused: in Keras `value` is a property, unlike `tf.Variable.value`."""
        raise TypeError("'Variable.value' is a property and not callable: leave the brackets out")


def _initial(initializer: Any, shape: Any, dtype: object, path: str) -> Array:
    """The array that a variable begins with."""
    if isinstance(initializer, str):
        initializer = published("keras.initializers")["get"](initializer)
    if isinstance(initializer, Operators) or not callable(initializer):
        data = convert(initializer)._data
        return data if dtype is None else np.asarray(data, as_dtype(standardize_dtype(dtype)).numpy)
    if shape is None:
        raise ValueError(
            "Variable: `shape` must be given with an initializer, received shape=None, "
            f"{initializer=}"
        )
    sizes = standardize_shape(shape)
    if None in sizes:
        raise ValueError(f"Variable: `shape` must hold no None, received shape={sizes} for {path}")
    name = standardize_dtype(dtype)
    limits.take(sizes, as_dtype(name).numpy.itemsize, path)
    made = np.asarray(convert(initializer(sizes, dtype=name))._data, as_dtype(name).numpy)
    return np.broadcast_to(made, tuple(size or 0 for size in sizes)).copy()
