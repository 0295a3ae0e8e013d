"""LayerNormalization."""

from __future__ import annotations

from typing import Any

from scratchnet import ops
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.engine.tracebacks import warn
from scratchnet.keras.config import Shape, check_flags
from scratchnet.keras.layers.affine_layer import AffineLayer, axes_of, check_axes
from scratchnet.keras.layers.arguments import check_one_shape


class LayerNormalization(AffineLayer):
    """Brings each sample to mean 0 and variance 1 along `axis`, then scales and shifts it.

        y = gamma (x - mean) / √(variance + ε) + beta

    Mean and variance are those of the sample, in training and otherwise: nothing is remembered,
    and no sample depends on the others of its batch.  Integers come out as whole numbers, as in
    Keras, which rounds the result towards 0: cast them before.

    Args:
        axis: the axis, or a list of axes, that are averaged over; gamma and beta have their sizes.
        epsilon: ε.
        center, scale: whether there is a beta, a gamma.
        beta_initializer, gamma_initializer: what they begin with.
        beta_regularizer, gamma_regularizer: penalties, added to the loss.
        beta_constraint, gamma_constraint: applied after each update.
        **kwargs: of `Layer`; and `rms_scaling`, of older programs: where it is True,
            ``y = gamma x / √(variance + ε)``, without a beta, and the mean stays.  For the root
            mean square there is `RMSNormalization`.

    Raises:
        TypeError: an `axis` that is no integer and no list of them.
        ValueError: an axis that the input lacks, or whose size is not known; an `epsilon` below 0.

    Reference: ``keras.layers.LayerNormalization``; Ba, Kiros and Hinton 2016, arXiv:1607.06450.

    >>> import scratchnet as tf
    >>> LayerNormalization(epsilon=0.0)(tf.constant([[1.0, 3.0], [0.0, 8.0]])).numpy()
    array([[-1.,  1.],
           [-1.,  1.]], dtype=float32)
    """

    def __init__(
        self,
        axis: Any = -1,
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
        rms_scaling = kwargs.pop("rms_scaling", False)
        check_flags("LayerNormalization", rms_scaling=rms_scaling)
        if rms_scaling:
            warn(
                "LayerNormalization: `rms_scaling=True` divides by the standard deviation, not by "
                "the root mean square: use `tf.keras.layers.RMSNormalization` for that"
            )
        super().__init__(
            epsilon,
            center,
            scale,
            beta_initializer,
            gamma_initializer,
            beta_regularizer,
            gamma_regularizer,
            beta_constraint,
            gamma_constraint,
            **kwargs,
        )
        self.axis = axes_of("LayerNormalization", axis)
        self.rms_scaling = rms_scaling

    def build(self, input_shape: Shape) -> None:
        """Make gamma and beta, of the sizes of `axis`."""
        check_one_shape("LayerNormalization", input_shape)
        axes = check_axes("LayerNormalization", self.axis, input_shape)
        self.axis = sorted(axes) if isinstance(self.axis, list) else axes
        sizes = [input_shape[axis] for axis in self.axis]
        if None in sizes:
            rule = f"must be of known size in inputs of shape {input_shape}"
            raise ValueError(say("LayerNormalization", "axis", rule, self.axis))
        shape = tuple(size for size in sizes if size is not None)
        rms = self.rms_scaling
        self.add_gamma_and_beta(shape, self.scale or rms, self.center and not rms)

    def call(self, inputs: Tensor) -> Tensor:
        """The normalized inputs."""
        x = self._widened(inputs)
        axes = sorted(self.axis)
        shape = [1] * x._data.ndim
        for axis in axes:
            shape[axis] = x._data.shape[axis]
        mean, variance = ops.moments(x, axes, keepdims=True)
        inverse = ops.rsqrt(variance + self.epsilon)
        if self.rms_scaling and self.gamma is not None:
            scaled = x * inverse * ops.reshape(ops.cast(self.gamma, x.dtype), shape)
            return self._narrowed(scaled, inputs)
        if self.gamma is not None:
            inverse = inverse * ops.reshape(ops.cast(self.gamma, x.dtype), shape)
        rest = -mean * inverse
        if self.beta is not None:
            rest = rest + ops.reshape(ops.cast(self.beta, x.dtype), shape)
        return self._narrowed(x * inverse + rest, inputs)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the input."""
        check_axes("LayerNormalization", self.axis, input_shape)
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        own = {"axis": self.axis, "epsilon": self.epsilon, "center": self.center}
        own |= {"scale": self.scale, "rms_scaling": self.rms_scaling}
        return {**super().get_config(), **own, **self._parts_config()}
