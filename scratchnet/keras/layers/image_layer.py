"""What the layers that prepare images share: one image or many, alone or with labels and masks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor, convert
from scratchnet.keras import random
from scratchnet.keras.config import Shape, standardize_data_format
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.arguments import check_one_tensor, on_channels_last
from scratchnet.keras.layers.layer import Layer
from scratchnet.ops.random_seeds import in_traced_function


class ImageLayer(Layer):
    """A layer that makes images of images.

    It is called on images (N, H, W, C), on one of rank 3, or on a dict of ``"images"`` and, if
    there are, ``"labels"``, which stay as they are, and ``"segmentation_masks"``, which move with
    the images.  Numbers of any dtype, lists too; the outputs have the dtype of the layer, or, where
    `_keeps_integers`, that of the images.

    Subclasses override `_drawn`, what the call draws, and `_transform`, which uses it.

    Args:
        data_format: ``"channels_last"`` or ``"channels_first"``.
        **kwargs: of `Layer`.
    """

    _keeps_integers = False

    def __init__(
        self, data_format: str | None = None, bounding_box_format: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if bounding_box_format is not None:
            rule = "must be None: there are no bounding boxes here"
            name = type(self).__name__
            raise ValueError(say(name, "bounding_box_format", rule, bounding_box_format))
        self.data_format = standardize_data_format(data_format)

    def __call__(self, inputs: Any, **kwargs: Any) -> Any:
        """As of `Layer`, on numbers and lists of them too."""
        if isinstance(inputs, dict):
            inputs = {k: _as_tensor(x) if k != "bounding_boxes" else x for k, x in inputs.items()}
        else:
            inputs = _as_tensor(inputs)
        if in_traced_function():  # in a pipeline Keras makes floating ones of all
            inputs = _map_values(self._as_floating, inputs)
        return super().__call__(inputs, **kwargs)

    def _symbolic_call(self, *args: Any, **kwargs: Any) -> Any:
        # In a model that is called without `training` it is True, as Keras's files have it.
        return super()._symbolic_call(*args, **{"training": True, **kwargs})

    def _as_floating(self, x: Any) -> Any:
        return x if isinstance(x, KerasTensor) else ops.cast(x, self.compute_dtype)

    def call(self, data: Any, training: bool = True) -> Any:
        """The images, changed.

        Args:
            data: images, or a dict.
            training: whether they are changed at random.
        """
        if isinstance(data, dict) and "images" not in data:
            raise ValueError(say(type(self).__name__, "data", "must hold 'images'", data))
        images = data["images"] if isinstance(data, dict) else data
        check_one_tensor(type(self).__name__, images)
        shape = images._data.shape
        if len(shape) not in (3, 4):
            raise ValueError(
                "Expected image tensor to have rank 3 (single image) or 4 (batch of images). "
                f"Received: data.shape={shape}"
            )
        if isinstance(data, dict) and "bounding_boxes" in data:
            raise ValueError(
                f"{type(self).__name__}: there are no bounding boxes here: take 'bounding_boxes' "
                "out of the dict"
            )
        sizes = shape[-2:] if self.data_format == "channels_first" else shape[-3:-1]
        drawn = self._drawn(shape[0] if len(shape) == 4 else 1, sizes, training)
        found = self._changed(images, drawn, training, masks=False)
        if not isinstance(data, dict):
            return found
        moved = {"images": found}
        if "segmentation_masks" in data:
            masks = data["segmentation_masks"]
            moved["segmentation_masks"] = self._changed(masks, drawn, training, masks=True)
        return {**data, **moved}

    def _changed(self, images: Tensor, drawn: Any, training: bool, masks: bool) -> Tensor:
        single = images._data.ndim == 3
        batch = ops.expand_dims(images, 0) if single else images
        if not self._keeps_integers:
            batch = ops.cast(batch, self.compute_dtype)

        def change(x: Tensor) -> Tensor:
            return self._transform(x, drawn, training, masks)

        batch = on_channels_last(change, batch, self.data_format)
        return ops.squeeze(batch, 0) if single else batch

    def _drawn(self, count: int, sizes: Any, training: bool) -> Any:
        """What is drawn for `count` images of `sizes`, (H, W)."""
        return None

    def _transform(self, images: Tensor, drawn: Any, training: bool, masks: bool) -> Tensor:
        """(N, H, W, C) images, or masks, changed."""
        raise NotImplementedError

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the input."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {**super().get_config(), "data_format": self.data_format}


def _as_tensor(x: Any) -> Any:
    return convert(x) if isinstance(x, bool | int | float | list | tuple) else x


def _map_values(function: Callable[[Any], Any], data: Any) -> Any:
    if isinstance(data, dict):
        return {name: function(part) for name, part in data.items()}
    return function(data)


class SizedImageLayer(ImageLayer):
    """A layer whose images have the sizes `height` and `width`."""

    def __init__(self, height: int, width: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name, size in (("height", height), ("width", width)):
            whole = isinstance(size, int | np.integer) and not isinstance(size, bool)
            if not whole or size < 1:
                raise ValueError(say(type(self).__name__, name, "must be a positive integer", size))
        self.height, self.width = int(height), int(width)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the input, with other sizes."""
        if len(input_shape) not in (3, 4) or isinstance(input_shape[0], list | tuple):
            raise ValueError(
                "`input_shape` must be a non-nested tuple or list of rank-1 with size 3 "
                f"(unbatched) or 4 (batched). Received: {input_shape}"
            )
        sizes = list(input_shape)
        at = -2 if self.data_format == "channels_first" else -3
        sizes[at], sizes[at + 1] = self.height, self.width
        return tuple(sizes)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {**super().get_config(), "height": self.height, "width": self.width}


class RandomImageLayer(ImageLayer):
    """A layer that draws: call t uses the seed pair (seed, t), as of `Dropout`."""

    def __init__(self, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed = seed
        self.generator = random.SeedGenerator(seed)

    def _uniform(self, shape: Any, low: float = 0.0, high: float = 1.0, dtype: Any = None) -> Any:
        return random.uniform(shape, low, high, dtype, self.generator)._data

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {**super().get_config(), "seed": self.seed}


def factor_range(
    where: str, name: str, factor: Any, least: float, most: float, open_below: bool = False
) -> tuple[float, float]:
    """(lower, upper) of `factor`: two numbers, or one, for both signs of it.

    Raises:
        ValueError: something else, or out of [least, most].
    """
    bounds = f"{'(' if open_below else '['}{least}, {most}]"
    rule = f"must be a number (or a list of two numbers) in the range {bounds}"
    parts = factor if isinstance(factor, list | tuple) else [factor]
    if len(parts) not in (1, 2) or not all(isinstance(part, int | float) for part in parts):
        raise ValueError(say(where, name, rule, factor))
    if any(not least <= part <= most or (open_below and part == least) for part in parts):
        raise ValueError(say(where, name, rule, factor))
    if isinstance(factor, list | tuple):
        if len(factor) != 2:
            raise ValueError(say(where, name, rule, factor))
        low, high = sorted(factor)
        return low, high
    return max(-abs(factor), least), abs(factor)
