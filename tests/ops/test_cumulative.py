"""Cumulative sums and products, and what zeros do to their gradients."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet
import scratchnet as tf
from scratchnet import ops
from tests.support import paired
from tests.support.adjoint import (
    assert_equal_products,
    check_the_tape_gives_the_transpose,
    normal_tensor,
    rngs,
)
from tests.support.bad_calls import INTEGER, NO_TENSOR, Bad, BadCalls, f32
from tests.support.cases import Case, Sample, along_axis, away_from_zero, summing
from tests.support.derivatives import agree
from tests.support.gradcheck import check_gradients
from tests.support.ops_checks import (
    DTYPES,
    check_against_tensorflow,
    check_error_family,
    check_finite_differences,
    check_refused,
    differentiable,
)

# -- cases -----------------------------------------------------------------------------------------

CASES: dict[str, Case] = {
    "cumsum": summing(along_axis(exclusive=st.booleans(), reverse=st.booleans())),
    "cumprod": summing(along_axis(away_from_zero, exclusive=st.booleans(), reverse=st.booleans())),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad = BAD_CALLS.bad
for k in (1, -2):
    bad("cumsum", f"axis {k}", lambda f, t, k=k: f(t(f32(2)), k), "`axis` must be in range [-1, 1)")
bad("cumsum", "axis 0.5", lambda f, t: f(t(f32(2)), 0.5), f"`axis` {INTEGER} axis=0.5")
bad("cumsum", "a scalar", lambda f, t: f(t(1.0)), "`axis` must be in range [0, 0)")
bad("cumsum", "bools", lambda f, t: f(t([True])), "`x` must be numeric, received dtype bool")
bad("cumsum", "None", lambda f, t: f(None), "`x`", core=NO_TENSOR)
for k in (1, -2):
    bad(
        "cumprod", f"axis {k}", lambda f, t, k=k: f(t(f32(2)), k), "`axis` must be in range [-1, 1)"
    )
bad("cumprod", "a scalar", lambda f, t: f(t(1.0)), "`axis` must be in range [0, 0)")
bad("cumprod", "bools", lambda f, t: f(t([True])), "`x` must be numeric, received dtype bool")


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


# Linear in the floating argument with this number, the others held; or, if None, in all together.
LINEAR: dict[str, int | None] = {"cumsum": 0}


@pytest.mark.parametrize("title", LINEAR)
@given(data=st.data(), rng=rngs)
def test_the_tape_gives_the_transpose(
    title: str, data: st.DataObject, rng: np.random.Generator
) -> None:
    name = title.partition(" ")[0]
    sample = data.draw(CASES[name].samples)
    check_the_tape_gives_the_transpose(name, CASES[name], sample, LINEAR[title], rng)


@pytest.mark.parametrize("row", BAD_CALLS, ids=str)
@pytest.mark.usefixtures("no_kernels")
def test_it_is_refused_by_name_before_any_work(row: Bad) -> None:
    check_refused(row)


@pytest.mark.parametrize("row", [row for row in BAD_CALLS if not row.alone], ids=str)
def test_the_error_is_of_tensorflows_family(row: Bad) -> None:
    check_error_family(row)


# -- special values, ties and identities -----------------------------------------------------------


@given(along_axis(exclusive=st.booleans(), reverse=st.booleans()), rngs)
def test_cumsum_and_cumsum_from_the_other_end(sample: Sample, rng: np.random.Generator) -> None:
    x, how = tf.constant(sample.arrays[0]), sample.attrs
    g = normal_tensor(rng, *x.shape)
    other = how | {"reverse": not how["reverse"]}
    assert_equal_products((ops.cumsum(x, **how), g), (x, ops.cumsum(g, **other)))


def test_wholes_that_overflow_wrap_around() -> None:
    x = np.array([2**30, 2**30, 2**30], np.int32)
    agree(lambda tf, x: [tf.reduce_sum(x), tf.reduce_prod(x), tf.cumsum(x), x * x], x, orders=0)


def test_the_gradient_of_a_cumulative_product_with_zeros_is_exact() -> None:
    """TensorFlow's is 0 at a zero; finite differences see ours."""
    for how in ({}, {"exclusive": True}, {"reverse": True}, {"exclusive": True, "reverse": True}):
        for values in ([[2.0, 0.0, 3.0]], [[0.0, 2.0, 0.0, 1.5]], [[0.0]]):
            f = lambda x, how=how: scratchnet.math.cumprod(x, axis=1, **how)  # noqa: E731
            check_gradients(f, [np.array(values)])
    (y,) = agree(lambda tf, x: tf.math.cumprod(x), np.array([2.0, 0.0, 3.0]), orders=0)
    np.testing.assert_array_equal(y, [2, 0, 0])


PROGRAMS = paired.programs("""
    tf.cumsum([[1, 2], [3, 4], [5, 6]]) | tf.cumsum([[1, 2], [3, 4]], 1)
    tf.cumsum([[1, 2], [3, 4]], -1) | tf.cumsum([1, 2, 3], exclusive=True)
    tf.cumsum([1, 2, 3], reverse=True) | tf.cumsum([1, 2, 3], 0, True, True)
    tf.cumsum([[1, 2], [3, 4], [5, 6]], -2, True) | tf.cumsum(tf.zeros((0, 2)))
    tf.cumsum(tf.zeros((2, 0)), 1, True) | tf.math.cumprod([[1, 2], [3, 4], [5, 6]])
    tf.math.cumprod([[1, 2], [3, 4]], 1) | tf.math.cumprod([2, 3, 4], exclusive=True)
    tf.math.cumprod([2, 3, 4], reverse=True) | tf.math.cumprod([2, 3, 4], 0, True, True)
    tf.math.cumprod([[1.5, 2.0], [3.0, 4.0]], -1, False, True)
    tf.math.cumprod([2.0, 0.0, 4.0], 0, True) | tf.cumsum(tf.constant([1, 2], tf.uint8))
    tf.cumsum([1j, 2.0]) | tf.cumsum([1.0, np.inf, -np.inf, 2.0])
    tf.math.cumprod([2.0, 0.0, np.inf]) | tf.cumsum([5])
""")


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_with_every_option(program: str) -> None:
    paired.agree(program)


def test_the_gradient_of_a_complex_cumulative_product_is_that_of_its_products() -> None:
    """TensorFlow conjugates the derivative of a product, but not that of its `cumprod`."""
    values, found = np.array([1 + 2j, 3 - 1j, 0.5 + 1j]), {}
    for library in (tensorflow, scratchnet):
        for name, f in (
            ("cumprod", lambda x, tf=library: tf.math.cumprod(x)[2]),
            ("products", lambda x: x[0] * x[1] * x[2]),
            ("reduce_prod", lambda x, tf=library: tf.reduce_prod(x)),
        ):
            x = library.constant(values)
            with library.GradientTape() as tape:
                tape.watch(x)
                y = f(x)
            found[library.__name__, name] = tape.gradient(y, x).numpy()
    expected = found["tensorflow", "products"]
    for key, gradient in found.items():
        is_theirs = key == ("tensorflow", "cumprod")
        np.testing.assert_allclose(gradient, expected.conj() if is_theirs else expected, 1e-14)
