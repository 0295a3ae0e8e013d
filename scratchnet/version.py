"""The version of this library: ``tf.version``."""

__all__ = ["VERSION"]

VERSION = "0.1.0"
