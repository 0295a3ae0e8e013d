"""Updates of a variable in one pass: bit for bit the formula's."""

from __future__ import annotations

import numpy as np
import pytest

from scratchnet.ops import optimizer_updates
from tests.support.ops_checks import DTYPES


@pytest.mark.parametrize("dtype", DTYPES)
def test_updates_are_those_of_the_formulas_bit_for_bit(dtype):
    rng = np.random.default_rng(3)
    w, g, m = (rng.normal(size=(300, 200)).astype(dtype) for _ in range(3))
    v = np.square(rng.normal(size=w.shape)).astype(dtype)
    scalars = [w.dtype.type(s) for s in (0.1, 0.001, 0.003, 1e-7)]
    before = [x.copy() for x in (w, g, m, v)]
    ours = optimizer_updates.adam_step(w, g, m, v, *scalars)
    one, two, rate, epsilon = scalars
    moments = optimizer_updates.moments_step(g, m, v, one, two)
    formula = optimizer_updates.scaled_step(w, *moments, rate, epsilon), *moments
    for x, y in zip(ours, formula, strict=True):
        np.testing.assert_array_equal(x, y)
    np.testing.assert_array_equal(optimizer_updates.sgd_step(w, g, rate), w - g * rate)
    np.testing.assert_array_equal([w, g, m, v], before)
