"""Programs on a tape: texts for `tests.support.paired`, and graphs drawn at random."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow
from hypothesis import strategies as st

import scratchnet
from scratchnet.engine.op import Op
from scratchnet.engine.tensor import apply
from tests.support.paired import run


def taped(body: str, answer: str, given: str = "x = tf.constant(3.0)", tape: str = "") -> str:
    """A program: `given`, `body` in the context of ``t = GradientTape(tape)``, then `answer`."""
    lines = "".join(f"    {line}\n" for line in body.split("; "))
    return f"{given}\nwith tf.GradientTape({tape}) as t:\n{lines}{answer}"


WATCHED = "t.watch(x); y = x * x"


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["+", "*", "-", "neg", "sum", "row", "stop"]),
        st.integers(0, 99),
        st.integers(0, 99),
    ),
    min_size=1,
    max_size=12,
)


def drawn_graph(tf: Any, steps: Any, values: list[Any]) -> list[Any]:
    """Every value that `steps` makes, each from two that were there before."""
    for kind, i, j in steps:
        a, b = values[i % len(values)], values[j % len(values)]
        values.append(
            {
                "+": lambda a, b: a + b,
                "*": lambda a, b: a * b * 0.5,
                "-": lambda a, b: a - b,
                "neg": lambda a, b: -a,
                "sum": lambda a, b: tf.reduce_sum(a) * b,
                "row": lambda a, b: tf.reshape(a, [-1])[:1] + b,
                "stop": lambda a, b: tf.stop_gradient(a) * b,
            }[kind](a, b)
        )
    return values


def doubling_op(*vjps: Any, name: str = "my_op", **kind: Any) -> Callable[..., Any]:
    """A function that applies a new op, which doubles its first argument, with these VJPs."""
    op = Op(name, lambda x: x, lambda *arrays, **attrs: (arrays[0] * 2, None), vjps, **kind)
    return lambda *inputs, **attrs: apply(op, *inputs, **attrs)


# -- values and gradients at special points --------------------------------------------------------

POINTS = "x = tf.constant([-1.0, -0.0, 0.0, 1.0, float('nan')])"


def same_numbers(program: str) -> None:
    """As `paired.agree`, but the last bit of exp and the sign of zero may differ."""
    for ours, theirs in zip(run(program, scratchnet), run(program, tensorflow), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def same_at_kinks(function: str) -> None:
    """`function` of `x`, a text, and its gradient where it may have a kink, and at nan."""
    same_numbers(taped(f"t.watch(x); y = {function}", "y, t.gradient(y, x)", POINTS))


def same_at(function: str, x: str) -> None:
    """`function` of `x`, a text, and its gradient at the number `x`."""
    # A vector: TensorFlow keeps its scalar constants, and hands out an old -0.0 for a new 0.0.
    given = f"x = tf.constant([{x}])"
    same_numbers(taped(f"t.watch(x); y = {function}", "y, t.gradient(y, x)", given))
