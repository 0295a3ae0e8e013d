"""Slices by Python's keys and by sizes, and putting them back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet as tf
from scratchnet import ops
from scratchnet.ops import indexing
from tests.support.adjoint import (
    assert_equal_products,
    check_the_tape_gives_the_transpose,
    normal_tensor,
    rngs,
)
from tests.support.bad_calls import INTEGER, OWN, Bad, BadCalls, f32
from tests.support.cases import Case, Draw, Sample, moving, normal, seeds, shapes
from tests.support.ops_checks import (
    DTYPES,
    check_against_tensorflow,
    check_error_family,
    check_finite_differences,
    check_refused,
    differentiable,
)

# -- cases -----------------------------------------------------------------------------------------


def slice_key(draw: Draw, n: int) -> Any:
    kind = draw(st.sampled_from(["int", "slice", "slice", "all"] if n else ["slice", "all"]))
    if kind == "int":
        return draw(st.integers(-n, n - 1))
    if kind == "all":
        return slice(None)
    ends = st.one_of(st.none(), st.integers(-n - 1, n + 1))
    return slice(draw(ends), draw(ends), draw(st.sampled_from([None, 1, 2, -1, -2])))


@st.composite
def keys(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(max_rank=4))
    key: list[Any] = [slice_key(draw, n) for n in shape]
    if key and draw(st.booleans()):  # the rest of the axes by `...`, or left out
        at = draw(st.integers(0, len(key) - 1))
        key = [*key[:at], ...] if draw(st.booleans()) else key[:at]
    if draw(st.booleans()):
        key.insert(draw(st.integers(0, len(key))), None)
    return Sample([normal(np.random.default_rng(seed), shape)], {"key": tuple(key)}, seed)


@st.composite
def places(draw: Draw) -> Sample:
    sample = draw(keys())
    shape, key = sample.arrays[0].shape, sample.attrs["key"]
    part = np.zeros(shape)[key]
    sample.arrays = [normal(np.random.default_rng(sample.seed), part.shape)]
    sample.attrs["shape"] = list(shape)
    return sample


@st.composite
def slices(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=1))
    begin = [draw(st.integers(0, n)) for n in shape]
    size = [draw(st.integers(-1, n - a)) for a, n in zip(begin, shape, strict=True)]
    return Sample(
        [normal(np.random.default_rng(seed), shape)], {"begin": begin, "size": size}, seed
    )


CASES: dict[str, Case] = {
    "getitem": moving(keys()),
    "place": moving(places()),
    "slice": moving(slices()),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad = BAD_CALLS.bad
NO_INDEX = "Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`)"
for k in (5, -6):
    bad(
        "getitem",
        f"index {k}",
        lambda f, t, k=k: f(t(f32(5)), k),
        f"`key`: slice index {k}",
        core="of dimension 0 out of bounds.",
    )
bad(
    "getitem",
    "too many indices",
    lambda f, t: f(t(f32(5)), (0, 0)),
    core="Index out of range using input dim 1",
)
bad("getitem", "of a scalar", lambda f, t: f(t(1.0), 0), "Index out of range using input dim 0")
bad(
    "getitem",
    "step 0",
    lambda f, t: f(t(f32(5)), slice(None, None, 0)),
    core="strides[0] must be non-zero",
)
for key in (1.5, "a", ([0, 1],), slice(0.5, None), slice("a", None)):
    bad("getitem", f"{key!r}", lambda f, t, key=key: f(t(f32(5)), key), core=NO_INDEX)
bad("getitem", "a tensor of floats", lambda f, t: f(t(f32(5)), t(1.0)), core=NO_INDEX)
bad("getitem", "an array", lambda f, t: f(t(f32(5)), np.array([0, 1])), "`key`", "array([0, 1])")
bad("getitem", "a vector", lambda f, t: f(t(f32(5)), t([0, 1])), "`key`", "shape=(2,)")
bad(
    "getitem",
    "a mask of another shape",
    lambda f, t: f(t(f32(5)), np.array([True, False])),
    core="Shapes (5,) and (2,) are incompatible",
)
bad(
    "getitem",
    "a scalar mask",
    lambda f, t: f(t(f32(5)), True),
    "`key`",
    core="mask cannot be scalar",
)
bad("getitem", "two ellipses", lambda f, t: f(t(f32(5)), (..., ...)), core="Multiple ellipses")
bad(
    "place",
    "another shape",
    lambda f, t: f(t(f32(3)), slice(0, 2), [4]),
    "shapes: [3] vs. [2]",
    alone=OWN,
)
bad(
    "place",
    "an index",
    lambda f, t: f(t(1.0), 4, [4]),
    "slice index 4 of dimension 0 out of bounds",
    alone=OWN,
)
bad(
    "place",
    "a negative size",
    lambda f, t: f(t(f32(2)), slice(0, 2), [-4]),
    "`shape` must hold sizes >= 0",
    alone=OWN,
)
bad(
    "slice",
    "too many",
    lambda f, t: f(t(f32(5)), [0, 0], [1, 1]),
    "one entry per axis",
    "begin=(0, 0)",
)
for begin, size in ((6, 0), (-1, 1), (1, 5), (1, -2)):
    bad(
        "slice",
        f"{begin}, {size}",
        lambda f, t, a=begin, n=size: f(t(f32(5)), [a], [n]),
        f"received begin=({begin},), size=({size},)",
    )
bad("slice", "floats", lambda f, t: f(t(f32(5)), [1.0], [1.0]), f"`begin` {INTEGER} begin=1.0")
bad("slice", "scalars", lambda f, t: f(t(f32(5)), 1, 1), "`begin` must be a list of integers (1-D)")
bad("slice", "None", lambda f, t: f(t(f32(5)), None, [1]), "`begin`", "a value (None)")


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


@pytest.mark.parametrize("name", ["getitem"])
@settings(max_examples=4)
@given(data=st.data())
def test_third_order(name: str, data: st.DataObject) -> None:
    check_finite_differences(name, CASES[name], data.draw(CASES[name].samples), order=3)


# Linear in the floating argument with this number, the others held; or, if None, in all together.
LINEAR: dict[str, int | None] = {"getitem": 0, "place": 0, "slice": 0}


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


@given(keys(), rngs)
def test_getitem_and_place(sample: Sample, rng: np.random.Generator) -> None:
    x, key = tf.constant(sample.arrays[0]), sample.attrs["key"]
    y = x[key]
    g = normal_tensor(rng, *y.shape)
    assert_equal_products((y, g), (x, ops.place(g, key, x.shape)))


@given(slices(), rngs)
def test_slice_and_pad(sample: Sample, rng: np.random.Generator) -> None:
    x = tf.constant(sample.arrays[0])
    y = ops.slice_(x, **sample.attrs)
    g = normal_tensor(rng, *y.shape)
    begin = sample.attrs["begin"]
    around = [[a, n - a - m] for a, n, m in zip(begin, x.shape, y.shape, strict=True)]
    assert_equal_products((y, g), (x, ops.pad(g, around)))


REFUSED = {
    "place(ones(2), 0, 3)": "place: `shape` must be a list of integers (1-D), received shape=3",
    "place(ones(2), 0, [3])": "place: Incompatible shapes: [2] vs. []",
    "place(ones(2), 3, [3, 2])": "place: `key`: slice index 3 of dimension 0 out of bounds.  (Its "
    "size is 3.)",
    "getitem(ones((2, 3)), (0, -4))": "getitem: `key`: slice index -4 of dimension 1 out of "
    "bounds.  (Its size is 3.)",
    "getitem(ones((2, 3)), (None, 2))": "getitem: `key`: slice index 2 of dimension 0 out of "
    "bounds.  (Its size is 2.)",
    "getitem(ones((2, 3)), (Ellipsis, 3))": "getitem: `key`: slice index 3 of dimension 1 out of "
    "bounds.  (Its size is 3.)",
    "slice_(ones((2, 3)), 0, [1, 1])": "slice: `begin` must be a list of integers (1-D), received "
    "begin=0",
    "slice_(ones((2, 3)), [0, 0], 1)": "slice: `size` must be a list of integers (1-D), received "
    "size=1",
    "slice_(ones((2, 3)), [0], [1, 1])": "slice: `begin` and `size` must have one entry per axis "
    "of "
    "a tensor of rank 2, received begin=(0,), size=(1, 1)",
    "slice_(ones((2, 3)), [0, 0], [1])": "slice: `begin` and `size` must have one entry per axis "
    "of "
    "a tensor of rank 2, received begin=(0, 0), size=(1,)",
    "slice_(ones((2, 3)), [0, 0, 0], [1, 1, 1])": "slice: `begin` and `size` must have one entry "
    "per axis of a tensor of rank 2, received begin=(0, 0, 0), size=(1, 1, 1)",
    **{
        f"slice_(ones((2, 3)), [0, {a}], [1, {n}])": f"slice: Expected `begin`[1] in [0, 3] and "
        f"`begin` + `size` within, received begin=(0, {a}), size=(1, {n})"
        for a, n in ((-1, 1), (4, -1), (0, -2), (1, 3), (3, 1))
    },
}


@pytest.mark.parametrize("call", REFUSED)
def test_what_is_refused_in_full(call: str) -> None:
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        eval(call, vars(indexing).copy() | {"ones": tf.ones})
    assert str(caught.value) == REFUSED[call]


def test_blocks_up_to_the_ends() -> None:
    x = tf.constant([[1, 2, 3], [4, 5, 6]])
    for a, n, row in ((0, -1, [4, 5, 6]), (0, 3, [4, 5, 6]), (2, 1, [6]), (3, 0, []), (3, -1, [])):
        assert tf.slice(x, [1, a], [1, n]).numpy().tolist() == [row]
