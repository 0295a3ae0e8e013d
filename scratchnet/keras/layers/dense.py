"""Dense."""

from __future__ import annotations

from typing import Any

from scratchnet import ops
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import Shape
from scratchnet.keras.layers.arguments import as_floating, check_one_shape
from scratchnet.keras.layers.input_spec import InputSpec
from scratchnet.keras.layers.kernel_layer import KernelLayer


class Dense(KernelLayer):
    """``y = activation(x W + b)`` (``keras.layers.Dense``).

    Args:
        units: how many outputs.
        activation: a function or its name; None is linear.
        use_bias: whether there is a b.
        kernel_initializer, bias_initializer: what W (inputs, units) and b (units,) begin with.
        kernel_regularizer, bias_regularizer: penalties, added to the loss.
        kernel_constraint, bias_constraint: applied after each update.
        **kwargs: of `Layer`.

    Input (…, inputs) of rank 2 or more, output (…, units): the last axis is the one acted on.

    Raises:
        ValueError: `units` is not a positive integer.

    >>> import scratchnet as tf
    >>> Dense(2, kernel_initializer="ones")(tf.ones((1, 3))).numpy()
    array([[3., 3.]], dtype=float32)
    """

    supports_masking = True

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        if not isinstance(units, int) or isinstance(units, bool) or units <= 0:
            raise ValueError(say("Dense", "units", "must be a positive integer", units))
        super().__init__(
            activation,
            use_bias,
            kernel_initializer,
            bias_initializer,
            kernel_regularizer,
            bias_regularizer,
            kernel_constraint,
            bias_constraint,
            **kwargs,
        )
        self.units = units
        self.input_spec = InputSpec(min_ndim=2)

    def build(self, input_shape: Shape) -> None:
        """Make W of shape (inputs, units) and b of shape (units,)."""
        check_one_shape("Dense", input_shape)
        self.input_spec = InputSpec(min_ndim=2, axes={-1: input_shape[-1]})
        self.add_kernel((input_shape[-1], self.units), self.units)

    def call(self, inputs: Tensor) -> Tensor:
        """``activation(inputs W + b)``."""
        if inputs._data.dtype.kind != "f":
            inputs = as_floating("Dense", inputs, self.compute_dtype)
        if inputs._data.ndim == 2:
            outputs = ops.matmul(inputs, self.kernel)
        else:
            outputs = ops.tensordot(inputs, self.kernel, 1)
        if self.bias is not None:
            outputs = ops.bias_add(outputs, self.bias)
        return outputs if self.activation is None else self.activation(outputs)  # type: ignore[no-any-return]

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(…, inputs) -> (…, units)."""
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {
            **super().get_config(),
            "units": self.units,
            "quantization_config": None,
        }
