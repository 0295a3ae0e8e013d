"""The composed twins: each fused op is what a few small ops make of its definition.

A second oracle, without TensorFlow: outputs, gradients and gradients of gradients, in float64, on
the samples that the ops are compared with TensorFlow on.
"""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scratchnet
from scratchnet import ops
from scratchnet.engine.op import OPS, Op
from scratchnet.ops.composed import TWINS
from tests import equivalence
from tests.cases import CASES, Case, Sample


def results(f: Any, case: Case, sample: Sample) -> equivalence.Result:
    tensors = [scratchnet.constant(array) for array in sample.arrays]
    return equivalence.numpy_result(equivalence.run(scratchnet, f, case, sample, tensors))


def test_every_twin_is_the_definition_of_an_op() -> None:
    assert set(TWINS) <= set(OPS)
    for name, twin in TWINS.items():
        assert twin is not OPS[name].function
        assert "``" in (inspect.getdoc(twin) or ""), f"{name}: no formula"


@pytest.mark.parametrize("name", TWINS)
@given(data=st.data())
def test_the_fused_op_is_its_definition(name: str, data: st.DataObject) -> None:
    case = CASES[name]
    sample = data.draw(case.samples)
    fused = results(OPS[name].function, case, sample)
    composed = results(TWINS[name], case, sample)
    # The small ops have no links: None where a fused op in straight pieces has zeros.
    composed.second = [
        np.zeros_like(b) if a is None and b is not None else a
        for a, b in zip(composed.second, fused.second, strict=True)
    ]
    # What a small result is made of may be about 1, as e^x and e^-x are on the way to tanh.
    on_the_way = dataclasses.replace(case, scale=lambda sample: 1 + case.scale(sample))
    equivalence.assert_same(fused, composed, on_the_way, sample)


def test_the_twin_of_max_pooling_breaks_ties_alike() -> None:
    x = scratchnet.constant(np.random.default_rng(0).integers(-1, 2, (2, 6, 5, 2)) * 1.0)
    g = scratchnet.constant(np.random.default_rng(1).integers(-9, 9, (2, 3, 3, 2)) * 1.0)
    found = []
    for f in (ops.max_pool2d, TWINS["max_pool2d"]):
        with scratchnet.GradientTape() as tape:
            tape.watch(x)
            y = f(x, 3, 2, "SAME")
        found.append((y.numpy(), tape.gradient(y, x, output_gradients=g).numpy()))
    np.testing.assert_array_equal(found[0][0], found[1][0])
    np.testing.assert_array_equal(found[0][1], found[1][1])


def test_a_wrong_twin_would_be_seen() -> None:
    """One has another gradient at the last element, one another gradient of the gradient."""
    case = CASES["softplus"]
    sample = Sample([np.array([0.3, -1.2, 2.0])], {}, seed=3)
    fused = results(OPS["softplus"].function, case, sample)

    def crooked(g: Any, record: Any) -> Any:
        return g * ops.sigmoid(record.inputs[0]) * np.array([1.0, 1.0, 1.0 + 1e-9])

    def bent(g: Any, record: Any) -> Any:
        y = ops.sigmoid(record.inputs[0])
        return g * (y + 1e-9 * (y - ops.stop_gradient(y)))

    for vjp in (crooked, bent):
        op = Op("planted", ops.softplus, OPS["softplus"].forward, vjps=(vjp,))
        planted = results(lambda x, op=op: scratchnet.engine.tensor.apply(op, x), case, sample)
        with pytest.raises(AssertionError, match="gradient 0"):
            equivalence.assert_same(planted, fused, case, sample)
