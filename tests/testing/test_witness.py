"""A witness: a function of scratchnet or TensorFlow, found by what it returns."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet.testing import check_vjp
from tests.support.numpy_vjps import (
    PLANTED,
    AllRewarded,
    Conv2D,
    MaxPool,
    Split,
    lookup,
    lookup_vjp,
    normal,
    relu,
    tied,
)

BOTH = pytest.mark.parametrize("tf", [scratchnet, tensorflow], ids=["scratchnet", "tensorflow"])


@BOTH
def test_a_sound_vjp_agrees_with_a_witness(tf):
    x, k = normal((2, 5, 6, 2), (3, 3, 2, 3))(np.random.default_rng(0))
    op = Conv2D()
    report = check_vjp(
        op.forward, op.vjp, x, k, witness=lambda x, k: tf.nn.conv2d(x, k, 1, "VALID")
    )
    assert report.ok, report
    assert report.truth == "the witness"
    x, k = x.astype(np.float32), k.astype(np.float32)
    assert check_vjp(
        op.forward, op.vjp, x, k, witness=lambda x, k: tf.nn.conv2d(x, k, 1, "VALID")
    ).ok


@BOTH
@pytest.mark.parametrize(
    ("op", "cause"), [(MaxPool(), None), (AllRewarded(), "ties"), (Split(), "ties")]
)
def test_a_witness_has_a_convention_for_ties(tf, op, cause):
    (x,) = tied(2, 4, 4, 2)(np.random.default_rng(0))
    report = check_vjp(op.forward, op.vjp, x, witness=lambda x: tf.nn.max_pool2d(x, 2, 2, "VALID"))
    assert report.cause == cause, report


@BOTH
def test_a_witness_says_what_holds_at_a_kink(tf):
    x = np.array([[-1.0, 0.0, 2.0], [0.0, 1.0, -2.0]])
    assert check_vjp(relu, lambda g, x: g * (x > 0), x, witness=tf.nn.relu).ok
    report = check_vjp(relu, lambda g, x: g * (x >= 0), x, witness=tf.nn.relu)
    assert report.cause == "mask"
    assert "exactly at a kink" in report.findings[0].sentence


@BOTH
def test_a_witness_with_integers_and_rows_of_a_table(tf):
    table, ids = np.random.default_rng(0).normal(size=(4, 3)), np.array([0, 2, 0, 3])
    assert check_vjp(lookup, lookup_vjp, table, ids, witness=lambda t, i: tf.gather(t, i)).ok


@BOTH
def test_a_witness_of_methods_of_tensors(tf):
    x, w = normal((3, 4), (4, 2))(np.random.default_rng(0))
    report = check_vjp(
        lambda x, w: x @ w,
        lambda g, x, w: (g @ w.T, -(x.T @ g)),
        x,
        w,
        witness=lambda x, w: tf.linalg.matmul(x, tf.identity(w)),
    )
    assert (report.argument, report.cause) == ("w", "sign")


@BOTH
def test_a_witness_in_float32_only(tf):
    layer = tf.keras.layers.Dense(2, kernel_initializer="ones")
    x = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)

    def forward(x):
        return np.repeat(x.sum(axis=1, keepdims=True), 2, axis=1)

    def vjp(g, x):
        return np.broadcast_to(g.sum(axis=1, keepdims=True), x.shape).copy()

    assert check_vjp(forward, vjp, x, witness=layer).ok
    assert check_vjp(forward, lambda g, x: 2 * vjp(g, x), x, witness=layer).cause == "scale"


@BOTH
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    "name",
    [
        "conv2d filter turned round",
        "conv2d filter stride ignored",
        "conv2d image stride ignored",
        "conv2d image cropped at the end",
    ],
)
def test_a_planted_mistake_is_named_by_a_witness(tf, name, dtype):
    row = PLANTED[name]
    op = row.forward.__self__

    def witness(x, k):
        x = tf.pad(x, [[0, 0], [op.p, op.p], [op.p, op.p], [0, 0]])
        return tf.nn.conv2d(x, k, op.s, "VALID")

    arrays = [x.astype(dtype) for x in row.arrays(np.random.default_rng(0))]
    report = check_vjp(row.forward, row.vjp, *arrays, witness=witness)
    assert (report.argument, report.cause) == (row.argument, row.cause)


def test_a_witness_that_returns_no_tensor_is_refused():
    with pytest.raises(TypeError, match="`witness` must return tensors"):
        check_vjp(relu, lambda g, x: g, np.ones(3), witness=relu)


def test_an_error_of_the_witness_is_its_own():
    def witness(x):
        raise KeyError("of the witness")

    with pytest.raises(KeyError, match="of the witness"):
        check_vjp(relu, lambda g, x: g, np.ones(3), witness=witness)


def test_tensorflow_is_not_imported():
    program = (
        "import sys, numpy as np, scratchnet as tf\n"
        "from scratchnet.testing import check_vjp\n"
        "ok = check_vjp(np.tanh, lambda g, x: g / np.cosh(x)**2, np.ones(3), witness=tf.tanh).ok\n"
        "print(ok, 'tensorflow' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert said.stdout.split() == ["True", "False"], said.stderr


def test_a_gradient_that_cancels_for_one_cotangent_is_no_false_alarm():
    """That of batch normalization is 0 for a cotangent of ones, up to rounding."""

    def forward(x):
        return (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-3)

    def vjp(g, x):
        s = np.sqrt(x.var(0) + 1e-3)
        z = (x - x.mean(0)) / s
        return (g - g.mean(0) - z * (g * z).mean(0)) / s

    def witness(x):
        mean, variance = scratchnet.nn.moments(x, [0])
        return scratchnet.nn.batch_normalization(x, mean, variance, None, None, 1e-3)

    for seed in range(5):
        x = np.random.default_rng(seed).normal(size=(8, 3))
        report = check_vjp(forward, vjp, x, witness=witness, seed=seed)
        assert report.ok, report
        wrong = check_vjp(forward, lambda g, x: vjp(g, x) + 1e-4, x, witness=witness, seed=seed)
        assert not wrong.ok
