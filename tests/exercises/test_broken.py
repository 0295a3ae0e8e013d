"""The wrong VJPs: each is wrong, in the one op that it says, and is named by the diagnosis."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet as tf
from scratchnet.exercises.broken import BROKEN, right
from scratchnet.exercises.lab import compare
from scratchnet.exercises.network import OPS, RATE
from scratchnet.testing import check_vjp

# The weights whose gradients an op has a part in: what lies below it in the network.
FIRST, NORM = ["conv2d/kernel"], ["batch_normalization/gamma", "batch_normalization/beta"]
SECOND, BIAS = ["conv2d_1/kernel"], ["conv2d_1/bias"]
DENSE = ["dense/kernel", "dense/bias"]
CHANGED = {
    "flipped_filter": FIRST + SECOND,
    "shifted_filter": FIRST + SECOND,
    "unflipped_input": FIRST + NORM,
    "ties_all": FIRST + NORM,
    "full_window": FIRST + NORM + SECOND + BIAS,
    "relu_mask_dropped": FIRST + NORM + SECOND + BIAS,
    "relu_mask_of_cotangent": FIRST + NORM + SECOND + BIAS,
    "bias_mean": BIAS,
    "batch_norm_without_mean_term": FIRST,
    "dropout_mask_dropped": FIRST + NORM + SECOND + BIAS,
    "dropout_not_scaled": FIRST + NORM + SECOND + BIAS,
    "missing_mean": FIRST + NORM + SECOND + BIAS + DENSE,
}


def inputs_of(op: str) -> list[Any]:
    rng = np.random.default_rng(0)
    of_op = {
        "conv2d": [(2, 7, 6, 2), (3, 3, 2, 4)],
        "bias_add": [(2, 3, 4, 5), (5,)],
        "batch_normalization": [(3, 2, 2, 4), (4,), (4,)],
        "max_pool2d": [(2, 6, 6, 3)],
        "avg_pool2d": [(2, 4, 4, 3)],
        "softmax_cross_entropy": [(6, 4)],
    }
    made: list[Any] = [rng.normal(size=shape) for shape in of_op.get(op, [(5, 8)])]
    if op == "max_pool2d":
        made = [np.maximum(made[0], 0)]  # ties, of zeros
    if op == "softmax_cross_entropy":
        made.append(rng.integers(0, 4, 6))
    if op == "dropout":
        made.append((rng.random((5, 8)) >= RATE).astype(int))
    return made


@pytest.mark.parametrize("name", BROKEN)
def test_the_diagnosis_names_it(name: str) -> None:
    broken = BROKEN[name]
    op = OPS[broken.op]
    inputs = inputs_of(broken.op)

    def run(function: Any) -> Any:
        def of_arrays(*arrays: Any) -> Any:
            if broken.op == "dropout":  # its mask is a constant
                arrays = arrays[0], arrays[1].astype(arrays[0].dtype)
            return function(*arrays)

        return of_arrays

    forward = run(lambda *arrays: op(*map(tf.constant, arrays)).numpy())
    vjp = lambda g, *arrays: run(lambda *rest: broken.vjp(g, *rest))(*arrays)  # noqa: E731
    sound = lambda g, *arrays: run(lambda *rest: of_floats(right(broken.op, g, *rest), inputs))(  # noqa: E731
        *arrays
    )
    witness = run(op) if broken.op != "dropout" else None
    assert check_vjp(forward, sound, *inputs, witness=witness).ok
    assert check_vjp(forward, vjp, *inputs, witness=witness).cause == broken.cause


def of_floats(gradients: list[Any], inputs: list[Any]) -> tuple[Any, ...]:
    return tuple(
        [gx if x.dtype.kind == "f" else None for gx, x in zip(gradients, inputs, strict=True)]
    )


@pytest.mark.parametrize("name", BROKEN)
def test_it_reaches_the_weights_below_and_no_others(name: str) -> None:
    from scratchnet.exercises.broken import switched_on

    differing = [row.weight for row in compare(switched_on(name)) if not row.equal]
    assert sorted(differing) == sorted(CHANGED[name])


def test_the_right_ones_are_equal() -> None:
    assert all(row.equal and row.cosine > 0.999 for row in compare(OPS))
