"""Convolution, bias, relu and max pooling in one op, beside the definition in small ops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet
from scratchnet import ops
from tests.support.bad_calls import OWN, Bad, BadCalls, f32
from tests.support.cases import Case, Draw, Sample, largest, normal, seeds, some_zeros
from tests.support.images import conv_terms, windows
from tests.support.ops_checks import (
    DTYPES,
    check_against_tensorflow,
    check_composed,
    check_finite_differences,
    check_refused,
    differentiable,
)

# -- cases -----------------------------------------------------------------------------------------


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


CASES: dict[str, Case] = {
    "pooled_conv2d": Case(pooled(), ulps=8, length=conv_terms, scale=largest),
    "pooled_conv2d_backprop": Case(
        pooled(backprop=True), wrt=(0, 1, 2), ulps=8, length=conv_terms, scale=largest
    ),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad, arguments = BAD_CALLS.bad, BAD_CALLS.arguments

pooled = arguments(
    "pooled_conv2d",
    {
        "input": f32(1, 5, 5, 2),
        "filters": f32(3, 3, 2, 4),
        "bias": f32(4),
        "strides": 1,
        "padding": "VALID",
        "pool_size": 2,
    },
)
pooled("rank 3", "`input` must have rank 4", "=(5, 5, 2)", input=f32(5, 5, 2), alone=OWN)
pooled("depths", "depth must be evenly divisible", filters=f32(3, 3, 3, 4), alone=OWN)
pooled("biases", "`bias`", "[3] vs. [3,3,2,4]", bias=f32(3), alone=OWN)
pooled("an activation", "`activation` must be", "'tanh'", activation="tanh", alone=OWN)
pooled("a large pool", "`pool_size` must be at most (3, 3)", "=4", pool_size=4, alone=OWN)
pooled("no pool", "`pool_size` must hold positive integers", "=0", pool_size=0, alone=OWN)
pooled("three sizes", "`pool_size` should be of length", pool_size=[2, 2, 2], alone=OWN)
pooled("half a pixel", "`pool_size`", "0.5", pool_size=0.5, alone=OWN)

unpooled = arguments(
    "pooled_conv2d_backprop",
    {
        "input": f32(1, 4, 4, 2),
        "filters": f32(1, 1, 2, 4),
        "out_backprop": f32(1, 2, 2, 4),
        "output": f32(1, 2, 2, 4),
        "at": np.array([[0, 2], [8, 10]]).repeat(4).reshape(1, 2, 2, 4),
        "strides": 1,
        "padding": "VALID",
        "pool_size": 2,
    },
)
for name in ("out_backprop", "output"):
    unpooled(name, f"`{name}`", "[1,2,1,4] vs. [1,2,2,4]", alone=OWN, **{name: f32(1, 2, 1, 4)})
for why, pixel, says in (
    ("another window's pixel", 2, "`at` must name a pixel of each window, received 2 at (0, 0, 0"),
    ("a pixel beyond", 16, "`at` must hold pixel numbers in [0, 16), received 16 to 16"),
    ("a negative pixel", -1, "received -1 to -1"),
):
    unpooled(why, says, at=np.full((1, 2, 2, 4), pixel), alone=OWN)
unpooled("pixels of floats", "`at` must be of an integer dtype", at=f32(1, 2, 2, 4), alone=OWN)
unpooled("an activation", "`activation` must be", "'tanh'", activation="tanh", alone=OWN)
unpooled("a large pool", "`pool_size` must be at most (4, 4)", pool_size=5, alone=OWN)


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
    sample = data.draw(CASES[name].samples)
    assume(all(a.size for a in sample.arrays))  # the mean of nothing is nan, on both sides
    check_finite_differences(name, CASES[name], sample, order=2)


@pytest.mark.parametrize("name", ["pooled_conv2d"])
@given(data=st.data())
def test_the_fused_op_is_its_definition(name: str, data: st.DataObject) -> None:
    check_composed(name, CASES[name], data.draw(CASES[name].samples))


@pytest.mark.parametrize("row", BAD_CALLS, ids=str)
@pytest.mark.usefixtures("no_kernels")
def test_it_is_refused_by_name_before_any_work(row: Bad) -> None:
    check_refused(row)


# -- cotangents that are not finite ----------------------------------------------------------------


@pytest.mark.parametrize("channels", [3, 16])
def test_a_cotangent_of_nan_meets_no_padding(channels: int) -> None:
    """As with oneDNN.  Behind a relu it is nan as well, and there the pixel is the first one."""
    rng = np.random.default_rng(2)
    x, k = rng.normal(size=(2, 6, 6, channels)), rng.normal(size=(3, 3, channels, 2))
    tensors = [scratchnet.constant(a.astype("f")) for a in (x, k, np.array([0.5, -1e3]))]
    for place in ((0, 0, 0, 0), (1, 2, 1, 0), (0, 2, 2, 1)):
        found = []
        for fused in (True, False):
            with scratchnet.GradientTape() as tape:
                tape.watch(tensors)
                if fused:
                    y = ops.pooled_conv2d(*tensors, 1, "SAME", 2, activation="relu")
                else:
                    before = ops.conv2d(*tensors[:2], 1, "SAME") + tensors[2]
                    y = ops.max_pool2d(ops.relu(before), 2, 2, "VALID")
            g = np.ones(y.shape, "f")
            g[place] = np.nan
            found.append([t.numpy() for t in tape.gradient(y, tensors, scratchnet.constant(g))])
        for a, b in zip(*found, strict=True):
            assert 0 < np.isnan(a).sum() < a.size
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4)
