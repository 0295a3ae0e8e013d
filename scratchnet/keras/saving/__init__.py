"""Files of models, and all names of ``keras.saving``.

model_file.py        whole models: ``.keras``               archive.py: the zip file
weights.py           weights only: ``.weights.h5``, ``.npz``
legacy_h5.py         both in ``.h5``, the format of TensorFlow 1 and 2
revival.py           from the config in a file to a model
saved_objects.py     which objects have weights, and their paths in a file
stored_arrays.py     what a file holds for one of them      h5.py, npz.py: the two formats
mismatch_table.py    the error where it does not fit

The config of a model is the matter of `scratchnet.keras.configs`.
"""

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
from scratchnet.keras.saving.model_file import load_model, save_model
from scratchnet.keras.saving.weights import load_weights, save_weights
from scratchnet.unsupported import listed, missing

__all__ = [
    "CustomObjectScope",
    "custom_object_scope",
    "deserialize_keras_object",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "load_model",
    "load_weights",
    "register_keras_serializable",
    "save_model",
    "save_weights",
    "serialize_keras_object",
]

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.saving")
    __dir__ = listed(__name__)
