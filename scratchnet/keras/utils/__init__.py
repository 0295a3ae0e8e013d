"""Helpers, by Keras's names."""

from typing import TYPE_CHECKING

from scratchnet.keras.configs.registration import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from scratchnet.keras.configs.serialization import deserialize_keras_object, serialize_keras_object
from scratchnet.keras.random import set_random_seed
from scratchnet.keras.session import clear_session
from scratchnet.keras.utils.batch_parts import (
    pack_x_y_sample_weight,
    unpack_x_y_sample_weight,
)
from scratchnet.keras.utils.get_file import get_file
from scratchnet.keras.utils.image_dataset import image_dataset_from_directory
from scratchnet.keras.utils.image_files import array_to_img, img_to_array, load_img, save_img
from scratchnet.keras.utils.numerical import normalize, to_categorical
from scratchnet.keras.utils.plot_model import model_to_dot, plot_model
from scratchnet.keras.utils.progbar import Progbar
from scratchnet.keras.utils.py_dataset import PyDataset
from scratchnet.keras.utils.sequences import pad_sequences
from scratchnet.keras.utils.timeseries_dataset import timeseries_dataset_from_array
from scratchnet.unsupported import listed, missing

Sequence = PyDataset  # as it was called in Keras 2

__all__ = [
    "CustomObjectScope",
    "Progbar",
    "PyDataset",
    "Sequence",
    "array_to_img",
    "clear_session",
    "custom_object_scope",
    "deserialize_keras_object",
    "get_custom_objects",
    "get_file",
    "get_registered_name",
    "get_registered_object",
    "image_dataset_from_directory",
    "img_to_array",
    "load_img",
    "model_to_dot",
    "normalize",
    "pack_x_y_sample_weight",
    "pad_sequences",
    "plot_model",
    "register_keras_serializable",
    "save_img",
    "serialize_keras_object",
    "set_random_seed",
    "timeseries_dataset_from_array",
    "to_categorical",
    "unpack_x_y_sample_weight",
]

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.utils")
    __dir__ = listed(__name__)
