"""The older names of what prepares data; `scratchnet.keras.utils` has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scratchnet.keras.preprocessing import image as image
from scratchnet.keras.preprocessing import sequence as sequence
from scratchnet.keras.utils.image_dataset import image_dataset_from_directory
from scratchnet.keras.utils.timeseries_dataset import timeseries_dataset_from_array
from scratchnet.unsupported import listed, missing

__all__ = ["image", "image_dataset_from_directory", "sequence", "timeseries_dataset_from_array"]

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.preprocessing")
    __dir__ = listed(__name__)
