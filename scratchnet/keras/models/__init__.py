"""The models, by Keras's names."""

from scratchnet.keras.models.model import Model
from scratchnet.keras.models.sequential import Sequential

__all__ = ["Model", "Sequential"]
