"""Derivatives: ``tf.autodiff``."""

from scratchnet.absent import missing
from scratchnet.engine.tape import GradientTape

__all__ = ["GradientTape"]

__getattr__ = missing(__name__, "tf.autodiff")
