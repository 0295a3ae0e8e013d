"""Initializers that draw from one distribution, whatever the shape; and `Orthogonal`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from scratchnet.engine.tensor import Tensor
from scratchnet.keras import random
from scratchnet.keras.configs.serialization import deserialize_keras_object, serialize_keras_object
from scratchnet.keras.initializers.constant import Initializer


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
