"""check_vjp and check_gradients: no false alarm on sound code, no miss, clear errors."""

from __future__ import annotations

import numpy as np
import pytest

import scratchnet as tf
from scratchnet.extend import _ROWS as ROWS
from scratchnet.extend import NoGradient, Op, apply, numeric, register
from scratchnet.testing import (
    GradientError,
    assert_gradients,
    assert_vjp,
    check_gradients,
    check_vjp,
)
from tests.support.layer_vjps import SOUND as LAYERS
from tests.support.numpy_vjps import SOUND, Conv2D, normal, softmax

RNG = np.random.default_rng(0)
X = RNG.normal(size=(4, 5))


# -- no false alarm --------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
@pytest.mark.parametrize("name", SOUND)
def test_sound_code_is_right(name, dtype):
    row = SOUND[name]
    for seed in range(5):
        arrays = row.arrays(np.random.default_rng(seed))
        arrays = [x.astype(dtype) if x.dtype.kind == "f" else x for x in arrays]
        report = check_vjp(row.forward, row.vjp, *arrays, seed=seed, order=2)
        assert report.ok, f"seed {seed}: {report}"


@pytest.mark.parametrize("scale", [1e-3, 1, 1e3])
@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
@pytest.mark.parametrize("name", LAYERS)
def test_a_sound_layer_is_right(name, dtype, scale):
    row = LAYERS[name]
    for seed in range(2):
        x, *others = row.arrays(np.random.default_rng(seed))
        arrays = [y.astype(dtype) if y.dtype.kind == "f" else y for y in (x * scale, *others)]
        report = check_vjp(row.forward, row.vjp, *arrays, seed=seed)
        assert report.ok, f"seed {seed}: {report}"


def test_there_are_enough_sound_ones():
    assert len(SOUND) >= 20


def test_a_large_argument_is_checked_along_directions():
    x = RNG.normal(size=(3000,))
    assert check_vjp(np.sin, lambda g, x: g * np.cos(x), x, names=["x"]).ok

    def wrong(g, x):
        gx = g * np.cos(x)
        gx[1717] *= 2
        return gx

    report = check_vjp(np.sin, wrong, x, names=["x"])
    assert report.index == (1717,)


def test_code_that_computes_in_float32_is_not_blamed_for_its_rounding():
    def forward(x):
        return np.sin(x.astype(np.float32))

    def vjp(g, x):
        return (g * np.cos(x.astype(np.float32))).astype(np.float32)

    assert check_vjp(forward, vjp, X.astype(np.float32)).ok
    report = check_vjp(forward, vjp, X)
    assert report.cause == "dtype"  # float64 was given


def rnn_states(x, w):
    states = [np.zeros(len(w))]
    for part in x:
        states.append(np.tanh(part + states[-1] @ w))
    return states


def rnn_vjp(g, x, w):
    states, gx, gw = rnn_states(x, w), np.zeros_like(x), np.zeros_like(w)
    for t in reversed(range(len(x))):
        g = g * (1 - states[t + 1] ** 2)
        gx[t] = g
        gw += np.outer(states[t], g)
        g = g @ w.T
    return gx, gw


@pytest.mark.parametrize("ratio", [1e-3, 1e-6, 1e-9])
def test_derivatives_of_very_different_sizes_are_no_float32(ratio):
    scales = np.array([1.0, ratio])

    def forward(x):
        return np.tanh(x * scales).sum(axis=1)

    def vjp(g, x):
        return g[:, None] * (1 - np.tanh(x * scales) ** 2) * scales

    for seed in range(3):
        x = np.random.default_rng(seed).normal(size=(3, 2))
        assert check_vjp(forward, vjp, x, seed=seed).ok
        data = np.random.default_rng(seed).normal(size=(20, 2)) * scales

        def dense(w, data=data):
            return np.tanh(data @ w)

        def dense_vjp(g, w, data=data):
            return data.T @ (g * (1 - np.tanh(data @ w) ** 2))

        assert check_vjp(dense, dense_vjp, np.array([0.5, -1.0]), seed=seed).ok
    report = check_vjp(forward, lambda g, x: vjp(g, x).astype(np.float32).astype(float), x)
    assert report.cause == "dtype"


