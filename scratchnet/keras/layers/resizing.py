"""Resizing, CenterCrop and RandomCrop: images of another size."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import check_flags, check_numbers, standardize_data_format
from scratchnet.keras.layers.image_layer import RandomImageLayer, SizedImageLayer
from scratchnet.keras.layers.image_sampling import centered_crop, checked_interpolation, resize
from scratchnet.keras.random import make_default_seed

_ELSEWHERE = ("bicubic", "lanczos3", "lanczos5", "area")


class Resizing(SizedImageLayer):
    """Images resized to `height` and `width` (``keras.layers.Resizing``).

    Args:
        height, width: the new sizes.
        interpolation: ``"bilinear"`` or ``"nearest"``.
        crop_to_aspect_ratio: take the middle part whose sides are as those of the output.
        pad_to_aspect_ratio: pad to sides as those of the output.
        fill_mode: ``"constant"``.
        fill_value: what is padded with.
        antialias: must be False.
        data_format: ``"channels_last"``: (N, H, W, C); or ``"channels_first"``.
        **kwargs: of `Layer`.

    Integers keep their dtype, and are rounded.

    Raises:
        ValueError: sizes that are no positive integers; an `interpolation` or `fill_mode` that
            Keras does not know; both to crop and to pad.
        NotImplementedError: an `interpolation` that Keras has besides these two; `antialias`.

    >>> import scratchnet as tf
    >>> Resizing(1, 4)(tf.constant([[[[1.0], [5.0]]]])).numpy().ravel()
    array([1., 2., 4., 5.], dtype=float32)
    """

    _keeps_integers = True

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(height, width, data_format=data_format, **kwargs)
        checked_interpolation("Resizing", interpolation, _ELSEWHERE)
        check_flags("Resizing", crop_to_aspect_ratio=crop_to_aspect_ratio)
        check_flags("Resizing", pad_to_aspect_ratio=pad_to_aspect_ratio, antialias=antialias)
        check_numbers("Resizing", fill_value=fill_value)
        if not isinstance(fill_mode, str) or fill_mode != "constant":
            raise ValueError(say("Resizing", "fill_mode", "must be 'constant'", fill_mode))
        if crop_to_aspect_ratio and pad_to_aspect_ratio:
            raise ValueError(
                "Resizing: Only one of `pad_to_aspect_ratio` & `crop_to_aspect_ratio` can be `True`"
            )
        if antialias:
            raise NotImplementedError(say("Resizing", "antialias", "must be False here", antialias))
        self.interpolation = interpolation
        self.crop_to_aspect_ratio = crop_to_aspect_ratio
        self.pad_to_aspect_ratio = pad_to_aspect_ratio
        self.fill_mode, self.fill_value, self.antialias = fill_mode, fill_value, bool(antialias)

    def _transform(self, images: Tensor, drawn: Any, training: bool, masks: bool) -> Tensor:
        size, kind = (self.height, self.width), images._data.dtype
        x = images
        if self.crop_to_aspect_ratio:
            x = centered_crop(x, size)
        elif self.pad_to_aspect_ratio:
            x = self._padded(x)
        x = resize(x, size, "nearest" if masks else self.interpolation.lower())
        if x._data.dtype == kind:
            return x
        if kind.kind in "iu":
            limits = np.iinfo(kind)
            x = ops.clip_by_value(ops.round(x), float(limits.min), float(limits.max))
        return ops.cast(x, kind)

    def _padded(self, x: Tensor) -> Tensor:
        height, width = x._data.shape[1:3]
        rows = max(height, int(np.float32(width * self.height) / np.float32(self.width)))
        columns = max(width, int(np.float32(height * self.width) / np.float32(self.height)))
        top, left = (rows - height) // 2, (columns - width) // 2
        paddings = [[0, 0], [top, top], [left, left], [0, 0]]
        return ops.pad(x, paddings, constant_values=np.asarray(self.fill_value, x._data.dtype))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        names = (
            *("interpolation", "crop_to_aspect_ratio", "pad_to_aspect_ratio"),
            *("fill_mode", "fill_value", "antialias"),
        )
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


class CenterCrop(SizedImageLayer):
    """The middle of images (``keras.layers.CenterCrop``).

    Where an image is smaller, the largest part in its middle with such sides is resized.

    Args:
        height, width: the new sizes.
        data_format: ``"channels_last"``: (N, H, W, C); or ``"channels_first"``.
        **kwargs: of `Layer`.

    Raises:
        ValueError: sizes that are no positive integers; inputs of another rank than 3 or 4.

    >>> import scratchnet as tf
    >>> CenterCrop(1, 2)(tf.reshape(tf.range(8.0), (1, 2, 4, 1))).numpy().ravel()
    array([1., 2.], dtype=float32)
    """

    def __init__(
        self, height: int, width: int, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(height, width, data_format=data_format, **kwargs)

    def _transform(self, images: Tensor, drawn: Any, training: bool, masks: bool) -> Tensor:
        height, width = images._data.shape[1:3]
        top, left = (height - self.height) // 2, (width - self.width) // 2
        if top >= 0 and left >= 0:
            return images[:, top : top + self.height, left : left + self.width]
        size = (self.height, self.width)
        return resize(centered_crop(images, size), size, "bilinear")  # float32, as in Keras


class RandomCrop(SizedImageLayer, RandomImageLayer):
    """In training, a part of the images at a place drawn for all of a batch.

    Where an image is not larger, the part is from the middle, resized if it is too small.

    Args:
        height, width: the new sizes.
        seed: an integer, which makes the places repeatable.
        data_format: ``"channels_last"``: (N, H, W, C); or ``"channels_first"``.
        **kwargs: of `Layer`.

    Outside of training the images stay as they are, as in Keras.

    Raises:
        ValueError: sizes that are no positive integers; inputs of another rank than 3 or 4.

    Reference: ``keras.layers.RandomCrop``.

    >>> import scratchnet as tf
    >>> x = tf.reshape(tf.range(12.0), (1, 3, 4, 1))
    >>> RandomCrop(1, 2, seed=3)(x, training=True).numpy().ravel()
    array([1., 2.], dtype=float32)
    """

    _keeps_integers = True

    def __init__(
        self,
        height: int,
        width: int,
        seed: int | None = None,
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        own = make_default_seed() if seed is None else seed
        super().__init__(height, width, seed=seed, data_format=data_format, name=name, **kwargs)
        self.seed = own
        self.data_format = standardize_data_format(data_format)

    def _drawn(self, count: int, sizes: Any, training: bool) -> Any:
        height, width = sizes
        if training and height > self.height and width > self.width:
            rows, columns = height - self.height + 1, width - self.width + 1
            top = int(self._uniform((), 0, float(rows)))
            return top, int(self._uniform((), 0, float(columns)))
        rows = max(min(height, int(width * self.height / self.width)), 1)
        columns = max(min(width, int(height * self.width / self.height)), 1)
        return int((height - rows) / 2), int((width - columns) / 2)

    def _transform(self, images: Tensor, drawn: Any, training: bool, masks: bool) -> Tensor:
        if not training:
            return images
        top, left = drawn
        part = ops.cast(images, self.compute_dtype)[
            :, top : top + self.height, left : left + self.width
        ]
        size = (self.height, self.width)
        return ops.cast(resize(part, size, "bilinear"), self.compute_dtype)
