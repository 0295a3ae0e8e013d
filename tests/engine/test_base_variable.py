"""BaseVariable: what Keras's variable shares with TensorFlow's, and reading it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scratchnet as sn
from scratchnet.engine.variable import BaseVariable
from tests.support import equivalence
from tests.support.cases import Case, Sample, simple
from tests.support.equivalence import Result
from tests.support.ops_checks import DTYPES, check_against_tensorflow


def test_a_base_variable_is_enough_for_the_ops() -> None:
    """Keras's variable shares this base: reading, operators and assigning need nothing else."""
    v = BaseVariable(np.asarray(2, np.float32), "w", True)
    with sn.GradientTape() as tape:
        y = v * v + v
    assert float(tape.gradient(y, v)) == 5.0
    assert v.assign(3.0) is v
    assert float(v) == 3.0


# -- reading, as an op -----------------------------------------------------------------------------

CASES = {"read_variable": simple()}


def variable_result(name: str, case: Case, sample: Sample, tensors: list[Any]) -> Result:
    """The one op whose argument is a variable."""
    variables = [sn.Variable(x.numpy()) for x in tensors]
    return equivalence.run(sn, lambda v: v.read_value(), case, sample, variables)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CASES)
@given(data=st.data())
def test_op_is_tensorflows(name: str, dtype: str, data: st.DataObject) -> None:
    check_against_tensorflow(name, CASES[name], dtype, data, variable_result)
