"""Conv2D."""

from __future__ import annotations

from typing import Any

from scratchnet import ops
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras import activations
from scratchnet.keras.config import Shape, standardize_data_format
from scratchnet.keras.configs.serialization import serialize_keras_object
from scratchnet.keras.layers.arguments import (
    check_kernel_rank,
    check_one_shape,
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
from scratchnet.keras.layers.kernel_layer import KernelLayer


class Conv2D(KernelLayer):
    """``y = activation(conv2d(x, K) + b)``, a cross-correlation (``keras.layers.Conv2D``).

    Args:
        filters: how many output channels O.
        kernel_size: (kh, kw), or one size for both.
        strides: the steps between the receptive fields.
        padding: ``"valid"`` or ``"same"``.
        data_format: ``"channels_last"``: (N, H, W, C); or ``"channels_first"``: (N, C, H, W).
        dilation_rate: the steps inside a receptive field.
        groups: input and output channels are cut into that many groups, each convolved alone.
        activation: a function or its name; None is linear.
        use_bias: whether there is a b.
        kernel_initializer, bias_initializer: what K (kh, kw, C / groups, O) and b (O,) begin with.
        kernel_regularizer, bias_regularizer: penalties, added to the loss.
        activity_regularizer: of `Layer`.
        kernel_constraint, bias_constraint: applied after each update.
        **kwargs: of `Layer`.

    Raises:
        ValueError: an argument that is not as above; `strides` and `dilation_rate` both above 1.

    >>> import scratchnet as tf
    >>> Conv2D(4, 3)(tf.zeros((1, 8, 8, 1))).shape
    TensorShape([1, 6, 6, 4])
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = (1, 1),
        groups: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            activation,
            use_bias,
            kernel_initializer,
            bias_initializer,
            kernel_regularizer,
            bias_regularizer,
            kernel_constraint,
            bias_constraint,
            activity_regularizer=activity_regularizer,
            **kwargs,
        )
        self.filters = positive_integer("Conv2D", "filters", filters)
        self.groups = positive_integer("Conv2D", "groups", groups)
        self.kernel_size = int_pair("Conv2D", "kernel_size", kernel_size)
        self.strides = int_pair("Conv2D", "strides", strides)
        self.dilation_rate = int_pair("Conv2D", "dilation_rate", dilation_rate)
        self.padding = standardize_padding("Conv2D", padding)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(min_ndim=4)
        self._check_arguments()

    def _check_arguments(self) -> None:
        if self.filters % self.groups:
            raise ValueError(
                say("Conv2D", "groups", f"must divide filters={self.filters}", self.groups)
            )
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                say(
                    "Conv2D",
                    "dilation_rate",
                    f"must be 1 where strides={self.strides} is not",
                    self.dilation_rate,
                )
            )

    def build(self, input_shape: Shape) -> None:
        """Make K of shape (kh, kw, C / groups, O) and b of shape (O,)."""
        check_one_shape("Conv2D", input_shape)
        channels = split_image_shape(input_shape, self.data_format)[2]
        if channels is None or channels % self.groups:
            raise ValueError(
                "Conv2D: `groups` must divide the channels of the input, received "
                f"groups={self.groups} and an input of shape {input_shape}"
            )
        axis = -1 if self.data_format == "channels_last" else 1
        self.input_spec = InputSpec(min_ndim=4, axes={axis: channels})
        self._check_output_size(input_shape, (*self.kernel_size, channels, self.filters))
        shape = (*self.kernel_size, channels // self.groups, self.filters)
        self.add_kernel(shape, self.filters)

    def call(self, inputs: Tensor) -> Tensor:
        """``activation(conv2d(inputs, K) + b)``."""
        refuse_integers("Conv2D", inputs, self.compute_dtype)
        return on_channels_last(self._convolve, inputs, self.data_format)

    def _convolve(self, x: Tensor) -> Tensor:
        geometry: dict[str, Any] = {
            "strides": self.strides,
            "padding": self.padding.upper(),
            "dilations": self.dilation_rate,
        }
        if self.bias is None:
            y = ops.conv2d(x, self.kernel, **geometry)
            return y if self.activation is None else self.activation(y)  # type: ignore[no-any-return]
        relu = "relu" if self.activation is activations.relu else None
        y = ops.fused_conv2d(x, self.kernel, self.bias, **geometry, activation=relu)
        return y if relu or self.activation is None else self.activation(y)

    def _windows(self, input_shape: Shape) -> list[Any]:
        _, sizes, channels = split_image_shape(input_shape, self.data_format)
        channels = channels and channels // self.groups
        check_kernel_rank((*self.kernel_size, channels, self.filters), input_shape)
        return output_sizes(sizes, self.kernel_size, self.strides, self.padding, self.dilation_rate)

    def _check_output_size(self, input_shape: Shape, kernel_shape: Shape) -> None:
        if any(size is not None and size <= 0 for size in self._windows(input_shape)):
            raise ValueError(
                "Conv2D: the kernel must fit into the image, received an input of shape "
                f"{input_shape} and a kernel of shape {kernel_shape}, with "
                f"dilation_rate={self.dilation_rate}, strides={self.strides}, "
                f"padding={self.padding!r}"
            )

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, H, W, C) -> (N, oh, ow, O)."""
        batch, _, channels = split_image_shape(input_shape, self.data_format)
        self._check_output_size(input_shape, (*self.kernel_size, channels, self.filters))
        return join_image_shape(
            batch, tuple(self._windows(input_shape)), self.filters, self.data_format
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "data_format": self.data_format,
            "dilation_rate": self.dilation_rate,
            "groups": self.groups,
            "activity_regularizer": serialize_keras_object(self.activity_regularizer),
        }
