"""The merging layers: Add, Subtract, Multiply, Average, Maximum, Minimum, Concatenate, Dot.

Each is there as a function, too, by its name in lower case.
"""

from __future__ import annotations

import math
import operator
from functools import reduce
from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.errors import invalid, say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import Shape, check_flags, epsilon
from scratchnet.keras.keras_mask import get_mask
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.layers.mask_operators import (
    combined,
    concatenated_mask,
    either_mask,
    product_of_valid,
)
from scratchnet.keras.promotion import common_dtype

Shapes = list[Shape]


class Elementwise(Layer):
    """What Add, Multiply and their like share; they differ in `_combine`.

    Inputs broadcast, but not along the batch axis. Where ranks differ, those of a lower rank get
    axes of size 1 after the batch axis: (N, C) with (N, H, C) stands for (N, 1, C).
    """

    _makes_masks = False  # of inputs without masks

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)

    def _combine(self, x: Tensor, y: Tensor) -> Tensor:
        raise NotImplementedError

    def build(self, input_shape: Shapes) -> None:
        """Check that the inputs fit together."""
        shapes = _several(type(self).__name__, input_shape)
        if len({shape[0] for shape in shapes if shape} - {None}) > 1:
            raise ValueError(
                f"{type(self).__name__}: Cannot merge tensors with different batch sizes, received "
                f"shapes {shapes}"
            )
        self.compute_output_shape(shapes)
        self._ranks_differ = len({len(shape) for shape in shapes}) > 1

    def call(self, inputs: list[Tensor]) -> Tensor:
        """The inputs combined, from the first to the last."""
        tensors = _of_one_dtype(type(self).__name__, inputs)
        if self._ranks_differ:
            rank = max(x._data.ndim for x in tensors)
            tensors = [_with_rank(x, rank) for x in tensors]
        return self._reduce(inputs, tensors)

    def _reduce(self, inputs: list[Tensor], tensors: list[Tensor]) -> Tensor:
        return reduce(self._combine, tensors)

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """True where one of the masks is; none if one input has none."""
        _check_masks(type(self).__name__, inputs, previous_mask)
        return either_mask(previous_mask)

    def compute_output_shape(self, input_shape: Shapes) -> Shape:
        """The shape that all inputs broadcast to; the batch size that they agree on, or None."""
        shapes = _several(type(self).__name__, input_shape)
        sizes = reduce(self._broadcast, [shape[1:] for shape in shapes])
        if not any(shapes):
            return ()  # scalars
        batches = {shape[0] for shape in shapes if shape} - {None}
        return (batches.pop() if len(batches) == 1 else None, *sizes)

    def _broadcast(self, first: Shape, second: Shape) -> Shape:
        longer, shorter = sorted((first, second), key=len, reverse=True)
        free = len(longer) - len(shorter)
        found = list(longer[:free])
        for m, n in zip(longer[free:], shorter, strict=True):
            if m is None or n is None:
                found.append(None)
            elif 1 in (m, n):
                found.append(n if m == 1 else m)
            elif m == n:
                found.append(m)
            else:
                raise ValueError(
                    f"{type(self).__name__}: Inputs have incompatible shapes. Received shapes "
                    f"{first} and {second} after the batch axis"
                )
        return tuple(found)


class Add(Elementwise):
    """The sum of a list of inputs (``keras.layers.Add``).

    Args:
        **kwargs: of `Layer`.

    Inputs broadcast, but not along the batch axis.

    Raises:
        ValueError: called on what is no list; shapes that do not broadcast; other batch sizes.

    >>> import scratchnet as tf
    >>> Add()([tf.constant([[1.0, 2.0]]), tf.constant([[10.0]])]).numpy()
    array([[11., 12.]], dtype=float32)
    """

    def _combine(self, x: Tensor, y: Tensor) -> Tensor:
        return ops.add(x, y)


