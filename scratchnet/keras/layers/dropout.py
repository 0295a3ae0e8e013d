"""Dropout."""

from __future__ import annotations

from typing import Any

from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import Shape, standardize_data_format
from scratchnet.keras.layers.input_spec import InputSpec
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.random import SeedGenerator, dropout


class Dropout(Layer):
    """In training, drops each value with probability `rate` and scales the rest.

        y = x / (1 - rate) where u >= rate, else 0;   u uniform in [0, 1)

    The mask is a function of the layer's seed and of how many training calls it has seen: call t
    uses the seed pair (seed, t).

    Args:
        rate: the fraction to drop, in [0, 1].
        noise_shape: the shape of the mask, broadcast to that of the input; None entries are taken
            from it.
        seed: an integer, which makes the masks repeatable.
        **kwargs: of `Layer`.

    Raises:
        ValueError: `rate` out of range, a `noise_shape` that is no shape.

    Reference: ``keras.layers.Dropout``; Srivastava et al. 2014,
    jmlr.org/papers/v15/srivastava14a.html.

    >>> import scratchnet as tf
    >>> layer = Dropout(0.5, seed=7)
    >>> layer(tf.ones((1, 3))).numpy()
    array([[1., 1., 1.]], dtype=float32)
    """

    supports_masking = True

    def __init__(
        self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if not isinstance(rate, int | float) or not 0 <= rate <= 1:
            raise ValueError(say("Dropout", "rate", "must be a number in [0, 1]", rate))
        self.rate, self.seed = rate, seed
        self.noise_shape = _checked_noise_shape(noise_shape)
        if rate > 0:
            self.seed_generator = SeedGenerator(seed)
        self._build_at_init()

    def call(self, inputs: Tensor, training: bool | None = False) -> Tensor:
        """The inputs, some of them dropped if `training`."""
        if not training or self.rate == 0:
            return inputs
        return dropout(inputs, self.rate, self.noise_shape, self.seed_generator)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        own = {"rate": self.rate, "seed": self.seed, "noise_shape": self.noise_shape}
        return {**super().get_config(), **own}


class _SpatialDropout(Dropout):
    """Dropout of whole channels: the mask is the same at all places of a sample."""

    def __init__(self, rate: float, seed: int | None, name: str | None, dtype: Any) -> None:
        super().__init__(rate, seed=seed, name=name, dtype=dtype)

    def call(self, inputs: Tensor, training: bool | None = False) -> Tensor:
        """The inputs, some channels of them dropped if `training`."""
        if not training or self.rate == 0:
            return inputs
        shape = self._mask_shape(inputs._data.shape)
        return dropout(inputs, self.rate, shape, self.seed_generator)

    def _mask_shape(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {"rate": self.rate, "seed": self.seed, "name": self.name, "dtype": self.dtype}


class SpatialDropout1D(_SpatialDropout):
    """In training, drops whole channels of sequences (``keras.layers.SpatialDropout1D``).

    Args:
        rate: the fraction to drop, in [0, 1].
        seed: an integer, which makes the masks repeatable.
        name, dtype: of `Layer`.

    Inputs (N, steps, C).

    Raises:
        ValueError: `rate` out of range; inputs of another rank.

    Reference: Tompson et al. 2014, arXiv:1411.4280.

    >>> import scratchnet as tf
    >>> SpatialDropout1D(0.5, seed=7)(tf.ones((1, 2, 4)), training=True).numpy()
    array([[[2., 2., 0., 2.],
            [2., 2., 0., 2.]]], dtype=float32)
    """

    def __init__(
        self, rate: float, seed: int | None = None, name: str | None = None, dtype: Any = None
    ) -> None:
        super().__init__(rate, seed, name, dtype)
        self.input_spec = InputSpec(ndim=3)

    def _mask_shape(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        return (sizes[0], 1, sizes[2])


class SpatialDropout2D(_SpatialDropout):
    """In training, drops whole channels of images (``keras.layers.SpatialDropout2D``).

    Args:
        rate: the fraction to drop, in [0, 1].
        data_format: ``"channels_last"``: (N, H, W, C); or ``"channels_first"``: (N, C, H, W).
        seed: an integer, which makes the masks repeatable.
        name, dtype: of `Layer`.

    Raises:
        ValueError: `rate` out of range; inputs of another rank.

    Reference: Tompson et al. 2014, arXiv:1411.4280.

    >>> import scratchnet as tf
    >>> SpatialDropout2D(0.5, seed=7)(tf.ones((1, 1, 2, 4)), training=True).numpy()
    array([[[[2., 2., 0., 2.],
             [2., 2., 0., 2.]]]], dtype=float32)
    """

    def __init__(
        self,
        rate: float,
        data_format: str | None = None,
        seed: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(rate, seed, name, dtype)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=4)

    def _mask_shape(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        if self.data_format == "channels_first":
            return (*sizes[:2], 1, 1)
        return (sizes[0], 1, 1, sizes[3])

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {**super().get_config(), "data_format": self.data_format}


def _checked_noise_shape(noise_shape: Any) -> Any:
    if noise_shape is None:
        return None
    sizes = noise_shape if isinstance(noise_shape, list | tuple) else [0]
    if any(size is not None and (not isinstance(size, int) or size <= 0) for size in sizes):
        raise ValueError(
            say("Dropout", "noise_shape", "must hold positive integers and None", noise_shape)
        )
    return tuple(noise_shape)
