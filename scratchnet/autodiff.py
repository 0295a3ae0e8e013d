"""GradientTape under its name in ``tf.autodiff``."""

from scratchnet.engine.tape import GradientTape
from scratchnet.unsupported import missing

__all__ = ["GradientTape"]

__getattr__ = missing(__name__, "tf.autodiff")
