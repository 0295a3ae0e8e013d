"""custom_gradient: a function whose VJP the user writes."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import update_wrapper
from typing import Any
from weakref import ref

from scratchnet.engine import nest
from scratchnet.engine.op import ACTIVE, OPS, NoGradient, Op, Record
from scratchnet.engine.tensor import Tensor, convert
from scratchnet.engine.variable import BaseVariable


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: give `f` a gradient of your own (``tf.custom_gradient``).

    Args:
        f: ``f(*args, **kwargs) -> (result, grad_fn)``.  ``grad_fn(*upstream)`` takes one cotangent
            per tensor in `result` and returns one per positional argument (None for those without).
            If `f` reads trainable variables that are not arguments,
            ``grad_fn(*upstream, variables=…)`` returns the gradients of the arguments and those of
            the variables, a pair.

    Raises:
        TypeError: `f` reads variables and `grad_fn` takes no ``variables``.
        ValueError: `grad_fn` returns the wrong number of gradients.

    >>> import scratchnet as tf
    >>> @tf.custom_gradient
    ... def log1pexp(x):
    ...     e = tf.exp(x)
    ...     return tf.math.log(1 + e), lambda g: g * (1 - 1 / (1 + e))
    >>> x = tf.constant(100.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = log1pexp(x)
    >>> float(tape.gradient(y, x))
    1.0
    """
    return _CustomGradient(f)


class _CustomGradient:
    """`f`, recorded as one op; made from a method it is a method again."""

    def __init__(self, f: Callable[..., Any]) -> None:
        self._f = f
        update_wrapper(self, f)

    def __get__(self, instance: Any, owner: Any = None) -> _CustomGradient:
        return self if instance is None else _CustomGradient(self._f.__get__(instance, owner))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        # The tapes hear what `f` does inside, so that `grad_fn`, which may use any of it, can be
        # differentiated again.  The outputs are new tensors, which they know by this one op only.
        result, grad_fn, variables = _call(self._f, args, kwargs)
        results = [convert(y) for y in nest.flatten(result)]
        outputs = tuple([Tensor(y._data) for y in results])
        inputs, name = (*nest.flatten(args), *variables), _name(self._f)
        vjp = _CallVjp(name, grad_fn, len(inputs) - len(variables), variables)
        record = Record(
            Op(name, self._f, vjps=(vjp,), variadic=True, complex_vjps=True), inputs, outputs
        )
        refused = False
        for tape in ACTIVE.tapes:
            for x in inputs:
                if isinstance(x, BaseVariable):
                    tape.access(x)
            refused |= not tape.record(record)
        # Where no input is followed, what `f` closes over may be.
        for y, z in zip(results, outputs, strict=True) if refused else ():
            identity = Record(OPS["identity"], (y,), (z,))
            for tape in ACTIVE.tapes:
                if not tape.follows(z):
                    tape.record(identity)
        return nest.pack(result, list(outputs))


class _Reads:
    """Notes which variables made trainable are read, and nothing else."""

    def __init__(self) -> None:
        self.variables: dict[int, BaseVariable] = {}

    def access(self, variable: BaseVariable) -> None:
        if variable.made_trainable:
            self.variables[id(variable)] = variable

    def record(self, record: Record) -> bool:
        return True

    def detached(self, tensor: Tensor, reason: str) -> None:
        pass

    def follows(self, x: Any) -> bool:
        return False


def _call(f: Callable[..., Any], args: Any, kwargs: Any) -> tuple[Any, Any, list[BaseVariable]]:
    """What `f` returns, and the trainable variables it reads that are not among its arguments."""
    reads, tapes = _Reads(), ACTIVE.tapes
    tapes.append(reads)
    try:
        pair = f(*args, **kwargs)
    finally:
        tapes.remove(reads)
    if not (isinstance(pair, tuple) and len(pair) == 2 and callable(pair[1])):
        raise TypeError(
            f"custom_gradient: {_name(f)} must return (result, grad_fn), received {pair!r}"
        )
    given = {id(x) for x in nest.flatten([args, list(kwargs.values())])}
    variables = [v for v in reads.variables.values() if id(v) not in given]
    _check_takes_variables(pair[1], variables)
    return *pair, variables


def _name(f: Callable[..., Any]) -> str:
    return getattr(f, "__name__", "custom_gradient")


def _check_takes_variables(grad_fn: Callable[..., Any], variables: list[BaseVariable]) -> None:
    if not variables:
        return
    parameters = inspect.signature(grad_fn).parameters.values()
    if not any(p.name == "variables" or p.kind is p.VAR_KEYWORD for p in parameters):
        raise TypeError(
            "@tf.custom_gradient grad_fn must accept keyword argument 'variables', since function "
            f"uses variables: {variables}"
        )


class _CallVjp:
    """The VJP of one call: `grad_fn`, which answers for all arguments at once."""

    def __init__(
        self, name: str, grad_fn: Callable[..., Any], n_args: int, variables: list[BaseVariable]
    ) -> None:
        self._name, self._grad_fn = name, grad_fn
        self._n_args, self._variables = n_args, variables
        # Each answer is handed out once, and only while the same tapes record: else it is asked
        # for anew.  The tapes are not held: they hold the record, and with it this object.
        self._asked: Any = None
        self._recording: list[ref[Any]] = []
        self._answers: dict[int, Any] = {}

    def __call__(self, g: Any, record: Record, i: int) -> Tensor | NoGradient:
        known = g is self._asked and [tape() for tape in self._recording] == ACTIVE.tapes
        if not known or i not in self._answers:
            answers = self._ask(g if isinstance(g, tuple) else (g,))
            self._answers, self._asked = dict(enumerate(answers)), g
            self._recording = [ref(tape) for tape in ACTIVE.tapes]
        gx = self._answers.pop(i)
        if gx is None:
            return NoGradient(f"the `grad_fn` of {self._name} returned None")
        return convert(gx, hint=record.inputs[i]._data.dtype)

    def _ask(self, upstream: tuple[Tensor, ...]) -> list[Any]:
        if self._variables:
            by_args, by_variables = self._grad_fn(*upstream, variables=self._variables)
        else:
            by_args, by_variables = self._grad_fn(*upstream), []
        found, wanted = nest.flatten(by_args), len(self._variables)
        if len(found) != self._n_args:
            raise ValueError(
                f"custom_gradient function {self._name} expected to return {self._n_args} "
                f"gradients, but returned {len(found)} instead."
            )
        if len(by_variables) != wanted:
            raise ValueError(
                f"{self._name}: Must return gradient for each variable from @custom_gradient "
                f"grad_fn, which are {wanted}, received {len(by_variables)}"
            )
        return [*found, *by_variables]
