"""Images changed at random in training: flipped, rotated, zoomed, moved, of other colours.

Every layer draws as Keras's does: from its seed and the number of its training calls.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import check_numbers
from scratchnet.keras.layers.image_layer import RandomImageLayer, factor_range
from scratchnet.keras.layers.image_sampling import FILL_MODES, INTERPOLATIONS, affine_transform

_MODES = ("horizontal", "vertical", "horizontal_and_vertical")


class RandomFlip(RandomImageLayer):
    """In training, flips half of the images (``keras.layers.RandomFlip``).

    Args:
        mode: ``"horizontal"``, ``"vertical"``, or ``"horizontal_and_vertical"``: both at once.
        seed: an integer, which makes the draws repeatable.
        data_format: ``"channels_last"``: (N, H, W, C); or ``"channels_first"``.
        **kwargs: of `Layer`.

    Raises:
        ValueError: another `mode`, which Keras takes without a word, and flips nothing.

    >>> import scratchnet as tf
    >>> RandomFlip("horizontal", seed=1)(tf.constant([[[[1.0], [2.0]]]])).numpy().ravel()
    array([1., 2.], dtype=float32)
    """

    def __init__(
        self,
        mode: str = "horizontal_and_vertical",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, data_format=data_format, **kwargs)
        if not isinstance(mode, str) or mode not in _MODES:
            raise ValueError(say("RandomFlip", "mode", f"must be one of {_MODES}", mode))
        self.mode = mode

    def _drawn(self, count: int, sizes: Any, training: bool) -> Any:
        return self._uniform((count, 1, 1, 1)) <= 0.5 if training else None

    def _transform(self, images: Tensor, drawn: Any, training: bool, masks: bool) -> Tensor:
        if not training:
            return images
        axes = [axis for axis, word in ((2, "horizontal"), (1, "vertical")) if word in self.mode]
        return ops.where(drawn, ops.reverse(images, axes), images)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {**super().get_config(), "mode": self.mode}


class _Moved(RandomImageLayer):
    """Images read at places moved by an affine transformation, drawn for each.

    Args:
        fill_mode: what lies outside: ``"reflect"``, ``"wrap"``, ``"nearest"``, or ``"constant"``,
            `fill_value`.
        interpolation: ``"bilinear"`` or ``"nearest"``.
        seed: an integer, which makes the draws repeatable.
        fill_value: see there.
        data_format: ``"channels_last"``: (N, H, W, C); or ``"channels_first"``.
        **kwargs: of `Layer`.
    """

    def __init__(
        self,
        fill_mode: str,
        interpolation: str,
        seed: int | None,
        fill_value: float,
        data_format: str | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, data_format=data_format, **kwargs)
        if not isinstance(fill_mode, str) or fill_mode not in FILL_MODES:
            raise NotImplementedError(
                f"Unknown `fill_mode` {fill_mode}. Expected of one {FILL_MODES}."
            )
        if not isinstance(interpolation, str) or interpolation not in INTERPOLATIONS:
            raise NotImplementedError(
                f"Unknown `interpolation` {interpolation}. Expected of one {INTERPOLATIONS}."
            )
        check_numbers(type(self).__name__, fill_value=fill_value)
        self.fill_mode, self.interpolation, self.fill_value = fill_mode, interpolation, fill_value

    def _transform(self, images: Tensor, drawn: Any, training: bool, masks: bool) -> Tensor:
        if not training:
            return images
        interpolation = "nearest" if masks and self._masks_are_nearest else self.interpolation
        return affine_transform(images, drawn, interpolation, self.fill_mode, self.fill_value)

    _masks_are_nearest = True

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        names = ("fill_mode", "interpolation", "fill_value")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def _columns(*parts: Any) -> Array:
    """float32 (N, len(parts)): each part, of N numbers or one, as a column."""
    return np.stack(np.broadcast_arrays(*[np.asarray(p, np.float32) for p in parts]), axis=-1)


class RandomRotation(_Moved):
    """In training, rotates each image by an angle of its own (``keras.layers.RandomRotation``).

    Args:
        factor: (lower, upper), or one number for both signs: the angles in turns, counter-clockwise
            ones are positive.
        fill_mode: what lies outside: ``"reflect"``, ``"wrap"``, ``"nearest"``, or ``"constant"``,
            `fill_value`.
        interpolation: ``"bilinear"`` or ``"nearest"``.
        seed: an integer, which makes the draws repeatable.
        fill_value: see there.
        data_format: ``"channels_last"``: (N, H, W, C); or ``"channels_first"``.
        **kwargs: of `Layer`.

    Raises:
        ValueError: a `factor` out of [-1, 1].
        NotImplementedError: another `fill_mode` or `interpolation`.

    >>> import scratchnet as tf
    >>> layer = RandomRotation((0.25, 0.25), seed=1)  # a quarter of a turn
    >>> layer(tf.constant([[[[1.0], [2.0]], [[3.0], [4.0]]]])).numpy().ravel().round(3)
    array([2., 4., 1., 3.], dtype=float32)
    """

    def __init__(
        self,
        factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        self.factor = factor_range(
            "RandomRotation", "factor", 0.0 if factor is None else factor, -1, 1
        )

    def _drawn(self, count: int, sizes: Any, training: bool) -> Any:
        if not training:
            return None
        low, high = (part * 360.0 for part in self.factor)
        angle = self._uniform((count,), low, high) * np.float32(math.pi / 180.0)
        y, x = (np.float32(0.5) * np.float32(n - 1) for n in sizes)  # the middle
        cos, sin = (made(Tensor(angle))._data for made in (ops.cos, ops.sin))
        return _columns(cos, -sin, x - x * cos + y * sin, sin, cos, y - x * sin - y * cos)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {**super().get_config(), "factor": self.factor}


class _MovedByTwo(_Moved):
    """Drawn are two numbers, one for the rows and one for the columns."""

    _open_below = False

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any,
        fill_mode: str,
        interpolation: str,
        seed: int | None,
        fill_value: float,
        data_format: str | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        where, below = type(self).__name__, self._open_below
        self.height_factor, self.width_factor = height_factor, width_factor
        self._height_range = factor_range(where, "height_factor", height_factor, -1, 1, below)
        self._width_range = None
        if width_factor is not None:
            self._width_range = factor_range(where, "width_factor", width_factor, -1, 1, below)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        own = {"height_factor": self.height_factor, "width_factor": self.width_factor}
        return {**super().get_config(), **own}


class RandomZoom(_MovedByTwo):
    """In training, zooms each image (``keras.layers.RandomZoom``).

    Args:
        height_factor, width_factor: (lower, upper), or one number for both signs: how much more is
            seen: 0.2 is 20 % more, -0.2 is 20 % less.  Without `width_factor`, both alike.
        fill_mode: what lies outside: ``"reflect"``, ``"wrap"``, ``"nearest"``, or ``"constant"``,
            `fill_value`.
        interpolation: ``"bilinear"`` or ``"nearest"``.
        seed: an integer, which makes the draws repeatable.
        fill_value: see there.
        data_format: ``"channels_last"``: (N, H, W, C); or ``"channels_first"``.
        **kwargs: of `Layer`.

    Raises:
        ValueError: a factor out of (-1, 1].
        NotImplementedError: another `fill_mode` or `interpolation`.

    >>> import scratchnet as tf
    >>> layer = RandomZoom((-0.5, -0.5), seed=1)
    >>> layer(tf.reshape(tf.range(9.0), (1, 3, 3, 1))).numpy().ravel()
    array([2. , 2.5, 3. , 3.5, 4. , 4.5, 5. , 5.5, 6. ], dtype=float32)
    """

    _open_below = True

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any = None,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        rest = (fill_mode, interpolation, seed, fill_value, data_format)
        super().__init__(height_factor, width_factor, *rest, **kwargs)

    def _drawn(self, count: int, sizes: Any, training: bool) -> Any:
        if not training:
            return None
        both = []
        for bounds in (self._height_range, self._width_range):
            if bounds is not None:
                low, high = bounds
                both.append(self._uniform((count, 1), 1.0 + low, 1.0 + high)[:, 0])
        rows, columns = both[0], both[-1]
        y, x = (np.float32(n - 1) / np.float32(2) for n in sizes)
        return _columns(columns, 0, x * (1 - columns), 0, rows, y * (1 - rows))


class RandomTranslation(_MovedByTwo):
    """In training, moves each image (``keras.layers.RandomTranslation``).

    Args:
        height_factor, width_factor: (lower, upper), or one number for both signs: how far, as a
            share of the size; down and to the right are positive.
        fill_mode: what lies outside: ``"reflect"``, ``"wrap"``, ``"nearest"``, or ``"constant"``,
            `fill_value`.
        interpolation: ``"bilinear"`` or ``"nearest"``.
        seed: an integer, which makes the draws repeatable.
        fill_value: see there.
        data_format: ``"channels_last"``: (N, H, W, C); or ``"channels_first"``.
        **kwargs: of `Layer`.

    Raises:
        ValueError: a factor out of [-1, 1].
        NotImplementedError: another `fill_mode` or `interpolation`.

    >>> import scratchnet as tf
    >>> layer = RandomTranslation(0.0, (0.5, 0.5), fill_mode="constant", seed=1)
    >>> layer(tf.constant([[[[1.0], [2.0], [3.0], [4.0]]]])).numpy().ravel()
    array([0., 0., 1., 2.], dtype=float32)
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        if width_factor is None:
            raise ValueError(say("RandomTranslation", "width_factor", "must be a number", None))
        rest = (fill_mode, interpolation, seed, fill_value, data_format)
        super().__init__(height_factor, width_factor, *rest, **kwargs)

    def _drawn(self, count: int, sizes: Any, training: bool) -> Any:
        if not training:
            return None
        down, right = (
            self._uniform([count, 1], *bounds)[:, 0] * np.float32(n)  # type: ignore[misc]
            for bounds, n in zip((self._height_range, self._width_range), sizes, strict=True)
        )
        return _columns(1, 0, -right, 0, 1, -down)


