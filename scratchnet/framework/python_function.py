"""tf.py_function and tf.numpy_function: Python code where TensorFlow would make a graph."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine import nest
from scratchnet.engine.dtypes import as_dtype
from scratchnet.engine.errors import InvalidArgumentError, say
from scratchnet.engine.graph import Eagerly, renewed
from scratchnet.engine.op import StopRecording
from scratchnet.engine.tensor import convert


def py_function(
    func: Any = None,
    inp: Any = None,
    Tout: Any = None,  # noqa: N803 - TensorFlow's name
    name: str | None = None,
) -> Any:
    """``func(*inp)``, whose results are tensors of the dtypes `Tout` (``tf.py_function``).

    All of scratchnet runs Python code, with gradients; what is left to do are the dtypes.

    Args:
        func: a function of tensors; None to decorate one.
        inp: its arguments.
        Tout: the dtype of its result, or a list of them; ``[]`` for none.
        name: has no effect.

    Raises:
        InvalidArgumentError: another number of results.
        TypeError, ValueError: a result that is no such tensor.

    >>> import scratchnet as tf
    >>> print(tf.py_function(lambda x: x.numpy() ** 2, [tf.constant(3.0)], tf.float32))
    tf.Tensor(9.0, shape=(), dtype=float32)
    """
    if func is None:
        return lambda function: lambda *args: py_function(function, args, Tout)
    tensors = renewed([convert(x) for x in _inputs("py_function", inp)])
    with Eagerly():
        found = func(*tensors)
    return renewed(_as_tensors(found, Tout))


def numpy_function(
    func: Any = None,
    inp: Any = None,
    Tout: Any = None,  # noqa: N803 - TensorFlow's name
    stateful: bool = True,
    name: str | None = None,
) -> Any:
    """``func(*inp)`` of NumPy arrays, without a gradient (``tf.numpy_function``).

    Args:
        func: a function of arrays; None to decorate one.
        inp: its arguments.
        Tout: has no effect: results keep their dtypes, as in TensorFlow outside of graphs.
        stateful, name: have no effect.

    Returns:
        The result as a tensor; a list of tensors for several.

    >>> import numpy as np
    >>> import scratchnet as tf
    >>> print(tf.numpy_function(np.sinh, [tf.constant(0.0)], tf.float32))
    tf.Tensor(0.0, shape=(), dtype=float32)
    """
    if func is None:
        return lambda function: lambda *args: numpy_function(function, args, Tout)
    with StopRecording(), Eagerly():
        arrays = [np.array(x) for x in _inputs("numpy_function", inp)]
        found = [x if x is None else convert(x) for x in nest.flatten(func(*arrays))]
    return found[0] if len(found) == 1 else found


def _inputs(where: str, inp: Any) -> list[Any]:
    if not isinstance(inp, list | tuple):
        raise TypeError(say(where, "inp", "must be a list of the function's arguments", inp))
    return list(inp)


def _as_tensors(found: Any, wanted: Any) -> Any:
    """What a function returned, as tensors of the dtypes `wanted`."""
    if not isinstance(wanted, list | tuple):
        return convert(found, as_dtype(wanted))
    several = [] if found is None else list(found) if isinstance(found, list | tuple) else [found]
    if len(several) != len(wanted):
        raise InvalidArgumentError(
            f"py_function: the function must return {len(wanted)} values, as `Tout` says, "
            f"received {len(several)}"
        )
    return [convert(x, as_dtype(dtype)) for x, dtype in zip(several, wanted, strict=True)]