def test_a_long_recurrence_and_a_saturated_function_are_no_float32():
    for steps in (20, 30):
        x, w = normal((steps, 4), (4, 4))(np.random.default_rng(0))
        assert check_vjp(lambda x, w: rnn_states(x, w)[-1], rnn_vjp, x, 0.4 * w).ok
    assert check_vjp(np.tanh, lambda g, x: g * (1 - np.tanh(x) ** 2), 9 + abs(X)).ok


class Layer:
    """As many from-scratch networks have it: the way back uses what the way forward kept."""

    def forward(self, x):
        self.x = x
        return np.maximum(x, 0) + x**2

    def backward(self, g):
        return g * (self.x > 0) + 2 * self.x * g


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_layer_that_keeps_its_input_can_be_checked(dtype):
    layer = Layer()
    assert check_vjp(layer.forward, lambda g, x: layer.backward(g), X.astype(dtype), order=2).ok
    wrong = check_vjp(layer.forward, lambda g, x: -layer.backward(g), X.astype(dtype))
    assert wrong.cause == "sign"


# -- no miss ---------------------------------------------------------------------------------------


def test_a_small_error_is_found():
    report = check_vjp(np.tanh, lambda g, x: g * (1 - np.tanh(x) ** 2) * (1 + 1e-5), X, names=["x"])
    assert report.cause == "scale"


def test_a_tiny_gradient_is_no_excuse():
    report = check_vjp(lambda x: 1e-9 * x**3, lambda g, x: g * 2e-9 * x**2, X)
    assert report.cause == "scale"


def test_one_wrong_element_is_found():
    def vjp(g, x):
        gx = g * 2 * x
        gx[2, 3] += 1e-3
        return gx

    report = check_vjp(lambda x: x * x, vjp, X)
    assert (report.index, report.findings[0].wrong) == ((2, 3), 1)
    assert report.got - report.expected == pytest.approx(1e-3, rel=1e-6)


def test_the_dtype_of_the_gradient_is_that_of_the_argument():
    def vjp(g, x):
        gx = np.zeros(x.shape)
        gx[:] = 2 * g * x
        return gx

    report = check_vjp(lambda x: x * x, vjp, X.astype(np.float32))
    assert report.cause == "dtype"
    assert "float64" in report.findings[0].sentence


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_gradient_of_integers_or_booleans_is_no_gradient(dtype):
    x = X.astype(dtype)
    report = check_vjp(lambda x: 2 * x, lambda g, x: (2 * g).astype(int), x)
    assert report.cause == "dtype"
    assert "int64, which cuts the fractions off" in report.findings[0].sentence
    report = check_vjp(lambda x: np.maximum(x, 0), lambda g, x: x > 0, x)
    assert report.cause == "dtype"
    assert "Multiply it by g" in report.findings[0].sentence


def test_a_vjp_without_return_is_not_right():
    report = check_vjp(lambda x: x * x, lambda g, x: None, X)
    assert (report.argument, report.cause) == ("x", "missing")
    assert "Does it end without `return`?" in report.findings[0].sentence
    report = check_vjp(lambda x, w: x @ w, lambda g, x, w: (None, None), X, X.T)
    assert [finding.cause for finding in report.findings] == ["missing", "missing"]
    with pytest.raises(GradientError, match="returns None for `x`"):
        assert_vjp(lambda x: x * x, lambda g, x: None, X)
    # Beside other gradients it is meant, as of a mask: that is said.
    mask = np.where(X > 0, 1.0, 0.5)
    report = check_vjp(lambda x, m: x * m, lambda g, x, m: (g * m, None), X, mask)
    assert report.ok
    assert report.notes == ("`m`: the VJP returns None, not checked; the result depends on it",)
    report = check_vjp(lambda x, unused: x * x, lambda g, x, _: (2 * g * x, None), X, abs(X))
    assert (report.ok, report.rows[1].verdict) == (True, "right")
    # Nothing depends on it: None is right, and has been checked.
    report = check_vjp(lambda x: np.ones(3), lambda g, x: None, X)
    assert (report.ok, report.rows[0].verdict, report.rows[0].checked) == (True, "right", 20)


