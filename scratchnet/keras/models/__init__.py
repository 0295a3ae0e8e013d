"""The models, by Keras's names."""

from typing import TYPE_CHECKING

from scratchnet.keras.models.cloning import clone_model
from scratchnet.keras.models.model import Model
from scratchnet.keras.models.sequential import Sequential
from scratchnet.keras.saving.model_file import load_model, model_from_json, save_model
from scratchnet.unsupported import listed, missing

__all__ = [
    "Model",
    "Sequential",
    "clone_model",
    "load_model",
    "model_from_json",
    "save_model",
]

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.models")
    __dir__ = listed(__name__)