class Subtract(Elementwise):
    """The difference of two inputs, the first less the second (``keras.layers.Subtract``).

    Args:
        **kwargs: of `Layer`.

    Inputs broadcast, but not along the batch axis.

    Raises:
        ValueError: called on what is no list; shapes that do not broadcast; other batch sizes;
            not exactly two inputs.

    >>> import scratchnet as tf
    >>> Subtract()([tf.constant([[1.0, 2.0]]), tf.constant([[10.0]])]).numpy()
    array([[-9., -8.]], dtype=float32)
    """

    def build(self, input_shape: Shapes) -> None:
        """Check that the inputs are two, and fit together."""
        super().build(input_shape)
        _two("Subtract", input_shape, f"input_shape={input_shape}")

    def call(self, inputs: list[Tensor]) -> Tensor:
        """The first less the second."""
        if isinstance(inputs, list | tuple):
            _two("Subtract", inputs, f"inputs={inputs}")
        return super().call(inputs)

    def _combine(self, x: Tensor, y: Tensor) -> Tensor:
        return ops.subtract(x, y)


class Multiply(Elementwise):
    """The product of a list of inputs (``keras.layers.Multiply``).

    Args:
        **kwargs: of `Layer`.

    Inputs broadcast, but not along the batch axis.

    Raises:
        ValueError: called on what is no list; shapes that do not broadcast; other batch sizes.

    >>> import scratchnet as tf
    >>> Multiply()([tf.constant([[1.0, 2.0]]), tf.constant([[10.0]])]).numpy()
    array([[10., 20.]], dtype=float32)
    """

    def _combine(self, x: Tensor, y: Tensor) -> Tensor:
        return ops.multiply(x, y)

    def _reduce(self, inputs: list[Tensor], tensors: list[Tensor]) -> Tensor:
        if any(get_mask(x) is not None for x in inputs):
            return product_of_valid(inputs, tensors)
        return super()._reduce(inputs, tensors)


class Average(Elementwise):
    """The mean of a list of inputs (``keras.layers.Average``).

    Args:
        **kwargs: of `Layer`.

    Inputs broadcast, but not along the batch axis.

    Raises:
        ValueError: called on what is no list; shapes that do not broadcast; other batch sizes.

    >>> import scratchnet as tf
    >>> Average()([tf.constant([[1.0, 2.0]]), tf.constant([[10.0]])]).numpy()
    array([[5.5, 6. ]], dtype=float32)
    """

    def call(self, inputs: list[Tensor]) -> Tensor:
        """The sum of the inputs, divided by how many they are."""
        return super().call(inputs) / len(inputs)

    def _combine(self, x: Tensor, y: Tensor) -> Tensor:
        return ops.add(x, y)


class Maximum(Elementwise):
    """The largest of a list of inputs, element by element (``keras.layers.Maximum``).

    Args:
        **kwargs: of `Layer`.

    Inputs broadcast, but not along the batch axis.

    Raises:
        ValueError: called on what is no list; shapes that do not broadcast; other batch sizes.

    >>> import scratchnet as tf
    >>> Maximum()([tf.constant([[1.0, 2.0]]), tf.constant([[10.0]])]).numpy()
    array([[10., 10.]], dtype=float32)
    """

    def _combine(self, x: Tensor, y: Tensor) -> Tensor:
        return ops.maximum(x, y)

    def _reduce(self, inputs: list[Tensor], tensors: list[Tensor]) -> Tensor:
        if any(get_mask(x) is not None for x in inputs):
            return combined(self._combine, inputs, tensors)
        return super()._reduce(inputs, tensors)


class Minimum(Elementwise):
    """The smallest of a list of inputs, element by element (``keras.layers.Minimum``).

    Args:
        **kwargs: of `Layer`.

    Inputs broadcast, but not along the batch axis.

    Raises:
        ValueError: called on what is no list; shapes that do not broadcast; other batch sizes.

    >>> import scratchnet as tf
    >>> Minimum()([tf.constant([[1.0, 2.0]]), tf.constant([[10.0]])]).numpy()
    array([[1., 2.]], dtype=float32)
    """

    def _combine(self, x: Tensor, y: Tensor) -> Tensor:
        return ops.minimum(x, y)

    def _reduce(self, inputs: list[Tensor], tensors: list[Tensor]) -> Tensor:
        if any(get_mask(x) is not None for x in inputs):
            return combined(self._combine, inputs, tensors)
        return super()._reduce(inputs, tensors)


