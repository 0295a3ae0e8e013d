"""EinsumDense: a Dense whose axes are written as letters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from scratchnet import ops
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import Shape
from scratchnet.keras.initializers.random import VarianceScaling
from scratchnet.keras.layers.arguments import as_floating, check_one_shape
from scratchnet.keras.layers.input_spec import InputSpec
from scratchnet.keras.layers.kernel_layer import KernelLayer

_KERAS_ONLY = "gptq_unpacked_column_size"


class EinsumDense(KernelLayer):
    """``y = activation(einsum(equation, x, W) + b)`` (``keras.layers.EinsumDense``).

    Args:
        equation: "ab,bc->ac", "...x,xy->...y" or "ax...,xy->ay...": input, kernel, output.
        output_shape: the sizes of the output without its first axis (and without those of "..."),
            None where they are those of the input; or one size.
        activation: a function or its name; None is linear.
        bias_axes: the letters of the output that b has; None for no b.
        kernel_initializer, bias_initializer: what W and b begin with.
        kernel_regularizer, bias_regularizer: penalties, added to the loss.
        kernel_constraint, bias_constraint: applied after each update.
        **kwargs: of `Layer`.

    Raises:
        ValueError: when it is built: an equation of another form, letters that are nowhere else,
            sizes that do not agree.

    >>> import scratchnet as tf
    >>> layer = EinsumDense("abc,cd->abd", output_shape=(None, 2), bias_axes="d")
    >>> tuple(layer(tf.ones((4, 5, 3))).shape), tuple(layer.kernel.shape), tuple(layer.bias.shape)
    ((4, 5, 2), (3, 2), (2,))
    """

    def __init__(
        self,
        equation: str,
        output_shape: Any,
        activation: Any = None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        if kwargs.pop(_KERAS_ONLY, None) is not None:
            raise ValueError(f"EinsumDense: `{_KERAS_ONLY}` must be None: there is no quantization")
        super().__init__(
            activation,
            bias_axes is not None,
            kernel_initializer,
            bias_initializer,
            kernel_regularizer,
            bias_regularizer,
            kernel_constraint,
            bias_constraint,
            **kwargs,
        )
        if not isinstance(equation, str):
            raise TypeError(say("EinsumDense", "equation", "must be a string", equation))
        if bias_axes is not None and not isinstance(bias_axes, str):
            raise TypeError(say("EinsumDense", "bias_axes", "must be a string or None", bias_axes))
        self.equation, self.bias_axes = equation, bias_axes
        try:
            sizes = (output_shape,) if isinstance(output_shape, int) else tuple(output_shape)
        except TypeError:
            rule = "must be a size, or a list of sizes"
            raise TypeError(say("EinsumDense", "output_shape", rule, output_shape)) from None
        for size in sizes:
            if size is not None and (not isinstance(size, int) or size < 0):
                rule = "must hold sizes, or None"
                raise ValueError(say("EinsumDense", "output_shape", rule, output_shape))
        self.partial_output_shape = sizes

    def build(self, input_shape: Shape) -> None:
        """Make W and b, of the shapes that the equation says."""
        check_one_shape("EinsumDense", input_shape)
        sizes = self._sizes(input_shape)
        self.input_spec = InputSpec(ndim=len(input_shape))
        initializer = self.kernel_initializer
        if isinstance(initializer, VarianceScaling) and (
            initializer.input_axes is None or initializer.output_axes is None
        ):
            axes = {"input_axes": sizes.input_axes, "output_axes": sizes.output_axes}
            config = {**initializer.get_config(), "seed": initializer.seed, **axes}
            initializer = type(initializer).from_config(config)
        self._kernel = self.add_weight(
            sizes.kernel,
            initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            name="kernel",
        )
        if sizes.bias is not None:
            self.bias = self.add_weight(
                sizes.bias,
                self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                name="bias",
            )

    def call(self, inputs: Tensor) -> Tensor:
        """``activation(einsum(equation, inputs, W) + b)``."""
        if inputs._data.dtype.kind != "f":
            inputs = as_floating("EinsumDense", inputs, self.compute_dtype)
        outputs = ops.einsum(self.equation, inputs, self.kernel)
        if self.bias is not None:
            outputs = ops.add(outputs, self.bias)
        return outputs if self.activation is None else self.activation(outputs)  # type: ignore[no-any-return]

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The sizes that are given, and those of the input.

        Keras returns the sizes of several axes of a "..." on the left in reverse order.
        """
        return tuple(self._sizes(input_shape).output)

    def _sizes(self, input_shape: Sequence[int | None]) -> _Sizes:
        return _sizes(self.equation, self.bias_axes, input_shape, self.partial_output_shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        config = super().get_config()
        del config["use_bias"]
        return {
            **config,
            "output_shape": self.partial_output_shape,
            "equation": self.equation,
            "bias_axes": self.bias_axes,
            "activity_regularizer": config.get("activity_regularizer"),
            "quantization_config": None,
        }


class _Sizes(NamedTuple):
    """What an equation says of the shapes; the axes are those of the kernel."""

    kernel: tuple[int | None, ...]
    bias: tuple[int | None, ...] | None
    output: list[int | None]
    input_axes: list[int]
    output_axes: list[int]


_FORMS = (
    r"([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)",
    r"\.\.\.([a-zA-Z]+),([a-zA-Z]+)->\.\.\.([a-zA-Z]+)",
    r"([a-zA-Z]{2,})\.\.\.,([a-zA-Z]+)->([a-zA-Z]+)\.\.\.",
)


def _sizes(
    equation: str,
    bias_axes: str | None,
    input_shape: Sequence[int | None],
    output_shape: Sequence[int | None],
) -> _Sizes:
    for form in _FORMS:
        found = re.match(form, equation)
        if found:
            break
    else:
        raise ValueError(
            f"Invalid einsum equation '{equation}'. Equations must be in the form [X],[Y]->[Z], "
            "...[X],[Y]->...[Z], or [X]...,[Y]->[Z]...."
        )
    terms, on_left = found.groups(), equation.startswith("...")
    inputs, kernel, outputs = terms
    hidden = max(len(input_shape) - len(inputs), 0)  # axes that "..." stands for
    if len(input_shape) < len(inputs):
        raise ValueError(
            f"EinsumDense: the input must have an axis for each of '{inputs}', received shape "
            f"{tuple(input_shape)}"
        )
    output = [input_shape[0], *output_shape]
    if on_left:
        output[1:1] = input_shape[1:hidden]
    else:
        output += input_shape[len(input_shape) - hidden :] if hidden else []
    before = hidden if on_left else 0
    input_sizes = dict(zip(inputs, input_shape[before:], strict=False))
    output_sizes = dict(zip(outputs, output[before:], strict=False))
    for letter in outputs:
        if letter not in output_sizes:
            raise ValueError(
                f"EinsumDense: `output_shape` must have a size for each of '{outputs}' but the "
                f"first, received output_shape={tuple(output_shape)}"
            )
        if letter not in inputs and letter not in kernel:
            raise ValueError(
                f"Dimension '{letter}' was specified in the output '{outputs}' but has no "
                f"corresponding dim in the input spec '{inputs}' or weight spec '{kernel}'"
            )
        size = output_sizes[letter]
        if letter in inputs and size is not None and size != input_sizes[letter]:
            raise ValueError(
                f"Input shape and output shape do not match at shared dimension '{letter}'. Input "
                f"shape is {input_sizes[letter]}, and output shape is {size}."
            )
    for letter in kernel:
        if letter not in outputs and letter not in inputs:
            raise ValueError(
                f"Weight dimension '{letter}' did not have a match in either the input spec "
                f"'{inputs}' or the output spec '{outputs}'. For this layer, the weight must be "
                "fully specified."
            )
    return _Sizes(
        tuple(output_sizes.get(c, input_sizes.get(c)) for c in kernel),
        _bias_shape(bias_axes, outputs, output_sizes, 0 if on_left else hidden),
        output,
        [i for i, c in enumerate(kernel) if c not in outputs],
        [i for i, c in enumerate(kernel) if c in outputs],
    )


def _bias_shape(
    axes: str | None, outputs: str, sizes: dict[str, int | None], hidden_on_right: int
) -> tuple[int | None, ...] | None:
    """The sizes from the first axis of b on, 1 along those that b does not have."""
    if axes is None:
        return None
    for letter in axes:
        if letter not in outputs:
            raise ValueError(
                f"Bias dimension '{letter}' was requested, but is not part of the output spec "
                f"'{outputs}'"
            )
    first = min(outputs.find(letter) for letter in axes) if axes else len(outputs)
    return (*(sizes[c] if c in axes else 1 for c in outputs[first:]), *(1,) * hidden_on_right)
