"""What LayerNormalization and GroupNormalization share: a gamma and a beta."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras import constraints, initializers, regularizers
from scratchnet.keras.config import Shape, check_flags, check_scalars
from scratchnet.keras.configs.serialization import serialize_keras_object
from scratchnet.keras.layers.arguments import as_floating
from scratchnet.keras.layers.input_conversion import standardized
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.variable import Variable


class AffineLayer(Layer):
    """A layer that computes ``gamma f(x) + beta``.

    Args:
        epsilon: ε.
        center, scale: whether there is a beta, a gamma.
        beta_initializer, gamma_initializer: what they begin with.
        beta_regularizer, gamma_regularizer: penalties, added to the loss.
        beta_constraint, gamma_constraint: applied after each update.
        **kwargs: of `Layer`.

    Raises:
        ValueError: an `epsilon` below 0.
    """

    supports_masking = True

    def __init__(
        self,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        where = type(self).__name__
        check_scalars(where, epsilon=epsilon)
        check_flags(where, center=center, scale=scale)
        if not epsilon >= 0:
            raise ValueError(say(where, "epsilon", "must not be negative", epsilon))
        super().__init__(**kwargs)
        self.epsilon, self.center, self.scale = epsilon, center, scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        self.gamma: Variable | None = None
        self.beta: Variable | None = None

    def _standardized(self, x: Any) -> Any:
        return standardized(type(self).__name__, x, None)  # as it is: autocast=False in Keras

    def _widened(self, inputs: Tensor) -> Tensor:
        """`inputs` as they are computed with: in float64 if they are, else in float32."""
        x = as_floating(type(self).__name__, inputs, "float32")
        return ops.cast(x, np.promote_types(x._data.dtype, np.float32))

    def _narrowed(self, outputs: Tensor, inputs: Tensor) -> Tensor:
        """`outputs`, rounded to the dtype of the inputs, in that of the layer, as Keras does it.

        So those of integers are whole numbers.
        """
        return ops.cast(ops.cast(outputs, inputs.dtype), self.compute_dtype)

    def add_gamma_and_beta(self, shape: tuple[int, ...], scale: bool, center: bool) -> None:
        """Make gamma, if there is a `scale`, and beta, if there is a `center`, of `shape`."""
        rules: dict[str, Any]
        if scale:
            rules = {"regularizer": self.gamma_regularizer, "constraint": self.gamma_constraint}
            self.gamma = self.add_weight(shape, self.gamma_initializer, name="gamma", **rules)
        if center:
            rules = {"regularizer": self.beta_regularizer, "constraint": self.beta_constraint}
            self.beta = self.add_weight(shape, self.beta_initializer, name="beta", **rules)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the input."""
        return input_shape

    def _parts_config(self) -> dict[str, Any]:
        """The arguments of beta and gamma."""
        names = ("initializer", "regularizer", "constraint")
        parts = [f"{part}_{name}" for name in names for part in ("beta", "gamma")]
        return {part: serialize_keras_object(getattr(self, part)) for part in parts}


def axes_of(where: str, axis: Any) -> Any:
    """`axis` as a list of integers, or the integer.

    Raises:
        TypeError: it is neither.
    """
    if isinstance(axis, list | tuple) and all(isinstance(a, int) for a in axis):
        return list(axis)
    if isinstance(axis, int):
        return axis
    raise TypeError(say(where, "axis", "must be an int or a list of ints", axis))


def check_axes(where: str, axis: Any, input_shape: Any) -> list[int]:
    """The axes as a list.

    Raises:
        ValueError: one that the input lacks.
    """
    axes = list(axis) if isinstance(axis, list | tuple) else [axis]
    rank = len(input_shape)
    for one in axes:
        if not -rank <= one < rank:
            raise ValueError(
                f"{where}: Axis {one} is out of bounds for input shape {input_shape}. Received: "
                f"axis={axis}"
            )
    return axes
