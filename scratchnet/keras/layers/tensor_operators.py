"""Arithmetic on KerasTensors: ``x + shortcut`` in a functional model is a call of a small layer.

Such layers stand in the summary and in files, as in Keras, but not in ``model.layers``.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from itertools import zip_longest
from typing import Any, ClassVar

import numpy as np

from scratchnet.engine.tensor import Operators
from scratchnet.keras import arithmetic
from scratchnet.keras.config import Shape
from scratchnet.keras.configs.limits import take_trial
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.layers.symbolic import infer_by_calling
from scratchnet.keras.promotion import of_one_dtype, to_one_dtype, two_floating


class Operation(Layer):
    """A layer without weights that computes what one Python operator does.

    Masks end here without a warning: in Keras operations are no layers.
    """

    function: ClassVar[Callable[..., Any]]
    supports_masking = True
    _makes_masks = False

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name=name)
        self.built = True

    def _standardized(self, x: Any) -> Any:
        return x  # numbers and slices are welcome

    def compute_mask(self, inputs: Any, previous_mask: Any) -> None:
        """None."""

    def call(self, *args: Any) -> Any:
        """What the operator returns."""
        return type(self).function(*args)

    def compute_output_spec(self, *args: Any) -> Any:
        """The shape that `args` broadcast to, and the dtype that is found on tensors of size 1."""
        small = [
            KerasTensor((1,) * x.ndim, x.dtype, "x") if isinstance(x, KerasTensor) else x
            for x in args
        ]
        dtype = infer_by_calling(lambda _, dtype: dtype, self, tuple(small), {})
        shape: Shape = ()
        for x in args:
            shape = _broadcast(shape, _shape(x))
        return KerasTensor(shape, dtype)

    def get_config(self) -> dict[str, Any]:
        """The name alone."""
        return {"name": self.name}


class OfTwo(Operation):
    """An operation of two arguments, which are cast to one dtype as Keras promotes them."""

    promoted: ClassVar[Callable[..., Any]] = of_one_dtype

    def call(self, *args: Any) -> Any:
        """What the operator returns of `args`, cast to one dtype."""
        if not _are_floats_alike(*args):
            args = type(self).promoted(*args)
        return type(self).function(*args)


def _are_floats_alike(x: Any, y: Any) -> bool:
    """Whether they are tensors of one floating dtype, as most are."""
    both = isinstance(x, Operators) and isinstance(y, Operators)
    return both and x._data.dtype == y._data.dtype and x._data.dtype.kind == "f"


def _shape(x: Any) -> Shape:
    return tuple(x.shape) if hasattr(x, "shape") else np.shape(x)


def _broadcast(first: Shape, second: Shape) -> Shape:
    """The shape of both together; a size that may be 1 or not gives way to one that is not."""
    found = []
    for m, n in zip_longest(reversed(first), reversed(second), fillvalue=1):
        if m != n and None not in (m, n) and 1 not in (m, n):
            raise ValueError(
                f"Cannot broadcast shape: {m} and {n} differ. Input shapes are: {first} and "
                f"{second}"
            )
        found.append(n if m == 1 or (m is None and n != 1) else m)
    return tuple(reversed(found))


def _as_they_are(*args: Any) -> tuple[Any, ...]:
    """The arguments of a function that casts them itself."""
    return args


class Add(OfTwo):
    """``x + y`` (``keras.ops.add``)."""

    function = operator.add


class Subtract(OfTwo):
    """``x - y`` (``keras.ops.subtract``)."""

    function = operator.sub


class Multiply(OfTwo):
    """``x * y`` (``keras.ops.multiply``)."""

    function = operator.mul


class TrueDivide(OfTwo):
    """``x / y`` (``keras.ops.true_divide``)."""

    function = operator.truediv
    promoted = two_floating


class Power(OfTwo):
    """``x ** y`` (``keras.ops.power``)."""

    function = operator.pow


class Matmul(OfTwo):
    """``x @ y`` (``keras.ops.matmul``)."""

    function = staticmethod(arithmetic.matmul)
    promoted = _as_they_are

    def compute_output_spec(self, *args: Any) -> Any:
        """Found by trying, unless the product is huge."""
        x, y = map(_shape, args)
        sizes = (*_broadcast(x[:-2], y[:-2]), *x[-2:-1], *y[-1:])
        known = [(64 if i else 12) if size is None else size for i, size in enumerate(sizes)]
        take_trial(4 * math.prod(known), self.name)
        return Layer.compute_output_spec(self, *args)


class FloorDivide(OfTwo):
    """``x // y`` (``keras.ops.floor_divide``)."""

    function = operator.floordiv


