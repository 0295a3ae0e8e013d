"""What Dense and Conv2D share: a kernel, a bias and an activation."""

from __future__ import annotations

from typing import Any

from scratchnet.keras import activations, constraints, initializers, regularizers
from scratchnet.keras.config import check_flags, refuse_unsupported
from scratchnet.keras.configs.serialization import serialize_keras_object
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.variable import Variable

# Arguments of Keras's layers for what does not exist here.
_KERAS_ONLY = dict.fromkeys(("lora_rank", "lora_alpha", "quantization_config"))


class KernelLayer(Layer):
    """A layer that computes ``activation(f(x, kernel) + bias)``.

    Args:
        activation: a function or its name; None is linear, also if the attribute is set to it.
        use_bias: whether there is a bias.
        kernel_initializer, bias_initializer: what they begin with.
        kernel_regularizer, bias_regularizer: penalties, added to the loss.
        kernel_constraint, bias_constraint: applied after each update.
        **kwargs: of `Layer`.
    """

    def __init__(
        self,
        activation: Any,
        use_bias: bool,
        kernel_initializer: Any,
        bias_initializer: Any,
        kernel_regularizer: Any,
        bias_regularizer: Any,
        kernel_constraint: Any,
        bias_constraint: Any,
        **kwargs: Any,
    ) -> None:
        refuse_unsupported(type(self).__name__, kwargs, _KERAS_ONLY)
        super().__init__(**kwargs)
        check_flags(type(self).__name__, use_bias=use_bias)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self._kernel: Variable | None = None
        self.bias: Variable | None = None

    def add_kernel(self, shape: tuple[int | None, ...], outputs: int) -> None:
        """Make the kernel, of `shape`, and the bias, of shape (outputs,)."""
        self._kernel = self.add_weight(
            shape,
            self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            name="kernel",
        )
        if self.use_bias:
            self.bias = self.add_weight(
                (outputs,),
                self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                name="bias",
            )

    @property
    def kernel(self) -> Variable:
        """The kernel.

        Raises:
            AttributeError: the layer is not built.
        """
        if self._kernel is None:
            raise AttributeError(f"the layer {self.name!r} has no `kernel` before it is built")
        return self._kernel

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {
            **super().get_config(),
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": serialize_keras_object(self.kernel_initializer),
            "bias_initializer": serialize_keras_object(self.bias_initializer),
            "kernel_regularizer": serialize_keras_object(self.kernel_regularizer),
            "bias_regularizer": serialize_keras_object(self.bias_regularizer),
            "kernel_constraint": serialize_keras_object(self.kernel_constraint),
            "bias_constraint": serialize_keras_object(self.bias_constraint),
        }
