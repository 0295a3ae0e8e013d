"""Why a gradient is 0 or is not there: each reason is proven, and where none is, none is given."""

from __future__ import annotations

from typing import Any

import numpy as np

import scratchnet as tf
from scratchnet.explain.page_data import PageData

L = tf.keras.layers
X = np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3)


def nodes(trace: Any) -> list[dict[str, Any]]:
    return PageData(trace).nodes


def silent(layers: list[Any], x: Any = X, loss: Any = "mse") -> dict[str, str]:
    """Of the first op of a network that has filters: the silent ones."""
    tf.keras.utils.set_random_seed(0)
    model = tf.keras.Sequential([tf.keras.Input(x.shape[1:]), *layers])
    trace = tf.trace(model, x, np.ones(model(x).shape, np.float32), loss)
    return dict(nodes(trace)[1]["silent"])


def test_each_reason_of_a_zero_gradient_is_proven() -> None:
    def opposite(y: Any, p: Any) -> Any:
        return tf.reduce_sum(p[0]) - tf.reduce_sum(p[1])

    def nothing(y: Any, p: Any) -> Any:
        return tf.reduce_sum(p * 0.0)

    ones = np.ones((2, 2), np.float32)
    assert silent([L.Dense(2)], ones, opposite) == dict.fromkeys("01", "cancel")
    assert silent([L.Dense(2)], ones * 0, opposite) == dict.fromkeys("01", "input")
    assert silent([L.Dense(2)], ones, nothing) == dict.fromkeys("01", "blocked")
    for relu in (L.ReLU(), L.ReLU(max_value=6.0)):  # open everywhere: it is not what blocks
        high = L.Dense(2, kernel_initializer="zeros", bias_initializer="ones")
        found = silent([high, relu, L.Dense(1, kernel_initializer="zeros")])
        assert found == dict.fromkeys("01", "blocked:weights")
    saturated = L.Dense(2, bias_initializer=tf.keras.initializers.Constant(99.0))
    found = silent([saturated, L.ReLU(max_value=6.0), L.Dense(1)])
    assert found == dict.fromkeys("01", "blocked:relu")


def test_of_a_convolution_the_products_are_looked_at_by_tap() -> None:
    def corner(y: Any, p: Any) -> Any:
        return tf.reduce_sum(p[:, 0, 0])

    def both(y: Any, p: Any) -> Any:
        return tf.reduce_sum(p[:, 0, 0]) - tf.reduce_sum(p[:, 2, 2])

    dark = np.zeros((1, 6, 6, 1), np.float32)
    dark[:, 3:, 3:] = 1  # nothing in the window of the first output, all of it in that of the last
    conv = {"strides": 2, "padding": "same", "activation": None}
    assert silent([L.Conv2D(2, 3, **conv)], dark, corner) == dict.fromkeys("01", "input")
    assert silent([L.Conv2D(2, 3, **conv)], dark, both) == {}
    bright, valid = np.ones((1, 6, 6, 2), np.float32), {"strides": 2, "dilation_rate": 1}
    cancels = L.Conv2D(2, 2, groups=2, **valid)
    assert silent([cancels], bright, both) == dict.fromkeys("01", "cancel")


def test_a_relu_behind_a_batch_normalization_is_named() -> None:
    x = np.random.default_rng(0).normal(size=(2, 8, 8, 1)).astype("f")
    low = tf.keras.initializers.Constant([-100.0, 0.0])

    def first(*layers: Any) -> dict[str, str]:
        return silent([L.Conv2D(2, 3, use_bias=False), *layers, L.Flatten(), L.Dense(2)], x)

    blocked = {"0": "blocked:relu"}
    assert first(L.BatchNormalization(beta_initializer=low), L.ReLU()) == blocked  # fused
    assert first(L.BatchNormalization(beta_initializer=low), L.ReLU(max_value=6.0)) == blocked
    gamma = tf.keras.initializers.Constant([1.0, 0.0])
    assert first(L.BatchNormalization(gamma_initializer=gamma)) == {"1": "blocked:weights"}
    assert first(L.BatchNormalization(), L.ReLU()) == {}


