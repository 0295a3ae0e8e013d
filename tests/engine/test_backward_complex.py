"""Cotangents of complex tensors: TensorFlow's convention, for every op that says it has it."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import tensorflow
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet as sn
from scratchnet.engine.errors import NoDerivativeError
from scratchnet.engine.op import OPS, Op
from scratchnet.engine.tensor import Tensor, apply
from tests.support.cases import Case, Sample
from tests.support.ops_checks import (
    DTYPES,
    check_against_tensorflow,
    check_finite_differences,
    differentiable,
)
from tests.support.tables import CASES

# -- every op --------------------------------------------------------------------------------------


def _complex_sample(sample: Sample) -> Sample:
    """The sample, its floats with an imaginary part."""
    rng = np.random.default_rng(sample.seed)
    draws = [np.asarray(a + 1j * rng.normal(size=a.shape)) for a in sample.arrays]
    pairs = zip(sample.arrays, draws, strict=True)
    arrays = [draw if a.dtype.kind == "f" else a for a, draw in pairs]
    return dataclasses.replace(sample, arrays=arrays)


def _complex_case(case: Case) -> Case:
    return dataclasses.replace(
        case,
        samples=case.samples.map(_complex_sample),
        scale=lambda sample: 1 + case.scale(sample),  # the parts cancel where the whole does not
    )


# Those that are differentiated for complex numbers: one that drops out would not be tested.
OF_COMPLEX_NUMBERS = """abs acos acosh add add_at angle asin asinh atan atanh bias_add
broadcast_to cast complex concat conj cos cosh cumprod cumsum divide divide_no_nan exp expm1
gather gather_nd getitem identity imag linked log log1p matmul multiply negative pad place pow
prod_of_others read_variable real reciprocal reciprocal_gradient reduce_mean reduce_prod
reduce_sum reshape reverse roll rsqrt rsqrt_gradient scatter_nd sigmoid sign sin sinh slice
split sqrt sqrt_gradient square stack stop_gradient subtract sum_to tan tanh
tensor_scatter_nd_update tile transpose unstack where"""


def test_which_ops_are_differentiated_for_complex_numbers() -> None:
    found = sorted(name for name, op in OPS.items() if op.complex_vjps)
    assert found == sorted(OF_COMPLEX_NUMBERS.split())


# Not "complex", which takes real numbers, nor "read_variable", which takes a variable.
COMPLEX = {
    name: _complex_case(CASES[name])
    for name, op in OPS.items()
    if op.complex_vjps and name not in ("complex", "read_variable")
}
COMPOSITE = {
    name: _complex_case(CASES[name])
    for name in (
        *("add_n", "einsum", "tensordot", "matvec", "trace", "diag", "diag_part", "slice"),
        *("norm", "normalize", "reduce_variance", "reduce_std", "expand_dims", "segment_sum"),
    )
}
# TensorFlow multiplies by the derivative itself where its conjugate is due.
WRONG_THERE = {
    "cumprod": "in the gradient",
    "prod_of_others": "in the gradient of its cumulative products",
    "reduce_prod": "in the gradient of its gradient",
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", sorted((COMPLEX | COMPOSITE).keys() - WRONG_THERE))
@settings(max_examples=10)
@given(data=st.data())
def test_the_vjps_of_complex_numbers_are_tensorflows(
    name: str, dtype: str, data: st.DataObject
) -> None:
    case = (COMPLEX | COMPOSITE)[name]
    # Of nothing TensorFlow's mean is 0j, ours nan, as the mean of no real numbers is on both sides.
    whole = case.samples.filter(lambda sample: all(a.size for a in sample.arrays))
    case = dataclasses.replace(case, samples=whole) if name == "reduce_mean" else case
    check_against_tensorflow(name, case, dtype, data)


def _off_poles(z: np.ndarray) -> np.ndarray:
    """`z` away from 0, 1, -1, i and -i, where poles, roots and branch points are, and from cuts."""
    near = abs(z) < 0.2
    for point in (1, -1, 1j, -1j):
        near |= abs(z - point) < 0.3
    on_cut = (abs(z.imag) < 0.05) | (abs(z.real) < 0.05)
    return np.where(near | on_cut, 0.6 + 0.5j, z)


@pytest.mark.parametrize("name", differentiable(COMPLEX))
@settings(max_examples=6)
@given(data=st.data())
def test_the_vjps_of_complex_numbers_are_the_derivatives(name: str, data: st.DataObject) -> None:
    sample = data.draw(COMPLEX[name].samples)
    assume(all(a.size for a in sample.arrays))
    sample.arrays = [_off_poles(a) if a.dtype.kind == "c" else a for a in sample.arrays]
    check_finite_differences(name, COMPLEX[name], sample, order=2)


# -- programs --------------------------------------------------------------------------------------


def _rotated(tf: Any) -> list[Any]:
    """A loss of real weights, by way of complex numbers."""
    v, phase = tf.Variable([1.0, 2.0]), tf.Variable(0.5)
    with tf.GradientTape() as tape:
        z = tf.complex(v, v * 2.0) * tf.exp(tf.complex(0.0, phase))
        loss = tf.reduce_sum(tf.abs(z - 1.0) ** 2 + tf.math.real(z) * tf.math.angle(z))
    return tape.gradient(loss, [v, phase])


def _variables(tf: Any) -> list[Any]:
    z, w = tf.Variable([1 + 2j, 3 - 1j]), tf.Variable([[1j, 2], [0.5, 1 - 1j]])
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(tf.abs(tf.linalg.matvec(w, z))))
    assert len(tape.watched_variables()) == 2
    return tape.gradient(loss, [z, w])


def _complex_target(tf: Any) -> list[Any]:
    z = tf.constant([1 + 1j, 2.0])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(z)
        y = z * z * 1j
    given = tape.gradient(y, z, output_gradients=tf.constant([1j, 2 - 1j]))
    return [tape.gradient(y, z), given, tape.jacobian(y, z)]


def _jacobian_of_parts(tf: Any) -> list[Any]:
    z = tf.constant([1 + 1j, 2.0])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(z)
        y = tf.math.real(z) * tf.math.imag(z)
        rows = tf.reshape(z, [2, 1]) * 2.0
        squares = tf.abs(rows) ** 2
    return [tape.jacobian(y, z), tape.batch_jacobian(squares, rows)]


def _second_order(tf: Any) -> list[Any]:
    z = tf.constant([1 + 1j, 2.0, -1j])
    with tf.GradientTape() as outer:
        outer.watch(z)
        with tf.GradientTape() as inner:
            inner.watch(z)
            y = tf.reduce_sum(tf.abs(z) * tf.math.angle(z))
        g = inner.gradient(y, z)
        total = tf.reduce_sum(tf.math.real(g * tf.math.conj(g)))
    return [g, outer.gradient(total, z)]


def _unconnected(tf: Any) -> list[Any]:
    z = tf.constant([1 + 1j])
    with tf.GradientTape() as tape:
        tape.watch(z)
    return [tape.gradient(z, tf.constant([1j]), unconnected_gradients="zero")]


def _custom(tf: Any) -> list[Any]:
    @tf.custom_gradient
    def double(z: Any) -> Any:
        return z * 2.0, lambda g: g * 3j

    z = tf.constant([1 + 1j])
    with tf.GradientTape() as tape:
        tape.watch(z)
        y = double(z)
    return [tape.gradient(y, z)]


PROGRAMS = [_rotated, _variables, _complex_target, _jacobian_of_parts, _second_order, _unconnected]


@pytest.mark.parametrize("program", [*PROGRAMS, _custom], ids=lambda program: program.__name__)
def test_programs_of_complex_numbers(program: Any) -> None:
    for ours, theirs in zip(program(sn), program(tensorflow), strict=True):
        assert ours.dtype.name == theirs.dtype.name
        np.testing.assert_allclose(ours, theirs, rtol=1e-5)


# -- an op that does not say so --------------------------------------------------------------------


def _op(**flags: Any) -> Op:
    return Op("mine", lambda x: x, lambda x: (x * x, None), vjps=(_mine_gx,), **flags)


def _mine_gx(g: Tensor, record: Any) -> Tensor:
    return g * 2.0 * sn.math.conj(record.inputs[0])


def test_an_op_that_does_not_say_so_is_refused_by_name() -> None:
    z = sn.constant([1 + 1j])
    with sn.GradientTape() as tape:
        tape.watch(z)
        y = sn.abs(apply(_op(), z))
    with pytest.raises(NoDerivativeError, match=r"^mine: .*real numbers only.*complex128"):
        tape.gradient(y, z)


def test_so_is_one_that_makes_complex_numbers_of_real_ones() -> None:
    x = sn.constant([1.0])
    op = Op("rises", lambda x: x, lambda x: (x + 1j, None), vjps=(lambda g, record: g,))
    with sn.GradientTape() as tape:
        tape.watch(x)
        y = sn.math.real(apply(op, x))
    with pytest.raises(NoDerivativeError, match=r"^rises: .*real numbers only.*complex64"):
        tape.gradient(y, x)


def test_an_op_that_says_so_is_asked() -> None:
    z = sn.constant([1 + 1j])
    with sn.GradientTape() as tape:
        tape.watch(z)
        y = apply(_op(complex_vjps=True), z)
    np.testing.assert_array_equal(tape.gradient(y, z), [2 - 2j])


def test_where_nothing_reaches_the_target_nothing_is_refused() -> None:
    z = sn.constant([1 + 1j])
    with sn.GradientTape() as tape:
        tape.watch(z)
        apply(_op(), z)
        y = z * z
    np.testing.assert_array_equal(tape.gradient(y, z), [2 - 2j])