class Concatenate(Layer):
    """A list of inputs one behind the other (``keras.layers.Concatenate``).

    Args:
        axis: along which; along all others the inputs have the same sizes.
        **kwargs: of `Layer`.

    Raises:
        TypeError: `axis` is no integer.
        ValueError: called on what is no list; sizes that differ along another axis.
        InvalidArgumentError: an `axis` that the inputs lack.

    >>> import scratchnet as tf
    >>> Concatenate()([tf.zeros((1, 2)), tf.ones((1, 3))]).numpy()
    array([[0., 0., 1., 1., 1.]], dtype=float32)
    """

    _makes_masks = False  # of inputs without masks

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        try:
            self.axis = operator.index(axis)
        except TypeError:
            raise TypeError(say("Concatenate", "axis", "must be an integer", axis)) from None

    def build(self, input_shape: Shapes) -> None:
        """Check that the inputs fit together."""
        shapes = _several("Concatenate", input_shape)
        axis = self._axis(shapes)
        others = [shape[:axis] + shape[axis + 1 :] for shape in shapes]
        if len({len(shape) for shape in shapes}) == 1 and all(
            len(set(sizes) - {None}) <= 1 for sizes in zip(*others, strict=True)
        ):
            return
        raise ValueError(
            "Concatenate: the layer requires inputs with matching shapes except for the "
            f"concatenation axis, received axis={self.axis} and shapes {shapes}"
        )

    def _axis(self, shapes: Shapes) -> int:
        """`axis` counted from the front."""
        rank = len(shapes[0])
        if not -rank <= self.axis < rank:
            rule = f"must be one of the axes of the inputs, in the range [{-rank}, {rank})"
            raise invalid("Concatenate", "axis", rule, self.axis)
        return self.axis % rank

    def call(self, inputs: list[Tensor]) -> Tensor:
        """The inputs, from the first to the last."""
        return ops.concat(_of_one_dtype("Concatenate", inputs), axis=self.axis)

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """The masks one behind the other; along the last axis, True where one of them is."""
        _check_masks("Concatenate", inputs, previous_mask)
        return concatenated_mask(inputs, previous_mask, self.axis)

    def compute_output_shape(self, input_shape: Shapes) -> Shape:
        """The shape of the first, with the sum of the sizes along `axis` (None if one is)."""
        shapes = _several("Concatenate", input_shape)
        axis = self._axis(shapes)
        sizes = [shape[axis] for shape in shapes]
        known = [size for size in sizes if size is not None]
        total = sum(known) if len(known) == len(sizes) else None
        return (*shapes[0][:axis], total, *shapes[0][axis + 1 :])

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {**super().get_config(), "axis": self.axis}


