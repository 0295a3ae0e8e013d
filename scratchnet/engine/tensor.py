"""Tensor — an immutable array that ops work on — and `apply`, the one way to run an op.

A Tensor is data plus operators.  The operators know ops by name only (`scratchnet.engine.op.call`);
what ``a + b`` means is said in `scratchnet.ops`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import numpy as np
import numpy.typing as npt

from scratchnet.engine.convert import to_array
from scratchnet.engine.dtypes import DTYPES, Array, DType, as_dtype
from scratchnet.engine.errstate import ignoring_errors
from scratchnet.engine.op import ACTIVE, Op, Record, bad_forward_result, call
from scratchnet.engine.operators import Operators as Operators
from scratchnet.engine.saved import SavedArray, saved_op
from scratchnet.engine.tensor_shape import TensorShape


class Tensor(Operators):
    """An immutable n-dimensional array: what ops take and return (``tf.Tensor``, eager).

    Make one with `constant` or `convert_to_tensor`; this constructor takes the array as it is.

    >>> Tensor(np.array([[1, 2], [3, 4]], np.int32))
    <tf.Tensor: shape=(2, 2), dtype=int32, numpy=
    array([[1, 2],
           [3, 4]], dtype=int32)>
    """

    assign: Callable[[Any], Any]  # only on `variable[key]`: changes that part of the variable

    def __init__(self, data: Array) -> None:
        self._data = data

    @property
    def shape(self) -> TensorShape:
        return TensorShape.of(self._data.shape)

    def get_shape(self) -> TensorShape:
        """The same as `shape`."""
        return self.shape

    def set_shape(self, shape: Any) -> None:
        """Check that `shape` is one that this tensor has; there is nothing to set.

        Raises:
            ValueError: it is not.
        """
        if not self.shape.is_compatible_with(shape):
            raise ValueError(
                f"Tensor's shape {self.shape} is not compatible with supplied shape "
                f"{TensorShape(shape)}."
            )

    @property
    def ndim(self) -> int:
        return self._data.ndim

    @property
    def dtype(self) -> DType:
        return DTYPES[self._data.dtype]

    @property
    def device(self) -> str:
        return "/job:localhost/replica:0/task:0/device:CPU:0"

    def numpy(self) -> Array:
        """A copy of the value as an ndarray; gradients end here.

        For rank 0 it is a NumPy scalar, which does what an array of rank 0 does: so, as in
        TensorFlow's own stubs, the declared type is that of an array.
        """
        self._detached("`.numpy()`")
        return self._data.copy() if self._data.ndim else self._data[()]

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> Array:
        self._detached("a NumPy function")
        view = self._data.view()
        view.flags.writeable = False
        return np.array(view, dtype=dtype, copy=copy)

    def _detached(self, how: str) -> None:
        """Tell the tapes that the value is detached: read outside of ops, by way of `how`."""
        for tape in ACTIVE.tapes:
            tape.detached(self, f"its value went through {how}, where the tape cannot follow")

    def ref(self) -> Reference:
        """A hashable stand-in for this tensor: ``t.ref().deref() is t``."""
        return Reference(self)

    def __hash__(self) -> int:
        raise TypeError("Tensor is unhashable. Instead, use tensor.ref() as the key.")

    def __bool__(self) -> bool:
        return bool(self._data.size and self._data)

    def __int__(self) -> int:
        return int(self._scalar("int"))

    def __float__(self) -> float:
        return float(self._scalar("float"))

    def __complex__(self) -> complex:
        return complex(self._scalar("complex"))

    def _scalar(self, wanted: str) -> Any:
        if self._data.ndim:
            raise TypeError(
                f"{wanted}: only 0-dimensional arrays can be converted to Python scalars, received "
                f"a tensor of shape {self._data.shape}"
            )
        self._detached(f"`{wanted}()`")
        return self._data[()]

    def __index__(self) -> int:
        return self._data.__index__()

    def __len__(self) -> int:
        if not self._data.ndim:
            raise TypeError("Scalar tensor has no `len()`")
        return len(self._data)

    def __iter__(self) -> Iterator[Tensor]:
        if not self._data.ndim:
            raise TypeError("Cannot iterate over a scalar tensor.")
        return iter(call("unstack", self))

    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        raise TypeError(
            "'scratchnet.Tensor' object does not support item assignment: tensors are immutable; "
            "build a new one (`where`, `concat`, `scatter_nd`) or keep the value in a Variable"
        )

    def __delitem__(self, key: Any) -> NoReturn:
        raise TypeError("'scratchnet.Tensor' object doesn't support item deletion")

    if not TYPE_CHECKING:  # else any name would be right to a type checker

        def __getattr__(self, name: str) -> NoReturn:
            if name in _NUMPY_NAMES:
                raise AttributeError(
                    f"Tensor object has no attribute {name!r}: TensorFlow gives its tensors "
                    "NumPy's names only after "
                    "tf.experimental.numpy.experimental_enable_numpy_behavior(); use the function "
                    f"of the library, or `.numpy().{name}`"
                )
            raise AttributeError(f"'scratchnet.Tensor' object has no attribute {name!r}")

    def __format__(self, spec: str) -> str:
        return format(self._data[()] if not self._data.ndim else self._data, spec)

    def __repr__(self) -> str:
        text = numpy_text(self._data)
        return f"<tf.Tensor: shape={self._data.shape}, dtype={self.dtype.name}, {text}>"

    def __str__(self) -> str:
        text = _on_own_lines(str(self._data))
        return f"tf.Tensor({text}, shape={self._data.shape}, dtype={self.dtype.name})"


_NUMPY_NAMES = frozenset(
    "T astype clip data flatten item max mean min ravel reshape size squeeze std sum tolist "
    "transpose".split()
)


def numpy_text(data: Array) -> str:
    """``numpy=…``, as the printed forms end: a plain number, or the array."""
    return f"numpy={_on_own_lines(repr(data if data.ndim else data.item()))}"


def _on_own_lines(text: str) -> str:
    """`text`, begun on a new line if it has several."""
    return f"\n{text}" if "\n" in text else text


class Reference:
    """Compares and hashes by identity (what ``tf.Tensor.ref()`` returns)."""

    def __init__(self, tensor: Any) -> None:
        self._tensor = tensor

    def deref(self) -> Any:
        """The tensor or variable itself."""
        return self._tensor

    def __hash__(self) -> int:
        return id(self._tensor)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Reference):
            raise TypeError(f"Cannot compare wrapped object with unwrapped object: {other!r}")
        return self._tensor is other._tensor

    def __repr__(self) -> str:
        return f"<Reference wrapping {self._tensor!r}>"


# What a public function accepts where it wants a tensor: anything `convert` takes.
TensorLike: TypeAlias = Any


def convert(value: TensorLike, dtype: object = None, hint: np.dtype[Any] | None = None) -> Tensor:
    """`value` as a Tensor: a Tensor is handed back as it is, a variable is read.

    To read a variable is an op, `read_variable`, which tapes record.  So an argument is converted
    once, where its value is needed, and never for its shape or dtype, which ``x._data`` tells.

    Args:
        value: a tensor, variable, number, NumPy array, nested lists of them; or an object with
            TensorFlow's method ``__tf_tensor__``, such as IndexedSlices.
        dtype: the dtype it must have.
        hint: the dtype that a Python or NumPy value takes (that of the tensor it meets).

    Raises:
        ValueError, TypeError: as `scratchnet.engine.convert.to_array`; a tensor of another `dtype`.
    """
    if isinstance(value, Operators):
        tensor = value if isinstance(value, Tensor) else value.read_value()  # type: ignore[attr-defined]
        if dtype is not None and as_dtype(dtype).numpy != tensor._data.dtype:
            raise ValueError(
                f"Tensor conversion requested dtype {as_dtype(dtype).name} for Tensor with dtype "
                f"{tensor.dtype.name}: {tensor!r}"
            )
        return tensor
    if type(value) not in _PLAIN and hasattr(type(value), "__tf_tensor__"):
        return convert(value.__tf_tensor__(), dtype)
    wanted = None if dtype is None else as_dtype(dtype).numpy
    if isinstance(value, list | tuple) and _holds_tensor(value):
        packed = _pack(value, hint)
        return packed if wanted is None else call("cast", packed, wanted)
    array = to_array(value, hint, implicit=True) if wanted is None else to_array(value, wanted)
    if type(value) is SavedArray and value.record is not None:
        return apply(saved_op(value.record.op), *value.record.inputs, known=array)
    return Tensor(array)


_PLAIN = {int, float, bool, complex, np.ndarray, list, tuple, str, type(None)}


def _holds_tensor(value: Any, depth: int = 64) -> bool:
    if isinstance(value, list | tuple) and depth:  # a list may hold itself; NumPy goes as deep
        return any(_holds_tensor(part, depth - 1) for part in value)
    return isinstance(value, Operators)


def _pack(parts: Any, dtype: np.dtype[Any] | None) -> Tensor:
    """Nested lists that hold tensors become one tensor by `stack`, so gradients pass through."""
    if dtype is None:
        dtype = _first_tensor(parts)._data.dtype
    return call("stack", [convert(part, hint=dtype) for part in parts])


def _first_tensor(value: Any) -> Operators:
    if isinstance(value, Operators):
        return value
    return next(_first_tensor(part) for part in value if _holds_tensor(part))


def apply(op: Op, *inputs: Tensor, known: Array | None = None, **attrs: Any) -> Tensor:
    """Run an `op` that has one output on tensors, and tell the active tapes.

    Args:
        op: a row that has a forward pass.
        *inputs: its arguments, converted and checked by the caller.
        known: the output array where it has been computed already: recorded, not computed again.
        **attrs: what else the forward pass and the VJPs need (axes, strides, …).
    """
    return _run(op, inputs, None if known is None else (known,), attrs)[0]


def apply_all(
    op: Op, *inputs: Tensor, known: tuple[Array, ...] | None = None, **attrs: Any
) -> tuple[Tensor, ...]:
    """As `apply`, for an `op` with several outputs."""
    return _run(op, inputs, known, attrs)


_array_of = attrgetter("_data")


def _run(
    op: Op, inputs: tuple[Tensor, ...], known: tuple[Array, ...] | None, attrs: dict[str, Any]
) -> tuple[Tensor, ...]:
    if known is None:
        forward: Callable[..., tuple[Any, Any]] = op.forward  # type: ignore[assignment]
        result = ignoring_errors(forward, *map(_array_of, inputs), **attrs)
        if type(result) is not tuple or len(result) != 2:
            raise bad_forward_result(op, result)
        out, saved = result
    else:
        out, saved = known, None
    if type(out) is np.ndarray:  # most ops
        outputs: tuple[Tensor, ...] = (Tensor(out),)
    else:
        # NumPy hands back scalars for rank 0; asarray makes them arrays again.
        parts = out if isinstance(out, tuple) else (out,)
        outputs = tuple(
            [Tensor(part if type(part) is np.ndarray else np.asarray(part)) for part in parts]
        )
    tapes = ACTIVE.tapes
    if tapes:
        record = Record(op, inputs, outputs, saved, attrs)
        for tape in tapes:
            tape.record(record)
    return outputs
