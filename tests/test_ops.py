"""Every row of OPS against TensorFlow: forward, every VJP, and the VJPs of the VJPs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

import scratchnet
from reference.ops import REFERENCE
from scratchnet.engine.op import OPS
from tests import equivalence
from tests.cases import CASES, Case, Sample

DTYPES = ["float32", "float64"]


def test_the_three_tables_have_the_same_keys() -> None:
    assert set(OPS) == set(REFERENCE) == set(CASES)


def tensorflow_result(name: str, case: Case, sample: Sample, dtype: str) -> equivalence.Result:
    tensors = [tf.constant(equivalence.as_dtype(a, dtype)) for a in sample.arrays]

    def program(*xs: Any) -> Any:
        result = equivalence.run(tf, REFERENCE[name], case, sample, list(xs))
        return result.outputs, result.first, result.second

    if case.xla(sample):  # its CPU kernels cannot do this one; its compiler can
        program = tf.function(program, jit_compile=True, autograph=False)
    return equivalence.numpy_result(equivalence.Result(*program(*tensors)))


def our_tensor(array: np.ndarray, transposed: bool) -> Any:
    """`array` as a tensor; laid out as the transpose of a contiguous array if `transposed`."""
    if not transposed or array.ndim < 2:
        return scratchnet.constant(array)
    tensor = scratchnet.transpose(scratchnet.constant(np.ascontiguousarray(array.T)))
    assert array.size <= 1 or 1 in array.shape or not tensor._data.flags.c_contiguous
    return tensor


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CASES)
@given(data=st.data())
def test_op_is_tensorflows(name: str, dtype: str, data: st.DataObject) -> None:
    case = CASES[name]
    sample = data.draw(case.samples)
    transposed = data.draw(st.booleans())
    arrays = [equivalence.as_dtype(a, dtype) for a in sample.arrays]
    tensors = [our_tensor(a, transposed) for a in arrays]
    theirs = tensorflow_result(name, case, sample, dtype)
    if name == "read_variable":
        ours = read_variable_result(case, sample, arrays)
    else:
        ours = equivalence.run(scratchnet, OPS[name].function, case, sample, tensors)
    equivalence.assert_same(equivalence.numpy_result(ours), theirs, case, sample)
    for tensor, array in zip(tensors, arrays, strict=True):
        np.testing.assert_array_equal(tensor._data, array, err_msg="an input was changed")


def read_variable_result(case: Case, sample: Sample, arrays: Any) -> equivalence.Result:
    """The one op whose argument is a variable."""
    variables = [scratchnet.Variable(a) for a in arrays]
    return equivalence.run(scratchnet, lambda v: v.read_value(), case, sample, variables)
