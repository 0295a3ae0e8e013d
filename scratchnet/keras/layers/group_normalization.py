"""GroupNormalization."""

from __future__ import annotations

from typing import Any

from scratchnet import ops
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import Shape, check_integers
from scratchnet.keras.layers.affine_layer import AffineLayer, check_axes
from scratchnet.keras.layers.arguments import check_one_shape
from scratchnet.keras.layers.input_spec import InputSpec


class GroupNormalization(AffineLayer):
    """Brings each group of channels of each sample to mean 0 and variance 1, scales and shifts it.

        y = gamma (x - mean) / √(variance + ε) + beta

    Integers come out as whole numbers, as in Keras, which rounds the result towards 0: cast them
    before.

    Args:
        groups: how many groups; the number of channels is a multiple of it. 1 takes all channels
            together, -1 each by itself (instance normalization).
        axis: the axis of the channels.
        epsilon: ε.
        center, scale: whether there is a beta, a gamma.
        beta_initializer, gamma_initializer: what they begin with.
        beta_regularizer, gamma_regularizer: penalties, added to the loss.
        beta_constraint, gamma_constraint: applied after each update.
        **kwargs: of `Layer`.

    Raises:
        ValueError: `groups` that are no positive integer or -1, or do not divide the channels; an
            axis that the input lacks.

    Reference: ``keras.layers.GroupNormalization``; Wu and He 2018, arXiv:1803.08494.

    >>> import scratchnet as tf
    >>> layer = GroupNormalization(groups=2, epsilon=0.0)
    >>> layer(tf.constant([[1.0, 3.0, 0.0, 8.0]])).numpy()
    array([[-1.,  1., -1.,  1.]], dtype=float32)
    """

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
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
        if not isinstance(groups, int) or (groups <= 0 and groups != -1):
            rule = "must be a positive integer, or -1"
            raise ValueError(say("GroupNormalization", "groups", rule, groups))
        check_integers("GroupNormalization", -(2**31), axis=axis)
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
        self.groups, self.axis = groups, axis

    def build(self, input_shape: Shape) -> None:
        """Make gamma and beta, one of each per channel."""
        where = "GroupNormalization"
        check_one_shape(where, input_shape)
        check_axes(where, self.axis, input_shape)
        channels = input_shape[self.axis]
        if channels is None:
            rule = f"should have a defined dimension in inputs of shape {input_shape}"
            raise ValueError(say(where, "axis", rule, self.axis))
        groups = channels if self.groups == -1 else self.groups
        if channels < groups:
            raise ValueError(
                f"{where}: Number of groups ({groups}) cannot be more than the number of channels "
                f"({channels})."
            )
        if channels % groups:
            raise ValueError(
                f"{where}: the number of channels ({channels}) must be a multiple of the number of "
                f"groups ({groups})"
            )
        self.groups = groups
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: channels})
        self.add_gamma_and_beta((channels,), self.scale, self.center)

    def call(self, inputs: Tensor) -> Tensor:
        """The normalized inputs."""
        x = self._widened(inputs)
        axis, sizes = self.axis % x._data.ndim, list(x._data.shape)
        split = [self.groups, sizes[axis] // self.groups]
        x = ops.reshape(x, [*sizes[:axis], *split, *sizes[axis + 1 :]])
        shape = [split[i - axis] if i in (axis, axis + 1) else 1 for i in range(x._data.ndim)]
        axes = [i for i in range(1, x._data.ndim) if i != axis]
        mean, variance = ops.moments(x, axes, keepdims=True)
        inverse = ops.rsqrt(variance + self.epsilon)
        if self.gamma is not None:
            inverse = inverse * ops.reshape(ops.cast(self.gamma, x.dtype), shape)
        rest = -mean * inverse
        if self.beta is not None:
            rest = rest + ops.reshape(ops.cast(self.beta, x.dtype), shape)
        return self._narrowed(ops.reshape(x * inverse + rest, sizes), inputs)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        own = {"groups": self.groups, "axis": self.axis, "epsilon": self.epsilon}
        own |= {"center": self.center, "scale": self.scale}
        return {**super().get_config(), **own, **self._parts_config()}
