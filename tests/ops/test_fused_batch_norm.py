"""Batch normalization as one op, beside the definition in small ops."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import tensorflow
from hypothesis import given, settings
from hypothesis import strategies as st

import scratchnet
from scratchnet import ops
from scratchnet.kernels.elementwise import LARGE
from tests.support.bad_calls import OWN, Bad, BadCalls, f32, f64, i32
from tests.support.cases import (
    Case,
    Draw,
    Sample,
    largest,
    normal,
    positive,
    reduced,
    seeds,
    shapes,
    some_zeros,
)
from tests.support.ops_checks import (
    DTYPES,
    check_against_tensorflow,
    check_composed,
    check_finite_differences,
    check_refused,
    differentiable,
    results,
)

# -- cases -----------------------------------------------------------------------------------------


def off_the_kink(rng: np.random.Generator, shape: Any) -> list[np.ndarray]:
    """x, scale and offset whose normalized values are not near 0, where relu has its kink."""
    *pixels, C = shape
    signs = (-1.0) ** np.arange(int(np.prod(pixels)))[:, None]
    x = signs * rng.uniform(0.8, 1.2, (signs.size, C))
    scale = rng.uniform(0.3, 2.0, C) * rng.choice([-1.0, 1.0], C)
    return [x.reshape(shape), scale, scale * rng.uniform(0.1, 0.2, C) * rng.choice([-1.0, 1.0], C)]


@st.composite
def normalizations(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=2, max_rank=5, min_side=1, max_side=3))
    rng, C = np.random.default_rng(seed), shape[-1:]
    relu, training = draw(st.booleans()), draw(st.booleans())
    arrays = [normal(rng, shape), normal(rng, C), normal(rng, C)]
    if relu:
        arrays = off_the_kink(rng, shape)
    if not training:
        arrays += [rng.uniform(-0.1, 0.1, C), positive(rng, C)]
    attrs = {"epsilon": draw(st.sampled_from([0.3, 1.0])), "is_training": training}
    return Sample(arrays, attrs | {"activation": "relu" if relu else None}, seed)


@st.composite
def sums(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=2, max_rank=5, min_side=1, max_side=3))
    rng = np.random.default_rng(seed)
    x, scale, offset = off_the_kink(rng, shape)
    far = 3 * rng.choice([-1.0, 0.0, 1.0], shape)  # by which some fall on the other side of it
    side = far * np.abs(scale) + rng.uniform(-0.01, 0.01, shape)
    return Sample([x, side, scale, offset], {"epsilon": draw(st.sampled_from([0.3, 1.0]))}, seed)


@st.composite
def gradients(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=2, max_rank=5, min_side=1, max_side=3))
    rng, C = np.random.default_rng(seed), shape[-1:]
    arrays = [normal(rng, s) for s in (shape, shape, C, C)]
    arrays += [positive(rng, C), some_zeros(rng, shape)]
    attrs = {"epsilon": draw(st.sampled_from([0.3, 1.0]))}
    return Sample(arrays, attrs | {"activation": draw(st.sampled_from([None, "relu"]))}, seed)


CASES: dict[str, Case] = {
    "fused_batch_norm": Case(
        normalizations(), length=reduced, scale=lambda s: 30 * (1 + largest(s))
    ),
    "fused_batch_norm_add_relu": Case(
        sums(), length=reduced, scale=lambda s: 30 * (1 + largest(s))
    ),
    "fused_batch_norm_gradient": Case(
        gradients(),
        wrt=tuple(range(5)),  # of y only the sign matters
        length=reduced,
        scale=lambda s: 30 * (1 + largest(s)),  # 1/variance**1.5, as of batch_normalization
    ),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
arguments = BAD_CALLS.arguments

normalize = arguments("fused_batch_norm", {"x": f32(2, 3), "scale": f32(3), "offset": f32(3)})
for name in ("scale", "offset"):
    says = f"`{name}` must have one value per channel", "[2] vs. [2,3]"
    normalize(f"{name} of another size", *says, alone=OWN, **{name: f32(2)})
    normalize(f"{name} of float64", f"`{name}`", alone=OWN, **{name: f64(3)})
normalize("a scalar", "`x` must have an axis of channels", x=f32(), alone=OWN)
normalize("integers", "`x` must be floating", x=i32(2, 3), alone=OWN)
normalize("None", "`x`", x=None, alone=OWN)
normalize("epsilon -1", "`epsilon` must be >= 0", epsilon=-1.0, alone=OWN)
normalize("epsilon a string", "`epsilon` must be a number", epsilon="a", alone=OWN)
normalize("an activation", "`activation` must be None or 'relu'", activation="tanh", alone=OWN)
normalize("NCHW", "`data_format` must be 'NHWC'", data_format="NCHW", alone=OWN)
normalize("a flag", "`is_training`", is_training=np.ones(2), alone=OWN)
normalize("a mean in training", "`mean` must be None", "is_training=True", mean=f32(3), alone=OWN)
normalize("no mean", "`mean` must not be None", "is_training=False", is_training=False, alone=OWN)

images = {"x": f32(2, 3), "side_input": f32(2, 3)}
add = arguments("fused_batch_norm_add_relu", images | {"scale": f32(3), "offset": f32(3)})
for name in ("scale", "offset"):
    says = f"`{name}` must have one value per channel", "[2] vs. [2,3]"
    add(f"{name} of another size", *says, alone=OWN, **{name: f32(2)})
add("another shape", "`side_input` must have the shape of `x`", side_input=f32(1, 3), alone=OWN)
add("another rank", "`side_input` must have", "[3] vs. [2,3]", side_input=f32(3), alone=OWN)
add("another dtype", "`side_input`", side_input=f64(2, 3), alone=OWN)
add("no side input", "`side_input`", side_input=None, alone=OWN)
add("integers", "`x` must be floating", x=i32(2, 3), alone=OWN)
add("a scalar", "`x` must have an axis of channels", x=f32(), side_input=f32(), alone=OWN)
add("epsilon -1", "`epsilon` must be >= 0", epsilon=-1.0, alone=OWN)

channels = {"scale", "mean", "variance"}
gradient = arguments(
    "fused_batch_norm_gradient",
    {
        **{name: f32(2, 3) for name in ("y_backprop", "x", "y")},
        **{name: f32(3) for name in channels},
    },
)
for name in sorted(channels):
    gradient(f"{name} of another size", f"`{name}` must have one", alone=OWN, **{name: f32(1)})
for name in ("y_backprop", "y"):
    says = f"`{name}` must have the shape of `x`", "[3] vs. [2,3]"
    gradient(f"{name} of another shape", *says, alone=OWN, **{name: f32(3)})
gradient("epsilon -1", "`epsilon` must be >= 0", epsilon=-1, alone=OWN)
gradient("an activation", "`activation` must be None or 'relu'", activation=1, alone=OWN)


# -- the checks of every op ------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CASES)
@given(data=st.data())
def test_op_is_tensorflows(name: str, dtype: str, data: st.DataObject) -> None:
    check_against_tensorflow(name, CASES[name], dtype, data)


@pytest.mark.parametrize("name", differentiable(CASES))
@settings(max_examples=8)
@given(data=st.data())
def test_op_matches_finite_differences(name: str, data: st.DataObject) -> None:
    check_finite_differences(name, CASES[name], data.draw(CASES[name].samples), order=2)


@pytest.mark.parametrize("name", ["fused_batch_norm", "fused_batch_norm_add_relu"])
@given(data=st.data())
def test_the_fused_op_is_its_definition(name: str, data: st.DataObject) -> None:
    check_composed(name, CASES[name], data.draw(CASES[name].samples))


@pytest.mark.parametrize("row", BAD_CALLS, ids=str)
@pytest.mark.usefixtures("no_kernels")
def test_it_is_refused_by_name_before_any_work(row: Bad) -> None:
    check_refused(row)


# -- large arrays, which the kernels take ----------------------------------------------------------

SHAPES = [(LARGE, 1), (LARGE // 15 + 1, 15), (7, 20, 16, 16), (3, 5, 11, 211), (41, 800)]


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_kernels_compute_the_definition(shape: tuple[int, ...], training: bool) -> None:
    """Up to the second derivative; relu of what is not near its kink."""
    rng = np.random.default_rng(len(shape))
    for relu, epsilon in itertools.product((False, True), (1e-3, 1.0)):
        arrays = off_the_kink(rng, shape)
        if not training:
            arrays += [rng.uniform(-0.1, 0.1, shape[-1]), rng.uniform(0.5, 2.0, shape[-1])]
        attrs = {"epsilon": epsilon, "is_training": training}
        sample = Sample(arrays, attrs | {"activation": "relu" if relu else None}, seed=1)
        summed = Case(st.nothing(), length=lambda s: s.arrays[0][..., 0].size, scale=largest)
        check_composed("fused_batch_norm", summed, sample)
        # In float32 every number is rounded once, but for the statistics on the way back.
        narrow = [a.astype(np.float32) for a in arrays]
        case, exact = Case(st.nothing()), [a.astype(np.float64) for a in narrow]
        ours = results(ops.fused_batch_norm, case, Sample(narrow, sample.attrs, 1))
        wide = results(ops.fused_batch_norm, case, Sample(exact, sample.attrs, 1))
        for a, b in zip(ours.outputs, wide.outputs, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7)
        for a, b in zip(ours.first[:3] if training else [], wide.first, strict=False):
            np.testing.assert_allclose(a, b, rtol=1e-6, atol=4e-7 * np.abs(b).max())


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(2, 3, 5), *SHAPES], ids=str)
def test_the_sum_is_bit_for_bit_that_of_the_ops_one_by_one(
    shape: tuple[int, ...], dtype: str
) -> None:
    """And so are the gradients, with those of the moments, of which any may be missing."""
    rng = np.random.default_rng(len(shape))
    arrays = [a.astype(dtype) for a in (*off_the_kink(rng, shape), rng.normal(size=shape))]
    g = rng.normal(size=shape).astype(dtype)
    wanted: list[Any] = []
    for fused in (False, True):
        x, scale, offset, side = sources = [scratchnet.constant(a) for a in arrays]
        with scratchnet.GradientTape(persistent=True) as tape:
            tape.watch(sources)
            if fused:
                y, *moments = ops.fused_batch_norm_add_relu(x, side, scale, offset)
            else:
                y, *moments = ops.fused_batch_norm(x, scale, offset)
                y = ops.add_relu(y, side)
        found = [y, *moments]
        for targets in ([y], moments, [moments[0]], [y, moments[1]]):
            cotangents = [g if t is y else 2 * np.ones(shape[-1], dtype) for t in targets]
            found += tape.gradient(targets, sources, output_gradients=cotangents)
        numbers = [None if t is None else t.numpy() for t in found]
        assert sum(a is None for a in numbers) == 6
        assert len(tape.records) == (1 if fused else 2)
        for a, b in zip(numbers, wanted or numbers, strict=True):
            np.testing.assert_array_equal(a, b)
        wanted = numbers


def test_the_layout_in_memory_does_not_matter() -> None:
    x = np.random.default_rng(0).normal(size=(16, 50, 60)).astype("f")
    s, o = np.linspace(1, 2, 16, dtype="f"), np.linspace(-1, 1, 16, dtype="f")
    turned = ops.transpose(scratchnet.constant(x), [1, 2, 0])
    copied = scratchnet.constant(np.ascontiguousarray(x.transpose(1, 2, 0)))
    assert not turned._data.flags.c_contiguous
    g = np.random.default_rng(1).normal(size=turned.shape).astype("f")
    found = []
    for t in (turned, copied):
        with scratchnet.GradientTape() as tape:
            tape.watch(t)
            ys = ops.fused_batch_norm(t, s, o, activation="relu")
        found.append([*ys, tape.gradient(ys[0], t, output_gradients=g)])
    for a, b in zip(*found, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_the_moments_depend_on_x_alone() -> None:
    """None, not zeros, for scale and offset; and none for the offset in a second derivative."""
    x, s, o = (scratchnet.constant(a) for a in (np.array([[1.0], [4.0]]), np.ones(1), np.ones(1)))
    with scratchnet.GradientTape(persistent=True) as tape:
        tape.watch([x, s, o])
        y, mean, variance = ops.fused_batch_norm(x, s, o)
        again = tape.gradient(y, x, output_gradients=x)
    for target, wanted in ((mean, [0.5, 0.5]), (variance, [-1.5, 1.5])):
        gx, gs, go = tape.gradient(target, [x, s, o])
        assert gs is None
        assert go is None
        np.testing.assert_array_equal(gx.numpy().ravel(), wanted)
    assert [g is None for g in tape.gradient(again, [x, s, o])] == [False, False, True]


@pytest.mark.parametrize("n", [40, LARGE])
def test_inf_and_nan_are_where_tensorflow_has_them(n: int) -> None:
    x = np.random.default_rng(0).normal(size=(n, 4)).astype("f")
    x[3, 0], x[5, 1], x[9, 2], x[10, 2] = np.inf, np.nan, np.inf, -np.inf
    ones, zeros = np.ones(4, "f"), np.zeros(4, "f")
    ours = ops.fused_batch_norm(x, ones, zeros)
    y, mean, variance, *_ = tensorflow.raw_ops.FusedBatchNormV3(
        x=x[:, None, None], scale=ones, offset=zeros, mean=[], variance=[], epsilon=1e-3
    )
    theirs = tensorflow.reshape(y, x.shape), mean, variance
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(np.isfinite(a.numpy()), np.isfinite(b.numpy()))
        finite = np.isfinite(b.numpy())
        unbiased = n / (n - 1) if b is variance else 1
        np.testing.assert_allclose(a.numpy()[finite] * unbiased, b.numpy()[finite], 2e-4, 1e-5)


@pytest.mark.parametrize("n", [40, LARGE])
def test_the_mean_of_infinities_is_inf_or_nan(n: int) -> None:
    x = np.ones((n, 4), "f")
    x[3, 0], x[-1, 1], x[5, 2], x[-2, 2], x[1, 3] = np.inf, -np.inf, np.inf, -np.inf, np.nan
    _, mean, variance = ops.fused_batch_norm(x, np.ones(4, "f"), np.ones(4, "f"))
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(mean.numpy(), x.mean(0))
    assert np.isnan(variance.numpy()).all()


def test_nothing_in_the_batch() -> None:
    y, mean, variance = ops.fused_batch_norm(
        np.zeros((0, 3), "f"), np.ones(3, "f"), np.ones(3, "f")
    )
    assert y.shape == (0, 3)
    assert np.isnan([mean, variance]).all()


def test_what_is_left_out_of_both_ways() -> None:
    rng = np.random.default_rng(9)
    x, g = rng.normal(size=(2, 4, 3, 5)), rng.normal(size=(2, 4, 3, 5))
    scale, offset = rng.normal(size=5), rng.normal(size=5)
    y, mean, variance = ops.fused_batch_norm(x, scale, offset)
    whole = {"epsilon": 0.001, "data_format": "NHWC", "is_training": True, "activation": None}
    same = ops.fused_batch_norm(x, scale, offset, None, None, **whole)
    for a, b in zip((y, mean, variance), same, strict=True):
        np.testing.assert_array_equal(a, b)
    back = ops.fused_batch_norm_gradient(g, x, scale, mean, variance, y)
    again = ops.fused_batch_norm_gradient(g, x, scale, mean, variance, y, 0.001, None)
    other = ops.fused_batch_norm_gradient(g, x, scale, mean, variance, y, 0.1, "relu")
    for a, b, c in zip(back, again, other, strict=True):
        np.testing.assert_array_equal(a, b)
        assert not np.allclose(a, c)
