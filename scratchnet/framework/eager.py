"""What TensorFlow says about running eagerly, which is all that happens here."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NoReturn

from scratchnet.engine.errors import InvalidArgumentError
from scratchnet.engine.graph import Eagerly
from scratchnet.engine.op import call
from scratchnet.engine.operators import Operators
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.engine.tensor_shape import TensorShape


def executing_eagerly() -> bool:
    """True: every op runs when it is called (``tf.executing_eagerly``)."""
    return True


def init_scope() -> AbstractContextManager[None]:
    """A context that lifts code out of a graph (``tf.init_scope``).

    So Keras's cross entropies within do not look for the op that made a tensor.
    """
    return Eagerly()


def control_dependencies(control_inputs: Any) -> AbstractContextManager[None]:
    """A context that orders ops, which run in their order anyway (``tf.control_dependencies``).

    Args:
        control_inputs: what has run by now.
    """
    return nullcontext()


def get_logger() -> logging.Logger:
    """The logger of this library's own messages (``tf.get_logger``).

    >>> get_logger().name
    'scratchnet'
    """
    return logging.getLogger("scratchnet")


def is_tensor(x: object) -> bool:
    """Whether `x` is a tensor or a variable (``tf.is_tensor``).

    >>> import scratchnet as tf
    >>> is_tensor(tf.constant(1)), is_tensor(tf.Variable(1)), is_tensor(1)
    (True, True, False)
    """
    return isinstance(x, Operators)


def ensure_shape(x: TensorLike, shape: Any, name: str | None = None) -> Tensor:
    """A new tensor like `x`, if it has the shape (``tf.ensure_shape``).

    Args:
        x: a tensor.
        shape: the shape it must have; None for what may be anything.
        name: unused, as nothing has a name here.

    Raises:
        InvalidArgumentError: it has another.

    >>> import scratchnet as tf
    >>> tf.ensure_shape(tf.zeros([4, 2]), [None, 2]).shape
    TensorShape([4, 2])
    """
    tensor = convert(x)
    if not TensorShape(shape).is_compatible_with(tensor.shape):
        found, wanted = (
            str(list(s)).replace("None", "?").replace(" ", "")
            for s in (tensor.shape, TensorShape(shape))
        )
        raise InvalidArgumentError(
            f"ensure_shape: Shape of tensor input {found} is not compatible with expected shape "
            f"{wanted}."
        )
    return call("identity", tensor)


def gradients(ys: Any, xs: Any, *args: Any, **kwargs: Any) -> NoReturn:
    """Refused, as in TensorFlow: it reads graphs (``tf.gradients``).

    Raises:
        RuntimeError: always.
    """
    raise RuntimeError(
        "tf.gradients is not supported when eager execution is enabled. Use tf.GradientTape "
        "instead."
    )


def hessians(ys: Any, xs: Any, *args: Any, **kwargs: Any) -> NoReturn:
    """Refused, as in TensorFlow: it reads graphs (``tf.hessians``).

    Raises:
        RuntimeError: always.
    """
    raise RuntimeError(
        "tf.gradients is not supported when eager execution is enabled. Use tf.GradientTape "
        "instead. A Hessian takes two, one inside the other, and `jacobian` of the outer one."
    )
