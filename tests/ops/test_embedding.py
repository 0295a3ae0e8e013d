"""Looking rows up in a table, whole or in parts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.support.bad_calls import ACCIDENT, DOCUMENTED, NO_TENSOR, Bad, BadCalls, f32
from tests.support.cases import Case, Draw, Sample, moving, normal, seeds, shapes
from tests.support.ops_checks import (
    DTYPES,
    check_against_tensorflow,
    check_error_family,
    check_finite_differences,
    check_refused,
    differentiable,
)
from tests.support.paired import agree

# -- cases -----------------------------------------------------------------------------------------


@st.composite
def lookups(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=1, min_side=1))
    rng = np.random.default_rng(seed)
    kind = draw(st.sampled_from([np.int32, np.int64]))
    ids = rng.integers(0, shape[0], size=draw(shapes(max_rank=2))).astype(kind)
    return Sample([normal(rng, shape), ids], {}, seed)


CASES: dict[str, Case] = {"embedding_lookup": moving(lookups())}

# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
look = BAD_CALLS.arguments("embedding_lookup", {"params": f32(3, 2), "ids": [0]})
look("row 3", core="indices[0] = 3 is not in [0, 3)", ids=[3])
look("a scalar", "`params` must have rank >= 1", params=1.0)
look("ids of floats", "`ids` must be of an integer dtype", ids=[0.0])
look("max_norm", "`max_norm` must be None", max_norm=1.0, differs=DOCUMENTED)
look("no tables", "`params` must hold at least one table", params=[])
look("a list of scalars", "`params` must have rank >= 1", params=[1, 2], differs=ACCIDENT)
look("parts out of order", "`params` must be of equal sizes", params=[[1], [2, 3]], ids=[1])
look("parts of two dtypes", "expected to be a int32", params=[[1], [2.0]], ids=[0])
look("rows of two shapes", "`params` must hold rows of one shape", params=[[[1]], [[1, 2]]])
look("None", "`ids`", core=NO_TENSOR, ids=None)


TABLES = [
    "[[1, 2], [3, 4]], [0, 3]",
    "[[1, 2, 3], [4, 5]], [[0, 4], [2, 3]]",
    "[[[1, 2], [3, 4]], [[5, 6]]], 2",
    "[[1, 2]], [1]",
    "[tf.constant([[1, 2], [3, 4]])], [0, 1]",
    "([1, 2], [3, 4]), [0, 1]",
    "[tf.Variable([[1.0, 2.0]]), tf.Variable([[3.0, 4.0]])], [1]",
]


@pytest.mark.parametrize("table", TABLES)
def test_a_list_holds_the_parts_of_a_table(table: str) -> None:
    agree(f"tf.nn.embedding_lookup({table})")


# -- the checks of every op ------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CASES)
@given(data=st.data())
def test_op_is_tensorflows(name: str, dtype: str, data: st.DataObject) -> None:
    check_against_tensorflow(name, CASES[name], dtype, data)


@pytest.mark.parametrize("name", differentiable(CASES))
@settings(max_examples=8)
@given(data=st.data())
def test_op_matches_finite_differences(name: str, data: st.DataObject) -> None:
    sample = data.draw(CASES[name].samples)
    assume(all(a.size for a in sample.arrays))  # the mean of nothing is nan, on both sides
    check_finite_differences(name, CASES[name], sample, order=2)


@pytest.mark.parametrize("row", BAD_CALLS, ids=str)
@pytest.mark.usefixtures("no_kernels")
def test_it_is_refused_by_name_before_any_work(row: Bad) -> None:
    check_refused(row)


@pytest.mark.parametrize("row", [row for row in BAD_CALLS if not row.alone], ids=str)
def test_the_error_is_of_tensorflows_family(row: Bad) -> None:
    check_error_family(row)
