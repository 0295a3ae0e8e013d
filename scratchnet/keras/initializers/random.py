"""The random initializers.

RandomNormal, TruncatedNormal, RandomUniform    one distribution, whatever the shape
VarianceScaling, Glorot…, Lecun…, He…           a variance by the shape, so that signals keep their
                                                size from layer to layer
Orthogonal                                      orthonormal columns or rows
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchnet.engine.errors import say
from scratchnet.engine.operators import Operators
from scratchnet.engine.tensor import Tensor
from scratchnet.keras import random
from scratchnet.keras.config import check_numbers, standardize_shape
from scratchnet.keras.configs.serialization import deserialize_keras_object, serialize_keras_object
from scratchnet.keras.initializers.initializer import Initializer
from scratchnet.ops import arguments

_MODES = ("fan_in", "fan_out", "fan_avg")
_DISTRIBUTIONS = ("uniform", "truncated_normal", "untruncated_normal")
# A normal distribution cut off at two standard deviations has this standard deviation.
_TRUNCATED = 0.87962566103423978


class RandomInitializer(Initializer):
    """Base class of those with a `seed`.

    Args:
        seed: an integer or a `SeedGenerator`; drawn if not given.

    Raises:
        ValueError: `seed` is something else.
    """

    def __init__(self, seed: Any = None) -> None:
        self._init_seed = seed
        if seed is None:
            seed = random.make_default_seed()
        elif isinstance(seed, dict):
            seed = deserialize_keras_object(seed)
        if not isinstance(seed, int | random.SeedGenerator):
            raise ValueError(
                "`seed` argument should be an instance of `keras.random.SeedGenerator()` or an "
                f"integer. Received: seed={seed}"
            )
        self.seed = seed

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this initializer again."""
        return {"seed": serialize_keras_object(self._init_seed)}


class RandomNormal(RandomInitializer):
    """Normal numbers (``keras.initializers.RandomNormal``).

    Args:
        mean, stddev: of the distribution.
        seed: an integer or a `SeedGenerator`; drawn if not given.
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        self.mean, self.stddev = mean, stddev
        super().__init__(seed)

    def __call__(self, shape: Any, dtype: object = None) -> Tensor:
        return random.normal(shape, self.mean, self.stddev, dtype, self.seed)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this initializer again."""
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


class TruncatedNormal(RandomNormal):
    """Normal numbers within two `stddev` of `mean` (``keras.initializers.TruncatedNormal``).

    Args: as `RandomNormal`.
    """

    def __call__(self, shape: Any, dtype: object = None) -> Tensor:
        return random.truncated_normal(shape, self.mean, self.stddev, dtype, self.seed)


class RandomUniform(RandomInitializer):
    """Numbers in [minval, maxval) (``keras.initializers.RandomUniform``).

    Args:
        minval, maxval: the bounds.
        seed: an integer or a `SeedGenerator`; drawn if not given.
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Any = None) -> None:
        self.minval, self.maxval = minval, maxval
        super().__init__(seed)

    def __call__(self, shape: Any, dtype: object = None) -> Tensor:
        return random.uniform(shape, self.minval, self.maxval, dtype, self.seed)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this initializer again."""
        return {**super().get_config(), "minval": self.minval, "maxval": self.maxval}


class VarianceScaling(RandomInitializer):
    """Random numbers of variance ``scale / n`` (``keras.initializers.VarianceScaling``).

    Args:
        scale: positive.
        mode: what n is: ``"fan_in"`` (inputs of a unit), ``"fan_out"`` (outputs), ``"fan_avg"``.
        distribution: ``"truncated_normal"``, ``"untruncated_normal"`` or ``"uniform"``.
        seed: an integer or a `SeedGenerator`; drawn if not given.
        input_axes, output_axes: the axes of the weight that count as inputs and outputs, if they
            are not the usual ones: lists of integers, looked at where both are given.

    Raises:
        ValueError: an argument is out of range.
        TypeError: `scale` is no number; axes that are no lists of integers.

    >>> VarianceScaling(distribution="uniform", seed=1)((2, 2)).numpy()
    array([[ 0.9271029 , -0.09802794],
           [ 0.24566245, -0.2630809 ]], dtype=float32)
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: Any = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ) -> None:
        check_numbers(type(self).__name__, scale=scale)
        if isinstance(scale, Operators | np.ndarray):
            scale = np.asarray(scale).item()
        if scale <= 0:
            raise ValueError(f"Argument `scale` must be positive float. Received: scale={scale}")
        if not isinstance(mode, str) or mode not in _MODES:
            raise ValueError(f"Invalid `mode` argument: {mode}. Please use one of {_MODES}")
        shown = distribution.lower() if isinstance(distribution, str) else distribution
        if not isinstance(shown, str) or shown not in (*_DISTRIBUTIONS, "normal"):
            raise ValueError(
                f"Invalid `distribution` argument: {shown}. Please use one of {_DISTRIBUTIONS}"
            )
        self.distribution = "truncated_normal" if shown == "normal" else shown
        self.scale, self.mode = scale, mode
        self.input_axes, self.output_axes = input_axes, output_axes
        super().__init__(seed)

    def __call__(self, shape: Any, dtype: object = None) -> Tensor:
        shape = self.checked(shape)
        fan_in, fan_out = compute_fans(shape, self.input_axes, self.output_axes)
        n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        variance = self.scale / max(1.0, n)
        if self.distribution == "uniform":
            limit = math.sqrt(3 * variance)
            return random.uniform(shape, -limit, limit, dtype, self.seed)
        stddev = math.sqrt(variance)
        if self.distribution == "untruncated_normal":
            return random.normal(shape, 0.0, stddev, dtype, self.seed)
        return random.truncated_normal(shape, 0.0, stddev / _TRUNCATED, dtype, self.seed)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this initializer again."""
        own = {"scale": self.scale, "mode": self.mode, "distribution": self.distribution}
        axes = {"input_axes": self.input_axes, "output_axes": self.output_axes}
        return {**super().get_config(), **own, **axes}


