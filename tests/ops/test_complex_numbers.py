"""Complex numbers: made, taken apart, conjugated, cast; where other ops have their own rules."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pytest
import tensorflow
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet as sn
from tests.support import taped
from tests.support.bad_calls import STRING, Bad, BadCalls, f32, f64
from tests.support.cases import Case, broadcast, complex_normal, normal, simple
from tests.support.ops_checks import (
    DTYPES,
    check_against_tensorflow,
    check_error_family,
    check_finite_differences,
    check_refused,
    differentiable,
)
from tests.support.paired import agree

# -- cases -----------------------------------------------------------------------------------------

CASES: dict[str, Case] = {
    "complex": Case(broadcast(normal, normal)),
    "real": simple(complex_normal),
    "imag": simple(complex_normal),
    # Small numbers are differences of large ones, on both sides.
    "angle": simple(complex_normal, scale=lambda sample: 1e3),
    "conj": simple(complex_normal),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad = BAD_CALLS.bad
KINDS = "components have incorrect types: "
for real, imag, said in (
    (np.float32(1), np.float64(1), "float32 float64"),
    (np.float16(1), np.float16(1), "float16 float16"),
    (np.int32(1), np.int32(1), "int32 int32"),
):
    bad("complex", said, lambda f, t, a=real, b=imag: f(t(a), t(b)), f"{KINDS}{said}")  # type: ignore[misc]
bad("complex", "an int", lambda f, t: f(t(f32(2)), 0), f"{KINDS}float32 int32", core=KINDS)
bad("complex", "float64, float", lambda f, t: f(t(f64(2)), 1.0), f"{KINDS}float64 float32")
bad(
    "complex",
    "shapes",
    lambda f, t: f(t(f32(2)), t(f32(3))),
    core="Incompatible shapes: [2] vs. [3]",
)
bad("real", "bools", lambda f, t: f(t([True])), "`input` must be numeric, received dtype bool")
bad("conj", "bools", lambda f, t: f(t([True])), "`x` must be numeric, received dtype bool")
for kind, value in (("integers", 1), ("bools", True)):
    bad(
        "angle",
        kind,
        lambda f, t, v=value: f(t([v])),  # type: ignore[misc]
        "`input` must be complex or floating",
    )
for name, argument in (("real", "input"), ("imag", "input"), ("angle", "input"), ("conj", "x")):
    bad(name, "None", lambda f, t: f(None), f"`{argument}`", core="Attempt to convert a value")
    # TensorFlow's imag of "a" is "".
    more = {"differs": STRING} if name == "imag" else {}
    bad(name, "a string", lambda f, t: f("a"), f"`{argument}`", "received 'a'", **more)


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
    assume(all(np.abs(a).min(initial=1) > 0.1 for a in sample.arrays))
    check_finite_differences(name, CASES[name], sample, order=2)


@pytest.mark.parametrize("row", BAD_CALLS, ids=str)
@pytest.mark.usefixtures("no_kernels")
def test_it_is_refused_by_name_before_any_work(row: Bad) -> None:
    check_refused(row)


@pytest.mark.parametrize("row", [row for row in BAD_CALLS if not row.alone], ids=str)
def test_the_error_is_of_tensorflows_family(row: Bad) -> None:
    check_error_family(row)


# -- what real numbers and zeros give --------------------------------------------------------------

SPECIAL = "[0j, 1j, -1 + 0j, complex(-1, -0.0), complex(1, float('inf')), complex(float('nan'), 1)]"


@pytest.mark.parametrize(
    "program",
    [
        "tf.math.real([1, 2]), tf.math.imag([1, 2]), tf.math.conj([1, 2])",
        "tf.math.angle([1.0, -2.0, 0.0, -0.0, float('nan')]), tf.math.imag([1.5])",
        "tf.math.imag(tf.constant([True]))",
        f"[f({SPECIAL}) for f in (tf.math.real, tf.math.imag, tf.math.angle, tf.math.conj)]",
        "tf.complex(1.0, 2.0), tf.complex([float('inf'), 1.0], [1.0, float('inf')])",
        "tf.dtypes.complex(tf.Variable([1.0]), 2.0)",
        "[f([0j, 1j, -1 + 0j]) for f in (tf.abs, tf.sign, tf.square)]",
        "tf.reduce_sum([complex(float('inf'), 1), complex(1, float('-inf'))])",
        "tf.math.squared_difference([1 + 2j, 3j], 1 + 1j)",
        "tf.matmul([[1j, 2]], [[3 + 1j, 1]], adjoint_b=True)",
        "tf.matmul([[1j, 2]], [[3 + 1j, 1]], adjoint_a=True)",
        "tf.transpose([[1j, 2]], conjugate=True), tf.transpose([[1.0, 2]], conjugate=True)",
        "tf.linalg.matrix_transpose([[1j, 2]], conjugate=True)",
        "[t.real_dtype for t in (tf.complex64, tf.complex128, tf.float32, tf.bool)]",
    ],
)
def test_values_are_tensorflows(program: str) -> None:
    agree(program)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "uint8", "bool", "complex64"])
def test_casts_of_complex_numbers(dtype: str, caplog: pytest.LogCaptureFixture) -> None:
    agree(f"tf.cast([300.5 + 2j, 0, 1j, -1.5], '{dtype}')")
    gone = "complex128 to an incompatible dtype" in caplog.text
    assert gone == (dtype not in ("bool", "complex64"))


def test_the_real_part_that_a_vjp_casts_to_is_no_warning(caplog: pytest.LogCaptureFixture) -> None:
    x = sn.Variable([1.0, 2.0])
    with caplog.at_level(logging.WARNING), sn.GradientTape() as tape:
        y = sn.cast(x, "complex64") * (2 + 1j)
    np.testing.assert_array_equal(tape.gradient(y, x), [2, 2])
    assert not caplog.text


ZERO = "1 + 2j, -0.5 + 1j, 0j"


@pytest.mark.parametrize(
    "function",
    [
        *("tf.abs(x)", "tf.sign(x)", "tf.math.angle(x)", "tf.math.real(x)", "tf.math.imag(x)"),
        *("tf.math.conj(x)", "tf.square(x)", "tf.exp(x)", "tf.math.log(x)", "tf.sqrt(x)"),
        *("tf.math.reciprocal(x)", "tf.math.rsqrt(x)", "x * tf.math.conj(x)", "x * 2.0", "x ** 2"),
        *("tf.reduce_prod(x)", "tf.einsum('i,i->', x, x)", "tf.math.divide_no_nan(1 + 0j, x)"),
        *("tf.cast(x, 'float64')", "tf.cast(x, 'complex64')", "2 ** x"),
        *("tf.math.squared_difference(x, 1 + 1j)", "tf.reduce_mean(tf.abs(x))"),
    ],
)
def test_gradients_are_tensorflows_also_at_zero(function: str) -> None:
    taped.same_at(function, ZERO)


@pytest.mark.parametrize("adjoint", ["adjoint_a", "adjoint_b"])
def test_gradients_of_adjoints(adjoint: str) -> None:
    def program(tf: Any) -> list[Any]:
        a, b = tf.constant([[1 + 1j, 2j]]), tf.constant([[1 - 1j, 3]])
        with tf.GradientTape() as tape:
            tape.watch([a, b])
            y = tf.matmul(a, b, **{adjoint: True})
        return [g.numpy() for g in tape.gradient(y, [a, b])]

    for ours, theirs in zip(program(sn), program(tensorflow), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-14)


# -- complex numbers have no order -----------------------------------------------------------------

ORDERING: dict[str, Any] = {
    "less": lambda tf, z: tf.less(z, z),
    "greater_equal": lambda tf, z: z >= z,
    "maximum": lambda tf, z: tf.maximum(z, z),
    "minimum": lambda tf, z: tf.minimum(z, z),
    "reduce_max": lambda tf, z: tf.reduce_max(z),
    "reduce_min": lambda tf, z: tf.reduce_min(z),
    "clip_by_value": lambda tf, z: tf.clip_by_value(z, z, z),
    "relu": lambda tf, z: tf.nn.relu(z),
    "relu6": lambda tf, z: tf.nn.relu6(z),
    "crelu": lambda tf, z: tf.nn.crelu(z),
    "leaky_relu": lambda tf, z: tf.nn.leaky_relu(z),
    "round": lambda tf, z: tf.round(z),
    "argmax": lambda tf, z: tf.argmax(z),
    "argmin": lambda tf, z: tf.argmin(z),
    "sort": lambda tf, z: tf.sort(z),
    "argsort": lambda tf, z: tf.argsort(z),
    "top_k": lambda tf, z: tf.math.top_k(z),
    "searchsorted": lambda tf, z: tf.searchsorted(z, z),
    "tensor_scatter_nd_max": lambda tf, z: tf.tensor_scatter_nd_max(z, [[0]], z[:1]),
    "tensor_scatter_nd_min": lambda tf, z: tf.tensor_scatter_nd_min(z, [[0]], z[:1]),
    "floordiv": lambda tf, z: z // z,
    "mod": lambda tf, z: z % z,
}


@pytest.mark.parametrize("name", ORDERING)
def test_what_needs_an_order_refuses_complex_numbers(name: str) -> None:
    with pytest.raises(tensorflow.errors.OpError):
        ORDERING[name](tensorflow, tensorflow.constant([1 + 2j, 3j]))
    with pytest.raises(sn.errors.InvalidArgumentError, match=r"must be .*real.*complex128") as info:
        ORDERING[name](sn, sn.constant([1 + 2j, 3j]))
    assert str(info.value).startswith(name)


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_the_sign_of_numbers_that_are_large_or_small_or_not_finite(dtype: str) -> None:
    """TensorFlow's of complex64 over- and underflows; the others are equal to ours."""
    most, least = np.finfo(dtype).max, np.finfo(dtype).tiny
    x = np.array([most * (1 + 1j), least * (3 - 4j), 0.0, 2j, -5.0], dtype)
    wanted = [(1 + 1j) / np.sqrt(2), 0.6 - 0.8j, 0, 1j, -1]
    np.testing.assert_allclose(sn.sign(x).numpy(), wanted, rtol=4 * np.finfo(dtype).eps)
    endless = np.array([complex(np.inf, 1), complex(0, -np.inf), complex(np.nan, 0)], dtype)
    for tf in (sn, tensorflow):
        assert np.isnan(tf.sign(endless).numpy()).all()
    x = np.array([3 + 4j, 0, -1e-3j], dtype)
    np.testing.assert_allclose(sn.sign(x), tensorflow.sign(x), rtol=4 * np.finfo(dtype).eps)
