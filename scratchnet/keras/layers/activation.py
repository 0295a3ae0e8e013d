"""Activation functions as layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Operators, Tensor, convert
from scratchnet.engine.tracebacks import warn
from scratchnet.keras import activations, constraints, initializers, regularizers
from scratchnet.keras.config import Shape, check_numbers
from scratchnet.keras.configs.serialization import serialize_keras_object
from scratchnet.keras.layers.arguments import check_one_shape, check_one_tensor
from scratchnet.keras.layers.input_spec import InputSpec
from scratchnet.keras.layers.layer import Layer


class _Elementwise(Layer):
    """A layer without weights whose output has the shape of its input."""

    supports_masking = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._build_at_init()

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the input."""
        return input_shape


class Activation(_Elementwise):
    """``y = activation(x)`` (``keras.layers.Activation``).

    Args:
        activation: a function or its name.
        **kwargs: of `Layer`.

    >>> import scratchnet as tf
    >>> Activation("relu")(tf.constant([-1.0, 2.0])).numpy()
    array([0., 2.], dtype=float32)
    """

    def __init__(self, activation: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)

    def call(self, inputs: Tensor) -> Tensor:
        """``activation(inputs)``."""
        return self.activation(inputs)  # type: ignore[no-any-return]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {**super().get_config(), "activation": activations.serialize(self.activation)}


class ReLU(_Elementwise):
    """`activations.relu` as a layer (``keras.layers.ReLU``).

    Args:
        max_value: the largest output; None for no limit.
        negative_slope: the slope below `threshold`.
        threshold: where the linear part begins.
        **kwargs: of `Layer`.

    Raises:
        ValueError: a negative argument.

    >>> import scratchnet as tf
    >>> ReLU(max_value=1.0)(tf.constant([-1.0, 2.0])).numpy()
    array([0., 1.], dtype=float32)
    """

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        given = {"max_value": max_value, "negative_slope": negative_slope, "threshold": threshold}
        check_numbers("ReLU", **{k: value for k, value in given.items() if value is not None})
        if max_value is not None and max_value < 0.0:
            raise ValueError(say("ReLU", "max_value", "must not be negative", max_value))
        if negative_slope is None or negative_slope < 0.0:
            raise ValueError(say("ReLU", "negative_slope", "must be a number >= 0", negative_slope))
        if threshold is None or threshold < 0.0:
            raise ValueError(say("ReLU", "threshold", "must be a number >= 0", threshold))
        self.max_value, self.negative_slope, self.threshold = max_value, negative_slope, threshold

    def call(self, inputs: Tensor) -> Tensor:
        """The rectified inputs."""
        return activations.relu(inputs, self.negative_slope, self.max_value, self.threshold)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {
            **super().get_config(),
            "max_value": self.max_value,
            "negative_slope": self.negative_slope,
            "threshold": self.threshold,
        }


class LeakyReLU(_Elementwise):
    """``y = x`` where ``x > 0``, else ``negative_slope x`` (``keras.layers.LeakyReLU``).

    Args:
        negative_slope: the slope below 0.
        **kwargs: of `Layer`; also ``alpha``, an old name of `negative_slope` (with a warning).

    Raises:
        ValueError: `negative_slope` is None or negative.

    >>> import scratchnet as tf
    >>> LeakyReLU()(tf.constant([-1.0, 2.0])).numpy()
    array([-0.3,  2. ], dtype=float32)
    """

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any) -> None:
        if "alpha" in kwargs:
            negative_slope = kwargs.pop("alpha")
            text = "LeakyReLU: the argument `alpha` is deprecated, use `negative_slope` instead"
            warn(text)
        super().__init__(**kwargs)
        if negative_slope is not None:
            if not hasattr(negative_slope, "__float__"):  # told with the phrase that Keras's has
                kind = type(negative_slope).__name__
                rule = f"must be a number ('<' not supported for a {kind})"
                raise TypeError(say("LeakyReLU", "negative_slope", rule, negative_slope))
            check_numbers("LeakyReLU", negative_slope=negative_slope)
        if negative_slope is None or negative_slope < 0.0:
            rule = "must be a number >= 0"
            raise ValueError(say("LeakyReLU", "negative_slope", rule, negative_slope))
        self.negative_slope = negative_slope

    def call(self, inputs: Tensor) -> Tensor:
        """The inputs, the negative ones times `negative_slope`."""
        return activations.leaky_relu(inputs, self.negative_slope)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {**super().get_config(), "negative_slope": self.negative_slope}


class ELU(_Elementwise):
    """`activations.elu` as a layer (``keras.layers.ELU``).

    Args:
        alpha: what the outputs tend to at minus infinity is ``-alpha``.
        **kwargs: of `Layer`.

    >>> import scratchnet as tf
    >>> ELU(0.5)(tf.constant([-100.0, 2.0])).numpy()
    array([-0.5,  2. ], dtype=float32)
    """

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = alpha

    def call(self, inputs: Tensor) -> Tensor:
        """The inputs, the negative ones as ``alpha (eˣ - 1)``."""
        return activations.elu(inputs, self.alpha)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {**super().get_config(), "alpha": self.alpha}


