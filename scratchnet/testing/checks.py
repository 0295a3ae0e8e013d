"""The checks: a VJP of NumPy code, and the gradients of a function of tensors, of any order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from scratchnet.engine.errors import say
from scratchnet.testing.one_check import Check
from scratchnet.testing.report import GradientError, Report
from scratchnet.testing.taped import Taped, higher_order, next_order
from scratchnet.testing.user_code import Forward, UserCode, Vjp, checked_arrays, checked_names


def check_vjp(
    forward: Forward,
    vjp: Vjp,
    *arrays: Any,
    order: int = 1,
    witness: Callable[..., Any] | None = None,
    names: Sequence[str] | None = None,
    seed: int = 0,
) -> Report:
    """Check a VJP, written in NumPy or anything else that takes arrays, and name its mistake.

    ``vjp(g, *arrays)`` must be ``(Σ_i g_i ∂y_i/∂x_j, …)`` for ``y = forward(*arrays)``.  Both are
    called with float64 copies of the arrays and random cotangents; where the arrays are of another
    floating dtype, once more with that.

    Args:
        forward: ``forward(*arrays) -> y``, an array or a tuple of arrays.  It draws no random
            numbers: a dropout's mask is an argument.
        vjp: ``vjp(g, *arrays) -> (gx, …)``, one gradient for each array.  None stands for one that
            has none, as a mask or labels: it is not checked, which the report says.  `g` is of the
            shape of `y`, or a tuple.  With one array it may return the gradient alone.  Each call
            follows one of `forward` with the same arrays, so that a layer that keeps what it needs
            can be checked: ``check_vjp(layer.forward, lambda g, x: layer.backward(g), x)``.
        *arrays: where to check it.  Integers and booleans have no gradient.
        order: 2: also that the VJP moves with its arguments as the right one does.
        witness: a function of scratchnet or TensorFlow, of the same arguments, whose gradient is
            the right one.  Without it, differences of `forward` are.
        names: what the arguments are called; if not given, as the parameters of `forward`.
        seed: of the cotangents.

    Returns:
        A report: ``.ok``, ``.argument``, ``.index``, ``.cause``, ``.got``, ``.expected``, and a
        text.

    Raises:
        TypeError, ValueError: an argument, or what the code returns, cannot be checked.

    >>> import numpy as np
    >>> x = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.5]])
    >>> check_vjp(np.tanh, lambda g, x: g * (1 - np.tanh(x) ** 2), x, names=["x"]).ok
    True
    >>> check_vjp(np.tanh, lambda g, x: g * (np.tanh(x) ** 2 - 1), x, names=["x"]).cause
    'sign'
    """
    where = "check_vjp"
    _check_callables(where, forward=forward, vjp=vjp, witness=witness)
    _check_order(where, order, 2)
    _check_seed(where, seed)
    labels = checked_names(where, forward, len(arrays), names)
    given = checked_arrays(where, arrays, labels)
    code = UserCode(where, forward, vjp, given, labels)
    return Check(code, given, witness, np.random.default_rng(seed)).report(order)


def assert_vjp(
    forward: Forward,
    vjp: Vjp,
    *arrays: Any,
    order: int = 1,
    witness: Callable[..., Any] | None = None,
    names: Sequence[str] | None = None,
    seed: int = 0,
) -> None:
    """As `check_vjp`, for a test: nothing if all is right.

    Raises:
        GradientError: an AssertionError whose text is the report.

    >>> assert_vjp(lambda x: x**2, lambda g, x: g * x, np.array([1.0, 3.0]))
    Traceback (most recent call last):
    scratchnet.testing.report.GradientError: check_vjp: wrong, compared with finite differences ...
    """
    _raise(check_vjp(forward, vjp, *arrays, order=order, witness=witness, names=names, seed=seed))


def check_gradients(
    f: Callable[..., Any],
    *arrays: Any,
    order: int = 2,
    witness: Callable[..., Any] | None = None,
    names: Sequence[str] | None = None,
    seed: int = 0,
) -> Report:
    """Check what a GradientTape says of `f`, and of its gradients, up to an order.

    It is for functions with gradients of your own in them: ``tf.custom_gradient``, ops registered
    by `scratchnet.extend`.

    Args:
        f: a function of tensors, which returns a tensor or a list or tuple of tensors.
        *arrays: where to check it.
        order: 1: the gradient; 2: also the gradient of the gradient; and so on.
        witness, names, seed: as of `check_vjp`.

    Returns:
        A report; a gradient that is right once and wrong twice has the cause ``second_order``.

    Raises:
        TypeError, ValueError: an argument, or what `f` returns, cannot be checked.

    >>> import scratchnet as tf
    >>> check_gradients(lambda x: tf.sin(x) * x, [0.5, 1.0, -2.0])
    <Report: ok>
    >>> @tf.custom_gradient
    ... def cube(x):
    ...     slope = tf.constant(3 * x.numpy() ** 2)  # a constant: it should be 3 * x * x
    ...     return x * x * x, lambda g: g * slope
    >>> check_gradients(cube, [0.5, 1.0, -2.0])
    <Report: second_order in 'x'>
    """
    where = "check_gradients"
    _check_callables(where, f=f, witness=witness)
    _check_order(where, order, None)
    _check_seed(where, seed)
    labels = checked_names(where, f, len(arrays), names)
    given = checked_arrays(where, _as_arrays(arrays), labels)
    rng = np.random.default_rng(seed)
    tape = Taped(where, f)
    code = UserCode(where, tape.forward, tape.vjp, given, labels, keeps=False)
    report = Check(code, given, witness, rng, tape=tape).report(1)
    k = 1
    while report.ok and k < order:
        k += 1
        f, given, labels = next_order(f, given, labels, rng)
        higher = higher_order(where, f, given, labels, rng, k)
        if higher is None:  # nothing to differentiate any more
            break
        report = replace(
            report,
            findings=higher.findings,
            notes=report.notes + tuple(f"order {k}: {note}" for note in higher.notes),
        )
    return report


def assert_gradients(
    f: Callable[..., Any],
    *arrays: Any,
    order: int = 2,
    witness: Callable[..., Any] | None = None,
    names: Sequence[str] | None = None,
    seed: int = 0,
) -> None:
    """As `check_gradients`, for a test: nothing if all is right.

    Raises:
        GradientError: an AssertionError whose text is the report.

    >>> import scratchnet as tf
    >>> assert_gradients(tf.tanh, [0.5, 1.0])
    """
    _raise(check_gradients(f, *arrays, order=order, witness=witness, names=names, seed=seed))


def _raise(report: Report) -> None:
    if not report.ok:
        raise GradientError(report)


def _check_callables(where: str, **functions: Any) -> None:
    for name, f in functions.items():
        if not callable(f) and not (name == "witness" and f is None):
            raise TypeError(say(where, name, "must be a function", f))


def _check_seed(where: str, seed: Any) -> None:
    is_whole = isinstance(seed, int | np.integer) and not isinstance(seed, bool)
    if not is_whole or seed < 0:
        raise ValueError(say(where, "seed", "must be a non-negative integer", seed))


def _check_order(where: str, order: Any, most: int | None) -> None:
    is_whole = isinstance(order, int) and not isinstance(order, bool)
    if not is_whole or order < 1 or (most is not None and order > most):
        rule = "must be a positive integer" if most is None else "must be 1 or 2"
        raise ValueError(say(where, "order", rule, order))


def _as_arrays(arrays: Sequence[Any]) -> list[Any]:
    return [x.numpy() if hasattr(x, "numpy") else x for x in arrays]
