"""Flatten, Reshape, Permute, padding, cropping and repeating: the same values laid out anew."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.errors import say
from scratchnet.engine.operators import Operators
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import Shape, standardize_data_format
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.arguments import (
    Pair,
    check_one_tensor,
    int_pair,
    join_image_shape,
    on_channels_last,
    spec_of_same_kind,
    split_image_shape,
)
from scratchnet.keras.layers.image_sampling import interpolate_linearly
from scratchnet.keras.layers.input_spec import InputSpec
from scratchnet.keras.layers.layer import Layer


class Flatten(Layer):
    """(N, …) as (N, product of the rest), row by row (``keras.layers.Flatten``).

    Args:
        data_format: with ``"channels_first"`` the channels are put last before.
        **kwargs: of `Layer`.

    >>> import scratchnet as tf
    >>> Flatten()(tf.zeros((2, 3, 4, 5))).shape
    TensorShape([2, 60])
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Tensor) -> Tensor:
        """(N, …) -> (N, product of the rest)."""
        check_one_tensor("Flatten", inputs)
        rank = inputs._data.ndim
        if self.data_format == "channels_first" and rank > 1:
            inputs = ops.transpose(inputs, (0, *range(2, rank), 1))
        n, *rest = inputs._data.shape
        return ops.reshape(inputs, (n, math.prod(rest)))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, …) -> (N, product of the rest, None if a size is not known)."""
        sizes = [size for size in input_shape[1:] if size is not None]
        known = len(sizes) == len(input_shape) - 1
        return (input_shape[0], math.prod(sizes) if known else None)

    def compute_output_spec(self, inputs: KerasTensor) -> KerasTensor:
        """As of `Layer`, but integers stay integers."""
        return spec_of_same_kind(
            self.compute_output_shape(inputs.shape), inputs, self.compute_dtype
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {**super().get_config(), "data_format": self.data_format}


class Reshape(Layer):
    """(N, …) as (N, *target_shape), row by row (``keras.layers.Reshape``).

    Args:
        target_shape: the sizes after the batch axis; one may be -1, and is found from the others.
        **kwargs: of `Layer`.

    Raises:
        TypeError: `target_shape` is not iterable.
        ValueError: it holds what is no size, or -1 twice.  (Keras reads a float as -1.)

    >>> import scratchnet as tf
    >>> Reshape((-1, 2))(tf.zeros((5, 6))).shape
    TensorShape([5, 3, 2])
    """

    def __init__(self, target_shape: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(target_shape, Operators | np.ndarray):
            target_shape = np.asarray(target_shape).tolist()
        if not isinstance(target_shape, Iterable):
            kind = type(target_shape).__name__
            rule = f"must hold sizes ('{kind}' object is not iterable)"
            raise TypeError(say("Reshape", "target_shape", rule, target_shape))
        self.target_shape = tuple(target_shape)
        if not all(size is None or _is_size(size) for size in self.target_shape):
            rule = "must hold integers >= -1"
            raise ValueError(say("Reshape", "target_shape", rule, self.target_shape))
        if self.target_shape.count(-1) + self.target_shape.count(None) > 1:
            rule = "must hold at most one unknown size (-1)"
            raise ValueError(say("Reshape", "target_shape", rule, self.target_shape))
        self._build_at_init()

    def call(self, inputs: Tensor) -> Tensor:
        """(N, …) -> (N, *target_shape)."""
        check_one_tensor("Reshape", inputs)
        if not inputs._data.ndim:
            raise ValueError(
                f"Reshape: `inputs` must have an axis of samples, received {inputs!r} of rank 0"
            )
        n, *sizes = inputs._data.shape
        return ops.reshape(inputs, (n, *self._found(tuple(sizes))))

    def _found(self, sizes: tuple[int, ...]) -> list[int]:
        """`target_shape` for inputs of `sizes`, with a number in place of -1."""
        known = math.prod(int(size) for size in self.target_shape if size not in (-1, None))
        complete = not {-1, None} & set(self.target_shape)
        total = math.prod(sizes)
        if (total != known) if complete else (known == 0 or total % known):
            raise ValueError(
                "Reshape: The total size of the tensor must be unchanged, received an input of "
                f"sizes {sizes} after the batch axis and target_shape={self.target_shape}"
            )
        return [total // known if n in (-1, None) else int(n) for n in self.target_shape]

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, …) -> (N, *target_shape), None in place of -1 if a size is not known."""
        n, *sizes = input_shape
        known = tuple([size for size in sizes if size is not None])
        if len(known) == len(sizes) and None not in self.target_shape:
            return (n, *self._found(known))
        return (n, *[None if size == -1 else size for size in self.target_shape])

    def compute_output_spec(self, inputs: KerasTensor) -> KerasTensor:
        """As of `Layer`, but integers stay integers."""
        return spec_of_same_kind(
            self.compute_output_shape(inputs.shape), inputs, self.compute_dtype
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {**super().get_config(), "target_shape": self.target_shape}


def _is_size(size: Any) -> bool:
    whole = isinstance(size, int | np.integer) and not isinstance(size, bool)
    return whole and bool(size >= -1)


class ZeroPadding2D(Layer):
    """Images with rows and columns of zeros around (``keras.layers.ZeroPadding2D``).

    Args:
        padding: how many: one count for all sides; (rows, columns), each on both sides; or
            ((top, bottom), (left, right)).
        data_format: ``"channels_last"``: (N, H, W, C); or ``"channels_first"``: (N, C, H, W).
        **kwargs: of `Layer`.

    Raises:
        ValueError: a `padding` of another form, or a negative count.

    >>> import scratchnet as tf
    >>> ZeroPadding2D((1, 0))(tf.ones((1, 1, 2, 1))).numpy().squeeze()
    array([[0., 0.],
           [1., 1.],
           [0., 0.]], dtype=float32)
    """

    def __init__(
        self, padding: Any = (1, 1), data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.padding = _two_pairs(padding)
        self.input_spec = InputSpec(ndim=4)

    def call(self, inputs: Tensor) -> Tensor:
        """(N, H, W, C) -> (N, top + H + bottom, left + W + right, C)."""
        none = (0, 0)
        if self.data_format == "channels_last":
            return ops.pad(inputs, (none, *self.padding, none))
        return ops.pad(inputs, (none, none, *self.padding))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, H, W, C) -> (N, top + H + bottom, left + W + right, C)."""
        batch, sizes, channels = split_image_shape(input_shape, self.data_format)
        padded = [
            None if n is None else n + sum(both)
            for n, both in zip(sizes, self.padding, strict=True)
        ]
        return join_image_shape(batch, tuple(padded), channels, self.data_format)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        own = {"padding": self.padding, "data_format": self.data_format}
        return {**super().get_config(), **own}


def _two_pairs(
    padding: Any, where: str = "ZeroPadding2D", name: str = "padding"
) -> tuple[Pair, Pair]:
    """`padding` of any of its forms as ((top, bottom), (left, right))."""
    if isinstance(padding, int):
        padding = (padding, padding)
    if not isinstance(padding, list | tuple) or len(padding) != 2:
        rule = "must be an integer, or two elements, each an integer or a pair of integers"
        raise ValueError(say(where, name, rule, padding))
    rows, columns = [int_pair(where, name, side, least=0) for side in padding]
    return rows, columns


class UpSampling2D(Layer):
    """Images made larger by whole factors (``keras.layers.UpSampling2D``).

    Args:
        size: (rows, columns) that each pixel becomes, or one number for both.
        data_format: ``"channels_last"``: (N, H, W, C); or ``"channels_first"``: (N, C, H, W).
        interpolation: ``"nearest"``: the pixel repeated; ``"bilinear"``: values on the straight
            line between the centres of two pixels, in float32 whatever the dtype, as in TensorFlow.
        **kwargs: of `Layer`.

    Raises:
        ValueError: a `size` of another form; an `interpolation` that Keras does not know.
        NotImplementedError: an `interpolation` that Keras has besides these two.

    >>> import scratchnet as tf
    >>> layer = UpSampling2D((1, 2), interpolation="bilinear")
    >>> layer(tf.constant([[[[1.0], [5.0]]]])).numpy().ravel()
    array([1., 2., 4., 5.], dtype=float32)
    """

    def __init__(
        self,
        size: Any = (2, 2),
        data_format: str | None = None,
        interpolation: str = "nearest",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.size = int_pair("UpSampling2D", "size", size)
        self.interpolation = _interpolation(interpolation)
        self.input_spec = InputSpec(ndim=4)

    def call(self, inputs: Tensor) -> Tensor:
        """(N, H, W, C) -> (N, size[0] H, size[1] W, C)."""
        enlarge = self._repeated if self.interpolation == "nearest" else self._interpolated
        return on_channels_last(enlarge, inputs, self.data_format)

    def _repeated(self, x: Tensor) -> Tensor:
        rows, columns = self.size
        return ops.repeat(ops.repeat(x, rows, axis=1), columns, axis=2)

    def _interpolated(self, x: Tensor) -> Tensor:
        rows, columns = self.size
        _, height, width, _ = x._data.shape
        y = interpolate_linearly(ops.cast(x, "float32"), width * columns, axis=2)
        y = interpolate_linearly(y, height * rows, axis=1)
        return ops.cast(y if x._data.dtype.kind == "f" else ops.round(y), x.dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, H, W, C) -> (N, size[0] H, size[1] W, C)."""
        batch, sizes, channels = split_image_shape(input_shape, self.data_format)
        larger = [n and n * times for n, times in zip(sizes, self.size, strict=True)]
        return join_image_shape(batch, tuple(larger), channels, self.data_format)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {
            **super().get_config(),
            "size": self.size,
            "data_format": self.data_format,
            "interpolation": self.interpolation,
        }


def _interpolation(value: Any) -> str:
    name = value.lower() if isinstance(value, str) else ""
    rule = "must be 'nearest' or 'bilinear'"
    if name in ("bicubic", "lanczos3", "lanczos5", "area"):
        raise NotImplementedError(say("UpSampling2D", "interpolation", f"{rule} here", value))
    if name not in ("nearest", "bilinear"):
        raise ValueError(say("UpSampling2D", "interpolation", rule, value))
    return name


class Permute(Layer):
    """Reorders the axes of each sample (``keras.layers.Permute``).

    Args:
        dims: where each axis of the output comes from; the axes of a sample begin at 1.
        **kwargs: of `Layer`.

    Raises:
        ValueError: `dims` that are no permutation of 1, 2, …

    >>> import scratchnet as tf
    >>> Permute((2, 1))(tf.ones((5, 3, 4))).shape
    TensorShape([5, 4, 3])
    """

    def __init__(self, dims: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(dims, list | tuple) or sorted(dims) != list(range(1, len(dims) + 1)):
            rule = "must be consecutive and start from 1, in any order"
            raise ValueError(say("Permute", "dims", rule, dims))
        self.dims = tuple(dims)
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def call(self, inputs: Tensor) -> Tensor:
        """The inputs, transposed."""
        return ops.transpose(inputs, (0, *self.dims))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The sizes in their new order."""
        return (input_shape[0], *(input_shape[i] for i in self.dims))

    def compute_output_spec(self, inputs: KerasTensor) -> KerasTensor:
        """A KerasTensor like what this layer returns: of integers, of integers."""
        return spec_of_same_kind(
            self.compute_output_shape(inputs.shape), inputs, self.compute_dtype
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {**super().get_config(), "dims": self.dims}


class RepeatVector(Layer):
    """(N, features) -> (N, n, features): each row `n` times (``keras.layers.RepeatVector``).

    Args:
        n: how many times.
        **kwargs: of `Layer`.

    Raises:
        TypeError: an `n` that is no integer.
        ValueError: an `n` below 1; inputs of another rank.

    >>> import scratchnet as tf
    >>> RepeatVector(2)(tf.constant([[1.0, 3.0]])).numpy()
    array([[[1., 3.],
            [1., 3.]]], dtype=float32)
    """

    def __init__(self, n: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(n, int) or isinstance(n, bool):
            raise TypeError(say("RepeatVector", "n", "must be an integer", n))
        if n <= 0:
            raise ValueError(say("RepeatVector", "n", "should be a positive integer", n))
        self.n = n
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs: Tensor) -> Tensor:
        """The rows, repeated."""
        return ops.repeat(ops.expand_dims(inputs, 1), self.n, axis=1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, features) -> (N, n, features)."""
        return (input_shape[0], self.n, input_shape[1])

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {**super().get_config(), "n": self.n}


class ZeroPadding1D(Layer):
    """Sequences with zeros before and after (``keras.layers.ZeroPadding1D``).

    Args:
        padding: how many: one count for both, or (before, after).
        data_format: ``"channels_last"``: (N, steps, C); or ``"channels_first"``: (N, C, steps).
        **kwargs: of `Layer`.

    Raises:
        ValueError: a `padding` of another form, or a negative count.

    >>> import scratchnet as tf
    >>> ZeroPadding1D((1, 2))(tf.ones((1, 1, 1))).numpy().ravel()
    array([0., 1., 0., 0.], dtype=float32)
    """

    def __init__(self, padding: Any = 1, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.padding = int_pair("ZeroPadding1D", "padding", padding, least=0)
        self.input_spec = InputSpec(ndim=3)

    def call(self, inputs: Tensor) -> Tensor:
        """(N, steps, C) -> (N, before + steps + after, C)."""
        none = (0, 0)
        if self.data_format == "channels_last":
            return ops.pad(inputs, (none, self.padding, none))
        return ops.pad(inputs, (none, none, self.padding))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, steps, C) -> (N, before + steps + after, C)."""
        batch, (steps,), channels = split_image_shape(input_shape, self.data_format)
        padded = None if steps is None else steps + sum(self.padding)
        return join_image_shape(batch, (padded,), channels, self.data_format)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        own = {"padding": self.padding, "data_format": self.data_format}
        return {**super().get_config(), **own}


class Cropping1D(Layer):
    """Sequences without their first and last steps (``keras.layers.Cropping1D``).

    Args:
        cropping: how many: one count for both, or (first, last).
        **kwargs: of `Layer`.

    Raises:
        ValueError: a `cropping` of another form, a negative count, or one that leaves nothing.

    >>> import scratchnet as tf
    >>> Cropping1D((1, 2))(tf.reshape(tf.range(5.0), (1, 5, 1))).numpy().ravel()
    array([1., 2.], dtype=float32)
    """

    def __init__(self, cropping: Any = (1, 1), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cropping = int_pair("Cropping1D", "cropping", cropping, least=0)
        self.input_spec = InputSpec(ndim=3)

    def call(self, inputs: Tensor) -> Tensor:
        """(N, steps, C) -> (N, steps - first - last, C)."""
        self.compute_output_shape(inputs._data.shape)
        first, last = self.cropping
        return inputs[:, first : inputs._data.shape[1] - last]

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, steps, C) -> (N, steps - first - last, C)."""
        batch, steps, channels = input_shape
        left = _left_over("Cropping1D", steps, self.cropping, input_shape, self.cropping)
        return (batch, left, channels)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {**super().get_config(), "cropping": self.cropping}


class Cropping2D(Layer):
    """Images without their outer rows and columns (``keras.layers.Cropping2D``).

    Args:
        cropping: how many: one count for all sides; (rows, columns), each on both sides; or
            ((top, bottom), (left, right)).
        data_format: ``"channels_last"``: (N, H, W, C); or ``"channels_first"``: (N, C, H, W).
        **kwargs: of `Layer`.

    Raises:
        ValueError: a `cropping` of another form, a negative count, or one that leaves nothing.

    >>> import scratchnet as tf
    >>> Cropping2D(((1, 0), (0, 2)))(tf.reshape(tf.range(6.0), (1, 2, 3, 1))).numpy().ravel()
    array([3.], dtype=float32)
    """

    def __init__(
        self, cropping: Any = ((0, 0), (0, 0)), data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.cropping = _two_pairs(cropping, "Cropping2D", "cropping")
        self.input_spec = InputSpec(ndim=4)

    def call(self, inputs: Tensor) -> Tensor:
        """(N, H, W, C) -> (N, H - top - bottom, W - left - right, C)."""
        self.compute_output_shape(inputs._data.shape)
        _, (height, width), _ = split_image_shape(inputs._data.shape, self.data_format)
        (top, bottom), (left, right) = self.cropping
        rows = slice(top, (height or 0) - bottom)
        columns = slice(left, (width or 0) - right)
        if self.data_format == "channels_last":
            return inputs[:, rows, columns]
        return inputs[:, :, rows, columns]

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, H, W, C) -> (N, H - top - bottom, W - left - right, C)."""
        batch, sizes, channels = split_image_shape(input_shape, self.data_format)
        left = [
            _left_over("Cropping2D", size, both, input_shape, self.cropping)
            for size, both in zip(sizes, self.cropping, strict=True)
        ]
        return join_image_shape(batch, tuple(left), channels, self.data_format)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        own = {"cropping": self.cropping, "data_format": self.data_format}
        return {**super().get_config(), **own}


def _left_over(
    where: str, size: int | None, both: Pair, input_shape: Shape, cropping: Any
) -> int | None:
    """`size` without what is cut off at `both` ends."""
    if size is not None and size <= sum(both):
        raise ValueError(
            f"{where}: `cropping` must be smaller than the input, received an input of shape "
            f"{input_shape} and cropping={cropping}"
        )
    return None if size is None else size - sum(both)


class UpSampling1D(Layer):
    """Each step `size` times (``keras.layers.UpSampling1D``).

    Args:
        size: how many times.
        **kwargs: of `Layer`.

    Raises:
        TypeError: a `size` that is no integer.
        ValueError: a `size` below 1.

    >>> import scratchnet as tf
    >>> UpSampling1D(2)(tf.constant([[[1.0], [3.0]]])).numpy().ravel()
    array([1., 1., 3., 3.], dtype=float32)
    """

    def __init__(self, size: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(size, int) or isinstance(size, bool):
            raise TypeError(say("UpSampling1D", "size", "must be an integer", size))
        if size <= 0:
            raise ValueError(say("UpSampling1D", "size", "should be a positive integer", size))
        self.size = size
        self.input_spec = InputSpec(ndim=3)

    def call(self, inputs: Tensor) -> Tensor:
        """The steps, repeated."""
        return ops.repeat(inputs, self.size, axis=1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, steps, C) -> (N, size steps, C)."""
        batch, steps, channels = input_shape
        return (batch, None if steps is None else self.size * steps, channels)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {**super().get_config(), "size": self.size}
