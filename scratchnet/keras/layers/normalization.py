"""Normalization: features brought to mean 0 and variance 1 by statistics of the data."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.errors import InvalidArgumentError, say
from scratchnet.engine.tensor import Operators, Tensor, convert
from scratchnet.keras.config import (
    Shape,
    array_of_numbers,
    check_flags,
    check_integers,
    epsilon,
)
from scratchnet.keras.layers.affine_layer import check_axes
from scratchnet.keras.layers.arguments import check_one_shape
from scratchnet.keras.layers.layer import Layer


class Normalization(Layer):
    """``y = (x - mean) / max(√variance, ε)``, ``ε = 1e-7`` (``keras.layers.Normalization``).

    Mean and variance are given, or found by `adapt`, once, before training.

    Args:
        axis: the axes that have a mean and a variance of their own, without None in their sizes;
            None for one mean and variance of all.
        mean, variance: both or none.
        invert: ``y = x max(√variance, ε) + mean`` instead.
        **kwargs: of `Layer`.

    Raises:
        ValueError: one of the two only, shapes of them that do not fit, lists of several lengths,
            an axis that is not there.
        TypeError: a `mean` or `variance` that is no numbers.

    >>> import scratchnet as tf
    >>> layer = Normalization()
    >>> layer.adapt(np.array([[1.0, 10.0], [3.0, 30.0]]))
    >>> layer(tf.constant([[2.0, 30.0]])).numpy()
    array([[0., 1.]], dtype=float32)
    """

    supports_masking = True

    def __init__(
        self,
        axis: Any = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_flags("Normalization", invert=invert)
        axes = () if axis is None else tuple(axis) if isinstance(axis, list | tuple) else (axis,)
        for number in axes:
            check_integers("Normalization", -(2**31), axis=number)
        self.axis: tuple[int, ...] = axes
        self.input_mean, self.input_variance, self.invert = mean, variance, invert
        self.mean: Any = None
        self.variance: Any = None
        if (mean is None) != (variance is None):
            raise ValueError(
                "Normalization: both `mean` and `variance` must be set, or none, received "
                f"mean={mean} and variance={variance}"
            )
        if mean is None:
            return
        shape = array_of_numbers("Normalization", "mean", mean).shape
        other = array_of_numbers("Normalization", "variance", variance).shape
        if shape != other:
            raise ValueError(
                "Normalization: `mean` and `variance` must have the same shape, received "
                f"{shape} and {other}"
            )
        if len(shape) > len(axes):
            rule = f"must have at most as many axes as `axis`, {axes}"
            raise ValueError(say("Normalization", "mean", rule, mean))

    def __call__(self, inputs: Any, **kwargs: Any) -> Any:
        """As of `Layer`, on numbers and lists of them too."""
        if isinstance(inputs, bool | int | float | list | tuple):
            inputs = ops.convert_to_tensor(inputs)
        return super().__call__(inputs, **kwargs)

    def build(self, input_shape: Shape) -> None:
        """Make mean, variance and count, if they are not given."""
        check_one_shape("Normalization", input_shape)
        rank = len(input_shape)
        check_axes("Normalization", self.axis, input_shape)
        self._kept = sorted(axis % rank for axis in self.axis)
        if len(set(self._kept)) < len(self._kept):
            raise ValueError(say("Normalization", "axis", "must not name an axis twice", self.axis))
        for axis in self._kept:
            if input_shape[axis] is None:
                rule = f"must be of known size in inputs of shape {input_shape}"
                raise ValueError(say("Normalization", "axis", rule, self.axis))
        self._broadcast = [input_shape[i] or 0 if i in self._kept else 1 for i in range(rank)]
        self._reduced = tuple(i for i in range(rank) if i not in self._kept)
        if self.input_mean is None:
            shape = tuple(input_shape[axis] for axis in self._kept)
            self.adapt_mean = self.add_weight(shape, "zeros", trainable=False, name="mean")
            self.adapt_variance = self.add_weight(shape, "ones", trainable=False, name="variance")
            self.count = self.add_weight((), "zeros", "int64", trainable=False, name="count")
            self.finalize_state()
            return
        self.mean = self._given("mean", convert(self.input_mean))
        self.variance = self._given("variance", convert(self.input_variance))

    def _given(self, name: str, value: Tensor) -> Tensor:
        array, shape = value._data, [1] * len(self._broadcast)
        for i in range(1, array.ndim + 1):
            shape[self._kept[-i]] = array.shape[-i]
            if array.shape[-i] not in (1, self._broadcast[self._kept[-i]]):
                sizes = tuple(self._broadcast[axis] for axis in self._kept)
                rule = f"must be of shape {sizes}, the sizes of `axis`"
                raise InvalidArgumentError(say("Normalization", name, rule, array))
        wide = ops.broadcast_to(ops.reshape(value, shape), self._broadcast)
        return ops.cast(wide, self.compute_dtype)

    def adapt(self, data: Any) -> None:
        """Take mean and variance from `data`, instead of those before.

        Args:
            data: an array, a tensor, a `tf.data.Dataset`, or batches that can be iterated over; of
                a tuple the first part is taken.

        Raises:
            ValueError: no batch, or shapes that do not fit those that the layer was built for.
            TypeError: something else.
        """
        if isinstance(data, np.ndarray | Operators):
            array = array_of_numbers("Normalization.adapt", "data", data)
            self._build_or_check(array.shape)
            mean, variance = np.mean(array, self._reduced), np.var(array, self._reduced)
        else:
            mean, variance = self._of_batches(data)
        self.adapt_mean.assign(np.asarray(mean, self.adapt_mean.dtype))
        self.adapt_variance.assign(np.asarray(variance, self.adapt_variance.dtype))
        self.finalize_state()

    def _build_or_check(self, shape: Any) -> None:
        if not self.built:
            self.build(tuple(shape))
        if self.input_mean is not None:
            raise AttributeError("Normalization: `mean` and `variance` were given: nothing adapts")
        for axis in self._kept:
            if len(shape) != len(self._broadcast) or shape[axis] != self._broadcast[axis]:
                raise ValueError(
                    f"Normalization: the layer was built with input_shape={self.build_shape}, but "
                    f"adapt() is being called with data with an incompatible shape, {tuple(shape)}"
                )

    def _of_batches(self, data: Any) -> tuple[Any, Any]:
        """Mean and variance of all batches, brought together one by one."""
        spec = getattr(data, "element_spec", None)
        if spec is not None:
            first_spec = spec[0] if isinstance(spec, tuple) else spec
            if len(first_spec.shape) == 1:
                data = data.batch(128)
        if not hasattr(data, "__iter__"):
            rule = "must be an array, a tensor, a Dataset or batches"
            raise TypeError(say("Normalization.adapt", "data", rule, data))
        batches = (part[0] if isinstance(part, tuple) else part for part in data)
        first = next(batches, None)
        if first is None:
            raise ValueError("Normalization: adapt() received an empty iterable (no batches)")
        if not hasattr(first, "shape"):
            rule = "must hold arrays or tensors"
            raise TypeError(say("Normalization.adapt", "data", rule, first))
        self._build_or_check(tuple(first.shape))
        one = np.dtype(self.compute_dtype).type
        mean = variance = np.zeros(self.adapt_mean._data.shape, self.compute_dtype)
        total = 0
        for part in itertools.chain([first], batches):
            batch = np.asarray(convert(part)._data, self.compute_dtype)
            self._build_or_check(batch.shape)
            count = math.prod(batch.shape[axis] for axis in self._reduced)
            total += count
            weight, rest = one(count / total), one(1.0 - count / total)
            m, v = np.mean(batch, self._reduced), np.var(batch, self._reduced)
            new = mean * rest + m * weight
            variance = (variance + (mean - new) ** 2) * rest + (v + (m - new) ** 2) * weight
            mean = new
        return mean, variance

    def finalize_state(self) -> None:
        """Let `call` use the weights as they are now."""
        if self.input_mean is None:
            self.mean, self.variance = (
                Tensor(np.array(v._data.reshape(self._broadcast), self.compute_dtype))
                for v in (self.adapt_mean, self.adapt_variance)
            )

    def call(self, inputs: Tensor) -> Tensor:
        """The normalized inputs."""
        x = ops.cast(inputs, self.compute_dtype)
        deviation = ops.maximum(ops.sqrt(self.variance), ops.cast(epsilon(), self.compute_dtype))
        if self.invert:
            return x * deviation + self.mean  # type: ignore[no-any-return]
        return (x - self.mean) / deviation  # type: ignore[no-any-return]

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        given = {"mean": self.input_mean, "variance": self.input_variance}
        plain = {name: np.array(value).tolist() for name, value in given.items()}
        return {**super().get_config(), "axis": self.axis, "invert": self.invert, **plain}

    def load_own_variables(self, store: dict[str, Any]) -> None:
        """As of `Layer`; the loaded statistics are used from then on."""
        super().load_own_variables(store)
        self.finalize_state()
