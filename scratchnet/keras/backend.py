"""The settings under their older names, in ``keras.backend``."""

from typing import TYPE_CHECKING

from scratchnet.keras.config import (
    epsilon,
    floatx,
    image_data_format,
    set_epsilon,
    set_floatx,
)
from scratchnet.keras.session import clear_session
from scratchnet.unsupported import listed, missing

__all__ = ["clear_session", "epsilon", "floatx", "image_data_format", "set_epsilon", "set_floatx"]


if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.backend")
    __dir__ = listed(__name__)
