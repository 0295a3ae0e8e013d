"""Conv1DTranspose: the transposed 2-D convolution of sequences as images of one row."""

from __future__ import annotations

from typing import Any

from scratchnet import ops
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import Shape, standardize_data_format
from scratchnet.keras.configs.serialization import serialize_keras_object
from scratchnet.keras.layers.arguments import (
    as_row,
    check_one_shape,
    int_single,
    join_image_shape,
    positive_integer,
    refuse_integers,
    split_image_shape,
    standardize_padding,
)
from scratchnet.keras.layers.conv2d_transpose import transposed_sizes
from scratchnet.keras.layers.input_spec import InputSpec
from scratchnet.keras.layers.kernel_layer import KernelLayer


class Conv1DTranspose(KernelLayer):
    """A transposed convolution along the steps of a sequence (``keras.layers.Conv1DTranspose``).

    The number of steps becomes what `Conv2DTranspose` says of one axis.

    Args:
        filters: how many output channels O.
        kernel_size: k, an integer (or a tuple of one, as all that follow).
        strides: the step between the receptive fields of the convolution that it transposes.
        padding: ``"valid"`` or ``"same"``.
        output_padding: how many steps more, fewer than `strides`; None for the usual number.
        data_format: ``"channels_last"``: (N, steps, C); or ``"channels_first"``: (N, C, steps).
        dilation_rate: the step inside a receptive field.
        activation: a function or its name; None is linear.
        use_bias: whether there is a b.
        kernel_initializer, bias_initializer: what K (k, O, C) and b (O,) begin with.
        kernel_regularizer, bias_regularizer: penalties, added to the loss.
        activity_regularizer: of `Layer`.
        kernel_constraint, bias_constraint: applied after each update.
        **kwargs: of `Layer`.

    Raises:
        ValueError: an argument that is not as above; `strides` and `dilation_rate` both above 1.

    >>> import scratchnet as tf
    >>> Conv1DTranspose(4, 3, strides=2)(tf.zeros((1, 8, 2))).shape
    TensorShape([1, 17, 4])
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = 1,
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
        where = "Conv1DTranspose"
        self.filters = positive_integer(where, "filters", filters)
        self.kernel_size = int_single(where, "kernel_size", kernel_size)
        self.strides = int_single(where, "strides", strides)
        self.dilation_rate = int_single(where, "dilation_rate", dilation_rate)
        self.padding = standardize_padding(where, padding)
        self.output_padding: tuple[int] | None = None
        if output_padding is not None:
            self.output_padding = int_single(where, "output_padding", output_padding, least=0)
            if self.output_padding >= self.strides:
                rule = f"must be less than strides={self.strides}"
                raise ValueError(say(where, "output_padding", rule, output_padding))
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=3)
        if self.strides[0] > 1 and self.dilation_rate[0] > 1:
            rule = f"must be 1 where strides={self.strides} is not"
            raise ValueError(say(where, "dilation_rate", rule, self.dilation_rate))

    def build(self, input_shape: Shape) -> None:
        """Make K of shape (k, O, C) and b of shape (O,)."""
        check_one_shape("Conv1DTranspose", input_shape)
        channels = split_image_shape(input_shape, self.data_format)[2]
        axis = -1 if self.data_format == "channels_last" else 1
        self.input_spec = InputSpec(ndim=3, axes={axis: channels})
        self.add_kernel((*self.kernel_size, self.filters, channels), self.filters)

    def call(self, inputs: Tensor) -> Tensor:
        """``activation(conv_transpose(inputs, K) + b)``."""
        refuse_integers("Conv1DTranspose", inputs, self.compute_dtype)
        y = as_row(self._transposed_convolution, inputs, self.data_format)
        return y if self.activation is None else self.activation(y)  # type: ignore[no-any-return]

    def _transposed_convolution(self, x: Tensor) -> Tensor:
        n, _, steps, _ = x._data.shape
        y = ops.conv2d_transpose(
            x,
            ops.expand_dims(self.kernel, 0),  # (k, O, C) -> (1, k, O, C)
            [n, 1, *self._steps((steps,)), self.filters],
            strides=(1, *self.strides),
            padding=self.padding.upper(),
            dilations=(1, *self.dilation_rate),
        )
        return y if self.bias is None else ops.bias_add(y, self.bias)

    def _steps(self, sizes: Shape) -> list[Any]:
        """[steps] of the output."""
        extra = self.output_padding
        window = (self.kernel_size, self.strides, self.padding, extra, self.dilation_rate)
        return transposed_sizes(sizes, *window)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, steps, C) -> (N, new steps, O)."""
        batch, sizes, _ = split_image_shape(input_shape, self.data_format)
        return join_image_shape(batch, tuple(self._steps(sizes)), self.filters, self.data_format)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        names = ("filters", "kernel_size", "strides", "padding", "output_padding", "data_format")
        return {
            **super().get_config(),
            **{name: getattr(self, name) for name in (*names, "dilation_rate")},
            "activity_regularizer": serialize_keras_object(self.activity_regularizer),
        }
