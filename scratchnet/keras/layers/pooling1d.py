"""Max and average pooling of sequences, of windows or global."""

from __future__ import annotations

from typing import Any

from scratchnet import ops
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import Shape, check_flags, floatx, standardize_data_format
from scratchnet.keras.layers.arguments import (
    as_row,
    int_single,
    join_image_shape,
    output_sizes,
    split_image_shape,
    standardize_padding,
)
from scratchnet.keras.layers.input_spec import InputSpec
from scratchnet.keras.layers.layer import Layer


class _Pooling1D(Layer):
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
        self.pool_size = int_single(where, "pool_size", pool_size)
        self.strides = int_single(where, "strides", pool_size if strides is None else strides)
        self.padding = standardize_padding(where, padding)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=3)
        self._build_at_init()

    def _pool(self, x: Tensor) -> Tensor:
        raise NotImplementedError

    def call(self, inputs: Tensor) -> Tensor:
        """One value for each window."""
        return as_row(self._pool, inputs, self.data_format)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, steps, C) -> (N, windows, C)."""
        batch, sizes, channels = split_image_shape(input_shape, self.data_format)
        windows = output_sizes(sizes, self.pool_size, self.strides, self.padding, (1,))
        if any(size is not None and size <= 0 for size in windows):
            raise ValueError(
                f"{type(self).__name__}: the window must fit into the sequence, received an input "
                f"of shape {input_shape}, with pool_size={self.pool_size}, strides={self.strides}, "
                f"padding={self.padding!r}"
            )
        return join_image_shape(batch, tuple(windows), channels, self.data_format)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        names = ("pool_size", "padding", "strides", "data_format")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


class MaxPooling1D(_Pooling1D):
    """The largest value of each window of steps (``keras.layers.MaxPooling1D``).

    Args:
        pool_size: how many steps, an integer.
        strides: the step between the windows; `pool_size` if not given.
        padding: ``"valid"``, or ``"same"``: padded with -inf, so padding is never the maximum.
        data_format: ``"channels_last"``: (N, steps, C); or ``"channels_first"``: (N, C, steps).
        name: the name; automatic if not given.
        **kwargs: of `Layer`.

    >>> import scratchnet as tf
    >>> MaxPooling1D(2)(tf.reshape(tf.range(4.0), (1, 4, 1))).numpy().squeeze()
    array([1., 3.], dtype=float32)
    """

    def __init__(
        self,
        pool_size: Any = 2,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool_size, strides, padding, data_format, name, **kwargs)

    def _pool(self, x: Tensor) -> Tensor:
        size, strides = (1, *self.pool_size), (1, *self.strides)
        return ops.max_pool2d(x, size, strides, self.padding.upper())


class AveragePooling1D(_Pooling1D):
    """The mean of each window of steps (``keras.layers.AveragePooling1D``).

    Args:
        pool_size: how many steps, an integer.
        strides: the step between the windows; `pool_size` if not given.
        padding: ``"valid"``, or ``"same"``: padding does not count in the mean.
        data_format: ``"channels_last"``: (N, steps, C); or ``"channels_first"``: (N, C, steps).
        name: the name; automatic if not given.
        **kwargs: of `Layer`.

    >>> import scratchnet as tf
    >>> AveragePooling1D(2)(tf.reshape(tf.range(4.0), (1, 4, 1))).numpy().squeeze()
    array([0.5, 2.5], dtype=float32)
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
        size, strides = (1, *self.pool_size), (1, *self.strides)
        return ops.avg_pool2d(x, size, strides, self.padding.upper())


class _GlobalPooling1D(Layer):
    """What the two global poolings share."""

    def __init__(
        self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        check_flags(type(self).__name__, keepdims=keepdims)
        self.keepdims = keepdims
        self.input_spec = InputSpec(ndim=3)
        self._build_at_init()

    @property
    def _steps_axis(self) -> int:
        return 1 if self.data_format == "channels_last" else 2

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, steps, C) -> (N, C), or (N, 1, C) with `keepdims`."""
        batch, _, channels = split_image_shape(input_shape, self.data_format)
        if not self.keepdims:
            return (batch, channels)
        return join_image_shape(batch, (1,), channels, self.data_format)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {**super().get_config(), "data_format": self.data_format, "keepdims": self.keepdims}


class GlobalAveragePooling1D(_GlobalPooling1D):
    """The mean of all steps (``keras.layers.GlobalAveragePooling1D``).

    Args:
        data_format: ``"channels_last"``: (N, steps, C); or ``"channels_first"``: (N, C, steps).
        keepdims: keep the axis of the steps, with size 1.
        **kwargs: of `Layer`.

    >>> import scratchnet as tf
    >>> GlobalAveragePooling1D()(tf.reshape(tf.range(4.0), (1, 4, 1))).numpy()
    array([[1.5]], dtype=float32)
    """

    supports_masking = True

    def call(self, inputs: Tensor, mask: Any = None) -> Tensor:
        """The mean of the steps; with a mask (N, steps) of those for which it is True."""
        x, axis = inputs, self._steps_axis
        if x._data.dtype.kind not in "fc":
            # Keras divides sums of integers where there is a mask: the quotient is float64.
            x = ops.cast(x, floatx() if mask is None else "float64")
        if mask is None:
            return ops.reduce_mean(x, axis, keepdims=self.keepdims)
        kept = ops.expand_dims(ops.cast(mask, bool), 3 - axis)
        total = ops.reduce_sum(ops.where(kept, x, ops.zeros_like(x)), axis, keepdims=self.keepdims)
        count = ops.reduce_sum(ops.cast(kept, x.dtype), axis, keepdims=self.keepdims)
        return total / count

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """None: no steps are left."""


class GlobalMaxPooling1D(_GlobalPooling1D):
    """The largest value of all steps; equal ones share the gradient.

    Args:
        data_format: ``"channels_last"``: (N, steps, C); or ``"channels_first"``: (N, C, steps).
        keepdims: keep the axis of the steps, with size 1.
        **kwargs: of `Layer`.

    Reference: ``keras.layers.GlobalMaxPooling1D``.

    >>> import scratchnet as tf
    >>> GlobalMaxPooling1D()(tf.reshape(tf.range(4.0), (1, 4, 1))).numpy()
    array([[3.]], dtype=float32)
    """

    def call(self, inputs: Tensor) -> Tensor:
        """One value for each sequence and channel."""
        if inputs._data.dtype.kind == "b":
            return ops.reduce_any(inputs, self._steps_axis, keepdims=self.keepdims)
        return ops.reduce_max(inputs, self._steps_axis, keepdims=self.keepdims)
