"""Counting and looking up: unique, bincount, confusion_matrix, searchsorted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow
from hypothesis import given
from hypothesis import strategies as st

import scratchnet
from tests.support import paired
from tests.support.bad_calls import FRACTION, NO_TENSOR, Bad, BadCalls, f32, f64, i32
from tests.support.cases import TRUTH, Case, Draw, Sample, seeds, shapes, small
from tests.support.derivatives import NAN, agree
from tests.support.ops_checks import (
    DTYPES,
    check_against_tensorflow,
    check_error_family,
    check_refused,
)

# -- cases -----------------------------------------------------------------------------------------


@st.composite
def vectors(draw: Draw) -> Sample:
    seed = draw(seeds())
    rng = np.random.default_rng(seed)
    return Sample([small(rng, draw(st.integers(0, 9)))], {}, seed)


@st.composite
def tallies(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(max_rank=2))
    rng = np.random.default_rng(seed)
    attrs: dict[str, Any] = {}
    if draw(st.booleans()):
        attrs["weights"] = rng.integers(-4, 5, size=shape).astype(rng.choice(["float32", "int32"]))
    if draw(st.booleans()):
        attrs |= {"minlength": draw(st.integers(0, 7))}
    if draw(st.booleans()):
        attrs |= {"maxlength": draw(st.integers(attrs.get("minlength", 0), 9))}
    return Sample([rng.integers(0, 6, size=shape).astype(np.int32)], attrs, seed)


@st.composite
def confusions(draw: Draw) -> Sample:
    seed, n = draw(seeds()), draw(st.integers(1, 9))
    rng = np.random.default_rng(seed)
    arrays = [rng.integers(0, 4, size=n).astype(np.int32) for _ in range(2)]
    one = draw(st.sampled_from([None, 0, 1]))
    if one is not None:
        arrays[one] = arrays[one][:, None]
    attrs: dict[str, Any] = {"num_classes": draw(st.sampled_from([None, 4, 6]))}
    if draw(st.booleans()):
        attrs |= {"weights": rng.integers(-4, 5, size=n) / 2, "dtype": "float32"}
    return Sample(arrays, attrs, seed)


@st.composite
def searches(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=1, max_rank=3, min_side=1))
    rng = np.random.default_rng(seed)
    kind = rng.choice(["float64", "int32"])
    rows = np.sort(rng.integers(-4, 5, size=shape), -1).astype(kind)
    values = rng.integers(-5, 6, size=(*shape[:-1], draw(st.integers(0, 4)))).astype(kind)
    return Sample([rows, values], {"side": draw(st.sampled_from(["left", "right"]))}, seed)


CASES: dict[str, Case] = {
    "unique": Case(vectors(), order=0, exact=True),
    "unique_with_counts": Case(vectors(), order=0, exact=True),
    "bincount": Case(tallies(), **TRUTH),
    "confusion_matrix": Case(confusions(), **TRUTH),
    "searchsorted": Case(searches(), **TRUTH),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad, arguments = BAD_CALLS.bad, BAD_CALLS.arguments

for op in ("unique", "unique_with_counts"):
    different = arguments(op, {"x": f32(2)})
    different("a matrix", core="unique expects a 1D vector", x=f32(2, 2))
    different("a scalar", core="unique expects a 1D vector", x=1.0)
    different("indices of floats", "`out_idx` must be int32 or int64", out_idx=np.float32)
    different("None", "`x`", core=NO_TENSOR, x=None)

tally = arguments("bincount", {"arr": [0, 1]})
tally("negative", core="must be non-negative", arr=[0, -1])
tally("floats", "`arr` must be of an integer dtype", arr=[0.5], differs=FRACTION)
tally("three weights", core="must be the same shape as `arr`", weights=[1.0, 2.0, 3.0])
tally("maxlength -1", "`maxlength` must hold sizes >= 0", maxlength=-1)
tally("minlength 2**70", "`minlength` must be an integer of 64 bits", minlength=2**70)
tally("None", "`arr`", core=NO_TENSOR, arr=None)

confusion = arguments("confusion_matrix", {"labels": [0, 1], "predictions": [1, 1]})
confusion("three predictions", "must be vectors of one length", predictions=[0, 1, 1])
confusion("matrices", "must be vectors of one length", labels=i32(2, 3), predictions=i32(2, 3))
confusion(
    "class 3 of 2",
    "`predictions` must be in [0, 2)",
    core="out of bound",
    predictions=[0, 3],
    num_classes=2,
)
confusion("a negative label", "`labels` must be in [0, 2)", core="negative", labels=[0, -1])
confusion("one weight", core="Shapes (2,) and (1,) are incompatible", weights=[0.5])
confusion("floats", "`labels` must be of an integer dtype", labels=[0.0, 1.5], differs=FRACTION)
confusion("None", "`labels`", "a value (None)", labels=None)

search = arguments("searchsorted", {"sorted_sequence": f32(2, 3), "values": f32(2, 1)})
search("side", core="must be either 'right' or 'left'", side="up")
search("other rows", core="Leading dim_size of both tensors must match", values=f32(3, 1))
search("a scalar", "must match", sorted_sequence=f32(3), values=1.0)
search("dtypes", "`values`", "is a double tensor", values=f64(2, 1))
search("indices of floats", "`out_type` must be int32 or int64", out_type=np.float32)
search("None", "`values`", core=NO_TENSOR, values=None)


# -- the checks of every op ------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CASES)
@given(data=st.data())
def test_op_is_tensorflows(name: str, dtype: str, data: st.DataObject) -> None:
    check_against_tensorflow(name, CASES[name], dtype, data)


@pytest.mark.parametrize("row", BAD_CALLS, ids=str)
@pytest.mark.usefixtures("no_kernels")
def test_it_is_refused_by_name_before_any_work(row: Bad) -> None:
    check_refused(row)


@pytest.mark.parametrize("row", [row for row in BAD_CALLS if not row.alone], ids=str)
def test_the_error_is_of_tensorflows_family(row: Bad) -> None:
    check_error_family(row)


# -- special values, ties and identities -----------------------------------------------------------


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "uint32", "uint64", "int8", "int64"])
def test_classes_of_every_integer_dtype_are_counted(dtype: str) -> None:
    true, found = np.array([[0, 2, 120, 2], [0, 2, 1, 0]], dtype)
    agree(lambda tf, a, b: tf.math.confusion_matrix(a, b), true, found, orders=0)
    agree(lambda tf, a, b: tf.math.confusion_matrix(a, b, 200), true, found, orders=0)
    agree(lambda tf, a: tf.math.confusion_matrix(a, [0, 0, 1, 1]), true, orders=0)
    none = np.zeros(0, dtype)
    # TensorFlow fails at the largest of no classes, -2**63.
    assert scratchnet.math.confusion_matrix(none, none).shape == (0, 0)
    agree(lambda tf, a: tf.math.confusion_matrix(a, a, 2), none, orders=0)
    assert scratchnet.math.bincount(found).numpy().tolist() == [2, 1, 1]  # TensorFlow: only int32


def test_weights_have_gradients() -> None:
    true, found, w = [0, 1, 1, 2], [0, 1, 0, 2], np.array([0.5, 2, -1, 3])
    agree(lambda tf, w: tf.math.confusion_matrix(true, found, weights=w, dtype="float64"), w)
    agree(lambda tf, w: tf.math.confusion_matrix(true, found, 4, w, "float32"), w)
    v = scratchnet.constant(w)  # TensorFlow's bincount has no gradient
    with scratchnet.GradientTape() as tape:
        tape.watch(v)
        y = scratchnet.math.bincount([2, 0, 3, 2], v, maxlength=3)
    assert y.numpy().tolist() == [2, 0, 3.5]
    assert tape.gradient(y, v, np.array([1.0, 10, 100])).numpy().tolist() == [100, 1, 0, 100]


def test_unique_tells_nan_from_nan_but_not_zero_from_zero() -> None:
    for x in ([NAN, NAN, 1.0, -0.0, 0.0], [True, False, True], [3, 1, 3, 2], []):
        agree(lambda tf, x: list(tf.unique(x)), np.array(x), orders=0)
        agree(lambda tf, x: list(tf.unique_with_counts(x, "int64")), np.array(x), orders=0)


def test_what_several_are_called() -> None:
    for f in (
        lambda tf: tf.math.top_k([1, 5, 3], 2),
        lambda tf: tf.unique([3, 1, 3]),
        lambda tf: tf.unique_with_counts([3, 1, 3]),
    ):
        assert repr(f(scratchnet)) == repr(f(tensorflow))


PROGRAMS = paired.programs("""
    tf.unique([3, 1, 3, 2, 1]) | tf.unique([3, 1, 3], tf.int64) | tf.unique([1.5, 1.5])
    tf.unique_with_counts([3, 1, 3, 2, 1]) | tf.unique_with_counts([3, 1, 3], 'int64')
    tf.math.bincount([3, 1, 3, 0]) | tf.math.bincount([3, 1, 3], minlength=6)
    tf.math.bincount([3, 1, 3], maxlength=2) | tf.math.bincount([3, 1, 3], maxlength=4)
    tf.math.bincount([3, 1], minlength=2) | tf.math.bincount([3, 1, 3], [0.5, 1.0, 2.0])
    tf.math.bincount([3, 1, 3], [5, 1, 2], minlength=3, maxlength=3)
    tf.math.bincount([3, 1], dtype=tf.int64) | tf.math.bincount(tf.zeros(0, 'int32'))
    tf.math.bincount([[3, 1], [1, 1]]) | tf.math.confusion_matrix([0, 2, 1, 2], [0, 1, 1, 2])
    tf.math.confusion_matrix([0, 1], [1, 1], 4)
    tf.math.confusion_matrix([0, 1], [1, 1], weights=[2, 3])
    tf.math.confusion_matrix([0, 1], [1, 1], 2, [0.5, 1.5], 'float32')
    tf.math.confusion_matrix([0, 3], [1, 1], dtype='int64')
    tf.searchsorted([1, 3, 3, 5], [0, 3, 4, 6])
    tf.searchsorted([1, 3, 3, 5], [0, 3, 4, 6], 'right')
    tf.searchsorted([1.0, 3.0], [2.0], out_type=tf.int64)
    tf.searchsorted([[1, 3, 5], [2, 4, 6]], [[3, 0], [7, 4]])
    tf.searchsorted([[1, 3, 5], [2, 4, 6]], [[3], [4]], side='right')
    tf.searchsorted([1.0, 3.0, float('inf')], [float('nan'), 3.0, float('inf')])
    tf.searchsorted([1.0, 3.0, 5.0], [float('nan'), -float('inf')], 'right')
    tf.searchsorted(np.array([[1.0, 3.0]] * 2), np.array([[float('nan')], [3.0]]))
""")


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_with_every_option(program: str) -> None:
    paired.agree(program)