class PReLU(Layer):
    """``y = x`` where ``x > 0``, else ``alpha x`` with an `alpha` that is learned.

    There is one alpha for each element of a sample.

    Args:
        alpha_initializer: what it begins with.
        alpha_regularizer: a penalty, added to the loss.
        alpha_constraint: applied after each update.
        shared_axes: the axes along which all elements share one alpha, such as ``[1, 2]`` for one
            per channel of an image.
        **kwargs: of `Layer`.

    Reference: ``keras.layers.PReLU``; He et al. 2015, arXiv:1502.01852.

    >>> import scratchnet as tf
    >>> PReLU("ones")(tf.constant([[-1.0, 2.0]])).numpy()
    array([[-1.,  2.]], dtype=float32)
    """

    supports_masking = True

    def __init__(
        self,
        alpha_initializer: Any = "Zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = constraints.get(alpha_constraint)
        one = shared_axes is not None and not isinstance(shared_axes, list | tuple)
        several = [shared_axes] if one else shared_axes
        self.shared_axes = None if several is None else list(several)
        for axis in self.shared_axes or ():
            array = axis._data if isinstance(axis, Operators) else np.asarray(axis)
            if array.ndim or array.dtype.kind not in "iu":
                rule = "must be an axis or a list of axes"
                raise TypeError(say("PReLU", "shared_axes", rule, shared_axes))

    def build(self, input_shape: Shape) -> None:
        """Make alpha, of the shape of a sample with size 1 along the shared axes."""
        check_one_shape("PReLU", input_shape)
        shape, shared = list(input_shape[1:]), self.shared_axes or []
        for axis in shared:
            if not -len(shape) < axis <= len(shape):
                rule = f"must hold axes of an input of rank {len(input_shape)}, counted from 1"
                raise IndexError(say("PReLU", "shared_axes", rule, self.shared_axes))
            shape[axis - 1] = 1
        regularizer, constraint = self.alpha_regularizer, self.alpha_constraint
        self.alpha = self.add_weight(
            shape,
            self.alpha_initializer,
            regularizer=regularizer,
            constraint=constraint,
            name="alpha",
        )
        axes = {i: n for i, n in enumerate(input_shape) if i and i not in shared} if shared else {}
        self.input_spec = InputSpec(ndim=len(input_shape), axes=axes)

    def call(self, inputs: Tensor) -> Tensor:
        """The inputs, the negative ones times alpha."""
        check_one_tensor("PReLU", inputs)
        return ops.relu(inputs) - self.alpha * ops.relu(-inputs)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        objects = ("alpha_initializer", "alpha_regularizer", "alpha_constraint")
        return {
            **super().get_config(),
            **{name: serialize_keras_object(getattr(self, name)) for name in objects},
            "shared_axes": self.shared_axes,
        }


class Softmax(_Elementwise):
    """``eˣ / Σ eˣ`` along an axis (``keras.layers.Softmax``).

    Args:
        axis: the axis, or several; None for all.
        **kwargs: of `Layer`.

    Raises:
        IndexError: no axis.

    >>> import scratchnet as tf
    >>> Softmax()(tf.zeros((1, 2))).numpy()
    array([[0.5, 0.5]], dtype=float32)
    """

    def __init__(self, axis: Any = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(axis, list | tuple) and not axis:
            rule = "must hold at least one axis (index out of range)"
            raise IndexError(say("Softmax", "axis", rule, axis))
        self.axis = axis

    def call(self, inputs: Tensor, mask: Any = None) -> Tensor:
        """Sums to 1 along the axis.

        Args:
            inputs: floating.
            mask: True, or larger than 0.5, where values take part; the others give 0.  Its axes are
                the last of those of `inputs`, each of the same size or of size 1.
        """
        if mask is None:
            return self._softmax(inputs)
        mask = _checked_mask(mask, inputs)
        x = ops.where(mask, inputs, -3e4 if inputs.dtype == "float16" else -1e9)
        return ops.where(mask, self._softmax(x), 0)

    def _softmax(self, inputs: Tensor) -> Tensor:
        if not isinstance(self.axis, list | tuple):
            return activations.softmax(inputs, self.axis)
        if len(self.axis) > 1:
            return ops.exp(inputs - ops.reduce_logsumexp(inputs, self.axis, keepdims=True))
        return activations.softmax(inputs, self.axis[0])

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {**super().get_config(), "axis": self.axis}


def _checked_mask(mask: Any, inputs: Tensor) -> Tensor:
    """`mask` of a Softmax as a bool tensor that broadcasts to `inputs`."""
    found = convert(mask)
    sizes, wanted = found._data.shape, inputs._data.shape
    pairs = zip(sizes[::-1], wanted[::-1], strict=False)
    if len(sizes) > len(wanted) or any(m not in (1, n) for m, n in pairs):
        raise ValueError(
            f"Softmax: `mask` must be broadcastable to `inputs`, received mask.shape={sizes}, "
            f"inputs.shape={wanted}"
        )
    if found.dtype.is_bool:
        return found
    return ops.greater(found, 0.5 if found.dtype.is_floating else 0)
