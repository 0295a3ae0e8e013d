"""The Python operators of tensors and variables, each by the name of its op."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scratchnet.engine.errors import IncompatibleShapesError
from scratchnet.engine.op import call

if TYPE_CHECKING:
    from scratchnet.engine.dtypes import Array
    from scratchnet.engine.tensor import Tensor


class Operators:
    """What ``a + b``, ``a[0]``, ``a == b`` … call; the ops themselves live in `scratchnet.ops`."""

    __slots__ = ()
    _data: Array  # the value; replaced as a whole, never written into

    # NumPy must not take `ndarray + tensor` apart itself: with a higher priority, ours is asked.
    __array_priority__ = 100

    def __add__(self, other: Any) -> Tensor:
        return call("add", self, other)

    def __radd__(self, other: Any) -> Tensor:
        return call("add", other, self)

    def __sub__(self, other: Any) -> Tensor:
        return call("subtract", self, other)

    def __rsub__(self, other: Any) -> Tensor:
        return call("subtract", other, self)

    def __mul__(self, other: Any) -> Tensor:
        return call("multiply", self, other)

    def __rmul__(self, other: Any) -> Tensor:
        return call("multiply", other, self)

    def __truediv__(self, other: Any) -> Tensor:
        return call("divide", self, other)

    def __rtruediv__(self, other: Any) -> Tensor:
        return call("divide", other, self)

    def __floordiv__(self, other: Any) -> Tensor:
        return call("floordiv", self, other)

    def __rfloordiv__(self, other: Any) -> Tensor:
        return call("floordiv", other, self)

    def __mod__(self, other: Any) -> Tensor:
        return call("mod", self, other)

    def __rmod__(self, other: Any) -> Tensor:
        return call("mod", other, self)

    def __pow__(self, other: Any) -> Tensor:
        return call("pow", self, other)

    def __rpow__(self, other: Any) -> Tensor:
        return call("pow", other, self)

    def __matmul__(self, other: Any) -> Tensor:
        return call("matmul", self, other)

    def __rmatmul__(self, other: Any) -> Tensor:
        return call("matmul", other, self)

    def __neg__(self) -> Tensor:
        return call("negative", self)

    def __abs__(self) -> Tensor:
        return call("abs", self)

    def __invert__(self) -> Tensor:
        return call("logical_not" if self._is_bool() else "invert", self)

    def __and__(self, other: Any) -> Tensor:
        return call("logical_and" if self._is_bool() else "bitwise_and", self, other)

    def __or__(self, other: Any) -> Tensor:
        return call("logical_or" if self._is_bool() else "bitwise_or", self, other)

    def __xor__(self, other: Any) -> Tensor:
        return call("logical_xor" if self._is_bool() else "bitwise_xor", self, other)

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def _is_bool(self) -> bool:
        return self._data.dtype.kind == "b"

    def __lt__(self, other: Any) -> Tensor:
        return call("less", self, other)

    def __le__(self, other: Any) -> Tensor:
        return call("less_equal", self, other)

    def __gt__(self, other: Any) -> Tensor:
        return call("greater", self, other)

    def __ge__(self, other: Any) -> Tensor:
        return call("greater_equal", self, other)

    def __eq__(self, other: object) -> Any:
        return False if other is None else _compared("equal", self, other, False)

    def __ne__(self, other: object) -> Any:
        return True if other is None else _compared("not_equal", self, other, True)

    def __getitem__(self, key: Any) -> Tensor:
        return call("getitem", self, key)


def _compared(name: str, x: Any, y: Any, if_shapes_differ: bool) -> Tensor:
    """``x == y``: of shapes that do not broadcast, one answer for the whole."""
    try:
        return call(name, x, y)
    except IncompatibleShapesError:
        return call("constant", if_shapes_differ)
