"""Tiling, padding, reversing, repeating and rolling."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet as tf
from scratchnet import ops
from tests.support import paired
from tests.support.adjoint import (
    assert_equal_products,
    check_the_tape_gives_the_transpose,
    normal_tensor,
    rngs,
)
from tests.support.bad_calls import (
    ACCIDENT,
    DOCUMENTED,
    HUGE,
    INTEGER,
    NO_TENSOR,
    Bad,
    BadCalls,
    f32,
)
from tests.support.cases import (
    Case,
    Draw,
    Sample,
    along_axis,
    axis_of,
    moving,
    normal,
    seeds,
    shapes,
    unary,
)
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
def tiles(draw: Draw) -> Sample:
    seed = draw(seeds())
    # TensorFlow differentiates a tile of at most rank 2.
    sample = Sample([normal(np.random.default_rng(seed), draw(shapes(max_rank=2)))], {}, seed)
    sample.attrs["multiples"] = [draw(st.integers(0, 3)) for _ in sample.arrays[0].shape]
    # TensorFlow takes no untyped empty list for a count per axis.
    sample.attrs["multiples"] = np.array(sample.attrs["multiples"], np.int32)
    return sample


@st.composite
def pads(draw: Draw) -> Sample:
    mode = draw(st.sampled_from(["CONSTANT", "REFLECT", "SYMMETRIC"]))
    seed, shape = draw(seeds()), draw(shapes(min_rank=1, min_side=0 if mode == "CONSTANT" else 1))
    most = {"CONSTANT": 3, "REFLECT": -1, "SYMMETRIC": 0}[mode]

    def count(n: int) -> int:
        return draw(st.integers(0, 3 if mode == "CONSTANT" else n + most))

    paddings = [[count(n), count(n)] for n in shape]
    attrs = {"paddings": paddings, "mode": mode}
    if mode == "CONSTANT":
        attrs["constant_values"] = draw(st.sampled_from([0, 1.5]))
    return Sample([normal(np.random.default_rng(seed), shape)], attrs, seed)


@st.composite
def reversals(draw: Draw) -> Sample:
    sample = draw(unary())
    rank = sample.arrays[0].ndim
    axes = draw(st.lists(st.integers(0, max(rank - 1, 0)), unique=True)) if rank else []
    sample.attrs["axis"] = np.array([a - rank * draw(st.integers(0, 1)) for a in axes], np.int32)
    return sample


@st.composite
def rolls(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=1))
    x = normal(np.random.default_rng(seed), shape)
    if draw(st.booleans()):
        return Sample(
            [x], {"shift": draw(st.integers(-9, 9)), "axis": axis_of(draw, len(shape))}, seed
        )
    axes = draw(st.lists(st.integers(0, len(shape) - 1), min_size=1, max_size=3))
    return Sample([x], {"shift": [draw(st.integers(-9, 9)) for _ in axes], "axis": axes}, seed)


CASES: dict[str, Case] = {
    "tile": moving(tiles()),
    "pad": moving(pads()),
    "reverse": moving(reversals()),
    "repeat": moving(along_axis(repeats=st.integers(0, 3))),
    "roll": moving(rolls()),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad, arguments = BAD_CALLS.bad, BAD_CALLS.arguments
bad(
    "tile",
    "too few",
    lambda f, t: f(t(f32(2, 3)), [2]),
    core="to be a vector of length 2 but got length 1",
)
bad("tile", "a negative count", lambda f, t: f(t(f32(2)), [-1]), "`multiples` must hold sizes >= 0")
bad("tile", "floats", lambda f, t: f(t(f32(2)), [1.5]), f"`multiples` {INTEGER} multiples=1.5")
bad(
    "tile", "a scalar", lambda f, t: f(t(f32(2)), 2), "`multiples` must be a list of integers (1-D)"
)
bad("tile", "None", lambda f, t: f(t(f32(2)), None), "`multiples`", "a value (None)")
bad(
    "tile",
    "2**82 elements",
    lambda f, t: f(t(f32(2, 2)), [2**40, 2**40]),
    "more than 2**59 elements",
)
bad(
    "repeat",
    "a negative count",
    lambda f, t: f(t(f32(2)), -1, axis=0),
    "`repeats` must hold sizes >= 0",
)
bad("repeat", "1.5", lambda f, t: f(t(f32(2)), 1.5, axis=0), f"`repeats` {INTEGER} repeats=1.5")
bad("repeat", "axis 1", lambda f, t: f(t(f32(2)), 1, axis=1), "`axis` must be in range [-1, 1)")
bad(
    "repeat",
    "too many counts",
    lambda f, t: f(t(f32(2)), [1, 2, 3], axis=0),
    "must be one count, or 2",
)
bad("repeat", "None", lambda f, t: f(t(f32(2)), None, axis=0), "`repeats`", "a value (None)")
bad(
    "repeat", "2**64 elements", lambda f, t: f(t(f32(4)), 2**62, axis=0), "than 2**59", differs=HUGE
)
bad("repeat", "a scalar", lambda f, t: f(t(1.0), 2, axis=0), "`axis`", differs=DOCUMENTED)
bad(
    "pad",
    "paddings of another rank",
    lambda f, t: f(t(f32(2)), [[1, 1], [1, 1]]),
    "`paddings`",
    core="The first dimension of paddings must be the rank of inputs",
)
for paddings in ([[-1, 1]], [1, 1], [[1, 1, 1]]):
    bad(
        "pad",
        f"{paddings}",
        lambda f, t, p=paddings: f(t(f32(2)), p),
        "`paddings` must",
        f"paddings={paddings}",
    )
bad(
    "pad",
    "floats",
    lambda f, t: f(t(f32(2)), [[1.0, 1.0]]),
    "`paddings` must be of an integer dtype",
)
bad("pad", "None", lambda f, t: f(t(f32(2)), None), "`paddings`", core=NO_TENSOR)
bad(
    "pad",
    "mode",
    lambda f, t: f(t(f32(2)), [[1, 1]], mode="foo"),
    core="Value of argument `mode` expected to be",
)
bad(
    "pad",
    "mode None",
    lambda f, t: f(t(f32(2)), [[1, 1]], mode=None),
    "mode=None",
    differs=ACCIDENT,
)
bad(
    "pad",
    "beyond the mirror",
    lambda f, t: f(t(f32(2)), [[2, 0]], mode="REFLECT"),
    "`paddings` must fit",
)
bad(
    "pad",
    "beyond the image",
    lambda f, t: f(t(f32(2)), [[3, 0]], mode="SYMMETRIC"),
    "`paddings` must fit",
)
bad(
    "pad",
    "1.5 into integers",
    lambda f, t: f(t([1]), [[1, 0]], constant_values=1.5),
    "`constant_values`",
)
bad(
    "pad",
    "with a string",
    lambda f, t: f(t([1.0]), [[1, 0]], constant_values="a"),
    "`constant_values`",
)
bad(
    "pad",
    "with a vector",
    lambda f, t: f(t([1.0]), [[1, 0]], constant_values=[1.0, 2.0]),
    core="must be a scalar",
)
bad("pad", "with None", lambda f, t: f(t([1.0]), [[1, 0]], constant_values=None), core=NO_TENSOR)
bad(
    "pad",
    "2**80 elements",
    lambda f, t: f(t(f32(2, 2)), [[2**40, 0], [2**40, 0]]),
    "more than 2**59",
)
for k in (1, -2):
    bad(
        "reverse",
        f"axis {k}",
        lambda f, t, k=k: f(t(f32(2)), [k]),
        "`axis` must be in range [-1, 1)",
    )
for axes in ([0, 0], [0, -2]):
    bad(
        "reverse",
        f"axes {axes}",
        lambda f, t, a=axes: f(t(f32(2, 2)), a),
        "`axis` must not name an axis twice",
    )
bad("reverse", "floats", lambda f, t: f(t(f32(2, 2)), [0.0]), f"`axis` {INTEGER} axis=0.0")
bad("reverse", "None", lambda f, t: f(t(f32(2, 2)), None), "`axis`", "a value (None)")
bad(
    "reverse",
    "a scalar",
    lambda f, t: f(t(f32(2, 2)), 0),
    "`axis` must be a list of integers (1-D)",
)

roll = arguments("roll", {"input": f32(2, 3), "shift": 1, "axis": 0})
roll("axis 2", "`axis` must be in range [-2, 2)", axis=2)
roll("two shifts", core="shift and axis must have the same size", shift=[1, 2])
roll("half a shift", f"`shift` {INTEGER} shift=0.5", shift=0.5)
roll("a scalar", core="must be 1-D or higher", input=1.0)
roll("None", "`input`", core=NO_TENSOR, input=None)


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
LINEAR: dict[str, int | None] = {"tile": 0, "reverse": 0, "repeat": 0, "roll": 0}


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


@given(pads().filter(lambda sample: sample.attrs["mode"] == "CONSTANT"), rngs)
def test_pad_and_slice(sample: Sample, rng: np.random.Generator) -> None:
    x, paddings = tf.constant(sample.arrays[0]), sample.attrs["paddings"]
    y = ops.pad(x, paddings)
    g = normal_tensor(rng, *y.shape)
    assert_equal_products((y, g), (x, ops.slice_(g, [a for a, _ in paddings], list(x.shape))))


@given(reversals(), rngs)
def test_reverse_is_its_own_transpose(sample: Sample, rng: np.random.Generator) -> None:
    x, axis = tf.constant(sample.arrays[0]), sample.attrs["axis"]
    g = normal_tensor(rng, *x.shape)
    assert_equal_products((ops.reverse(x, axis), g), (x, ops.reverse(g, axis)))


PROGRAMS = paired.programs("""
    tf.pad([[1, 2], [3, 4]], [[1, 0], [0, 2]]) | tf.pad([1, 2, 3], [[2, 1]], 'REFLECT')
    tf.pad([1, 2, 3], [[2, 3]], 'SYMMETRIC') | tf.pad([1, 2, 3], [[1, 1]], constant_values=9)
    tf.pad([1.5], [[1, 0]], 'CONSTANT', -2) | tf.pad([1, 2], [[1, 1]], 'reflect')
    tf.pad([[1, 2], [3, 4]], [[1, 1], [1, 0]], 'SYMMETRIC')
    tf.pad([[1, 2, 3], [4, 5, 6]], [[0, 1], [2, 0]], 'REFLECT') | tf.pad([1, 2], [[0, 0]])
    tf.tile([1, 2], [3]) | tf.tile([[1, 2], [3, 4]], [2, 1]) | tf.tile([[1, 2]], [1, 0])
    tf.tile(5, []) | tf.tile([[1], [2]], [1, 3]) | tf.repeat([1, 2], 2) | tf.repeat([1, 2], [2, 3])
    tf.repeat([[1, 2], [3, 4]], 2, axis=0) | tf.repeat([[1, 2], [3, 4]], [0, 2], axis=1)
    tf.repeat([[1, 2], [3, 4]], 2) | tf.repeat([[1, 2], [3, 4]], 2, axis=-1) | tf.repeat(3, 2)
    tf.repeat([1, 2], [2]) | tf.roll([1, 2, 3, 4], 1, 0) | tf.roll([1, 2, 3, 4], -1, 0)
    tf.roll([[1, 2], [3, 4], [5, 6]], [1, 1], [0, 1]) | tf.roll([[1, 2], [3, 4]], 5, -1)
    tf.roll([[1, 2, 3]], [1, 1], [1, 1]) | tf.reverse([1, 2, 3], [0])
    tf.reverse([[1, 2], [3, 4]], [-1]) | tf.reverse([[1, 2], [3, 4]], [0, 1])
    tf.reverse([[1, 2], [3, 4]], [])
""")


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_with_every_option(program: str) -> None:
    paired.agree(program)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            "tile([1, 2], 2)",
            "tile: `multiples` must be a list of integers (1-D), received multiples=2",
        ),
        ("reverse([1, 2], 0)", "reverse: `axis` must be a list of integers (1-D), received axis=0"),
    ],
)
def test_one_number_is_no_list(call: str, said: str) -> None:
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        eval(call, vars(ops).copy())
    assert str(caught.value) == said