def test_random_numbers_in_a_vjp_are_told_of():
    rng = np.random.default_rng(0)
    report = check_vjp(np.sin, lambda g, x: g * rng.normal(size=x.shape), X, names=["x"])
    assert report.cause == "aliasing"
    assert "or random numbers are drawn" in report.findings[0].sentence
    assert len(report.findings) == 1  # no second cause for a gradient that is never the same
    assert "write to a copy" not in report.findings[0].sentence


def test_one_element_is_one_and_nothing_is_0():
    x = np.array([0.0, 1.0, 2.0])
    (note,) = check_vjp(lambda x: np.maximum(x, 0), lambda g, x: g * (x > 0), x).notes
    assert note.startswith(
        "`x`: 1 element is at a kink, where the slopes on both sides differ, and"
    )
    assert note.endswith("was left out")
    report = check_vjp(lambda x: x**2, lambda g, x: 2 * g * x + 1.0 * (x == 0), x)
    assert (report.index, report.got, report.expected) == ((0,), 1.0, 0.0)
    assert "1 of 3 elements is wrong" in str(report)


def test_kinks_of_a_forward_pass_in_float32_are_doubtful():
    x = np.random.default_rng(1).normal(size=(4, 5))
    report = check_vjp(lambda x: x.astype(np.float32) ** 3, lambda g, x: 3 * g * x**2, x)
    assert report.ok
    assert all("because `forward` computes in float32" in note for note in report.notes)


def test_digits_that_cancel_in_float32_are_found():
    def wrong(g, x):
        y = np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)  # without the largest subtracted
        return y * (g - (g * y).sum(axis=-1, keepdims=True))

    report = check_vjp(softmax, wrong, (100 + X).astype(np.float32))
    assert report.cause == "unknown"
    assert "right in float64" in report.findings[0].sentence


@pytest.mark.parametrize(
    ("vjp", "says"),
    [
        (lambda g, x: np.multiply(g, 2 * x, out=g), "changes the cotangent g in place"),
        (lambda g, x: 2 * g * np.multiply(x, 1, out=x) + 0 * np.add(x, 1, out=x), "argument `x`"),
    ],
)
def test_what_is_changed_in_place_is_named(vjp, says):
    report = check_vjp(lambda x: x * x, vjp, X)
    assert report.cause == "aliasing"
    assert says in report.findings[0].sentence


def test_a_forward_pass_that_changes_its_argument_is_named():
    def forward(x):
        x *= 2
        return x

    assert check_vjp(forward, lambda g, x: 2 * g, X).cause == "aliasing"


def test_a_buffer_that_is_kept_between_calls_is_named():
    buffer = np.zeros_like(X)

    def reused(g, x):
        np.multiply(g, 2 * x, out=buffer)
        return buffer

    total = np.zeros_like(X)

    def added(g, x):
        nonlocal total
        total = total + 2 * g * x
        return total

    for vjp in (reused, added):
        assert check_vjp(lambda x: x * x, vjp, X).cause == "aliasing"


# -- the second order ------------------------------------------------------------------------------


def test_a_value_kept_from_before_is_found_by_order_2():
    kept = X.copy()
    assert check_vjp(lambda x: x**3, lambda g, x: 3 * g * kept**2, X).ok
    report = check_vjp(lambda x: x**3, lambda g, x: 3 * g * kept**2, X, order=2)
    assert (report.cause, report.argument) == ("second_order", "x")


