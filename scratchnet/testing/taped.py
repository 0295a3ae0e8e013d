"""Functions of tensors as forward passes and VJPs of arrays, and their gradients' gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import NoDerivativeError, with_article
from scratchnet.engine.tape import GradientTape
from scratchnet.engine.tensor import Tensor
from scratchnet.ops.creation import constant
from scratchnet.testing.judged import cotangent
from scratchnet.testing.one_check import DIFFERENCES, Check, double
from scratchnet.testing.report import Finding, Report
from scratchnet.testing.user_code import UserCode

ELEMENTS_OF_HIGHER = 30  # where each move is a gradient, too


@dataclass
class Taped:
    """A function of tensors as a forward pass and a VJP of arrays, by a tape."""

    where: str
    f: Callable[..., Any]

    def forward(self, *arrays: Array) -> Any:
        ys = self._results(self.f(*map(constant, arrays)))
        return tuple(y.numpy() for y in ys)

    def vjp(self, g: Any, *arrays: Array) -> Any:
        return tuple(None if gx is None else gx.numpy() for gx in self._gradients(g, arrays)[0])

    def _gradients(self, g: Any, arrays: Sequence[Array]) -> tuple[list[Any], Any, list[Any]]:
        xs = [constant(x) for x in arrays]
        floats = [x for x in xs if x.dtype.is_floating]
        with GradientTape() as tape:
            tape.watch(floats)
            ys = self._results(self.f(*xs))
        gs = [constant(part) for part in (g if isinstance(g, tuple) else (g,))]
        found = iter(tape.gradient(ys, floats, output_gradients=gs))
        return [next(found) if x.dtype.is_floating else None for x in xs], tape, xs

    def declared_none(self, arrays: Sequence[Array], i: int) -> bool:
        """Whether a row on the way says why it has no gradient."""
        ys = self.forward(*arrays)
        gs = tuple(np.ones_like(y) for y in ys)
        _, tape, xs = self._gradients(gs if len(gs) > 1 else gs[0], arrays)
        return "has no gradient:" in str(tape.explain_none(xs[i]))

    def _results(self, result: Any) -> list[Tensor]:
        ys = list(result) if isinstance(result, list | tuple) else [result]
        for y in ys:
            if not isinstance(y, Tensor):
                raise TypeError(
                    f"{self.where}: `f` must return a tensor, or a list or tuple of tensors, "
                    f"received {with_article(type(y).__name__)}"
                )
        smooth = [y for y in ys if y.dtype.is_floating]
        if not smooth:
            dtypes = ", ".join(y.dtype.name for y in ys)
            raise TypeError(
                f"{self.where}: `f` must return a floating tensor, since only those have "
                f"gradients, received {dtypes or 'none'}"
            )
        return smooth


def next_order(
    f: Callable[..., Any], arrays: list[Array], names: list[str], rng: np.random.Generator
) -> tuple[Callable[..., Any], list[Array], list[str]]:
    """The gradients of `f` as a function of its arguments, in float64, and its cotangents."""
    count, doubles = len(arrays), [double(x) for x in arrays]

    def gradient(*args: Any) -> list[Any]:
        xs = list(args[:count])
        floats = [x for x in xs if x.dtype.is_floating]
        with GradientTape() as tape:
            tape.watch(floats)
            ys = _smooth(f(*xs))
        found = tape.gradient(ys, floats, output_gradients=list(args[count:]))
        return [gx for gx in found if gx is not None]

    ys = [y.numpy() for y in _smooth(f(*map(constant, doubles)))]
    gs = [cotangent(rng, y.size).reshape(y.shape).astype(y.dtype) for y in ys]
    letter = "g" * (1 + max((len(n) for n in names if set(n) == {"g"}), default=0))
    labels = [letter] if len(gs) == 1 else [f"{letter}[{i}]" for i in range(len(gs))]
    return gradient, [*doubles, *gs], [*names, *labels]


def _smooth(result: Any) -> list[Any]:
    ys = list(result) if isinstance(result, list | tuple) else [result]
    return [y for y in ys if y.dtype.is_floating]


def higher_order(
    where: str,
    f: Callable[..., Any],
    given: list[Array],
    names: list[str],
    rng: np.random.Generator,
    order: int,
) -> Report | None:
    """The check of a gradient's gradient; None where `f` returns none at all."""
    if not f(*map(constant, given)):
        return None
    tape = Taped(where, f)
    code = UserCode(where, tape.forward, tape.vjp, given, names, keeps=False)
    check = Check(code, given, None, rng, tape=tape, elements=ELEMENTS_OF_HIGHER, order=order)
    try:
        report = check.report(1)
    except NoDerivativeError as error:
        text = (
            "The gradient is right, and cannot be differentiated: something that was saved for "
            f"the way back is used as if it had a derivative. The tape says: {error}"
        )
        return Report(where, DIFFERENCES, (Finding(names[0], "second_order", text, order=order),))
    words = {2: "twice", 3: "three times"}.get(order, f"{order} times")
    return replace(
        report,
        findings=tuple(
            replace(
                finding,
                cause="second_order",
                sentence=f"The gradient is right once and wrong {words}: its own derivative is not "
                "that of its values. That happens where a VJP uses what the forward pass saved, or "
                "an array made by NumPy, as if it had a derivative: compute it again from the "
                f"inputs and outputs, in ops. (The error looks like {finding.cause}: "
                f"{finding.sentence})"
                if finding.cause != "unknown"
                else f"The gradient is right once and wrong {words}: its own derivative is not "
                "that of its values. That happens where a VJP uses what the forward pass saved, or "
                "an array made by NumPy, as if it had a derivative: compute it again from the "
                "inputs and outputs, in ops.",
            )
            for finding in report.findings
        ),
    )