class _Coloured(RandomImageLayer):
    """Layers that change the values of the pixels: masks stay as they are."""

    def __init__(self, value_range: Any, seed: int | None, **kwargs: Any) -> None:
        super().__init__(seed, **kwargs)
        parts = value_range if isinstance(value_range, list | tuple) else ()
        if len(parts) != 2 or not all(isinstance(part, int | float) for part in parts):
            rule = "must be a list of two numbers"
            raise ValueError(say(type(self).__name__, "value_range", rule, value_range))

    def _clipped(self, images: Tensor, low: float, high: float) -> Tensor:
        kind = images._data.dtype
        if kind.kind in "iu":
            least, most = np.iinfo(kind).min, np.iinfo(kind).max
            low, high = (min(max(bound, least), most) for bound in (low, high))
        return ops.clip_by_value(images, kind.type(low), kind.type(high))


class RandomContrast(_Coloured):
    """In training, changes the contrast of each image (``keras.layers.RandomContrast``).

        y = (x - mean) c + mean,      c uniform in [1 - factor[0], 1 + factor[1])

    The mean is that of a channel of an image.

    Args:
        factor: (lower, upper); one number is (0, factor), as in Keras.
        value_range: the range of the values, to which they are clipped.
        seed: an integer, which makes the draws repeatable.
        **kwargs: of `Layer`, and `data_format`.

    Raises:
        ValueError: a `factor` out of [0, 1]; a `value_range` that is none.

    >>> import scratchnet as tf
    >>> RandomContrast((0, 1), seed=1)(tf.constant([[[[4.0], [8.0]]]])).numpy().ravel().round(2)
    array([2.24, 9.76], dtype=float32)
    """

    def __init__(
        self, factor: Any, value_range: Any = (0, 255), seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(value_range, seed, **kwargs)
        self.factor = factor_range("RandomContrast", "factor", factor, 0, 1)
        self.value_range = value_range

    def _drawn(self, count: int, sizes: Any, training: bool) -> Any:
        if not training:
            return None
        low, high = self.factor
        return self._uniform([count, 1, 1, 1], 1.0 - low, 1.0 + high, self.compute_dtype)

    def _transform(self, images: Tensor, drawn: Any, training: bool, masks: bool) -> Tensor:
        if not training or masks:
            return images
        mean = ops.reduce_mean(ops.reduce_mean(images, 1, keepdims=True), 2, keepdims=True)
        return self._clipped((images - mean) * drawn + mean, *self.value_range)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {**super().get_config(), "factor": self.factor, "value_range": self.value_range}


class RandomBrightness(_Coloured):
    """In training, makes each image brighter or darker (``keras.layers.RandomBrightness``).

        y = x + b (high - low),      b uniform in [factor[0], factor[1])

    Args:
        factor: (lower, upper), or one number for both signs.
        value_range: the range of the values, (low, high), to which they are clipped.
        seed: an integer, which makes the draws repeatable.
        **kwargs: of `Layer`, and `data_format`.

    Integers stay integers, as in Keras: b (high - low) is rounded towards 0.

    Raises:
        ValueError: a `factor` out of [-1, 1]; a `value_range` that is none.

    >>> import scratchnet as tf
    >>> RandomBrightness((0.1, 0.1), (0, 10))(tf.constant([[[[4.0], [9.5]]]])).numpy().ravel()
    array([ 5., 10.], dtype=float32)
    """

    _keeps_integers = True

    def __init__(
        self, factor: Any, value_range: Any = (0, 255), seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(value_range, seed, **kwargs)
        self.factor = factor_range(
            "RandomBrightness", "factor", 0.0 if factor is None else factor, -1, 1
        )
        self.value_range = sorted(value_range)

    def _drawn(self, count: int, sizes: Any, training: bool) -> Any:
        if not training:
            return None
        low, high = self.value_range
        return self._uniform([count, 1, 1, 1], *self.factor) * np.float32(high - low)

    def _transform(self, images: Tensor, drawn: Any, training: bool, masks: bool) -> Tensor:
        if not training or masks:
            return images
        kind = images._data.dtype
        if kind.kind in "iu":  # rounded towards 0; of unsigned ones a negative step wraps around
            drawn = drawn.astype(np.int64)
        return self._clipped(images + drawn.astype(kind), *self.value_range)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {**super().get_config(), "factor": self.factor, "value_range": self.value_range}