def test_check_gradients_finds_what_was_saved():
    def grow(x):
        return apply(row, numeric("grow", "x", x))

    def forward(x):
        y = np.exp(x)
        return y, float(y.sum()) and y.copy()

    row = register(Op("test_grow", grow, forward, vjps=(lambda g, r: g * r.saved,)))
    try:
        assert check_gradients(grow, X, order=1).ok
        report = check_gradients(grow, X)
    finally:
        ROWS.pop("test_grow")
    assert report.cause == "second_order"
    assert "saved" in report.findings[0].sentence


def test_check_gradients_finds_a_wrong_vjp_of_an_op():
    def cube(x):
        return apply(row, numeric("cube", "x", x))

    row = register(
        Op("test_cube", cube, lambda x: (x**3, None), vjps=(lambda g, r: g * r.inputs[0] ** 2,))
    )
    try:
        report = check_gradients(cube, X)
    finally:
        ROWS.pop("test_cube")
    assert (report.argument, report.cause) == ("x", "scale")


@tf.custom_gradient
def second_cube(x):
    return x**3, lambda g: 3 * g * x * tf.stop_gradient(x)


def test_check_gradients_goes_to_the_order_that_is_asked():
    assert check_gradients(second_cube, X, order=1).ok
    report = check_gradients(second_cube, X, order=2)
    assert report.cause == "second_order"
    assert report.findings[0].order == 2
    assert check_gradients(tf.sin, X, order=3).ok


@pytest.mark.parametrize(
    ("f", "shapes"),
    [
        (lambda x, k: tf.nn.conv2d(x, k, 2, "SAME"), [(2, 5, 6, 2), (3, 3, 2, 2)]),
        (lambda x: tf.nn.max_pool2d(x, 2, 2, "VALID"), [(2, 4, 4, 2)]),
        (lambda x, w, b: tf.nn.relu(x @ w + b), [(3, 4), (4, 2), (2,)]),
        (lambda x: tf.nn.softmax(x), [(3, 4)]),
        (lambda x: tf.reduce_mean((x - tf.reduce_mean(x, 0)) ** 2, 0), [(5, 2)]),
        (lambda x: [tf.sin(x), tf.reduce_sum(x * x)], [(3,)]),
    ],
)
def test_sound_functions_of_tensors_are_right(f, shapes):
    for seed in range(2):
        report = check_gradients(f, *normal(*shapes)(np.random.default_rng(seed)), seed=seed)
        assert report.ok, report


def test_what_is_declared_to_have_no_gradient_is_not_checked():
    def scaled(x, m):
        return apply(row, numeric("scaled", "x", x), numeric("scaled", "m", m))

    row = register(
        Op(
            "test_scaled",
            scaled,
            lambda x, m: (x * m, None),
            vjps=(lambda g, r: g * r.inputs[1], NoGradient("a mask")),
        )
    )
    try:
        report = check_gradients(scaled, X, X)
    finally:
        ROWS.pop("test_scaled")
    assert report.ok
    assert any("`m`: declared to have no gradient" in note for note in report.notes)


def test_a_path_that_is_lost_is_missing():
    report = check_gradients(lambda x: tf.constant(x.numpy() * 2) + 0 * x, X)
    assert report.cause == "missing"


# -- asserting, names, errors ----------------------------------------------------------------------


def test_asserting_raises_with_the_report():
    assert_vjp(np.sin, lambda g, x: g * np.cos(x), X)
    with pytest.raises(AssertionError, match="Likely cause: sign") as caught:
        assert_vjp(np.sin, lambda g, x: -g * np.cos(x), X)
    assert isinstance(caught.value, GradientError)
    assert caught.value.report.cause == "sign"
    assert_gradients(tf.sin, X)
    with pytest.raises(GradientError, match="second_order"):
        assert_gradients(second_cube, X)


def test_names_are_those_of_the_parameters_or_given():
    op = Conv2D()
    x, k = normal((1, 3, 3, 1), (2, 2, 1, 1))(RNG)

    def vjp(g, x, k):
        return op.vjp(g, x, k)[0], -op.vjp(g, x, k)[1]

    assert check_vjp(op.forward, vjp, x, k).argument == "k"
    assert check_vjp(op.forward, vjp, x, k, names=["image", "filter"]).argument == "filter"
    assert check_vjp(lambda *a: op.forward(*a), vjp, x, k).argument == "argument 1"