def test_filters_of_transposed_and_depthwise_convolutions_are_looked_at() -> None:
    x = np.random.default_rng(0).normal(size=(1, 7, 7, 3)).astype("f")
    low = tf.keras.initializers.Constant([-50.0, 50.0, 50.0])
    up = L.Conv2DTranspose(3, 3, strides=2, activation="relu", bias_initializer=low)
    assert silent([up, L.Conv2D(1, 3)], x) == {"0": "relu"}
    assert silent([L.Conv2DTranspose(3, 3, strides=2), L.Dense(1)], x * 0) == dict.fromkeys(
        "012", "input"
    )

    def corner(y: Any, p: Any) -> Any:
        return tf.reduce_sum(p[:, 0, 0])

    x[:, :3, :3] = 0  # no pixel that made the corner
    found = silent([L.Conv2DTranspose(2, 3, strides=2)], x, corner)
    assert found == dict.fromkeys("01", "input")
    model = tf.keras.Sequential(
        [tf.keras.Input((7, 7, 3)), L.DepthwiseConv2D(3, activation="relu", bias_initializer=low)]
    )
    trace = tf.trace(model, x, np.ones((1, 5, 5, 3), np.float32), "mse")
    (conv,) = [node for node in nodes(trace) if node.get("silent")]
    assert conv["ins"][1]["reshaped"]  # the page asks about it as of a weight
    assert set(conv["silent"]) == {"0"}


def test_of_a_relu_that_is_open_where_no_gradient_comes() -> None:
    def first(y: Any, p: Any) -> Any:
        return tf.reduce_sum(p[:, 0])

    x = np.array([-1, 1], np.float32).reshape(1, 2, 1, 1)
    layer = L.Conv2D(1, 1, activation="relu", kernel_initializer="ones")
    assert silent([layer], x, first) == {"0": "closed"}


def test_two_uses_of_a_weight_that_cancel_are_said_to() -> None:
    one, other = tf.keras.Input((3,)), tf.keras.Input((3,))
    d = L.Dense(4)
    model = tf.keras.Model([one, other], L.Dense(1)(L.Subtract()([d(one), d(other)])))
    found = nodes(tf.trace(model, [X[:1], X[:1]], np.ones((1, 1), np.float32), "mse"))
    uses = [n["silent"] for n in found if (n["layer"] or "").endswith(d.name) and n["silent"]]
    assert uses == [dict.fromkeys("0123", "cancel_uses")] * 2


def test_why_there_is_no_gradient_is_read_from_the_records() -> None:
    model = tf.keras.Sequential([tf.keras.Input((3,)), L.Dense(1, activation="sigmoid")])
    found = nodes(tf.trace(model, X, np.ones((2, 1), np.float32), "binary_crossentropy"))
    (equal,) = [n for n in found if n["op"] == "greater_equal"]
    assert equal["without"] == "dtype"

    w, k = tf.Variable([1.0, -2.0]), tf.Variable([1.0, 1.0])
    x = tf.constant([1.0, 2.0])
    with tf.tracing() as trace, tf.GradientTape() as tape:
        stopped = tf.stop_gradient(tf.nn.relu(tf.square(x) * w))
        free = tf.exp(x)
        tape.gradient(tf.reduce_sum((stopped + k) * free), [w, k])
    found = nodes(trace)
    without = {n["op"]: n.get("without") for n in found if n["op"] not in ("multiply", "input")}
    assert without["relu"] == without["square"] == "stop_gradient"
    assert without["exp"] == "unasked"
    assert without["add"] is None
    (add,) = [n for n in found if n["op"] == "add"]
    assert add["ins"][0]["why"][:2] == ["maker", "stop_gradient"]
    last = [n for n in found if n["op"] == "multiply"][-1]
    assert last["ins"][1]["why"] == ["made"]
    assert [n["without"] for n in found if n["op"] == "input"] == ["unasked"]  # by way of exp
