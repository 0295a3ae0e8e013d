"""`Variable.scatter_nd_…` and `scatter_…`: a variable changed at some positions or rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

import scratchnet as sn
from scratchnet.engine.errors import InvalidArgumentError

METHODS = [f"scatter_nd_{how}" for how in ("update", "add", "sub", "max", "min")]
START = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
GOOD: dict[str, tuple[Any, Any]] = {
    "rows": ([[0], [2]], [[10.0, 20.0], [30.0, 1.0]]),
    "twice": ([[0], [0]], [[10.0, 20.0], [30.0, 1.0]]),
    "elements": ([[0, 1], [2, 0]], [10.0, 4.0]),
    "integers": ([[1]], [[7, 3]]),
    "int64": (np.array([[1]]), np.array([[7.0, 3.0]])),
    "none": (np.zeros((0, 1), int), np.zeros((0, 2), "f")),
}


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("which", GOOD)
def test_the_variable_changes(name: str, which: str) -> None:
    found = []
    for tf_ in (sn, tf):
        v = tf_.Variable(START)
        before = v.read_value()
        returned = getattr(v, name)(*GOOD[which])
        assert np.array_equal(returned.numpy(), v.numpy())
        assert np.array_equal(before.numpy(), START)
        found.append(v.numpy())
    assert found[0].dtype == found[1].dtype
    assert np.array_equal(*found)


@pytest.mark.parametrize("how", ["update", "add", "sub", "mul", "div", "max", "min"])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32"])
def test_rows_of_the_variable_change(how: str, dtype: str) -> None:
    rows, values = [2, 0, 2], [[-7, 9], [2, 1], [4, 5]]
    found = []
    for tf_ in (sn, tf):
        v = tf_.Variable([[10, 2], [3, 4], [5, 60]], dtype=dtype)
        returned = getattr(v, f"scatter_{how}")(
            tf_.IndexedSlices(tf_.constant(values, dtype), tf_.constant(rows))
        )
        assert np.array_equal(returned.numpy(), v.numpy())
        found.append(v.numpy())
    assert found[0].dtype == found[1].dtype
    np.testing.assert_allclose(*found, rtol=1e-7 if dtype == "float32" else 0)


@pytest.mark.parametrize("name", METHODS)
def test_no_tape_records_it(name: str) -> None:
    for tf_ in (sn, tf):
        v = tf_.Variable(START)
        with tf_.GradientTape() as tape:
            y = v * 2.0
            getattr(v, name)([[0]], [[1.0, 1.0]])
            z = y * v
        old, new = np.array(START), v.numpy()
        assert np.array_equal(tape.gradient(z, v).numpy(), 2 * old + 2 * new)


BAD: dict[str, tuple[Any, Any]] = {
    "out of range": ([[5]], [[1.0, 2.0]]),
    "negative": ([[-1]], [[1.0, 2.0]]),
    "a wide update": ([[0]], [[1.0, 2.0, 3.0]]),
    "a short update": ([[0]], [1.0, 2.0]),
    "floats": ([[0.0]], [[1.0, 2.0]]),
}


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("which", BAD)
def test_bad_positions(name: str, which: str) -> None:
    with pytest.raises(tf.errors.InvalidArgumentError):
        getattr(tf.Variable(START), name)(*BAD[which])
    v = sn.Variable(START)
    with pytest.raises(InvalidArgumentError):
        getattr(v, name)(*BAD[which])
    assert np.array_equal(v.numpy(), START)
