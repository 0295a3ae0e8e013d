"""Moments and batch normalization."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet
from tests.support.bad_calls import (
    ACCIDENT,
    DOCUMENTED,
    FLOATING,
    INTEGER,
    NO_TENSOR,
    Bad,
    BadCalls,
    f32,
    f64,
    i32,
)
from tests.support.cases import (
    Case,
    Draw,
    Sample,
    largest,
    normal,
    positive,
    reduced,
    reductions,
    seeds,
    shapes,
    summing,
)
from tests.support.derivatives import agree
from tests.support.ops_checks import (
    DTYPES,
    check_against_tensorflow,
    check_composed,
    check_error_family,
    check_finite_differences,
    check_refused,
    differentiable,
)

# -- cases -----------------------------------------------------------------------------------------


@st.composite
def normalizations(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=1, max_rank=4, min_side=1))
    rng = np.random.default_rng(seed)
    C = shape[-1:]
    arrays = [normal(rng, shape), normal(rng, C), positive(rng, C), normal(rng, C), normal(rng, C)]
    return Sample(arrays, {"variance_epsilon": draw(st.sampled_from([1e-3, 1e-5]))}, seed)


CASES: dict[str, Case] = {
    "moments": summing(
        reductions(min_side=1).map(
            lambda s: Sample(
                s.arrays,
                {
                    "axes": list(range(s.arrays[0].ndim))[:2],
                    "keepdims": s.attrs["keepdims"],
                },
                s.seed,
            )
        ),
        order=1,  # TensorFlow's second derivative leaves out the mean; finite differences see ours
    ),
    "batch_normalization": Case(
        normalizations(),
        length=reduced,
        scale=lambda s: 30 * largest(s),  # 1/variance**1.5, three times
    ),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad, arguments = BAD_CALLS.bad, BAD_CALLS.arguments
bad("moments", "a shift", lambda f, t: f(t(f32(2)), [0], 1.0), "`shift`", differs=DOCUMENTED)
bad("moments", "axis 1", lambda f, t: f(t(f32(2)), [1]), "`axes` must be in range [-1, 1)")
bad("moments", "twice", lambda f, t: f(t(f32(2)), [0, 0]), "`axes` must not name an axis twice")
bad("moments", "axis 0.5", lambda f, t: f(t(f32(2)), [0.5]), f"`axes` {INTEGER} axes=0.5")
bad("moments", "integers", lambda f, t: f(t([1]), [0]), f"`x` {FLOATING}", differs=DOCUMENTED)
bad("moments", "None", lambda f, t: f(None, [0]), "`x`", "a value (None)", differs=ACCIDENT)

normalize = arguments(
    "batch_normalization",
    {
        "x": f32(2, 3),
        **{name: f32(3) for name in ("mean", "variance", "offset", "scale")},
        "variance_epsilon": 1e-3,
    },
)
for name in ("mean", "variance", "offset", "scale"):
    normalize(
        f"{name} of another size", f"`{name}` must broadcast", "[2] vs. [2,3]", **{name: f32(2)}
    )
normalize("mean of float64", "`mean`", "is a double tensor", mean=f64(3))
normalize("scale of float64", "`scale`", core="but is a double tensor", scale=f64(3))
normalize("mean None", "`mean`", core=NO_TENSOR, mean=None)
normalize("bools", "`x` must be floating", x=np.ones((2, 3), bool))
normalize("a larger mean", "`mean`", "[4,2,3] vs. [2,3]", mean=f32(4, 2, 3), differs=DOCUMENTED)
normalize("integers", f"`x` {FLOATING}", x=i32(2, 3), differs=DOCUMENTED)
normalize(
    "epsilon -1", "`variance_epsilon` must be >= 0", variance_epsilon=-1.0, differs=DOCUMENTED
)
normalize("epsilon a string", "`variance_epsilon` must be a number", "'a'", variance_epsilon="a")
normalize("epsilon None", "`variance_epsilon` must be", variance_epsilon=None, differs=DOCUMENTED)
normalize("None", "`x`", "a value (None)", x=None, differs=ACCIDENT)
normalize("a string", "`x`", "'a'", x="a", differs=ACCIDENT)


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


@pytest.mark.parametrize("name", ["moments", "batch_normalization"])
@given(data=st.data())
def test_the_fused_op_is_its_definition(name: str, data: st.DataObject) -> None:
    check_composed(name, CASES[name], data.draw(CASES[name].samples))


@pytest.mark.parametrize("row", BAD_CALLS, ids=str)
@pytest.mark.usefixtures("no_kernels")
def test_it_is_refused_by_name_before_any_work(row: Bad) -> None:
    check_refused(row)


@pytest.mark.parametrize("row", [row for row in BAD_CALLS if not row.alone], ids=str)
def test_the_error_is_of_tensorflows_family(row: Bad) -> None:
    check_error_family(row)


@pytest.mark.parametrize("shape", [(1, 3, 1, 2), (2, 3), (1,), ()])
@pytest.mark.parametrize("keepdims", [False, True])
def test_moments_over_no_axes(shape: tuple[int, ...], keepdims: bool) -> None:
    """TensorFlow squeezes by the axes that were reduced; by none means by all of size 1."""
    x = np.random.default_rng(0).normal(size=shape)
    for ours, theirs in zip(
        scratchnet.nn.moments(x, [], keepdims=keepdims),
        tensorflow.nn.moments(tensorflow.constant(x), [], keepdims=keepdims),
        strict=True,
    ):
        assert np.array_equal(ours, theirs)
        assert ours.shape == tuple(theirs.shape)


CUBE = np.random.default_rng(8).normal(size=(2, 3, 4))


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axes", [None, [0], [1], [-1], [0, 1], [0, -1], [2, 0, 1]], ids=str)
def test_moments_over_every_choice_of_axes(axes: Any, keepdims: bool) -> None:
    given = [0, 1, 2] if axes is None else axes  # None is ours alone
    ours, theirs = (
        moments_and_gradient(module, axes if module is scratchnet else given, keepdims)
        for module in (scratchnet, tensorflow)
    )
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-15)


def moments_and_gradient(tf: Any, axes: Any, keepdims: bool) -> list[Any]:
    x = tf.constant(CUBE)
    with tf.GradientTape() as tape:
        tape.watch(x)
        mean, variance = tf.nn.moments(x, axes, keepdims=keepdims)
        y = tf.reduce_sum(mean * 2.0 + variance * variance)
    return [mean.numpy(), variance.numpy(), tape.gradient(y, x).numpy()]


def test_moments_of_float16_do_not_overflow_on_the_way() -> None:
    x = np.array([[300.0, -300.0], [310.0, -290.0]], np.float16)
    for keepdims in (False, True):
        agree(lambda tf, x, k=keepdims: list(tf.nn.moments(x, [0], keepdims=k)), x, orders=0)


REFUSED: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"variance_epsilon": "a"}, TypeError, "`variance_epsilon` must be a number, received"),
    ({"variance_epsilon": None}, TypeError, "`variance_epsilon` must be a number, received"),
    ({"variance_epsilon": -1e-9}, ValueError, "`variance_epsilon` must be >= 0, received"),
    ({"variance_epsilon": np.nan}, ValueError, "`variance_epsilon` must be >= 0, received"),
    *(
        (
            {name: np.ones(2)},
            ValueError,
            f"`{name}` must broadcast to the shape of `x`: Incompatibl",
        )
        for name in ("mean", "variance", "offset", "scale")
    ),
    *(
        ({name: np.ones((1, 2, 3))}, ValueError, "Incompatible shapes: [1,2,3] vs. [2,3]")
        for name in ("mean", "variance", "offset", "scale")
    ),
    *(
        (
            {name: scratchnet.ones(3, "float32")},
            TypeError,
            f"`{name}`: cannot compute batch_normali",
        )
        for name in ("mean", "variance", "offset", "scale")
    ),
    ({"x": np.ones((2, 3), int)}, TypeError, "`x` must be floating"),
]


@pytest.mark.parametrize(("changes", "kind", "said"), REFUSED)
def test_what_does_not_normalize(changes: dict[str, Any], kind: type[Exception], said: str) -> None:
    good: dict[str, Any] = {"x": scratchnet.ones((2, 3), "float64"), "mean": 0.0, "variance": 1.0}
    good |= {"offset": None, "scale": None, "variance_epsilon": 0}
    assert scratchnet.nn.batch_normalization(**good).numpy().tolist() == [[1.0] * 3] * 2
    errors = (kind, scratchnet.errors.InvalidArgumentError)
    with pytest.raises(errors) as caught:
        scratchnet.nn.batch_normalization(**(good | changes))
    assert str(caught.value).startswith("batch_normalization: ")
    assert said in str(caught.value)
    if kind is TypeError:
        assert isinstance(caught.value, TypeError)


def test_a_shift_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^moments: `shift` must be None, received shift=0"):
        scratchnet.nn.moments([1.0], [0], shift=0)


@pytest.mark.parametrize("given", ["offset", "scale", "both", "neither"])
def test_what_is_not_given_is_0_or_1(given: str) -> None:
    offset = np.array([1.0, 2.0, 3.0]) if given in ("offset", "both") else None
    scale = np.array([2.0, -1.0, 0.5]) if given in ("scale", "both") else None
    agree(
        lambda tf, x, m, v: tf.nn.batch_normalization(x, m, v, offset, scale, 0.1),
        *(CUBE[0, :, :3], CUBE[1, 0, :3], np.abs(CUBE[1, 1:2, :3])),
    )


@pytest.mark.parametrize(
    "scale", [np.array([0.0, 2.0, 0.0]), np.zeros((2, 3)), np.zeros((2, 1, 3))]
)
def test_a_negative_variance_has_the_gradient_0_where_its_cotangent_is(scale: Any) -> None:
    # The slope is nan there, and so is what follows from it, as in TensorFlow.
    for variance in (np.array([-1.0, -2.0, 3.0]), np.array([[-1.0], [2.0]])):
        agree(
            lambda tf, x, v: tf.nn.batch_normalization(x, 0.5, v, None, scale, 0.1),
            *(CUBE[:2, :2, :3], variance),
        )
