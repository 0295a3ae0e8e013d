"""Tensors from values, casts, and ops that hand their input on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet
from tests.support import paired
from tests.support.adjoint import check_the_tape_gives_the_transpose, rngs
from tests.support.bad_calls import (
    BOOL,
    DOCUMENTED,
    HUGE,
    INTEGER,
    NO_TENSOR,
    OWN,
    STRING,
    Bad,
    BadCalls,
)
from tests.support.cases import (
    TRUTH,
    Case,
    Draw,
    Sample,
    any_dtype,
    float_names,
    normal,
    seeds,
    shapes,
    simple,
    unary,
)
from tests.support.derivatives import NAN, agree
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
def unalike(draw: Draw) -> Sample:
    """Two arrays whose shapes have nothing to do with each other."""
    seed = draw(seeds())
    rng = np.random.default_rng(seed)
    return Sample([normal(rng, draw(shapes())), normal(rng, draw(shapes()))], {}, seed)


def attrs_only(**attrs: st.SearchStrategy[Any]) -> st.SearchStrategy[Sample]:
    return st.fixed_dictionaries(attrs).map(lambda drawn: Sample([], drawn))


@st.composite
def casts(draw: Draw) -> Sample:
    kinds = ["float16", "float32", "float64", "int32", "int64", "uint8", "int8", "bool"]
    sample = draw(unary(lambda rng, shape: rng.normal(size=shape) * 40))
    sample.attrs["dtype"] = draw(st.sampled_from(kinds))
    return sample


nested = st.one_of(
    st.integers(-(2**40), 2**40),
    st.floats(-1e3, 1e3, width=32),
    st.booleans(),
    st.lists(st.integers(-9, 9), max_size=4),
    st.lists(st.lists(st.floats(-9, 9, width=32), min_size=2, max_size=2), max_size=3),
)

CASES: dict[str, Case] = {
    "constant": Case(attrs_only(value=nested), **TRUTH),
    "convert_to_tensor": Case(attrs_only(value=nested), **TRUTH),
    "cast": Case(casts()),
    "identity": simple(),
    "linked": Case(unalike()),
    "stop_gradient": simple(),
    "zeros": Case(attrs_only(shape=shapes(), dtype=float_names), **TRUTH),
    "ones": Case(attrs_only(shape=shapes(), dtype=float_names), **TRUTH),
    "zeros_like": Case(unary(any_dtype), **TRUTH),
    "ones_like": Case(unary(any_dtype), **TRUTH),
    "fill": Case(attrs_only(dims=shapes(), value=st.sampled_from([1, 2.5, True])), **TRUTH),
    "eye": Case(
        attrs_only(
            num_rows=st.integers(0, 4),
            num_columns=st.one_of(st.none(), st.integers(0, 4)),
            batch_shape=st.sampled_from([None, [2], [2, 0]]),
            dtype=float_names,
        ),
        **TRUTH,
    ),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad = BAD_CALLS.bad
bad(
    "constant",
    "1.5 as int32",
    lambda f, t: f(1.5, dtype="int32"),
    "`value`",
    core="Cannot convert 1.5 to EagerTensor of dtype int32",
)
bad("constant", "a ragged list", lambda f, t: f([[1], [2, 3]]), core="non-rectangular")
bad("constant", "None", lambda f, t: f(None), "`value`", core=NO_TENSOR)
bad(
    "constant",
    "a string",
    lambda f, t: f("a", dtype="float32"),
    "`value`",
    core="Cannot convert 'a'",
)
bad(
    "constant",
    "too few values",
    lambda f, t: f([1, 2, 3], shape=[2, 2]),
    "`shape`",
    core="has 3 elements, but got `shape` (2, 2) with 4 elements",
)
bad(
    "constant",
    "a negative size",
    lambda f, t: f([1, 2], shape=[-1]),
    "shape=(-1,)",
    core="must be >= 0",
)
bad("constant", "sizes of floats", lambda f, t: f(1, shape=[1.5]), f"`shape` {INTEGER} shape=1.5")
bad("constant", "an unknown dtype", lambda f, t: f(1, dtype="float33"), "`dtype`", core="'float33'")
bad(
    "constant",
    "a tensor of another dtype",
    lambda f, t: f(t([1.0]), "int32"),
    core="Expected tensor",
)
bad("constant", "more than 64 bits", lambda f, t: f(2**64), core="out-of-range integer")
bad(
    "constant",
    "2**40 as int32",
    lambda f, t: f(2**40, dtype="int32"),
    "1099511627776 does not fit int32",
    differs=DOCUMENTED,
)
bad(
    "convert_to_tensor",
    "a tensor of another dtype",
    lambda f, t: f(t([1.0]), dtype="int32"),
    core="Tensor conversion requested dtype int32 for Tensor with dtype float32",
)
bad("convert_to_tensor", "None", lambda f, t: f(None), "`value`", core=NO_TENSOR)
bad("convert_to_tensor", "an object", lambda f, t: f(object()), core="Attempt to convert a value")
bad("cast", "an unknown dtype", lambda f, t: f(t([1.0]), "float33"), "`dtype`", core="'float33'")
bad("cast", "dtype None", lambda f, t: f(t([1.0]), None), "`dtype`", core="None")
bad("cast", "None", lambda f, t: f(None, "float32"), "`x`", core=NO_TENSOR)
bad("cast", "a string", lambda f, t: f("a", "float32"), "`x`", "'a'", differs=STRING)
bad("identity", "None", lambda f, t: f(None), "`input`", core=NO_TENSOR)
bad("linked", "None", lambda f, t: f(None, 1.0), "`input`", alone=OWN)
bad("linked", "to None", lambda f, t: f(1.0, None), "`to`", alone=OWN)
bad("stop_gradient", "None", lambda f, t: f(None), "`input`", core=NO_TENSOR)
for op in ("zeros_like", "ones_like"):
    bad(op, "None", lambda f, t: f(None), "`input`", core=NO_TENSOR)
    bad(op, "an unknown dtype", lambda f, t: f([1], "float33"), "`dtype`", core="'float33'")
for op in ("zeros", "ones"):
    bad(op, "a negative size", lambda f, t: f([-1]), "`shape` must hold sizes >= 0", "shape=(-1,)")
    bad(op, "1.5", lambda f, t: f([1.5]), f"`shape` {INTEGER} shape=1.5")
    bad(op, "a tensor of floats", lambda f, t: f(t([2.0])), "`shape` must hold integers")
    bad(op, "a string", lambda f, t: f("a"), f"`shape` {INTEGER} shape='a'")
    bad(op, "None", lambda f, t: f(None), "`shape`", "Attempt to convert a value (None)")
    bad(op, "nested lists", lambda f, t: f([[1]]), f"`shape` {INTEGER} shape=[1]")
    bad(op, "an unknown dtype", lambda f, t: f([1], "float33"), "`dtype`", core="'float33'")
    bad(op, "True", lambda f, t: f([True]), f"`shape` {INTEGER} shape=True", differs=BOOL)
    bad(
        op,
        "2**80 elements",
        lambda f, t: f([2**40, 2**40]),
        "`shape` must not have more than 2**59",
    )
    bad(op, "2**62 elements", lambda f, t: f([2**62]), "`shape` must not have more", differs=HUGE)
    bad(op, "2**70", lambda f, t: f([2**70]), "`shape` must hold integers of 64 bits")
bad("fill", "a negative size", lambda f, t: f([-1], 1), "`dims` must hold sizes >= 0", "dims=(-1,)")
bad(
    "fill",
    "a vector",
    lambda f, t: f([2], [1, 2]),
    "`value` must be a scalar, received value=",
)
bad("fill", "None", lambda f, t: f([2], None), "`value`", core=NO_TENSOR)
bad("fill", "sizes of floats", lambda f, t: f([1.5], 1), f"`dims` {INTEGER} dims=1.5")
bad(
    "fill",
    "2**80 elements",
    lambda f, t: f([2**40, 2**40], 1),
    "`dims` must not have more than 2**59",
)
bad("eye", "a negative size", lambda f, t: f(-1), "`num_rows` must hold sizes >= 0")
bad("eye", "negative columns", lambda f, t: f(2, -1), "`num_columns` must hold sizes >= 0")
bad("eye", "1.5", lambda f, t: f(1.5), f"`num_rows` {INTEGER} num_rows=1.5")
bad("eye", "a string", lambda f, t: f("a"), f"`num_rows` {INTEGER} num_rows='a'")
bad(
    "eye",
    "a negative batch",
    lambda f, t: f(1, batch_shape=[-1]),
    "`batch_shape` must hold sizes >= 0",
)


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


# Linear in the floating argument with this number, the others held; or, if None, in all together.
LINEAR: dict[str, int | None] = {"identity": 0, "linked by its first": 0}


@pytest.mark.parametrize("title", LINEAR)
@given(data=st.data(), rng=rngs)
def test_the_tape_gives_the_transpose(
    title: str, data: st.DataObject, rng: np.random.Generator
) -> None:
    name = title.partition(" ")[0]
    sample = data.draw(CASES[name].samples)
    check_the_tape_gives_the_transpose(name, CASES[name], sample, LINEAR[title], rng)


@pytest.mark.parametrize("row", BAD_CALLS, ids=str)
@pytest.mark.usefixtures("no_kernels")
def test_it_is_refused_by_name_before_any_work(row: Bad) -> None:
    check_refused(row)


@pytest.mark.parametrize("row", [row for row in BAD_CALLS if not row.alone], ids=str)
def test_the_error_is_of_tensorflows_family(row: Bad) -> None:
    check_error_family(row)


# -- special values, ties and identities -----------------------------------------------------------


def test_a_cast_to_integers_cuts_off_and_wraps_around() -> None:
    floats = np.array([1.9, -1.9, 0.5, -0.5, 255.0, 256.0, 300.0, -1.0, 70000.0])
    for dtype in ("int8", "uint8", "int16", "uint16", "int32", "int64"):
        agree(lambda tf, x, d=dtype: tf.cast(x, d), floats, orders=0)
        agree(lambda tf, x, d=dtype: tf.cast(x, d), floats.astype(np.float32), orders=0)
    wholes = np.array([-1, 0, 1, 255, 256, 2**31, -(2**31), 2**40 + 3])
    for dtype in ("int8", "uint8", "int16", "int32", "uint32", "float32", "float64", "bool"):
        agree(lambda tf, x, d=dtype: tf.cast(x, d), wholes, orders=0)


def test_a_cast_to_bool_asks_for_zero() -> None:
    agree(lambda tf, x: tf.cast(x, "bool"), np.array([0.0, -0.0, 0.5, NAN, -1.0]), orders=0)
    agree(lambda tf, x: tf.cast(x, "float32"), np.array([True, False]), orders=0)


def test_the_value_of_fill_has_a_gradient() -> None:
    for dims in ([2, 3], [], [0], 4):
        agree(lambda tf, v, d=dims: tf.fill(d, v), np.float64(2.5))
    agree(lambda tf, v: tf.keras.ops.full((2, 3), v), np.float32(2.5))
    agree(lambda tf, v: tf.keras.ops.full_like(tf.ones((3,)), v), np.float32(2.5))


@pytest.mark.parametrize("kind", ["complex64", "complex128"])
def test_a_cast_of_complex_numbers_takes_the_real_part(kind: str) -> None:
    for dtype in ("bool", "int32", "float32"):
        x = "[1j, 0, 2.7 + 0j, -0.5j, -1.5 + 1j]"
        paired.agree(f"tf.cast(tf.constant({x}, {kind!r}), {dtype!r}).numpy()")


def test_a_constant_in_another_shape_cuts_the_gradient() -> None:
    def slopes(tf: Any) -> list[Any]:
        x = tf.constant([1.0, 2.0])
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            ys = [tf.constant(x), tf.constant(x, shape=[2]), tf.constant(x, shape=[2, 1])]
        return [tape.gradient(y, x) for y in ys]

    for ours, theirs in zip(slopes(scratchnet), slopes(tensorflow), strict=True):
        assert (ours is None) == (theirs is None)
        assert ours is None or ours.numpy().tolist() == theirs.numpy().tolist()


def test_floats_beyond_int32_become_uint32() -> None:
    for kind in ("float32", "float64"):
        x = np.array([3e9, 4294967040.0, 7.9], kind)
        assert scratchnet.cast(x, "uint32").numpy().tolist() == [3000000000, 4294967040, 7]
        assert tensorflow.cast(x, "uint32").numpy().tolist() == [3000000000, 4294967040, 7]


PROGRAMS = paired.programs("""
    tf.zeros(3) | tf.zeros([2, 3]) | tf.zeros((), tf.int32) | tf.zeros([2], bool) | tf.ones(3)
    tf.ones([2, 0], tf.int64) | tf.ones([], 'bool') | tf.zeros(tf.constant([2, 1]))
    tf.ones(tf.TensorShape([2])) | tf.fill([2, 3], 7) | tf.fill([], 1.5) | tf.fill([2], True)
    tf.fill([0, 2], 1) | tf.fill([2], np.float64(1)) | tf.zeros_like([[1, 2]])
    tf.ones_like([[1.5, 2]]) | tf.zeros_like([1, 2], tf.float64) | tf.ones_like([1, 2], 'bool')
    tf.zeros_like(tf.constant(True)) | tf.ones_like(3) | tf.eye(2) | tf.eye(2, 3) | tf.eye(3, 2)
    tf.eye(2, batch_shape=[3]) | tf.eye(2, 3, [2, 1], tf.int32) | tf.eye(0) | tf.eye(1)
    tf.eye(2, dtype='bool') | tf.eye(2, num_columns=0) | tf.identity([1, 2])
    tf.identity(tf.Variable(1.0)) | tf.stop_gradient([1.0]) | tf.cast([1.9, -1.9], 'int32')
    tf.cast([True, False], 'float16') | tf.cast(1, 'complex64') | tf.cast(3j, 'complex64')
    tf.cast(tf.constant([0, 1, 2]), 'bool') | tf.cast(tf.constant(1.5), tf.float32)
    tf.constant([1, 2], shape=(2, 1)) | tf.constant(5, shape=[2, 2])
    tf.constant([1, 2], 'float64') | tf.constant(1.5, 'float16', [1]) | tf.constant([])
    tf.convert_to_tensor([1, 2], dtype_hint='float64')
    tf.convert_to_tensor([1.5], 'float64', 'int32')
    tf.convert_to_tensor(tf.constant(1), dtype_hint='float64')
    tf.convert_to_tensor([1.5], dtype_hint='int32')
""")


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_with_every_option(program: str) -> None:
    paired.agree(program)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            "eye(2, batch_shape=3)",
            "eye: `batch_shape` must be a list of integers (1-D), received batch_shape=3",
        ),
    ],
)
def test_one_number_is_no_list(call: str, said: str) -> None:
    with pytest.raises(scratchnet.errors.InvalidArgumentError) as caught:
        eval(call, vars(scratchnet.ops).copy())
    assert str(caught.value) == said
