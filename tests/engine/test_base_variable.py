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


def test_what_a_base_variable_tells_of_itself() -> None:
    v = BaseVariable(np.array([[1, 2, 3]], np.int32), "w", False)
    assert (v.shape, v.get_shape(), v.ndim) == ([1, 3], [1, 3], 2)
    assert isinstance(v.shape, sn.TensorShape)
    assert (v.dtype, v.name, v.trainable, v.made_trainable) == (sn.int32, "w", False, False)
    assert [x.numpy().tolist() for x in v] == [[1, 2, 3]]
    assert np.asarray(v, np.float64).dtype == np.float64
    one = BaseVariable(np.asarray(2.5), "one", True)
    assert (bool(one), int(one), float(one), complex(one)) == (True, 2, 2.5, 2.5 + 0j)
    assert (one.trainable, one.made_trainable) == (True, True)
    assert one.ref() == one.ref()
    assert one.ref().deref() is one
    with pytest.raises(TypeError, match=r"^Variable is unhashable\. Instead, use variable\.ref"):
        hash(one)


def test_a_copy_of_the_value_is_the_callers() -> None:
    v = BaseVariable(np.zeros(2, np.float32), "w", True)
    v.numpy()[:] = 7
    np.array(v)[:] = 7
    assert v.numpy().tolist() == [0, 0]


def test_updates_return_the_variable_and_refuse_other_shapes() -> None:
    v = BaseVariable(np.array([1, 2], np.float32), "w", True)
    assert v.assign_add([1, 1]) is v
    assert v.assign_sub([0.5, 4]) is v
    assert v.numpy().tolist() == [1.5, -1]
    assert v.dtype == sn.float32
    with pytest.raises(ValueError, match=r"^Cannot assign value to variable 'w': Shape mismatch\."):
        v.assign([1.0])
    for update in (v.assign_add, v.assign_sub):
        with pytest.raises(sn.errors.InvalidArgumentError) as caught:
            update(1.0)
        assert str(caught.value) == (
            "Cannot update variable 'w' with shape (2,) using a Tensor with shape (), shapes must "
            "be equal."
        )
    one = BaseVariable(np.asarray(1.0, np.float32), "one", True)
    assert isinstance(one.assign_add(1.0)._data, np.ndarray)


@pytest.mark.parametrize(
    ("sign", "method"),
    [
        ("+", "assign_add(value)"),
        ("-", "assign_sub(value)"),
        ("*", "assign(variable * value)"),
        ("/", "assign(variable / value)"),
        ("**", "assign(variable ** value)"),
    ],
)
def test_an_operator_in_place_says_what_to_write(sign: str, method: str) -> None:
    with pytest.raises(RuntimeError) as caught:
        exec(f"v {sign}= 2", {"v": BaseVariable(np.asarray(1.0), "w", True)})
    assert str(caught.value) == (
        f"`variable {sign}= value` with `tf.Variable`s is not supported. Use `variable.{method}` "
        f"to modify the variable, or `out = variable {sign} value` if you need to get a new output "
        "Tensor."
    )


def test_what_is_assigned_is_told_to_the_tape() -> None:
    x, v = sn.constant(2.0), BaseVariable(np.asarray(1.0, np.float32), "w", True)
    with sn.GradientTape() as tape:
        tape.watch(x)
        v.assign(x * x)
        y = v * 3.0
    assert tape.gradient(y, x) is None
    assert "`assign` to the variable 'w'" in tape.explain_none(x)


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
