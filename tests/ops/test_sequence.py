"""Ranges, one-hot rows, masks and grids."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet
from tests.support import paired
from tests.support.bad_calls import (
    ACCIDENT,
    DOCUMENTED,
    FRACTION,
    INTEGER,
    NO_TENSOR,
    Bad,
    BadCalls,
    f32,
    i32,
)
from tests.support.cases import TRUTH, Case, Draw, Sample, moving, normal, seeds, shapes
from tests.support.derivatives import agree
from tests.support.ops_checks import (
    DTYPES,
    check_against_tensorflow,
    check_error_family,
    check_finite_differences,
    check_refused,
    differentiable,
)

# -- cases -----------------------------------------------------------------------------------------


@st.composite
def mask_lengths(draw: Draw) -> Sample:
    ends = np.random.default_rng(draw(seeds())).integers(-1, 5, size=draw(shapes(max_rank=2)))
    kinds = st.sampled_from(["bool", "float32", "int64"])
    most = draw(st.one_of(st.none(), st.integers(0, 6)))
    return Sample([ends.astype(np.int32)], {"maxlen": most, "dtype": draw(kinds)})


@st.composite
def grids(draw: Draw) -> Sample:
    seed = draw(seeds())
    rng = np.random.default_rng(seed)
    arrays = [normal(rng, draw(st.integers(0, 4))) for _ in range(draw(st.integers(1, 3)))]
    return Sample(arrays, {"indexing": draw(st.sampled_from(["xy", "ij"]))}, seed)


@st.composite
def ranges(draw: Draw) -> Sample:
    whole_numbers = draw(st.booleans())
    number = (
        st.integers(-9, 9) if whole_numbers else st.sampled_from([-2.0, -0.5, 0.0, 0.3, 1.5, 4.0])
    )
    delta = draw(number.filter(lambda n: n != 0))
    ends = sorted([draw(number), draw(number)], reverse=delta < 0)
    return Sample([], {"start": ends[0], "limit": ends[1], "delta": delta})


@st.composite
def linspaces(draw: Draw) -> Sample:
    seed = draw(seeds())
    rng = np.random.default_rng(seed)
    return Sample([normal(rng, ()), normal(rng, ())], {"num": draw(st.integers(1, 9))}, seed)


@st.composite
def one_hots(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(max_rank=2))
    at = np.random.default_rng(seed).integers(-1, 6, size=shape).astype(np.int32)
    attrs: dict[str, Any] = {
        "depth": draw(st.integers(0, 5)),
        "axis": draw(st.integers(-1, len(shape))),
    }
    if draw(st.booleans()):
        attrs |= {"on_value": 2.5, "off_value": -1.0}
    elif draw(st.booleans()):
        attrs |= {"dtype": draw(st.sampled_from(["int32", "float64"]))}
    return Sample([at], attrs, seed)


CASES: dict[str, Case] = {
    "range": Case(ranges()),
    "linspace": Case(
        linspaces(), scale=lambda s: float(sum(abs(a) for a in s.arrays)), length=lambda s: 9.0
    ),
    "one_hot": Case(one_hots(), **TRUTH),
    "meshgrid": moving(grids()),
    "sequence_mask": Case(mask_lengths(), **TRUTH),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad, arguments = BAD_CALLS.bad, BAD_CALLS.arguments
bad("range", "delta 0", lambda f, t: f(0, 3, 0), "`delta`", core="Requires delta != 0")
bad(
    "range",
    "the wrong way",
    lambda f, t: f(3, 0),
    core="Requires start <= limit when delta > 0: 3/0",
)
bad(
    "range",
    "backwards",
    lambda f, t: f(0, 3, -1),
    core="Requires start >= limit when delta < 0: 0/3",
)
bad("range", "a vector", lambda f, t: f([1, 2]), "`limit` must be a scalar")
bad(
    "range",
    "nan",
    lambda f, t: f(float("nan")),
    core="Requires start <= limit when delta > 0: 0/nan",
)
bad("range", "inf", lambda f, t: f(float("inf")), core="Requires ((limit - start) / delta) <")
bad(
    "range",
    "too many",
    lambda f, t: f(0.0, 1e30, 1e-30),
    core="Requires ((limit - start) / delta) <",
)
bad("range", "None", lambda f, t: f(None), core=NO_TENSOR)
bad("range", "a string", lambda f, t: f("a"), "`limit`", "'a'", differs=DOCUMENTED)
bad("range", "a bool", lambda f, t: f(True), "`limit` must be of one of", differs=DOCUMENTED)
bad("linspace", "num -1", lambda f, t: f(0.0, 1.0, -1), "`num` must hold sizes >= 0", "num=(-1,)")
bad("linspace", "num 1.5", lambda f, t: f(0.0, 1.0, 1.5), f"`num` {INTEGER} num=1.5")
bad("linspace", "num a string", lambda f, t: f(0.0, 1.0, "a"), f"`num` {INTEGER} num='a'")
bad("linspace", "None", lambda f, t: f(None, 1.0, 3), "`start`", core=NO_TENSOR)
bad("linspace", "a string", lambda f, t: f("a", 1.0, 3), "`start`", "'a'")
bad("linspace", "bools", lambda f, t: f(True, False, 3), "`start` must be numeric")
bad(
    "linspace",
    "shapes",
    lambda f, t: f(t([0.0, 1.0]), t([1.0, 2.0, 3.0]), 3),
    core="Incompatible shapes: [2] vs. [3]",
)
bad("linspace", "axis 1", lambda f, t: f(0.0, 1.0, 3, axis=1), "`axis` must be in range", "axis=1")
bad(
    "linspace",
    "dtypes",
    lambda f, t: f(t(0.0), t(np.float64(1)), 3),
    "`stop`",
    "expected to be a float tensor but is a double tensor",
    differs=DOCUMENTED,
)
bad("one_hot", "floats", lambda f, t: f(t([1.0]), 3), "`indices` must be of an integer dtype")
bad("one_hot", "bools", lambda f, t: f(t([True]), 3), "`indices` must be of an integer dtype")
bad("one_hot", "a string", lambda f, t: f("a", 3), "`indices`", "'a'")
bad("one_hot", "None", lambda f, t: f(None, 3), "`indices`", core=NO_TENSOR)
bad(
    "one_hot", "depth -1", lambda f, t: f(t([1]), -1), "depth=-1", core="depth must be non-negative"
)
bad("one_hot", "depth 1.5", lambda f, t: f(t([1]), 1.5), f"`depth` {INTEGER} depth=1.5")
bad("one_hot", "depth None", lambda f, t: f(t([1]), None), "`depth`", "convert a value (None)")
bad("one_hot", "axis 2", lambda f, t: f(t([1]), 3, axis=2), "`axis` must be in [-1, 1]", "axis=2")
bad(
    "one_hot", "axis -2", lambda f, t: f(t([1]), 3, axis=-2), "`axis` must be in [-1, 1]", "axis=-2"
)
bad("one_hot", "axis a string", lambda f, t: f(t([1]), 3, axis="a"), f"`axis` {INTEGER} axis='a'")
bad(
    "one_hot",
    "on_value a vector",
    lambda f, t: f(t([1]), 3, [1.0, 2.0]),
    core="on_value must be a scalar",
)
bad(
    "one_hot",
    "two dtypes",
    lambda f, t: f(t([1]), 3, t(1.0), t(0)),
    "`off_value`",
    core="not match dtype",
)
bad(
    "one_hot",
    "another dtype than the values",
    lambda f, t: f(t([1]), 3, on_value=t(1.0), dtype="int32"),
    "dtype float32 of `on_value`",
    core="not match dtype",
)
bad(
    "meshgrid",
    "indexing",
    lambda f, t: f([1], indexing="x"),
    "`indexing`",
    core="either 'xy' or 'ij'",
)
bad("meshgrid", "dtypes", lambda f, t: f(t(f32(2)), t(i32(2))), "`args[1]`", "is a int32 tensor")
bad("meshgrid", "None", lambda f, t: f(None), "`args[0]`", "a value (None)", differs=ACCIDENT)

lengths = arguments("sequence_mask", {"lengths": [1, 2]})
lengths("maxlen a vector", core="must be scalar", maxlen=[3])
lengths("maxlen -1", "`maxlen` must be >= 0", maxlen=-1)
lengths("maxlen 1.5", f"`maxlen` {INTEGER} maxlen=1.5", maxlen=1.5, differs=FRACTION)
lengths("None", "`lengths`", core=NO_TENSOR, lengths=None)
finite = "`lengths` must be finite"
lengths("nan", finite, lengths=[np.nan, 1.0])
lengths("inf", finite, lengths=[np.inf, 1.0])
bools = "TensorFlow casts them to integers where maxlen is given"
lengths("complex", "`lengths` must be numeric and real", lengths=[1j], maxlen=3, differs=bools)


FIVES = ["5", "4", "tf.constant(5, 'int64')", "np.int32(5)"]
MASKS = [
    *((f"[4.5, 2.2, -1.5], {kind!r}", end) for kind in ("float32", "float64") for end in FIVES),
    ("[4.5, 2.2], 'float16'", "5"),
    ("4.7", "5"),
    ("[np.nan, -np.inf, np.inf]", "5"),
    ("[4.5, 2.2]", "None"),
    ("[3, 200], 'uint8'", "300"),
    ("[3, 2], 'int64'", "tf.constant(3)"),
    ("[2**32 + 1, 2], 'int64'", "3"),
    ("[2**32 + 1, 2], 'int64'", "np.int64(3)"),
]


@pytest.mark.parametrize(("lengths", "maxlen"), MASKS)
def test_masks_of_many_dtypes(lengths: str, maxlen: str) -> None:
    paired.agree(f"tf.sequence_mask(tf.constant({lengths}), {maxlen}).numpy()")


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


# -- special values, ties and identities -----------------------------------------------------------


def test_one_hot_out_of_range_is_a_row_of_zeros() -> None:
    at = np.array([-1, 0, 2, 3, 100])
    (y,) = agree(lambda tf, x: tf.one_hot(x, 3), at, orders=0)
    np.testing.assert_array_equal(y.sum(1), [0, 1, 1, 0, 0])
    agree(lambda tf, x: tf.one_hot(x, 3, on_value=5, off_value=-1), at, orders=0)


@pytest.mark.parametrize("program", ["tf.one_hot([0, 5, -1], 3)"])
def test_special_values(program: str) -> None:
    paired.agree(program)


MADE = paired.programs("""
    tf.range(5) | tf.range(0) | tf.range(5.0) | tf.range(2, 5) | tf.range(5, 2, -1) | tf.range(2, 2)
    tf.range(0, 10, 3) | tf.range(0, 9, 3) | tf.range(10, 0, -3) | tf.range(9, 0, -3)
    tf.range(-7, 8, 5) | tf.range(1.0, 2.0, 0.25) | tf.range(2.0, 1.0, -0.3) | tf.range(0.5, 3)
    tf.range(3, delta=2) | tf.range(1, 7, 2, 'float64') | tf.range(3, dtype=tf.int64)
    tf.range(tf.constant(2, tf.int64), 5) | tf.range(1, 4, 0.5) | tf.range(2.5) | tf.range(-3, 0)
    tf.linspace(0.0, 1.0, 1) | tf.linspace(0.0, 1.0, 2) | tf.linspace(1, 10, 4)
    tf.linspace([1.0, 2.0], [4.0, 8.0], 4, axis=1) | tf.linspace([1.0, 2.0], [4.0, 8.0], 4, axis=-1)
    tf.one_hot([0, 2, -1, 3], 3) | tf.one_hot([[1], [0]], 2, axis=0) | tf.one_hot(1, 3, axis=-1)
    tf.one_hot([1, 0], 2, 5.0) | tf.one_hot([1, 0], 2, 5, 2) | tf.one_hot([1, 0], 2, off_value=7)
    tf.one_hot([1, 0], 2, dtype='int32') | tf.one_hot([1, 0], 2, True, False) | tf.one_hot([1], 0)
    tf.one_hot([[1, 2], [0, 1]], 3, axis=1) | tf.one_hot([1, 0], 3, axis=0, dtype=tf.uint8)
    tf.one_hot([1, 0], 2, 5, dtype=tf.float64) | tf.one_hot(np.array([1, 0], np.uint8), 2)
    tf.sequence_mask([1, 3, 0]) | tf.sequence_mask([1, 3, 0], 5) | tf.sequence_mask([1, 3], 2)
    tf.sequence_mask([[1], [2]], dtype='int32') | tf.sequence_mask(2) | tf.sequence_mask([0, 0])
    tf.sequence_mask([1, 2], dtype=None) | tf.sequence_mask([1.5, 2.0]) | tf.sequence_mask([1], 0)
    tf.sequence_mask([1.5, 2.9], 4) | tf.sequence_mask([2.5]) | tf.sequence_mask([-1, 1])
    tf.meshgrid([1, 2, 3], [4, 5], [6, 7]) | tf.meshgrid([1, 2, 3], [4, 5], [6, 7], indexing='ij')
    tf.meshgrid([1, 2, 3]) | tf.meshgrid([1, 2], [3, 4, 5], indexing='ij') | tf.meshgrid()
    tf.meshgrid([[1, 2], [3, 4]], [5, 6, 7]) | tf.meshgrid(1, [2, 3])
