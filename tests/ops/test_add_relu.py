"""A sum and relu in one op."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scratchnet
from scratchnet import ops
from scratchnet.kernels.elementwise import LARGE
from tests.support.bad_calls import OWN, Bad, BadCalls, f32, f64, i32
from tests.support.cases import Case, away_from_zero, pair
from tests.support.ops_checks import (
    DTYPES,
    check_against_tensorflow,
    check_composed,
    check_finite_differences,
    check_refused,
    differentiable,
)


def little(rng: np.random.Generator, shape: Any) -> np.ndarray:
    """What leaves a sum with `away_from_zero` its sign."""
    return rng.uniform(-0.1, 0.1, shape)


CASES: dict[str, Case] = {"add_relu": pair(away_from_zero, little)}

BAD_CALLS = BadCalls()
bad = BAD_CALLS.bad
bad("add_relu", "shapes", lambda f, t: f(t(f32(2)), t(f32(3))), "[2] vs. [3]", alone=OWN)
bad("add_relu", "dtypes", lambda f, t: f(t(f32(2)), t(f64(2))), "`y`", alone=OWN)
bad("add_relu", "integers", lambda f, t: f(t(i32(2)), t(i32(2))), "`x` must be", alone=OWN)
bad("add_relu", "None", lambda f, t: f(t(f32(2)), None), "`y`", alone=OWN)


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


@pytest.mark.parametrize("name", ["add_relu"])
@given(data=st.data())
def test_the_fused_op_is_its_definition(name: str, data: st.DataObject) -> None:
    check_composed(name, CASES[name], data.draw(CASES[name].samples))


@pytest.mark.parametrize("row", BAD_CALLS, ids=str)
@pytest.mark.usefixtures("no_kernels")
def test_it_is_refused_by_name_before_any_work(row: Bad) -> None:
    check_refused(row)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [30, LARGE + 3])
def test_it_has_the_bits_of_both_one_after_the_other(n: int, dtype: str) -> None:
    """As NumPy adds, and with nan and inf as relu has them; small arrays and large ones."""
    x, y, g = np.random.default_rng(0).normal(size=(3, n)).astype(dtype)
    x[:5], y[:5] = [np.nan, np.inf, -np.inf, np.inf, -1], [1, -np.inf, 1, 1, 1]
    both = [scratchnet.constant(x), scratchnet.constant(y)]
    found = []
    for f in (ops.add_relu, lambda a, b: ops.relu(ops.add(a, b))):
        with scratchnet.GradientTape() as tape:
            tape.watch(both)
            z = f(*both)
        found.append([z, *tape.gradient(z, both, output_gradients=g)])
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(ops.add(*both).numpy(), x + y)
    for a, b in zip(*found, strict=True):
        assert a.numpy().tobytes() == b.numpy().tobytes()