def square(x):
    return x * x


BAD = [
    (lambda: check_vjp(None, square, X), TypeError, "`forward` must be a function"),
    (lambda: check_vjp(square, 3, X), TypeError, "`vjp` must be a function, received vjp=3"),
    (lambda: check_vjp(square, square, X, witness=1), TypeError, "`witness` must be a function"),
    (lambda: check_vjp(square, square), TypeError, "`arrays` must hold a floating array"),
    (lambda: check_vjp(square, square, [1, 2]), TypeError, "received dtypes int64"),
    (lambda: check_vjp(square, square, ["a"]), TypeError, "`x` must be an array of real numbers"),
    (lambda: check_vjp(square, square, X * 1j), TypeError, "received one of dtype complex128"),
    (lambda: check_vjp(square, square, [1.0, np.nan]), ValueError, r"`x` must be finite, .* \[1\]"),
    (lambda: check_vjp(square, square, X, order=3), ValueError, "must be 1 or 2, received order=3"),
    (lambda: check_vjp(square, square, X, order=True), ValueError, "must be 1 or 2"),
    (lambda: check_vjp(square, square, X, names=["a", "b"]), ValueError, "must be 1 names"),
    (lambda: check_vjp(square, square, X, names="x"), ValueError, "must be 1 names"),
    (lambda: check_vjp(lambda x: None, square, X), TypeError, "`forward` must return an array"),
    (lambda: check_vjp(lambda x: x > 0, square, X), TypeError, "must return floating arrays"),
    (lambda: check_vjp(lambda x: tf.constant(x), square, X), TypeError, "see check_gradients"),
    (lambda: check_vjp(lambda x: x / 0, square, X), ValueError, "must return finite numbers"),
    (lambda: check_vjp(square, lambda g, x: (g, g), X), ValueError, "1 gradients, .* 2 results"),
    (lambda: check_vjp(square, lambda g, x: "a", X), TypeError, "an array or None for `x`"),
    (lambda: check_vjp(square, lambda g, x: g * 1j, X), TypeError, "an array of real numbers"),
    (
        lambda: check_vjp(lambda x, i: x[i], lambda g, x, i: g, X, np.array([0, 1])),
        ValueError,
        "2 gradients, one for each of x, i",
    ),
    (
        lambda: check_vjp(lambda x, i: x[i], lambda g, x, i: (x, i), X, np.array([0, 1])),
        ValueError,
        "must return None for `i`, whose dtype int64",
    ),
    (
        lambda: check_vjp(lambda x: x * RNG.random(x.shape), square, X),
        ValueError,
        "must return the same for the same arrays",
    ),
    (
        lambda: check_vjp(square, lambda g, x: g * x, X, witness=tf.exp),
        ValueError,
        "`witness` must be the same function as `forward`",
    ),
    (lambda: check_gradients(None, X), TypeError, "`f` must be a function"),
    (lambda: check_vjp(square, square, X, seed=-1), ValueError, "`seed` must be a non-negative"),
    (lambda: check_gradients(tf.sin, X, seed="a"), ValueError, "`seed` must be a non-negative"),
    (
        lambda: check_vjp(np.add, lambda g, a, b: (g, g), X, X, names=["a", "a"]),
        ValueError,
        "`names` must be different names",
    ),
    (lambda: check_gradients(tf.sin, X, order=0), ValueError, "must be a positive integer"),
    (lambda: check_gradients(lambda x: 3, X), TypeError, "`f` must return a tensor"),
    (lambda: check_gradients(lambda x: x > 0, X), TypeError, "must return a floating tensor"),
]


@pytest.mark.parametrize(("call", "kind", "says"), BAD)
def test_bad_arguments_are_refused_by_name(call, kind, says):
    with np.errstate(all="ignore"), pytest.raises(kind, match=says):
        call()


