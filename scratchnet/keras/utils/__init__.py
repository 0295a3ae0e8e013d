"""Helpers, by Keras's names."""

from scratchnet.keras.random import set_random_seed
from scratchnet.keras.session import clear_session
from scratchnet.keras.utils.numerical import to_categorical
from scratchnet.keras.utils.progbar import Progbar

__all__ = ["Progbar", "clear_session", "set_random_seed", "to_categorical"]
