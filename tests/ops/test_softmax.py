"""Softmax and the cross-entropies: extreme logits, soft labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet
from tests.support import paired
from tests.support.bad_calls import (
    FLOATING,
    INTEGER,
    NO_TENSOR,
    STRING,
    Bad,
    BadCalls,
    f32,
    f64,
    i32,
)
from tests.support.cases import Case, Draw, Sample, along_axis, largest, seeds, shapes, unary
from tests.support.derivatives import INF, NAN, agree
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


def labels(rng: np.random.Generator, shape: Any) -> np.ndarray:
    """Rows that sum to one."""
    y = rng.uniform(0.1, 1.0, size=shape)
    return y / y.sum(-1, keepdims=True) if y.size else y


@st.composite
def logits(draw: Draw, min_side: int = 1) -> Sample:
    sample = draw(along_axis(lambda rng, shape: rng.normal(size=shape) * 4, min_side=min_side))
    return sample


@st.composite
def cross_entropies(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=1, min_side=1))
    rng = np.random.default_rng(seed)
    return Sample([labels(rng, shape), rng.normal(size=shape) * 4], {}, seed)


@st.composite
def sparse_cross_entropies(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=2, min_side=1))
    rng = np.random.default_rng(seed)
    kind = draw(st.sampled_from([np.int32, np.int64]))
    y = rng.integers(0, shape[-1], size=shape[:-1]).astype(kind)
    return Sample([y, rng.normal(size=shape) * 4], {}, seed)


CASES: dict[str, Case] = {
    "softmax": Case(logits(), length=lambda s: 8.0, scale=largest),
    "log_softmax": Case(logits(), length=lambda s: 8.0, scale=largest),
    "softmax_cross_entropy_with_logits": Case(
        # By the labels TensorFlow has no second derivative: a named test looks at the first.
        cross_entropies(),
        wrt=(1,),
        length=lambda s: 8.0,
        scale=largest,
    ),
    "sparse_softmax_cross_entropy_with_logits": Case(
        sparse_cross_entropies(), length=lambda s: 8.0, scale=largest
    ),
    "sigmoid_cross_entropy_with_logits": Case(
        unary().map(lambda s: Sample([s.arrays[0] ** 2, s.arrays[0] * 4], {}, s.seed)),
        length=lambda s: 8.0,
        scale=largest,
    ),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad, arguments = BAD_CALLS.bad, BAD_CALLS.arguments
RANK = "`labels.shape` must equal `logits.shape` except for the last dimension"
for op in ("softmax", "log_softmax"):
    bad(op, "a scalar", lambda f, t: f(t(1.0)), "`axis` must be in range [0, 0)")
    for k in (1, -2):
        bad(
            op,
            f"axis {k}",
            lambda f, t, k=k: f(t(f32(2)), axis=k),
            "`axis` must be in range [-1, 1)",
        )
    bad(op, "axis 0.5", lambda f, t: f(t(f32(2)), axis=0.5), f"`axis` {INTEGER} axis=0.5")
    bad(op, "integers", lambda f, t: f(t([1, 2])), f"`logits` {FLOATING}")
    bad(op, "bools", lambda f, t: f(t([True])), "`logits` must be floating")
    bad(op, "None", lambda f, t: f(None), "`logits`", core=NO_TENSOR)
    bad(op, "a string", lambda f, t: f("a"), "`logits`", "'a'")

op = "softmax_cross_entropy_with_logits"
bad(
    op,
    "classes",
    lambda f, t: f(t(f32(2, 3)), t(f32(2, 4))),
    core="logits and labels must be broadcastable: logits_size=[2,4] labels_size=[2,3]",
)
bad(
    op,
    "batches",
    lambda f, t: f(t(f32(2, 3)), t(f32(4, 3))),
    core="logits and labels must be broadcastable: logits_size=[4,3] labels_size=[2,3]",
)
bad(op, "integer logits", lambda f, t: f(t([[0, 1]]), t([[0, 1]])), f"`logits` {FLOATING}")
bad(
    op,
    "axis 2",
    lambda f, t: f(t(f32(2, 3)), t(f32(2, 3)), axis=2),
    "`axis` must be in range [-2, 2)",
)
bad(
    op,
    "axis 0.5",
    lambda f, t: f(t(f32(2, 3)), t(f32(2, 3)), axis=0.5),
    f"`axis` {INTEGER} axis=0.5",
)
bad(op, "scalars", lambda f, t: f(t(1.0), t(1.0)), "`labels` must have rank >= 1")
bad(op, "scalar labels", lambda f, t: f(t(1.0), t(f32(2, 3))), "`labels` must have rank >= 1")
bad(op, "labels None", lambda f, t: f(None, t(f32(2, 3))), "`labels`", "a value (None)")
bad(op, "logits None", lambda f, t: f(t(f32(2, 3)), None), "`logits`", "a value (None)")
bad(op, "a string", lambda f, t: f("a", t(f32(2, 3))), "`labels`", "'a'", differs=STRING)

op = "sparse_softmax_cross_entropy_with_logits"
for label in (3, 5, -1):
    bad(
        op,
        f"label {label}",
        lambda f, t, n=label: f(t([0, n]), t(f32(2, 3))),
        "`labels`",
        core=f"Received a label value of {label} which is outside the valid range of [0, 3)",
    )
bad(op, "no classes", lambda f, t: f(t([0]), t(f32(1, 0))), "a label value of 0", "[0, 0)")
bad(
    op,
    "labels of floats",
    lambda f, t: f(t([1.0]), t(f32(1, 3))),
    "`labels` must be of an integer dtype",
)
bad(
    op,
    "labels of uint8",
    lambda f, t: f(np.ones(1, np.uint8), t(f32(1, 3))),
    "must be int32 or int64",
)
bad(op, "bools", lambda f, t: f(t([True]), t(f32(1, 3))), "`labels` must be of an integer dtype")
bad(op, "one-hot labels", lambda f, t: f(t([[0, 1, 0]]), t(f32(1, 3))), RANK, "labels.shape=(1, 3)")
bad(
    op,
    "labels of shape (n, 1)",
    lambda f, t: f(t([[0]]), t(f32(1, 3))),
    RANK,
    "labels.shape=(1, 1)",
)
bad(op, "batches", lambda f, t: f(t([0, 1]), t(f32(1, 3))), RANK, "logits.shape=(1, 3)")
bad(op, "scalar logits", lambda f, t: f(t(0), t(1.0)), RANK, "logits.shape=()")
bad(op, "integer logits", lambda f, t: f(t([0]), t([[1, 2]])), f"`logits` {FLOATING}")
bad(op, "labels None", lambda f, t: f(None, t(f32(1, 3))), "`labels`", "a value (None)")
bad(op, "logits None", lambda f, t: f(t([0]), None), "`logits`", "a value (None)")
bad(op, "a string", lambda f, t: f("a", t(f32(1, 3))), "`labels`", "'a'", differs=STRING)

binary = arguments("sigmoid_cross_entropy_with_logits", {"labels": f32(2), "logits": f32(2)})
binary("no labels", core="oth `labels` and `logits` must be provided", labels=None)
binary("no logits", core="oth `labels` and `logits` must be provided", logits=None)
binary("shapes", core="`logits` and `labels` must have the same shape", labels=f32(3))
binary("that broadcast", core="`logits` and `labels` must have the same shape", labels=f32(1))
binary("labels of integers", "`logits`", "is a float tensor", labels=i32(2))
binary("dtypes", "is a double tensor", logits=f64(2))
binary("integers", "`logits` must be floating", labels=i32(2), logits=i32(2))


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


@pytest.mark.parametrize("name", ["softmax"])
@settings(max_examples=4)
@given(data=st.data())
def test_third_order(name: str, data: st.DataObject) -> None:
    check_finite_differences(name, CASES[name], data.draw(CASES[name].samples), order=3)


@pytest.mark.parametrize(
    "name",
    [
        "softmax",
        "log_softmax",
        "softmax_cross_entropy_with_logits",
        "sparse_softmax_cross_entropy_with_logits",
    ],
)
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


# -- special values, ties and identities -----------------------------------------------------------

LOGITS = {
    "infinite": [INF, 0.0],
    "two infinite": [INF, INF, 0.0],
    "minus infinite": [-INF, 0.0, 1.0],
    "all minus infinite": [-INF, -INF],
    "large": [1000.0, 0.0],
    "very large": [1000.0, -1000.0, 999.0],
    "equal": [3.0, 3.0, 3.0],
    "nan": [NAN, 0.0],
    "one": [5.0],
}


def softmax(tf: Any, x: Any) -> Any:
    return tf.nn.softmax(x)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("logits", LOGITS)
def test_softmax_of_extreme_logits(logits: str, dtype: str) -> None:
    x = np.array(LOGITS[logits], dtype)
    agree(softmax, x)
    agree(lambda tf, x: tf.nn.log_softmax(x), x)
    agree(lambda tf, x: tf.reduce_logsumexp(x), x)


def test_softmax_where_it_is_known() -> None:
    np.testing.assert_array_equal(agree(softmax, np.array([1000.0, 0.0]))[0], [1, 0])
    np.testing.assert_array_equal(agree(softmax, np.array([INF, 0.0]))[0], [NAN, NAN])


EXTREME = np.array([[1000.0, -1000.0, 0.0], [-1000.0, 1000.0, 1000.0], [0.0, 0.0, 0.0]])


def dense(tf: Any, labels: Any, logits: Any) -> Any:
    return tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits)


def sparse(tf: Any, labels: Any, logits: Any) -> Any:
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)


@pytest.mark.parametrize("dtype", DTYPES)
def test_cross_entropy_of_extreme_logits(dtype: str) -> None:
    logits = EXTREME.astype(dtype)
    for column in range(3):
        labels = np.full(3, column)
        agree(sparse, labels, logits)
        one_hot = np.eye(3, dtype=dtype)[labels]
        agree(dense, one_hot, logits)


def test_the_gradient_of_cross_entropy_is_exact_for_extreme_logits() -> None:
    _, gx = agree(sparse, np.array([1]), np.array([[1000.0, -1000.0]]))
    np.testing.assert_array_equal(gx, [[1, -1]])
    _, gx = agree(sparse, np.array([0]), np.array([[1000.0, -1000.0]]))
    np.testing.assert_array_equal(gx, [[0, 0]])


SOFT = {
    "sum to one": [[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]],
    "sum to two": [[1.0, 0.5, 0.5], [2.0, 0.0, 0.0]],
    "zero": [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]],
    "negative": [[-1.0, 1.0, 1.0], [0.5, -0.5, 1.0]],
}


@pytest.mark.parametrize("soft", SOFT)
def test_soft_labels_need_not_sum_to_one(soft: str) -> None:
    labels, logits = np.array(SOFT[soft]), np.array([[0.5, -1.0, 2.0], [0.0, 3.0, -2.0]])
    _, glabels, glogits = agree(dense, labels, logits)
    assert glabels.shape == glogits.shape == (2, 3)


def test_labels_of_other_dtypes_are_cast() -> None:
    for dtype in ("int32", "int64", "uint8", "bool", "float64"):
        agree(dense, np.eye(3)[[1, 0, 2]].astype(dtype), EXTREME.astype(np.float32))


def test_labels_broadcast() -> None:
    agree(dense, np.array([0.25, 0.25, 0.5]), EXTREME[:2] / 1000, orders=0)
    agree(dense, np.array([[0.25, 0.25, 0.5]]), EXTREME[:2] / 1000, orders=0)


@pytest.mark.parametrize(
    "program", ["tf.nn.softmax([float('inf'), 0.0])", "tf.nn.softmax([1000.0, 0.0])"]
)
def test_special_values(program: str) -> None:
    paired.agree(program)


def test_the_classes_are_along_the_last_axis_for_none() -> None:
    agree(
        lambda tf, y, x: tf.nn.softmax_cross_entropy_with_logits(y, x, None),
        np.eye(3)[[1, 0, 2]],
        EXTREME,
    )


@pytest.mark.parametrize("kind", ["int8", "int16", "uint8", "uint32", "uint64"])
def test_labels_of_other_integers_are_refused(kind: str) -> None:
    with pytest.raises(TypeError, match="`labels` must be int32 or int64, received dtype"):
        scratchnet.nn.sparse_softmax_cross_entropy_with_logits(np.ones(1, kind), np.zeros((1, 2)))


@pytest.mark.parametrize("axis", [None, -1, 2, 1, -2, 0, -3])
def test_every_axis_of_three(axis: Any) -> None:
    rng = np.random.default_rng(7)
    x, y = rng.normal(size=(2, 3, 4)), rng.uniform(size=(2, 3, 4))
    k = -1 if axis is None else axis
    y /= y.sum(k, keepdims=True)
    agree(lambda tf, x: [tf.nn.softmax(x, axis), tf.nn.log_softmax(x, axis)], x)
    there = k if k in (-1, 0, 1, 2) else k + 3  # TensorFlow's counts from the start, but for -1
    ours, theirs = (
        tf.nn.softmax_cross_entropy_with_logits(y, x, axis if tf is scratchnet else there)
        for tf in (scratchnet, tensorflow)
    )
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-12)


CROSS = "softmax_cross_entropy_with_logits"
REFUSED = {
    f"{CROSS}(ones((2, 3)), ones((4, 3)))": f"{CROSS}: logits and labels must be broadcastable: "
    "logits_size=[4,3] labels_size=[2,3]",
    f"{CROSS}(ones(()), ones(3))": f"{CROSS}: `labels` must have rank >= 1",
    f"{CROSS}(ones(3), ones(3), 1)": f"{CROSS}: `axis` must be in range [-1, 1), the axes of a",
    f"sparse_{CROSS}(zeros(2, 'int32'), ones((3, 4)))": f"sparse_{CROSS}: `labels.shape` must "
    "equal `logits.shape` except for the last dimension, received labels.shape=(2,), "
    "logits.shape=(3, 4)",
    f"sparse_{CROSS}(zeros((), 'int32'), ones(()))": f"sparse_{CROSS}: `labels.shape` must equal",
    f"sparse_{CROSS}(convert_to_tensor([0, 4]), ones((2, 4)))": f"sparse_{CROSS}: `labels`: "
    "Received a label value of 4 which is outside the valid range of [0, 4)",
    f"sparse_{CROSS}(convert_to_tensor([3, -1]), ones((2, 4)))": "a label value of -1 which is",
    "sigmoid_cross_entropy_with_logits(ones(2), ones(3))": "sigmoid_cross_entropy_with_logits: "
    "`logits` and `labels` must have the same shape, received ((3,) vs (2,))",
    "sigmoid_cross_entropy_with_logits(ones(2))": "Both `labels` and `logits` must be provided",
    "sigmoid_cross_entropy_with_logits(logits=ones(2))": "Both `labels` and `logits` must be",
}


@pytest.mark.parametrize("call", REFUSED)
def test_what_is_refused(call: str) -> None:
    with pytest.raises((ValueError, scratchnet.errors.OpError)) as caught:
        eval(call, vars(scratchnet.ops).copy())
    assert REFUSED[call] in str(caught.value)
