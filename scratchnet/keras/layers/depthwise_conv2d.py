"""DepthwiseConv2D and SeparableConv2D: each channel of images is convolved alone."""

from __future__ import annotations

from typing import Any

from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import Shape
from scratchnet.keras.layers.arguments import positive_integer, split_image_shape
from scratchnet.keras.layers.depthwise_layer import NOT_GIVEN, DepthwiseLayer, mix_channels


class DepthwiseConv2D(DepthwiseLayer):
    """``y = activation(depthwise_conv2d(x, K) + b)``: m outputs of each channel alone.

    Args:
        kernel_size: (kh, kw), or one size for both.
        strides: the steps between the receptive fields.
        padding: ``"valid"`` or ``"same"``.
        depth_multiplier: m, how many output channels each input channel gets.
        data_format: ``"channels_last"``: (N, H, W, C); or ``"channels_first"``: (N, C, H, W).
        dilation_rate: the steps inside a receptive field.
        activation: a function or its name; None is linear.
        use_bias: whether there is a b.
        depthwise_initializer, bias_initializer: what K (kh, kw, C, m) and b (C m,) begin with.
        depthwise_regularizer, bias_regularizer: penalties, added to the loss.
        activity_regularizer: of `Layer`.
        depthwise_constraint, bias_constraint: applied after each update.
        **kwargs: of `Layer`.

    Raises:
        ValueError: an argument that is not as above.

    Reference: ``keras.layers.DepthwiseConv2D``.

    >>> import scratchnet as tf
    >>> DepthwiseConv2D(3, depth_multiplier=2)(tf.zeros((1, 8, 8, 4))).shape
    TensorShape([1, 6, 6, 8])
    """

    _rank = 2
    _parts = ("depthwise", "bias")

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Any = (1, 1),
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        given = {name: value for name, value in locals().items() if name not in NOT_GIVEN}
        super().__init__(given, **kwargs)

    def build(self, input_shape: Shape) -> None:
        """Make K of shape (kh, kw, C, m) and b of shape (C m,)."""
        channels = self._channels(input_shape)
        shape = (*self.kernel_size, channels, self.depth_multiplier)
        self.kernel = self._add("depthwise", "kernel", shape)
        if self.use_bias:
            self.bias = self._add("bias", "bias", (channels * self.depth_multiplier,))

    def _convolve(self, x: Tensor) -> Tensor:
        return self._each_channel(x, self.kernel, self.bias)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, H, W, C) -> (N, oh, ow, C m)."""
        channels = split_image_shape(input_shape, self.data_format)[2]
        return self._shape_with(input_shape, channels and channels * self.depth_multiplier)


class SeparableConv2D(DepthwiseLayer):
    """Each channel convolved alone, then all channels mixed at each place.

        y = activation(conv2d(depthwise_conv2d(x, K), P) + b),      P of size 1 by 1

    It needs ``kh kw C m + C m O`` weights where a Conv2D needs ``kh kw C O``.

    Args:
        filters: how many output channels O.
        kernel_size: (kh, kw), or one size for both.
        strides: the steps between the receptive fields.
        padding: ``"valid"`` or ``"same"``.
        depth_multiplier: m, how many output channels each input channel gets.
        data_format: ``"channels_last"``: (N, H, W, C); or ``"channels_first"``: (N, C, H, W).
        dilation_rate: the steps inside a receptive field.
        activation: a function or its name; None is linear.
        use_bias: whether there is a b.
        depthwise_initializer, pointwise_initializer, bias_initializer: what K (kh, kw, C, m),
            P (1, 1, C m, O) and b (O,) begin with.
        depthwise_regularizer, pointwise_regularizer, bias_regularizer: penalties, added to the
            loss.
        activity_regularizer: of `Layer`.
        depthwise_constraint, pointwise_constraint, bias_constraint: applied after each update.
        **kwargs: of `Layer`.

    Raises:
        ValueError: an argument that is not as above.

    Reference: ``keras.layers.SeparableConv2D``; Chollet 2017, arXiv:1610.02357.

    >>> import scratchnet as tf
    >>> SeparableConv2D(5, 3)(tf.zeros((1, 8, 8, 4))).shape
    TensorShape([1, 6, 6, 5])
    """

    _rank = 2
    _parts = ("depthwise", "pointwise", "bias")

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = (1, 1),
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        given = {name: value for name, value in locals().items() if name not in NOT_GIVEN}
        super().__init__(given, **kwargs)
        self.filters = positive_integer("SeparableConv2D", "filters", filters)

    def build(self, input_shape: Shape) -> None:
        """Make K of shape (kh, kw, C, m), P of shape (1, 1, C m, O) and b of shape (O,)."""
        channels, m = self._channels(input_shape), self.depth_multiplier
        shape = (*self.kernel_size, channels, m)
        self.depthwise_kernel = self._add("depthwise", "depthwise_kernel", shape)
        shape = (1, 1, channels * m, self.filters)
        self.pointwise_kernel = self._add("pointwise", "pointwise_kernel", shape)
        if self.use_bias:
            self.bias = self._add("bias", "bias", (self.filters,))

    def _convolve(self, x: Tensor) -> Tensor:
        x = self._each_channel(x, self.depthwise_kernel)
        return mix_channels(x, self.pointwise_kernel, self.bias)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, H, W, C) -> (N, oh, ow, O)."""
        return self._shape_with(input_shape, self.filters)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {**super().get_config(), "filters": self.filters}
