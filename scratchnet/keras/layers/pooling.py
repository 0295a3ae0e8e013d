"""Max and average pooling, of windows or global."""

from __future__ import annotations

from typing import Any

from scratchnet import ops
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import Shape, check_flags, floatx, standardize_data_format
from scratchnet.keras.layers.arguments import (
    int_pair,
    join_image_shape,
    on_channels_last,
    output_sizes,
    split_image_shape,
    standardize_padding,
)
from scratchnet.keras.layers.input_spec import InputSpec
from scratchnet.keras.layers.layer import Layer


class _Pooling2D(Layer):
    """What the two window poolings share; they differ in `_pool`."""

    def __init__(
        self,
        pool_size: Any,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        where = type(self).__name__
        self.pool_size = int_pair(where, "pool_size", pool_size)
        self.strides = int_pair(where, "strides", pool_size if strides is None else strides)
        self.padding = standardize_padding(where, padding)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=4)
        self._build_at_init()

    def _pool(self, x: Tensor) -> Tensor:
        raise NotImplementedError

    def call(self, inputs: Tensor) -> Tensor:
        """One value for each window."""
        return on_channels_last(self._pool, inputs, self.data_format)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, H, W, C) -> (N, oh, ow, C)."""
        batch, sizes, channels = split_image_shape(input_shape, self.data_format)
        windows = output_sizes(sizes, self.pool_size, self.strides, self.padding, (1, 1))
        if any(size is not None and size <= 0 for size in windows):
            raise ValueError(
                f"{type(self).__name__}: the window must fit into the image, received an input of "
                f"shape {input_shape}, with pool_size={self.pool_size}, strides={self.strides}, "
                f"padding={self.padding!r}"
            )
        return join_image_shape(batch, tuple(windows), channels, self.data_format)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {
            **super().get_config(),
            "pool_size": self.pool_size,
            "padding": self.padding,
            "strides": self.strides,
            "data_format": self.data_format,
        }


class MaxPooling2D(_Pooling2D):
    """The largest value of each window (``keras.layers.MaxPooling2D``).

    Args:
        pool_size: (rows, columns) of the window, or one size for both.
        strides: its steps; `pool_size` if not given.
        padding: ``"valid"``, or ``"same"``: padded with -inf, so padding is never the maximum.
        data_format: ``"channels_last"``: (N, H, W, C); or ``"channels_first"``: (N, C, H, W).
        name: the name; automatic if not given.
        **kwargs: of `Layer`.

    >>> import scratchnet as tf
    >>> MaxPooling2D()(tf.reshape(tf.range(16.0), (1, 4, 4, 1))).numpy().squeeze()
    array([[ 5.,  7.],
           [13., 15.]], dtype=float32)
    """

    def __init__(
        self,
        pool_size: Any = (2, 2),
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool_size, strides, padding, data_format, name, **kwargs)

    def _pool(self, x: Tensor) -> Tensor:
        return ops.max_pool2d(x, self.pool_size, self.strides, self.padding.upper())


class AveragePooling2D(_Pooling2D):
    """The mean value of each window (``keras.layers.AveragePooling2D``).

    Args:
        pool_size: (rows, columns) of the window, or one size for both.
        strides: its steps; `pool_size` if not given.
        padding: ``"valid"``, or ``"same"``: padding does not count in the mean.
        data_format: ``"channels_last"``: (N, H, W, C); or ``"channels_first"``: (N, C, H, W).
        name: the name; automatic if not given.
        **kwargs: of `Layer`.

    >>> import scratchnet as tf
    >>> AveragePooling2D(2)(tf.reshape(tf.range(16.0), (1, 4, 4, 1))).numpy().squeeze()
    array([[ 2.5,  4.5],
           [10.5, 12.5]], dtype=float32)
    """

    def __init__(
        self,
        pool_size: Any,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool_size, strides, padding, data_format, name, **kwargs)

    def _pool(self, x: Tensor) -> Tensor:
        return ops.avg_pool2d(x, self.pool_size, self.strides, self.padding.upper())


class _GlobalPooling2D(Layer):
    """What the two global poolings share; they differ in `_reduce`."""

    def __init__(
        self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        check_flags(type(self).__name__, keepdims=keepdims)
        self.keepdims = keepdims
        self.input_spec = InputSpec(ndim=4)
        self._build_at_init()

    def _reduce(self, x: Tensor, axes: tuple[int, int]) -> Tensor:
        raise NotImplementedError

    def call(self, inputs: Tensor) -> Tensor:
        """One value for each image and channel."""
        return self._reduce(inputs, (1, 2) if self.data_format == "channels_last" else (2, 3))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, H, W, C) -> (N, C), or (N, 1, 1, C) with `keepdims`."""
        batch, _, channels = split_image_shape(input_shape, self.data_format)
        if not self.keepdims:
            return (batch, channels)
        return join_image_shape(batch, (1, 1), channels, self.data_format)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {**super().get_config(), "data_format": self.data_format, "keepdims": self.keepdims}


class GlobalAveragePooling2D(_GlobalPooling2D):
    """The mean of each channel (``keras.layers.GlobalAveragePooling2D``).

    Of integers and bools it is of the dtype `keras.config.floatx`, whatever that of the layer is.

    Args:
        data_format: ``"channels_last"``: (N, H, W, C); or ``"channels_first"``: (N, C, H, W).
        keepdims: keep the two axes, with size 1.
        **kwargs: of `Layer`.

    >>> import scratchnet as tf
    >>> GlobalAveragePooling2D()(tf.reshape(tf.range(4.0), (1, 2, 2, 1))).numpy()
    array([[1.5]], dtype=float32)
    """

    def _reduce(self, x: Tensor, axes: tuple[int, int]) -> Tensor:
        if x._data.dtype.kind not in "fc":
            x = ops.cast(x, floatx())
        return ops.reduce_mean(x, axes, keepdims=self.keepdims)


class GlobalMaxPooling2D(_GlobalPooling2D):
    """The largest value of each channel; equal ones share the gradient.

    Args:
        data_format: ``"channels_last"``: (N, H, W, C); or ``"channels_first"``: (N, C, H, W).
        keepdims: keep the two axes, with size 1.
        **kwargs: of `Layer`.

    Reference: ``keras.layers.GlobalMaxPooling2D``.

    >>> import scratchnet as tf
    >>> GlobalMaxPooling2D()(tf.reshape(tf.range(4.0), (1, 2, 2, 1))).numpy()
    array([[3.]], dtype=float32)
    """

    def _reduce(self, x: Tensor, axes: tuple[int, int]) -> Tensor:
        if x._data.dtype.kind == "b":
            return ops.reduce_any(x, axes, keepdims=self.keepdims)
        return ops.reduce_max(x, axes, keepdims=self.keepdims)
