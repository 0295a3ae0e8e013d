"""What large arrays go through: loops on all threads, of which small ones see nothing.

Each is compared with NumPy's formula, or with TensorFlow where sums are rounded.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet import ops
from scratchnet.kernels import elementwise, matmul
from scratchnet.ops import optimizer_updates

RNG = np.random.default_rng(3)
SHAPES = [(elementwise.LARGE,), (181, 191), (7, 70, 9, 11)]
DTYPES = ["float32", "float64"]


def numbers(shape: Any, dtype: str) -> np.ndarray:
    """Normal numbers, with zeros of both signs, infinities and nan among them."""
    x = RNG.normal(size=shape).astype(dtype)
    flat = x.reshape(-1)
    flat[::97], flat[1::997], flat[2::997], flat[3::997] = 0, -0.0, np.inf, -np.inf
    flat[4::997] = np.nan
    return x


def lying(x: np.ndarray) -> list[np.ndarray]:
    """The same numbers: in a row, by columns, with gaps."""
    return [x, np.asfortranarray(x), np.repeat(x, 2, 0)[::2]]


def relu_gradient(tf: Any, g: Any, y: Any) -> Any:
    if tf is scratchnet:
        return ops.relu_gradient(g, y)
    return tf.raw_ops.ReluGrad(gradients=g, features=y)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_relu_and_its_gradient(shape, dtype):
    x, g = numbers(shape, dtype), RNG.normal(size=shape).astype(dtype)
    for a, b in zip(lying(x), lying(g), strict=True):
        before = a.copy(), b.copy()
        y = [tf.nn.relu(tf.constant(a)).numpy() for tf in (scratchnet, tensorflow)]
        np.testing.assert_array_equal(*y)
        assert not np.signbit(y[0][y[0] == 0]).any()
        gx = [
            relu_gradient(tf, tf.constant(b), tf.constant(a)).numpy()
            for tf in (scratchnet, tensorflow)
        ]
        np.testing.assert_array_equal(*gx)
        np.testing.assert_array_equal((a, b), before)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_dropout(shape, dtype):
    x, keep = numbers(shape, dtype), RNG.random(shape) < 0.6
    for a, b in zip(lying(x), lying(keep), strict=True):
        y = ops.drop(a, b, 0.4).numpy()
        np.testing.assert_array_equal(y, np.where(keep, x * x.dtype.type(1 / (1 - 0.4)), 0))
    same = [
        f(tf.constant(x), rate=0.3, seed=(1, 2)).numpy()
        for tf, f in (
            (scratchnet, ops.stateless_dropout),
            (tensorflow, tensorflow.nn.experimental.stateless_dropout),
        )
    ]
    np.testing.assert_array_equal(*same)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(elementwise.LARGE, 1), (3001, 17), (9, 61, 73, 4), (3, 20000)])
def test_sums_of_columns(shape, dtype):
    x = RNG.normal(size=shape).astype(dtype) + 1  # a long sum of one sign loses most
    axes = list(range(len(shape) - 1))
    truth = x.astype(np.longdouble).sum(tuple(axes))
    bound = 8 * np.finfo(dtype).eps * np.abs(x.astype("d")).sum(tuple(axes))
    for a in lying(x):
        y = ops.reduce_sum(a, axes)
        assert (y.dtype.name, y.shape) == (dtype, shape[-1:])
        assert (np.abs(y.numpy() - truth) <= bound).all()
        kept = ops.reduce_sum(a, axes, keepdims=True)
        assert kept.shape == (*[1] * len(axes), shape[-1])


PRODUCTS = [
    (64, 64, 64),
    (1, 700, 400),
    (517, 1, 600),
    (67, 1031, 70),
    (700, 33, 13),
    (3, 9000, 10),
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("sizes", PRODUCTS)
def test_products_and_their_gradients(sizes, dtype):
    M, K, N = sizes
    a, b = RNG.normal(size=(M, K)).astype(dtype), RNG.normal(size=(K, N)).astype(dtype)
    g = RNG.normal(size=(M, N)).astype(dtype)
    assert matmul.are_large(a, b) == (M * K * N >= matmul.LARGE)

    def results(tf: Any, a: Any, b: Any, **flips: Any) -> list[np.ndarray]:
        xs = [tf.constant(a), tf.constant(b)]
        with tf.GradientTape() as tape:
            tape.watch(xs)
            y = tf.matmul(*xs, **flips)
        return [t.numpy() for t in (y, *tape.gradient(y, xs, output_gradients=tf.constant(g)))]

    def flip(x: np.ndarray, really: bool) -> np.ndarray:
        return np.ascontiguousarray(x.T) if really else x

    for ta in (False, True):
        for tb in (False, True):
            args = flip(a, ta), flip(b, tb)
            flips = {"transpose_a": ta, "transpose_b": tb}
            ours, theirs = (results(tf, *args, **flips) for tf in (scratchnet, tensorflow))
            for x, y in zip(ours, theirs, strict=True):
                assert x.dtype == y.dtype
                bound = 4 * np.finfo(dtype).eps * max(M, K, N)  # the sum itself is about its root
                np.testing.assert_allclose(x, y, rtol=0, atol=bound)


def test_a_product_carries_inf_and_nan():
    a, b = np.ones((70, 80), "f"), np.ones((80, 90), "f")
    a[3, 5], a[4, 6], b[7, 8] = np.inf, np.nan, -np.inf
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(matmul.product(a, b), a @ b)


@pytest.mark.parametrize("dtype", DTYPES)
def test_updates_are_those_of_the_formulas_bit_for_bit(dtype):
    w, g, m = (RNG.normal(size=(300, 200)).astype(dtype) for _ in range(3))
    v = np.square(RNG.normal(size=w.shape)).astype(dtype)
    scalars = [w.dtype.type(s) for s in (0.1, 0.001, 0.003, 1e-7)]
    before = [x.copy() for x in (w, g, m, v)]
    ours = optimizer_updates.adam_step(w, g, m, v, *scalars)
    one, two, rate, epsilon = scalars
    moments = optimizer_updates.moments_step(g, m, v, one, two)
    formula = optimizer_updates.scaled_step(w, *moments, rate, epsilon), *moments
    for x, y in zip(ours, formula, strict=True):
        np.testing.assert_array_equal(x, y)
    np.testing.assert_array_equal(optimizer_updates.sgd_step(w, g, rate), w - g * rate)
    np.testing.assert_array_equal([w, g, m, v], before)


def test_one_thread_gives_the_same_and_so_does_a_second_time():
    x = numbers((4, 33, 35, 16), "float32")
    g = RNG.normal(size=(4, 16, 17, 16)).astype("f")

    def run() -> list[np.ndarray]:
        t = scratchnet.constant(np.nan_to_num(x, posinf=9, neginf=-9))
        with scratchnet.GradientTape() as tape:
            tape.watch(t)
            y = ops.max_pool2d(ops.relu(t), 2, 2, "VALID")
        gx = tape.gradient(y, t, output_gradients=scratchnet.constant(g))
        flat = scratchnet.reshape(t, [-1, 560])
        return [a.numpy() for a in (y, gx, scratchnet.matmul(flat, flat, transpose_b=True))]

    all_threads = run()
    for again in (run(), run()):
        for a, b in zip(all_threads, again, strict=True):
            np.testing.assert_array_equal(a, b)
    threads = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        alone = run()
    finally:
        numba.set_num_threads(threads)
    for a, b in zip(all_threads, alone, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("filters", [16, 40])
def test_a_layer_with_relu_is_one_op_and_tensorflows(filters, dtype):
    x = RNG.normal(size=(5, 19, 17, 13)).astype(dtype)
    k = RNG.normal(size=(3, 3, 13, filters)).astype(dtype)

    def results(tf: Any) -> list[np.ndarray]:
        layer = tf.keras.layers.Conv2D(filters, 3, padding="same", activation="relu", dtype=dtype)
        layer.build(x.shape)
        layer.set_weights([k, np.linspace(-3, 3, filters).astype(dtype)])
        with tf.GradientTape() as tape:
            t = tf.constant(x)
            tape.watch(t)
            y = layer(t)
            loss = tf.reduce_sum(y * y)
        if tf is scratchnet:
            assert "fused_conv2d" in {record.op.name for record in tape.records}
        return [a.numpy() for a in (y, *tape.gradient(loss, [t, *layer.trainable_variables]))]

    for ours, theirs in zip(results(scratchnet), results(tensorflow), strict=True):
        scale = np.abs(theirs).max()
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=50 * np.finfo(dtype).eps * scale)


@pytest.mark.parametrize("dtype", DTYPES)
def test_warmup_leaves_nothing_to_compile(dtype, monkeypatch):
    from scratchnet.kernels import jit

    scratchnet.warmup(dtype)
    monkeypatch.setattr(jit._PROGRESS, "tell", lambda name: pytest.fail(f"compiles {name}"))
    model = scratchnet.keras.Sequential(
        [
            scratchnet.keras.Input((28, 28, 1), dtype=dtype),
            scratchnet.keras.layers.Conv2D(32, 3, activation="relu", dtype=dtype),
            scratchnet.keras.layers.Conv2D(64, 3, activation="relu", dtype=dtype),
            scratchnet.keras.layers.MaxPooling2D(dtype=dtype),
            scratchnet.keras.layers.Dropout(0.25, dtype=dtype),
            scratchnet.keras.layers.Flatten(dtype=dtype),
            scratchnet.keras.layers.Dense(10, activation="softmax", dtype=dtype),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    x, y = RNG.random((64, 28, 28, 1)).astype(dtype), RNG.integers(0, 10, 64)
    model.fit(x, y, batch_size=32, verbose=0)


def test_warmup_of_another_dtype_is_refused():
    with pytest.raises(ValueError, match=r"`dtype` must be float32 or float64, received .*int32"):
        scratchnet.warmup("int32")
