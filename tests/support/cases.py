"""What a case is, and the strategies that the cases of several families draw from.

A sample holds arrays (float64; the tests round them to the dtype at hand) and attributes.  Shapes
include axes of size 0 and 1; values are random, of both signs, and spread apart where an op has
kinks or ties: what happens on those is pinned by named tests instead.  The cases themselves stand
in the test file of each family, as CASES; `tests.support.tables` has them all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st

Draw = Callable[..., Any]


@dataclass
class Sample:
    """Arguments of one call: arrays that become tensors, and the rest; `seed` draws cotangents."""

    arrays: list[np.ndarray]
    attrs: dict[str, Any] = field(default_factory=dict)
    seed: int = 0


def plain_call(f: Any, *tensors: Any, **attrs: Any) -> Any:
    return f(*tensors, **attrs)


def no_sum(sample: Sample) -> float:
    return 0.0


@dataclass(frozen=True)
class Case:
    """How an op is tested.

    Attributes:
        samples: the strategy.
        call: how tensors and attributes become a call of the op.
        order: up to which order gradients are compared.
        wrt: which of the floating arrays are differentiated; None for all.
        ulps: the rounding errors that a result may carry, besides those of a sum.
        length: how many terms the longest sum has.
        scale: the size of what is summed.
        exact: bit for bit.
        xla: whether TensorFlow can do the sample only when it compiles it.
    """

    samples: st.SearchStrategy[Sample]
    call: Callable[..., Any] = plain_call
    order: int = 2
    wrt: tuple[int, ...] | None = None
    ulps: float = 32
    length: Callable[[Sample], float] = no_sum
    scale: Callable[[Sample], float] = no_sum
    exact: bool = False
    xla: Callable[[Sample], bool] = lambda sample: False


# -- values and shapes -----------------------------------------------------------------------------


def seeds() -> st.SearchStrategy[int]:
    return st.integers(0, 2**32 - 1)


def shapes(
    min_rank: int = 0, max_rank: int = 3, min_side: int = 0, max_side: int = 4
) -> st.SearchStrategy[tuple[int, ...]]:
    return st.lists(st.integers(min_side, max_side), min_size=min_rank, max_size=max_rank).map(
        tuple
    )


def normal(rng: np.random.Generator, shape: Any) -> np.ndarray:
    return rng.normal(size=shape)


def positive(rng: np.random.Generator, shape: Any) -> np.ndarray:
    return rng.uniform(0.3, 3.0, size=shape)


def complex_normal(rng: np.random.Generator, shape: Any) -> np.ndarray:
    return np.asarray(rng.normal(size=shape) + 1j * rng.normal(size=shape))


def away_from_zero(rng: np.random.Generator, shape: Any) -> np.ndarray:
    return rng.uniform(0.2, 3.0, size=shape) * rng.choice([-1.0, 1.0], size=shape)


def distinct(rng: np.random.Generator, shape: Any) -> np.ndarray:
    """Values no two of which are close, none near 0: no ties and no kinks within reach."""
    n = int(np.prod(shape))
    return (rng.permutation(n) - n / 2 + 0.25).reshape(shape) * (4.0 / max(n, 1))


def off_steps(rng: np.random.Generator, shape: Any) -> np.ndarray:
    """Values away from whole and half numbers, where rounding ops jump."""
    return rng.integers(-5, 6, size=shape) + rng.choice([0.2, 0.3, 0.7, 0.8], size=shape)


def any_dtype(rng: np.random.Generator, shape: Any) -> np.ndarray:
    dtype = rng.choice(["float64", "int32", "int64", "uint8", "bool"])
    return (rng.normal(size=shape) * 3 + 4).clip(0, 9).astype(dtype)


@st.composite
def unary(draw: Draw, values: Any = normal, **attrs: st.SearchStrategy[Any]) -> Sample:
    seed = draw(seeds())
    x = values(np.random.default_rng(seed), draw(shapes()))
    return Sample([x], {name: draw(strategy) for name, strategy in attrs.items()}, seed)


@st.composite
def broadcast(draw: Draw, *values: Any, max_rank: int = 3) -> Sample:
    """Arrays whose shapes broadcast: leading axes left out, others stretched from size 1."""
    full, seed = draw(shapes(max_rank=max_rank)), draw(seeds())
    rng = np.random.default_rng(seed)
    arrays = []
    for make in values:
        shape = [1 if n != 0 and draw(st.booleans()) else n for n in full]
        arrays.append(make(rng, tuple(shape[draw(st.integers(0, len(shape))) :])))
    return Sample(arrays, {}, seed)


def whole(values: Any) -> Any:
    """The same values as whole numbers of int32."""

    def make(rng: np.random.Generator, shape: Any) -> np.ndarray:
        return np.rint(values(rng, shape) * 3).astype(np.int32)

    return make


def bits(rng: np.random.Generator, shape: Any) -> np.ndarray:
    return rng.integers(0, 2, size=shape).astype(bool)


# -- axes ------------------------------------------------------------------------------------------


def axis_of(draw: Draw, rank: int) -> int:
    return draw(st.integers(-rank, rank - 1))


@st.composite
def reductions(draw: Draw, values: Any = normal, min_side: int = 0, min_axes: int = 0) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=min_axes, min_side=min_side, max_side=5))
    some = st.lists(st.integers(0, len(shape) - 1), unique=True, min_size=min_axes)
    axes = draw(some) if shape else []
    axis = draw(st.sampled_from([None, axes, axes[0] - len(shape) if axes else None]))
    x = values(np.random.default_rng(seed), shape)
    return Sample([x], {"axis": axis, "keepdims": draw(st.booleans())}, seed)


def reduced(sample: Sample) -> float:
    """How many values a reduction adds up, at most."""
    return float(sample.arrays[0].size)


def largest(sample: Sample) -> float:
    """The largest product of one value from each array."""
    sizes = [np.abs(a).max(initial=0) for a in sample.arrays if a.dtype.kind in "fc"]
    return float(np.prod([s for s in sizes if s] or [0]))


@st.composite
def along_axis(draw: Draw, values: Any = normal, min_side: int = 0, **attrs: Any) -> Sample:
    """One array of rank 1 to 3 and an axis of it."""
    seed, shape = draw(seeds()), draw(shapes(min_rank=1, min_side=min_side, max_side=5))
    x = values(np.random.default_rng(seed), shape)
    drawn = {name: draw(strategy) for name, strategy in attrs.items()}
    return Sample([x], {"axis": axis_of(draw, len(shape)), **drawn}, seed)


# -- shape ops -------------------------------------------------------------------------------------


@st.composite
def stacks(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes())
    rng = np.random.default_rng(seed)
    arrays = [normal(rng, shape) for _ in range(draw(st.integers(1, 4)))]
    return Sample(arrays, {"axis": draw(st.integers(-len(shape) - 1, len(shape)))}, seed)


def list_call(f: Any, *tensors: Any, **attrs: Any) -> Any:
    return f(list(tensors), **attrs)


# -- picking and putting ---------------------------------------------------------------------------


@st.composite
def positions(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=1, min_side=1))
    rng, k = np.random.default_rng(seed), draw(st.integers(1, len(shape)))
    lead = draw(shapes(min_rank=1, max_rank=2))  # TensorFlow scatters no single scalar
    at = rng.integers(0, shape[:k], size=(*lead, k)).astype(np.int32)
    return Sample([normal(rng, shape), at], {}, seed)


# -- order and counts ------------------------------------------------------------------------------


def small(rng: np.random.Generator, shape: Any) -> np.ndarray:
    """Few different values, so that equal ones are frequent."""
    return rng.integers(-2, 3, size=shape).astype(rng.choice(["float64", "int32", "int64"]))


# -- probabilities, normalization, randomness ------------------------------------------------------

float_names = st.sampled_from(["float32", "float64"])


# -- creation --------------------------------------------------------------------------------------


def some_zeros(rng: np.random.Generator, shape: Any) -> np.ndarray:
    return away_from_zero(rng, shape) * rng.choice([0.0, 1.0, 1.0], size=shape)


def simple(values: Any = normal, **options: Any) -> Case:
    return Case(unary(values), **options)


def pair(x: Any = normal, y: Any = normal, **options: Any) -> Case:
    # Summing a broadcast gradient back adds up to 64 terms.
    return Case(broadcast(x, y), length=lambda s: 64.0, scale=largest, **options)


def summing(strategy: Any, **options: Any) -> Case:
    return Case(strategy, length=reduced, scale=largest, **options)


def moving(strategy: Any, **options: Any) -> Case:
    """Ops that only move values: exact forward, sums only in the gradients."""
    return Case(strategy, ulps=4, length=lambda s: 64.0, scale=largest, **options)


TRUTH: dict[str, Any] = {"order": 1, "exact": True}