class Mod(OfTwo):
    """``x % y`` (``keras.ops.mod``)."""

    function = staticmethod(arithmetic.mod)
    promoted = _as_they_are

    def compute_output_spec(self, *args: Any) -> Any:
        """Beside a number the dtype of the tensor, as in Keras; values may be of a wider one."""
        found = super().compute_output_spec(*args)
        small = [np.ones(1, x.dtype) if isinstance(x, KerasTensor) else x for x in args]
        return KerasTensor(found.shape, arithmetic.countable(of_one_dtype(*small)[0]).dtype)


class Greater(OfTwo):
    """``x > y`` (``keras.ops.greater``)."""

    function = operator.gt
    promoted = to_one_dtype


class GreaterEqual(OfTwo):
    """``x >= y`` (``keras.ops.greater_equal``)."""

    function = operator.ge
    promoted = to_one_dtype


class Less(OfTwo):
    """``x < y`` (``keras.ops.less``)."""

    function = operator.lt
    promoted = to_one_dtype


class LessEqual(OfTwo):
    """``x <= y`` (``keras.ops.less_equal``)."""

    function = operator.le
    promoted = to_one_dtype


class Negative(Operation):
    """``-x`` (``keras.ops.negative``)."""

    function = operator.neg


class Absolute(Operation):
    """``abs(x)`` (``keras.ops.absolute``)."""

    function = staticmethod(arithmetic.absolute)


class GetItem(Operation):
    """``x[key]`` (``keras.ops.get_item``)."""

    function = operator.getitem
    compute_output_spec = Layer.compute_output_spec

    def call(self, x: Any, key: Any) -> Any:
        """``x[key]``; a file holds the tuple `key` as a list."""
        return x[tuple(key) if isinstance(key, list) else key]


_KINDS = (
    *(Add, Subtract, Multiply, TrueDivide, FloorDivide, Mod, Power, Matmul),
    *(Greater, GreaterEqual, Less, LessEqual, Negative, Absolute, GetItem),
)
OPERATORS = {kind.__name__: kind for kind in _KINDS}


def _give_operators_to_keras_tensors() -> None:
    two = {"add": Add, "sub": Subtract, "mul": Multiply, "truediv": TrueDivide, "pow": Power}
    two |= {"floordiv": FloorDivide, "mod": Mod, "matmul": Matmul}
    for name, kind in two.items():
        setattr(KerasTensor, f"__{name}__", lambda x, y, kind=kind: kind()(x, y))
        setattr(KerasTensor, f"__r{name}__", lambda x, y, kind=kind: kind()(y, x))
    for name, kind in {"gt": Greater, "ge": GreaterEqual, "lt": Less, "le": LessEqual}.items():
        setattr(KerasTensor, f"__{name}__", lambda x, y, kind=kind: kind()(x, y))
    for name, of_one in {"neg": Negative, "abs": Absolute}.items():
        setattr(KerasTensor, f"__{name}__", lambda x, kind=of_one: kind()(x))
    setattr(KerasTensor, "__getitem__", lambda x, key: GetItem()(x, key))  # noqa: B010 - as above


_give_operators_to_keras_tensors()
