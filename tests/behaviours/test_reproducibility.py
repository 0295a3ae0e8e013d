"""The same seed, the same numbers: over processes, settings of TensorFlow, epochs and fits."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.behaviours.both import is_silent
from tests.support.keras_programs import close, fresh, same

TRAINING = """
import sys, numpy as np
if sys.argv[1] == "scratchnet":
    import scratchnet as tf
else:
    import tensorflow as tf
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.threading.set_intra_op_parallelism_threads(2)
keras = tf.keras
keras.utils.set_random_seed(5)
x = np.random.random((64, 8, 8, 1)).astype("float32")
y = np.random.randint(0, 3, 64)
k = keras.layers
layers = [k.Conv2D(4, 3, activation="relu"), k.MaxPooling2D(), k.Flatten(), k.Dropout(0.5)]
model = keras.Sequential([keras.Input((8, 8, 1)), *layers, k.Dense(3, activation="softmax")])
model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy")
model.fit(x, y, batch_size=16, epochs=5, verbose=0)
print(np.concatenate([w.ravel() for w in model.get_weights()]).tobytes().hex())
"""


def weights_of(runs: list[tuple[str, str]]) -> list[np.ndarray]:
    """The weights that processes of their own train, at once, one for each (module, oneDNN)."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", TRAINING, module],
            env={**os.environ, "TF_ENABLE_ONEDNN_OPTS": one_dnn},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for module, one_dnn in runs
    ]
    found = [process.communicate(timeout=300)[0].split()[-1] for process in started]
    return [np.frombuffer(bytes.fromhex(text), "f") for text in found]


def test_105_two_processes_train_the_same_weights() -> None:
    """To the last bit, in either library; TensorFlow's two sets of kernels are roundings apart.

    So no test may ask for more than that spread between the libraries after many steps.
    """
    first, second, other, ours, again = weights_of(
        [("tensorflow", "0")] * 2 + [("tensorflow", "1")] + [("scratchnet", "0")] * 2
    )
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(ours, again)
    np.testing.assert_allclose(other, first, rtol=0, atol=1e-5)
    np.testing.assert_allclose(ours, first, rtol=0, atol=1e-5)


def test_106_what_would_make_tensorflow_differ_is_pinned() -> None:
    """Which kernels TensorFlow takes when nothing is said depends on the CPU: so it is said."""
    assert os.environ["TF_ENABLE_ONEDNN_OPTS"] == "0"
    threads = tensorflow.config.threading
    assert threads.get_inter_op_parallelism_threads() == 1
    assert threads.get_intra_op_parallelism_threads() == 2


def one_weight(tf: Any, **compiled: Any) -> Any:
    dense = tf.keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")
    model = tf.keras.Sequential([tf.keras.Input((1,)), dense])
    model.compile(tf.keras.optimizers.SGD(0.0), "mse", **compiled)
    return model


def test_107_nothing_is_compiled_on_a_cpu() -> None:
    """`jit_compile="auto"` means no on a CPU.  To ask for it changes nothing here."""
    for tf in (tensorflow, scratchnet):
        assert one_weight(tf).jit_compile is False
        for choice in ("auto", False, True):
            is_silent(tf, lambda tf, choice=choice: one_weight(tf, jit_compile=choice))


def orders(tf: Any, model: Any, n: int, epochs: int, **settings: Any) -> list[list[int]]:
    """In which order `fit` takes the samples, epoch by epoch."""
    seen: list[float] = []
    callback = tf.keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: seen.append(float(logs["loss"]) * (batch + 1))
    )
    x = np.arange(n, dtype="f")[:, None]
    data = settings.pop("data", None)
    arguments = {"x": x, "y": 0 * x, "batch_size": 1} if data is None else {"x": data}
    model.fit(**arguments, epochs=epochs, verbose=0, callbacks=[callback], **settings)
    sums = np.array(seen).reshape(epochs, n)
    squares = np.diff(sums, axis=1, prepend=0)
    return [[round(float(v) ** 0.5) for v in epoch.clip(0)] for epoch in squares]


@pytest.mark.parametrize("seed", [0, 11])
def test_108_fit_takes_the_same_order_in_every_epoch(seed: int) -> None:
    """After `set_random_seed(k)`: that of RandomShuffle(seed=k, seed2=0), in later fits too.

    Where k is 0, seed2 is the largest int32.  A dataset's shuffle differs from epoch to epoch.
    """
    n = 9

    def program(tf: Any) -> list[Any]:
        fresh(tf, seed)
        model = one_weight(tf)
        x = np.arange(n, dtype="f")[:, None]
        data = tf.data.Dataset.from_tensor_slices((x, 0 * x)).shuffle(n).batch(1)
        found = [orders(tf, model, n, 2), orders(tf, model, n, 1)]
        return [*found, orders(tf, model, n, 2, data=data, shuffle=False)]

    first, later, moving = same(program)
    raw = tensorflow.raw_ops.RandomShuffle(
        value=np.arange(n), seed=seed, seed2=0 if seed else 2**31 - 1
    )
    assert first == [raw.numpy().tolist()] * 2
    assert later == first[:1]
    assert moving[0] != moving[1]


def test_108_without_a_seed_epochs_differ() -> None:
    for tf in (tensorflow, scratchnet):
        fresh(tf)
        tf.random.set_seed(None)
        first, second = orders(tf, one_weight(tf), 20, 2)
        assert first != second
        assert sorted(first) == sorted(second) == list(range(20))


def test_109_jacobians_by_calculus_and_by_differences() -> None:
    """`tf.test.compute_gradient` gives two tuples of 2-D arrays in the dtype of the input."""
    x = np.array([[1.0, 2.0, 3.0]])

    def program(tf: Any) -> list[Any]:
        def f(x: Any) -> Any:
            return tf.reduce_sum(x * x, axis=0) * tf.constant([1.0, 2.0, 3.0], tf.float64)

        exact, numeric = tf.test.compute_gradient(f, [x])
        return [type(exact).__name__, type(numeric).__name__, exact[0], numeric[0]]

    kind, other, exact, numeric = close(program, 1)
    assert [kind, other] == ["tuple", "tuple"]
    assert exact.dtype == numeric.dtype == np.float64
    np.testing.assert_allclose(exact, np.diag([2.0, 8.0, 18.0]))
    np.testing.assert_allclose(numeric, exact, atol=1e-4)
