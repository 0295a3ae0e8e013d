"""BatchNormalization."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.errors import InvalidArgumentError, say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras import constraints, initializers, regularizers
from scratchnet.keras.config import Shape, check_flags, check_scalars, epsilon
from scratchnet.keras.configs.serialization import serialize_keras_object
from scratchnet.keras.layers.arguments import as_floating, check_one_shape
from scratchnet.keras.layers.input_spec import InputSpec
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.variable import Variable
from scratchnet.ops.arguments import brackets

_BOUNDS = ("rmax", "rmin", "dmax")


class BatchNormalization(Layer):
    """Brings each channel to mean 0 and variance 1, then scales and shifts it.

        y = gamma (x - mean) / √(variance + ε) + beta

    In training, mean and variance are those of the batch (the variance divides by the count, it is
    biased), and ``moving = momentum moving + (1 - momentum) of_the_batch`` is kept; otherwise the
    moving ones are used. With ``trainable = False`` the moving ones are always used, and stay.

    With ``renorm`` the training, too, goes by averages over batches, those of mean and standard
    deviation s that `renorm_momentum` moves: ``y = gamma (r n + d) + beta`` for the normalized n,
    ``r = s_of_the_batch / s`` and ``d = (mean_of_the_batch - mean) / s``, both constants to the
    gradient, so that n stays what training needs and y is what inference will see.

    Args:
        axis: the axis of the channels; all others are averaged over.
        momentum: of the moving averages.
        epsilon: ε.
        center, scale: whether there is a beta, a gamma.
        beta_initializer, gamma_initializer, moving_mean_initializer, moving_variance_initializer:
            what they begin with.
        beta_regularizer, gamma_regularizer: penalties, added to the loss.
        beta_constraint, gamma_constraint: applied after each update.
        renorm: whether to correct by the averages of mean and standard deviation in training.
        renorm_clipping: bounds of the correction: a dict with some of ``"rmin"`` and ``"rmax"``, of
            r, and ``"dmax"``, of ``|d|``.
        renorm_momentum: of the averages that correct.
        synchronized: whether the moments are those of the batches of all devices together: here,
            on one device, it changes nothing.
        **kwargs: of `Layer`.

    Raises:
        ValueError: `momentum` outside [0, 1]; `epsilon` below 0; an `axis` that the input lacks;
            a `renorm_clipping` of other keys, or of bounds in the wrong order.
        TypeError: a `renorm_clipping` that is no dict; `renorm` without an initializer of the
            moving variance.

    Reference: ``keras.layers.BatchNormalization``; Ioffe and Szegedy 2015, arXiv:1502.03167; Ioffe
    2017, arXiv:1702.03275 (renorm).

    >>> import scratchnet as tf
    >>> BatchNormalization(epsilon=0.0)(tf.constant([[1.0], [3.0]]), training=True).numpy().ravel()
    array([-1.,  1.], dtype=float32)
    """

    supports_masking = True
    moving_stddev: Variable
    renorm_mean: Variable
    renorm_stddev: Variable

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: dict[str, float] | None = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **kwargs: Any,
    ) -> None:
        check_scalars("BatchNormalization", momentum=momentum, epsilon=epsilon)
        check_scalars("BatchNormalization", renorm_momentum=renorm_momentum)
        check_flags("BatchNormalization", center=center, scale=scale)
        check_flags("BatchNormalization", synchronized=synchronized, renorm=renorm)
        if not 0 <= momentum <= 1:
            raise ValueError(say("BatchNormalization", "momentum", "must be in [0, 1]", momentum))
        if not epsilon >= 0:
            raise ValueError(say("BatchNormalization", "epsilon", "must not be negative", epsilon))
        super().__init__(**kwargs)
        try:
            self.axis = int(axis)
        except (TypeError, ValueError, OverflowError) as error:
            rule, kind = "must be an integer", type(error)
            kind = ValueError if kind is OverflowError else kind
            raise kind(say("BatchNormalization", "axis", rule, axis)) from None
        self.momentum, self.epsilon = float(momentum), float(epsilon)
        self.center, self.scale, self.synchronized = center, scale, synchronized
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        self.renorm, self.renorm_momentum = renorm, renorm_momentum
        self.renorm_clipping = _bounds(renorm_clipping) if renorm else renorm_clipping
        if renorm and self.moving_variance_initializer is None:
            rule = "must be an initializer, where `renorm` is True"
            raise TypeError(say("BatchNormalization", "moving_variance_initializer", rule, None))
        self.gamma: Variable | None = None
        self.beta: Variable | None = None

    def build(self, input_shape: Shape) -> None:
        """Make gamma, beta and the moving statistics, one of each per channel.

        With `renorm` they are four more: the moving standard deviation, of which the moving
        variance is made, and the averages that correct.
        """
        check_one_shape("BatchNormalization", input_shape)
        shape = (self.compute_output_shape(input_shape)[self.axis],)
        rules: dict[str, Any]
        if self.scale:
            rules = {"regularizer": self.gamma_regularizer, "constraint": self.gamma_constraint}
            self.gamma = self.add_weight(shape, self.gamma_initializer, name="gamma", **rules)
        if self.center:
            rules = {"regularizer": self.beta_regularizer, "constraint": self.beta_constraint}
            self.beta = self.add_weight(shape, self.beta_initializer, name="beta", **rules)
        self.moving_mean = self.add_weight(
            shape, self.moving_mean_initializer, trainable=False, name="moving_mean"
        )
        self.moving_variance = self.add_weight(
            shape, self.moving_variance_initializer, trainable=False, name="moving_variance"
        )
        if self.renorm:
            self._add_renorm_statistics(shape)
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: shape[0]})

    def _add_renorm_statistics(self, shape: tuple[int | None, ...]) -> None:
        variance: Any = self.moving_variance_initializer

        def stddev(shape: Any, dtype: Any = None) -> Tensor:
            return ops.sqrt(variance(shape, dtype=dtype))

        begin = {"moving_stddev": stddev, "renorm_mean": self.moving_mean_initializer}
        begin["renorm_stddev"] = stddev
        for name, initializer in begin.items():
            setattr(self, name, self.add_weight(shape, initializer, trainable=False, name=name))

    def call(self, inputs: Tensor, training: bool | None = None, mask: Any = None) -> Tensor:
        """The normalized inputs; in training the moving statistics move.

        Args:
            inputs: at least two axes.
            training: whether to normalize by the moments of `inputs`, and to move the statistics.
            mask: of the shape of `inputs` without the last axis: the moments are of what is True.
        """
        return self._normalized(inputs, training, mask)

    def _normalized(
        self,
        inputs: Tensor,
        training: bool | None,
        mask: Any = None,
        activation: str | None = None,
        side_input: Tensor | None = None,
    ) -> Tensor:
        """What `call` returns, after "relu" if that is the `activation`.

        With a `side_input`, in training on the last axis: relu of that and what `call` returns.
        """
        if mask is not None:
            mask = ops.cast(mask, bool)
            if mask._data.ndim != inputs._data.ndim - 1:
                raise ValueError(
                    "BatchNormalization: `mask` should be one dimension less than the inputs, "
                    f"received mask.shape={mask.shape}, inputs.shape={inputs.shape}"
                )
        inputs = as_floating("BatchNormalization", inputs, self.compute_dtype)
        kind = inputs._data.dtype
        if kind == np.float16:  # whose range is too small for the statistics
            inputs = ops.cast(inputs, np.float32)
        rank = inputs._data.ndim
        axis = self.axis % rank
        training = bool(training and self.trainable)
        if axis == rank - 1 and not (training and (mask is not None or self.renorm)):
            outputs = self._fused(inputs, training, activation, side_input)
        else:
            outputs = self._composed(inputs, training, mask, axis)
            outputs = ops.relu(outputs) if activation == "relu" else outputs
        return outputs if outputs._data.dtype == kind else ops.cast(outputs, kind)

    def _fused(
        self, x: Tensor, training: bool, activation: str | None, side_input: Tensor | None
    ) -> Tensor:
        """The channels come last, and no mask hides any of `x`."""
        dtype, channels = x._data.dtype, x._data.shape[-1:]
        scale = Tensor(np.ones(channels, dtype)) if self.gamma is None else self.gamma
        offset = Tensor(np.zeros(channels, dtype)) if self.beta is None else self.beta
        how: dict[str, Any] = {"epsilon": self.epsilon, "activation": activation}
        if training:
            parts = [_of_dtype(part, dtype) for part in (scale, offset)]
            if side_input is None:
                y, mean, variance = ops.fused_batch_norm(x, *parts, **how)
            else:
                y, mean, variance = ops.fused_batch_norm_add_relu(
                    x, side_input, parts[0], parts[1], self.epsilon
                )
            self._update_moving_average(self.moving_mean, mean)
            self._update_moving_average(self.moving_variance, variance)
            return y
        moving = self.moving_mean.read_value(), self.moving_variance.read_value()
        parts = [_of_dtype(part, dtype) for part in (scale, offset, *moving)]
        how["is_training"] = False
        return ops.fused_batch_norm(x, *parts, **how)[0]

    def _composed(self, x: Tensor, training: bool, mask: Any, axis: int) -> Tensor:
        """The dense fallback: with a mask, or the channels on another `axis`."""
        rank = x._data.ndim
        offset, scale = (_of_dtype(part, x._data.dtype) for part in (self.beta, self.gamma))
        if training:
            axes = [i for i in range(rank) if i != axis]
            mean, variance = (
                ops.moments(x, axes) if mask is None else _masked_moments(x, mask, axes)
            )
            if self.renorm:
                scale, offset = self._renormed(mean, variance, scale, offset)
                self._update_renorm_statistics(mean, variance)
            else:
                self._update_moving_average(self.moving_mean, mean)
                self._update_moving_average(self.moving_variance, variance)
        else:
            mean, variance = self.moving_mean.read_value(), self.moving_variance.read_value()
        shape = None if axis == rank - 1 else [-1 if i == axis else 1 for i in range(rank)]
        parts = [_of_dtype(p, x._data.dtype) for p in (mean, variance, offset, scale)]
        mean, variance, offset, scale = [_broadcastable(part, shape) for part in parts]
        return ops.batch_normalization(
            x, mean, variance, offset, scale, variance_epsilon=self.epsilon
        )

    def _renormed(self, mean: Tensor, variance: Tensor, scale: Any, offset: Any) -> tuple[Any, Any]:
        """gamma r and ``gamma d + beta``, which take the places of gamma and beta."""
        least = ops.sqrt(ops.cast(self.epsilon, mean.dtype))
        stddev = ops.maximum(_of_dtype(self.renorm_stddev, mean._data.dtype), least)
        r = ops.sqrt(variance + self.epsilon) / stddev
        d = (mean - _of_dtype(self.renorm_mean, mean._data.dtype)) / stddev
        rmax, rmin, dmax = [(self.renorm_clipping or {}).get(key) for key in _BOUNDS]
        r = r if rmin is None else ops.maximum(r, rmin)
        r = r if rmax is None else ops.minimum(r, rmax)
        d = d if dmax is None else ops.clip_by_value(d, -dmax, dmax)
        r, d = ops.stop_gradient(r), ops.stop_gradient(d)
        if scale is not None:
            r, d = r * scale, d * scale
        return r, d if offset is None else d + offset

    def _update_renorm_statistics(self, mean: Tensor, variance: Tensor) -> None:
        stddev = ops.sqrt(variance + self.epsilon)
        self._update_moving_average(self.renorm_mean, mean, self.renorm_momentum)
        self._update_moving_average(self.renorm_stddev, stddev, self.renorm_momentum)
        self._update_moving_average(self.moving_mean, mean)
        self._update_moving_average(self.moving_stddev, stddev)
        moved = self.moving_stddev.read_value()  # less than ε where roundings make it so
        self.moving_variance.assign(ops.relu(moved * moved - self.epsilon))

    def _update_moving_average(
        self, moving: Variable, now: Tensor, momentum: float | None = None
    ) -> None:
        """``moving = momentum moving + (1 - momentum) now``; no gradient passes through it."""
        momentum = self.momentum if momentum is None else momentum
        old, new = moving._data, now._data
        keep, take = new.dtype.type(momentum), new.dtype.type(1.0 - momentum)
        mixed = old.astype(new.dtype, copy=False) * keep + new * take
        moving.assign(Tensor(mixed.astype(old.dtype, copy=False)))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the input.

        Raises:
            ValueError: `axis` is none of its axes.
        """
        if not -len(input_shape) <= self.axis < len(input_shape):
            raise ValueError(
                say(
                    "BatchNormalization",
                    "axis",
                    f"must be an axis of the input shape {input_shape}",
                    self.axis,
                )
            )
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        objects = (
            *("beta_initializer", "gamma_initializer"),
            *("moving_mean_initializer", "moving_variance_initializer"),
            *("beta_regularizer", "gamma_regularizer", "beta_constraint", "gamma_constraint"),
        )
        plain = (
            *("axis", "momentum", "epsilon", "center", "scale", "synchronized"),
            *("renorm", "renorm_clipping", "renorm_momentum"),
        )
        return {
            **super().get_config(),
            **{name: getattr(self, name) for name in plain},
            **{name: serialize_keras_object(getattr(self, name)) for name in objects},
        }


