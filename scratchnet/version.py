"""The version of this library: ``tf.version``."""

VERSION = "0.1.0"
