"""Gradients checked against differences: ``tf.test``, as far as it is not a test framework."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchnet.engine.backward import one_hots
from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say
from scratchnet.engine.tape import GradientTape, UnconnectedGradients
from scratchnet.engine.tensor import Tensor, convert
from scratchnet.unsupported import listed, missing

__all__ = ["compute_gradient", "gpu_device_name", "is_built_with_cuda", "is_gpu_available"]

Jacobians = tuple[Array, ...]


def compute_gradient(
    f: Callable[..., Any], x: Any, delta: float | None = None
) -> tuple[Jacobians, Jacobians]:
    """The Jacobians of `f` by backpropagation, and by differences (``tf.test.compute_gradient``).

    ``numerical[i, j] = (f(x + δ e_j) - f(x - δ e_j))_i / 2 δ``

    Args:
        f: a function of tensors that returns one tensor.
        x: its arguments, a list or tuple of floating tensors (or arrays, numbers …).
        delta: δ; if not given, 1/1024, which is exact in binary.

    Returns:
        (theoretical, numerical), each a tuple with a matrix for each argument, of shape (elements
        of the result, elements of the argument), in the dtype of the argument.

    Raises:
        ValueError: `x` is no list or tuple.
        AssertionError: an argument or the result is not floating, as in TensorFlow.
        TypeError: `f` returns no tensor.

    >>> import scratchnet as tf
    >>> theoretical, numerical = compute_gradient(lambda x: x * x, [[1.0, 3.0]])
    >>> theoretical[0]
    array([[2., 0.],
           [0., 6.]], dtype=float32)
    >>> bool(abs(theoretical[0] - numerical[0]).max() < 1e-3)
    True
    """
    if not isinstance(x, list | tuple):
        raise ValueError(
            "`x` must be a list or tuple of values convertible to a Tensor (arguments to `f`), not "
            f"a {type(x)}"
        )
    xs = [convert(part) for part in x]
    for i, part in enumerate(xs):
        _check_floating(part, f"argument {i}")
    _check_floating(_result(f, xs), "y")
    step = 1.0 / 1024 if delta is None else delta
    return (
        tuple(_theoretical(f, xs, i) for i in range(len(xs))),
        tuple(_numerical(f, xs, i, step) for i in range(len(xs))),
    )


def _check_floating(x: Tensor, where: str) -> None:
    if x._data.dtype.kind != "f":
        raise AssertionError(
            f"Cannot compute gradient for unsupported type {x.dtype.name} of {where}"
        )


def _theoretical(f: Callable[..., Any], xs: list[Tensor], i: int) -> Array:
    with GradientTape(persistent=True) as tape:
        tape.watch(xs[i])
        y = _result(f, xs)
    rows: list[Any] = [
        tape.gradient(y, xs[i], output_gradients=g, unconnected_gradients=UnconnectedGradients.ZERO)
        for g in one_hots(y._data)
    ]
    n = xs[i]._data.size
    return np.array([row._data.reshape(n) for row in rows], xs[i]._data.dtype).reshape(-1, n)


def _numerical(f: Callable[..., Any], xs: list[Tensor], i: int, delta: float) -> Array:
    """One column for each element of argument `i`: what its step up and down changes."""
    data = xs[i]._data
    columns = []
    for j in range(data.size):
        ends = []
        for step in (delta, -delta):
            moved = data.copy()
            moved.flat[j] += data.dtype.type(step)
            ends.append(_result(f, [*xs[:i], Tensor(moved), *xs[i + 1 :]])._data)
        columns.append((ends[0] - ends[1]).reshape(-1) / (2 * delta))
    return np.array(columns, data.dtype).reshape(data.size, -1).T.copy()


def _result(f: Callable[..., Any], xs: list[Tensor]) -> Tensor:
    y = f(*xs)
    if not isinstance(y, Tensor):
        raise TypeError(say("compute_gradient", "f", "must return one tensor", y))
    return y


def is_gpu_available(
    cuda_only: bool = False, min_cuda_compute_capability: tuple[int, int] | None = None
) -> bool:
    """False: everything runs on the CPU (``tf.test.is_gpu_available``).

    Args:
        cuda_only, min_cuda_compute_capability: which GPUs would count.
    """
    return False


def gpu_device_name() -> str:
    """The name of the GPU, an empty text as there is none (``tf.test.gpu_device_name``)."""
    return ""


def is_built_with_cuda() -> bool:
    """False: there is no GPU code in here (``tf.test.is_built_with_cuda``)."""
    return False


if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.test")
    __dir__ = listed(__name__)