def compute_fans(
    shape: Sequence[int],
    input_axes: Sequence[int] | None = None,
    output_axes: Sequence[int] | None = None,
) -> tuple[int, int]:
    """How many inputs and outputs a unit has, whose weight has that `shape`.

    >>> compute_fans((5,)), compute_fans((3, 4)), compute_fans((3, 3, 16, 32))
    ((5, 5), (3, 4), (144, 288))
    """
    sizes = standardize_shape(shape) if hasattr(shape, "__len__") else (None,)
    if None in sizes:
        raise ValueError(say("initializer", "shape", "must be a sequence of sizes", shape))
    if input_axes is not None and output_axes is not None:
        return _product(shape, "input_axes", input_axes), _product(
            shape, "output_axes", output_axes
        )
    if len(shape) < 2:
        return (math.prod(shape),) * 2
    *window, inputs, outputs = shape  # of a convolution: kh, kw, C, O
    return math.prod(window) * inputs, math.prod(window) * outputs


def _product(shape: Sequence[int], name: str, axes: Any) -> int:
    """The product of the sizes along `axes`, which may hold an axis twice."""
    array = axes._data if isinstance(axes, Operators) else axes
    if not isinstance(array, list | tuple) and not (isinstance(array, np.ndarray) and array.ndim):
        raise TypeError(say("initializer", name, "must be a list of integers", axes))
    found = arguments.ints("initializer", name, axes)
    rank = len(shape)
    return math.prod(
        shape[arguments.one_axis("initializer", name, axis, rank, ValueError)] for axis in found
    )


class _Named(VarianceScaling):
    """A `VarianceScaling` whose first three arguments are fixed."""

    _fixed: tuple[float, str, str]

    def __init__(
        self,
        seed: Any = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ) -> None:
        super().__init__(*self._fixed, seed, input_axes, output_axes)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this initializer again."""
        config = super().get_config()
        return {name: config[name] for name in ("seed", "input_axes", "output_axes")}


class GlorotUniform(_Named):
    """Uniform, variance 1 / fan_avg; the default of kernels (``keras.initializers.GlorotUniform``).

    Reference: Glorot, Bengio 2010, proceedings.mlr.press/v9/glorot10a.html.
    """

    _fixed = (1.0, "fan_avg", "uniform")


class GlorotNormal(_Named):
    """Truncated normal, variance 1 / fan_avg (``keras.initializers.GlorotNormal``)."""

    _fixed = (1.0, "fan_avg", "truncated_normal")


class LecunUniform(_Named):
    """Uniform, variance 1 / fan_in (``keras.initializers.LecunUniform``)."""

    _fixed = (1.0, "fan_in", "uniform")


class LecunNormal(_Named):
    """Truncated normal, variance 1 / fan_in (``keras.initializers.LecunNormal``)."""

    _fixed = (1.0, "fan_in", "truncated_normal")


class HeUniform(_Named):
    """Uniform, variance 2 / fan_in, for layers with relu (``keras.initializers.HeUniform``).

    Reference: He, Zhang, Ren, Sun 2015, arxiv.org/abs/1502.01852.
    """

    _fixed = (2.0, "fan_in", "uniform")


class HeNormal(_Named):
    """Truncated normal, variance 2 / fan_in (``keras.initializers.HeNormal``)."""

    _fixed = (2.0, "fan_in", "truncated_normal")


class Orthogonal(RandomInitializer):
    """Orthonormal columns, or rows if there are fewer (``keras.initializers.Orthogonal``).

    The Q of the QR decomposition of a matrix of normal numbers, its signs chosen so that R has a
    positive diagonal.  A kernel of higher rank is a matrix with one column per output channel.

    Args:
        gain: a factor.
        seed: an integer or a `SeedGenerator`; drawn if not given.

    Raises:
        ValueError: when called with a shape of rank below 2.

    Reference: Saxe, McClelland, Ganguli 2014, arxiv.org/abs/1312.6120.
    """

    def __init__(self, gain: float = 1.0, seed: Any = None) -> None:
        self.gain = gain
        super().__init__(seed)

    def __call__(self, shape: Any, dtype: object = None) -> Tensor:
        shape = self.checked(shape)
        if len(shape) < 2:
            raise ValueError(
                "The tensor to initialize must be at least two-dimensional. Received: "
                f"shape={shape} of rank {len(shape)}."
            )
        rows, columns = math.prod(shape[:-1]), shape[-1]
        sizes = (max(rows, columns), min(rows, columns))
        drawn = random.normal(sizes, dtype=dtype, seed=self.seed)._data
        # NumPy decomposes no float16: that is done in float32, and rounded once.  TensorFlow rounds
        # on the way, too, so that there the last bits differ.
        q, r = np.linalg.qr(drawn.astype(np.promote_types(drawn.dtype, np.float32)))
        q = q * np.sign(np.diag(r))
        q = np.ascontiguousarray(q.T if rows < columns else q, dtype=drawn.dtype)
        return self.gain * Tensor(q.reshape(shape))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this initializer again."""
        return {**super().get_config(), "gain": self.gain}