""")


@pytest.mark.parametrize("program", MADE)
def test_what_is_made(program: str) -> None:
    paired.agree(program)


REFUSED = {
    "range(0, 5, 0)": "`delta` must not be 0: Requires delta != 0",
    "range(5, 0)": "Requires start <= limit when delta > 0: 5/0, received delta=1",
    "range(0, 5, -2)": "Requires start >= limit when delta < 0: 0/5, received delta=-2",
    "range(1.5, 0.5)": "Requires start <= limit when delta > 0: 1.5/0.5, received delta=1",
    "range([1, 2])": "`limit` must be a scalar",
    "range(0, 5, [1])": "`delta` must be a scalar",
    "range(tf.constant(1, tf.int8))": "`limit` must be of one of ['int32', 'int64', 'float16'",
    "range(0.0, 1.0, 1e-30)": "Requires ((limit - start) / delta) < 2**59, received",
    "linspace(0.0, 1.0, -1)": "`num` must hold sizes >= 0",
    "linspace(0.0, 1.0, 3, axis=1)": "`axis` must be in range [-1, 1)",
    "linspace([1.0, 2.0], [1.0, 2.0, 3.0], 3)": "Incompatible shapes: [2] vs. [3]",
    "linspace(True, False, 3)": "`start` must be numeric",
    "one_hot([1], -1)": "depth must be non-negative",
    "one_hot([1], 3, axis=2)": "`axis` must be in [-1, 1]",
    "one_hot([1], 3, axis=-2)": "`axis` must be in [-1, 1]",
    "one_hot([1], 3, [1.0])": "on_value must be a scalar",
    "one_hot([1], 3, 1.0, [1.0])": "off_value must be a scalar",
    "one_hot([1], 3, tf.constant(1), dtype='float32')": "dtype int32 of `on_value` does not match",
    "one_hot([1], 3, 1.0, tf.constant(1))": "dtype int32 of `off_value` does not match dtype float",
    "one_hot([1], 2**59 + 1)": "must not have more than 2**59 elements",
    "sequence_mask([1], [2])": "`maxlen` must be scalar",
    "sequence_mask([1], -1)": "`maxlen` must be >= 0",
    "sequence_mask([np.inf])": "`lengths` must be finite",
    "sequence_mask([True])": "`lengths` must be numeric and real",
    "meshgrid([1], indexing='yx')": "must be either 'xy' or 'ij'",
    "meshgrid([1], [1.0])": "`args[1]`",
}


@pytest.mark.parametrize("call", REFUSED)
def test_what_is_refused(call: str) -> None:
    error = paired.error_of(f"tf.{call}", scratchnet)
    assert isinstance(error, ValueError | TypeError | scratchnet.errors.OpError)
    assert str(error).startswith(call.partition("(")[0] + ": ")
    assert REFUSED[call] in str(error)


def test_ranges_of_as_many_values_as_can_be_counted() -> None:
    """The bound itself is refused, one value less would only take too much memory."""
    for limit, step in ((2**59, 1), (-(2**59), -1), (2**60, 2), (2**60 + 1, 2)):
        error = paired.error_of(f"tf.range(0, {limit}, {step})", scratchnet)
        assert "Requires ((limit - start) / delta) < 2**59" in str(error)
