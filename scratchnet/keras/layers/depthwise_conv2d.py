"""DepthwiseConv2D and SeparableConv2D: each channel is convolved alone."""

from __future__ import annotations

from typing import Any

from scratchnet import ops
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras import activations, constraints, initializers, regularizers
from scratchnet.keras.config import Shape, check_flags, standardize_data_format
from scratchnet.keras.configs.serialization import serialize_keras_object
from scratchnet.keras.layers.arguments import (
    int_pair,
    join_image_shape,
    on_channels_last,
    output_sizes,
    positive_integer,
    refuse_integers,
    split_image_shape,
    standardize_padding,
)
from scratchnet.keras.layers.input_spec import InputSpec
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.variable import Variable

# What each weight may be given.
_RULES = {"initializer": initializers, "regularizer": regularizers, "constraint": constraints}
_GEOMETRY = ("kernel_size", "strides", "padding", "data_format", "dilation_rate")


class _Depthwise(Layer):
    """What the two share: their geometry, and the convolution of each channel.

    A depthwise convolution is one in as many groups as there are channels, so K (kh, kw, C, m) is
    read as (kh, kw, 1, C m): `tf.nn.conv2d` takes the groups from the sizes.
    """

    _parts: tuple[str, ...]

    def __init__(self, given: dict[str, Any], **kwargs: Any) -> None:
        where = type(self).__name__
        super().__init__(activity_regularizer=given["activity_regularizer"], **kwargs)
        check_flags(where, use_bias=given["use_bias"])
        self.depth_multiplier = positive_integer(
            where, "depth_multiplier", given["depth_multiplier"]
        )
        for name in ("kernel_size", "strides", "dilation_rate"):
            setattr(self, name, int_pair(where, name, given[name]))
        self.padding = standardize_padding(where, given["padding"])
        self.data_format = standardize_data_format(given["data_format"])
        self.activation = activations.get(given["activation"])
        self.use_bias: bool = given["use_bias"]
        for part in self._parts:
            for rule, family in _RULES.items():
                setattr(self, f"{part}_{rule}", family.get(given[f"{part}_{rule}"]))
        self.bias: Variable | None = None
        self.input_spec = InputSpec(min_ndim=4)
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            rule = f"must be 1 where strides={self.strides} is not"
            raise ValueError(say(where, "dilation_rate", rule, self.dilation_rate))

    kernel_size: tuple[int, int]
    strides: tuple[int, int]
    dilation_rate: tuple[int, int]

    def _channels(self, input_shape: Shape) -> int:
        """C, which must be known, and the kernel must fit in."""
        channels = split_image_shape(input_shape, self.data_format)[2]
        if channels is None:
            raise ValueError(
                f"{type(self).__name__}: the channels of the input must be known, received an "
                f"input of shape {input_shape}"
            )
        axis = -1 if self.data_format == "channels_last" else 1
        self.input_spec = InputSpec(min_ndim=4, axes={axis: channels})
        self.compute_output_shape(input_shape)
        return channels

    def _add(self, part: str, name: str, shape: tuple[int, ...]) -> Variable:
        rules = {rule: getattr(self, f"{part}_{rule}") for rule in _RULES}
        return self.add_weight(shape=shape, name=name, **rules)

    def call(self, inputs: Tensor) -> Tensor:
        """The convolved images."""
        refuse_integers(type(self).__name__, inputs, self.compute_dtype)
        y = on_channels_last(self._convolve, inputs, self.data_format)
        return self.activation(y)  # type: ignore[no-any-return]

    def _convolve(self, x: Tensor) -> Tensor:
        raise NotImplementedError

    def _each_channel(self, x: Tensor, kernel: Variable) -> Tensor:
        kh, kw, channels, multiplier = kernel._data.shape
        grouped = ops.reshape(kernel, (kh, kw, 1, channels * multiplier))
        return ops.conv2d(
            x,
            grouped,
            strides=self.strides,
            padding=self.padding.upper(),
            dilations=self.dilation_rate,
        )

    def _with_bias(self, y: Tensor) -> Tensor:
        return y if self.bias is None else ops.bias_add(y, self.bias)

    def _shape_with(self, input_shape: Shape, outputs: int | None) -> Shape:
        batch, sizes, _ = split_image_shape(input_shape, self.data_format)
        found = output_sizes(
            sizes, self.kernel_size, self.strides, self.padding, self.dilation_rate
        )
        if any(size is not None and size <= 0 for size in found):
            raise ValueError(
                f"{type(self).__name__}: the kernel must fit into the image, received an input of "
                f"shape {input_shape}, with kernel_size={self.kernel_size}, "
                f"dilation_rate={self.dilation_rate}, strides={self.strides}, "
                f"padding={self.padding!r}"
            )
        return join_image_shape(batch, tuple(found), outputs, self.data_format)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        objects = [f"{part}_{rule}" for rule in _RULES for part in self._parts]
        return {
            **super().get_config(),
            "depth_multiplier": self.depth_multiplier,
            **{name: getattr(self, name) for name in _GEOMETRY},
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "activity_regularizer": serialize_keras_object(self.activity_regularizer),
            **{name: serialize_keras_object(getattr(self, name)) for name in objects},
        }


class DepthwiseConv2D(_Depthwise):
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
        ValueError: an argument that is not as above; `strides` and `dilation_rate` both above 1.

    Reference: ``keras.layers.DepthwiseConv2D``.

    >>> import scratchnet as tf
    >>> DepthwiseConv2D(3, depth_multiplier=2)(tf.zeros((1, 8, 8, 4))).shape
    TensorShape([1, 6, 6, 8])
    """

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
        given = {name: value for name, value in locals().items() if name not in _NOT_GIVEN}
        super().__init__(given, **kwargs)

    def build(self, input_shape: Shape) -> None:
        """Make K of shape (kh, kw, C, m) and b of shape (C m,)."""
        channels = self._channels(input_shape)
        shape = (*self.kernel_size, channels, self.depth_multiplier)
        self.kernel = self._add("depthwise", "kernel", shape)
        if self.use_bias:
            self.bias = self._add("bias", "bias", (channels * self.depth_multiplier,))

    def _convolve(self, x: Tensor) -> Tensor:
        return self._with_bias(self._each_channel(x, self.kernel))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, H, W, C) -> (N, oh, ow, C m)."""
        channels = split_image_shape(input_shape, self.data_format)[2]
        return self._shape_with(input_shape, channels and channels * self.depth_multiplier)


class SeparableConv2D(_Depthwise):
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
        ValueError: an argument that is not as above; `strides` and `dilation_rate` both above 1.

    Reference: ``keras.layers.SeparableConv2D``; Chollet 2017, arXiv:1610.02357.

    >>> import scratchnet as tf
    >>> SeparableConv2D(5, 3)(tf.zeros((1, 8, 8, 4))).shape
    TensorShape([1, 6, 6, 5])
    """

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
        given = {name: value for name, value in locals().items() if name not in _NOT_GIVEN}
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
        return self._with_bias(ops.conv2d(x, self.pointwise_kernel, (1, 1), "VALID"))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, H, W, C) -> (N, oh, ow, O)."""
        return self._shape_with(input_shape, self.filters)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {**super().get_config(), "filters": self.filters}


_NOT_GIVEN = ("self", "kwargs", "__class__")  # among the locals of a constructor
