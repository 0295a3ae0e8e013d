"""Every argument of every function refuses bad values by name; the verdicts of the fuzzer."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.long import fuzz

ONES = np.ones((2, 3))
BAD = [
    *(ONES, np.zeros((0, 3)), np.array("a"), fuzz.Tensor(ONES), fuzz.Tensor(np.zeros((0, 3)))),
    *(None, True, -1, 1.5, float("nan"), 1e300, 2**70, 1j, "a", object),
    *([], {}, (1,), [None], [[1], [1, 2]]),
]
# What TensorFlow refuses in the same words.
WITHOUT_EAGER = ("gradients", "hessians")


def inputs_of(path: str, rng: fuzz.Rng, shape: Any) -> tuple[Any, ...]:
    """What an object of the class is called with."""
    if "initializers" in path:
        return ((2, 3),)
    x = fuzz.array(rng, shape, "float32")
    if "optimizers" in path:
        return (x, x)
    return (fuzz.Tensor(x),) * (2 if "losses" in path or "metrics" in path else 1)


def calls(path: str, rng: fuzz.Rng) -> list[fuzz.Call]:
    """For each parameter calls with each bad value, and other arguments that are drawn."""
    thing, found = fuzz.found_at(scratchnet, path), []
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    named = [p for p in inspect.signature(thing).parameters.values() if p.kind not in variable]
    for p in named:
        for bad in BAD:
            shape = fuzz.pick(rng, fuzz.SHAPES)
            needed = [q.name for q in named if q.default is q.empty]
            given = {name: fuzz.value(rng, name, shape) for name in needed} | {p.name: bad}
            inputs = inputs_of(path, rng, shape) if inspect.isclass(thing) else None
            found.append(fuzz.Call(path, (), given, inputs))
    return found


@pytest.mark.parametrize("module", dict.fromkeys(p.rpartition(".")[0] for p in fuzz.targets()))
def test_no_bad_value_of_any_argument_leaks(module: str) -> None:
    rng, leaks = np.random.default_rng(3), {}
    paths = [p for p in fuzz.targets() if p.rpartition(".")[0] == module]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path in paths:
            for call in calls(path, rng) if path not in WITHOUT_EAGER else ():
                kind, told = fuzz.outcome(scratchnet, call)
                if kind == "error" and fuzz.leaks(*told):
                    leaks.setdefault((path, told[1][:60]), str(call)[:200])
    assert not leaks, "\n".join(map(str, leaks.items()))


@pytest.mark.parametrize(
    ("kind", "text", "leaks"),
    [
        ("ValueError", "conv2d: `strides` must be positive, received strides=0", False),
        (
            "IndexError",
            "Softmax: `axis` must be (index out of range), received axis=()",
            False,
        ),
        ("ValueError", "operands could not be broadcast together with shapes (3,) (2,)", True),
        ("IndexError", "tuple index out of range", True),
        ("ValueError", "The truth value of an array is ambiguous", True),
        ("ValueError", "Invalid dtype: 7", False),
        ("KeyError", "'a'", True),
    ],
)
def test_what_leaks(kind: str, text: str, leaks: bool) -> None:
    assert fuzz.leaks([kind, "Exception"], text) == leaks


NEGATIVE, BYTES = np.full((5, 8), -1.5, "f"), np.zeros((5, 8), np.uint8)
HALF = np.array([[1.0, 2.0], [3.0, np.nan]])
FAR = np.array([np.inf, 0.5])
NAN = np.full((2, 2), np.nan)
FEW = (NEGATIVE[0, :5], BYTES[0, :5])
# path, arguments, our results, TensorFlow's, whether the difference is a known one
VERDICTS: list[tuple[str, tuple[Any, ...], Any, Any, bool]] = [
    ("keras.losses.mse", (NEGATIVE, BYTES), np.ones(5), np.zeros(5), True),
    ("keras.losses.mse", (-NEGATIVE, BYTES), np.ones(5), np.zeros(5), False),
    ("keras.losses.mse", FEW, np.ones(()), np.zeros(()), False),
    ("keras.losses.mse", (NEGATIVE, NEGATIVE), np.ones(5), np.zeros(5), False),
    ("linalg.cholesky", (NAN,), np.tril(NAN), NAN, True),
    ("linalg.cholesky", (NAN,), np.tril(NAN), np.triu(NAN), False),
    ("linalg.cholesky", (ONES,), np.tril(ONES), ONES, False),
    ("reduce_prod", (ONES,), np.array([2.0, 3.0]), np.array([2.0, np.inf]), True),
    ("reduce_prod", (ONES,), np.array([2.0, 3.0]), np.array([1.0, np.inf]), False),
    ("reduce_prod", (ONES,), np.array([2.0, np.inf]), np.array([2.0, 3.0]), False),
    ("searchsorted", (FAR, ONES), ONES, 2 * ONES, True),
    ("searchsorted", (ONES, ONES), ONES, 2 * ONES, False),
    ("math.erf", (FAR,), np.array([1.0, 0.5]), np.array([np.nan, 0.5]), True),
    ("math.erf", (FAR,), np.array([1.0, 0.5]), np.array([np.nan, 0.6]), False),
    ("math.erf", (FAR,), np.array([1.0, 0.5]), np.array([0.9, 0.5]), False),
    ("math.erf", (ONES,), ONES, NAN, False),
    ("sort", (NAN,), NAN, NAN + 1, True),
    ("sort", (HALF,), HALF, HALF + np.array([[0.0], [1.0]]), True),
    ("sort", (HALF,), HALF, HALF + np.array([[1.0], [0.0]]), False),
    ("argsort", (ONES,), ONES, ONES + 1, False),
    ("keras.losses.mse", (ONES, ONES), np.array(1 + 1j), np.array(1 + 1.00000001j), True),
    ("keras.losses.mse", (ONES, ONES), np.array(1 + 1j), np.array(1 + 1.01j), False),
    ("keras.losses.mse", (ONES, ONES), np.array(1.0), np.array(1.00000001), False),
    ("linspace", (BYTES + 5, BYTES, 3), np.ones(3), np.zeros(3), True),
    ("linspace", (BYTES + 5, 2, 3), np.ones(3), np.zeros(3), True),
    ("linspace", (BYTES, BYTES + 5, 3), np.ones(3), np.zeros(3), False),
    ("linspace", (-NEGATIVE, NEGATIVE, 3), np.ones(3), np.zeros(3), False),
]


@pytest.mark.parametrize("row", VERDICTS)
def test_known_differences(row: tuple[str, tuple[Any, ...], Any, Any, bool]) -> None:
    path, args, ours, theirs, is_known = row
    assert bool(fuzz.known(fuzz.Call(path, args, {}), [ours], [theirs])) == is_known


def test_the_rounding_of_metrics_is_that_of_their_inputs() -> None:
    inputs = (ONES, ONES.astype("f"))
    for path, eps in (("keras.metrics.MeanSquaredError", 2**-23), ("keras.losses.mse", 0.0)):
        assert fuzz.rounding(fuzz.Call(path, (), {"dtype": "float64"}, inputs)) == eps
    assert fuzz.equal([ONES], [ONES + 1e-6])
    assert not fuzz.equal([ONES], [ONES + 1e-6], 2**-23)


def test_no_function_is_left_out_by_a_known_difference() -> None:
    call = fuzz.Call("linspace", (ONES, ONES), {})
    for row in fuzz.KNOWN:
        assert not row.holds(call, [ONES], [2 * ONES])