def _bounds(clipping: dict[str, float] | None) -> dict[str, float]:
    """`clipping`, which says no more and nothing else than it may.

    Raises:
        TypeError: what is no dict.
        ValueError: other keys than ``"rmax"``, ``"rmin"`` and ``"dmax"``; bounds that none meets.
    """
    if not isinstance(clipping, dict | None):
        raise TypeError(say("BatchNormalization", "renorm_clipping", "must be a dict", clipping))
    bounds = clipping or {}
    rmax, rmin, dmax = (bounds.get(key) for key in _BOUNDS)
    rule = ""
    if set(bounds) - set(_BOUNDS):
        rule = f"must have no other keys than {list(_BOUNDS)}"
    elif rmax is not None and rmin is not None and rmax < rmin:
        rule = "must have an rmax greater than rmin"
    elif dmax is not None and dmax < 0:
        rule = "must have a dmax that is non-negative"
    if rule:
        raise ValueError(say("BatchNormalization", "renorm_clipping", rule, clipping))
    return bounds


def _of_dtype(part: Any, dtype: np.dtype[Any]) -> Any:
    """`part`, a tensor, a variable or None, in float32 if `dtype` is that and it is not."""
    if part is None or dtype != np.float32 or part._data.dtype == dtype:
        return part
    return ops.cast(part, dtype)


