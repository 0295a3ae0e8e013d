"""GradientTape under its name in ``tf.autodiff``."""

from typing import TYPE_CHECKING

from scratchnet.engine.tape import GradientTape
from scratchnet.unsupported import listed, missing

__all__ = ["GradientTape"]

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.autodiff")
    __dir__ = listed(__name__)
