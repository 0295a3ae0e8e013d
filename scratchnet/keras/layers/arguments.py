"""Arguments that several layers share, and what follows from them."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.errors import DtypeError, InvalidArgumentError, say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import Shape
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.symbolic import is_shape_tuple

Pair = tuple[int, int]


def int_pair(where: str, name: str, value: Any, least: int = 1) -> Pair:
    """One integer, or two, as a pair of integers, none below `least`.

    Raises:
        ValueError: anything else.

    >>> int_pair("Conv2D", "kernel_size", 3), int_pair("Conv2D", "strides", [2, 1])
    ((3, 3), (2, 1))
    """
    try:
        first, second = (value, value) if isinstance(value, int) else value
        pair = (operator.index(first), operator.index(second))
    except (TypeError, ValueError):
        pair = (least - 1, least - 1)
    if min(pair) < least:
        kind = "positive integers" if least else "integers >= 0"
        raise ValueError(say(where, name, f"must be one or two {kind}", value))
    return pair


def positive_integer(where: str, name: str, value: Any) -> int:
    """`value`, a positive integer.

    Raises:
        ValueError: anything else.
    """
    try:
        number = 0 if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = 0
    if number < 1:
        raise ValueError(say(where, name, "must be a positive integer", value))
    return number


def is_row(values: Any) -> bool:
    """Whether `values` are numbers in a row."""
    try:
        return np.ndim(values._data if isinstance(values, Tensor) else values) == 1
    except ValueError:  # rows of several lengths
        return False


def as_floating(where: str, inputs: Tensor, dtype: str) -> Tensor:
    """`inputs`, cast to `dtype` if they are integers or bools.

    Raises:
        InvalidArgumentError: they are complex, of which a cast would take the real part.
    """
    kind = inputs._data.dtype.kind
    if kind == "c":
        raise DtypeError(
            f"{where}: `inputs` must be real, as the weights are, received dtype "
            f"{inputs.dtype.name}: use `tf.math.real`, `tf.math.imag` or `tf.abs` before it"
        )
    return inputs if kind == "f" else ops.cast(inputs, dtype)


def check_one_tensor(where: str, inputs: Any) -> None:
    """Refuse `inputs` of a layer that are None or a structure.

    Raises:
        ValueError: anything but one tensor.
    """
    if not hasattr(inputs, "_data"):
        raise ValueError(say(where, "inputs", "must be one tensor", inputs))


def check_one_shape(where: str, input_shape: Any) -> None:
    """Refuse the `input_shape` of None or of a structure, where `build` takes that of one tensor.

    Raises:
        ValueError: anything but one shape.
    """
    several = isinstance(input_shape, list | tuple) and not is_shape_tuple(input_shape)
    if input_shape is None or isinstance(input_shape, dict) or several:
        rule = "must be the shape of one tensor"
        raise ValueError(say(where, "input_shape", rule, input_shape))


def refuse_integers(where: str, inputs: Tensor, dtype: str) -> None:
    """A kernel of `dtype` works on floating `inputs` only.

    Raises:
        ValueError: other inputs.
    """
    if inputs._data.dtype.kind != "f":
        raise ValueError(
            f"{where}: `inputs` must be {dtype} as the kernel is, received dtype "
            f"{inputs.dtype.name}: Incompatible type conversion requested, `cast` the inputs"
        )


def int_single(where: str, name: str, value: Any, least: int = 1) -> tuple[int]:
    """One integer of at least `least`, alone or in a list, as a tuple of one.

    Raises:
        ValueError: anything else.

    >>> int_single("Conv1D", "kernel_size", 3), int_single("Conv1D", "strides", [2])
    ((3,), (2,))
    """
    alone = value[0] if isinstance(value, list | tuple) and len(value) == 1 else value
    try:
        number = operator.index(alone)
    except TypeError:
        number = least - 1
    if number < least:
        kind = "positive integer" if least else "integer >= 0"
        raise ValueError(say(where, name, f"must be one {kind}", value))
    return (number,)


def as_row(function: Callable[[Tensor], Tensor], x: Tensor, data_format: str) -> Tensor:
    """``function(x)``, which works on NHWC images, for sequences `x`, as images of one row.

    Args:
        function: of images.
        x: (N, steps, C), or (N, C, steps) for ``"channels_first"``.
        data_format: which of the two.
    """
    first = data_format == "channels_first"
    if x._data.ndim != 3:
        axes = "(N, C, steps)" if first else "(N, steps, C)"
        rule = f"`inputs` must have rank 3, {axes}, received a tensor of shape {x._data.shape}"
        raise InvalidArgumentError(rule)
    if first:
        x = ops.transpose(x, (0, 2, 1))
    y = ops.squeeze(function(ops.expand_dims(x, 1)), 1)
    return ops.transpose(y, (0, 2, 1)) if first else y


def standardize_padding(where: str, value: Any, known: tuple[str, ...] = ("valid", "same")) -> str:
    """``"valid"`` or ``"same"``, or what else is `known`, in lower case.

    Raises:
        ValueError: anything else.
    """
    name = value.lower() if isinstance(value, str) else ""
    if name not in known:
        rule = f"must be {' or '.join(map(repr, known))}"
        raise ValueError(say(where, "padding", rule, value))
    return name


def split_image_shape(shape: Shape, data_format: str) -> tuple[int | None, Shape, int | None]:
    """(batch, (H, W), channels) of an image shape."""
    if data_format == "channels_last":
        return shape[0], shape[1:-1], shape[-1]
    return shape[0], shape[2:], shape[1]


def check_kernel_rank(kernel: Shape, input_shape: Shape) -> None:
    """Refuse an input of another rank than that of the `kernel`.

    Raises:
        ValueError: it is.
    """
    if len(kernel) != len(input_shape):
        raise ValueError(
            "Kernel shape must have the same length as input, but received kernel of shape "
            f"{tuple(kernel)} and input of shape {tuple(input_shape)}: the input must have rank "
            f"{len(kernel)}"
        )


def join_image_shape(
    batch: int | None, sizes: Shape, channels: int | None, data_format: str
) -> Shape:
    """The inverse of `split_image_shape`."""
    if data_format == "channels_last":
        return (batch, *sizes, channels)
    return (batch, channels, *sizes)


def on_channels_last(function: Callable[[Tensor], Tensor], x: Tensor, data_format: str) -> Tensor:
    """``function(x)``, which works on NHWC images, for an `x` of `data_format`."""
    if data_format == "channels_last":
        return function(x)
    y = function(ops.transpose(x, (0, 2, 3, 1)))  # NCHW -> NHWC
    return ops.transpose(y, (0, 3, 1, 2))  # NHWC -> NCHW


def output_sizes(
    sizes: Shape,
    window: tuple[int, ...],
    strides: tuple[int, ...],
    padding: str,
    dilation: tuple[int, ...],
) -> list[Any]:
    """(oh, ow) of a convolution or pooling: None where unknown, 0 or less if no window fits in."""
    found: list[Any] = []
    for n, k, s, d in zip(sizes, window, strides, dilation, strict=True):
        if n is None:
            found.append(None)
        elif padding == "same":
            found.append(-(-n // s))
        else:
            found.append((n - (k - 1) * d - 1) // s + 1)
    return found


def spec_of_same_kind(shape: Shape, inputs: KerasTensor, floating: str) -> KerasTensor:
    """The output spec of a layer that only moves values: floats become `floating`."""
    return KerasTensor(shape, floating if "float" in inputs.dtype else inputs.dtype)
