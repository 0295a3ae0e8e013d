"""Conv1D: the 2-D convolution of sequences as images of one row."""

from __future__ import annotations

from typing import Any

from scratchnet import ops
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import Shape, standardize_data_format
from scratchnet.keras.configs.serialization import serialize_keras_object
from scratchnet.keras.layers.arguments import (
    as_row,
    check_kernel_rank,
    check_one_shape,
    int_single,
    join_image_shape,
    output_sizes,
    positive_integer,
    refuse_integers,
    split_image_shape,
    standardize_padding,
)
from scratchnet.keras.layers.input_spec import InputSpec
from scratchnet.keras.layers.kernel_layer import KernelLayer


class Conv1D(KernelLayer):
    """``y = activation(conv(x, K) + b)`` along the steps of a sequence (``keras.layers.Conv1D``).

    A sequence is an image of one row, so it is computed by `tf.nn.conv2d`.

    Args:
        filters: how many output channels O.
        kernel_size: k, an integer (or a tuple of one, as all that follow).
        strides: the step between the receptive fields.
        padding: ``"valid"``, ``"same"``, or ``"causal"``: zeros before the sequence, so that no
            output sees a later input.
        data_format: ``"channels_last"``: (N, steps, C); or ``"channels_first"``: (N, C, steps).
        dilation_rate: the step inside a receptive field.
        groups: input and output channels are cut into that many groups, each convolved alone.
        activation: a function or its name; None is linear.
        use_bias: whether there is a b.
        kernel_initializer, bias_initializer: what K (k, C / groups, O) and b (O,) begin with.
        kernel_regularizer, bias_regularizer: penalties, added to the loss.
        activity_regularizer: of `Layer`.
        kernel_constraint, bias_constraint: applied after each update.
        **kwargs: of `Layer`.

    Raises:
        ValueError: an argument that is not as above; `strides` and `dilation_rate` both above 1.

    >>> import scratchnet as tf
    >>> Conv1D(4, 3)(tf.zeros((1, 8, 2))).shape
    TensorShape([1, 6, 4])
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
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
        self.filters = positive_integer("Conv1D", "filters", filters)
        self.groups = positive_integer("Conv1D", "groups", groups)
        self.kernel_size = int_single("Conv1D", "kernel_size", kernel_size)
        self.strides = int_single("Conv1D", "strides", strides)
        self.dilation_rate = int_single("Conv1D", "dilation_rate", dilation_rate)
        self.padding = standardize_padding("Conv1D", padding, ("valid", "same", "causal"))
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(min_ndim=3)
        if self.filters % self.groups:
            rule = f"must divide filters={self.filters}"
            raise ValueError(say("Conv1D", "groups", rule, self.groups))
        if self.strides[0] > 1 and self.dilation_rate[0] > 1:
            rule = f"must be 1 where strides={self.strides} is not"
            raise ValueError(say("Conv1D", "dilation_rate", rule, self.dilation_rate))

    def build(self, input_shape: Shape) -> None:
        """Make K of shape (k, C / groups, O) and b of shape (O,)."""
        check_one_shape("Conv1D", input_shape)
        channels = split_image_shape(input_shape, self.data_format)[2]
        if channels is None or channels % self.groups:
            raise ValueError(
                "Conv1D: `groups` must divide the channels of the input, received "
                f"groups={self.groups} and an input of shape {input_shape}"
            )
        axis = -1 if self.data_format == "channels_last" else 1
        self.input_spec = InputSpec(min_ndim=3, axes={axis: channels})
        self._windows(input_shape)
        self.add_kernel((*self.kernel_size, channels // self.groups, self.filters), self.filters)

    def call(self, inputs: Tensor) -> Tensor:
        """``activation(conv(inputs, K) + b)``."""
        refuse_integers("Conv1D", inputs, self.compute_dtype)
        y = as_row(self._convolve, inputs, self.data_format)
        return y if self.activation is None else self.activation(y)  # type: ignore[no-any-return]

    def _convolve(self, x: Tensor) -> Tensor:
        padding = self.padding
        if padding == "causal":
            before = self.dilation_rate[0] * (self.kernel_size[0] - 1)
            x, padding = ops.pad(x, ((0, 0), (0, 0), (before, 0), (0, 0))), "valid"
        kernel = ops.expand_dims(self.kernel, 0)  # (k, C, O) -> (1, k, C, O)
        geometry: dict[str, Any] = {
            "strides": (1, *self.strides),
            "padding": padding.upper(),
            "dilations": (1, *self.dilation_rate),
        }
        if self.bias is None:
            return ops.conv2d(x, kernel, **geometry)
        return ops.fused_conv2d(x, kernel, self.bias, **geometry)

    def _windows(self, input_shape: Shape) -> tuple[Any, ...]:
        """(steps,) of the output.

        Raises:
            ValueError: the kernel does not fit into the sequence.
        """
        _, sizes, channels = split_image_shape(input_shape, self.data_format)
        channels = channels and channels // self.groups
        check_kernel_rank((*self.kernel_size, channels, self.filters), input_shape)
        padding = "same" if self.padding == "causal" else self.padding
        found = output_sizes(sizes, self.kernel_size, self.strides, padding, self.dilation_rate)
        if any(size is not None and size <= 0 for size in found):
            raise ValueError(
                "Conv1D: the kernel must fit into the sequence, received an input of shape "
                f"{input_shape}, with kernel_size={self.kernel_size}, "
                f"dilation_rate={self.dilation_rate}, strides={self.strides}, "
                f"padding={self.padding!r}"
            )
        return tuple(found)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, steps, C) -> (N, new steps, O)."""
        batch = input_shape[0]
        return join_image_shape(batch, self._windows(input_shape), self.filters, self.data_format)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        names = ("filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate")
        return {
            **super().get_config(),
            **{name: getattr(self, name) for name in (*names, "groups")},
            "activity_regularizer": serialize_keras_object(self.activity_regularizer),
        }
