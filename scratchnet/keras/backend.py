"""The settings under their older names, in ``keras.backend``."""

from scratchnet.keras.config import (
    epsilon,
    floatx,
    image_data_format,
    set_epsilon,
    set_floatx,
)
from scratchnet.keras.session import clear_session

__all__ = ["clear_session", "epsilon", "floatx", "image_data_format", "set_epsilon", "set_floatx"]
