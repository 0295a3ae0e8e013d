"""Where the answers differ on purpose, and both are known: what the documentation says of each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

import scratchnet as sn


def cumprod_gradient(tf_: Any, values: list[float], **how: bool) -> Any:
    x = tf_.constant(np.array(values))
    with tf_.GradientTape() as tape:
        tape.watch(x)
        y = tf_.math.cumprod(x, **how)
    return tape.gradient(y, x).numpy()


@pytest.mark.parametrize("how", [{}, {"exclusive": True}, {"reverse": True}], ids=str)
@pytest.mark.parametrize("values", [[2.0, 0.0, 3.0, 4.0], [0.0, 2.0, 0.0, 5.0]])
def test_the_gradient_of_cumprod_past_a_zero(values: list[float], how: dict[str, bool]) -> None:
    """TensorFlow's is wrong: its own products, a step to either side, say so."""

    def total(x: Any) -> float:
        return float(np.sum(tf.math.cumprod(x, **how).numpy()))

    steps = np.eye(4)  # each product is linear in one factor: the quotient is exact
    exact = [(total(values + step) - total(values - step)) / 2 for step in steps]
    np.testing.assert_allclose(cumprod_gradient(sn, values, **how), exact, atol=1e-12)
    assert not np.allclose(cumprod_gradient(tf, values, **how), exact)


def test_integers_times_fractions() -> None:
    """TensorFlow cuts the fraction off; whole numbers are taken on both sides."""
    integers = [1, 2, 3]
    for tf_ in (sn, tf):
        y = tf_.constant(integers) * np.float64(2)
        assert y.dtype == "int32"
        assert y.numpy().tolist() == [2, 4, 6]
    assert (tf.constant(integers) * np.float64(2.5)).numpy().tolist() == [2, 4, 6]
    with pytest.raises(TypeError, match="dtypes are never promoted"):
        sn.constant(integers) * np.float64(2.5)


def rows_after_two_steps(tf_: Any, optimizer: str, rows: list[int]) -> Any:
    """Rows of a table, gathered by `rows`, trained by two steps."""
    table = tf_.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    chosen = getattr(tf_.keras.optimizers, optimizer)(0.5)
    for _ in range(2):
        with tf_.GradientTape() as tape:
            y = tf_.reduce_sum(tf_.gather(table, rows) * [[1.0, 2.0], [3.0, 4.0], [1.0, 1.0]])
        chosen.apply_gradients([(tape.gradient(y, table), table)])
    return table.numpy()


@pytest.mark.parametrize("optimizer", ["Adam", "AdamW", "RMSprop"])
def test_rows_that_are_gathered_several_times(optimizer: str) -> None:
    """As in Keras, squares of the parts are added up, and not the square of their sum taken."""
    once = [rows_after_two_steps(tf_, optimizer, [2, 1, 0]) for tf_ in (sn, tf)]
    np.testing.assert_allclose(*once, rtol=1e-5)
    ours, theirs = (rows_after_two_steps(tf_, optimizer, [1, 1, 0]) for tf_ in (sn, tf))
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)
    # The same table and the same loss, by one-hot rows: a gradient without parts.
    table = sn.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    chosen = getattr(sn.keras.optimizers, optimizer)(0.5)
    for _ in range(2):
        with sn.GradientTape() as tape:
            rows = sn.matmul(sn.one_hot([1, 1, 0], 3), table)
            y = sn.reduce_sum(rows * [[1.0, 2.0], [3.0, 4.0], [1.0, 1.0]])
        chosen.apply_gradients([(tape.gradient(y, table), table)])
    assert np.abs(ours - table.numpy()).max() > 0.05
    sgd = [rows_after_two_steps(tf_, "SGD", [1, 1, 0]) for tf_ in (sn, tf)]
    np.testing.assert_allclose(*sgd, rtol=1e-6)
