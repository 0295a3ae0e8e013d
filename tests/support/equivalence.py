"""One program on two modules: an op, its gradient and the gradient of its gradient, compared.

The bound on a difference is, per element,

    |ours - theirs| <= eps (case.ulps + length) (|theirs| + scale)

with eps the dtype's rounding unit, `length` how many terms a sum has, and `scale` the size of the
data that went into it (so that a sum that cancels is judged by what cancelled).  Both are
properties of a case, never of a test that fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.support.cases import Case, Sample

FLOATS = {"float32": np.float32, "float64": np.float64}


@dataclass
class Result:
    """What one module made of a sample: outputs, first gradients, second gradients."""

    outputs: list[np.ndarray]
    first: list[np.ndarray | None]
    second: list[np.ndarray | None]


def flat(ys: Any) -> list[Any]:
    if isinstance(ys, list | tuple):
        return [leaf for y in ys for leaf in flat(y)]
    return [ys]


def cotangents(rng: np.random.Generator, like: list[Any]) -> list[np.ndarray]:
    """Random, of both signs and different sizes: never all ones."""
    kinds = [y.dtype.as_numpy_dtype for y in like]
    draws = [_draw(rng, tuple(y.shape), y.dtype.is_complex) for y in like]
    return [np.asarray(draw, kind) for draw, kind in zip(draws, kinds, strict=True)]


def _draw(rng: np.random.Generator, shape: tuple[int, ...], complex_too: bool) -> np.ndarray:
    real = rng.normal(size=shape) * 2
    return real + 1j * rng.normal(size=shape) if complex_too else real


def smooth(dtype: Any) -> bool:
    """Whether tensors of a `dtype`, of either module, have gradients."""
    return bool(dtype.is_floating or dtype.is_complex)


def as_dtype(array: np.ndarray, dtype: str) -> np.ndarray:
    """`array` with floats, and complex numbers with parts, of that `dtype`."""
    kinds = {"f": dtype, "c": "complex64" if dtype == "float32" else "complex128"}
    return array.astype(kinds.get(array.dtype.kind, array.dtype), copy=False)


def run(tf: Any, f: Any, case: Case, sample: Sample, tensors: list[Any]) -> Result:
    """The program, in the words that both modules know."""
    rng = np.random.default_rng(sample.seed)
    floats = [x for x in tensors if smooth(x.dtype)]
    floats = floats if case.wrt is None else [floats[i] for i in case.wrt]
    with tf.GradientTape() as outer:
        outer.watch(floats)
        with tf.GradientTape() as inner:
            inner.watch(floats)
            ys = flat(case.call(f, *tensors, **sample.attrs))
        targets = [y for y in ys if smooth(y.dtype)]
        gs = [tf.constant(g) for g in cotangents(rng, targets)]
        outer.watch(gs)
        asked = targets and case.order
        first = inner.gradient(targets, floats, output_gradients=gs) if asked else []
        first = [None if g is None else tf.convert_to_tensor(g) for g in first]
    second: list[Any] = []
    reached = [g for g in first if g is not None]
    if reached and case.order > 1:
        hs = [tf.constant(h) for h in cotangents(rng, reached)]
        second = outer.gradient(reached, floats + gs, output_gradients=hs)
        second = [None if h is None else tf.convert_to_tensor(h) for h in second]
    return Result(ys, first, second)


def numpy_result(result: Result) -> Result:
    def arrays(ts: list[Any]) -> list[Any]:
        return [None if t is None else np.asarray(t.numpy()) for t in ts]

    return Result(arrays(result.outputs), arrays(result.first), arrays(result.second))


def assert_close(
    what: str, ours: Any, theirs: Any, case: Case, sample: Sample, grow: float = 1.0
) -> None:
    """Shape, dtype, then every element."""
    assert ours.shape == theirs.shape, f"{what}: shape {ours.shape}, TensorFlow {theirs.shape}"
    assert ours.dtype == theirs.dtype, f"{what}: dtype {ours.dtype}, TensorFlow {theirs.dtype}"
    if ours.dtype.kind not in "fc" or case.exact:
        np.testing.assert_array_equal(ours, theirs, err_msg=what)
        return
    # Exactly where TensorFlow has nan and inf, and nowhere else.
    np.testing.assert_array_equal(np.isnan(ours), np.isnan(theirs), err_msg=f"{what}: nan")
    finite = np.isfinite(theirs)
    np.testing.assert_array_equal(ours[~finite], theirs[~finite], err_msg=f"{what}: inf")
    wide = np.complex128 if ours.dtype.kind == "c" else np.float64
    a, b = ours[finite].astype(wide), theirs[finite].astype(wide)
    if not a.size:
        return
    eps = np.finfo(ours.dtype).eps
    scale = grow * case.scale(sample) + (np.abs(b).max() if case.length(sample) > 1 else 0)
    bound = eps * (case.ulps + case.length(sample)) * (np.abs(b) + scale)
    worst = np.argmax(np.abs(a - b) - bound)
    assert (np.abs(a - b) <= bound).all(), (
        f"{what}: {a[worst]!r}, TensorFlow {b[worst]!r}: {np.abs(a - b)[worst]:.3g} apart, "
        f"bound {bound[worst]:.3g}; {sample}"
    )


def assert_same(ours: Result, theirs: Result, case: Case, sample: Sample) -> None:
    assert len(ours.outputs) == len(theirs.outputs)
    for i, (a, b) in enumerate(zip(ours.outputs, theirs.outputs, strict=True)):
        assert_close(f"output {i}", a, b, case, sample)
    assert len(ours.first) == len(theirs.first)
    for i, (a, b) in enumerate(zip(ours.first, theirs.first, strict=True)):
        assert (a is None) == (b is None), f"gradient {i}: {a}, TensorFlow {b}"
        if b is not None:
            assert_close(f"gradient {i}", a, b, case, sample, grow=4)
    for i, (a, b) in enumerate(zip(ours.second, theirs.second, strict=True)):
        assert (a is None) == (b is None), f"second gradient {i}: {a}, TensorFlow {b}"
        if b is not None:
            assert_close(f"second gradient {i}", a, b, case, sample, grow=16)
