"""CASES: for every op a strategy that draws inputs and arguments, and how closely to compare.

A sample holds arrays (float64; the tests round them to the dtype at hand) and attributes.  Shapes
include axes of size 0 and 1; values are random, of both signs, and spread apart where an op has
kinks or ties: what happens on those is pinned by named tests instead.
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


# -- values and shapes ----------------------------------------------------------------------------


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


def away_from_zero(rng: np.random.Generator, shape: Any) -> np.ndarray:
    return rng.uniform(0.2, 3.0, size=shape) * rng.choice([-1.0, 1.0], size=shape)


def distinct(rng: np.random.Generator, shape: Any) -> np.ndarray:
    """Values no two of which are close, none near 0: no ties and no kinks within reach."""
    n = int(np.prod(shape))
    return (rng.permutation(n) - n / 2 + 0.25).reshape(shape) * (4.0 / max(n, 1))


def off_steps(rng: np.random.Generator, shape: Any) -> np.ndarray:
    """Values away from whole and half numbers, where rounding ops jump."""
    return rng.integers(-5, 6, size=shape) + rng.choice([0.2, 0.3, 0.7, 0.8], size=shape)


def labels(rng: np.random.Generator, shape: Any) -> np.ndarray:
    """Rows that sum to one."""
    y = rng.uniform(0.1, 1.0, size=shape)
    return y / y.sum(-1, keepdims=True) if y.size else y


def any_dtype(rng: np.random.Generator, shape: Any) -> np.ndarray:
    dtype = rng.choice(["float64", "int32", "int64", "uint8", "bool"])
    return (rng.normal(size=shape) * 3 + 4).clip(0, 9).astype(dtype)


@st.composite
def unary(draw: Draw, values: Any = normal, **attrs: st.SearchStrategy[Any]) -> Sample:
    seed = draw(seeds())
    x = values(np.random.default_rng(seed), draw(shapes()))
    return Sample([x], {name: draw(strategy) for name, strategy in attrs.items()}, seed)


@st.composite
def unalike(draw: Draw) -> Sample:
    """Two arrays whose shapes have nothing to do with each other."""
    seed = draw(seeds())
    rng = np.random.default_rng(seed)
    return Sample([normal(rng, draw(shapes())), normal(rng, draw(shapes()))], {}, seed)


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


@st.composite
def comparisons(draw: Draw) -> Sample:
    """Small whole numbers, so that equal pairs are frequent."""
    sample = draw(broadcast(whole(normal), whole(normal)))
    if draw(st.booleans()):
        sample.arrays = [a.astype(np.float64) for a in sample.arrays]
    return sample


def bits(rng: np.random.Generator, shape: Any) -> np.ndarray:
    return rng.integers(0, 2, size=shape).astype(bool)


# -- axes -----------------------------------------------------------------------------------------


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
    sizes = [np.abs(a).max(initial=0) for a in sample.arrays if a.dtype.kind == "f"]
    return float(np.prod([s for s in sizes if s] or [0]))


@st.composite
def along_axis(draw: Draw, values: Any = normal, min_side: int = 0, **attrs: Any) -> Sample:
    """One array of rank 1 to 3 and an axis of it."""
    seed, shape = draw(seeds()), draw(shapes(min_rank=1, min_side=min_side, max_side=5))
    x = values(np.random.default_rng(seed), shape)
    drawn = {name: draw(strategy) for name, strategy in attrs.items()}
    return Sample([x], {"axis": axis_of(draw, len(shape)), **drawn}, seed)


@st.composite
def logits(draw: Draw, min_side: int = 1) -> Sample:
    sample = draw(along_axis(lambda rng, shape: rng.normal(size=shape) * 4, min_side=min_side))
    return sample


# -- shape ops ------------------------------------------------------------------------------------


@st.composite
def reshapes(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes())
    x = normal(np.random.default_rng(seed), shape)
    options: list[Any] = [[x.size], [1, x.size, 1], list(shape[::-1])]
    if x.size:
        options += [[-1], [-1, 1], [*shape, -1]]
    return Sample([x], {"shape": draw(st.sampled_from(options))}, seed)


@st.composite
def new_axes(draw: Draw) -> Sample:
    sample = draw(unary())
    rank = sample.arrays[0].ndim
    sample.attrs["axis"] = draw(st.integers(-rank - 1, rank))
    return sample


@st.composite
def squeezes(draw: Draw) -> Sample:
    seed, shape = (
        draw(seeds()),
        draw(st.lists(st.sampled_from([1, 1, 3, 0]), max_size=4).map(tuple)),
    )
    ones = [i for i, n in enumerate(shape) if n == 1]
    axis = (
        draw(st.one_of(st.none(), st.lists(st.sampled_from(ones), unique=True))) if ones else None
    )
    return Sample([normal(np.random.default_rng(seed), shape)], {"axis": axis}, seed)


@st.composite
def permutations(draw: Draw) -> Sample:
    sample = draw(unary())
    rank = sample.arrays[0].ndim
    perm = draw(st.one_of(st.none(), st.permutations(list(range(rank)))))
    sample.attrs["perm"] = None if perm is None else list(perm)
    return sample


@st.composite
def broadcasts_to(draw: Draw) -> Sample:
    sample = draw(broadcast(normal))
    shape = list(sample.arrays[0].shape)
    full = [draw(st.integers(0, 3)) if n == 1 else n for n in shape]
    lead = draw(st.lists(st.integers(0, 3), max_size=2))
    sample.attrs["shape"] = lead + full
    return sample


@st.composite
def sums_to(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes())
    small = [1 if draw(st.booleans()) else n for n in shape][draw(st.integers(0, len(shape))) :]
    return Sample([normal(np.random.default_rng(seed), shape)], {"shape": small}, seed)


@st.composite
def tiles(draw: Draw) -> Sample:
    seed = draw(seeds())
    # TensorFlow differentiates a tile of at most rank 2.
    sample = Sample([normal(np.random.default_rng(seed), draw(shapes(max_rank=2)))], {}, seed)
    sample.attrs["multiples"] = [draw(st.integers(0, 3)) for _ in sample.arrays[0].shape]
    # TensorFlow takes no untyped empty list for a count per axis.
    sample.attrs["multiples"] = np.array(sample.attrs["multiples"], np.int32)
    return sample


@st.composite
def concats(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=1))
    axis = axis_of(draw, len(shape))
    rng = np.random.default_rng(seed)
    arrays = []
    for _ in range(draw(st.integers(1, 4))):
        size = list(shape)
        size[axis] = draw(st.integers(0, 3))
        arrays.append(normal(rng, size))
    return Sample(arrays, {"axis": axis}, seed)


@st.composite
def stacks(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes())
    rng = np.random.default_rng(seed)
    arrays = [normal(rng, shape) for _ in range(draw(st.integers(1, 4)))]
    return Sample(arrays, {"axis": draw(st.integers(-len(shape) - 1, len(shape)))}, seed)


@st.composite
def alike(draw: Draw, **attrs: Any) -> Sample:
    """Tensors of one shape."""
    sample = draw(stacks())
    return Sample(sample.arrays, {n: draw(strategy) for n, strategy in attrs.items()}, sample.seed)


@st.composite
def any_shapes(draw: Draw, **attrs: Any) -> Sample:
    seed = draw(seeds())
    rng = np.random.default_rng(seed)
    arrays = [away_from_zero(rng, draw(shapes(min_side=1))) for _ in range(draw(st.integers(1, 3)))]
    return Sample(arrays, {n: draw(strategy) for n, strategy in attrs.items()}, seed)


def list_call(f: Any, *tensors: Any, **attrs: Any) -> Any:
    return f(list(tensors), **attrs)


@st.composite
def splits(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), list(draw(shapes(min_rank=1)))
    axis = axis_of(draw, len(shape))
    if draw(st.booleans()):
        parts: Any = draw(st.integers(1, 3))
        shape[axis] = parts * draw(st.integers(0, 3))
    else:
        parts = draw(st.lists(st.integers(0, 3), min_size=1, max_size=4))
        shape[axis] = sum(parts)
    x = normal(np.random.default_rng(seed), shape)
    return Sample([x], {"num_or_size_splits": parts, "axis": axis}, seed)


@st.composite
def pads(draw: Draw) -> Sample:
    mode = draw(st.sampled_from(["CONSTANT", "REFLECT", "SYMMETRIC"]))
    seed, shape = draw(seeds()), draw(shapes(min_rank=1, min_side=0 if mode == "CONSTANT" else 1))
    most = {"CONSTANT": 3, "REFLECT": -1, "SYMMETRIC": 0}[mode]

    def count(n: int) -> int:
        return draw(st.integers(0, 3 if mode == "CONSTANT" else n + most))

    paddings = [[count(n), count(n)] for n in shape]
    attrs = {"paddings": paddings, "mode": mode}
    if mode == "CONSTANT":
        attrs["constant_values"] = draw(st.sampled_from([0, 1.5]))
    return Sample([normal(np.random.default_rng(seed), shape)], attrs, seed)


@st.composite
def reversals(draw: Draw) -> Sample:
    sample = draw(unary())
    rank = sample.arrays[0].ndim
    axes = draw(st.lists(st.integers(0, max(rank - 1, 0)), unique=True)) if rank else []
    sample.attrs["axis"] = np.array([a - rank * draw(st.integers(0, 1)) for a in axes], np.int32)
    return sample


# -- picking and putting --------------------------------------------------------------------------


def slice_key(draw: Draw, n: int) -> Any:
    kind = draw(st.sampled_from(["int", "slice", "slice", "all"] if n else ["slice", "all"]))
    if kind == "int":
        return draw(st.integers(-n, n - 1))
    if kind == "all":
        return slice(None)
    ends = st.one_of(st.none(), st.integers(-n - 1, n + 1))
    return slice(draw(ends), draw(ends), draw(st.sampled_from([None, 1, 2, -1, -2])))


@st.composite
def keys(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(max_rank=4))
    key: list[Any] = [slice_key(draw, n) for n in shape]
    if key and draw(st.booleans()):  # the rest of the axes by `...`, or left out
        at = draw(st.integers(0, len(key) - 1))
        key = [*key[:at], ...] if draw(st.booleans()) else key[:at]
    if draw(st.booleans()):
        key.insert(draw(st.integers(0, len(key))), None)
    return Sample([normal(np.random.default_rng(seed), shape)], {"key": tuple(key)}, seed)


@st.composite
def places(draw: Draw) -> Sample:
    sample = draw(keys())
    shape, key = sample.arrays[0].shape, sample.attrs["key"]
    part = np.zeros(shape)[key]
    sample.arrays = [normal(np.random.default_rng(sample.seed), part.shape)]
    sample.attrs["shape"] = list(shape)
    return sample


@st.composite
def slices(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=1))
    begin = [draw(st.integers(0, n)) for n in shape]
    size = [draw(st.integers(-1, n - a)) for a, n in zip(begin, shape, strict=True)]
    return Sample(
        [normal(np.random.default_rng(seed), shape)], {"begin": begin, "size": size}, seed
    )


@st.composite
def gathers(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=1, min_side=1))
    rng, axis = np.random.default_rng(seed), axis_of(draw, len(shape))
    kind = draw(st.sampled_from([np.int32, np.int64]))
    at = rng.integers(0, shape[axis], size=draw(shapes(max_rank=2))).astype(kind)
    return Sample([normal(rng, shape), at], {"axis": axis}, seed)


@st.composite
def adds_at(draw: Draw) -> Sample:
    sample = draw(gathers())
    x, at = sample.arrays
    axis = sample.attrs["axis"] % x.ndim
    values = normal(np.random.default_rng(sample.seed), np.take(x, at, axis).shape)
    return Sample([values, at], {"axis": axis, "shape": list(x.shape)}, sample.seed)


@st.composite
def positions(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=1, min_side=1))
    rng, k = np.random.default_rng(seed), draw(st.integers(1, len(shape)))
    lead = draw(shapes(min_rank=1, max_rank=2))  # TensorFlow scatters no single scalar
    at = rng.integers(0, shape[:k], size=(*lead, k)).astype(np.int32)
    return Sample([normal(rng, shape), at], {}, seed)


@st.composite
def scatters(draw: Draw) -> Sample:
    sample = draw(positions())
    x, at = sample.arrays
    lead = at.shape[:-1] + x.shape[at.shape[-1] :]
    values = normal(np.random.default_rng(sample.seed), lead)
    return Sample([at, values], {"shape": list(x.shape)}, sample.seed)


@st.composite
def batch_gathers(draw: Draw) -> Sample:
    """As `gathers`; half of them with leading axes that go together."""
    if draw(st.booleans()):
        return draw(gathers())
    seed, shape = draw(seeds()), draw(shapes(min_rank=2, max_rank=4, min_side=1, max_side=3))
    rng, b = np.random.default_rng(seed), draw(st.integers(1, len(shape) - 1))
    axis = draw(st.integers(b, len(shape) - 1))
    own = draw(shapes(max_rank=2))
    at = rng.integers(0, shape[axis], size=shape[:b] + own).astype(np.int32)
    named = draw(st.sampled_from([axis, axis - len(shape)] + [None] * (axis == b)))
    return Sample([normal(rng, shape), at], {"axis": named, "batch_dims": b}, seed)


@st.composite
def updates(draw: Draw, repeated: bool = True) -> Sample:
    """A tensor, positions in it, what is put there."""
    sample = draw(positions())
    x, at = sample.arrays
    if not repeated:
        at = np.unique(at.reshape(-1, at.shape[-1]), axis=0)
    rng = np.random.default_rng(sample.seed + 1)
    values = normal(rng, at.shape[:-1] + x.shape[at.shape[-1] :])
    return Sample([x, at, values], {}, sample.seed)


@st.composite
def masked(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=1, max_rank=4, min_side=1))
    rng, axis = np.random.default_rng(seed), draw(st.integers(0, len(shape) - 1))
    end = draw(st.integers(axis + 1, len(shape)))
    named = None if axis == 0 and draw(st.booleans()) else axis
    return Sample([normal(rng, shape), bits(rng, shape[axis:end])], {"axis": named}, seed)


@st.composite
def mask_lengths(draw: Draw) -> Sample:
    ends = np.random.default_rng(draw(seeds())).integers(-1, 5, size=draw(shapes(max_rank=2)))
    kinds = st.sampled_from(["bool", "float32", "int64"])
    most = draw(st.one_of(st.none(), st.integers(0, 6)))
    return Sample([ends.astype(np.int32)], {"maxlen": most, "dtype": draw(kinds)})


@st.composite
def rolls(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=1))
    x = normal(np.random.default_rng(seed), shape)
    if draw(st.booleans()):
        return Sample(
            [x], {"shift": draw(st.integers(-9, 9)), "axis": axis_of(draw, len(shape))}, seed
        )
    axes = draw(st.lists(st.integers(0, len(shape) - 1), min_size=1, max_size=3))
    return Sample([x], {"shift": [draw(st.integers(-9, 9)) for _ in axes], "axis": axes}, seed)


@st.composite
def grids(draw: Draw) -> Sample:
    seed = draw(seeds())
    rng = np.random.default_rng(seed)
    arrays = [normal(rng, draw(st.integers(0, 4))) for _ in range(draw(st.integers(1, 3)))]
    return Sample(arrays, {"indexing": draw(st.sampled_from(["xy", "ij"]))}, seed)


# -- order and counts ------------------------------------------------------------------------------


def small(rng: np.random.Generator, shape: Any) -> np.ndarray:
    """Few different values, so that equal ones are frequent."""
    return rng.integers(-2, 3, size=shape).astype(rng.choice(["float64", "int32", "int64"]))


@st.composite
def tops(draw: Draw) -> Sample:
    # TensorFlow differentiates no sorting of nothing.
    seed, shape = draw(seeds()), draw(shapes(min_rank=1, min_side=1))
    x = draw(st.sampled_from([whole(normal), distinct]))(np.random.default_rng(seed), shape)
    return Sample([x], {"k": draw(st.integers(0, shape[-1]))}, seed)


@st.composite
def segments(draw: Draw, in_order: bool = False) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=1, max_rank=3, min_side=1))
    rng, n = np.random.default_rng(seed), draw(st.integers(1, 4))
    lead = shape[: 1 if in_order else draw(st.integers(1, len(shape)))]
    ids = rng.integers(0 if in_order else -1, n, size=lead).astype(np.int32)
    x = normal(rng, shape)
    return (
        Sample([x, np.sort(ids)], {}, seed)
        if in_order
        else Sample([x, ids], {"num_segments": n}, seed)
    )


def gapless(ids: np.ndarray) -> np.ndarray:
    return np.unique(ids, return_inverse=True)[1].astype(np.int32)


@st.composite
def ranked(draw: Draw) -> Sample:
    rng = np.random.default_rng(draw(seeds()))
    rows, columns = draw(st.integers(0, 5)), draw(st.integers(1, 6))
    values = rng.integers(0, 4, size=(rows, columns)).astype(np.float32)
    values[rng.random(values.shape) < 0.05] = np.nan
    at = rng.integers(-1, columns + 1, size=rows).astype(rng.choice([np.int32, np.int64]))
    return Sample([at], {"predictions": values, "k": draw(st.integers(0, columns + 1))})


@st.composite
def vectors(draw: Draw) -> Sample:
    seed = draw(seeds())
    rng = np.random.default_rng(seed)
    return Sample([small(rng, draw(st.integers(0, 9)))], {}, seed)


@st.composite
def tallies(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(max_rank=2))
    rng = np.random.default_rng(seed)
    attrs: dict[str, Any] = {}
    if draw(st.booleans()):
        attrs["weights"] = rng.integers(-4, 5, size=shape).astype(rng.choice(["float32", "int32"]))
    if draw(st.booleans()):
        attrs |= {"minlength": draw(st.integers(0, 7))}
    if draw(st.booleans()):
        attrs |= {"maxlength": draw(st.integers(attrs.get("minlength", 0), 9))}
    return Sample([rng.integers(0, 6, size=shape).astype(np.int32)], attrs, seed)


@st.composite
def confusions(draw: Draw) -> Sample:
    seed, n = draw(seeds()), draw(st.integers(1, 9))
    rng = np.random.default_rng(seed)
    arrays = [rng.integers(0, 4, size=n).astype(np.int32) for _ in range(2)]
    one = draw(st.sampled_from([None, 0, 1]))
    if one is not None:
        arrays[one] = arrays[one][:, None]
    attrs: dict[str, Any] = {"num_classes": draw(st.sampled_from([None, 4, 6]))}
    if draw(st.booleans()):
        attrs |= {"weights": rng.integers(-4, 5, size=n) / 2, "dtype": "float32"}
    return Sample(arrays, attrs, seed)


@st.composite
def searches(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=1, max_rank=3, min_side=1))
    rng = np.random.default_rng(seed)
    kind = rng.choice(["float64", "int32"])
    rows = np.sort(rng.integers(-4, 5, size=shape), -1).astype(kind)
    values = rng.integers(-5, 6, size=(*shape[:-1], draw(st.integers(0, 4)))).astype(kind)
    return Sample([rows, values], {"side": draw(st.sampled_from(["left", "right"]))}, seed)


# -- matrices -------------------------------------------------------------------------------------


@st.composite
def some_matrices(draw: Draw, **attrs: Any) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=2, max_rank=4))
    drawn = {name: draw(strategy) for name, strategy in attrs.items()}
    return Sample([normal(np.random.default_rng(seed), shape)], drawn, seed)


@st.composite
def bands(draw: Draw) -> Sample:
    sample = draw(some_matrices())
    m, n = sample.arrays[0].shape[-2:]
    lower, upper = draw(st.integers(-1, m)), draw(st.integers(-1, n))
    return Sample(sample.arrays, {"num_lower": lower, "num_upper": upper}, sample.seed)


@st.composite
def diagonals(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=2, max_rank=4, min_side=1))
    k = draw(st.integers(1 - shape[-2], shape[-1] - 1))
    return Sample([normal(np.random.default_rng(seed), shape)], {"k": k}, seed)


@st.composite
def matvecs(draw: Draw) -> Sample:
    seed = draw(seeds())
    rng, side = np.random.default_rng(seed), st.integers(0, 5)
    m, n, flip = draw(side), draw(side), draw(st.booleans())
    batches = draw(st.sampled_from([((), ()), ((2,), (2,)), ((3,), (1,)), ((), (2,))]))
    a = normal(rng, (*batches[0], *((n, m) if flip else (m, n))))
    return Sample([a, normal(rng, (*batches[1], n))], {"transpose_a": flip}, seed)


def well_conditioned(rng: np.random.Generator, shape: Any) -> np.ndarray:
    """Square matrices not far from twice the identity."""
    return rng.uniform(-0.3, 0.3, size=shape) + 2 * np.eye(shape[-1])


@st.composite
def squares(draw: Draw, **attrs: Any) -> Sample:
    seed, n = draw(seeds()), draw(st.integers(1, 4))
    shape = (*draw(shapes(max_rank=1)), n, n)
    drawn = {name: draw(strategy) for name, strategy in attrs.items()}
    return Sample([well_conditioned(np.random.default_rng(seed), shape)], drawn, seed)


@st.composite
def equations(draw: Draw) -> Sample:
    """A system of linear equations."""
    sample = draw(squares(adjoint=st.booleans()))
    shape = (*sample.arrays[0].shape[:-1], draw(st.integers(1, 3)))
    sample.arrays.append(normal(np.random.default_rng(sample.seed + 1), shape))
    return sample


def symmetric_call(f: Any, x: Any) -> Any:
    """Of a symmetric matrix, whichever way `x` is moved."""
    import tensorflow

    import scratchnet

    tf: Any = scratchnet if isinstance(x, scratchnet.Tensor) else tensorflow
    return f(x + tf.linalg.matrix_transpose(x))


EINSUMS = [
    *("ij,jk->ik", "ij,jk", "ij,kj->ki", "bij,bjk->bik", "i,j->ij", "i,i->", "ij->ji", "ba"),
    *("ij->", "ij->i", "ii->i", "ii", "iij->j", "ijij->ji", "iii->i", "ij,ij->ij", "i,ij,j->"),
    *(
        "ij,jk,kl->il",
        "ii,ij->j",
        "ij,ij,ij->j",
        "bhwc,hkc->bwk",
        "aBc,cD->aBD",
        "i j , j k -> k i",
    ),
    *(
        "...ij,...jk->...ik",
        "...i->...",
        "i...->...i",
        "...,...->...",
        "...ii->...i",
        "i...j,j->i...",
    ),
    *("...i,i", "bij,kj->bik", "ij,k->k", "i,j,k->kji", "...,i->i..."),
]


@st.composite
def einsums(draw: Draw) -> Sample:
    equation, seed = draw(st.sampled_from(EINSUMS)), draw(seeds())
    rng = np.random.default_rng(seed)
    size = {letter: draw(st.integers(0 if letter == "i" else 1, 3)) for letter in "abcdhijklwBD"}
    hidden = draw(shapes(max_rank=2, min_side=1))
    arrays = []
    for term in equation.partition("->")[0].replace(" ", "").split(","):
        before, dots, after = term.partition("...")
        middle: list[int] = []
        if dots:  # the same axes, or fewer of them, or stretched ones
            middle = [n if draw(st.booleans()) else 1 for n in hidden]
            middle = middle[draw(st.integers(0, len(middle))) :]
        arrays.append(normal(rng, [*map(size.get, before), *middle, *map(size.get, after)]))
    return Sample(arrays, {"equation": equation}, seed)


def equation_call(f: Any, *tensors: Any, equation: str) -> Any:
    return f(equation, *tensors)


@st.composite
def matrices(draw: Draw) -> Sample:
    seed = draw(seeds())
    rng, side = np.random.default_rng(seed), st.integers(0, 5)
    n, m, k = draw(side), draw(side), draw(side)
    batch = draw(shapes(max_rank=2, min_side=1, max_side=3))
    left = tuple(1 if draw(st.booleans()) else b for b in batch)
    right = tuple(1 if draw(st.booleans()) else b for b in batch)[
        draw(st.integers(0, len(batch))) :
    ]
    ta, tb = draw(st.booleans()), draw(st.booleans())
    a = normal(rng, (*left, m, n) if ta else (*left, n, m))
    b = normal(rng, (*right, k, m) if tb else (*right, m, k))
    return Sample([a, b], {"transpose_a": ta, "transpose_b": tb}, seed)


@st.composite
def contractions(draw: Draw) -> Sample:
    seed, a_shape = draw(seeds()), draw(shapes(min_rank=1, min_side=1, max_rank=3))
    rng = np.random.default_rng(seed)
    if draw(st.booleans()):
        n = draw(st.integers(0, len(a_shape)))
        axes: Any = n
        b_shape = a_shape[len(a_shape) - n :] + draw(shapes(max_rank=2, min_side=1))
    else:
        left = draw(st.lists(st.integers(0, len(a_shape) - 1), unique=True, min_size=1))
        rest = draw(shapes(max_rank=2, min_side=1))
        b_shape = (*rest, *[a_shape[i] for i in left])
        axes = [left, [len(rest) + i for i in range(len(left))]]
    return Sample([normal(rng, a_shape), normal(rng, b_shape)], {"axes": axes}, seed)


@st.composite
def biases(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=2, max_rank=4, min_side=1))
    rng = np.random.default_rng(seed)
    return Sample([normal(rng, shape), normal(rng, shape[-1:])], {}, seed)


# -- images ---------------------------------------------------------------------------------------


@dataclass
class Windows:
    """A drawn geometry: image (H, W), window (kh, kw) and how it moves."""

    size: tuple[int, int]
    window: tuple[int, int]
    strides: list[int]
    dilations: list[int]
    padding: Any

    def out(self) -> tuple[int, int]:
        """The output's size, by the textbook formulas, written once more for the tests."""
        sizes = []
        for i in range(2):
            n, e = self.size[i], (self.window[i] - 1) * self.dilations[i] + 1
            if self.padding == "SAME":
                sizes.append(-(-n // self.strides[i]))
            else:
                more = 0 if self.padding == "VALID" else sum(self.padding[i + 1])
                sizes.append((n + more - e) // self.strides[i] + 1)
        return sizes[0], sizes[1]


@st.composite
def windows(draw: Draw, explicit: bool = True, dilated: bool = True, sides: Any = None) -> Windows:
    pair = lambda low, high: [draw(st.integers(low, high)) for _ in range(2)]  # noqa: E731
    window = draw(st.sampled_from(sides)) if sides else pair(1, 4)
    dilations = pair(1, 3) if dilated and draw(st.integers(0, 3)) == 0 else [1, 1]
    need = [(k - 1) * d + 1 for k, d in zip(window, dilations, strict=True)]
    size = [n + draw(st.integers(0, 6)) for n in need]
    padding: Any = draw(st.sampled_from(["SAME", "VALID"] + ["explicit"] * explicit))
    if padding == "explicit":
        padding = [[0, 0], pair(0, 2), pair(0, 2), [0, 0]]
    strides = pair(1, 3) if dilations == [1, 1] else [1, 1]
    return Windows((size[0], size[1]), (window[0], window[1]), strides, dilations, padding)


def conv_shapes(draw: Draw) -> tuple[Windows, int, int, int]:
    w = draw(windows())
    return w, draw(st.sampled_from([1, 2, 3])), draw(st.integers(1, 3)), draw(st.integers(1, 4))


@st.composite
def convolutions(draw: Draw, kind: str = "forward") -> Sample:
    w, N, C, O = conv_shapes(draw)
    if kind in ("forward", "fused") and draw(st.integers(0, 9)) == 0:
        N = 0
    seed = draw(seeds())
    rng = np.random.default_rng(seed)
    x, k = normal(rng, (N, *w.size, C)), normal(rng, (*w.window, C, O))
    g = normal(rng, (N, *w.out(), O))
    attrs = {"strides": w.strides, "padding": w.padding, "dilations": w.dilations}
    if kind == "forward":
        return Sample([x, k], attrs, seed)
    if kind == "fused":
        attrs["activation"] = draw(st.sampled_from([None, "relu"]))
        return Sample([x, k, normal(rng, (O,))], attrs, seed)
    if kind == "input":
        return Sample([k, g], {"input_sizes": list(x.shape), **attrs}, seed)
    if kind == "filter":
        return Sample([x, g], {"filter_sizes": list(k.shape), **attrs}, seed)
    return Sample([g, k], {"output_shape": list(x.shape), **attrs}, seed)


@st.composite
def pooled(draw: Draw, backprop: bool = False) -> Sample:
    """Channels that fill registers, or fewer.

    Not dilated: TensorFlow compiles such convolutions, and has no second derivative of max pooling
    then; the tests of kernels compare them with the definition.
    """
    C = draw(st.sampled_from([1, 3, 16]))
    sides = [(3, 3), (1, 2), (2, 3)] if C == 16 else None  # for each, kernels are compiled
    w, N, O = (
        draw(windows(dilated=False, sides=sides)),
        draw(st.integers(1, 3)),
        draw(st.integers(1, 4)),
    )
    size = w.out()
    pool = [draw(st.integers(1, min(n, 4))) for n in size]
    seed = draw(seeds())
    rng = np.random.default_rng(seed)
    arrays = [normal(rng, (N, *w.size, C)), normal(rng, (*w.window, C, O))]
    attrs = {"strides": w.strides, "padding": w.padding, "dilations": w.dilations}
    attrs |= {"pool_size": pool, "activation": draw(st.sampled_from([None, "relu"]))}
    if not backprop:
        return Sample([*arrays, normal(rng, (O,))], attrs, seed)
    (ph, pw), (oh, ow) = pool, (size[0] // pool[0], size[1] // pool[1])
    shape = (N, oh, ow, O)
    rows = np.arange(oh)[:, None, None] * ph + rng.integers(0, ph, shape)
    columns = np.arange(ow)[:, None] * pw + rng.integers(0, pw, shape)
    at = (rows * size[1] + columns).astype(np.int32)
    return Sample([*arrays, normal(rng, shape), some_zeros(rng, shape), at], attrs, seed)


def backprop_input_call(f: Any, k: Any, g: Any, input_sizes: Any, **attrs: Any) -> Any:
    return f(input_sizes, k, g, **attrs)


def backprop_filter_call(f: Any, x: Any, g: Any, filter_sizes: Any, **attrs: Any) -> Any:
    return f(x, filter_sizes, g, **attrs)


def conv_terms(sample: Sample) -> float:
    return float(max(a.size for a in sample.arrays))


def is_dilated(sample: Sample) -> bool:
    return max(sample.attrs["dilations"]) > 1


@st.composite
def poolings(
    draw: Draw, values: Any = normal, explicit: bool = False, kind: str = "forward"
) -> Sample:
    w, N, C = (
        draw(windows(explicit=False, dilated=False)),
        draw(st.integers(1, 3)),
        draw(st.integers(1, 3)),
    )
    seed = draw(seeds())
    rng = np.random.default_rng(seed)
    attrs = {"ksize": list(w.window), "strides": w.strides, "padding": w.padding}
    if kind == "backprop":
        g = normal(rng, (N, *w.out(), C))
        return Sample([g], {"input_sizes": [N, *w.size, C], **attrs}, seed)
    return Sample([values(rng, (N, *w.size, C))], attrs, seed)


def sizes_first_call(f: Any, g: Any, input_sizes: Any, **attrs: Any) -> Any:
    return f(input_sizes, g, **attrs)


@st.composite
def pixels(draw: Draw, put: bool = False) -> Sample:
    seed = draw(seeds())
    rng = np.random.default_rng(seed)
    N, H, W, C = (draw(st.integers(1, 4)) for _ in range(4))
    at = rng.integers(0, H * W, size=(N, draw(st.integers(1, 4)), draw(st.integers(1, 4)), C))
    if put:
        return Sample([normal(rng, at.shape), at], {"shape": [N, H, W, C]}, seed)
    return Sample([normal(rng, (N, H, W, C)), at], {}, seed)


# -- probabilities, normalization, randomness -----------------------------------------------------


@st.composite
def cross_entropies(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=1, min_side=1))
    rng = np.random.default_rng(seed)
    return Sample([labels(rng, shape), rng.normal(size=shape) * 4], {}, seed)


@st.composite
def sparse_cross_entropies(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=2, min_side=1))
    rng = np.random.default_rng(seed)
    kind = draw(st.sampled_from([np.int32, np.int64]))
    y = rng.integers(0, shape[-1], size=shape[:-1]).astype(kind)
    return Sample([y, rng.normal(size=shape) * 4], {}, seed)


@st.composite
def normalizations(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=1, max_rank=4, min_side=1))
    rng = np.random.default_rng(seed)
    C = shape[-1:]
    arrays = [normal(rng, shape), normal(rng, C), positive(rng, C), normal(rng, C), normal(rng, C)]
    return Sample(arrays, {"variance_epsilon": draw(st.sampled_from([1e-3, 1e-5]))}, seed)


@st.composite
def rectified(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes())
    rng = np.random.default_rng(seed)
    return Sample([normal(rng, shape), away_from_zero(rng, shape)], {}, seed)


@st.composite
def drops(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes())
    rng = np.random.default_rng(seed)
    rate = draw(st.sampled_from([0.0, 0.25, 0.3, 0.5, 0.9]))
    return Sample([normal(rng, shape), bits(rng, shape)], {"rate": rate}, seed)


@st.composite
def dropouts(draw: Draw, stateless: bool = True) -> Sample:
    sample = draw(drops())
    sample.arrays.pop()
    sample.attrs["seed"] = [draw(seeds()) % 2**31, draw(seeds()) % 2**31] if stateless else 7
    return sample


def seeded_call(f: Any, x: Any, **attrs: Any) -> Any:
    """A stateful op, from the start of its stream."""
    import tensorflow

    import scratchnet

    tensorflow.random.set_seed(5)
    scratchnet.random.set_seed(5)
    return f(x, **attrs)


@st.composite
def random_calls(draw: Draw, **attrs: Any) -> Sample:
    drawn = {name: draw(strategy) for name, strategy in attrs.items()}
    pair = [draw(st.integers(-(2**31), 2**31 - 1)) for _ in range(2)]
    return Sample([], {"shape": list(draw(shapes(max_side=9))), "seed": pair, **drawn})


float_names = st.sampled_from(["float32", "float64"])
index_names = st.sampled_from([np.int32, np.int64])


# -- creation -------------------------------------------------------------------------------------


def attrs_only(**attrs: st.SearchStrategy[Any]) -> st.SearchStrategy[Sample]:
    return st.fixed_dictionaries(attrs).map(lambda drawn: Sample([], drawn))


@st.composite
def casts(draw: Draw) -> Sample:
    kinds = ["float16", "float32", "float64", "int32", "int64", "uint8", "int8", "bool"]
    sample = draw(unary(lambda rng, shape: rng.normal(size=shape) * 40))
    sample.attrs["dtype"] = draw(st.sampled_from(kinds))
    return sample


nested = st.one_of(
    st.integers(-(2**40), 2**40),
    st.floats(-1e3, 1e3, width=32),
    st.booleans(),
    st.lists(st.integers(-9, 9), max_size=4),
    st.lists(st.lists(st.floats(-9, 9, width=32), min_size=2, max_size=2), max_size=3),
)


@st.composite
def ranges(draw: Draw) -> Sample:
    whole_numbers = draw(st.booleans())
    number = (
        st.integers(-9, 9) if whole_numbers else st.sampled_from([-2.0, -0.5, 0.0, 0.3, 1.5, 4.0])
    )
    delta = draw(number.filter(lambda n: n != 0))
    ends = sorted([draw(number), draw(number)], reverse=delta < 0)
    return Sample([], {"start": ends[0], "limit": ends[1], "delta": delta})


@st.composite
def linspaces(draw: Draw) -> Sample:
    seed = draw(seeds())
    rng = np.random.default_rng(seed)
    return Sample([normal(rng, ()), normal(rng, ())], {"num": draw(st.integers(1, 9))}, seed)


@st.composite
def one_hots(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(max_rank=2))
    at = np.random.default_rng(seed).integers(-1, 6, size=shape).astype(np.int32)
    attrs: dict[str, Any] = {
        "depth": draw(st.integers(0, 5)),
        "axis": draw(st.integers(-1, len(shape))),
    }
    if draw(st.booleans()):
        attrs |= {"on_value": 2.5, "off_value": -1.0}
    elif draw(st.booleans()):
        attrs |= {"dtype": draw(st.sampled_from(["int32", "float64"]))}
    return Sample([at], attrs, seed)


def inside(rng: np.random.Generator, shape: Any) -> np.ndarray:
    """Values between -1 and 1, not too near to either."""
    return rng.uniform(-0.8, 0.8, size=shape)


def above_one(rng: np.random.Generator, shape: Any) -> np.ndarray:
    return rng.uniform(1.3, 4.0, size=shape)


def around_six(rng: np.random.Generator, shape: Any) -> np.ndarray:
    return away_from_zero(rng, shape) * 3 + rng.choice([0.01, 6.01], size=shape)


def special(rng: np.random.Generator, shape: Any) -> np.ndarray:
    return rng.choice([np.nan, np.inf, -np.inf, 0.0, 1.5], size=shape)


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


def convolving(kind: str, **options: Any) -> Case:
    return Case(
        convolutions(kind), ulps=8, length=conv_terms, scale=largest, xla=is_dilated, **options
    )


TRUTH: dict[str, Any] = {"order": 1, "exact": True}

CASES: dict[str, Case] = {
    # arithmetic
    "add": pair(),
    "subtract": pair(),
    "multiply": pair(),
    "divide": pair(normal, away_from_zero),
    "floordiv": pair(off_steps, lambda rng, shape: np.ones(shape), order=1),
    "mod": pair(off_steps, lambda rng, shape: np.ones(shape)),
    "pow": pair(positive, normal),
    "divide_no_nan": pair(normal, away_from_zero),
    "multiply_no_nan": pair(normal, some_zeros),
    "xlogy": pair(away_from_zero, positive),
    "xdivy": pair(away_from_zero, away_from_zero),
    "squared_difference": pair(),
    "add_n": moving(alike(), call=list_call),
    "maximum": pair(distinct, lambda rng, shape: distinct(rng, shape) + 0.03),
    "minimum": pair(distinct, lambda rng, shape: distinct(rng, shape) + 0.03),
    # one tensor, element by element
    "negative": simple(),
    "abs": simple(away_from_zero),
    "sign": simple(away_from_zero),
    "square": simple(),
    "floor": simple(off_steps, order=1),
    "ceil": simple(off_steps, order=1),
    "rint": simple(lambda rng, shape: rng.integers(-8, 9, size=shape) / 2, order=1),
    "is_nan": simple(special, order=1),
    "is_inf": simple(special, order=1),
    "is_finite": simple(special, order=1),
    "round": simple(lambda rng, shape: rng.integers(-8, 9, size=shape) / 2, order=1),
    "exp": simple(),
    "expm1": simple(),
    "log": simple(positive),
    "log1p": simple(positive),
    "sqrt": simple(positive),
    "rsqrt": simple(positive),
    "reciprocal": simple(away_from_zero),
    "sin": simple(scale=largest),
    "cos": simple(scale=largest),
    "tan": simple(inside),
    "asin": simple(inside),
    "acos": simple(inside),
    "atan": simple(scale=largest),
    "atan2": pair(away_from_zero, away_from_zero),
    "sinh": simple(scale=largest),
    "cosh": simple(scale=largest),
    "asinh": simple(scale=largest),
    "acosh": simple(above_one),
    "atanh": simple(inside),
    "erf": simple(scale=largest),
    "erfc": simple(scale=largest),
    "sigmoid": simple(scale=largest),
    "tanh": simple(scale=largest),
    "softplus": simple(scale=largest),
    "log_sigmoid": simple(scale=largest),
    "softsign": simple(order=1),  # TensorFlow has no second derivative of it
    "silu": Case(unary(beta=st.sampled_from([1.0, 0.3])), scale=largest),
    "gelu": Case(unary(approximate=st.booleans()), scale=largest),
    "relu": simple(away_from_zero),
    "relu6": simple(around_six),
    "relu_gradient": Case(rectified()),
    "crelu": moving(along_axis(away_from_zero)),
    "leaky_relu": Case(unary(away_from_zero, alpha=st.sampled_from([0.0, 0.2, 0.7]))),
    "elu": simple(away_from_zero, scale=largest),
    "selu": simple(away_from_zero, scale=largest),
    # comparisons, logic, selection
    "equal": Case(comparisons(), **TRUTH),
    "not_equal": Case(comparisons(), **TRUTH),
    "less": Case(comparisons(), **TRUTH),
    "less_equal": Case(comparisons(), **TRUTH),
    "greater": Case(comparisons(), **TRUTH),
    "greater_equal": Case(comparisons(), **TRUTH),
    "logical_and": Case(broadcast(bits, bits), **TRUTH),
    "logical_or": Case(broadcast(bits, bits), **TRUTH),
    "logical_xor": Case(broadcast(bits, bits), **TRUTH),
    "logical_not": Case(unary(bits), **TRUTH),
    "bitwise_and": Case(broadcast(whole(normal), whole(normal)), **TRUTH),
    "bitwise_or": Case(broadcast(whole(normal), whole(normal)), **TRUTH),
    "bitwise_xor": Case(broadcast(whole(normal), whole(normal)), **TRUTH),
    "invert": Case(unary(whole(normal)), **TRUTH),
    "where": Case(broadcast(bits, normal, normal), length=lambda s: 64.0, scale=largest),
    "clip_by_value": Case(
        unary(distinct).map(
            lambda s: Sample([*s.arrays, np.array(-0.71), np.array(0.83)], {}, s.seed)
        ),
        length=lambda s: 64.0,
        scale=largest,
    ),
    # creation
    "constant": Case(attrs_only(value=nested), **TRUTH),
    "convert_to_tensor": Case(attrs_only(value=nested), **TRUTH),
    "cast": Case(casts()),
    "identity": simple(),
    "linked": Case(unalike()),
    "stop_gradient": simple(),
    "read_variable": simple(),
    "zeros": Case(attrs_only(shape=shapes(), dtype=float_names), **TRUTH),
    "ones": Case(attrs_only(shape=shapes(), dtype=float_names), **TRUTH),
    "zeros_like": Case(unary(any_dtype), **TRUTH),
    "ones_like": Case(unary(any_dtype), **TRUTH),
    "fill": Case(attrs_only(dims=shapes(), value=st.sampled_from([1, 2.5, True])), **TRUTH),
    "eye": Case(
        attrs_only(
            num_rows=st.integers(0, 4),
            num_columns=st.one_of(st.none(), st.integers(0, 4)),
            batch_shape=st.sampled_from([None, [2], [2, 0]]),
            dtype=float_names,
        ),
        **TRUTH,
    ),
    "range": Case(ranges()),
    "linspace": Case(
        linspaces(), scale=lambda s: float(sum(abs(a) for a in s.arrays)), length=lambda s: 9.0
    ),
    "one_hot": Case(one_hots(), **TRUTH),
    # shape
    "reshape": moving(reshapes()),
    "expand_dims": moving(new_axes()),
    "squeeze": moving(squeezes()),
    "transpose": moving(permutations()),
    "broadcast_to": moving(broadcasts_to()),
    "sum_to": summing(sums_to()),
    "tile": moving(tiles()),
    "concat": moving(concats(), call=list_call),
    "stack": moving(stacks(), call=list_call),
    "unstack": moving(along_axis(min_side=1)),
    "split": moving(splits()),
    "pad": moving(pads()),
    "reverse": moving(reversals()),
    "repeat": moving(along_axis(repeats=st.integers(0, 3))),
    "roll": moving(rolls()),
    "meshgrid": moving(grids()),
    "shape": Case(unary(any_dtype, out_type=st.sampled_from([None, "int64"])), **TRUTH),
    "size": Case(unary(any_dtype, out_type=st.sampled_from([None, "int64"])), **TRUTH),
    "rank": Case(unary(any_dtype), **TRUTH),
    # picking and putting
    "getitem": moving(keys()),
    "place": moving(places()),
    "slice": moving(slices()),
    "gather": moving(batch_gathers()),
    "add_at": moving(adds_at()),
    "embedding_lookup": moving(
        gathers().map(lambda s: Sample([s.arrays[0], s.arrays[1] * 0], {}, s.seed))
    ),
    "gather_nd": moving(positions()),
    "scatter_nd": moving(scatters()),
    "tensor_scatter_nd_update": moving(updates(repeated=False)),
    "tensor_scatter_nd_add": moving(updates()),
    "tensor_scatter_nd_sub": moving(updates()),
    "tensor_scatter_nd_max": moving(updates(repeated=False)),
    "tensor_scatter_nd_min": moving(updates(repeated=False)),
    "boolean_mask": moving(masked()),
    "sequence_mask": Case(mask_lengths(), **TRUTH),
    # reductions
    "reduce_sum": summing(reductions()),
    "reduce_mean": summing(reductions()),
    "reduce_max": summing(reductions(distinct)),
    "reduce_min": summing(reductions(distinct)),
    "reduce_prod": summing(reductions(away_from_zero)),
    "prod_of_others": summing(
        reductions(away_from_zero, min_side=1).map(
            lambda s: Sample(s.arrays, {"axis": list(range(s.arrays[0].ndim))[-1:] or []}, s.seed)
        )
    ),
    "reduce_any": Case(reductions(bits), **TRUTH),
    "reduce_all": Case(reductions(bits), **TRUTH),
    "argmax": Case(along_axis(whole(normal), min_side=1, output_type=index_names), **TRUTH),
    "argmin": Case(along_axis(whole(normal), min_side=1, output_type=index_names), **TRUTH),
    "cumsum": summing(along_axis(exclusive=st.booleans(), reverse=st.booleans())),
    "cumprod": summing(along_axis(away_from_zero, exclusive=st.booleans(), reverse=st.booleans())),
    "reduce_logsumexp": summing(reductions(min_side=1)),
    "reduce_variance": summing(reductions(min_side=1)),
    "reduce_std": summing(reductions(distinct, min_side=2, min_axes=1)),
    "reduce_euclidean_norm": summing(reductions(away_from_zero, min_side=1)),
    "count_nonzero": Case(reductions(whole(normal)), **TRUTH),
    "zero_fraction": Case(unary(any_dtype), **TRUTH),
    "clip_by_norm": summing(
        reductions(away_from_zero, min_side=2, min_axes=1).map(
            lambda s: Sample(s.arrays, {"axes": s.attrs["axis"], "clip_norm": 1.7}, s.seed)
        )
    ),
    "clip_by_global_norm": summing(
        any_shapes(clip_norm=st.sampled_from([0.5, 3.0, 100.0])), call=list_call
    ),
    "global_norm": summing(any_shapes(), call=list_call),
    "l2_loss": summing(unary()),
    "norm": summing(
        reductions(away_from_zero, min_side=1).map(
            lambda s: Sample(
                s.arrays,
                {**s.attrs, "axis": None if isinstance(s.attrs["axis"], list) else s.attrs["axis"]},
                s.seed,
            )
        )
    ),
    "normalize": summing(
        reductions(distinct, min_side=2, min_axes=1).map(
            lambda s: Sample(s.arrays, {"axis": s.attrs["axis"] and -1, "ord": 2}, s.seed)
        )
    ),
    "moments": summing(
        reductions(min_side=1).map(
            lambda s: Sample(
                s.arrays,
                {
                    "axes": list(range(s.arrays[0].ndim))[:2],
                    "keepdims": s.attrs["keepdims"],
                },
                s.seed,
            )
        ),
        order=1,  # TensorFlow's second derivative leaves out the mean; finite differences see ours
    ),
    # order and counts
    "sort": moving(
        along_axis(distinct, min_side=1, direction=st.sampled_from(["ASCENDING", "DESCENDING"]))
    ),
    "argsort": Case(
        along_axis(small, direction=st.sampled_from(["ASCENDING", "DESCENDING"])), **TRUTH
    ),
    "unsorted_segment_sum": summing(segments()),
    "unsorted_segment_mean": summing(segments()),
    "segment_sum": summing(segments(in_order=True)),
    "segment_mean": summing(  # of an empty segment TensorFlow's second derivative is nan
        segments(in_order=True).map(
            lambda s: Sample([s.arrays[0], gapless(s.arrays[1])], {}, s.seed)
        )
    ),
    "top_k": moving(tops()),
    "in_top_k": Case(ranked(), **TRUTH),
    "unique": Case(vectors(), order=0, exact=True),
    "unique_with_counts": Case(vectors(), order=0, exact=True),
    "bincount": Case(tallies(), **TRUTH),
    "confusion_matrix": Case(confusions(), **TRUTH),
    "searchsorted": Case(searches(), **TRUTH),
    # matrices
    "matmul": Case(matrices(), ulps=8, length=lambda s: 64.0, scale=largest),
    "tensordot": Case(contractions(), ulps=8, length=lambda s: 64.0, scale=largest),
    "einsum": Case(einsums(), call=equation_call, ulps=8, length=lambda s: 128.0, scale=largest),
    "matvec": Case(matvecs(), ulps=8, length=lambda s: 64.0, scale=largest),
    "matrix_transpose": moving(some_matrices()),
    "diag": moving(
        along_axis(min_side=1).map(lambda s: Sample(s.arrays, {"k": s.attrs["axis"]}, s.seed))
    ),
    "diag_part": moving(diagonals()),
    "trace": summing(some_matrices()),
    "band_part": moving(bands()),
    "l2_normalize": summing(
        reductions(away_from_zero, min_side=2, min_axes=1).map(
            lambda s: Sample(s.arrays, {"axis": s.attrs["axis"]}, s.seed)
        )
    ),
    "det": Case(squares(), length=lambda s: 64.0, scale=lambda s: 16.0),
    "inv": Case(squares(adjoint=st.booleans()), length=lambda s: 64.0, scale=largest),
    "solve": Case(equations(), length=lambda s: 64.0, scale=largest),
    "cholesky": Case(
        squares(),
        call=symmetric_call,
        length=lambda s: 64.0,
        scale=largest,
    ),
    "bias_add": summing(biases()),
    # images
    "conv2d": convolving("forward"),
    "fused_conv2d": convolving("fused"),
    "pooled_conv2d": Case(pooled(), ulps=8, length=conv_terms, scale=largest),
    "pooled_conv2d_backprop": Case(
        pooled(backprop=True), wrt=(0, 1, 2), ulps=8, length=conv_terms, scale=largest
    ),
    "conv2d_backprop_input": convolving("input", call=backprop_input_call),
    "conv2d_backprop_filter": convolving("filter", call=backprop_filter_call),
    "conv2d_transpose": convolving("transpose"),
    "max_pool2d": moving(poolings(distinct)),
    "take_pixels": moving(pixels()),
    "put_pixels": moving(pixels(put=True)),
    "avg_pool2d": moving(poolings()),
    "avg_pool2d_backprop": moving(poolings(kind="backprop"), call=sizes_first_call),
    # probabilities
    "softmax": Case(logits(), length=lambda s: 8.0, scale=largest),
    "log_softmax": Case(logits(), length=lambda s: 8.0, scale=largest),
    "softmax_cross_entropy_with_logits": Case(
        # By the labels TensorFlow has no second derivative: a named test looks at the first.
        cross_entropies(),
        wrt=(1,),
        length=lambda s: 8.0,
        scale=largest,
    ),
    "sparse_softmax_cross_entropy_with_logits": Case(
        sparse_cross_entropies(), length=lambda s: 8.0, scale=largest
    ),
    "sigmoid_cross_entropy_with_logits": Case(
        unary().map(lambda s: Sample([s.arrays[0] ** 2, s.arrays[0] * 4], {}, s.seed)),
        length=lambda s: 8.0,
        scale=largest,
    ),
    "batch_normalization": Case(
        normalizations(),
        length=reduced,
        scale=lambda s: 30 * largest(s),  # 1/variance**1.5, three times
    ),
    # randomness: the same bits, so the same everything
    "drop": Case(drops()),
    "dropout": Case(dropouts(stateless=False), call=seeded_call),
    "stateless_dropout": Case(dropouts()),
    "stateless_uniform": Case(random_calls(dtype=float_names), **TRUTH),
    "stateless_normal": Case(random_calls(dtype=float_names), **TRUTH),
    "stateless_truncated_normal": Case(random_calls(dtype=float_names), **TRUTH),
}
