"""BaseVariable: a name and a value that can be replaced.

Reading a variable is an op (`read_variable`), so each read is a Record whose input is the variable
itself: all reads on a tape add up to the variable's gradient, and a value read before an `assign`
stays what it was.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from scratchnet.engine.dtypes import DTYPES, Array, DType
from scratchnet.engine.errors import InvalidArgumentError
from scratchnet.engine.op import ACTIVE, Op, Record, register
from scratchnet.engine.operators import Operators
from scratchnet.engine.tensor import Reference, Tensor, TensorLike, convert
from scratchnet.engine.tensor_shape import TensorShape


class Updating:
    """Lets one thread at a time replace what it read of a variable: no update is lost.

    One lock for all variables, which is taken for one sum: a lock in each would have to be left out
    of every copy and pickle.  A signal handler may take it again.
    """

    def __init__(self) -> None:
        self._renew()
        if hasattr(os, "register_at_fork"):  # another thread may hold it, which the child has not
            os.register_at_fork(after_in_child=self._renew)

    def _renew(self) -> None:
        self.lock = threading.RLock()


UPDATING = Updating()


class BaseVariable(Operators):
    """The storage that `Variable` and Keras's variable share: an array, replaced by `assign`.

    Threads may share a variable: a read sees one value as a whole, and of `assign_add`,
    `assign_sub` and assignments to parts none is lost, as in TensorFlow.  Other updates of several
    steps, such as those of an optimizer, are not one for other threads.
    """

    def __init__(self, data: Array, name: str, trainable: bool) -> None:
        self._data = data
        self._name = name
        self._trainable = trainable
        # What a tape goes by: TensorFlow's do not see that a Keras variable was frozen later on.
        self.made_trainable = trainable

    def read_value(self) -> Tensor:
        """The value as a Tensor; the read is recorded by the tapes that watch this variable."""
        tensor = Tensor(self._data)
        tapes = ACTIVE.tapes
        if tapes:
            record = Record(READ_VARIABLE, (self,), (tensor,))  # type: ignore[arg-type]
            for tape in tapes:
                tape.access(self)
                tape.record(record)
        return tensor

    @property
    def shape(self) -> TensorShape:
        return TensorShape.of(self._data.shape)

    def get_shape(self) -> TensorShape:
        """The same as `shape`."""
        return self.shape

    @property
    def dtype(self) -> DType:
        return DTYPES[self._data.dtype]

    @property
    def ndim(self) -> int:
        return self._data.ndim

    @property
    def name(self) -> str:
        return self._name

    @property
    def trainable(self) -> bool:
        return self._trainable

    def numpy(self) -> Array:
        """A copy of the value as an ndarray (a NumPy scalar for rank 0).  Gradients end here."""
        return self.read_value().numpy()

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> Array:
        return self.read_value().__array__(dtype, copy)

    def assign(self, value: TensorLike) -> Any:
        """Replace the value; a tape does not record it.

        Args:
            value: of this variable's shape; Python and NumPy values take its dtype.

        Returns:
            The variable.

        Raises:
            ValueError: another shape, or a tensor of another dtype.
        """
        tensor = self._converted(value)
        shape = tensor._data.shape
        if shape != self._data.shape and not self._allows(shape):
            raise ValueError(
                f"Cannot assign value to variable '{self.name}': Shape mismatch. The variable "
                f"shape {self._data.shape}, and the assigned value shape {shape} are incompatible."
            )
        with UPDATING.lock:  # not between another thread's read and write
            self._data = tensor._data
        return self

    def assign_add(self, delta: TensorLike) -> Any:
        """``assign(value + delta)``; a tape does not record it."""
        return self._update(np.add, delta)

    def assign_sub(self, delta: TensorLike) -> Any:
        """``assign(value - delta)``; a tape does not record it."""
        return self._update(np.subtract, delta)

    def _update(self, how: np.ufunc, delta: TensorLike) -> Any:
        data = self._converted(delta)._data
        if data.shape != self._data.shape:
            raise InvalidArgumentError(
                f"Cannot update variable '{self.name}' with shape {self._data.shape} using a "
                f"Tensor with shape {data.shape}, shapes must be equal."
            )
        with np.errstate(all="ignore"), UPDATING.lock:
            self._data = np.asarray(how(self._data, data))
        return self

    def _allows(self, shape: tuple[int, ...]) -> bool:
        """Whether a value may have this shape, which is not that of the value now."""
        return False

    def _converted(self, value: TensorLike) -> Tensor:
        tensor = convert(value, self._data.dtype)
        tensor._detached(f"`assign` to the variable '{self.name}'")
        return tensor

    def ref(self) -> Reference:
        """A hashable stand-in for this variable."""
        return Reference(self)

    def __hash__(self) -> int:
        raise TypeError("Variable is unhashable. Instead, use variable.ref() as the key.")

    def __bool__(self) -> bool:
        return bool(self.read_value())

    def __int__(self) -> int:
        return int(self.read_value())

    def __float__(self) -> float:
        return float(self.read_value())

    def __complex__(self) -> complex:
        return complex(self.read_value())

    def __iter__(self) -> Iterator[Tensor]:
        return iter(self.read_value())

    def __iadd__(self, other: Any) -> NoReturn:
        _refuse_in_place("+", "assign_add(value)")

    def __isub__(self, other: Any) -> NoReturn:
        _refuse_in_place("-", "assign_sub(value)")

    def __imul__(self, other: Any) -> NoReturn:
        _refuse_in_place("*", "assign(variable * value)")

    def __itruediv__(self, other: Any) -> NoReturn:
        _refuse_in_place("/", "assign(variable / value)")

    def __ipow__(self, other: Any) -> NoReturn:
        _refuse_in_place("**", "assign(variable ** value)")


def _refuse_in_place(sign: str, method: str) -> NoReturn:
    raise RuntimeError(
        f"`variable {sign}= value` with `tf.Variable`s is not supported. Use `variable.{method}` "
        f"to modify the variable, or `out = variable {sign} value` if you need to get a new output "
        "Tensor."
    )


# Reading hands the value on unchanged, and the cotangent back unchanged: gx = g.
READ_VARIABLE = register(
    Op(
        "read_variable",
        BaseVariable.read_value,
        lambda x: (x, None),
        vjps=(lambda g, record: g,),
        complex_vjps=True,
    )
)