def test_arrays_may_be_lists_and_the_gradient_alone_may_be_returned():
    assert check_vjp(square, lambda g, x: 2 * g * x, [1.0, 2.0]).ok
    assert check_vjp(square, lambda g, x: [2 * g * x], [1.0, 2.0]).ok


def test_the_arrays_given_are_not_changed():
    x = X.copy()
    check_vjp(softmax, lambda g, x: g, x)
    np.testing.assert_array_equal(x, X)


# -- what is checked at all, and told of -----------------------------------------------------------


def whitened(x):
    return (x - x.mean()) / x.std()


def whitened_vjp(g, x):
    y = whitened(x)
    return (g - g.mean() - y * (g * y).mean()) / x.std()


@pytest.mark.parametrize("offset", [1e5, 1e8])
def test_data_far_from_zero_is_checked(offset):
    x = np.random.default_rng(0).normal(size=8) + offset
    report = check_vjp(whitened, whitened_vjp, x)
    assert report.ok
    assert (report.rows[0].checked, report.rows[0].kinks, report.notes) == (8, 0, ())
    assert not check_vjp(whitened, lambda g, x: 100 * g, x).ok


def test_rounding_of_large_numbers_added_on_the_way_is_no_error():
    x = np.array([1.0, -2.0, 3.0])
    assert check_vjp(lambda x: (x + 1e8) - 1e8, lambda g, x: g, x).ok


def test_nothing_checked_is_not_right():
    def relu(x):
        return np.maximum(x, 0)

    report = check_vjp(relu, lambda g, x: 7 * g, np.zeros((3, 3)))
    assert (report.ok, report.cause, report.rows[0].checked) == (False, "unknown", 0)
    assert "not checked, compared with" in str(report)
    assert "is wrong" not in str(report)
    with pytest.raises(GradientError, match="Nothing of `x` could be checked"):
        assert_vjp(relu, lambda g, x: g * (x > 0), np.zeros(4))

    x, w = np.random.default_rng(0).normal(size=(4, 3)), np.zeros((3, 2))
    report = check_vjp(
        lambda x, w: relu(x @ w), lambda g, x, w: (g @ w.T, 77 * x.T @ g), x, w, names=["x", "w"]
    )
    assert (report.argument, report.rows[0].checked) == ("w", 12)  # x moves nothing, and is right
    right = check_vjp(lambda x, w: relu(x @ w), lambda g, x, w: (g @ w.T, 0 * w), x, w)
    assert right.ok
    assert right.rows[1].verdict == "not checked"
    pooled = check_vjp(np.max, lambda g, x: g * np.eye(1, 4)[0], np.zeros(4))
    assert pooled.ok  # what flows back to tied elements together was checked
    assert pooled.rows[0].verdict == "right"


def _with_zeros(vjp, *index):
    def wrong(g, x):
        gx = np.array(vjp(g, x))
        gx[index] = 0
        return gx

    return wrong


def test_what_is_missing_of_a_scalar_result_or_of_many_elements():
    square = _with_zeros(lambda g, x: 2 * g * x, 1)
    x = np.array([1.0, 2.0, 3.0])
    assert check_vjp(lambda x: (x**2).sum(), square, x).cause == "missing"

    @tf.custom_gradient
    def loss(x):
        return tf.reduce_sum(x * x), lambda g: tf.constant([1.0, 0.0, 1.0], tf.float64) * 2 * g * x

    assert check_gradients(loss, x).cause == "missing"
    x = np.random.default_rng(0).normal(size=2600)
    for index in (7, 1000):
        assert check_vjp(lambda x: x**2, _with_zeros(lambda g, x: 2 * g * x, index), x).cause in (
            "missing",
            "mask",
        )


def test_a_diagnosis_that_fails_does_not_lose_the_verdict(monkeypatch):
    def failing(s):
        raise RuntimeError("by chance")

    monkeypatch.setattr("scratchnet.testing.diagnosis.TRIES", ((failing, "nothing"),))
    report = check_vjp(lambda x: x**2, lambda g, x: 3 * g * x, np.array([1.0, 2.0]))
    assert (report.cause, report.argument) == ("unknown", "x")
    assert "failed (RuntimeError: by chance)" in report.findings[0].sentence