def _broadcastable(part: Any, shape: list[int] | None) -> Any:
    """One value per channel, reshaped to broadcast along the channel axis; None stays None."""
    return part if part is None or shape is None else ops.reshape(part, shape)


def _masked_moments(x: Tensor, mask: Tensor, axes: list[int]) -> tuple[Tensor, Tensor]:
    """Mean and variance over `axes` where `mask` is True, divided by their number and epsilon."""
    if any(n not in (1, m) for n, m in zip(mask._data.shape, x._data.shape, strict=False)):
        sizes = brackets((*mask._data.shape, 1)), brackets(x._data.shape)
        raise InvalidArgumentError(
            f"BatchNormalization: `mask` must fit the inputs of shape {x._data.shape}: "
            f"Incompatible shapes: {sizes[0]} vs. {sizes[1]}, received mask.shape="
            f"{mask._data.shape}"
        )
    seen = ops.broadcast_to(ops.expand_dims(mask, -1), x._data.shape)
    count = ops.reduce_sum(ops.cast(seen, x._data.dtype), axes, keepdims=True) + epsilon()
    mean = ops.reduce_sum(ops.where(seen, x, 0), axes, keepdims=True) / count
    deviation = ops.where(seen, x - mean, 0)
    variance = ops.reduce_sum(deviation * deviation, axes) / ops.reshape(count, [-1])
    return ops.reshape(mean, [-1]), variance
