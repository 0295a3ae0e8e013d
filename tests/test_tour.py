"""The tour is the engine in small: the same outputs, the same gradients, the same training."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import scratchnet as tf
from scratchnet import ops, tour

SOURCE = inspect.getsource(tour)
PACKAGE = Path(tour.__file__).parent
EPSILON = np.finfo(np.float64).eps

# Name -> (function of the tour, function of the engine, shapes of the arrays it differentiates).
CALLS = {
    "matmul": (tour.matmul, ops.matmul, [(3, 5), (5, 4)]),
    "bias_add": (tour.bias_add, ops.bias_add, [(2, 3, 5, 4), (4,)]),
    "bias_add of rows": (tour.bias_add, ops.bias_add, [(3, 7), (7,)]),
    "relu": (tour.relu, ops.relu, [(3, 5, 2)]),
    "reshape": (
        lambda x: tour.reshape(x, (5, -1)),
        lambda x: ops.reshape(x, (5, -1)),
        [(3, 5, 2)],
    ),
    "reduce_mean": (tour.reduce_mean, ops.reduce_mean, [(3, 5)]),
    **{
        f"conv2d {size} {kernel} {strides}": (
            lambda x, k, strides=strides: tour.conv2d(x, k, strides),
            lambda x, k, strides=strides: ops.conv2d(x, k, strides, "VALID"),
            [(2, *size, 3), (*kernel, 3, 4)],
        )
        for size, kernel, strides in (
            ((7, 6), (3, 3), (1, 1)),
            ((7, 9), (3, 2), (2, 1)),
            ((5, 8), (1, 3), (1, 3)),
            ((6, 5), (2, 2), (3, 3)),
            ((4, 3), (4, 3), (1, 1)),
        )
    },
    **{
        f"max_pool2d {size} {window} {strides}": (
            lambda x, window=window, strides=strides: tour.max_pool2d(x, window, strides),
            lambda x, window=window, strides=strides: ops.max_pool2d(x, window, strides, "VALID"),
            [(2, *size, 3)],
        )
        for size, window, strides in (
            ((6, 4), (2, 2), (2, 2)),
            ((7, 9), (3, 2), (2, 1)),
            ((5, 7), (1, 3), (3, 2)),
            ((5, 5), (2, 2), (3, 3)),
        )
    },
    "drop": (
        lambda x: tour.drop(x, np.eye(3, 5) > 0, 0.3),
        lambda x: ops.drop(x, np.eye(3, 5) > 0, 0.3),
        [(3, 5)],
    ),
    "cross entropy": (
        lambda x: tour.sparse_softmax_cross_entropy_with_logits(np.array([4, 0, 2]), x),
        lambda x: ops.sparse_softmax_cross_entropy_with_logits(np.array([4, 0, 2]), x),
        [(3, 5)],
    ),
}


def draw(shapes, seed=0, scale=1.0):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape) * scale for shape in shapes]


def tour_run(f, arrays, g):
    with tour.GradientTape() as tape:
        tape.watch(*arrays)
        y = f(*arrays)
    return [y, *tape.gradient(y, arrays, g(y.shape))]


def engine_run(f, arrays, g):
    xs = [tf.constant(a) for a in arrays]
    with tf.GradientTape() as tape:
        tape.watch(xs)
        y = f(*xs)
    gradients = tape.gradient(y, xs, output_gradients=tf.constant(g(tuple(y.shape))))
    return [y.numpy(), *(gx.numpy() for gx in gradients)]


def cotangent(shape):
    return np.asarray(np.random.default_rng(9).normal(size=shape) * 2)


def assert_same(ours, theirs, terms=100):
    for a, b in zip(ours, theirs, strict=True):
        assert a.shape == b.shape
        assert a.dtype == b.dtype
        scale = max(1.0, float(np.abs(b).max()))
        np.testing.assert_allclose(a, b, rtol=terms * EPSILON, atol=terms * EPSILON * scale)


@pytest.mark.parametrize("name", CALLS)
def test_an_op_and_its_gradients_are_the_engines(name):
    ours, theirs, shapes = CALLS[name]
    arrays = draw(shapes)
    before = [a.copy() for a in arrays]
    assert_same(tour_run(ours, arrays, cotangent), engine_run(theirs, arrays, cotangent))
    np.testing.assert_equal(arrays, before)


@pytest.mark.parametrize("name", CALLS)
def test_arrays_may_lie_in_memory_as_they_like(name):
    ours, theirs, shapes = CALLS[name]
    arrays = [np.asfortranarray(a) for a in draw(shapes, seed=1)]
    assert_same(tour_run(ours, arrays, cotangent), engine_run(theirs, arrays, cotangent))


@pytest.mark.parametrize("window", [(2, 2), (3, 2)])
def test_of_several_largest_the_first_takes_all(window):
    x = np.random.default_rng(0).integers(-1, 2, (2, 9, 7, 3)) * 1.0
    ours = tour_run(lambda x: tour.max_pool2d(x, window, (2, 1)), [x], cotangent)
    assert_same(
        ours, engine_run(lambda x: ops.max_pool2d(x, window, (2, 1), "VALID"), [x], cotangent)
    )


def test_the_loss_cannot_overflow():
    ours, theirs, _ = CALLS["cross entropy"]
    arrays = draw([(3, 5)], scale=1e4)
    assert_same(tour_run(ours, arrays, cotangent), engine_run(theirs, arrays, cotangent))


def test_cotangents_of_an_array_that_is_used_twice_add_up():
    def square(ops):
        return lambda x: ops.matmul(ops.relu(x), x)

    arrays = draw([(4, 4)])
    assert_same(
        tour_run(square(tour), arrays, cotangent), engine_run(square(ops), arrays, cotangent)
    )


def test_what_the_target_does_not_depend_on_has_no_gradient():
    x, y, other = draw([(2, 2), (2, 2), (2, 2)])
    with tour.GradientTape() as tape:
        tape.watch(x, other)
        z = tour.relu(tour.matmul(x, y))
        tour.relu(other)
        tour.relu(y)
    gx, gy, gother = tape.gradient(z, [x, y, other])
    assert gx is not None
    assert gy is None
    assert gother is None
    assert [record.op.name for record in tape.records] == ["matmul", "relu", "relu"]
    assert not tour.ACTIVE


# -- the whole network -----------------------------------------------------------------------------


def engine_network(weights, x, keep):
    k, b, w1, b1, w2, b2 = weights
    h = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, k, (2, 2), "VALID"), b))
    h = tf.nn.max_pool2d(h, (3, 3), (2, 2), "VALID")
    h = tf.reshape(h, (len(x), -1))
    h = tf.nn.relu(tf.matmul(h, w1) + b1)
    h = ops.drop(h, keep, 0.25)
    return tf.matmul(h, w2) + b2


def engine_step(weights, x, labels, keep):
    with tf.GradientTape() as tape:
        logits = engine_network(weights, x, keep)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
        loss = tf.reduce_mean(losses)
    return loss, tape.gradient(loss, weights)


def batches(steps, n=8):
    """Digits, labels and a mask for each step, in float64."""
    (x, y), _ = tf.keras.datasets.digits.load_data()
    rng = np.random.default_rng(1)
    for i in range(steps):
        part = slice(i * n, (i + 1) * n)
        yield x[part, ..., None] / 255, y[part].astype(np.int32), rng.random((n, 32)) >= 0.25


def double_weights():
    return [w.astype(np.float64) for w in tour.make_weights(np.random.default_rng(0))]


def test_the_gradients_of_the_network_are_the_engines():
    weights = double_weights()
    ((x, y, keep),) = batches(1)
    loss, gradients = tour.loss_and_gradients(weights, x, y, keep)
    variables = [tf.Variable(w) for w in weights]
    their_loss, theirs = engine_step(variables, tf.constant(x), tf.constant(y), tf.constant(keep))
    found = [their_loss.numpy(), *(g.numpy() for g in theirs)]
    assert_same([loss, *gradients], found, terms=1000)


def test_the_training_is_the_engines():
    weights = double_weights()
    variables = [tf.Variable(w) for w in weights]
    optimizer = tf.keras.optimizers.SGD(learning_rate=0.125)
    ours, theirs = [], []
    for x, y, keep in batches(20):
        loss, gradients = tour.loss_and_gradients(weights, x, y, keep)
        tour.sgd(weights, gradients, 0.125)
        ours.append(float(loss))
        loss, gradients = engine_step(variables, tf.constant(x), tf.constant(y), tf.constant(keep))
        optimizer.apply_gradients(zip(gradients, variables, strict=True))
        theirs.append(float(loss))
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)
    for w, variable in zip(weights, variables, strict=True):
        np.testing.assert_allclose(w, variable.numpy(), rtol=1e-9, atol=1e-9)


def test_it_runs_in_seconds_and_learns():
    run = subprocess.run(
        [sys.executable, "-m", "scratchnet.tour"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    *epochs, compared = run.stdout.splitlines()
    assert len(epochs) == 5
    losses = [float(re.search(r"loss: ([\d.]+)", line).group(1)) for line in epochs]
    assert losses[-1] < losses[0] / 2
    assert float(epochs[-1].rpartition(" ")[2]) > 0.85
    by_tape, by_differences = map(float, re.findall(r": (-?\d+\.\d+)", compared))
    assert by_tape == pytest.approx(by_differences, rel=1e-5)


def test_the_comparison_that_it_prints_finds_a_wrong_vjp(monkeypatch):
    ((x, y, _),) = batches(1)

    weights = [w + 0.01 for w in double_weights()]  # off the kink of relu

    def apart():
        by_tape, by_differences = tour.slopes(weights, x, y, np.random.default_rng(3))
        return abs(by_tape - by_differences) / abs(by_differences)

    assert apart() < 1e-6
    wrong = dataclasses.replace(tour.RELU, vjps=(lambda g, record: g,))
    monkeypatch.setattr(tour, "RELU", wrong)
    assert apart() > 1e-3


# -- the file --------------------------------------------------------------------------------------


def test_it_imports_numpy_and_when_run_the_digits():
    modules = {
        node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(ast.parse(SOURCE))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    others = {m for m in modules if m.partition(".")[0] not in sys.stdlib_module_names}
    assert others == {
        "numpy",
        "numpy.lib.stride_tricks",
        "scratchnet.keras.datasets.digits",
    }


def test_the_real_ones_are_where_the_comments_say():
    comments = re.findall(r"(?:^# (?!--).*\n)+", SOURCE, flags=re.M)
    places = [
        place
        for comment in comments
        for place in re.findall(r"([\w/]+\.py): ([\w, ]+)", comment.replace("\n# ", " "))
    ]
    assert len(places) >= 15
    for path, names in places:
        tree = ast.parse((PACKAGE / path).read_text())
        defined = {
            *(n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)),
            *(n.id for n in ast.walk(tree) if isinstance(n, ast.Name)),
        }
        assert {name.strip() for name in names.split(",")} <= defined, path
