"""What the depthwise and separable convolutions share: each channel is convolved alone."""

from __future__ import annotations

from typing import Any, ClassVar

from scratchnet import ops
from scratchnet.engine.tensor import Tensor
from scratchnet.keras import activations, constraints, initializers, regularizers
from scratchnet.keras.config import Shape, check_flags, standardize_data_format
from scratchnet.keras.configs.serialization import serialize_keras_object
from scratchnet.keras.layers.arguments import (
    as_row,
    check_kernel_rank,
    check_one_shape,
    int_pair,
    int_single,
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
NOT_GIVEN = ("self", "kwargs", "__class__")  # among the locals of a constructor


class DepthwiseLayer(Layer):
    """A layer that convolves each channel alone: of images, or of sequences as images of one row.

    Args:
        given: the arguments of the layer by their names.
        **kwargs: of `Layer`.
    """

    _rank: ClassVar[int]  # 2 for images, 1 for sequences
    _parts: ClassVar[tuple[str, ...]]  # its weights, as the arguments about them are called
    kernel_size: tuple[int, ...]
    strides: tuple[int, ...]
    dilation_rate: tuple[int, ...]

    def __init__(self, given: dict[str, Any], **kwargs: Any) -> None:
        where = type(self).__name__
        super().__init__(activity_regularizer=given["activity_regularizer"], **kwargs)
        check_flags(where, use_bias=given["use_bias"])
        self.depth_multiplier = positive_integer(
            where, "depth_multiplier", given["depth_multiplier"]
        )
        sizes = int_pair if self._rank == 2 else int_single
        for name in ("kernel_size", "strides", "dilation_rate"):
            setattr(self, name, sizes(where, name, given[name]))
        self.padding = standardize_padding(where, given["padding"])
        self.data_format = standardize_data_format(given["data_format"])
        self.activation = activations.get(given["activation"])
        self.use_bias: bool = given["use_bias"]
        for part in self._parts:
            for rule, family in _RULES.items():
                setattr(self, f"{part}_{rule}", family.get(given[f"{part}_{rule}"]))
        self.bias: Variable | None = None
        self.input_spec = InputSpec(min_ndim=self._rank + 2)

    def _channels(self, input_shape: Shape) -> int:
        """C, which must be known, and the kernel must fit in."""
        check_one_shape(type(self).__name__, input_shape)
        channels = split_image_shape(input_shape, self.data_format)[2]
        if channels is None:
            raise ValueError(
                f"{type(self).__name__}: the channels of the input must be known, received an "
                f"input of shape {input_shape}"
            )
        axis = -1 if self.data_format == "channels_last" else 1
        self.input_spec = InputSpec(min_ndim=self._rank + 2, axes={axis: channels})
        self.compute_output_shape(input_shape)
        return channels

    def _add(self, part: str, name: str, shape: tuple[int, ...]) -> Variable:
        rules = {rule: getattr(self, f"{part}_{rule}") for rule in _RULES}
        return self.add_weight(shape=shape, name=name, **rules)

    def call(self, inputs: Tensor) -> Tensor:
        """The convolved images, or sequences."""
        refuse_integers(type(self).__name__, inputs, self.compute_dtype)
        as_images = on_channels_last if self._rank == 2 else as_row
        y = as_images(self._convolve, inputs, self.data_format)
        return y if self.activation is None else self.activation(y)  # type: ignore[no-any-return]

    def _convolve(self, x: Tensor) -> Tensor:
        raise NotImplementedError

    def _each_channel(self, x: Tensor, kernel: Variable, bias: Variable | None = None) -> Tensor:
        return each_channel(x, kernel, self.strides, self.padding, self.dilation_rate, bias)

    def _shape_with(self, input_shape: Shape, outputs: int | None) -> Shape:
        batch, sizes, channels = split_image_shape(input_shape, self.data_format)
        check_kernel_rank((*self.kernel_size, channels, outputs), input_shape)
        found = output_sizes(
            sizes, self.kernel_size, self.strides, self.padding, self.dilation_rate
        )
        if any(size is not None and size <= 0 for size in found):
            inputs = "image" if self._rank == 2 else "sequence"
            raise ValueError(
                f"{type(self).__name__}: the kernel must fit into the {inputs}, received an input "
                f"of shape {input_shape}, with kernel_size={self.kernel_size}, "
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


class Depthwise(DepthwiseLayer):
    """``y = activation(depthwise_conv(x, K) + b)``, with one kernel."""

    _parts = ("depthwise", "bias")

    def build(self, input_shape: Shape) -> None:
        """Make K of shape (*kernel_size, C, m) and b of shape (C m,)."""
        channels = self._channels(input_shape)
        shape = (*self.kernel_size, channels, self.depth_multiplier)
        self.kernel = self._add("depthwise", "kernel", shape)
        if self.use_bias:
            self.bias = self._add("bias", "bias", (channels * self.depth_multiplier,))

    def _convolve(self, x: Tensor) -> Tensor:
        return self._each_channel(x, self.kernel, self.bias)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, …, C) -> (N, …, C m)."""
        channels = split_image_shape(input_shape, self.data_format)[2]
        return self._shape_with(input_shape, channels and channels * self.depth_multiplier)


class Separable(DepthwiseLayer):
    """``y = activation(conv(depthwise_conv(x, K), P) + b)``, P of size 1: with two kernels."""

    _parts = ("depthwise", "pointwise", "bias")

    def __init__(self, given: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(given, **kwargs)
        self.filters = positive_integer(type(self).__name__, "filters", given["filters"])

    def build(self, input_shape: Shape) -> None:
        """Make K of shape (*kernel_size, C, m), P of size 1, (…, C m, O), and b of shape (O,)."""
        channels, m = self._channels(input_shape), self.depth_multiplier
        shape = (*self.kernel_size, channels, m)
        self.depthwise_kernel = self._add("depthwise", "depthwise_kernel", shape)
        shape = (*[1] * self._rank, channels * m, self.filters)
        self.pointwise_kernel = self._add("pointwise", "pointwise_kernel", shape)
        if self.use_bias:
            self.bias = self._add("bias", "bias", (self.filters,))

    def _convolve(self, x: Tensor) -> Tensor:
        x = self._each_channel(x, self.depthwise_kernel)
        return mix_channels(x, self.pointwise_kernel, self.bias)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, …, C) -> (N, …, O)."""
        return self._shape_with(input_shape, self.filters)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {**super().get_config(), "filters": self.filters}


def each_channel(
    x: Tensor,
    kernel: Any,
    strides: tuple[int, ...],
    padding: str,
    dilation: tuple[int, ...],
    bias: Any = None,
) -> Tensor:
    """Images, or sequences as images of one row, convolved channel by channel.

    That is a convolution in as many groups as there are channels, so K (kh, kw, C, m) is read as
    (kh, kw, 1, C m): `tf.nn.conv2d` takes the groups from the sizes.

    Args:
        x: (N, H, W, C).
        kernel: K (kh, kw, C, m), or (k, C, m) of sequences.
        strides, dilation: two integers, or one of sequences.
        padding: ``"valid"`` or ``"same"``.
        bias: (C m,), added; or None.

    Returns:
        (N, oh, ow, C m).
    """
    *sizes, channels, multiplier = kernel.shape
    row = (1,) * (2 - len(sizes))  # (k,) of a sequence is (1, k) of its image
    grouped = ops.reshape(kernel, (*row, *sizes, 1, channels * multiplier))
    how = (*row, *strides), padding.upper(), "NHWC", (*row, *dilation)
    return (
        ops.conv2d(x, grouped, *how) if bias is None else ops.fused_conv2d(x, grouped, bias, *how)
    )


def mix_channels(x: Tensor, kernel: Any, bias: Any = None) -> Tensor:
    """(N, H, W, O): each place of `x` times the matrix of a `kernel` of size 1, (1, 1, C, O)."""
    matrix = kernel if len(kernel.shape) == 4 else ops.expand_dims(kernel, 0)  # (1, C, O)
    how = (1, 1), "VALID"
    return ops.conv2d(x, matrix, *how) if bias is None else ops.fused_conv2d(x, matrix, bias, *how)
