"""DepthwiseConv2D and SeparableConv2D: each channel of images is convolved alone."""

from __future__ import annotations

from typing import Any

from scratchnet.keras.layers.depthwise_layer import NOT_GIVEN, Depthwise, Separable


class DepthwiseConv2D(Depthwise):
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


class SeparableConv2D(Separable):
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
