"""The models, by Keras's names."""

from scratchnet.keras.models.cloning import clone_model
from scratchnet.keras.models.model import Model
from scratchnet.keras.models.sequential import Sequential
from scratchnet.keras.saving.model_file import load_model, model_from_json, save_model
from scratchnet.unsupported import missing

__all__ = [
    "Model",
    "Sequential",
    "clone_model",
    "load_model",
    "model_from_json",
    "save_model",
]

__getattr__ = missing(__name__, "tf.keras.models")
