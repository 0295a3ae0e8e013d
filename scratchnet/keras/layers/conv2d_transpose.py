"""Conv2DTranspose."""

from __future__ import annotations

from typing import Any

from scratchnet import ops
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras import activations
from scratchnet.keras.config import Shape, standardize_data_format
from scratchnet.keras.configs.serialization import serialize_keras_object
from scratchnet.keras.layers.arguments import (
    Pair,
    check_one_shape,
    int_pair,
    join_image_shape,
    on_channels_last,
    positive_integer,
    refuse_integers,
    split_image_shape,
    standardize_padding,
)
from scratchnet.keras.layers.input_spec import InputSpec
from scratchnet.keras.layers.kernel_layer import KernelLayer


class Conv2DTranspose(KernelLayer):
    """``y = activation(conv2d_transpose(x, K) + b)``: a transposed convolution.

    Each axis of size n becomes, with e = (k - 1) dilation + 1:

        valid:   (n - 1) s + e + output_padding;   as if max(s - e, 0) if that is not given
        same:    n s, or (n - 1) s + e % 2 + output_padding if that is given

    Args:
        filters: how many output channels O.
        kernel_size: (kh, kw), or one size for both.
        strides: s, the steps between the windows of the output.
        padding: ``"valid"`` or ``"same"``.
        output_padding: how much larger than the least size the output is, below `strides`.
        data_format: ``"channels_last"``: (N, H, W, C); or ``"channels_first"``: (N, C, H, W).
        dilation_rate: the dilation of the kernel.
        activation: a function or its name; None is linear.
        use_bias: whether there is a b.
        kernel_initializer, bias_initializer: what K (kh, kw, O, C) and b (O,) begin with.
        kernel_regularizer, bias_regularizer: penalties, added to the loss.
        activity_regularizer: of `Layer`.
        kernel_constraint, bias_constraint: applied after each update.
        **kwargs: of `Layer`.

    Raises:
        ValueError: an argument that is not as above; `strides` and `dilation_rate` both above 1.

    Reference: ``keras.layers.Conv2DTranspose``.  (On a CPU, TensorFlow computes neither dilation
    nor ``"channels_first"`` here.)

    >>> import scratchnet as tf
    >>> Conv2DTranspose(4, 3, strides=2, padding="same")(tf.zeros((1, 7, 7, 8))).shape
    TensorShape([1, 14, 14, 4])
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = (1, 1),
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
        where = "Conv2DTranspose"
        self.filters = positive_integer(where, "filters", filters)
        self.kernel_size = int_pair(where, "kernel_size", kernel_size)
        self.strides = int_pair(where, "strides", strides)
        self.dilation_rate = int_pair(where, "dilation_rate", dilation_rate)
        self.padding = standardize_padding(where, padding)
        self.output_padding = self._checked(output_padding)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(min_ndim=4)

    def _checked(self, output_padding: Any) -> Pair | None:
        where = "Conv2DTranspose"
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            rule = f"must be 1 where strides={self.strides} is not"
            raise ValueError(say(where, "dilation_rate", rule, self.dilation_rate))
        if output_padding is None:
            return None
        pair = int_pair(where, "output_padding", output_padding, least=0)
        if any(extra >= stride for extra, stride in zip(pair, self.strides, strict=True)):
            rule = f"must be less than strides={self.strides}"
            raise ValueError(say(where, "output_padding", rule, output_padding))
        return pair

    def build(self, input_shape: Shape) -> None:
        """Make K of shape (kh, kw, O, C) and b of shape (O,)."""
        check_one_shape("Conv2DTranspose", input_shape)
        channels = split_image_shape(input_shape, self.data_format)[2]
        axis = -1 if self.data_format == "channels_last" else 1
        self.input_spec = InputSpec(min_ndim=4, axes={axis: channels})
        self.add_kernel((*self.kernel_size, self.filters, channels), self.filters)

    def call(self, inputs: Tensor) -> Tensor:
        """``activation(conv2d_transpose(inputs, K) + b)``."""
        refuse_integers("Conv2DTranspose", inputs, self.compute_dtype)
        y = on_channels_last(self._transposed_convolution, inputs, self.data_format)
        return y if self._has_fused_relu() or self.activation is None else self.activation(y)

    def _has_fused_relu(self) -> bool:
        """Whether relu is done with the convolution, in one pass."""
        return self.bias is not None and self.activation is activations.relu

    def _transposed_convolution(self, x: Tensor) -> Tensor:
        batch, *sizes, _ = x._data.shape
        if len(sizes) != 2:
            raise ValueError(
                "Conv2DTranspose: `inputs` must have rank 4, received a tensor of shape "
                f"{x._data.shape}"
            )
        geometry: dict[str, Any] = {
            "output_shape": [batch, *self._output_sizes(tuple(sizes)), self.filters],
            "strides": self.strides,
            "padding": self.padding.upper(),
            "dilations": self.dilation_rate,
        }
        if self.bias is None:
            return ops.conv2d_transpose(x, self.kernel, **geometry)
        relu = "relu" if self._has_fused_relu() else None
        return ops.fused_conv2d_transpose(x, self.kernel, self.bias, **geometry, activation=relu)

    def _output_sizes(self, sizes: Shape) -> list[Any]:
        """What the two axes become: None where the size is not known."""
        return transposed_sizes(
            sizes,
            self.kernel_size,
            self.strides,
            self.padding,
            self.output_padding,
            self.dilation_rate,
        )

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, H, W, C) -> (N, oh, ow, O)."""
        batch, sizes, _ = split_image_shape(input_shape, self.data_format)
        return join_image_shape(
            batch, tuple(self._output_sizes(sizes)), self.filters, self.data_format
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "output_padding": self.output_padding,
            "data_format": self.data_format,
            "dilation_rate": self.dilation_rate,
            "activity_regularizer": serialize_keras_object(self.activity_regularizer),
        }


def transposed_sizes(
    sizes: Shape,
    kernel_size: tuple[int, ...],
    strides: tuple[int, ...],
    padding: str,
    output_padding: tuple[int, ...] | None,
    dilation_rate: tuple[int, ...],
) -> list[Any]:
    """What the axes become, as the docstring of `Conv2DTranspose` says; None where not known."""
    found: list[Any] = []
    for i, n in enumerate(sizes):
        s, extent = strides[i], (kernel_size[i] - 1) * dilation_rate[i] + 1
        extra = None if output_padding is None else output_padding[i]
        if n is None:
            found.append(None)
        elif padding == "valid":
            extra = max(s - extent, 0) if extra is None else extra
            found.append((n - 1) * s + extent + extra)
        else:
            found.append(n * s if extra is None else (n - 1) * s + extent % 2 + extra)
    return found