def test_the_sign_of_a_single_cotangent_matters():
    x = np.array([1.0, 2.0, 3.0])
    for seed in range(6):
        report = check_vjp(lambda x: (x**2).sum(), lambda g, x: abs(g) * 2 * x, x, seed=seed)
        assert report.cause == "constant", str(report)
        assert "sign" in report.findings[0].sentence


def test_several_equal_elements_may_be_told_apart():
    """Of three equal elements none moves the median alone: any of them may get the cotangent."""

    def one_of_them(at):
        return lambda g, x: g * np.eye(4)[at]

    x = np.array([1.0, 1.0, 1.0, 0.0])
    for at in range(3):
        assert check_vjp(lambda x: np.sort(x)[-2], one_of_them(at), x).ok
    assert not check_vjp(lambda x: np.sort(x)[-2], one_of_them(3), x).ok
    both = check_vjp(lambda x: np.sort(x)[-2], lambda g, x: g * (x > 0), x)
    assert both.cause == "ties"

    def medians_vjp(g, x):
        gx = np.zeros_like(x)
        middle = np.argsort(x, axis=1, kind="stable")[:, x.shape[1] // 2]
        gx[np.arange(len(x)), middle] = g
        return gx

    for seed in range(3):
        x = np.round(np.random.default_rng(seed).normal(size=(8, 7)))
        assert check_vjp(lambda x: np.median(x, axis=1), medians_vjp, x, seed=seed).ok
    # Equal elements alone excuse nothing.
    assert not check_vjp(lambda x: x * [1, 2, 3], lambda g, x: (g * [1, 2, 3])[::-1], np.ones(3)).ok


def layer_norm(x):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-6)


def layer_norm_vjp(g, x):
    r, z = 1 / np.sqrt(x.var(-1, keepdims=True) + 1e-6), layer_norm(x)
    return r * (g - g.mean(-1, keepdims=True) - z * (g * z).mean(-1, keepdims=True))


def squared_errors(x, targets):
    def forward(w, b):
        return ((x @ w + b - targets) ** 2).mean()

    def vjp(g, w, b):
        e = g * 2 * (x @ w + b - targets) / len(x)
        return x.T @ e, e.sum()

    return forward, vjp


@pytest.mark.parametrize("offset", [1e3, 1e4, 1e5, 1e6])
def test_digits_that_cancel_in_float64_are_no_float32(offset):
    for seed in range(6):
        rng = np.random.default_rng(seed)
        x, targets = rng.normal(size=(6, 5)), rng.normal(size=6) + offset
        far = x + offset
        assert check_vjp(np.var, lambda g, x: g * 2 * (x - x.mean()) / x.size, far, names=["x"]).ok
        assert check_vjp(layer_norm, layer_norm_vjp, far).ok
        forward, vjp = squared_errors(x, targets)
        assert check_vjp(forward, vjp, rng.normal(size=5), np.array(offset), seed=seed).ok


def test_float32_on_the_way_back_is_told_far_from_0_too():
    def in_float32(g, x):
        return (g * 2 * (x - x.mean()) / x.size).astype(np.float32).astype(np.float64)

    for offset in (0, 1e3, 1e5):
        x = np.random.default_rng(0).normal(size=30) + offset
        assert check_vjp(np.var, in_float32, x, names=["x"]).cause == "dtype"


def test_a_softmax_that_is_saturated_in_float32():
    def softmax(x):
        e = np.exp(x - x.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)

    def vjp(g, x):
        y = softmax(x)
        return y * (g - (g * y).sum(-1, keepdims=True))

    for seed in range(12):
        x = np.random.default_rng(seed).normal(size=(4, 7)) * 500
        assert check_vjp(softmax, vjp, x.astype(np.float32), seed=seed).ok
