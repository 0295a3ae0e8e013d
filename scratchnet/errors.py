"""The errors under TensorFlow's name: ``tf.errors``."""

from scratchnet.engine.errors import (
    InvalidArgumentError as InvalidArgumentError,
)
from scratchnet.engine.errors import NoDerivativeError as NoDerivativeError
from scratchnet.engine.errors import OpError as OpError
from scratchnet.engine.errors import OutOfRangeError as OutOfRangeError
from scratchnet.engine.errors import UnimplementedError as UnimplementedError