class Dot(Layer):
    """The product of two inputs, summed along one axis of each (``keras.layers.Dot``).

        y[n, i…, j…] = Σ_k x1[n, i…, k] x2[n, k, j…]

    with k the axis that `axes` names, wherever it stands: i… are the other axes of the first input,
    j… those of the second, in their order.  Of two inputs (N, K) it is the inner product, (N, 1).

    Args:
        axes: which axis of both inputs, or a list of two: one of each. Not axis 0, the batch.
        normalize: divide both by their lengths along it first: the products are cosines.
        **kwargs: of `Layer`.

    Inputs (N, …, K, …), output (N, …).  Integers are multiplied as float32, as in Keras.

    Raises:
        TypeError: `axes` is neither an integer nor a list.
        ValueError: a list of other than two integers; called on other than two inputs; inputs of
            rank 1; sizes that differ along the two axes; other batch sizes; axis 0.
        InvalidArgumentError: an axis that an input lacks.

    >>> import scratchnet as tf
    >>> Dot(axes=1)([tf.constant([[1.0, 2.0]]), tf.constant([[10.0, 1.0]])]).numpy()
    array([[12.]], dtype=float32)
    """

    supports_masking = True

    def __init__(self, axes: Any, normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(axes, int | list | tuple):
            raise TypeError(say("Dot", "axes", "should be a list or an int", axes))
        if not isinstance(axes, int):
            if len(axes) != 2:
                raise ValueError(say("Dot", "axes", "should contain two elements", axes))
            if not all(isinstance(axis, int) for axis in axes):
                raise ValueError(say("Dot", "axes", "list elements should be integers", axes))
        self.axes, self.normalize = axes, normalize

    def build(self, input_shape: Shapes) -> None:
        """Check that the inputs are two, and fit together."""
        shapes = _several("Dot", input_shape)
        _two("Dot", shapes, f"input_shape={input_shape}")
        self._check_shapes(*shapes)

    def _check_shapes(self, first: Shape, second: Shape) -> tuple[int, int]:
        """The axes, counted from the front."""
        i, j = axes = self._axes(len(first), len(second))
        if first[i] != second[j]:
            raise ValueError(
                f"Dot: Incompatible input shapes: axis values {first[i]} (at axis {i}) != "
                f"{second[j]} (at axis {j}). Full input shapes: {first}, {second}"
            )
        if None not in (first[0], second[0]) and first[0] != second[0]:
            raise ValueError(
                f"Dot: inputs with different batch sizes, received shapes {first} and {second}"
            )
        return axes

    def _axes(self, *ranks: int) -> tuple[int, int]:
        if min(ranks) < 2:
            raise ValueError(f"Dot: inputs with rank < 2 have no axis but the batch, ranks {ranks}")
        if isinstance(self.axes, int):
            i, j = (self.axes % n if self.axes < 0 else self.axes for n in ranks)
        else:
            i, j = self.axes
        for axis, rank in ((i, ranks[0]), (j, ranks[1])):
            if not -rank <= axis < rank:
                rule = f"must be one of the axes of the inputs, in the range [{-rank}, {rank})"
                raise invalid("Dot", "axes", rule, self.axes)
        i, j = i % ranks[0], j % ranks[1]
        if 0 in (i, j):
            raise ValueError(say("Dot", "axes", "cannot be axis 0, the batch", self.axes))
        return i, j

    def call(self, inputs: list[Tensor]) -> Tensor:
        """The products, summed."""
        tensors = _of_one_dtype("Dot", inputs)
        _two("Dot", tensors, f"inputs={inputs}")
        kinds = {x._data.dtype for x in inputs}
        x, y = tensors
        i, j = self._check_shapes(x._data.shape, y._data.shape)
        if x._data.dtype.kind not in "fc":
            x, y = (ops.cast(t, np.float32) for t in (x, y))
        check_flags("Dot", normalize=self.normalize)  # as Keras, which takes it until then
        if self.normalize:
            x, y = _of_length_1(x, i), _of_length_1(y, j)
        rows, columns = (_without(t._data.shape[1:], k - 1) for t, k in ((x, i), (y, j)))
        n, depth = x._data.shape[0], x._data.shape[i]
        x = ops.reshape(_moved(x, i, x._data.ndim - 1), (n, math.prod(rows), depth))
        y = ops.reshape(_moved(y, j, 1), (n, depth, math.prod(columns)))
        found = ops.reshape(ops.matmul(x, y), (n, *(rows + columns or (1,))))
        if all(kind.kind in "fc" for kind in kinds):
            return found
        is_int8 = kinds == {np.dtype(np.int8)}  # whose products Keras sums as int32
        return ops.cast(found, np.int32 if is_int8 else tensors[0].dtype)

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """None."""
        return

    def compute_output_shape(self, input_shape: Shapes) -> Shape:
        """The batch size of the first, and the sizes that are not summed."""
        shapes = _several("Dot", input_shape)
        _two("Dot", shapes, f"input_shape={input_shape}")
        first, second = shapes
        i, j = self._axes(len(first), len(second))
        return first[:1] + (_without(first[1:], i - 1) + _without(second[1:], j - 1) or (1,))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {**super().get_config(), "axes": self.axes, "normalize": self.normalize}


def _without(sizes: tuple[Any, ...], place: int) -> tuple[Any, ...]:
    return sizes[:place] + sizes[place + 1 :]


def _moved(x: Tensor, axis: int, to: int) -> Tensor:
    """`x` with one axis moved, the others in their order."""
    order = [k for k in range(x._data.ndim) if k != axis]
    order.insert(to, axis)
    return x if axis == to else ops.transpose(x, order)


def _of_length_1(x: Tensor, axis: int) -> Tensor:
    """``x min(1 / ‖x‖, 1 / epsilon)`` along an axis (``keras.ops.normalize``)."""
    inverse = ops.rsqrt(ops.reduce_sum(ops.square(x), axis, keepdims=True))
    return x * ops.minimum(inverse, ops.convert_to_tensor(1 / epsilon(), x.dtype))


def add(inputs: list[Any], **kwargs: Any) -> Any:
    """``Add(**kwargs)(inputs)``  (``keras.layers.add``)."""
    return Add(**kwargs)(inputs)


def subtract(inputs: list[Any], **kwargs: Any) -> Any:
    """``Subtract(**kwargs)(inputs)``  (``keras.layers.subtract``)."""
    return Subtract(**kwargs)(inputs)


def multiply(inputs: list[Any], **kwargs: Any) -> Any:
    """``Multiply(**kwargs)(inputs)``  (``keras.layers.multiply``)."""
    return Multiply(**kwargs)(inputs)


def average(inputs: list[Any], **kwargs: Any) -> Any:
    """``Average(**kwargs)(inputs)``  (``keras.layers.average``)."""
    return Average(**kwargs)(inputs)


def maximum(inputs: list[Any], **kwargs: Any) -> Any:
    """``Maximum(**kwargs)(inputs)``  (``keras.layers.maximum``)."""
    return Maximum(**kwargs)(inputs)


def minimum(inputs: list[Any], **kwargs: Any) -> Any:
    """``Minimum(**kwargs)(inputs)``  (``keras.layers.minimum``)."""
    return Minimum(**kwargs)(inputs)


def concatenate(inputs: list[Any], axis: int = -1, **kwargs: Any) -> Any:
    """``Concatenate(axis, **kwargs)(inputs)``  (``keras.layers.concatenate``)."""
    return Concatenate(axis, **kwargs)(inputs)


def dot(inputs: list[Any], axes: Any = -1, **kwargs: Any) -> Any:
    """``Dot(axes, **kwargs)(inputs)``  (``keras.layers.dot``)."""
    return Dot(axes, **kwargs)(inputs)


def _check_masks(where: str, inputs: Any, masks: Any) -> None:
    """Check that there is a mask, or None, for each input.

    Raises:
        ValueError: one of them is no list, or there are not as many.
    """
    if masks is None:
        return
    for name, value in (("mask", masks), ("inputs", inputs)):
        if not isinstance(value, list | tuple):
            raise ValueError(say(where, name, "should be a list", value))
    if len(masks) != len(inputs):
        raise ValueError(
            f"{where}: `inputs` and `mask` should have the same length, received {len(inputs)} "
            f"inputs and {len(masks)} masks"
        )


def _several(where: str, shapes: Any) -> Shapes:
    """`shapes` as a list of tuples, known to be one of several inputs."""
    if (
        not isinstance(shapes, list | tuple)
        or not shapes
        or not all(isinstance(shape, list | tuple) for shape in shapes)
        or any(isinstance(size, list | tuple) for shape in shapes for size in shape)
    ):
        raise ValueError(
            f"{where}: the layer should be called on a list of inputs, of at least 1 input, "
            f"received input_shape={shapes}"
        )
    return [tuple(shape) for shape in shapes]


def _two(where: str, things: Any, shown: str) -> None:
    if len(things) != 2:
        raise ValueError(
            f"{where}: the layer should be called on exactly 2 inputs, received {shown}"
        )


def _of_one_dtype(where: str, inputs: Any) -> list[Tensor]:
    """`inputs`, a list of tensors, in the dtype that holds them all; a floating one decides."""
    if not isinstance(inputs, list | tuple) or not all(isinstance(x, Tensor) for x in inputs):
        raise ValueError(
            f"{where}: the layer should be called on a list of inputs, received inputs={inputs}"
        )
    kinds = {x._data.dtype for x in inputs}
    if len(kinds) == 1:
        return list(inputs)
    kind = common_dtype(*kinds)
    return [ops.cast(x, kind) for x in inputs]


def _with_rank(x: Tensor, rank: int) -> Tensor:
    """`x` with axes of size 1 after the first one."""
    n = x._data.shape
    return ops.reshape(x, n[:1] + (1,) * (rank - len(n)) + n[1:])
