"""Single images, by their older names (``tf.keras.preprocessing.image``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scratchnet.keras.utils.image_files import array_to_img, img_to_array, load_img, save_img
from scratchnet.keras.utils.smart_resize import smart_resize
from scratchnet.unsupported import listed, missing

__all__ = ["array_to_img", "img_to_array", "load_img", "save_img", "smart_resize"]

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.preprocessing.image")
    __dir__ = listed(__name__)
