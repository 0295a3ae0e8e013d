"""Convolution, bias and relu in one op, beside the definition in small ops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet
from tests.support.bad_calls import OWN, Bad, BadCalls, f32
from tests.support.cases import Case
from tests.support.images import convolving
from tests.support.ops_checks import (
    DTYPES,
    check_against_tensorflow,
    check_composed,
    check_finite_differences,
    check_refused,
    differentiable,
)

# -- cases -----------------------------------------------------------------------------------------

CASES: dict[str, Case] = {
    "fused_conv2d": convolving("fused"),
    "fused_conv2d_transpose": convolving("fused transpose"),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad, arguments = BAD_CALLS.bad, BAD_CALLS.arguments

fused = arguments(
    "fused_conv2d",
    {
        "input": f32(1, 5, 5, 2),
        "filters": f32(3, 3, 2, 4),
        "bias": f32(4),
        "strides": 1,
        "padding": "VALID",
    },
)
fused("input of rank 3", "`input` must have rank 4", "=(5, 5, 2)", input=f32(5, 5, 2), alone=OWN)
fused("depths", "depth must be evenly divisible", filters=f32(3, 3, 3, 4), alone=OWN)
fused(
    "sizes",
    "`bias`",
    "as many biases as there are filters: [3] vs. [3,3,2,4]",
    bias=f32(3),
    alone=OWN,
)
fused("a matrix", "`bias`", "[1,4] vs. [3,3,2,4]", bias=f32(1, 4), alone=OWN)
fused("dtypes", "`bias`", bias=np.ones(4), alone=OWN)
fused("no bias", "`bias`", bias=None, alone=OWN)
fused(
    "an activation", "`activation` must be None or 'relu'", "'tanh'", activation="tanh", alone=OWN
)
fused("a format", "`data_format`", data_format="NCHW", alone=OWN)

transposed = arguments(
    "fused_conv2d_transpose",
    {
        "input": f32(1, 3, 3, 4),
        "filters": f32(3, 3, 2, 4),
        "bias": f32(2),
        "output_shape": [1, 5, 5, 2],
        "strides": 1,
        "padding": "VALID",
    },
)
transposed("input of rank 3", "`input` must have rank 4", input=f32(3, 3, 4), alone=OWN)
transposed("a shape", "`input` must have the shape", output_shape=[1, 6, 5, 2], alone=OWN)
transposed(
    "sizes",
    "`bias`",
    "as many biases as there are channels of the output: [4] vs. [1,5,5,2]",
    bias=f32(4),
    alone=OWN,
)
transposed("a matrix", "`bias`", "[1,2] vs. [1,5,5,2]", bias=f32(1, 2), alone=OWN)
transposed("dtypes", "`bias`", bias=np.ones(2), alone=OWN)
transposed("an activation", "`activation` must be None or 'relu'", activation="tanh", alone=OWN)
transposed("a format", "`data_format`", data_format="NCHW", alone=OWN)


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


@pytest.mark.parametrize("name", CASES)
@given(data=st.data())
def test_the_fused_op_is_its_definition(name: str, data: st.DataObject) -> None:
    check_composed(name, CASES[name], data.draw(CASES[name].samples))


@pytest.mark.parametrize("row", BAD_CALLS, ids=str)
@pytest.mark.usefixtures("no_kernels")
def test_it_is_refused_by_name_before_any_work(row: Bad) -> None:
    check_refused(row)


# -- special values, ties and identities -----------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("filters", [16, 40])
def test_a_layer_with_relu_is_one_op_and_tensorflows(filters, dtype):
    rng = np.random.default_rng(3)
    x = rng.normal(size=(5, 19, 17, 13)).astype(dtype)
    k = rng.normal(size=(3, 3, 13, filters)).astype(dtype)

    def results(tf: Any) -> list[np.ndarray]:
        layer = tf.keras.layers.Conv2D(filters, 3, padding="same", activation="relu", dtype=dtype)
        layer.build(x.shape)
        layer.set_weights([k, np.linspace(-3, 3, filters).astype(dtype)])
        with tf.GradientTape() as tape:
            t = tf.constant(x)
            tape.watch(t)
            y = layer(t)
            loss = tf.reduce_sum(y * y)
        if tf is scratchnet:
            assert "fused_conv2d" in {record.op.name for record in tape.records}
        return [a.numpy() for a in (y, *tape.gradient(loss, [t, *layer.trainable_variables]))]

    for ours, theirs in zip(results(scratchnet), results(tensorflow), strict=True):
        scale = np.abs(theirs).max()
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=50 * np.finfo(dtype).eps * scale)
