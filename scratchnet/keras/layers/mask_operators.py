"""What masks are computed with; on KerasTensors each op is a node of the graph, as in Keras."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from functools import reduce

from scratchnet import ops
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import standardize_dtype
from scratchnet.keras.keras_mask import get_mask, set_mask
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.layers.tensor_operators import Operation
from scratchnet.keras.promotion import to_one_dtype


def different(x: typing.Any, value: typing.Any) -> Tensor:
    """``x != value``, of tensors of any dtypes, as Keras promotes them."""
    return ops.not_equal(*to_one_dtype(x, value))


def one_or_other(x: typing.Any, y: typing.Any) -> Tensor:
    """``x or y``; numbers are True where they are not 0, as in Keras."""
    return ops.logical_or(ops.cast(x, bool), ops.cast(y, bool))


class NotEqual(Operation):
    """``x != y`` (``keras.ops.not_equal``)."""

    function = staticmethod(different)


class LogicalOr(Operation):
    """``x or y``, element by element (``keras.ops.logical_or``)."""

    function = staticmethod(one_or_other)


class Any(Operation):
    """Whether any value along `axis` is True (``keras.ops.any``).

    Args:
        axis: the axis.
        keepdims: whether it stays, with size 1.
        name: automatic if not given.
    """

    def __init__(
        self, axis: typing.Any = None, keepdims: bool = False, name: str | None = None
    ) -> None:
        super().__init__(name)
        self.axis, self.keepdims = axis, keepdims

    def call(self, x: typing.Any) -> typing.Any:
        """``reduce_any(x, axis)``."""
        return ops.reduce_any(ops.cast(x, bool), self.axis, self.keepdims)

    def compute_output_spec(self, x: KerasTensor) -> KerasTensor:
        """The shape of `x` without `axis`."""
        axes = range(x.ndim) if self.axis is None else [self.axis % x.ndim]
        shape = [1 if i in axes else n for i, n in enumerate(x.shape)]
        if not self.keepdims:
            shape = [n for i, n in enumerate(x.shape) if i not in axes]
        return KerasTensor(shape, "bool")

    def get_config(self) -> dict[str, typing.Any]:
        """The arguments that make this operation again."""
        return {**super().get_config(), "axis": self.axis, "keepdims": self.keepdims}


class _AlongAxis(Operation):
    """An operation that knows an axis; its shapes are found by calling it."""

    def __init__(self, axis: typing.Any, name: str | None = None) -> None:
        super().__init__(name)
        self.axis = axis

    compute_output_spec = Layer.compute_output_spec

    def call(self, x: typing.Any) -> typing.Any:
        """``function(x, axis)``."""
        return type(self).function(x, self.axis)

    def get_config(self) -> dict[str, typing.Any]:
        """The arguments that make this operation again."""
        return {**super().get_config(), "axis": self.axis}


class ExpandDims(_AlongAxis):
    """`x` with a new axis of size 1 (``keras.ops.expand_dims``).

    Args:
        axis: where it is in the result.
        name: automatic if not given.
    """

    function = staticmethod(ops.expand_dims)


class _Like(Operation):
    """A tensor of the shape of another one, all of whose elements are equal.

    Args:
        dtype: its dtype, that of the other one if not given.
        name: automatic if not given.
    """

    def __init__(self, dtype: typing.Any = None, name: str | None = None) -> None:
        super().__init__(name)
        self._kind = None if dtype is None else standardize_dtype(dtype)

    def call(self, x: typing.Any) -> typing.Any:
        """What `function` makes of `x`."""
        return type(self).function(x, self._kind)

    def compute_output_spec(self, x: KerasTensor) -> KerasTensor:
        """The shape of `x`."""
        return KerasTensor(x.shape, self._kind or x.dtype)

    def get_config(self) -> dict[str, typing.Any]:
        """The arguments that make this operation again."""
        return {**super().get_config(), "dtype": self._kind}


class ZerosLike(_Like):
    """Zeros of the shape of another tensor (``keras.ops.zeros_like``)."""

    function = staticmethod(ops.zeros_like)


class OnesLike(_Like):
    """Ones of the shape of another tensor (``keras.ops.ones_like``)."""

    function = staticmethod(ops.ones_like)


class Concatenate(_AlongAxis):
    """Tensors, one behind the other (``keras.ops.concatenate``).

    Args:
        axis: along which.
        name: automatic if not given.
    """

    function = staticmethod(ops.concat)

    def __init__(self, axis: typing.Any = 0, name: str | None = None) -> None:
        super().__init__(axis, name)


_KINDS = (NotEqual, LogicalOr, Any, ExpandDims, ZerosLike, OnesLike, Concatenate)
MASK_OPERATORS = {kind.__name__: kind for kind in _KINDS}


def not_equal(x: typing.Any, value: typing.Any) -> typing.Any:
    """``x != value``."""
    return NotEqual()(x, value) if isinstance(x, KerasTensor) else different(x, value)


def any_of_last_axis(x: typing.Any) -> typing.Any:
    """Whether any value along the last axis of `x` is True."""
    return Any(axis=-1)(x) if isinstance(x, KerasTensor) else ops.reduce_any(x, -1)


def _logical_or(x: typing.Any, y: typing.Any) -> typing.Any:
    symbolic = isinstance(x, KerasTensor) or isinstance(y, KerasTensor)
    return LogicalOr()(x, y) if symbolic else one_or_other(x, y)


def either_mask(masks: Sequence[typing.Any] | None) -> typing.Any:
    """True where one of several `masks` is; None if one of them is None."""
    if masks is None or any(mask is None for mask in masks):
        return None
    return reduce(_logical_or, masks)


def combined(
    function: typing.Any, inputs: Sequence[typing.Any], tensors: Sequence[Tensor]
) -> Tensor:
    """The `tensors` combined by `function`, where each leaves out what the masks of `inputs` say.

    Where one of two is masked, the other one stands for both.
    """
    output, valid = tensors[0], _expanded(get_mask(inputs[0]), tensors[0])
    for given, x in zip(inputs[1:], tensors[1:], strict=True):
        mask = _expanded(get_mask(given), x)
        if mask is not None:
            x = ops.where(mask, x, output)
        if valid is not None:
            output = ops.where(valid, output, x)
        valid = None if valid is None or mask is None else ops.logical_or(valid, mask)
        output = function(output, x)
    if valid is not None:
        set_mask(output, ops.reduce_any(valid, -1))
    return output


def product_of_valid(inputs: Sequence[typing.Any], tensors: Sequence[Tensor]) -> Tensor:
    """The product of the `tensors`, where what the masks of `inputs` leave out counts as 1.

    Where all of them leave it out, 0.
    """
    masks = [_expanded(get_mask(x), t) for x, t in zip(inputs, tensors, strict=True)]
    factors = [
        t if m is None else ops.where(m, t, ops.ones_like(t))
        for t, m in zip(tensors, masks, strict=True)
    ]
    output = reduce(ops.multiply, factors)
    valid = either_mask(masks)
    if valid is None:
        return output
    output = ops.where(valid, output, ops.zeros_like(output))
    set_mask(output, ops.reduce_any(valid, -1))
    return output


def _expanded(mask: typing.Any, x: typing.Any) -> typing.Any:
    """`mask` with the shape of `x`."""
    return mask if mask is None else ops.broadcast_to(ops.expand_dims(mask, -1), x._data.shape)


def concatenated_mask(
    inputs: Sequence[typing.Any], masks: Sequence[typing.Any] | None, axis: int
) -> typing.Any:
    """The mask of `inputs` one behind the other; True where an input has none."""
    if masks is None or all(mask is None for mask in masks):
        return None
    if any(isinstance(x, KerasTensor) for x in inputs):
        return any_of_last_axis(Concatenate(axis)(_like_inputs(inputs, masks)))
    parts = []
    for x, mask in zip(inputs, masks, strict=True):
        if mask is None:
            mask = ops.ones(x._data.shape, bool)
        elif mask._data.ndim < x._data.ndim:
            mask = _expanded(mask, x)
        parts.append(mask)
    return ops.reduce_any(ops.concat(parts, axis), -1)


def _like_inputs(inputs: Sequence[typing.Any], masks: Sequence[typing.Any]) -> list[typing.Any]:
    """The `masks` with the shapes of `inputs`, KerasTensors; by the operations of Keras's files."""
    parts = []
    for x, mask in zip(inputs, masks, strict=True):
        if mask is None:
            mask = OnesLike("bool")(x)
        elif mask.ndim < x.ndim:
            expanded = ExpandDims(-1)(mask)
            mask = LogicalOr()(expanded, ZerosLike("bool")(x))
        parts.append(mask)
    return parts
